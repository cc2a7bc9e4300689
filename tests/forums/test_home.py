"""What a member's home shows of the forums."""

from community.contributions.drafts import Draft
from tests import make


def test_what_is_new_where_one_reads_stands_there_with_its_board_and_starter(sign_in, member, author):
    board = make.board(name="By the window")
    topic = make.topic(board, author, title="A walk in the rain")
    page = sign_in(member)
    assert page.get(topic.get_absolute_url()).status_code == 200
    assert "Nothing new in the conversations you are in." in page.get("/").content.decode()
    make.reply(topic, author)
    shown = page.get("/").content.decode()
    start = shown.index("Conversations you are in")
    row = shown[start : shown.index("</section>", start)]
    assert f'<a href="{topic.get_absolute_url()}" dir="auto">A walk in the rain</a>' in row
    assert f"<bdi>{author.username}</bdi> · By the window · last reply" in row


def test_a_place_with_unfinished_words_is_named(sign_in, member, author):
    topic = make.topic(author=author, title="A walk in the rain")
    page = sign_in(member)
    page.get(topic.get_absolute_url())
    Draft.keep(member, f"forums.reply:{topic.public_id}", {"body": "I was"})
    Draft.keep(member, f"forums.topic:{topic.board.slug}", {"body": "Once"})
    shown = page.get("/").content.decode()
    assert "A reply in “A walk in the rain”" in shown
    assert f"A new conversation in “{topic.board.name}”" in shown


def test_what_one_started_and_somebody_answered_is_new(sign_in, author, other):
    topic = make.topic(author=author)
    make.reply(topic, other)
    assert topic.get_absolute_url() in sign_in(author).get("/").content.decode()


def test_withdrawn_and_closed_conversations_say_so_on_the_home_page(sign_in, member, author, moderator):
    topic = make.topic(author=author, title="A walk in the rain")
    page = sign_in(member)
    page.get(topic.get_absolute_url())
    make.reply(topic, author)
    topic.lock(by=moderator, reason="It is late.")
    assert "Closed to replies" in page.get("/").content.decode()
    topic.withdraw()
    shown = page.get("/").content.decode()
    assert topic.get_absolute_url() in shown
    assert "A walk in the rain" not in shown
