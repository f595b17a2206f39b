"""Items on pages: made, changed, deleted and imported, with what is wrong named and nothing typed lost."""

import csv
import html
import io
import re
from dataclasses import replace

import pytest

from functions.web.http import Request
from ocello.domain.common.errors import Invalid
from ocello.domain.crm.items import Item, ItemInput
from ocello.domain.imports.files import parse_file
from ocello.domain.imports.imports import Refusal
from ocello.domain.imports.items import ITEM_LINES, ItemLine
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.preferences import Preferences
from ocello.services.items.change_items import ItemWriter
from tests.fakes.web import ADMIN, OTHER, REP
from tests.unit.web.test_web_pages import XSS, Acting, engage, send

DEAL, ANN, ORG = ItemRef("deal", "42"), ItemRef("person", "7"), ItemRef("organization", "9")


def there(stage, ref, title="A thing", owner=REP, **other):
    usual = {"visibility": "company", "maker": owner.id, "made_at": 1, "version": 1}
    item = Item(ref, title, owner.address, **{**usual, **other})
    assert stage.items.put(item, None)
    return item


def form(**fields):
    return {"type": "deal", "title": "New press", "visibility": "company", "version": "0", **fields}


def value(page, name):
    """Return what a field of the form holds."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page) or re.search(
        rf'name="{name}"[^>]*>([^<]*)</textarea>', page
    )
    return html.unescape(found[1])


def test_an_item_is_made_with_all_that_belongs_to_it(stage, rep):
    there(stage, ANN, "Ann Lee", addresses=("ann@x.test",))
    there(stage, ORG, "Acme")
    made = rep.post("/app/items/new", form(id="42", person="7", organization="9", owner=OTHER.address.upper()))
    assert (made.status, made.headers["location"]) == (303, "/app/items/deal/42?done=made")
    item = stage.items.get(DEAL)
    assert (item.title, item.owner, item.maker, item.visibility) == ("New press", OTHER.address, REP.id, "company")
    assert item.related == (ANN, ORG)
    page = rep.get(made.headers["location"]).text
    assert "The item was created." in page
    assert "Ann Lee" in page
    assert "Otto Other" in page


def test_an_item_gets_an_id_and_an_owner_where_none_is_typed(stage, rep):
    places = [rep.post("/app/items/new", form(title=f"Number {number}")).headers["location"] for number in range(2)]
    assert len(set(places)) == 2
    for place in places:
        ref = ItemRef("deal", place.split("/")[4].partition("?")[0])
        assert re.fullmatch("[0-9a-f]{10}", ref.id)
        assert (stage.items.get(ref).owner, stage.items.get(ref).group) == (REP.address, "")


def test_what_a_type_does_not_have_is_not_taken_from_its_form(stage, rep):
    there(stage, ORG, "Acme")
    fields = form(type="organization", id="10", person="7", organization="9", addresses="a@x.test")
    assert rep.post("/app/items/new", fields).status == 303
    assert stage.items.get(ItemRef("organization", "10")).related == ()


WRONG = [
    ("title", "  ", {}),
    ("title", "x" * 301, {}),
    ("id", "a/b", {}),
    ("id", "taken", {}),
    ("id", "hidden", {}),
    ("owner", "nobody@example.test", {}),
    ("owner", "no address", {}),
    ("visibility", "all", {}),
    ("group", "", {"visibility": "group"}),
    ("person", "404", {}),
    ("organization", "404", {}),
    ("addresses", "fine@x.test\nnot one", {"type": "person"}),
    ("type", "offer", {}),
]


@pytest.mark.parametrize(("name", "typed", "more"), WRONG)
def test_what_is_wrong_is_named_at_its_field_and_nothing_typed_is_lost(stage, rep, name, typed, more):
    there(stage, ItemRef("deal", "taken"))
    there(stage, ItemRef("deal", "hidden"), owner=OTHER, visibility="owner")
    there(stage, ANN)
    before = dict(stage.items.items)
    fields = form(**{"title": "Presse „Ä“ & <co>", "id": "5", "person": "7", "owner": REP.address, **more, name: typed})
    refused = rep.post("/app/items/new", fields)
    assert (refused.status, stage.items.items) == (422, before)
    assert f'id="wrong-{name}"' in refused.text
    assert re.search(rf'name="{name}"[^>]*aria-invalid="true"|<fieldset class="seen" aria-invalid="true"', refused.text)
    assert f'href="#{name}"' in refused.text
    for kept in ("title", "id", "person", "owner"):
        assert value(refused.text, kept) == fields[kept]
    if name == "addresses":
        assert value(refused.text, "addresses") == typed
        assert "“not one”" in refused.text


def test_a_change_keeps_what_the_form_does_not_show(stage, rep):
    there(stage, ORG, "Hidden", owner=OTHER, visibility="owner")
    there(stage, DEAL, organization="9", person="gone")
    page = rep.get("/app/items/deal/42/edit").text
    assert (value(page, "organization"), value(page, "person"), "Hidden" in page) == ("", "", False)
    sent = form(title="Changed", visibility="owner", version=value(page, "version"))
    assert rep.post("/app/items/deal/42/edit", sent).status == 303
    item = stage.items.get(DEAL)
    assert (item.title, item.visibility, item.organization, item.person) == ("Changed", "owner", "9", "gone")


def test_a_relation_that_one_sees_is_taken_away_by_an_empty_field(stage, rep):
    there(stage, ORG, "Acme")
    there(stage, DEAL, organization="9")
    page = rep.get("/app/items/deal/42/edit").text
    assert (value(page, "organization"), 'data-title="Acme"' in page) == ("9", True)
    assert rep.post("/app/items/deal/42/edit", form(version="1")).status == 303
    assert stage.items.get(DEAL).organization == ""


def test_the_second_of_two_editors_is_told_what_the_first_wrote(stage, rep):
    there(stage, DEAL, "Before")
    change = {"items": stage.items, "users": stage.users, "clock": stage.clock}
    ItemWriter(**change).write(ADMIN, DEAL, ItemInput("By Ada", visibility="owner"))
    told = rep.post("/app/items/deal/42/edit", form(title="Mine", version="1"))
    assert (told.status, stage.items.get(DEAL).title) == (409, "By Ada")
    assert value(told.text, "title") == "Mine"
    assert re.search(r'id="theirs-title">Stands now: By Ada<', told.text)
    assert re.search(r'id="theirs-visibility">Stands now: only its owner<', told.text)
    assert 'id="theirs-owner"' in told.text, "the form was sent without one"
    again = rep.post("/app/items/deal/42/edit", form(title="Mine", version=value(told.text, "version")))
    assert (again.status, stage.items.get(DEAL).title) == (303, "Mine")


def test_what_the_second_does_not_see_of_the_change_is_not_told(stage, rep):
    before = there(stage, DEAL, "Same")
    stage.items.put(replace(before, organization="org-404", version=2), before)
    told = rep.post("/app/items/deal/42/edit", form(title="Mine", version="1"))
    assert (told.status, "org-404" in told.text) == (409, False)
    assert "Somebody else changed this item" in told.text
    same = rep.post("/app/items/deal/42/edit", form(title="Same", owner=REP.address, version="1"))
    assert (same.status, stage.items.get(DEAL).organization) == (303, "org-404"), "nothing is changed, nothing is met"


def test_who_edits_what_was_deleted_is_told_and_may_make_it_again(stage, rep):
    there(stage, DEAL)
    assert stage.items.delete(stage.items.get(DEAL))
    told = rep.post("/app/items/deal/42/edit", form(title="Mine", version="1"))
    assert (told.status, stage.items.get(DEAL)) == (409, None)
    assert "Somebody deleted this item" in told.text
    again = rep.post("/app/items/deal/42/edit", form(title="Mine", version=value(told.text, "version")))
    assert (again.status, stage.items.get(DEAL).title) == (303, "Mine")


def test_who_gives_an_item_away_and_sees_it_no_more_is_led_to_the_list(stage, rep):
    there(stage, DEAL)
    given = rep.post("/app/items/deal/42/edit", form(owner=OTHER.address, visibility="owner", version="1"))
    assert given.headers["location"] == "/app/items?done=changed"
    assert "You do not see this item any more" in rep.get(given.headers["location"]).text
    assert rep.get("/app/items/deal/42").status == 404


def test_groups_are_offered_and_one_that_others_chose_stays(stage):
    stage.users.update(replace(REP, given_groups=("north", "sales")))
    rep = stage.browser(REP)
    there(stage, DEAL, visibility="group", group="board")
    page = rep.get("/app/items/deal/42/edit").text
    assert re.findall(r"<option( selected)?>(\w+)</option>", page) == [
        (" selected", "board"),
        ("", "north"),
        ("", "sales"),
    ]
    made = rep.post("/app/items/new", form(id="1", visibility="group", group="sales"))
    assert made.status == 303
    assert stage.items.get(ItemRef("deal", "1")).group == "sales"


def test_a_deletion_says_first_what_becomes_of_the_mails(stage, rep):
    there(stage, DEAL)
    send(rep, item="deal:42", visibility="shared")
    page = rep.get("/app/items/deal/42/delete").text
    assert "1 mail that you see is linked to it." in page
    assert "Mails stay with whoever sent them." in page
    assert stage.items.get(DEAL) is not None
    gone = rep.post("/app/items/deal/42/delete", {"version": value(page, "version")})
    assert (gone.headers["location"], stage.items.get(DEAL)) == ("/app/items?done=deleted", None)
    assert "The item was deleted." in rep.get(gone.headers["location"]).text
    assert rep.get("/app/items/deal/42").status == rep.post("/app/items/deal/42/delete", {"version": "1"}).status == 404


def test_what_changed_since_the_question_is_not_deleted(stage, rep):
    before = there(stage, DEAL)
    stage.items.put(replace(before, title="Changed", version=2), before)
    told = rep.post("/app/items/deal/42/delete", {"version": "1"})
    assert (told.status, stage.items.get(DEAL).title) == (409, "Changed")
    assert "Somebody changed this item just now." in told.text


def test_an_items_page_tells_who_did_what_and_what_belongs_to_it(stage, rep):
    there(stage, ORG, "Acme")
    there(stage, DEAL, "New press", organization="9")
    there(stage, ANN, "Ann Lee", organization="9", addresses=("ann@x.test",))
    there(stage, ItemRef("deal", "secret"), "Secret deal", owner=OTHER, visibility="owner", organization="9")
    message = send(rep, to="Bea Buyer <buyer@customer.test>", item="organization:9")
    engage(stage, message, opens=1, clicks=1)
    page = rep.get("/app/items/organization/9").text
    moments = [
        " ".join(re.sub("<[^>]+>", " ", each).split()) for each in re.findall("<li><svg.*?</li>", page, re.DOTALL)
    ]
    assert len(moments) == 3
    assert any(each.startswith("Bea Buyer opened Offer") for each in moments)
    assert any(each.startswith("Bea Buyer clicked “the offer” in Offer") for each in moments)
    assert any(each.startswith("Rosa Rep has sent Offer") for each in moments)
    assert "That is all: nothing happened before." in page
    assert page.count("100% of the tracked") == 2
    assert ("New press" in page, "Ann Lee" in page, "Secret deal" in page) == (True, True, False)
    person = rep.get("/app/items/person/7").text
    assert "/app?q=ann%40x.test" in person or "/app?q=ann@x.test" in person


def test_a_long_timeline_ends_with_the_way_to_what_is_older(stage, rep):
    there(stage, DEAL)
    for number in range(27):
        stage.clock.pass_by(60)
        send(rep, subject=f"Mail {number}", item="deal:42")
    page = rep.get("/app/items/deal/42").text
    assert page.index("Mail 26") < page.index("Mail 3<")
    assert "What happened to older mails is on the next page." in page
    older = rep.get(html.unescape(re.search(r'href="(/app/items/deal/42\?cursor=[^"]+)"', page)[1])).text
    assert ("Mail 1<" in older, "Mail 2<" in older, "That is all" in older) == (True, False, True)


def test_an_item_without_mail_leads_to_writing_one(stage, rep):
    there(stage, ANN, addresses=("ann@x.test",))
    page = rep.get("/app/items/person/7").text
    way = html.unescape(re.search(r'href="(/app/compose\?item[^"]+)"', page)[1])
    composer = rep.get(way).text
    assert 'name="item" value="person:7"' in composer
    assert "&lt;ann@x.test&gt;</textarea>" in composer
    assert 'value="private" selected' in composer


def work(stage):
    while stage.import_queue.queued:
        stage.advance_import()


def test_an_import_is_taken_tells_its_progress_and_reports(stage, rep):
    rows = "".join(f"deal,{number},Deal {number}\r\n" for number in range(450))
    taken = rep.upload(
        "/app/items/import", {"format": ""}, "file", "deals.csv", f"type,id,title\r\n{rows}deal,,=1\r\n".encode()
    )
    page = taken.headers["location"]
    shown = rep.get(page).text
    assert "The file waits for its turn." in shown
    assert "every 2s" in shown
    stage.advance_import()
    progress = rep.get(f"{page}/progress").text
    assert "400 of 451 lines are done." in progress
    assert '<progress aria-label="Progress of the import" value="400" max="451">' in progress
    assert "every 2s" in progress
    assert "hx-swap-oob" not in progress
    work(stage)
    done = rep.get(f"{page}/progress").text
    assert ("every" in done, "Done: 451 lines." in done, 'id="report" hx-swap-oob' in done) == (False, True, True)
    assert re.findall(r"<dd>(\d+)</dd>", done) == ["450", "0", "1"]
    listed = rep.get("/app/items/import").text
    assert page in listed
    rep.upload("/app/items/import", {"format": "csv"}, "file", "deals", f"type,id,title\r\n{rows}".encode())
    work(stage)
    assert len(stage.items.items) == 450


def test_refused_lines_are_shown_and_downloaded_without_acting(stage, rep):
    records = b'[{"type": "deal", "id": "1", "title": ""}, {"=cmd()": 1}, {"<img src=x onerror=1>%s": 1}]'
    page = rep.upload("/app/items/import", {}, "file", "x.json", records).headers["location"]
    work(stage)
    shown = rep.get(page).text
    assert "=cmd()" in shown
    assert "<img src=x" not in shown
    answer = rep.get(f"{page}/refused.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.raw.decode("utf-8-sig"))))
    assert rows[:2] == [["line", "field", "reason"], ["1", "title", "must be 1 to 300 characters"]]
    assert rows[2][1] == "'=cmd()"


@pytest.mark.parametrize(
    ("name", "content", "kind"), [("items.xlsx", b"x", ""), ("", b"", ""), ("a.csv", b"", ""), ("a.csv", b"x", "xml")]
)
def test_a_file_that_cannot_be_taken_is_refused_on_the_page(stage, rep, name, content, kind):
    refused = rep.upload("/app/items/import", {"format": kind}, "file", name, content)
    assert refused.status == 422
    assert "Import items" in refused.text
    assert 'role="alert"' in refused.text
    assert not stage.imports.kept


def test_a_file_over_the_limit_is_refused(stage, rep):
    assert rep.upload("/app/items/import", {}, "file", "a.csv", b"x" * 4_000_000).status == 413
    assert not stage.imports.kept


def test_an_import_that_stopped_says_why_in_the_askers_language(stage, rep):
    stage.preferences.write(REP.id, Preferences(language="it"))
    page = rep.upload("/app/items/import", {}, "file", "a.csv", b"\xff").headers["location"]
    work(stage)
    shown = rep.get(page).text
    assert "L&#39;importazione si è fermata" in shown or "L'importazione si è fermata" in shown
    assert "file: non è UTF-8" in shown
    assert "Non è stato scritto nulla." in shown


@pytest.mark.parametrize(("language", "divider"), [("en", ","), ("it", ";")])
def test_the_sample_is_taken_as_it_is_given(stage, rep, language, divider):
    stage.preferences.write(REP.id, Preferences(language=language))
    sample = rep.get("/app/items/import/sample.csv")
    assert sample.raw.startswith(f"\ufefftype{divider}id{divider}".encode())
    found = list(parse_file(sample.raw, "csv", ITEM_LINES))
    assert {line.ref.type for line in found if isinstance(line, ItemLine)} == {"organization", "person", "deal", "lead"}
    page = rep.upload("/app/items/import", {}, "file", "sample.csv", sample.raw).headers["location"]
    work(stage)
    (made,) = stage.imports.kept.values()
    assert (made.status, made.written, made.refusals) == ("done", 4, ())
    assert rep.get(page).status == 200


def test_a_change_by_a_form_of_parts_needs_the_sessions_mark(stage, rep):
    refused = rep.upload("/app/items/import", {"csrf": "wrong"}, "file", "a.csv", b"type,id,title\n")
    assert (refused.status, stage.imports.kept) == (403, {})


def test_a_form_of_parts_is_read_byte_for_byte():
    content = b"\r\n--edg\r\n\x00\xff\r\n\r\n"
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="\xc3\xa4 b.csv"\r\nContent-Type: text/csv\r\n\r\n'
    text = b'\r\n--edge\r\nContent-Disposition: form-data; name="t"\r\n\r\n\xc3\xa4\r\n--edge--\r\n'
    headers = {"content-type": 'multipart/form-data; boundary="edge"'}
    found = Request("POST", "/", headers=headers, body=head + content + text).form()
    assert found.files["file"] == ("ä b.csv", content)
    assert found.fields == (("t", "ä"),)
    with pytest.raises(Invalid):
        Request("POST", "/", headers=headers, body=text.replace(b"\xc3", b"\xff")).form()


@pytest.mark.parametrize("text", XSS)
def test_hostile_text_is_text_on_every_page_of_items(stage, rep, text):
    there(stage, ANN, text, addresses=("ann@x.test",))
    there(stage, DEAL, text, visibility="group", group=text, person="7")
    send(rep, subject=text.replace("\u202e", ""), item="deal:42")
    refusal = Refusal(2, text, text)
    made = rep.upload("/app/items/import", {}, "file", text, b"x").text
    page = rep.upload("/app/items/import", {}, "file", "a.csv", b"x").headers["location"]
    work(stage)
    (key,) = stage.imports.kept
    stage.imports.kept[key] = replace(stage.imports.kept[key], refusals=(refusal,), reason=text)
    refused = rep.post("/app/items/new", form(title=text, id=text + "/", owner=text, group=text, addresses=text)).text
    there(stage, ItemRef("deal", "43"), text)
    met = rep.post("/app/items/deal/43/edit", form(title="Mine", version="9")).text
    pages = ["/app/items", "/app/items/deal/42", "/app/items/person/7", "/app/items/deal/42/edit", "/app/pick/person?find=a",
             "/app/items/deal/42/delete", page, f"{page}/progress", "/app/items/new?type=deal&person=7"]  # fmt: skip
    for shown in (made, refused, met, *(rep.get(each).text for each in pages)):
        found = Acting()
        found.feed(shown)
        assert not found.ways
