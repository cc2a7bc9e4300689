"""Who may see what: one row for each kind of secret. Whatever is not allowed here must show nowhere to nobody."""

from typing import NamedTuple

from .house import CAST

# Who quotes is there to quote; a lead sees what a moderator sees.
VIEWERS = ["guest", *(name for name in CAST if name not in {"quoter", "lead"})]
EVERYBODY = frozenset(VIEWERS)
MEMBERS = EVERYBODY - {"guest"}
STAFF = frozenset({"moderator", "owner"})
# With those who look after what is in the library.
SHELVES = STAFF | {"librarian"}
CIRCLE = frozenset({"author", "insider"})
# Across a block from `author`, and across a block from the alias of `shunned`.
APART = frozenset({"blocked", "blocker", "recipient"})
KEEPING_AWAY = frozenset({"doubter", "masked"})
# Those of a room of two.
PAIR = frozenset({"author", "participant"})
NOBODY: frozenset[str] = frozenset()

# What a writer finds again beside the pages that others read.
ONES_OWN = ("wrote", "inbox", "forms", "own", "lists", "conversation", "people", "open")


class Row(NamedTuple):
    """Who may read it where it stands; whose own words it is; who sees it behind the scenes; and more, by channel."""

    readers: frozenset[str] = NOBODY
    own: str = ""
    staff: frozenset[str] = NOBODY
    more: dict[str, frozenset[str]] = {}
    # Channels in which nobody may meet it, whoever may elsewhere.
    never: tuple[str, ...] = ()

    @property
    def copied_by(self) -> frozenset[str]:
        """In whose copy of what is theirs it must stand."""
        return self.more.get("copy", NOBODY) or frozenset(filter(None, [self.own]))

    def allows(self, viewer: str, channel: str) -> bool:
        if viewer in self.more.get(channel, NOBODY):
            return True
        if channel == "copy":
            # What somebody takes along is theirs alone, whatever else they may read.
            return viewer == self.own
        if channel == "admin":
            return viewer in self.staff
        if channel in self.never:
            return False
        return viewer in self.readers or (viewer == self.own and channel in ONES_OWN)


# What members write, by kind. Its parts (title, words, note, id) follow it unless they have a row of their own below.
TEXTS: dict[str, Row] = {
    "topic hidden": Row(NOBODY, "author", STAFF),
    "topic taken back": Row(NOBODY, "", STAFF),
    "topic edited away": Row(NOBODY, "", STAFF),
    "topic removed": Row(NOBODY, "author", STAFF),
    "topic folded": Row(EVERYBODY - APART, "author", STAFF),
    "topic for members": Row(MEMBERS - APART, "author", STAFF),
    "topic for a circle": Row(CIRCLE, "author"),
    "topic on a board for a circle": Row(CIRCLE, "author"),
    "topic across a block": Row(MEMBERS - APART, "author", STAFF),
    "topic of an alias": Row(EVERYBODY, "ghost", STAFF),
    "topic of a blocked alias": Row(EVERYBODY - KEEPING_AWAY, "shunned", STAFF),
    "topic held": Row(NOBODY, "author", STAFF),
    "topic sent back": Row(NOBODY, "author", STAFF),
    "topic of an alias held": Row(NOBODY, "ghost", STAFF),
    "reply held": Row(NOBODY, "author", STAFF),
    "reply sent back": Row(NOBODY, "author", STAFF),
    "reply of an alias held": Row(NOBODY, "ghost", STAFF),
    "reply hidden": Row(NOBODY, "author", STAFF),
    "reply taken back": Row(NOBODY, "", STAFF),
    "reply edited away": Row(NOBODY, "", STAFF),
    "reply removed": Row(NOBODY, "author", STAFF),
    "reply folded": Row(EVERYBODY - APART, "author", STAFF),
    "reply across a block": Row(EVERYBODY - APART, "author", STAFF),
    "reply for members": Row(MEMBERS - APART, "author", STAFF),
    "reply for a circle": Row(CIRCLE, "author"),
    "reply under something hidden": Row(NOBODY, "participant", STAFF),
    "reply under somebody across a block": Row(MEMBERS - APART, "participant", STAFF),
    "reply of an alias": Row(EVERYBODY, "ghost", STAFF),
    "reply of a blocked alias": Row(EVERYBODY - KEEPING_AWAY, "shunned", STAFF),
    "reply of an alias that blocked": Row(EVERYBODY - {"shunned"}, "masked", STAFF),
    "reply of a member who blocked an alias": Row(EVERYBODY - {"shunned"}, "doubter", STAFF),
    "resource hidden": Row(NOBODY, "author", SHELVES),
    "resource taken back": Row(NOBODY, "", SHELVES),
    "resource edited away": Row(NOBODY, "", SHELVES),
    "resource removed": Row(NOBODY, "author", SHELVES),
    "resource folded": Row(EVERYBODY - APART, "author", SHELVES),
    "resource waiting": Row(NOBODY, "author", SHELVES),
    "resource turned down": Row(NOBODY, "author", SHELVES),
    "resource for members": Row(MEMBERS - APART, "author", SHELVES),
    "resource across a block": Row(EVERYBODY - APART, "author", SHELVES),
    "review hidden": Row(NOBODY, "author", STAFF),
    "review taken back": Row(NOBODY, "", STAFF),
    "review edited away": Row(NOBODY, "", STAFF),
    "review removed": Row(NOBODY, "author", STAFF),
    "review folded": Row(EVERYBODY - APART, "author", STAFF),
    "review across a block": Row(EVERYBODY - APART, "author", STAFF),
    "review of something for members": Row(MEMBERS - APART, "author", STAFF),
    "review of something hidden": Row(NOBODY, "author", STAFF),
    "collection hidden": Row(NOBODY, "author", STAFF),
    "collection taken back": Row(NOBODY, "", STAFF),
    "collection edited away": Row(NOBODY, "", STAFF),
    "collection removed": Row(NOBODY, "author", STAFF),
    "collection folded": Row(EVERYBODY - APART, "author", STAFF),
    "collection across a block": Row(EVERYBODY - APART, "author", STAFF),
    "collection for members": Row(MEMBERS - APART, "author", STAFF),
    # Its maker's alone, behind the scenes too.
    "collection private": Row(NOBODY, "author"),
    # What two say to each other is nobody else's; only what was reported is looked at.
    "message hidden": Row(NOBODY, "author"),
    "message taken back": Row(),
    "message edited away": Row(),
    "message removed": Row(NOBODY, "author"),
    "message folded": Row(PAIR, "author"),
    "message in a room": Row(PAIR, "author"),
    "message reported": Row(frozenset({"outsider", "participant"}), "outsider", STAFF),
}
_OPEN = Row(EVERYBODY, "", STAFF)
_NAMED = Row(EVERYBODY - APART, "author", STAFF)
_SHELVED = _NAMED._replace(staff=SHELVES)
PARTS: dict[str, Row] = {
    # A gravestone, or other words, stand at the old place.
    "topic taken back: id": _NAMED,
    "topic edited away: id": _NAMED,
    "reply taken back: id": _NAMED,
    "reply edited away: id": _NAMED,
    "resource edited away: id": _SHELVED,
    "review edited away: id": _NAMED,
    "collection edited away: id": _NAMED,
    "message taken back: id": Row(PAIR, "author"),
    "message edited away: id": Row(PAIR, "author"),
    # These are still there, under other words.
    "resource edited away: facts": _SHELVED,
    "resource edited away: file": _SHELVED,
    "collection edited away: words between": _NAMED,
    # The conversation is open to whoever keeps away from the alias that began it, but it is in no list of theirs.
    "topic of a blocked alias: id": TEXTS["topic of a blocked alias"]._replace(
        more={"conversation": KEEPING_AWAY, "forms": KEEPING_AWAY, "own": KEEPING_AWAY}
    ),
    "topic of a blocked alias: title": TEXTS["topic of a blocked alias"]._replace(
        more={"conversation": KEEPING_AWAY, "forms": KEEPING_AWAY, "own": KEEPING_AWAY}
    ),
}
# A copy holds what its writer took back or worded anew, which volunteers still have.
for _kind, _row in TEXTS.items():
    if _kind.endswith((" taken back", " edited away")):
        TEXTS[_kind] = _row._replace(more={"copy": frozenset({"author"})})
# Whoever looks after the tags finds conversations behind the scenes, but none that they do not read elsewhere.
for _rows in (TEXTS, PARTS):
    for _kind, _row in _rows.items():
        if _kind.startswith("topic"):
            _rows[_kind] = _row._replace(more={**_row.more, "admin": _row.readers & {"librarian"}})
# An account behind an alias is a member like any other, but never where the alias speaks.
_BEHIND = ("lists", "conversation", "forms", "inbox", "wrote")
THINGS: dict[str, Row] = {
    "name of author": Row(EVERYBODY - APART, "author", SHELVES, {"own": frozenset({"blocker"})}),
    "name of ghost": Row(NOBODY, "ghost", STAFF),
    "alias of ghost": Row(EVERYBODY, "ghost", STAFF, never=("people",)),
    "alias of masked": Row(EVERYBODY - {"shunned"}, "masked", STAFF, never=("people",)),
    "alias of shunned": Row(
        EVERYBODY - KEEPING_AWAY, "shunned", STAFF, dict.fromkeys(("own", "conversation", "forms"), KEEPING_AWAY), ("people",)
    ),
    "board for a circle": Row(CIRCLE, staff=frozenset({"owner"})),
    "name of a circle": Row(CIRCLE, staff=frozenset({"owner"})),
    "draft": Row(NOBODY, "author"),
    "id of a match": Row(PAIR | {"outsider"}),
    "id of a match of before": Row(frozenset({"author", "shunned"})),
    "words of a room": Row(PAIR),
    "what a coordinator is told": Row(),
    "answer to a coordinator": Row(NOBODY, "author"),
    "answer of the other": Row(NOBODY, "participant"),
    "feedback of author": Row(NOBODY, "author"),
    "feedback of participant": Row(NOBODY, "participant"),
    "feedback of outsider": Row(NOBODY, "outsider"),
    "words at an end": Row(frozenset({"outsider", "participant"})),
    "line of a log": Row(NOBODY, "author"),
    "words of a call": Row(),
    # A mentor who has a place is found by every member; who would like to be one, by coordinators and whoever runs the place.
    "words of a mentor": Row(MEMBERS, "shunned", frozenset({"owner"})),
    # What members read of it on the mentor's page, who can't meet whoever wrote it.
    "words on a mentor's page": Row(MEMBERS - APART, "author"),
    # They stand there whoever is blocked: else a block would tell whose they are.
    "words without a name on a mentor's page": Row(MEMBERS),
    "words taken off a mentor's page": Row(),
    "words of somebody gone from a mentor's page": Row(),
    "words of an application": Row(NOBODY, "member", frozenset({"owner"})),
    "words of a beginning": Row(NOBODY, "doubter"),
    # Read by whoever is asked, and by nobody else.
    "words of a search": Row(NOBODY, "insider", more={"conversation": frozenset({"participant"})}),
    # Whoever looks after the tags takes it along in a file of the library.
    "proposed tag": Row(NOBODY, "author", SHELVES, {"lists": frozenset({"librarian", "owner"})}),
    "words of a filter": Row(NOBODY, "author"),
    "words of a change": Row(NOBODY, "author", STAFF),
    "note of something kept": Row(NOBODY, "author"),
    # Whoever reported it reads it again.
    "words of a report": Row(NOBODY, staff=SHELVES, more={"own": frozenset({"member", "insider", "participant"})}),
    "what came of a report": Row(NOBODY, "insider", SHELVES),
    "name of who works on something": Row(NOBODY, staff=SHELVES),
    "where something moved to": Row(NOBODY, staff=SHELVES),
    "name of a file": Row(NOBODY, "librarian"),
    "row of a file": Row(NOBODY, "librarian"),
    "id of an import": Row(NOBODY, "librarian"),
    "mail": Row(),
    # Said to whoever else has words in something that is not shown, and read by whoever decides again about the same author.
    "reason of a volunteer": Row(NOBODY, "author", SHELVES, dict.fromkeys(("own", "inbox"), frozenset({"participant"}))),
    # In the record, whose words owners and those in charge of safety read.
    "words of the record": Row(staff=frozenset({"owner"})),
    "words of an appeal": Row(NOBODY, "author", STAFF),
    "answer to an appeal": Row(NOBODY, "author", STAFF),
    "note on a member": Row(NOBODY, staff=STAFF),
    # What volunteers tell each other, and keep ready to say.
    "words to the next shift": Row(staff=SHELVES),
    "reason kept ready": Row(staff=SHELVES),
    "where volunteers talk about it": Row(staff=frozenset({"owner"})),
    "what an authority asked for": Row(staff=frozenset({"owner"})),
    # Those in charge of safety, who are no viewers here, read both.
    "reason to find out": Row(NOBODY, "ghost", frozenset({"owner"})),
    "reason not to tell": Row(),
}
# What each of the cast shows of themselves, and what is nobody else's.
for _name in CAST:
    _others = MEMBERS - (APART if _name == "author" else {"author"} if _name in APART else NOBODY)
    _never = _BEHIND if _name in {"ghost", "shunned", "masked"} else ()
    THINGS[f"about {_name}"] = Row(_others, _name, never=("lists", "conversation", "forms", "inbox", "wrote"))
    _met = _others - ({"shunned"} if _name == "doubter" else NOBODY)
    # Who was blocked under an alias meets the account by its own page still.
    _more = {"people": _others, "own": _others}
    THINGS[f"picture of {_name}"] = Row(_met, _name, more=_more, never=_never)
    THINGS[f"address of {_name}"] = Row(NOBODY, _name, more={"mail": frozenset({_name})})
    THINGS[f"key of {_name}"] = Row(staff=STAFF)
    THINGS[f"key of the alias of {_name}"] = Row()


def row(kind: str) -> Row:
    """The row of a kind. A KeyError names a kind without one."""
    if kind in PARTS:
        return PARTS[kind]
    what, _colon, part = kind.partition(": ")
    return TEXTS[what] if part else THINGS[kind]


# What else stands in the copy that somebody takes of what is theirs: whom they met or blocked, where their own words stand, what
# they told, and what they were told.
_COPIED = {
    "alias of shunned": KEEPING_AWAY,
    "name of author": frozenset({"blocker", "participant", "shunned"}),
    "name of a circle": CIRCLE,
    "board for a circle": frozenset({"author"}),
    "topic hidden: id": frozenset({"participant"}),
    "topic across a block: id": frozenset({"participant"}),
    "id of a match": PAIR | {"outsider"},
    "id of a match of before": frozenset({"author", "shunned"}),
    # Each of the two has their own: a first line, a thank-you.
    "words of a room": PAIR,
    "words at an end": frozenset({"outsider"}),
    "words of a call": frozenset({"author"}),
    "words of a report": frozenset({"member", "insider", "participant"}),
    "reason of a volunteer": frozenset({"participant"}),
    # It stood in the file that they brought.
    "resource for members: facts": frozenset({"librarian"}),
}
for _kind, _who in _COPIED.items():
    _row = row(_kind)
    (PARTS if ":" in _kind else THINGS)[_kind] = _row._replace(more={**_row.more, "copy": _who})


# Every model: where its secrets are among the kinds above, or why it has none.
MODELS = {
    "identity.Persona": "alias, key of the alias",
    "identity.Sealed": "bytes that nobody reads; tests/community/test_identity.py",
    "audit.Entry": "ids and times, for staff",
    "audit.EntryWords": "words of the record, reason of a volunteer",
    "audit.Link": "hashes; no page shows them",
    "notifications.Notification": "reason of a volunteer; its sentences are swept with the inbox",
    "notifications.Preference": "names of kinds, for settings of one's own",
    "notifications.Outgoing": "mail",
    "members.Block": "names and texts across a block",
    "members.NewMemberLimits": "numbers for everybody",
    "members.User": "name, address, key",
    "members.Agreement": "texts for everybody",
    "members.Office": "roles and times; one's own are seen under settings, all by owners",
    "members.TrainingStep": "texts for whoever is to look after something",
    "members.StepTaken": "times",
    "members.TakenName": "keys of names that nobody has any more; no page shows them",
    "members.Standing": "bytes that nobody reads; tests/community/test_pausing.py",
    "members.Acceptance": "whether somebody agreed; only on their own page, which names nobody",
    "members.Profile": "about",
    "members.Avatar": "picture",
    "care.Country": "texts for everybody",
    "care.HelpService": "texts for everybody",
    "tags.Tag": "proposed tag",
    "tags.Tagged": "everything in the house stands under one tag",
    "tags.Following": "which tags somebody follows; only on their own page, which names nobody",
    "tags.Unmet": "hashes; that there are several shows, never how many",
    "contributions.Draft": "draft",
    "contributions.Holding": "numbers; the composer says what is so",
    "contributions.Note": "a list for everybody",
    "contributions.Filter": "words of a filter",
    "contributions.Change": "words of a change",
    "contributions.Reference": "each text is quoted, so its words stand in an excerpt",
    "contributions.Revision": "what was edited away and taken back",
    "contributions.Submission": "hashes",
    "forums.Board": "board for a circle",
    "forums.ReadMark": "numbers; moves nothing that others see, test_known_defects.py",
    "forums.Topic": "each fate of a topic",
    "forums.Reply": "each fate of a reply",
    "moderation.Report": "words of a report, what came of a report; whoever sees it sees what it is about",
    "moderation.Month": "numbers for everybody",
    "moderation.Appeal": "words of an appeal, answer to an appeal",
    "moderation.Unmasking": "reason to find out, reason not to tell",
    "moderation.MemberNote": "note on a member",
    "moderation.Claim": "name of who works on something",
    "moderation.HandOver": "words to the next shift",
    "moderation.Demand": "what an authority asked for",
    "moderation.DeskSettings": "where volunteers talk about it",
    "moderation.Duty": "keys of notes; only on a volunteer's own page, tests/community/test_queue.py",
    "moderation.Watch": "times to the hour; no page shows them",
    "decisions.Decision": "reason of a volunteer; each kind that was hidden, removed or sent back keeps its words there",
    "decisions.ReasonTemplate": "reason kept ready",
    "resources.Resource": "each fate of a resource",
    "resources.ResourceFile": "file, of each fate of a resource: its name, what is to be seen in it, and what it holds",
    "resources.Review": "each fate of a review",
    "resources.Saved": "note of something kept",
    "resources.Collection": "each fate of a collection, and a private one",
    "resources.Place": "words between",
    "resources.Import": "name of a file, id of an import",
    "resources.ImportRow": "row of a file",
    "mentorship.Mentor": "words of a mentor, words of an application, words of a beginning",
    "mentorship.Help": "a list for everybody",
    "mentorship.Pace": "numbers for everybody",
    "mentorship.Lesson": "texts for everybody",
    "mentorship.LessonDone": "words of an application",
    "mentorship.NotAbout": "tags on the page of a mentor",
    "mentorship.Place": "numbers",
    "mentorship.Request": "words of a search",
    "mentorship.Without": "which tags a story must not have; only on their own page, which names nobody",
    "mentorship.Noted": "whom somebody keeps in mind or set aside; only on their own page",
    "mentorship.Match": "id of a match, words of a room, at an end or for others, feedback, what a coordinator is told",
    "mentorship.Cohort": "a name that a coordinator gives; tests/mentorship/test_board.py",
    "mentorship.Pairing": "who could be with whom; for coordinators alone, tests/mentorship/test_board.py",
    "mentorship.Rule": "whom a coordinator wants together; for coordinators alone, tests/mentorship/test_board.py",
    "mentorship.Message": "each fate of a message",
    "mentorship.CheckIn": "answer to a coordinator, answer of the other",
    "mentorship.Goal": "words of a room",
    "mentorship.Session": "line of a log",
    "mentorship.Concern": "words of a call",
    # Not ours.
    "auth.Permission": "names that Django gives",
    "auth.Group": "name of a circle",
    "contenttypes.ContentType": "names of models",
    "sessions.Session": "no page names a session; test_leaks.py",
    "admin.LogEntry": "never written, tests/community/test_admin.py",
    "account.EmailAddress": "address",
    "account.EmailConfirmation": "not used: codes are mailed",
    "mfa.Authenticator": "no page names a session; test_leaks.py",
    "taggit.Tag": "never written: the vocabulary is ours",
    "taggit.TaggedItem": "never written",
    "usersessions.UserSession": "no page names a session; test_leaks.py",
    "procrastinate.ProcrastinateWorker": "times",
    "procrastinate.ProcrastinateJob": "swept as the channel `jobs`",
    "procrastinate.ProcrastinateEvent": "names of events",
    "procrastinate.ProcrastinatePeriodicDefer": "names of tasks",
}
# Fields of ours with text that is no secret, or that is one which needs no canary.
PLAIN_FIELDS = {
    "audit.Entry": "action target_id digest",
    "audit.EntryWords": "salt",
    "audit.Link": "hash",
    "moderation.Month": "figures",
    "notifications.Notification": "kind",
    "notifications.Preference": "kind",
    "notifications.Outgoing": "message_id problem",
    "members.User": "password session_stamp",
    "members.Agreement": "body",
    "members.TakenName": "key",
    "members.TrainingStep": "*",
    "members.Profile": "time_zone",
    "care.Country": "*",
    "care.HelpService": "*",
    "contributions.Note": "name",
    "mentorship.Help": "*",
    "mentorship.Lesson": "*",
    "mentorship.Mentor": "time_zone",
    "mentorship.Request": "time_zone",
    # For coordinators alone; tests/mentorship/test_board.py holds who finds their pages.
    "mentorship.Cohort": "*",
    "mentorship.Pairing": "*",
    "forums.Topic": "lock_reason",
    "resources.Resource": "isbn country language",
    "resources.ResourceFile": "content_type",
    "resources.Import": "format",
    "resources.ImportRow": "problem",
}
