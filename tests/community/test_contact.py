"""What counts as a contact detail: a labelled set of invented lines, and time that grows with the length only.

Numbers are those that countries keep for films and examples, or made up; nobody is reached by any of them.
"""

import re
import time
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from community.care import contact
from community.care.contact import Kind, found_in, question
from community.care.models import Country, HelpService
from community.members.models import Profile
from forums.models import Reply, Topic
from tests import make

pytestmark = pytest.mark.django_db

CONTACTS = {
    Kind.PHONE: """
        You can ring me, 07700 900123
        my number is 07700900123 if you ever need it
        0 7 7 0 0 9 0 0 1 2 3
        07700.900.123
        +44 7700 900 123
        +447700900123
        +44 (0)20 7946 0123
        0044 7700 900123
        (020) 7946 0123
        0113 496 0123, evenings are best
        Call me: 555-0134
        (212) 555-0134
        212-555-0134
        212.555.0134
        +1 212 555 0134
        1-212-555-0134
        2125550134 is mine
        06 12 34 56 78
        06.12.34.56.78
        mon numéro c'est le 06-12-34-56-78
        +33 6 12 34 56 78
        0171 1234567
        0171/1234567
        Meine Handynummer: 0171-123 45 67
        +49 171 1234567
        +49 (0) 171 1234567
        030 901820-0, frag nach mir
        0664 1234567
        +41 79 123 45 67
        079 123 45 67
        06-12345678
        +31 6 12345678
        612 345 678
        +34 612 345 678
        +48 512 345 678
        +39 333 123 4567
        +46 70 123 45 67
        tlf mobil 12 34 56 78
        +45 12 34 56 78
        0412 345 678
        +61 412 345 678
        021 123 4567
        98765 43210
        +91 98765 43210
        138 1234 5678
        +7 912 345-67-89
        8 (912) 345-67-89
        (11) 91234-5678
        ０７７００　９００１２３
        0\u200b7\u200b7\u200b0\u200b0\u200b9\u200b0\u200b0\u200b1\u200b2\u200b3
        ٠٧٧٠٠ ٩٠٠١٢٣
        07700–900–123
        oh seven seven double oh nine double oh one two three
        I am 34. 07700 900123, any time after 18:30
        text me on 496 0123 tonight
        seit 2019 unter 0171 1234567 erreichbar
        give me a call, 07700 900456 is the best one
        Ring the house on 01632 960123 after six
        you can reach me at 202-555-0189
        my cell: (415) 555 0132
        mobile 07700-900-789
        wa +44 7700 900777
        Tel.: 0151 23456789
        Ruf mich an unter 0160/9876543
        appelle-moi au 07 98 76 54 32
        mi número es 699 123 456
        call 5550198 when you are up
        number's 04 91 570 156
        +353 85 012 3456
        +1 (604) 555-0172
        +55 11 91234-5678
        +86 138 1234 5678
        (03) 5550 1234
        ring 0291 570 313
        0 1 6 3 2 9 6 0 1 2 3
        +972 50 123 4567
        (01632) 960 456
        0032 470 12 34 56
        0470 12 34 56
        My digits: 646 555 0147
        zero seven seven zero zero nine zero zero one two three
        +27 82 123 4567
        07700 900123 07700 900456
        01632 960123 / 07700 900456
    """,
    Kind.EMAIL: """
        wren@example.org
        Write to quiet.wren+hearth@mail.example.co.uk please
        quietwren at example dot org
        quiet.wren (at) example.org
        quietwren[at]example[dot]org
        quietwren (at) example (dot) org
        quietwren ät example punkt de
        quietwren @ example.org
        quietwren at gmail dot com
        quietwren at gmail.com
        ｗｒｅｎ＠ｅｘａｍｐｌｅ．ｏｒｇ
        wren@\u200bexample.org
        quietwren arobase exemple point fr
        mailto:wren@example.org
        QUIETWREN{AT}EXAMPLE{DOT}COM
        sorrel.leaf@mail.example
        mail me: sorrel_99@example.net!
        my email is sorrel at outlook dot com
        sorrel(at)example(dot)net
        sorrel AT example DOT net
        sorrel[@]example.net
        sorrelleaf@example.museum is fine
        sorrel -at- example.de
        write me at sorrelleaf @ example.com
        sorrel at proton.me
    """,
    Kind.ELSEWHERE: """
        my insta is quietwren
        My Instagram: quiet_wren
        my snap is wren2205
        my discord is quietwren
        my telegram handle is quietwren.
        @quietwren on telegram
        @quiet.wren on insta if you want to see my dog
        add me on discord: quietwren
        add me on snapchat
        Please message me on WhatsApp, it is easier
        you can find me on facebook as Wren Robin
        whatsapp me
        just whatsapp me any time
        dm me on insta
        hit me up on telegram
        https://wa.me/447700900123
        t.me/quietwren
        https://t.me/quietwren is where I am most
        join us at discord.gg/abc123
        https://www.instagram.com/quietwren
        instagram.com/quietwren/
        https://www.facebook.com/quiet.wren.5
        signal.me/#p/abc
        snapchat.com/add/quietwren
        discord: quietwren#1234
        I'm quietwren on telegram
        find me as quietwren on discord
        insta @quietwren
        IG: quiet_wren
        let's talk on telegram instead
        can we move this to whatsapp
        @quietwren@social.example
        mein Insta ist leiserzaunkoenig
        Schreib mir gern auf WhatsApp
        Findest mich auf Discord, findest mich auf Insta
        mon insta c'est petit_oiseau
        ajoute-moi sur snap
        escríbeme por whatsapp
        https://www.linkedin.com/in/quiet-wren
        My reddit username is quiet-wren-5
        hmu on snap: sorrelleaf
        I'm on discord as sorrelleaf
        my ig is sorrel.leaf
        you can dm me on instagram @sorrelleaf
        my username on discord is sorrel#4455
        talk to me on telegram
        let's switch to signal
        text me on signal
        add my snap sorrel_leaf
        my fb name is Sorrel Leaf
        t.me/sorrelleaf99
        www.facebook.com/sorrel.leaf
        @sorrel_leaf on Instagram
        do you have whatsapp? we could chat on whatsapp
        wollen wir auf WhatsApp schreiben?
        mein telegram ist @sorrelleaf
        insta: sorrel.leaf
        Steam: sorrel_leaf
        follow me on tiktok
        here is my server https://discord.gg/xYz12
        on snapchat I'm sorrelleaf
        please write to me on facebook
        reach me through whatsapp
    """,
    Kind.ADDRESS: """
        I live at 12 Rowan Street
        12 Rowan Street, just ring twice
        Flat 3, 48 Old Mill Lane
        7a Lower Church Road
        come to 15 rowan avenue, we can have tea
        221 N Maple Ave
        4 Harbour Close
        1600 West Elm Blvd
        the postcode is ZE2 9ZZ
        ZE2 9ZZ, the blue door
        EC1A 9ZZ
        Smalltown, IL 62799
        P.O. Box 123
        Lindenstraße 12
        Lindenstr. 12a
        in der lindenstrasse 12 im zweiten stock
        Alte Gasse 3
        Am Rosenweg 5, dritter Stock
        Berliner Allee 27
        12 rue des Lilas
        12 bis, avenue du Moulin
        5, chemin de la Source
        3 place de la Fontaine, non : 3 place de l'Église
        Calle Mayor, 12
        Molenstraat 14
        I'm at 27 Heron Close
        we moved to 104 Station Road last spring
        my address: 9 Willow Court
        send the parcel to 33B High Street please
        18 Orchard Lane, Littleham
        742 Birch Street, Smallville, KS 66499
        House 5, Poplar Grove
        Kirchgasse 7
        Wohne in der Gartenstraße 22
        Schillerplatz 4
        Hauptstr. 100
        45 rue Victor Hugo
        8 impasse des Roses
        BH99 1LT
        Calle Luna 5
        IM99 9ZZ is my postcode
    """,
}

NONE = """
    I have not slept since 2019.
    It went on from 2019 to 2024.
    Between 1998-2003 we lived by the sea.
    It is 24 November 2026 today.
    On 24.11.2026 it will be a year.
    24/11/2026 14:30
    2026-11-24 09:00
    01.02.2024 - 03.04.2024
    01.02.2024-03.04.2024
    We meet at 18:30 or at 19.15.
    From 09:00-17:30 I am at work.
    from 0900 to 1730
    It cost £1,250.00 and then $2 500 000
    Das kostet 1.250.000 Euro
    EUR 12 345 678
    12 345 678 people feel like this
    1.234.567 Menschen
    ISBN 978-0-00-000000-2
    the book is 9780000000002
    ISBN 0-00-000000-0
    978 0 00 000000 2 is the one I mean
    Call 116 123, it is free
    Samaritans are on 116123 all night
    Call Lifeline on 13 11 14
    Text SHOUT to 85258
    0800 1110111 or 0800 1110222, all night
    +49 800 1110111
    You can text them on 0477 13 11 14
    988 answered me within a minute
    in the Netherlands 0800-0113
    3114 helped me more than once
    In an emergency call 999 or 112
    1-800-273-8255 is what I called
    0808 800 0000 is free
    order number 2125550134 never came
    my NHS number is 943 476 0000
    case 0123456789 is closed
    Reference: 0207 946 0123
    https://example.org/2024/05/0123456789
    see www.example.org/a/07700900123
    192.168.178.100
    version 10.0.19045.3803
    It was 0.123456789 of a point
    1 2 3 4 5 6 7 8 9 10
    10 9 8 7 6 5 4 3 2 1
    one two three four five six seven eight, breathe out
    5 10 15 20 25 30 mg, week by week
    I took 50 mg at 8, 100 mg at 12 and 50 mg at 20
    Week 1: 3 4 2 5 hours of sleep
    I am 34, she is 36 and we have 2 children
    It was 38.5 on Monday and 39.2 on Tuesday
    48.8566, 2.3522
    My scores were 12 14 11 9
    the number of people: 1234567 worldwide
    IBAN DE00 0000 0000 0000 0000 00
    Thank you @wren, that helped.
    @quietmonday I felt the same
    @wren and @sorrel on Tuesday we could read together
    Hello @fennel, are you still there?
    Meet at home. Then we will see
    I was at home.Thanks
    We are @home now
    look at example dot org
    You can find it at example.org
    have a look at mind.example
    There is a page about it at www.example.org
    I waited at the dot on the map
    me at 3 am, him at 4
    I look at it at night, at least twice
    I deleted Instagram.
    Instagram makes me feel small
    My Instagram is full of happy people
    my facebook is deleted
    My whatsapp is always pinging
    my phone is off
    I'm always on Instagram
    I am never on facebook
    He used to message me on whatsapp every night
    My ex keeps trying to add me on facebook
    she wanted to add me on snapchat
    They found me on instagram and it scared me
    I got a signal that something was wrong
    a snap decision
    Discord in the family is hard
    there was such discord between us
    I saw a telegram from 1943 in the museum
    Facebook: never again
    WhatsApp: so many unread messages
    Twitter is a bad place at night
    I wrote about it in issue#1234
    https://www.instagram.com/p/abc123
    https://twitter.com/somebody/status/123
    https://www.netflix.com/title/80000000
    https://example.org/contact
    we had a family group on whatsapp and I left it
    He said whatsapp is where everybody talks
    I text my sister every morning
    My line manager was kind
    It is a 5 minute walk
    A 20 minute drive down the road
    12 people on my street came
    5 years down the road I still think of it
    I walked 3 miles along the road
    2 dogs in the park
    24 hours in a square room
    On 42nd Street
    In 2019 Church Street was closed
    B12 and D3 every day, B12 500 mcg
    vitamin B12 5MG
    I bought a PS5 4TB
    GCSE and A1 4 U
    OK 12345 is not a code
    Ein langer Umweg 20 Minuten durch den Wald
    Auf dem Heimweg 3 Leute getroffen
    Spielplatz 3 Uhr
    auf der Straße 3 Stunden gestanden
    Arbeitsplatz 5 ist frei
    Platz 3 von 10
    Ich habe 2 cours de yoga pris
    J'ai perdu 3 places dans la file
    la rue était vide
    I slept 3 hours, then 2, then none
    You are one of 10,000,000
    Psalm 23 1-6 and John 3 16
    Chapter 12, page 345-367
    A 1000-2000 word letter to my father
    My blood pressure was 120/80, then 135/90
    Room 12, bed 4, ward 7
    the 07:15 train, platform 9
    08.15, 09.45 and 11.30 were all full
    It is 12.50 for two
    3 x 4 = 12 and 12 x 12 = 144
    +1 to what Wren said
    +1000000
    00000000
    I’ll be there in a sec, at the door
    dad lives at home on his own
    I live at number 12 in a big house
    Please add me to the list
    She reached me at the worst moment
    Nobody calls me on Sundays
    I call my mother at 7, 1 and 9
    Since 2015 I have been to 3 hospitals in 2 cities
    It was 12/05 and then 14/06
    Between 10:30 and 12:45
    My appointment is 03/12/2026 at 09:40
    2020, 2021, 2022 and 2023 were hard
    I weighed 65.5 then 72.25 kg
    £49.99 a month, or 600 a year
    $1,234,567.89
    the answer is 3.14159265
    Run 5km in 00:31:20
    0161 was the year I think
    I read 1984 and Catch 22
    ISBN 978-1-00-000000-4 was good
    please call 111 if you are in England
    They told me to ring 0800 58 58 58
    text HOME to 741741
    Childline is 0800 1111
    call 911
    the helpline 13 11 14 is good
    0300 123 3393 has an info line
    from 7 to 11 and from 14 to 18
    12 months, 24 months, 36 months
    100 200 300 400
    my birthday is 12 03 1990
    born 12.03.1990 in a small town
    Schritt 1 2 3 4 5 6 7 8 9
    @yarrow told me the same
    I agree with @pipit, on Instagram nobody says so
    thanks @Heron on behalf of us all
    people on Instagram look perfect
    my mum is on Facebook all day
    I use Discord for games
    Snapchat was where it started
    he sent me a snap
    he found me on facebook after ten years
    my sister follows me on instagram
    My account was hacked
    I do not use WhatsApp any more
    On telegram there are strange groups
    she would never text me on whatsapp first
    I do my best at work dot dot dot
    I am at point zero
    look at www.example.com/help
    at home at 5
    I got an email from them
    my email is full
    The house at the end of our street
    We have lived on this road for 20 years
    12 Angry Men is a good film
    3 Days later he drove away
    I live in a small town
    It took 30 Minutes Drive to get there
    5 Star Hotel
    on the A40 and the M25
    the 9 o'clock news
    in Room 3B on the second floor
    Ich wohne auf dem Land
    3 Straßen weiter
    Wir gingen 5 Minuten die Straße entlang
    nous avons marché 5 rues
    I have 2 A levels and a BA 1st class
    vitamin D3 4000 and B6
    My dose went from 150 to 225 to 300 mg
    Episode 7, season 12
    It happened 23.11. and again on 25.11.
    level 99 after 1500 hours
    two three times a week
    one or two or three or four of us
    seven eight nine hours of sleep would be nice
    I can't message me on whatsapp lol
    If someone asks you to message them on telegram, be careful
    scammers always say add me on whatsapp
    My dad's address is unknown to me
    Write your own address on a letter to yourself
    10/10 would read again
"""


def lines(block: str) -> list[str]:
    return [line for line in (line.strip() for line in block.splitlines()) if line]


# The set ----------------------------------------------------------------------------------------------------------------


def test_the_set_is_large_and_holds_nothing_twice():
    told = [line for block in CONTACTS.values() for line in lines(block)] + lines(NONE)
    assert len(told) == len(set(told)) >= 400


@pytest.mark.parametrize("kind", CONTACTS)
def test_contact_details_are_found(kind):
    missed = [line for line in lines(CONTACTS[kind]) if kind not in found_in(line)]
    assert len(missed) <= 0.05 * len(lines(CONTACTS[kind])), missed


@pytest.mark.parametrize("kind", CONTACTS)
def test_a_detail_is_taken_for_what_it_is(kind):
    taken = [(line, found_in(line)) for line in lines(CONTACTS[kind]) if set(found_in(line)) - {kind}]
    assert len(taken) <= 0.05 * len(lines(CONTACTS[kind])), taken


def test_other_numbers_names_and_places_are_left_alone():
    alarms = [(line, found_in(line)) for line in lines(NONE) if found_in(line)]
    assert len(alarms) <= 0.05 * len(lines(NONE)), alarms


@pytest.mark.parametrize("kind", CONTACTS)
def test_a_detail_is_found_in_the_middle_of_a_letter(kind):
    around = "I wrote this on 24.11.2026 at 18:30, after 3 bad nights.\n\n%s\n\nThank you @wren, that helped.\n"
    missed = [line for line in lines(CONTACTS[kind]) if kind not in found_in(around % line)]
    assert len(missed) <= 0.05 * len(lines(CONTACTS[kind])), missed


def test_many_harmless_lines_together_stay_harmless():
    assert found_in("\n".join(line for line in lines(NONE) if not found_in(line))) == []


# Lines that lead to help ------------------------------------------------------------------------------------------------


def test_a_number_of_the_help_page_is_help_and_nobodys_own():
    country = Country.objects.create(code="XX", name="Somewhere", emergency="112", source_url="https://example.org/")
    assert found_in("You can ring 01632 960999, they are kind") == [Kind.PHONE]
    HelpService.objects.create(
        country=country,
        name="Lantern",
        kind="call",
        dial="01632 960999",
        hours="All day",
        languages="English",
        source_url="https://a.example/",
    )
    assert found_in("You can ring 01632 960999, they are kind") == []
    assert found_in("From abroad it is +44 1632 960999") == []
    assert found_in("Ring 01632 960999, or me on 01632 960123") == [Kind.PHONE]


# The sentence -----------------------------------------------------------------------------------------------------------


def test_the_question_names_what_was_found():
    assert question([]) == ""
    assert question([Kind.PHONE]) == "It looks as if there is a phone number in this."
    both = question(found_in("07700 900123 or wren@example.org"))
    assert both == "It looks as if there is a phone number and an e-mail address in this."


# Time -------------------------------------------------------------------------------------------------------------------

PATTERNS = {
    f"{name}{number}": pattern
    for name, value in vars(contact).items()
    for number, pattern in enumerate(value if isinstance(value, list) else [value])
    if isinstance(pattern, re.Pattern)
}
# What a text may be made of to be slow; _ is a space.
PIECES = [
    piece.replace("_", " ")
    for piece in """
    a A 1 _ @ ( ä a@ a- 1_ 07. 12_34_5 1.1.20 a@a. @a.a at_ a_at_a_dot_ ig_ one_ my_insta_is_ insta: as_abc_on_ add_me let's_a_a_
    x.com/ a#1 http:// 12_Aa_Bb_Cc_ live_at_12_a_ straße Aastr_ 12_rue_de_ Calle_Abc_ B1_1 aa,_NY_1 +( 1- text_1_ isbn_ 0\u200b
    07700_900123_ 0_1_2_ 2019-2020_
    """.split()
]


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_takes_time_that_grows_with_the_length_only(name):
    def seconds(piece: str, length: int) -> float:
        text = (piece * length)[:length]
        begun = time.process_time()
        for _found in PATTERNS[name].finditer(text):
            pass
        return time.process_time() - begun

    for piece in PIECES:
        # Sixteen times the length in sixteen times the time, with room for a busy machine.
        assert seconds(piece, 64_000) < max(16 * 4 * seconds(piece, 4_000), 0.05), piece


@pytest.mark.parametrize("piece", PIECES)
def test_a_megabyte_is_looked_at_in_a_moment(piece):
    text = (piece * 1_000_000)[:1_000_000]
    found_in(piece)
    seconds = []
    for _time in range(3):
        begun = time.process_time()
        found_in(text)
        seconds.append(time.process_time() - begun)
    assert min(seconds) <= 0.1


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_has_an_answer(text):
    assert set(found_in(text)) <= set(Kind)
    assert found_in(text + "\n07700 900123")


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\U0010ffff", "\u202e", "e" + "\u0301" * 2_000])
def test_odd_signs_break_nothing(odd):
    assert found_in(odd) == []
    assert found_in(f"{odd} wren@example.org") == [Kind.EMAIL]


# Asked once, in the writer's page ---------------------------------------------------------------------------------------

WORDS = "Thank you. You can ring me, 07700 900123, in the evening."
QUESTION = "It looks as if there is a phone number in this."


def fields_of(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


@pytest.fixture
def places(member):
    """Where a member writes: the address of the form, what belongs into it, and the words that stand there now."""
    topic, board = make.topic(author=member), make.board()
    reply = make.reply(topic, member)

    def now(thing):
        thing.refresh_from_db()
        return thing.body

    def newest(model):
        found = model.objects.order_by("-pk").first()
        return found.body if found else ""

    opening = {"title": "An evening", "mode": "listening"}
    return {
        "a new conversation": (f"{board.get_absolute_url()}new/", opening, "body", lambda: newest(Topic)),
        "a reply": (f"{make.topic().get_absolute_url()}reply/", {}, "body", lambda: newest(Reply)),
        "a changed conversation": (f"{topic.get_absolute_url()}edit/", opening, "body", lambda: now(topic)),
        "a changed reply": (f"{reply.get_absolute_url()}edit/", {}, "body", lambda: now(reply)),
        "a profile": ("/settings/", {}, "about", lambda: Profile.objects.get(user=member).about),
    }


PLACES = ["a new conversation", "a reply", "a changed conversation", "a changed reply", "a profile"]


@pytest.mark.parametrize("place", PLACES)
def test_the_question_is_asked_once_and_the_words_go_out_as_written(sign_in, member, places, place):
    url, more, name, now = places[place]
    client = sign_in(member)
    before = fields_of(client.get(url).content.decode())
    asked = client.post(url, before | more | {name: WORDS})
    page = unescape(asked.content.decode())
    assert asked.status_code == 200
    assert QUESTION in page
    assert WORDS in page
    assert "data-error-summary" not in page
    assert now() != WORDS
    after = fields_of(page)
    assert after["asked"]
    assert after.get("key") == before.get("key")
    assert client.post(url, after | more | {name: WORDS}).status_code == 302
    assert now() == WORDS


@pytest.mark.parametrize("place", PLACES)
def test_once_asked_anything_goes_out(sign_in, member, places, place):
    url, more, name, now = places[place]
    client = sign_in(member)
    asked = client.post(url, fields_of(client.get(url).content.decode()) | more | {name: WORDS})
    other = "Write to wren@example.org, or come to 12 Rowan Street."
    assert client.post(url, fields_of(asked.content.decode()) | more | {name: other}).status_code == 302
    assert now() == other


@pytest.mark.parametrize("place", PLACES)
def test_words_without_contact_details_are_not_asked_about(sign_in, member, places, place):
    url, more, name, now = places[place]
    client = sign_in(member)
    words = "Thank you @wren. Samaritans are there all night: 116 123."
    assert client.post(url, fields_of(client.get(url).content.decode()) | more | {name: words}).status_code == 302
    assert now() == words


def test_a_title_is_looked_at_too(sign_in, member, places):
    url, more, _name, _now = places["a new conversation"]
    asked = sign_in(member).post(url, more | {"body": "It was long.", "title": "Ring me, 07700 900123"})
    assert asked.status_code == 200
    assert QUESTION in asked.content.decode()


def test_what_is_asked_does_not_depend_on_who_writes(sign_in, member, newcomer, moderator):
    url = f"{make.topic().get_absolute_url()}reply/"
    pages = [sign_in(user).post(url, {"body": WORDS}).content.decode() for user in (member, newcomer, moderator)]
    places = [re.search(r'<section class="panel".*?</section>', page, re.DOTALL)[0] for page in pages]
    assert len(set(places)) == 1


def test_what_was_asked_is_no_part_of_the_words(sign_in, member, places):
    url, _more, _name, _now = places["a reply"]
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode()) | {"body": WORDS, "asked": "yes"}
    first = client.post(url, fields)
    assert client.post(url, fields | {"asked": "yes"}).url == first.url
    assert Reply.objects.filter(body=WORDS).count() == 1


def test_looking_first_asks_nothing_and_forgets_nothing(sign_in, member, places):
    url, _more, _name, now = places["a reply"]
    client = sign_in(member)
    looked = client.post(url, fields_of(client.get(url).content.decode()) | {"body": WORDS, "preview": "yes"}).content.decode()
    assert QUESTION not in looked
    assert fields_of(looked)["asked"] == ""
    asked = client.post(url, fields_of(looked) | {"body": WORDS}).content.decode()
    looked = client.post(url, fields_of(asked) | {"body": WORDS, "preview": "yes"}).content.decode()
    assert QUESTION in looked
    assert client.post(url, fields_of(looked) | {"body": WORDS}).status_code == 302
    assert now() == WORDS


def test_a_draft_stays_and_remembers_that_it_was_asked(sign_in, member, places):
    url, _more, _name, now = places["a reply"]
    client = sign_in(member)
    fields = fields_of(client.get(url).content.decode()) | {"body": WORDS}
    client.post("/write/draft/", fields)
    asked = client.post(url, fields).content.decode()
    assert WORDS in client.get(url).content.decode()
    client.post("/write/draft/", fields_of(asked) | {"body": WORDS})
    kept = client.get(url).content.decode()
    assert QUESTION in kept
    assert "autofocus" not in kept
    assert client.post(url, fields_of(kept) | {"body": WORDS}).status_code == 302
    assert now() == WORDS
    fresh = client.get(url).content.decode()
    assert QUESTION not in fresh
    assert fields_of(fresh)["asked"] == ""


def test_other_things_to_look_at_come_first(sign_in, member, places):
    url, _more, _name, _now = places["a new conversation"]
    refused = sign_in(member).post(url, {"body": WORDS, "title": "", "mode": "listening"}).content.decode()
    assert "data-error-summary" in refused
    assert QUESTION not in refused
    assert not fields_of(refused).get("asked")
