from django.urls import path

from .views import boards, people, replies, topics

topic = "<slug:board>/<uuid:public_id>/"
reply = topic + "r/<uuid:reply_id>/"

urlpatterns = [
    path("", boards.board_list, name="board_list"),
    path("waiting/", boards.topic_waiting, name="topic_waiting"),
    path("newcomers/", boards.newcomer_waiting, name="newcomer_waiting"),
    path("<slug:board>/", boards.board_detail, name="board_detail"),
    path("<slug:board>/new/", topics.topic_create, name="topic_create"),
    path(topic, topics.topic_detail, name="topic_detail"),
    path(topic + "edit/", topics.topic_edit, name="topic_edit"),
    path(topic + "withdraw/", topics.topic_withdraw, name="topic_withdraw"),
    path(topic + "lock/", topics.topic_lock, name="topic_lock"),
    path(topic + "lock/delete/", topics.topic_unlock, name="topic_unlock"),
    path(topic + "person/", people.person_detail, name="topic_person"),
    path(topic + "person/block/", people.person_block, name="topic_person_block"),
    path(topic + "reply/", replies.reply_create, name="reply_create"),
    path(reply, replies.reply_detail, name="reply_detail"),
    path(reply + "edit/", replies.reply_edit, name="reply_edit"),
    path(reply + "withdraw/", replies.reply_withdraw, name="reply_withdraw"),
    path(reply + "person/", people.person_detail, name="reply_person"),
    path(reply + "person/block/", people.person_block, name="reply_person_block"),
]
