import base64
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.people.users import TrackingSettings
from ocello.domain.tracking.hits import Hit
from tests.contract.api.conftest import REP, Api
from tests.fakes.engagement.settling import CHROME
from tests.fakes.world import NOON

NONE_YET = {"count": 0, "machine": 0, "unknown": 0, "first": None, "last": None, "times": []}


def test_a_message_sent_is_answered_as_the_contract_spells_it(api):
    sent = api.send(items=[{"type": "deal", "id": "42"}], cc=["Ann Lee <ann@customer.test>"], bcc=["boss@example.test"])
    identifier = sent["id"]
    assert sent == {
        "id": identifier,
        "message_id": f"<{identifier}@example.test>",
        "conversation_id": identifier,
        "status": "queued",
        "from": "rep@example.test",
        "to": ["buyer@customer.test"],
        "cc": ["Ann Lee <ann@customer.test>"],
        "bcc": ["boss@example.test"],
        "subject": "Offer",
        "sent_at": None,
        "tracking": {"opens": True, "clicks": True},
        "visibility": "private",
        "items": [{"type": "deal", "id": "42"}],
        "opens": NONE_YET,
        "clicks": NONE_YET,
        "recipients": [
            {
                "index": index,
                "address": address,
                "kind": kind,
                "status": "queued",
                "words": "",
                "message_id": None,
                "replied_at": None,
                "away_at": None,
                "bounce": None,
                "tracking": {
                    "opens": "individual",
                    "links": "individual",
                    "basis": "none",
                    "rules": "none/1",
                    "limited_by": None,
                    "reason": "allowed",
                },
                "opens": NONE_YET,
                "clicks": NONE_YET,
            }
            for index, (kind, address) in enumerate(
                [("to", "buyer@customer.test"), ("cc", "ann@customer.test"), ("bcc", "boss@example.test")]
            )
        ],
        "links": [{"index": 0, "url": "https://example.com/a?x=1&y=2#z", "text": "the offer", "clicks": NONE_YET}],
        "untracked": [],
    }
    assert api.queue.queued == [(identifier, 0), (identifier, 1), (identifier, 2)]
    assert api.call("GET", f"/v1/messages/{identifier}").json == sent


def test_engagement_is_shown_where_it_belongs_with_times_in_milliseconds_oldest_first(api):
    sent = api.send()
    times = (NOON + 1, NOON + 2_005)
    opens = Summary(2, 1, 0, times[0], times[1], times)
    clicks = Summary(1, 0, 3, times[1], times[1], (times[1],))
    link = replace(clicks, times=())
    api.messages.engagements[sent["id"]] = Engagement(opens, clicks, {0: Actions(opens, clicks)}, {0: link})
    row = api.messages.rows[sent["id"], 0]
    api.messages.rows[sent["id"], 0] = replace(
        row, status="sent", provider_message_id="<x@y>", sent_at=NOON + 7, changed_at=NOON
    )
    shown = api.call("GET", f"/v1/messages/{sent['id']}").json
    spelled = ["2026-09-21T14:13:20.001Z", "2026-09-21T14:13:22.005Z"]
    assert shown["opens"] == {
        "count": 2,
        "machine": 1,
        "unknown": 0,
        "first": spelled[0],
        "last": spelled[1],
        "times": spelled,
    }
    assert shown["recipients"][0]["opens"] == shown["opens"]
    assert shown["recipients"][0]["message_id"] == "<x@y>"
    assert shown["links"][0]["clicks"] == {**shown["clicks"], "times": []}
    assert (shown["status"], shown["sent_at"]) == ("sent", "2026-09-21T14:13:20.007Z")


def test_a_copy_on_its_way_is_shown_as_queued_in_a_message_being_sent(api):
    sent = api.send()
    api.recipients.claim(sent["id"], 0, NOON)
    shown = api.call("GET", f"/v1/messages/{sent['id']}").json
    assert (shown["status"], shown["recipients"][0]["status"]) == ("sending", "queued")


@pytest.mark.parametrize("suffix", ["", "/hits", "/source"])
def test_a_message_of_somebody_else_is_as_absent_as_none(api, suffix):
    sent = api.send()
    theirs = api.call("GET", f"/v1/messages/{sent['id']}{suffix}", auth=api.colleague)
    nobodys = api.call("GET", f"/v1/messages/0198c0de-0000-7000-8000-00000000ffff{suffix}", auth=api.colleague)
    assert (theirs.status, theirs.json) == (404, nobodys.json)


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        (None, {"opens": True, "clicks": False}),
        ({"opens": False, "clicks": True}, {"opens": False, "clicks": True}),
        ({"clicks": True}, {"opens": True, "clicks": True}),
        ({}, {"opens": True, "clicks": False}),
        ({"except": ["https://example.com/"]}, {"opens": True, "clicks": False}),
    ],
)
def test_what_is_left_out_of_track_follows_the_users_settings(api, track, expected):
    api.settings.write(REP.id, TrackingSettings(track_opens=True, track_clicks=False))
    assert api.send(track=track)["tracking"] == expected


def test_the_same_idempotency_key_gives_the_same_message_and_another_request_with_it_conflicts(api):
    body = {"to": ["a@customer.test"], "subject": "One"}
    first = api.call("POST", "/v1/messages", body, headers={"idempotency-key": "k, 1"})
    again = api.call("POST", "/v1/messages", body, headers={"idempotency-key": "k, 1"})
    other = api.call("POST", "/v1/messages", {**body, "subject": "Two"}, headers={"idempotency-key": "k, 1"})
    assert first.status == again.status == 202
    assert first.json["id"] == again.json["id"]
    assert other.status == 409
    assert len(api.messages.messages) == 1


def test_sending_without_a_connected_account_conflicts_and_says_what_to_do(api):
    answer = api.call("POST", "/v1/messages", {"to": ["a@customer.test"]}, auth=api.colleague)
    assert answer.status == 409
    assert "connect a sending account" in answer.json["detail"]


def test_a_base64_encoded_body_is_read_the_same(api):
    answer = api.call("POST", "/v1/messages", {"to": ["ä <a@customer.test>"], "subject": "é"}, encoded=True)
    assert (answer.status, answer.json["subject"], answer.json["to"]) == (202, "é", ["ä <a@customer.test>"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"to": []}, "to"),
        ({"to": "a@customer.test"}, "to"),
        ({"to": ["a@customer.test", "x\r\nBcc: y@z.test"]}, "to[1]"),
        ({"cc": ["nobody"]}, "cc[0]"),
        ({"subject": "a\nb"}, "subject"),
        ({"subject": 7}, "subject"),
        ({"html": 1}, "html"),
        ({"track": {"opens": "yes"}}, "track.opens"),
        ({"track": {"opened": True}}, "track.opened"),
        ({"visibility": "public"}, "visibility"),
        ({"items": [{"type": "deal"}]}, "items[0].id"),
        ({"items": [{"type": "boat", "id": "1"}]}, "items[0].type"),
        ({"in_reply_to": "no id"}, "in_reply_to"),
        ({"attachments": [{"upload": "../other", "filename": "a"}]}, "attachments[0].upload"),
        ({"attachments": [{"upload": "x", "filename": ""}]}, "attachments[0].filename"),
        ({"to": [f"a{n}@customer.test" for n in range(51)]}, "to"),
        ({"trak": {}}, "trak"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_naming_the_field(api, change, field):
    answer = api.call("POST", "/v1/messages", {"to": ["a@customer.test"], **change})
    assert answer.status == 422
    assert field in [error["field"] for error in answer.json["errors"]]
    assert not api.messages.messages
    assert not api.mail.files


def test_an_upload_becomes_an_attachment_of_the_message_that_names_it(api):
    form = api.call("POST", "/v1/uploads")
    assert form.status == 201
    assert form.json["fields"]["key"] == f"uploads/{REP.id}/{form.json['id']}"
    api.mail.files[form.json["fields"]["key"]] = b"%PDF"
    sent = api.send(attachments=[{"upload": form.json["id"], "filename": "offer.pdf"}])
    assert b"offer.pdf" in api.mail.files[f"messages/{sent['id']}/original.eml"]
    stolen = api.call(
        "POST",
        "/v1/messages",
        {"to": ["a@b.test"], "attachments": [{"upload": form.json["id"], "filename": "x"}]},
        auth=api.colleague,
    )
    assert stolen.status in (409, 422)


def test_the_source_is_the_untracked_original_byte_for_byte(api):
    sent = api.send()
    answer = api.call("GET", f"/v1/messages/{sent['id']}/source")
    assert answer.status == 200
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.raw == api.mail.files[f"messages/{sent['id']}/original.eml"]
    assert b"t.test" not in answer.raw


def test_a_source_over_four_megabytes_is_answered_by_its_address(api):
    sent = api.send()
    stored = api.messages.messages[sent["id"]]
    api.messages.messages[sent["id"]] = replace(stored, message=replace(stored.message, size=4_000_001))
    answer = api.call("GET", f"/v1/messages/{sent['id']}/source")
    assert (answer.status, answer.raw) == (303, b"")
    assert answer.headers["location"].startswith(f"https://bucket.test/messages/{sent['id']}/original.eml")


def test_a_copy_that_failed_is_sent_again_and_one_that_left_is_not(api):
    sent = api.send()
    address = f"/v1/messages/{sent['id']}/recipients/0/send"
    row = api.messages.rows[sent["id"], 0]
    api.messages.rows[sent["id"], 0] = replace(row, status="unknown")
    api.queue.queued.clear()
    assert api.call("POST", address).status == 202
    assert api.queue.queued == [(sent["id"], 0)]
    api.messages.rows[sent["id"], 0] = replace(row, status="sent")
    assert api.call("POST", address).status == 409
    assert api.call("POST", address, auth=api.colleague).status == 404
    assert api.call("POST", f"/v1/messages/{sent['id']}/recipients/1/send").status == 404
    assert api.call("POST", f"/v1/messages/{sent['id']}/recipients/x/send").status == 422


def hit(message, at, **changes):
    usual = {
        "message": message,
        "at": at,
        "request": f"r{at}",
        "kind": "open",
        "recipient": 0,
        "link": None,
        "method": "GET",
        "address": "198.51.100.7",
        "agent": "Mozilla/5.0",
        "headers": {},
        "flags": 0,
    }
    return Hit(**{**usual, **changes})


def test_hits_are_listed_oldest_first_with_verdict_confidence_and_reasons(api):
    sent = api.send()
    api.hits.hits[sent["id"]] = [
        hit(sent["id"], NOON + 900_000),
        hit(sent["id"], NOON + 60_000, kind="click", link=0, method="HEAD"),
    ]
    shown = api.call("GET", f"/v1/messages/{sent['id']}/hits").json
    assert [(entry["at"], entry["kind"], entry["link"], entry["verdict"]) for entry in shown["items"]] == [
        ("2026-09-21T14:14:20.000Z", "click", 0, "bot"),
        ("2026-09-21T14:28:20.000Z", "open", None, "privacy_proxy"),
    ]
    assert all(0 <= entry["confidence"] <= 1 and entry["reasons"] for entry in shown["items"])
    assert shown["next"] is None


def test_no_hit_shows_the_network_address_that_it_came_from(api):
    sent = api.send()
    api.hits.hits[sent["id"]] = [hit(sent["id"], NOON + 60_000)]
    for auth in ("", api.token()):  # by a key, and signed in
        answer = api.call("GET", f"/v1/messages/{sent['id']}/hits", auth=auth)
        assert len(answer.json["items"]) == 1
        assert "address" not in answer.json["items"][0]
        assert "198.51.100" not in json.dumps(answer.json)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(0, 80), limit=st.integers(1, 40))
def test_paging_hits_gives_each_once_in_order(count, limit):
    api = Api()
    sent = api.send()
    api.hits.hits[sent["id"]] = [hit(sent["id"], NOON + 1000 * n) for n in range(count)]
    listed = walk(api, f"/v1/messages/{sent['id']}/hits", limit)
    assert listed == walk(api, f"/v1/messages/{sent['id']}/hits", 200)
    assert [entry["folded"] for entry in listed] == [False, *[True] * (count - 1)][:count]


@settings(max_examples=15, deadline=None)
@given(count=st.integers(0, 12), limit=st.integers(1, 5))
def test_paging_messages_gives_each_once_newest_first(count, limit):
    api = Api()
    made = []
    for n in range(count):
        api.clock.pass_by(1)
        made.append(api.send(track={"opens": n % 2 == 0, "clicks": False})["id"])
    assert [entry["id"] for entry in walk(api, "/v1/messages", limit)] == made[::-1]
    assert [entry["id"] for entry in walk(api, "/v1/messages", limit, tracked="true")] == made[::2][::-1]


def walk(api, path, limit, **query):
    found, cursor = [], None
    while True:
        request = [("limit", str(limit)), *query.items(), *([("cursor", cursor)] if cursor else [])]
        answer = api.call("GET", path, query=request)
        assert answer.status == 200, answer.raw
        assert len(answer.json["items"]) <= limit
        found += answer.json["items"]
        cursor = answer.json["next"]
        if cursor is None:
            return found


def test_a_hits_cursor_of_another_message_or_one_tampered_with_is_refused(api):
    one, other = api.send(), api.send()
    for sent in (one, other):
        api.hits.hits[sent["id"]] = [hit(sent["id"], NOON + n) for n in range(3)]
    cursor = api.call("GET", f"/v1/messages/{one['id']}/hits", query=[("limit", "1")]).json["next"]
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for message, given_cursor in ((other, cursor), (one, changed), (one, "é"), (one, "")):
        answer = api.call("GET", f"/v1/messages/{message['id']}/hits", query=[("cursor", given_cursor)])
        assert answer.status == 422
        assert answer.json["errors"][0]["field"] == "cursor"


MAIL = (
    b'From: me@else.test\r\nTo: "Last, First" <a@b.test>\r\nBcc: c@d.test\r\nMessage-ID: <m@else.test>\r\n'
    b'Content-Type: text/html\r\n\r\n<p><a href="https://example.com/">x</a></p>\r\n'
)
RFC822 = {"content-type": "message/rfc822"}


def test_instrumenting_gives_a_copy_for_each_recipient_of_the_mail(api):
    answer = api.call("POST", "/v1/track", MAIL, headers=RFC822)
    assert answer.status == 201
    copies = {copy["recipient"]: base64.b64decode(copy["raw"]) for copy in answer.json["copies"]}
    assert list(copies) == ["a@b.test", "c@d.test"]
    assert len(set(copies.values())) == 2
    assert all(b"https://t.test/o/" in copy and b"https://t.test/c/" in copy for copy in copies.values())
    assert not any(b"Bcc" in copy for copy in copies.values())
    message = answer.json["message"]
    assert (message["from"], message["message_id"], message["status"]) == ("me@else.test", "<m@else.test>", "sent")
    assert all(set(copy) == {"recipient", "raw"} for copy in answer.json["copies"])


def test_instrumenting_takes_recipients_and_choices_from_the_query(api):
    query = [("rcpt", '"Comma, With" <x@y.test>'), ("rcpt", "z@y.test"), ("opens", "true"), ("clicks", "false")]
    answer = api.call("POST", "/v1/track", MAIL, headers=RFC822, query=query)
    assert [copy["recipient"] for copy in answer.json["copies"]] == ["x@y.test", "z@y.test"]
    assert answer.json["message"]["tracking"] == {"opens": True, "clicks": False}
    assert b"https://example.com/" in base64.b64decode(answer.json["copies"][0]["raw"])


@pytest.mark.parametrize("way", ["send", "track"])
def test_links_are_left_alone_by_their_exact_decoded_target_and_by_domain(api, way):
    api.settings.write(REP.id, TrackingSettings(track_clicks=True, never_track=("own.test",)))
    html = '<a href="https://a.test/?x=1&amp;y=2">1</a><a href="https://a.test/?x=1">2</a><a href="https://own.test/">3</a>'
    left = ["https://a.test/?x=1&y=2", "https://nobody.test/"]
    if way == "send":
        message = api.send(html=html, track={"clicks": True, "except": left})
    else:
        raw = f"From: me@else.test\r\nTo: a@b.test\r\nContent-Type: text/html\r\n\r\n{html}".encode()
        query = [("except", each) for each in left]
        message = api.call("POST", "/v1/track", raw, headers=RFC822, query=query).json["message"]
    assert [link["url"] for link in message["links"]] == ["https://a.test/?x=1"]
    assert [(each["where"], each["reason"]) for each in message["untracked"] if each["what"] == "link"] == [
        ("https://a.test/?x=1&y=2", "except"),
        ("https://own.test/", "never-track"),
    ]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ([("rcpt", "nobody")], "rcpt[0]"),
        ([("opens", "perhaps")], "opens"),
        ([("rcpt", "a@b.test")] * 2 + [("rcpt", "")], "rcpt[2]"),
    ],
)
def test_instrumenting_refuses_a_query_that_does_not_fit(api, query, field):
    answer = api.call("POST", "/v1/track", MAIL, headers=RFC822, query=query)
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == field


def test_copies_over_four_megabytes_in_all_are_answered_by_their_addresses(api):
    body = MAIL + b"<!-- " + b"x" * 2_100_000 + b" -->"
    answer = api.call("POST", "/v1/track", body, headers=RFC822)
    assert answer.status == 201
    identifier = answer.json["message"]["id"]
    for index, copy in enumerate(answer.json["copies"]):
        assert copy["url"].startswith(f"https://bucket.test/messages/{identifier}/copies/{index}.eml")
        assert set(copy) == {"recipient", "url"}
        assert b"https://t.test/o/" in api.mail.files[f"messages/{identifier}/copies/{index}.eml"]


def test_a_page_too_large_for_the_gateway_is_made_shorter_and_goes_on(api):
    html = "".join(f'<a href="https://example.com/{n}?{"q" * 800}">{n}</a>' for n in range(900))
    made = []
    for _ in range(5):
        api.clock.pass_by(1)
        made.append(api.send(html=html)["id"])
    answer = api.call("GET", "/v1/messages")
    assert len(answer.raw) < 6_000_000
    assert 0 < len(answer.json["items"]) < 5
    assert [entry["id"] for entry in walk(api, "/v1/messages", 50)] == made[::-1]


def test_what_is_down_is_answered_by_503_and_leaves_nothing_half_done(api):
    api.mail.down = True
    answer = api.call("POST", "/v1/messages", {"to": ["a@customer.test"]})
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert "bucket" not in json.dumps(answer.json)
    assert not api.messages.messages
    assert not api.queue.queued


def test_a_message_is_judged_anew_for_its_owner_and_told_with_what_its_hits_come_to(api):
    sent = api.send()
    path = f"/v1/messages/{sent['id']}/rejudge"
    assert api.call("POST", path).json == {
        "id": sent["id"],
        "result": "unchanged",
        "opens": NONE_YET,
        "clicks": NONE_YET,
    }
    hit = Hit(sent["id"], NOON + 1, "r", "open", 0, None, "GET", "192.0.2.7", CHROME, {}, 0)
    api.hits.hits[sent["id"]] = [hit]
    api.judge.settle(sent["id"], [hit])
    api.hits.hits[sent["id"]] = [hit._replace(agent="curl/8")]
    answer = api.call("POST", path)
    assert (answer.status, answer.json["result"]) == (202, "rebuilt")
    assert (answer.json["opens"]["count"], answer.json["opens"]["machine"]) == (0, 1)
    assert api.call("GET", f"/v1/messages/{sent['id']}").json["opens"] == answer.json["opens"]
