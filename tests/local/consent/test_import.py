"""Importing consent over HTTP: each line that proves nothing is refused by name, and the same file adds nothing."""

import json
import uuid

import pytest

from infra.local.api import wait
from infra.local.mailbox import clients

PEOPLE = 5_000


def line(who, **changed):
    return {
        "address": who,
        "opens": "granted",
        "links": "granted",
        "at": "2026-01-31T09:30:00Z",
        "source": "fair in Milan",
        "notice": "You may see whether I open your mail and which links I follow.",
        **changed,
    }


@pytest.fixture(scope="module")
def admin(run):
    return run.api("admin")


@pytest.fixture
def name():
    return uuid.uuid4().hex[:8]


def begun(api, body, kind="application/x-ndjson"):
    headers = {"Authorization": f"Bearer {api.key}", "Content-Type": kind}
    return clients.request("POST", f"{api.origin}/v1/consents/import", headers, body)


def of_lines(lines):
    return "\n".join(map(json.dumps, lines)).encode()


def ended(api, identifier, seconds=60):
    """Wait until an import is over; return its report."""

    def look():
        made = api.get(f"/v1/imports/{identifier}")
        return made if made["status"] in ("done", "failed") else None

    made = wait(look, seconds)
    assert made, api.get(f"/v1/imports/{identifier}")
    return made


def imported(api, lines):
    answer = begun(api, of_lines(lines))
    assert answer.status == 202, answer.body
    return ended(api, json.loads(answer.body)["id"])


def test_what_proves_nothing_is_refused_line_by_line_with_its_field(admin, name):
    wrong: list[tuple[str, dict[str, str | None]]] = [
        ("at", {"at": None}),
        ("source", {"source": ""}),
        ("notice", {"notice": None}),
        ("at", {"at": "2026-01-31T09:30:00"}),
        ("at", {"at": "1999-12-31T23:59:59Z"}),
        ("at", {"at": "2090-01-01T00:00:00Z"}),
        ("opens", {"opens": None, "links": None}),
        ("address", {"address": "nobody"}),
        ("basis", {"basis": "legitimate interest"}),
    ]
    report = imported(
        admin, [line(f"{name}@customer.test"), *(line(f"{name}@customer.test", **some) for _, some in wrong)]
    )
    assert (report["status"], report["written"], report["refused"]) == ("done", 1, len(wrong))
    told = [(refused["line"], refused["field"]) for refused in report["refusals"]]
    assert told == [(number, field) for number, (field, _) in enumerate(wrong, 2)]
    assert all(refused["reason"] for refused in report["refusals"])


def test_a_csv_of_a_spreadsheet_is_imported_with_its_evidence(admin, name):
    head = "address;opens;links;at;source;notice\r\n"
    body = f'{head}{name}@customer.test;granted;refused;2026-01-31T10:30:00+01:00;fair;"You may; or may not"\r\n'
    answer = begun(admin, ("\ufeff" + body).encode(), "text/csv")
    assert answer.status == 202, answer.body
    assert ended(admin, json.loads(answer.body)["id"])["written"] == 1
    known = admin.get(f"/v1/consents/{name}@customer.test")
    assert (known["opens"]["state"], known["links"]["state"]) == ("granted", "refused")
    opens = next(row for row in known["history"] if row["purpose"] == "opens")
    assert (opens["event"], opens["channel"], opens["basis"]) == ("imported", "import", "consent")
    assert (opens["at"], opens["source"]) == ("2026-01-31T09:30:00.000Z", "fair")
    proof = admin.get(f"/v1/consents/{name}@customer.test/proof")["proof"]
    assert [notice["text"] for notice in proof["notices"]] == ["You may; or may not"]
    assert opens["notice"]["sha256"] == proof["notices"][0]["sha256"]


def test_the_same_file_twice_adds_nothing(admin, name):
    lines = [line(f"{name}-{number}@customer.test") for number in range(3)]
    first, second = imported(admin, lines), imported(admin, lines)
    assert (first["written"], second["written"], second["unchanged"], second["refused"]) == (3, 0, 3, 0)
    assert len(admin.get(f"/v1/consents/{name}-0@customer.test")["history"]) == 2


def test_an_address_that_no_path_can_carry_is_taken(admin, name):
    assert imported(admin, [line(f"{name}?#/x@customer.test")])["written"] == 1


def test_a_refusal_that_the_person_made_is_never_lifted(admin, name):
    evidence = {"source": "form", "at": "2026-01-01T00:00:00Z", "notice": "", "channel": "form"}
    refused = {"opens": "refused", "evidence": evidence}
    assert admin.ask("PUT", f"/v1/consents/{name}@customer.test", refused).status == 200
    report = imported(admin, [line(f"{name}@customer.test")])
    assert [(each["line"], each["field"]) for each in report["refusals"]] == [(1, "opens")]
    assert admin.get(f"/v1/consents/{name}@customer.test")["opens"]["state"] == "refused"


def test_an_imported_refusal_silences_mail_that_was_sent(run, admin, name):
    rep, who = run.api(), f"{name}@customer.test"
    message = rep.send(to=[who], subject="Offer", html="<p>Hello</p>", track={"opens": True, "clicks": True})
    copy = run.tracked(who, message)
    if not copy.pixels:
        pytest.skip("these rules track nobody without consent")
    report = imported(admin, [line(who, opens="refused", links="refused")])
    assert report["written"] == 1
    assert clients.load_image(clients.CLIENTS["gmail"], copy.pixels[0]).status == 200
    assert rep.message(message["id"])["opens"]["count"] == 0


def test_it_needs_the_scope_to_write_consent(run, name):
    assert begun(run.api("rep"), of_lines([line(f"{name}@customer.test")])).status == 403


def test_five_thousand_lines_are_worked_through_with_progress(admin, name):
    answer = begun(admin, of_lines(line(f"{name}-{number}@customer.test", links=None) for number in range(PEOPLE)))
    identifier, seen = json.loads(answer.body)["id"], set()

    def look():
        made = admin.get(f"/v1/imports/{identifier}")
        seen.add(made["done"])
        return made if made["status"] in ("done", "failed") else None

    made = wait(look, 500)
    assert made, seen
    assert (made["status"], made["written"], made["refused"]) == ("done", PEOPLE, 0)
    assert len(seen) > 2, "how far it is can be seen while it runs"
    last = admin.get(f"/v1/consents/{name}-{PEOPLE - 1}@customer.test")
    assert (last["opens"]["state"], last["links"]["state"]) == ("granted", "unknown")
