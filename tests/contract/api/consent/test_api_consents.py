"""What people said of being tracked: read, written down with its evidence, and proven."""

import base64
import hashlib
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ocello.adapters.consent.notice_files import texts
from ocello.domain.common.times import rfc3339
from ocello.domain.consent import ledger
from ocello.domain.consent.ledger import Confirmation, ConsentNotice
from ocello.domain.consent.subjects import subject_of
from ocello.services.consent.consents import Said
from tests import fakes
from tests.contract.api.conftest import REP, in_path

ANN = "ann@customer.test"
PATH = f"/v1/consents/{ANN}"
TEXT = "May we see when you open our mails? È facoltativo."


def evidence(api, **changes):
    return {
        "source": "form at https://example.com/ask",
        "at": rfc3339(api.clock() - 60_000),
        "notice": TEXT,
        "channel": "form",
        **changes,
    }


def write(api, *, path=PATH, auth="", evidence_of=None, **stated):
    return api.call("PUT", path, {**stated, "evidence": evidence_of or evidence(api)}, auth=auth)


def own_refusal(api, axis="opens"):
    """Let the person say no themself on their page."""
    return api.consents.record(Said(ANN, {axis: "refused"}, "page", api.clock(), source="/p/ m 0"))


def test_of_somebody_of_whom_nothing_is_known_both_are_unknown(api):
    answer = api.call("GET", PATH)
    nothing = {"state": "unknown", "at": None}
    assert answer.status == 200
    assert answer.json == {"address": ANN, "opens": nothing, "links": nothing, "history": []}


def test_a_consent_is_written_down_with_its_evidence_and_read_back(api):
    sent = evidence(api)
    answer = write(api, path="/v1/consents/Ann@Customer.test", evidence_of=sent, opens="granted")
    assert answer.status == 200
    assert answer.json == {
        "address": ANN,
        "opens": {"state": "granted", "at": sent["at"]},
        "links": {"state": "unknown", "at": None},
    }
    read = api.call("GET", PATH).json
    (row,) = read["history"]
    assert read["opens"] == answer.json["opens"]
    assert (row["event"], row["purpose"], row["channel"], row["actor"]) == ("granted", "opens", "form", REP.address)
    assert (row["source"], row["at"]) == (sent["source"], sent["at"])
    assert row["notice"]["sha256"] == hashlib.sha256(TEXT.encode()).hexdigest()


def test_a_purpose_that_is_not_named_stays_as_it_is(api):
    write(api, opens="granted", links="granted")
    later = evidence(api, at=rfc3339(api.clock()))
    answer = write(api, links="withdrawn", evidence_of=later)
    assert answer.json["opens"]["state"] == "granted"
    assert answer.json["links"] == {"state": "withdrawn", "at": later["at"]}
    assert [row["event"] for row in api.call("GET", PATH).json["history"]] == ["withdrawn", "granted", "granted"]


def test_the_same_said_twice_is_one_line(api):
    sent = evidence(api)
    for _ in range(2):
        assert write(api, evidence_of=sent, opens="granted").status == 200
    assert len(api.call("GET", PATH).json["history"]) == 1


@pytest.mark.parametrize(("stated", "closed"), [("withdrawn", True), ("refused", True), ("granted", False)])
def test_a_withdrawal_or_refusal_silences_mail_that_was_sent_and_a_consent_does_not(api, stated, closed):
    write(api, opens=stated)
    wanted = [(subject_of(ANN, fakes.SUBJECT_KEY), frozenset({"opens"}))]
    assert api.closed == (wanted if closed else [])


@pytest.mark.parametrize("channel", ["spoken", "api", "import"])
def test_nobody_else_lifts_what_a_person_refused_themself(api, channel):
    own_refusal(api)
    answer = write(api, opens="granted", evidence_of=evidence(api, at=rfc3339(api.clock() + 1), channel=channel))
    assert answer.status == 409
    assert "themself" in answer.json["detail"]
    assert api.call("GET", PATH).json["opens"]["state"] == "refused"
    assert [row["event"] for row in api.call("GET", PATH).json["history"]] == ["refused"]


def test_a_spoken_consent_says_who_heard_what(api):
    said = evidence(api, channel="spoken", source="On the phone: yes, you may see that I read it.", notice="")
    assert write(api, opens="granted", evidence_of=said).status == 200
    (row,) = api.call("GET", PATH).json["history"]
    assert (row["channel"], row["actor"], row["source"]) == ("spoken", REP.address, said["source"])
    refused = write(api, links="granted", evidence_of={**said, "source": " "})
    assert refused.status == 422
    assert refused.json["errors"][0]["field"] == "evidence.source"
    assert "who heard what" in refused.json["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": ""}, "evidence.source"),
        ({"at": "yesterday"}, "evidence.at"),
        ({"at": "2999-01-01T00:00:00Z"}, "evidence.at"),
        ({"notice": ""}, "evidence.notice"),
        ({"channel": "page"}, "evidence.channel"),
        ({"channel": "double_opt_in"}, "evidence.channel"),
        ({"channel": None}, "evidence.channel"),
        ({"more": 1}, "evidence.more"),
    ],
)
def test_evidence_that_proves_nothing_is_refused_by_its_field(api, changes, field):
    answer = write(api, opens="granted", evidence_of=evidence(api, **changes))
    assert answer.status == 422
    assert answer.json["errors"][0]["field"] == field
    assert api.ledger.entries == []


def test_one_purpose_is_needed_and_evidence_too(api):
    assert write(api).status == 422
    assert api.call("PUT", PATH, {"opens": "granted"}).status == 422
    assert write(api, opens="allowed").status == 422
    assert api.ledger.entries == []


@pytest.mark.parametrize("address", ["a?b@customer.test", "a#b@customer.test", "a/b@customer.test", "nobody"])
@pytest.mark.parametrize("decoded", [True, False])
def test_an_address_that_gateways_cut_or_that_is_none_is_422(api, address, decoded):
    named = address if decoded else in_path(address)
    for answer in (
        api.call("GET", f"/v1/consents/{named}"),
        write(api, path=f"/v1/consents/{named}", opens="granted"),
        api.call("GET", f"/v1/consents/{named}/proof"),
    ):
        assert answer.status == 422, answer.raw
        assert answer.json["errors"][0]["field"] == "address"


def test_the_scope_is_checked_before_the_body(api):
    reading, writing = api.key_of(REP, ["consent:read"]), api.key_of(REP, ["consent:write"])
    assert api.call("PUT", PATH, "{no json", auth=reading).status == 403
    assert api.call("PUT", PATH, "{no json", auth=writing).status == 400
    assert api.call("GET", PATH, auth=writing).status == 403
    assert api.call("GET", f"{PATH}/proof", auth=writing).status == 403


def test_no_network_and_no_sealed_address_is_shown(api):
    confirmed = Confirmation("req-7", "203.0.113.0/24", "Gecko Linux")
    notice = ConsentNotice("asking", "1", "en", "ab" * 32)
    api.consents.record(
        Said(ANN, {"opens": "granted"}, "double_opt_in", api.clock(), notice=notice, confirmation=confirmed)
    )
    answer = api.call("GET", PATH)
    assert answer.json["history"][0]["confirmation"] == {"request": "req-7", "agent": "Gecko Linux"}
    assert b"203.0.113" not in answer.raw
    assert b"sealed" not in answer.raw


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def verify(document):
    """Verify as somebody would who has the document alone. Raises InvalidSignature or AssertionError."""
    digest = hashlib.sha256(canonical(document["proof"])).hexdigest()
    assert json.loads(document["signed"]) == {"proof_sha256": digest}
    key = load_der_public_key(base64.b64decode(document["public_key"]))
    assert isinstance(key, RSAPublicKey)
    key.verify(base64.b64decode(document["signature"]), document["signed"].encode(), PKCS1v15(), SHA256())


def test_a_proof_holds_the_text_and_the_lines_and_is_signed(api):
    write(api, opens="granted")
    document = api.call("GET", f"{PATH}/proof").json
    verify(document)
    proof = document["proof"]
    (line,), (notice,) = proof["lines"], proof["notices"]
    assert (proof["address"], proof["opens"]["state"], notice["text"]) == (ANN, "granted", TEXT)
    assert hashlib.sha256(notice["text"].encode()).hexdigest() == notice["sha256"]
    assert ledger.verify([line], ledger.Head(**proof["head"])) is None
    assert ledger.read(line).notice.sha256 == notice["sha256"]


def test_a_proof_of_what_was_said_on_our_page_holds_the_text_of_the_page(api):
    shown = texts("page")["it"]
    api.consents.record(Said(ANN, {"opens": "refused"}, "page", api.clock(), source="/p/ m 0", notice=shown.notice))
    (notice,) = api.call("GET", f"{PATH}/proof").json["proof"]["notices"]
    assert notice["text"] == shown.whole()
    assert hashlib.sha256(notice["text"].encode()).hexdigest() == notice["sha256"]


def test_a_proof_that_was_changed_is_found_out(api):
    write(api, opens="granted")
    document = api.call("GET", f"{PATH}/proof").json
    with pytest.raises(AssertionError):
        verify({**document, "proof": {**document["proof"], "address": "bob@customer.test"}})
    forged = {**document["proof"], "address": "bob@customer.test"}
    signed = canonical({"proof_sha256": hashlib.sha256(canonical(forged)).hexdigest()}).decode()
    with pytest.raises(InvalidSignature):
        verify({**document, "proof": forged, "signed": signed})


def test_while_the_ledger_is_out_nothing_is_said_to_be_written(api):
    api.ledger.down = True
    assert write(api, opens="withdrawn").status == 503
    assert api.call("GET", PATH).status == 503
    assert api.closed == []
