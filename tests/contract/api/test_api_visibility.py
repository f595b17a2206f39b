"""Every route of messages and items × six principals × private and shared: who gets what, and who gets 404."""

from dataclasses import replace

import pytest

from functions.api.access import ROUTES
from ocello.domain.crm.items import Item
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.messages.message import ItemRef
from ocello.domain.people.users import TrackingSettings, User
from ocello.domain.tracking.hits import Hit
from ocello.services.items.items import viewer_of
from tests.contract.api.conftest import REP, user_id
from tests.fakes.world import NOON

SEES_ALL = User(user_id(11), "sees-all@example.test", groups=("sales", "north"))
SEES_SOME = User(user_id(12), "sees-some@example.test", groups=("sales",))
OUTSIDER = User(user_id(13), "out@example.test")
ADMIN = User(user_id(14), "boss@example.test", admin=True)
PRINCIPALS = ("anonymous", "owner", "sees all", "sees some", "outsider", "admin")
SALES, NORTH = ItemRef("deal", "42"), ItemRef("organization", "Nördlich & Co")

# What each principal gets of a message that is linked to SALES and NORTH: 401, 200, or 404 as if it were not there.
PRIVATE = dict(zip(PRINCIPALS, (401, 200, 404, 404, 404, 404), strict=True))
SHARED = dict(zip(PRINCIPALS, (401, 200, 200, 404, 404, 404), strict=True))
OWNERS = PRIVATE
SALES_SEEN = dict(zip(PRINCIPALS, (401, 200, 200, 200, 404, 404), strict=True))
NORTH_SEEN = dict(zip(PRINCIPALS, (401, 200, 200, 404, 404, 404), strict=True))


class Scene:
    """Two messages of the rep, one private and one shared, both linked to two items, with a hit of each recipient."""

    def __init__(self, api):
        self.api = api
        for user in (SEES_ALL, SEES_SOME, OUTSIDER, ADMIN):
            api.users.create(user)
        api.users.update(replace(REP, groups=("sales", "north")))
        for ref, group in ((SALES, "sales"), (NORTH, "north")):
            item = Item(ref, "An item", REP.address, "group", group, maker=REP.id, made_at=NOON - 9, version=1)
            api.items.items[ref] = item
        api.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=True))
        items = [{"type": ref.type, "id": ref.id} for ref in (SALES, NORTH)]
        self.messages = {}
        for visibility in ("private", "shared"):
            api.clock.pass_by(1)
            sent = api.send(visibility=visibility, items=items, bcc=["secret@example.test"])["id"]
            self.messages[visibility] = sent
            one, two = Summary(1, 0, 0, NOON, NOON, (NOON,)), Summary(2, 0, 0, NOON, NOON, (NOON, NOON))
            both = {0: Actions(one, one), 1: Actions(one, Summary(1))}
            api.messages.engagements[sent] = Engagement(two, two, both, {0: two})
            api.hits.hits[sent] = [self.hit(sent, recipient) for recipient in (0, 1)]
        self.tokens = {
            "anonymous": None,
            "owner": api.rep,
            "sees all": api.key_of(SEES_ALL),
            "sees some": api.key_of(SEES_SOME),
            "outsider": api.key_of(OUTSIDER),
            "admin": api.key_of(ADMIN),
        }

    @staticmethod
    def hit(message, recipient):
        return Hit(
            message, NOON + recipient, f"r{recipient}", "open", recipient, None, "GET", "192.0.2.7", "Agent", {}, 0
        )

    def ask(self, who, method, path, body=None, **more):
        return self.api.call(method, path, body, auth=self.tokens[who], **more)


@pytest.fixture
def scene(api):
    return Scene(api)


MESSAGE_ROUTES = [
    ("GET", "/v1/messages/<message_id>", None),
    ("GET", "/v1/messages/<message_id>/hits", None),
    ("GET", "/v1/messages/<message_id>/replies", None),
    ("PATCH", "/v1/messages/<message_id>", "owner"),
    ("GET", "/v1/messages/<message_id>/source", "owner"),
    ("POST", "/v1/messages/<message_id>/recipients/<index>/send", "owner"),
    ("GET", "/v1/messages/<message_id>/mute", "owner"),
    ("PUT", "/v1/messages/<message_id>/mute", "owner"),
    ("DELETE", "/v1/messages/<message_id>/mute", "owner"),
    ("POST", "/v1/messages/<message_id>/rejudge", "administrator"),
]
ITEM_ROUTES = [
    ("GET", "/v1/items/<item_type>/<item_id>"),
    ("GET", "/v1/items/<item_type>/<item_id>/messages"),
    ("GET", "/v1/items/<item_type>/<item_id>/stats"),
]
LISTS = ["/v1/messages", "/v1/alerts", "/v1/items", "/v1/stats"]
OF_ONESELF = {  # routes that reach nothing of anybody else's, whatever is asked
    ("POST", "/v1/messages"), ("POST", "/v1/track"), ("POST", "/v1/uploads"), ("GET", "/v1/settings"),
    ("PUT", "/v1/settings"), ("POST", "/v1/alerts/read"), ("POST", "/v1/keys"), ("GET", "/v1/keys"),
    ("DELETE", "/v1/keys/<key_id>"), ("GET", "/v1/accounts"), ("GET", "/v1/accounts/<address>"),
    ("PUT", "/v1/accounts/<address>"), ("DELETE", "/v1/accounts/<address>"), ("POST", "/v1/items/import"),
    ("GET", "/v1/imports/<import_id>"), ("GET", "/v1/imports"), ("DELETE", "/v1/sessions"),
}  # fmt: skip
OF_THE_WORKSPACE = {  # routes that reach no mail and no item
    # Of recipients, for whoever has the scope: what somebody allows is no message's and no item's.
    ("GET", "/v1/consents/<address>"), ("PUT", "/v1/consents/<address>"), ("GET", "/v1/consents/<address>/proof"),
    ("POST", "/v1/consents/requests"), ("POST", "/v1/consents/import"),
    ("POST", "/v1/subjects"), ("GET", "/v1/subjects/<job_id>"),
    ("GET", "/v1/suppressions/<address>"), ("DELETE", "/v1/suppressions/<address>"), ("GET", "/v1/forecast"),
}  # fmt: skip


def test_no_route_is_left_out_of_this_table():
    told = {(method, template) for method, template, *_ in (*MESSAGE_ROUTES, *ITEM_ROUTES)}
    told |= {("GET", path) for path in LISTS} | {(how, "/v1/items/<item_type>/<item_id>") for how in ("PUT", "DELETE")}
    told.add(("GET", "/v1/conversations/<conversation_id>/received"))  # received/test_api_received.py
    rest = {(route.method, route.template) for route in ROUTES if route.need not in ("administrator", "nobody")}
    assert rest == told | OF_ONESELF | OF_THE_WORKSPACE


@pytest.mark.parametrize("who", PRINCIPALS)
@pytest.mark.parametrize("visibility", ["private", "shared"])
@pytest.mark.parametrize(("method", "template", "whose"), MESSAGE_ROUTES)
def test_a_message_is_there_for_whom_the_rule_says(scene, who, visibility, method, template, whose):
    path = template.replace("<message_id>", scene.messages[visibility]).replace("<index>", "0")
    expected = OWNERS if whose is not None or visibility == "private" else SHARED
    if whose == "administrator":
        expected = {**OWNERS, "admin": 200}
    body = {"visibility": "private", "items": []} if method == "PATCH" else None
    answer = scene.ask(who, method, path, body)
    done = {"POST": 202, "PUT": 204, "DELETE": 204}.get(method, 200)
    assert (done if expected[who] == 200 else expected[who]) == answer.status
    if answer.status == 404:
        nothing = scene.ask(who, method, path.replace(scene.messages[visibility], user_id(404)), body)
        assert answer.json == nothing.json
    kept = scene.api.messages.messages[scene.messages[visibility]].message
    assert (kept.items == ()) == (method == "PATCH" and who == "owner")
    assert kept.muted == (method == "PUT" and who == "owner")


@pytest.mark.parametrize("who", PRINCIPALS)
@pytest.mark.parametrize(("method", "template"), ITEM_ROUTES)
@pytest.mark.parametrize(
    ("path", "seen"), [("deal/42", SALES_SEEN), ("organization/N%C3%B6rdlich%20%26%20Co", NORTH_SEEN)]
)
def test_an_item_is_there_for_its_owner_and_its_group(scene, who, method, template, path, seen):
    answer = scene.ask(who, method, template.replace("<item_type>/<item_id>", path))
    assert answer.status == seen[who]
    if answer.status == 404:
        nothing = scene.ask(who, method, template.replace("<item_type>/<item_id>", "deal/nothing"))
        assert answer.json == nothing.json


@pytest.mark.parametrize(
    ("who", "listed"), [("owner", ["shared", "private"]), ("sees all", ["shared"]), ("sees some", [])]
)
def test_an_items_messages_and_figures_are_those_that_the_asker_sees(scene, who, listed):
    page = scene.ask(who, "GET", "/v1/items/deal/42/messages").json
    assert [each["id"] for each in page["items"]] == [scene.messages[each] for each in listed]
    assert page["next"] is None
    stats = scene.ask(who, "GET", "/v1/items/deal/42/stats").json
    counted = len(listed)
    assert stats == {"sent": counted, "tracked": counted, "opened": counted, "clicked": counted, "complete": True}


@pytest.mark.parametrize("who", PRINCIPALS[2:])
def test_nothing_of_another_stands_in_ones_own_lists(scene, who):
    assert scene.ask(who, "GET", "/v1/messages").json["items"] == []
    assert scene.ask(who, "GET", "/v1/alerts").json["items"] == []
    assert scene.ask(who, "GET", "/v1/stats").json["total"]["sent"] == 0
    listed = [each["id"] for each in scene.ask(who, "GET", "/v1/items").json["items"]]
    assert listed == {"sees all": [SALES.id, NORTH.id], "sees some": [SALES.id]}.get(who, [])
    assert [each["id"] for each in scene.ask(who, "GET", "/v1/items", query=[("q", "an item")]).json["items"]] == listed


@pytest.mark.parametrize("who", PRINCIPALS)
def test_an_item_is_written_by_who_may_and_refused_as_the_asker_sees_it(scene, who):
    expected = {"anonymous": 401, "owner": 200, "sees all": 403, "sees some": 403, "outsider": 404, "admin": 200}
    assert scene.ask(who, "PUT", "/v1/items/deal/42", {"title": "New"}).status == expected[who]
    assert (scene.api.items.items[SALES].title == "New") == (expected[who] == 200)


@pytest.mark.parametrize("who", PRINCIPALS)
def test_an_item_is_deleted_by_who_may_and_its_mails_are_their_owners_alone(scene, who):
    expected = {"anonymous": 401, "owner": 204, "sees all": 403, "sees some": 403, "outsider": 404, "admin": 204}
    answer = scene.ask(who, "DELETE", "/v1/items/deal/42")
    assert answer.status == expected[who]
    gone = expected[who] == 204
    assert (SALES not in scene.api.items.items) == gone
    shared = f"/v1/messages/{scene.messages['shared']}"
    assert scene.ask("owner", "GET", shared).status == 200
    assert scene.ask("sees all", "GET", shared).status == (404 if gone else 200)
    if who == "outsider":
        assert answer.json == scene.ask(who, "DELETE", "/v1/items/deal/nothing").json


def test_who_makes_a_deleted_item_again_reads_none_of_its_old_mails(scene):
    assert scene.ask("owner", "DELETE", "/v1/items/deal/42").status == 204
    scene.api.clock.pass_by(1)
    assert scene.ask("sees all", "PUT", "/v1/items/deal/42", {"title": "Mine", "visibility": "company"}).status == 201
    shared = f"/v1/messages/{scene.messages['shared']}"
    assert {scene.ask(who, "GET", shared).status for who in PRINCIPALS[2:]} == {404}
    assert scene.ask("sees all", "GET", "/v1/items/deal/42/messages").json["items"] == []
    assert scene.ask("sees all", "GET", "/v1/items/deal/42/stats").json["sent"] == 0
    assert scene.ask("owner", "GET", shared).status == 200


@pytest.mark.parametrize("who", PRINCIPALS[2:])
def test_bcc_and_its_hits_are_for_the_owner_alone(scene, who):
    identifier = scene.messages["shared"]
    owned = scene.ask("owner", "GET", f"/v1/messages/{identifier}").json
    assert owned["bcc"] == ["secret@example.test"]
    assert len(scene.ask("owner", "GET", f"/v1/messages/{identifier}/hits").json["items"]) == 2
    for path in (f"/v1/messages/{identifier}", f"/v1/messages/{identifier}/hits", "/v1/items/deal/42/messages"):
        assert b"secret@" not in scene.ask(who, "GET", path).raw
    if who == "sees all":
        hits = scene.ask(who, "GET", f"/v1/messages/{identifier}/hits").json["items"]
        assert [hit["recipient"] for hit in hits] == [0]
        listed = scene.ask(who, "GET", "/v1/items/deal/42/messages").json["items"]
        for shown in (scene.ask(who, "GET", f"/v1/messages/{identifier}").json, *listed):
            assert (shown["opens"]["count"], shown["clicks"]["count"], shown["links"][0]["clicks"]["count"]) == (
                1,
                1,
                1,
            )
            assert shown["opens"]["times"] == shown["recipients"][0]["opens"]["times"]
            assert [each["index"] for each in shown["recipients"]] == [0]
    assert (owned["opens"]["count"], owned["links"][0]["clicks"]["count"]) == (2, 2)


def test_a_stranger_cannot_make_the_item_of_anothers_mail_and_read_it(scene):
    sent = scene.api.send(visibility="shared", items=[{"type": "lead", "id": "1"}])["id"]
    scene.api.clock.pass_by(1)
    mine = {"title": "Mine now", "visibility": "company"}
    assert scene.ask("outsider", "PUT", "/v1/items/lead/1", mine).status == 201
    assert scene.ask("outsider", "GET", f"/v1/messages/{sent}").status == 404
    assert scene.ask("outsider", "GET", "/v1/items/lead/1/messages").json["items"] == []
    assert scene.ask("admin", "PUT", "/v1/items/lead/1", mine).status == 200
    assert scene.ask("outsider", "GET", f"/v1/messages/{sent}").status == 404, "nor is an administrator's word enough"


def test_a_shared_message_with_no_item_is_its_owners_alone(scene):
    sent = scene.api.send(visibility="shared")["id"]
    assert scene.ask("owner", "GET", f"/v1/messages/{sent}").status == 200
    assert {scene.ask(who, "GET", f"/v1/messages/{sent}").status for who in PRINCIPALS[2:]} == {404}


def test_a_mail_shared_afterwards_is_seen_and_one_made_private_is_not(scene):
    identifier = scene.messages["private"]
    path = f"/v1/messages/{identifier}"
    changed = scene.ask("owner", "PATCH", path, {"visibility": "shared"})
    assert (changed.status, changed.json["visibility"], len(changed.json["items"])) == (200, "shared", 2)
    assert changed.json == scene.ask("owner", "GET", path).json
    assert [scene.ask(who, "GET", path).status for who in PRINCIPALS] == list(SHARED.values())
    fewer = scene.ask("owner", "PATCH", path, {"items": [{"type": "deal", "id": "42"}]}).json
    assert fewer["items"] == [{"type": "deal", "id": "42"}]
    assert scene.ask("sees some", "GET", path).status == 200
    assert identifier in [
        each["id"] for each in scene.ask("sees some", "GET", "/v1/items/deal/42/messages").json["items"]
    ]
    assert scene.ask("owner", "PATCH", path, {"visibility": "private"}).status == 200
    assert scene.ask("sees some", "GET", path).status == 404
    assert scene.ask("sees some", "GET", "/v1/items/deal/42/messages").json["items"] == []
    assert scene.ask("owner", "GET", path).json["items"] == fewer["items"]


def test_a_list_that_lags_behind_shows_no_mail_that_was_just_made_private(scene):
    index = scene.api.ports.linked
    before = index.page(viewer_of(SEES_ALL), SALES, 9, None)
    scene.ask("owner", "PATCH", f"/v1/messages/{scene.messages['shared']}", {"visibility": "private"})
    index.page = lambda *_: before
    assert scene.ask("sees all", "GET", "/v1/items/deal/42/messages").json["items"] == []
    assert len(scene.ask("owner", "GET", "/v1/items/deal/42/messages").json["items"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"visibility": "public"}, "visibility"),
        ({"items": [{"type": "boat", "id": "1"}]}, "items[0].type"),
        ({"items": [{"type": "deal", "id": "1"}, {"type": "deal", "id": "x" * 5_000}]}, "items[1].id"),
        ({"items": [{"type": "deal", "id": "1"}] * 2}, "items"),
        ({"items": [{"type": "deal", "id": str(number)} for number in range(41)]}, "items"),
        ({"items": "deal:1"}, "items"),
        ({"subject": "New"}, "subject"),
    ],
)
def test_a_change_that_cannot_be_names_the_field(scene, body, field):
    answer = scene.ask("owner", "PATCH", f"/v1/messages/{scene.messages['shared']}", body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)
    assert scene.api.messages.messages[scene.messages["shared"]].message.version == 0


def test_the_item_of_a_stranger_is_not_opened_by_any_change_but_linking_it_again(scene):
    lead = {"type": "lead", "id": "1"}
    sent = scene.api.send(visibility="shared", items=[lead])["id"]
    scene.api.clock.pass_by(1)
    scene.ask("outsider", "PUT", "/v1/items/lead/1", {"title": "Mine now", "visibility": "company"})
    scene.api.clock.pass_by(1)
    for body in ({"visibility": "private"}, {"visibility": "shared"}, {"items": [lead]}):
        assert scene.ask("owner", "PATCH", f"/v1/messages/{sent}", body).status == 200
        assert scene.ask("outsider", "GET", f"/v1/messages/{sent}").status == 404
    scene.ask("owner", "PATCH", f"/v1/messages/{sent}", {"items": []})
    scene.ask("owner", "PATCH", f"/v1/messages/{sent}", {"items": [lead]})
    assert scene.ask("outsider", "GET", f"/v1/messages/{sent}").status == 200
