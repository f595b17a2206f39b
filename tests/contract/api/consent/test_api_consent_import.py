"""An import of consent by the API: taken at once, worked through afterwards, and reported line by line."""

import json

import pytest

from ocello.services.consent.consents import Said
from tests.contract.api.conftest import REP

ANN = {
    "address": "ann@customer.test",
    "opens": "granted",
    "links": "granted",
    "at": "2026-01-31T09:30:00Z",
    "source": "fair in Milan",
    "notice": "You may see whether I open your mail.",
}
FILES = {
    "text/csv": (",".join(ANN) + "\n" + ",".join(ANN.values()) + "\n" + ",,,,,x\n").encode(),
    "application/x-ndjson": (json.dumps(ANN) + "\n" + json.dumps({"notice": "x"}) + "\n").encode(),
    "application/json": json.dumps([ANN, {"notice": "x"}]).encode(),
}


def take(api, body, media="application/x-ndjson", auth=""):
    return api.call("POST", "/v1/consents/import", body, headers={"content-type": media}, auth=auth)


def imported(api, *records):
    """Import records, and return the report."""
    taken = take(api, "\n".join(map(json.dumps, records)).encode())
    assert taken.status == 202, taken.raw
    api.work_through_imports()
    return api.call("GET", f"/v1/imports/{taken.json['id']}").json


@pytest.mark.parametrize("media", FILES)
def test_it_goes_on_after_the_answer_and_reports_what_it_refused(api, media):
    taken = take(api, FILES[media], media)
    assert (taken.status, taken.json["kind"], taken.json["status"]) == (202, "consents", "queued")
    api.work_through_imports()
    done = api.call("GET", f"/v1/imports/{taken.json['id']}").json
    assert (done["status"], done["total"], done["written"], done["refused"]) == ("done", 2, 1, 1)
    (refused,) = done["refusals"]
    assert (refused["line"], refused["field"]) == (3 if media == "text/csv" else 2, "address")
    known = api.call("GET", "/v1/consents/ann@customer.test").json
    assert (known["opens"]["state"], known["links"]["state"]) == ("granted", "granted")
    row = known["history"][0]
    assert (row["event"], row["channel"], row["basis"]) == ("imported", "import", "consent")
    assert (row["actor"], row["source"], row["at"]) == (REP.address, "fair in Milan", "2026-01-31T09:30:00.000Z")


def test_its_proof_has_the_text_that_was_shown(api):
    imported(api, ANN)
    proof = api.call("GET", "/v1/consents/ann@customer.test/proof").json["proof"]
    assert [notice["text"] for notice in proof["notices"]] == [ANN["notice"]]


def test_the_same_file_twice_adds_nothing(api):
    first, second = imported(api, ANN), imported(api, ANN)
    assert (first["written"], second["written"], second["unchanged"]) == (1, 0, 1)
    assert len(api.ledger.entries) == 2


def test_it_never_lifts_a_refusal_that_the_person_made(api):
    api.consents.record(Said("ann@customer.test", {"opens": "refused"}, "page", 1_000, source="/p/ m 0"))
    report = imported(api, ANN)
    assert (report["written"], report["refusals"][0]["field"]) == (0, "opens")
    assert api.call("GET", "/v1/consents/ann@customer.test").json["opens"]["state"] == "refused"


def test_an_address_that_no_path_can_carry_is_taken(api):
    assert imported(api, ANN | {"address": "a?#/b@customer.test"})["written"] == 1


def test_a_file_that_was_uploaded_is_taken(api):
    form = api.call("POST", "/v1/uploads").json
    api.mail.put(form["fields"]["key"], json.dumps(ANN).encode(), "application/x-ndjson")
    taken = api.call("POST", "/v1/consents/import", {"upload": form["id"], "format": "jsonl"})
    assert taken.status == 202
    api.work_through_imports()
    assert api.call("GET", f"/v1/imports/{taken.json['id']}").json["written"] == 1


def test_it_needs_the_scope_to_write_consent_before_anything_is_read(api):
    key = api.key_of(REP, ("read", "send", "consent:read"))
    assert take(api, b"x", "text/html", auth=key).status == 403
    assert api.import_queue.queued == []


@pytest.mark.parametrize(("body", "media", "status"), [(b"x", "text/html", 415), (b"{", "application/json", 400)])
def test_what_is_no_import_is_refused_at_once(api, body, media, status):
    assert take(api, body, media).status == status
    assert api.import_queue.queued == []
