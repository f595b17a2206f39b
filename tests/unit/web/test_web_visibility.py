"""Every page about a mail or an item, for six principals, private and shared: what one may not see does not exist."""

import re
from dataclasses import replace

import pytest

from functions.web.routes import ROUTES
from ocello.domain.crm.items import Item
from ocello.domain.messages.message import ItemRef, Mailbox, Message, Recipient, Report
from ocello.domain.people.users import User
from ocello.services.inbox import inbox
from ocello.services.sending.ports import StoredMessage
from tests.fakes.web import ADMIN, REP, Stage, claims_of

DEAL, SECRET = ItemRef("deal", "42"), ItemRef("deal", "4711")
ALL = User("01900000-0000-7000-8000-00000000000a", "sees-all@example.test", "All", given_groups=("sales", "board"))
SOME = User("01900000-0000-7000-8000-00000000000b", "sees-some@example.test", "Some", given_groups=("sales",))
OUT = User("01900000-0000-7000-8000-00000000000c", "outsider@example.test", "Out")
PEOPLE = {"anonymous": None, "owner": REP, "sees all items": ALL, "sees some": SOME, "outsider": OUT, "admin": ADMIN}
MESSAGE, ASIDE, NOTE = (f"01a20a00-0000-7000-8000-00000000000{number}" for number in (1, 2, 3))

ABOUT_THE_MAIL = [
    f"/app/messages/{MESSAGE}",
    f"/app/messages/{MESSAGE}/body",
    f"/app/messages/{MESSAGE}/attachments",
    f"/app/messages/{MESSAGE}/hits",
    f"/app/messages/{MESSAGE}/times",
    f"/app/conversations/{MESSAGE}",
    f"/app/conversations/{MESSAGE}/times",
    f"/app/conversations/{MESSAGE}?at={MESSAGE}",
    f"/app/compose?reply={MESSAGE}",
]
OF_ITS_FILES = {"/app/messages/<message>/attachments/<number>"}  # this mail has none: tried in test_web_access.py
CHANGES = {
    "/app/messages/<message>/recipients/<index>/send",
    "/app/messages/<message>/sharing",
    "/app/messages/<message>/answer",
    "/app/conversations/<conversation>/mute",
    "/app/conversations/<conversation>/unmute",
}


ABOUT_ITEMS = [  # the pages of one item, for who may change it
    "/app/items/deal/42/edit",
    "/app/items/deal/42/delete",
]
OF_ONESELF = {  # pages of items that reach nothing of anybody else's
    "/app/items", "/app/pick", "/app/pick/<type>", "/app/items/new", "/app/items/import", "/app/items/import/sample.csv",
    "/app/items/import/<import>", "/app/items/import/<import>/progress", "/app/items/import/<import>/refused.csv",
}  # fmt: skip


@pytest.fixture(params=["private", "shared"])
def kind(request):
    return request.param


@pytest.fixture
def stage(kind):
    return made(kind)


def made(kind):
    stage = Stage()
    for user in (ALL, SOME, OUT):
        stage.users.create(user)
        stage.provider.people[user.address] = claims_of(user)
    for ref, group in ((DEAL, "sales"), (SECRET, "board")):
        item = Item(ref, f"Title {ref.id}", REP.address, "group", group, maker=REP.id, made_at=1, version=1)
        stage.items.put(item, None)
    put(stage, MESSAGE, "A confidential offer", kind, (DEAL, SECRET))
    return stage


def put(stage, identifier, subject, visibility, items):
    message = Message(
        id=identifier,
        owner=REP.id,
        message_id=f"<{identifier}@example.test>",
        conversation_id=MESSAGE,
        sender=Mailbox(REP.address, REP.name),
        subject=subject,
        created_at=stage.clock.now,
        track_opens=True,
        track_clicks=True,
        visibility=visibility,
        items=items,
    )
    recipients = (
        Recipient(0, Mailbox("buyer@customer.test"), "to", "sent"),
        Recipient(1, Mailbox("hidden@customer.test"), "bcc", "sent"),
    )
    stored = StoredMessage(message, recipients, Report(), None)
    stage.messages.create(stored, None)
    stage.mail.put(f"messages/{identifier}/original.eml", b"Subject: x\r\n\r\nthe text", "message/rfc822")
    inbox.add_message(stored, stage.inbox)


def may(who, kind):
    return who == "owner" or (who == "sees all items" and kind == "shared")


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", ABOUT_THE_MAIL)
def test_a_mails_pages_exist_for_whom_they_may(stage, kind, who, path):
    user = PEOPLE[who]
    answer = stage.browser(user).get(path)
    if user is None:
        assert answer.headers["location"].startswith("/app/sign-in")
        return
    allowed = may(who, kind)
    assert (answer.status in (200, 303)) == allowed
    if not allowed:
        missing = stage.browser(user).get(path.replace(MESSAGE, MESSAGE[:-1] + "9"))
        assert (answer.status, answer.said) == (404, missing.said)
    if user is not REP:
        assert "hidden@customer.test" not in answer.text, "Bcc is for the owner alone"
        assert not (not allowed and "confidential" in answer.text)


WHOLE = ["A confidential offer", "A private aside", "A note to sales"]
SEEN = {  # of a thread of three: as the table says, private, and shared with sales alone
    ("owner", "private"): WHOLE,
    ("owner", "shared"): WHOLE,
    ("sees all items", "private"): WHOLE[2:],
    ("sees all items", "shared"): [WHOLE[0], WHOLE[2]],
    ("sees some", "private"): WHOLE[2:],
    ("sees some", "shared"): WHOLE[2:],
}
OF_THE_THREAD = ["", "/times", f"?at={NOTE}", f"?at={ASIDE}"]


def add_thread(stage, kind, who, *, whole=True):
    """Add the thread's two other mails; not `whole`: a thread of nothing but what `who` sees of it."""
    wanted = SEEN.get((who, kind), []) if not whole else WHOLE
    if WHOLE[0] not in wanted:
        del stage.messages.messages[MESSAGE]
    for identifier, subject, visibility in ((ASIDE, WHOLE[1], "private"), (NOTE, WHOLE[2], "shared")):
        if subject in wanted:
            put(stage, identifier, subject, visibility, (DEAL,))


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "anonymous"])
@pytest.mark.parametrize("path", OF_THE_THREAD)
def test_a_thread_is_shown_to_each_as_if_what_they_may_not_see_had_never_been(stage, kind, who, path):
    add_thread(stage, kind, who)
    address = f"/app/conversations/{MESSAGE}{path}"
    answer = stage.browser(PEOPLE[who]).get(address)
    seen = SEEN.get((who, kind), [])
    if path.endswith(ASIDE):
        seen = [subject for subject in seen if subject != WHOLE[2]]
    assert answer.status == (200 if seen else 404)
    assert [subject for subject in WHOLE if subject in answer.text] == seen
    alone = made(kind)
    add_thread(alone, kind, who, whole=False)
    assert alone.browser(PEOPLE[who]).get(address).said == answer.said


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "anonymous"])
@pytest.mark.parametrize(("place", "identifier"), list(enumerate((MESSAGE, ASIDE, NOTE))))
def test_a_mails_address_leads_each_who_sees_it_into_its_thread(stage, kind, who, place, identifier):
    add_thread(stage, kind, who)
    browser = stage.browser(PEOPLE[who])
    answer = browser.get(f"/app/messages/{identifier}")
    if WHOLE[place] not in SEEN.get((who, kind), []):
        assert answer.status == 404
        return
    assert answer.headers["location"] == f"/app/conversations/{MESSAGE}#m-{identifier}"
    assert f'id="m-{identifier}"' in browser.get(answer.headers["location"]).text


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("anonymous", "owner")])
def test_a_long_thread_is_paged_without_gaps_whatever_lies_between(stage, who):
    last = MESSAGE[:-3]
    for number in range(300, 360):
        put(stage, f"{last}{number}", f"Nr {number}", "shared" if number % 4 == 0 else "private", (DEAL,))
    browser = stage.browser(PEOPLE[who])
    address, found = f"/app/conversations/{MESSAGE}", []
    while address:
        page = browser.get(address)
        found += re.findall(r'id="m-[^"]+(3\d\d)"', page.text)[::-1]
        older = re.search(r'href="(/app/conversations/[^"]+)">Older mail', page.text)
        address = older[1] if older else ""
    expected = [str(number) for number in range(356, 299, -4)] if who in ("sees all items", "sees some") else []
    assert found == expected


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "owner"])
def test_nobody_else_changes_who_may_see_a_mail(stage, kind, who):
    browser = stage.browser(PEOPLE[who])
    form = {"visibility": "shared", "version": "0", "item": ["deal:42"]}
    answer = browser.post(f"/app/messages/{MESSAGE}/sharing", form)
    assert answer.status == (303 if PEOPLE[who] is None else 404)
    message = stage.messages.messages[MESSAGE].message
    assert (message.visibility, message.items) == (kind, (DEAL, SECRET))
    if may(who, kind):
        assert "/sharing" not in browser.get(f"/app/conversations/{MESSAGE}").text


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "owner"])
@pytest.mark.parametrize("change", ["mute", "unmute"])
def test_nobody_else_mutes_a_mail(stage, who, change):
    before = stage.messages.messages[MESSAGE]
    answer = stage.browser(PEOPLE[who]).post(f"/app/conversations/{MESSAGE}/{change}", {})
    assert answer.status == (303 if PEOPLE[who] is None else 404)
    assert stage.messages.messages[MESSAGE] == before


def test_a_colleague_follows_up_without_bcc_and_in_a_thread_of_their_own(stage):
    stage.messages.messages[MESSAGE] = replace(
        stage.messages.messages[MESSAGE],
        message=replace(stage.messages.messages[MESSAGE].message, visibility="shared", references=("<above@x.test>",)),
    )
    page = stage.browser(ALL).get(f"/app/compose?reply={MESSAGE}").text
    assert "buyer@customer.test" in page
    assert f"&lt;{MESSAGE}@example.test&gt;" in page
    assert "hidden@" not in page
    assert "above@" not in page


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("ref", [DEAL, SECRET], ids=["deal of the sales", "deal of the board"])
def test_an_items_page_exists_for_whom_it_may_and_lists_what_they_may_see(stage, kind, who, ref):
    user = PEOPLE[who]
    answer = stage.browser(user).get(f"/app/items/deal/{ref.id}")
    if user is None:
        assert answer.headers["location"].startswith("/app/sign-in")
        return
    sees = who in ("owner", "sees all items") or (who == "sees some" and ref == DEAL)
    assert answer.status == (200 if sees else 404)
    assert ("A confidential offer" in answer.text) == (sees and may(who, kind))
    listed = stage.browser(user).get("/app/items").text
    assert (f"Title {ref.id}" in listed) == sees
    found = stage.browser(user).get(f"/app/items?q={ref.id}").text
    assert (f"Title {ref.id}" in found) == sees


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", ABOUT_ITEMS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_item_is_changed_and_deleted_on_pages_by_who_may_and_by_nobody_else(stage, who, path, method):
    user, before = PEOPLE[who], dict(stage.items.items)
    browser = stage.browser(user)
    form = {"title": "Changed", "visibility": "company", "version": "1"}
    answer = browser.get(path) if method == "GET" else browser.post(path, form)
    unseen = (
        409 if method == "POST" and path.endswith("/edit") else 404
    )  # an edit met nothing: it was deleted meanwhile
    expected = {"sees all items": 403, "sees some": 403, "outsider": unseen, "admin": unseen}
    expected["owner"] = 200 if method == "GET" else 303
    if user is None:
        assert answer.headers["location"].startswith("/app/sign-in")
    else:
        assert answer.status == expected[who], answer.text
    changed = method == "POST" and who == "owner"
    assert (stage.items.items != before) == changed
    shown = stage.browser(user).get("/app/items/deal/42") if user else None
    if not changed and shown and shown.status == 200:
        assert (path in shown.text) == (who == "owner"), "a button for who may, and for nobody else"


def test_an_import_is_for_whom_it_belongs_to(stage):
    taken = stage.browser(REP).upload("/app/items/import", {}, "file", "a.csv", b"type,id,title\ndeal,,\n")
    page = taken.headers["location"]
    for path in (page, f"{page}/progress", f"{page}/refused.csv"):
        assert stage.browser(REP).get(path).status == 200
        for who in (ALL, ADMIN):
            assert stage.browser(who).get(path).status == 404
    assert page not in stage.browser(ALL).get("/app/items/import").text


@pytest.mark.parametrize("who", PEOPLE)
def test_only_what_one_sees_is_offered_and_can_be_named(stage, who):
    user = PEOPLE[who]
    if user is None:
        return
    ref = ItemRef("person", "7")
    stage.items.put(Item(ref, "Hidden Harry", REP.address, "group", "board", maker=REP.id, made_at=1, version=1), None)
    sees = who in ("owner", "sees all items")
    browser = stage.browser(user)
    assert ("Hidden Harry" in browser.get("/app/pick/person?find=harry").text) == sees
    assert ("Hidden Harry" in browser.get("/app/items/new?type=deal&person=7").text) == sees
    form = {"type": "deal", "id": "n", "title": "T", "person": "7", "visibility": "owner", "version": "0"}
    made = browser.post("/app/items/new", form)
    assert made.status == (303 if sees else 422)
    assert ("Hidden Harry" in made.text) is False


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("anonymous", "owner")])
def test_what_a_page_asks_by_itself_tells_each_what_its_page_does(stage, kind, who):
    browser = stage.browser(PEOPLE[who])
    sees = may(who, kind)
    told = browser.get(f"/app/alerts/bulb?live=conversation&of={MESSAGE}").text
    assert (f"people-{MESSAGE}" in told) == sees
    assert "hidden@customer.test" not in told
    told = browser.get("/app/alerts/bulb?live=item&of=deal:42").text
    assert (f"marks-{MESSAGE}" in told) == sees
    add_thread(stage, kind, who)
    told = browser.get(f"/app/alerts/bulb?live=conversation&of={MESSAGE}").said
    alone = made(kind)
    add_thread(alone, kind, who, whole=False)
    assert alone.browser(PEOPLE[who]).get(f"/app/alerts/bulb?live=conversation&of={MESSAGE}").said == told


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in ("anonymous", "owner")])
def test_no_list_search_count_or_alert_of_another_tells_of_the_mail(stage, kind, who):
    browser = stage.browser(PEOPLE[who])
    for path in ("/app", "/app?show=tracked", "/app?q=confidential", "/app?item=deal:42", "/app/alerts", "/app/drafts"):
        assert "A confidential offer" not in browser.get(path).text, path
    assert MESSAGE not in browser.get(f"/app/alerts/bulb?live=inbox&of={MESSAGE}").text
    title = "Title 42" in browser.get("/app?item=deal:42").text
    assert title == (who in ("sees all items", "sees some"))
    assert "<dd>1" not in browser.get("/app/statistics").text
    if kind == "private":
        assert "<dd>1" not in browser.get("/app/items/deal/42").text


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "anonymous"])
@pytest.mark.parametrize("group", ["sales", "board", "nobody"])
@pytest.mark.parametrize("lead", [False, True])
def test_a_groups_totals_are_there_for_its_leads_and_administrators_alone(stage, who, group, lead):
    user = PEOPLE[who]
    if lead:
        stage.users.update(replace(user, given_groups=(*user.given_groups, "leads")))
    answer = stage.browser(user).get(f"/app/statistics?group={group}")
    sees = user.admin or (lead and group in user.given_groups)
    assert answer.status == (200 if sees else 404)
    if not sees:
        assert answer.said == stage.browser(user).get("/app/statistics?group=no-such").said, "as one that is not there"
    assert REP.address not in answer.text or user is REP


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "owner"])
def test_nobody_else_sends_a_copy_again(stage, who):
    browser = stage.browser(PEOPLE[who])
    answer = browser.post(f"/app/messages/{MESSAGE}/recipients/0/send")
    assert answer.status == (303 if PEOPLE[who] is None else 404)
    assert not stage.queue.queued


def test_the_table_names_every_page_about_a_mail_or_an_item(kind):
    assert kind in ("private", "shared")
    about = {route.template for route in ROUTES if "<message>" in route.template or "<conversation>" in route.template}
    tried = {
        path.replace(MESSAGE, "<message>").replace("conversations/<message>", "conversations/<conversation>")
        for path in ABOUT_THE_MAIL
    }
    assert about - tried == CHANGES | OF_ITS_FILES
    items = {route.template for route in ROUTES if route.template.startswith(("/app/items", "/app/pick"))}
    tried = {path.replace("deal/42", "<type>/<item>") for path in [*ABOUT_ITEMS, "/app/items/deal/42"]}
    assert items == tried | OF_ONESELF


def test_a_mail_is_linked_to_items_as_it_is_written(stage):
    browser = stage.browser(REP)
    assert "Title 42" in browser.get("/app/pick?find=title").text
    form = {
        "version": "0",
        "to": "a@b.test",
        "subject": "Linked",
        "html": "x",
        "item": ["deal:42"],
        "visibility": "shared",
    }
    answer = browser.post("/app/drafts/01900000-0000-7000-8000-00000000d4af/send", form)
    assert answer.status == 303, answer.text
    made = next(stored.message for stored in stage.messages.messages.values() if stored.message.subject == "Linked")
    assert (made.visibility, made.items) == ("shared", (DEAL,))
    assert "Linked" in stage.browser(SOME).get("/app/items/deal/42").text
    assert "Linked" in browser.get("/app?item=deal:42").text
