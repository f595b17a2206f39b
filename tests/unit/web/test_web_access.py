"""Every page of the web application × six principals × private and shared: what each gets, and that nobody reaches more.

To add a route, add a `Line` to TABLE: how it is asked for, and which of the rows below says what each principal gets.
Whatever the table says, each line is also held to this: who is not signed in is led to the sign-in; an answer to anybody
else tells nothing of what is the owner's alone; and nothing of the owner's is changed by anybody else.
"""

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest

from functions.web.routes import ROUTES
from ocello.domain.crm.items import Item
from ocello.domain.imports.imports import Import
from ocello.domain.messages.drafts import DraftContent, StoredDraft
from ocello.domain.messages.message import ItemRef, Mailbox, Message, Recipient, Report
from ocello.domain.people.api_keys import digest_of
from ocello.domain.people.users import Account, ApiKey, User
from ocello.domain.retention.jobs import SubjectJob
from ocello.services.alerts.ports import ShownAlert
from ocello.services.consent.heads import LAST_HEAD
from ocello.services.inbox import inbox
from ocello.services.sending.outgoing import original_name, upload_name
from ocello.services.sending.ports import StoredMessage
from tests.fakes.web import ADMIN, REP, Stage, claims_of

ALL = User("01900000-0000-7000-8000-00000000000a", "sees-all@example.test", "All", given_groups=("board", "sales"))
SOME = User("01900000-0000-7000-8000-00000000000b", "sees-some@example.test", "Some", given_groups=("sales",))
OUT = User("01900000-0000-7000-8000-00000000000c", "outsider@example.test", "Out")
THIRD = User("01900000-0000-7000-8000-00000000000d", "third@example.test", "Third")
PEOPLE = {"anonymous": None, "owner": REP, "sees all": ALL, "sees some": SOME, "outsider": OUT, "admin": ADMIN}
SALES, BOARD = ItemRef("deal", "42"), ItemRef("deal", "4711")
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
ORIGINAL = (
    b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nthe text\r\n"
    b"--b\r\nContent-Disposition: attachment; filename=a.pdf\r\n\r\nfile\r\n--b--"
)
THEIRS = "team@example.test"  # an address that the owner sends from

# Whatever stands in <brackets> in a route's address, all of it the owner's.
PLACES = {
    "conversation": "01a20a00-0000-7000-8000-000000000001",
    "message": "01a20a00-0000-7000-8000-000000000001",
    "index": "0",
    "draft": "01900000-0000-7000-8000-00000000d4af",
    "import": "01900000-0000-7000-8000-000000001001",
    "upload": "01900000-0000-7000-8000-00000000a11a",
    "number": "0",
    "image": "01900000-0000-7000-8000-00000000f11e",
    "type": BOARD.type,
    "item": BOARD.id,
    "key": "01900000-0000-7000-8000-00000000ce1f",
    "user": THIRD.id,
    "paper": "record.md",
    "job": "01a20a00-0000-7000-8000-00000000a10b",
    "group": "sales",
}
CONSENTS = "01900000-0000-7000-8000-000000001002"  # an import of consent, of the administrator's
# What only the owner may ever be shown.
SECRETS = ("A draft of mine", "My key", THEIRS, "An alert of mine", "hidden@customer.test")
SUBJECT = "A confidential offer"


# Rows: what the signed-in principals get, for a private and for a shared mail. Names of rows say who gets it.
def everybody(status):
    return lambda _who, _kind: status


def the_owner(status, others=404):
    return lambda who, _kind: status if who == "owner" else others


def who_sees_the_mail(status, owner=None):
    return lambda who, kind: (owner or status) if who == "owner" else status if sees_mail(who, kind) else 404


def who_sees_the_board(status):
    return lambda who, _kind: status if who in ("owner", "sees all") else 404


def who_sees_the_sales(status):
    return lambda who, _kind: status if who in ("owner", "sees all", "sees some") else 404


def who_changes_the_board(status, others=404):
    """Who sees it and may not is refused (403); to others, administrators too, it is not there, or not any more (409)."""
    return lambda who, _kind: status if who == "owner" else 403 if who == "sees all" else others


def administrators(status):
    return lambda who, _kind: status if who == "admin" else 404


def sees_mail(who, kind):
    return who == "owner" or (who == "sees all" and kind == "shared")


@dataclass(frozen=True)
class Line:
    """How a route is asked for, and what each principal gets. Routes may have several lines."""

    method: str
    template: str
    gets: Callable[[str, str], int]
    query: str = ""
    form: dict = field(default_factory=dict)
    body: bytes = b""
    places: dict = field(default_factory=dict)  # where they are not those of PLACES

    @property
    def address(self):
        places = {**PLACES, **self.places}
        return re.sub(r"<(\w+)>", lambda match: quote(places[match[1]], safe=""), self.template) + self.query

    def __str__(self):
        return f"{self.method} {self.template}{self.query}"


MAIL = {"version": "1", "to": "buyer@customer.test", "subject": "New", "html": "<p>x</p>"}
ITEM = {"title": "Other", "owner": REP.address, "visibility": "owner"}
PREFERENCES = {"language": "it", "zone": "Europe/Rome", "theme": "dark", "signature": ""}
TABLE = (
    Line("GET", "/app", everybody(200)),
    Line("GET", "/app", everybody(200), query="?q=confidential"),
    Line("GET", "/app", everybody(200), query=f"?item={BOARD.type}:{BOARD.id}"),
    Line("GET", "/app/conversations/<conversation>", who_sees_the_mail(200)),
    Line("GET", "/app/conversations/<conversation>/times", who_sees_the_mail(200)),
    Line("GET", "/app/messages/<message>", who_sees_the_mail(303)),
    Line("GET", "/app/messages/<message>/body", who_sees_the_mail(200)),
    Line("GET", "/app/messages/<message>/attachments", who_sees_the_mail(200)),
    Line("GET", "/app/messages/<message>/attachments/<number>", who_sees_the_mail(200), places={"number": "1"}),
    Line("GET", "/app/messages/<message>/attachments/<number>", the_owner(404), places={"number": "2"}),
    Line("GET", "/app/messages/<message>/hits", who_sees_the_mail(200)),
    Line("GET", "/app/messages/<message>/times", who_sees_the_mail(200)),
    Line("POST", "/app/messages/<message>/recipients/<index>/send", the_owner(303)),
    Line("POST", "/app/messages/<message>/sharing", the_owner(303), form={"visibility": "private"}),
    Line("POST", "/app/conversations/<conversation>/mute", the_owner(303)),
    Line("POST", "/app/conversations/<conversation>/unmute", the_owner(303)),
    Line("POST", "/app/messages/<message>/answer", who_sees_the_mail(303), form={"text": "And?", "write": "1"}),
    Line("GET", "/app/compose", everybody(200)),
    Line("GET", "/app/compose", who_sees_the_mail(200), query=f"?reply={PLACES['message']}"),
    Line("POST", "/app/check", everybody(200), form=MAIL),
    Line("POST", "/app/uploads", everybody(200)),
    Line(
        "POST", "/app/uploads/<upload>/<number>", everybody(200), body=b"some bytes"
    ),  # each under a name of one's own
    Line("POST", "/app/uploads/<upload>", everybody(409), query="?slices=1"),
    Line("POST", "/app/images", everybody(200), body=GIF),
    Line("GET", "/app/images/<image>", the_owner(200)),
    Line("GET", "/app/drafts", everybody(200)),
    Line("GET", "/app/drafts/<draft>", the_owner(200)),
    Line("POST", "/app/drafts/<draft>", everybody(200), form=MAIL),  # of another's id: a draft of one's own, apart
    Line("POST", "/app/drafts/<draft>/ready", the_owner(204, others=409), form={"version": "1"}),
    Line("POST", "/app/drafts/<draft>/discard", everybody(303)),  # what is not there is thrown away already
    Line("POST", "/app/drafts/<draft>/restore", everybody(404)),  # only what was discarded comes back
    Line("GET", "/app/people", everybody(200), query="?find=hidden"),
    Line("GET", "/app/people/names", everybody(200), query="?of=hidden@customer.test"),
    Line("POST", "/app/drafts/<draft>/send", the_owner(303, others=422), form=MAIL),  # others connected no account
    Line("GET", "/app/items", everybody(200)),
    Line("GET", "/app/items", everybody(200), query="?q=title"),
    Line("GET", "/app/pick", everybody(200), query="?find=title"),
    Line("GET", "/app/pick/<type>", everybody(200), query="?find=title"),
    Line("GET", "/app/items/new", everybody(200)),
    Line("POST", "/app/items/new", everybody(303), form=ITEM | {"type": "deal", "id": "new"}),
    Line("GET", "/app/items/import", everybody(200)),
    Line("POST", "/app/items/import", everybody(422)),  # without a file; with one: test_web_items.py
    Line("GET", "/app/items/import/sample.csv", everybody(200)),
    Line("GET", "/app/items/import/<import>", the_owner(200)),
    Line("GET", "/app/items/import/<import>/progress", the_owner(200)),
    Line("GET", "/app/items/import/<import>/refused.csv", the_owner(200)),
    Line("GET", "/app/items/<type>/<item>/edit", who_changes_the_board(200)),
    Line("POST", "/app/items/<type>/<item>/edit", who_changes_the_board(303, others=409), form=ITEM | {"version": "1"}),
    Line("GET", "/app/items/<type>/<item>/delete", who_changes_the_board(200)),
    Line("POST", "/app/items/<type>/<item>/delete", who_changes_the_board(303), form={"version": "1"}),
    Line("GET", "/app/items/<type>/<item>", who_sees_the_board(200)),
    Line("GET", "/app/items/<type>/<item>", who_sees_the_sales(200), places={"item": SALES.id}),
    Line("GET", "/app/alerts", everybody(200)),
    Line("GET", "/app/alerts/bulb", everybody(200)),
    Line("GET", "/app/alerts/bulb", everybody(200), query=f"?live=inbox&of={PLACES['conversation']}"),
    Line("GET", "/app/alerts/bulb", everybody(200), query=f"?live=conversation&of={PLACES['conversation']}"),
    Line("GET", "/app/alerts/bulb", everybody(200), query=f"?live=item&of=deal:{PLACES['item']}"),
    Line("GET", "/app/alerts/follow", the_owner(303), query="?alert=1"),
    Line("POST", "/app/alerts/read", the_owner(303, others=422), form={"up_to": "1"}),
    Line("GET", "/app/statistics/pools", everybody(200)),
    Line("GET", "/app/statistics", everybody(200)),
    Line("GET", "/app/team/<group>", administrators(200), query="?cursor="),  # nobody here leads it
    Line("GET", "/app/statistics", administrators(200), query="?group=sales"),  # nobody here leads it
    Line("GET", "/app/settings", everybody(200)),
    Line("POST", "/app/settings/tracking", everybody(303), form={"alerts": "on"}),
    Line("POST", "/app/settings/alerts", everybody(303), form={"alert_choice": "clicks"}),
    Line("POST", "/app/settings/preferences", everybody(303), form=PREFERENCES),
    Line("POST", "/app/settings/signature", everybody(303), form={"signature": "Kind regards"}),
    Line("POST", "/app/settings/zone", everybody(204), form={"zone": "Europe/Rome"}),
    Line("POST", "/app/settings/sign-out-everywhere", everybody(303)),
    Line("GET", "/app/settings/accounts", everybody(200)),
    Line("POST", "/app/settings/accounts", everybody(303), form={"address": "new@example.test", "transport": "ses"}),
    Line("POST", "/app/settings/accounts/disconnect", the_owner(303), form={"address": THEIRS}),
    Line("POST", "/app/settings/accounts/invite", the_owner(303, others=422), form={"address": THEIRS}),
    Line("GET", "/app/settings/keys", everybody(200)),
    Line("POST", "/app/settings/keys", everybody(200), form={"name": "One of my own", "scope": "read"}),
    Line("POST", "/app/settings/keys/<key>/revoke", the_owner(303)),
    Line("GET", "/app/users", administrators(200)),
    Line("POST", "/app/users", administrators(303), form={"address": "invited@example.test"}),
    Line("POST", "/app/users/<user>/groups", administrators(303), form={"groups": "sales"}),
    Line("POST", "/app/users/<user>/disabled", administrators(303), form={"disabled": "true"}),
    Line("POST", "/app/users/<user>/invitation", administrators(409)),  # that one has come already
    Line("GET", "/app/audit", administrators(200)),
    Line("GET", "/app/deletions", administrators(200)),
    Line("GET", "/app/evidence", administrators(200)),
    Line("GET", "/app/evidence", administrators(200), query="?message=01a20a00-0000-7000-8000-000000000001"),
    Line("GET", "/app/rules", administrators(200)),
    Line(
        "POST",
        "/app/rules",
        administrators(303),
        form={"version": "1", "rules": "eu-strict", "opens": "off", "links": "individual"},
    ),
    # What people allow is nobody's alone; somebody who connected no account cannot ask them.
    Line("GET", "/app/consents", everybody(200), query="?address=buyer@customer.test"),
    Line("GET", "/app/consents/proof", everybody(200), query="?address=buyer@customer.test"),
    Line(
        "POST",
        "/app/consents/ask",
        the_owner(303, others=422),
        form={"address": "buyer@customer.test", "language": "en", "purposes": "opens"},
    ),
    Line(
        "POST",
        "/app/consents/spoken",
        everybody(303),
        form={
            "address": "buyer@customer.test",
            "opens": "granted",
            "heard": "Somebody",
            "words": "Yes",
            "at": "2026-01-31T09:30",
        },
    ),
    Line("GET", "/app/consents/import", administrators(200)),
    Line("POST", "/app/consents/import", administrators(422)),  # without a file; with one: test_web_imports.py
    Line("GET", "/app/consents/import/sample.csv", administrators(200)),
    Line("GET", "/app/consents/import/<import>", administrators(200), places={"import": CONSENTS}),
    Line("GET", "/app/consents/import/<import>/progress", administrators(200), places={"import": CONSENTS}),
    Line("GET", "/app/consents/import/<import>/refused.csv", administrators(200), places={"import": CONSENTS}),
    Line("GET", "/app/privacy", administrators(200)),
    Line("GET", "/app/privacy/counts", administrators(200)),
    Line("GET", "/app/privacy/closings", administrators(200)),
    Line("GET", "/app/privacy/ledger", administrators(200)),
    Line("GET", "/app/privacy/head", administrators(200)),
    Line("GET", "/app/privacy/papers/<paper>", administrators(200)),
    Line("GET", "/app/privacy/people", administrators(200)),
    Line("POST", "/app/privacy/person", administrators(200), form={"address": "buyer@customer.test"}),
    Line(
        "POST",
        "/app/privacy/person/ask",
        administrators(303),
        form={"address": "buyer@customer.test", "do": "export", "reason": ""},
    ),
    Line("GET", "/app/privacy/people/<job>", administrators(200)),
    Line("GET", "/app/notices", everybody(200)),
    Line("POST", "/app/notices/seen", everybody(303), form={"up_to": "1"}),
)


def test_no_route_is_left_out_of_this_table():
    tabled = {(line.method, line.template) for line in TABLE}
    routes = {(route.method, route.template) for route in ROUTES}
    assert routes - tabled == set(), "add a Line for each of these to TABLE"
    assert tabled - routes == set(), "these are no routes"


def test_what_only_administrators_get_is_what_the_routes_say():
    of_administrators = {
        (line.method, line.template)
        for line in TABLE
        if not line.query and line.gets("owner", "shared") == 404 and line.gets("admin", "shared") != 404
    }
    assert of_administrators == {(route.method, route.template) for route in ROUTES if route.need == "administrator"}


class Scene:
    """The owner's mail, items, draft, image, key, accounts and alert, and the others beside them."""

    def __init__(self, kind):
        stage = self.stage = Stage()
        for user in (ALL, SOME, OUT, THIRD):
            stage.users.create(user)
            stage.provider.people[user.address] = claims_of(user)
        for ref, group in ((SALES, "sales"), (BOARD, "board")):
            item = Item(ref, f"Title {ref.id}", REP.address, "group", group, maker=REP.id, made_at=1, version=1)
            stage.items.put(item, None)
        sender, now = Mailbox(REP.address, REP.name), stage.clock.now
        message = Message(
            PLACES["message"], REP.id, "<m@example.test>", PLACES["conversation"], sender, SUBJECT, now,
            track_opens=True, track_clicks=True, visibility=kind, items=(SALES, BOARD),
        )  # fmt: skip
        recipients = (
            Recipient(0, Mailbox("buyer@customer.test"), "to", "failed"),
            Recipient(1, Mailbox("hidden@customer.test"), "bcc", "sent"),
        )
        stored = StoredMessage(message, recipients, Report(), None)
        stage.messages.create(stored, None)
        stage.mail.put(original_name(message.id), ORIGINAL, "message/rfc822")
        inbox.add_message(stored, stage.inbox)
        writing = DraftContent(to="buyer@customer.test", subject="A draft of mine", html="<p>x</p>")
        stage.drafts.write(REP.id, StoredDraft(PLACES["draft"], 1, now, writing), None)
        stage.mail.put(upload_name(REP.id, PLACES["image"]), GIF, "image/gif")
        stage.keys.create(ApiKey(PLACES["key"], REP.id, "My key", ("read",), digest_of("x"), now))
        stage.accounts.write(Account(REP.id, THEIRS, "", "ses", verified=True))
        stage.imports.write(Import(PLACES["import"], REP.id, "u", "csv", now, "done", 1, 1, 1), None)
        stage.imports.write(Import(CONSENTS, ADMIN.id, "u", "csv", now, "done", 1, 1, 1, kind="consents"), None)
        stage.subject_jobs.write(SubjectJob(PLACES["job"], "s", "export", now), None)
        stage.mail.put(
            LAST_HEAD, b'{"number": 0, "hash": "0", "signed_at": "2026-11-26T01:20:00.000Z"}', "application/json"
        )
        alert = ShownAlert("1", "open", now, message.id, "An alert of mine", "buyer@customer.test", None, "new")
        stage.alerts.alerts[REP.id] = [alert]

    def owners(self):
        """Return all that is the owner's, to see whether it changed."""
        stage = self.stage
        made = {ref: item for ref, item in stage.items.items.items() if item.maker == REP.id}
        stores = (
            stage.messages.messages, stage.messages.rows, stage.drafts.kept, stage.keys.keys, stage.accounts.accounts,
            stage.settings.settings, stage.preferences.kept, stage.inbox.kept, stage.alerts.read, stage.mail.files,
            made, stage.secrets.secrets, stage.queue.queued, stage.users.users[REP.id],
        )  # fmt: skip
        return [_owned(store) for store in copy.deepcopy(stores)]

    def ask(self, who, line):
        browser = self.stage.browser(PEOPLE[who])
        before = self.owners()
        if line.body:
            headers = {**browser.origin, "x-csrf": browser.csrf()}
            answer = browser.ask(line.method, line.address, body=line.body, headers=headers)
        elif line.method == "POST":
            answer = browser.post(line.address, line.form)
        else:
            answer = browser.get(line.address)
        return answer, before == self.owners()


def _owned(store):
    """Leave out of a store's rows those that name another user; what names nobody is the owner's or everybody's."""
    if not isinstance(store, dict):
        return store
    others = [user.id for user in PEOPLE.values() if user is not None and user is not REP]
    return {key: value for key, value in store.items() if not any(other in repr(key) for other in others)}


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("kind", ["private", "shared"])
@pytest.mark.parametrize("line", TABLE, ids=str)
def test_each_principal_gets_what_the_table_says_and_nothing_of_anothers(line, kind, who):
    answer, unchanged = Scene(kind).ask(who, line)
    if who == "anonymous":
        assert answer.status == 303
        assert answer.headers["location"].startswith("/app/sign-in")
        assert answer.text == ""
        assert unchanged
        return
    assert answer.status == line.gets(who, kind), answer.text
    if who == "owner":
        return
    assert unchanged, "another changed what is the owner's"
    assert not [secret for secret in SECRETS if secret in answer.text and secret not in line.form.values()]
    assert (SUBJECT in answer.text) <= sees_mail(who, kind)
    assert ("Title 4711" in answer.text) <= (who == "sees all")
    assert ("Title 42" in answer.text) <= (who in ("sees all", "sees some"))


@pytest.mark.parametrize("line", [line for line in TABLE if "<" in line.template], ids=str)
def test_what_one_may_not_see_answers_as_what_does_not_exist(line):
    answer, _ = Scene("private").ask("outsider", line)
    if answer.status != 404:
        return
    absent = {
        name: "01900000-0000-7000-8000-0000000000ff" for name in PLACES if name not in ("type", "index", "number")
    }
    nothing, _ = Scene("private").ask(
        "outsider", Line(line.method, line.template, line.gets, line.query, line.form, line.body, absent)
    )
    assert (nothing.status, nothing.said) == (answer.status, answer.said)


@pytest.mark.parametrize(
    ("method", "path", "location"),
    [
        ("GET", "/", "/app"),
        ("GET", "/app/sign-in", "https://id.test/authorize"),
        ("POST", "/app/sign-out", "/app/sign-in"),
    ],
)
def test_the_doors_own_addresses_lead_on(method, path, location):
    browser = Scene("shared").stage.browser()
    answer = browser.get(path) if method == "GET" else browser.post(path)
    assert (answer.status, answer.headers["location"].startswith(location)) == (303, True)


@pytest.mark.parametrize("line", [line for line in TABLE if line.method == "POST"], ids=str)
def test_no_change_is_made_without_the_word_of_the_own_form(line):
    scene = Scene("shared")
    browser = scene.stage.browser(PEOPLE["admin" if line.gets("admin", "shared") == 303 else "owner"])
    before = scene.owners()
    answer = browser.ask("POST", line.address, form={**line.form, "csrf": "guessed"}, headers=browser.origin)
    assert answer.status == 403
    foreign = {"origin": "https://evil.test", "sec-fetch-site": "cross-site", "x-csrf": browser.csrf()}
    assert browser.ask("POST", line.address, form=line.form, headers=foreign).status == 403
    assert scene.owners() == before
