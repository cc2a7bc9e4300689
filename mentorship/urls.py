from django.urls import path

from .views import along, becoming, covering, endings, matches, mentors, reports, requests, rooms, safety

match = "mentorship/matches/<uuid:public_id>/"
message = match + "m/<uuid:message_id>/"
goal = match + "goals/<int:number>/"
mentor = "mentorship/mentors/<uuid:public_id>/"
asked = "mentorship/request/mentors/<uuid:public_id>/"

urlpatterns = [
    # Looking for a mentor
    path("mentorship/", requests.mentorship_home, name="mentorship_home"),
    path("mentorship/request/", requests.request_detail, name="request_detail"),
    path("mentorship/request/new/", requests.request_create, name="request_create"),
    path("mentorship/request/edit/", requests.request_edit, name="request_edit"),
    path("mentorship/request/withdraw/", requests.request_withdraw, name="request_withdraw"),
    path("mentorship/request/renew/", requests.request_renew, name="request_renew"),
    path("mentorship/request/resume/", along.request_resume, name="request_resume"),
    path("mentorship/request/mentors/", requests.suggestion_list, name="suggestion_list"),
    path(asked + "ask/", requests.request_ask, name="request_ask"),
    path(asked + "note/", requests.noted_edit, name="noted_edit"),
    path("mentorship/request/facts/strike/", requests.fact_strike, name="fact_strike"),
    path("mentorship/request/facts/restore/", requests.fact_restore, name="fact_restore"),
    # Mentors, and becoming one
    path("mentorship/mentors/", mentors.mentor_list, name="mentor_list"),
    path(mentor, mentors.mentor_detail, name="mentor_detail"),
    path(mentor + "said/<slug:stamp>/report/", reports.testimonial_report, name="testimonial_report"),
    path("mentorship/apply/", becoming.mentor_apply, name="mentor_apply"),
    path("mentorship/apply/words/", becoming.application_edit, name="application_edit"),
    path("mentorship/apply/training/<int:pk>/", becoming.lesson_take, name="lesson_take"),
    path("mentorship/apply/send/", becoming.application_send, name="application_send"),
    path("mentorship/apply/renew/", becoming.mentor_renew, name="mentor_renew"),
    path("mentorship/apply/rest/", becoming.mentor_rest, name="mentor_rest"),
    path("mentorship/apply/rest/delete/", becoming.mentor_resume, name="mentor_resume"),
    path("mentorship/apply/places/", becoming.places_edit, name="places_edit"),
    path("mentorship/apply/stop/", becoming.mentor_stop, name="mentor_stop"),
    # A match, and the room of its two
    path(match, matches.match_detail, name="match_detail"),
    path(match + "accept/", matches.match_accept, name="match_accept"),
    path(match + "reasons/strike/", matches.reason_strike, name="reason_strike"),
    path(match + "decline/", matches.match_decline, name="match_decline"),
    path(match + "stop/", matches.match_stop, name="match_stop"),
    path(match + "no-fit/", along.match_no_fit, name="match_no_fit"),
    path(match + "ending/", endings.ending_edit, name="ending_edit"),
    path(match + "ending/delete/", endings.ending_delete, name="ending_delete"),
    path(match + "parting/", endings.match_part, name="match_part"),
    path(match + "thanks/report/", reports.thanks_report, name="thanks_report"),
    path(match + "testimonial/delete/", endings.testimonial_withdraw, name="testimonial_withdraw"),
    path(match + "testimonial/shown/", endings.testimonial_show, name="testimonial_show"),
    path(match + "testimonial/shown/delete/", endings.testimonial_hide, name="testimonial_hide"),
    path(match + "again/", endings.again_create, name="again_create"),
    path(match + "again/delete/", endings.again_delete, name="again_delete"),
    path("mentorship/checkins/<uuid:public_id>/", along.checkin_answer, name="checkin_answer"),
    path(match + "write/", rooms.message_create, name="message_create"),
    path(message, rooms.message_detail, name="message_detail"),
    path(message + "edit/", rooms.message_edit, name="message_edit"),
    path(message + "withdraw/", rooms.message_withdraw, name="message_withdraw"),
    path(match + "notes/", rooms.notes_edit, name="notes_edit"),
    path(match + "agreement/", rooms.agreement_edit, name="agreement_edit"),
    path(match + "agreement/yes/", rooms.agreement_agree, name="agreement_agree"),
    path(match + "goals/", rooms.goal_list, name="goal_list"),
    path(goal + "edit/", rooms.goal_edit, name="goal_edit"),
    path(goal + "reached/", rooms.goal_reach, name="goal_reach"),
    path(goal + "reached/delete/", rooms.goal_reopen, name="goal_reopen"),
    path(goal + "delete/", rooms.goal_delete, name="goal_delete"),
    path(match + "log/", rooms.session_list, name="session_list"),
    path(match + "log/<uuid:session_id>/delete/", rooms.session_delete, name="session_delete"),
    path(match + "cover/", covering.cover_create, name="cover_create"),
    path(match + "cover/delete/", covering.cover_delete, name="cover_delete"),
    path(match + "safety/", safety.concern_create, name="concern_create"),
]
