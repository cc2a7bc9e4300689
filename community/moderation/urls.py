from django.urls import path

from .views import appeals, figures, reports, unmaskings

urlpatterns = [
    # Telling the volunteers about something
    path("report/member/<str:handle>/", reports.member_report, name="member_report"),
    path("report/<slug:kind>/<uuid:public_id>/", reports.report_create, name="report_create"),
    path("reports/", reports.report_list, name="report_list"),
    path("reports/<uuid:public_id>/", reports.report_detail, name="report_detail"),
    path("reports/<uuid:public_id>/appeal/", reports.report_appeal, name="report_appeal"),
    path("figures/", figures.month_list, name="month_list"),
    # What was decided about oneself
    path("decisions/<uuid:public_id>/appeal/", appeals.appeal_create, name="appeal_create"),
    path("appeals/<uuid:public_id>/", appeals.appeal_detail, name="appeal_detail"),
    path("aliases/<uuid:alias>/found-out/", unmaskings.unmasking_list, name="unmasking_list"),
]
