"""What the API shows of received mail, and to whom."""

from dataclasses import replace
from typing import Any

import pytest

from ocello.domain.mailboxes.kept import ReceivedMail
from ocello.domain.mailboxes.received import MailRef
from ocello.domain.messages.message import Mailbox
from tests.contract.api.test_api_visibility import Scene
from tests.fakes.world import NOON

BUYER, SECRET = "buyer@customer.test", "secret@example.test"


def answer_to(to: dict[str, Any], number: int = 1, **changes: Any) -> ReceivedMail:
    """Return an answer of the buyer's to a message that the API made."""
    mail = ReceivedMail(
        name=f"{number:040x}",
        owner="",
        account="rep@example.test",
        conversation=to["conversation_id"],
        message=to["id"],
        recipients=(0,),
        sender=Mailbox(BUYER, "Bea Buyer"),
        at=NOON + number,
        kind="reply",
        reasons=("no_program",),
        ref=MailRef("INBOX", f"1.{number}"),
    )
    return replace(mail, **changes)


@pytest.fixture
def scene(api):
    return Scene(api)


def keep(scene, *mails):
    for mail in mails:
        scene.api.received.add(
            replace(mail, owner=mail.owner or scene.api.messages.messages[mail.message].message.owner), "s" * 43, 0
        )


def test_what_was_received_on_a_message_is_listed_with_reasons_in_words(scene):
    message = scene.ask("owner", "GET", f"/v1/messages/{scene.messages['shared']}").json
    keep(scene, answer_to(message, 2), answer_to(message, 1, kind="auto", reasons=("auto_replied",), in_spam=True))
    answer = scene.ask("owner", "GET", f"/v1/messages/{message['id']}/replies")
    assert answer.status == 200
    assert answer.json == {
        "items": [
            {
                "id": f"{message['conversation_id']}.{1:040x}",
                "kind": "auto",
                "reasons": [{"code": "auto_replied", "text": "it says of itself that it is an automatic answer"}],
                "from": {"address": BUYER, "name": "Bea Buyer"},
                "at": "2026-09-21T14:13:20.001Z",
                "message": message["id"],
                "recipients": [0],
                "in_spam": True,
            },
            answer.json["items"][1],
        ],
        "next": None,
    }
    assert answer.json["items"][1]["kind"] == "reply"


def test_a_long_list_is_paged_and_refuses_a_cursor_of_another(scene):
    message, other = (scene.ask("owner", "GET", f"/v1/messages/{each}").json for each in scene.messages.values())
    keep(scene, *(answer_to(message, number) for number in range(1, 6)), answer_to(other, 9))
    path, found, cursor = f"/v1/messages/{message['id']}/replies", [], None
    while True:
        page = scene.ask("owner", "GET", path, query=[("limit", "2"), *([("cursor", cursor)] if cursor else [])]).json
        found += [item["id"].rpartition(".")[2] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
        wrong = scene.ask("owner", "GET", f"/v1/messages/{other['id']}/replies", query=[("cursor", cursor)])
        assert wrong.status == 422
    assert found == [f"{number:040x}" for number in range(1, 6)]


@pytest.mark.parametrize("path", ["/v1/messages/{id}/replies", "/v1/conversations/{conversation_id}/received"])
def test_received_mail_is_shown_to_who_sees_the_mail_that_it_answers(scene, path):
    for visibility, seers in (("private", {"owner"}), ("shared", {"owner", "sees all"})):
        message = scene.ask("owner", "GET", f"/v1/messages/{scene.messages[visibility]}").json
        keep(scene, answer_to(message), answer_to(message, 2, sender=Mailbox(SECRET), blind=True))
        for who in scene.tokens:
            answer = scene.ask(who, "GET", path.format(**message))
            assert answer.status == (401 if who == "anonymous" else 200 if who in seers else 404), (who, visibility)
            if answer.status == 200:
                assert len(answer.json["items"]) == (2 if who == "owner" else 1)
            assert who == "owner" or SECRET.encode() not in answer.raw


def test_what_answers_none_of_the_mails_is_its_owners_alone(scene):
    message = scene.ask("owner", "GET", f"/v1/messages/{scene.messages['shared']}").json
    owner = scene.api.messages.messages[message["id"]].message.owner
    keep(scene, answer_to(message, message="", recipients=(), owner=owner))
    path = f"/v1/conversations/{message['conversation_id']}/received"
    assert [item["message"] for item in scene.ask("owner", "GET", path).json["items"]] == [None]
    assert scene.ask("sees all", "GET", path).json["items"] == []
    assert scene.ask("owner", "GET", f"/v1/messages/{message['id']}/replies").json["items"] == []


@pytest.mark.parametrize("name", ["no-id", "0199a000-0000-7000-8000-000000000000"])
def test_a_conversation_that_is_not_there_is_not_found(scene, name):
    assert scene.ask("owner", "GET", f"/v1/conversations/{name}/received").status == 404


def test_a_message_says_of_each_recipient_when_they_answered_and_how_a_copy_bounced(scene):
    path = f"/v1/messages/{scene.messages['shared']}"
    fresh = scene.ask("owner", "GET", path).json["recipients"]
    assert {(each["replied_at"], each["away_at"], each["bounce"]) for each in fresh} == {(None, None, None)}
    rows = scene.api.messages.rows
    (first, second) = sorted(key for key in rows if key[0] == scene.messages["shared"])
    rows[first] = replace(rows[first], replied_at=NOON, away_at=NOON + 1)
    rows[second] = replace(rows[second], status="bounced", bounce_status="5.1.1", diagnostic="550 unknown")
    one, two = scene.ask("owner", "GET", path).json["recipients"]
    assert (one["replied_at"], one["away_at"]) == ("2026-09-21T14:13:20.000Z", "2026-09-21T14:13:20.001Z")
    assert two["bounce"] == {"status": "5.1.1", "diagnostic": "550 unknown"}
    rows[second] = replace(rows[second], bounce_status="")
    assert scene.ask("owner", "GET", path).json["recipients"][1]["bounce"]["status"] is None
