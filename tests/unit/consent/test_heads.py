"""The ledger's head is signed each day, after a look at what came, and anybody can check an exported ledger by it."""

import json
import subprocess
import sys

import pytest

from functions.nightly.handler import answer
from infra.tools.operate import export_ledger, verify_ledger
from ocello.domain.common.errors import LedgerBroken, Unavailable
from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.ledger import line, verify
from ocello.services.consent.asking.unanswered import Unanswered
from ocello.services.consent.consents import Said
from ocello.services.consent.heads import LAST_HEAD, DailyHead
from tests import fakes
from tests.fakes.world import NOON

DAYS = ("2026-09-21", "2026-09-22")  # of NOON and the day after


@pytest.fixture
def clock():
    return fakes.Clock(NOON)


@pytest.fixture
def made(clock):
    return fakes.consents(clock)


@pytest.fixture
def daily(made, clock):
    return DailyHead(made[1], fakes.MemoryDocumentSigner(), fakes.MemoryMailStore(), clock, clock.pass_by)


def say(made, count, at=NOON):
    for number in range(count):
        made[0].record(Said(f"p{number}@customer.test", {"opens": "refused"}, "page", at))


@pytest.fixture
def exported(made, daily, tmp_path):
    """A ledger of five lines, whose first four were signed."""
    say(made, 4)
    daily.keep()
    say(made, 5)
    export_ledger.export(daily.reader, daily.store, tmp_path)
    return tmp_path


def verified(folder, *more, head="head.json"):
    """Run the verifier as somebody would who has nothing else of ours."""
    return subprocess.run(  # noqa: S603 — our own script
        [sys.executable, "-I", verify_ledger.__file__, folder / "ledger.ndjson", folder / head, *more],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_head_of_each_day_is_kept_and_the_last_one_beside_them(made, daily, clock):
    say(made, 2)
    first = daily.keep()
    clock.pass_by(DAY_MS / 1000)
    say(made, 3)
    second = daily.keep()
    assert (first.number, second.number) == (2, 3)
    kept = {name: json.loads(content)["number"] for name, content in daily.store.files.items()}
    assert kept == {f"ledger/heads/{DAYS[0]}.json": 2, f"ledger/heads/{DAYS[1]}.json": 3, LAST_HEAD: 3}


def test_a_day_on_which_nobody_said_anything_has_its_head_too(daily):
    assert daily.keep().number == 0
    assert daily.keep().number == 0


def test_a_ledger_that_was_changed_since_the_last_head_is_not_signed(made, daily):
    say(made, 2)
    daily.keep()
    say(made, 4)
    entries = made[1].entries
    entries[2] = entries[3]
    with pytest.raises(LedgerBroken, match="line 3 is missing"):
        daily.keep()
    assert json.loads(daily.store.files[LAST_HEAD])["number"] == 2


def test_a_line_that_the_index_does_not_have_yet_is_waited_for(made, daily, clock):
    say(made, 3)
    last = made[1].entries.pop()

    def later(seconds):
        clock.pass_by(seconds)
        if clock.now >= NOON + 3_000:
            made[1].entries.append(last)

    slow = DailyHead(daily.reader, daily.signer, daily.store, clock, later)
    assert slow.keep().number == 3
    made[1].entries.pop()
    daily.store.files.clear()
    with pytest.raises(LedgerBroken, match="line 3 is missing"):
        daily.keep()


def test_while_the_key_service_is_out_no_head_is_kept(made, daily):
    say(made, 1)
    daily.signer.down = True
    with pytest.raises(Unavailable):
        daily.keep()
    assert not daily.store.files


def test_the_night_says_what_it_signed_and_noted_or_what_is_wrong(made, daily, capsys):
    recipients = fakes.MemoryRecipientStore(fakes.MemoryMessageStore())
    unanswered = Unanswered(fakes.MemoryOpenQuestions(), recipients, made[0])
    say(made, 2)
    answer(daily, unanswered)
    signed, noted = map(json.loads, capsys.readouterr().out.splitlines())
    assert signed == {"message": "ledger head signed", "number": 2, "hash": made[1].last.hash}
    assert noted == {"message": "questions without an answer", "noted": 0}
    say(made, 4)
    made[1].entries.pop()
    with pytest.raises(LedgerBroken):
        answer(daily, unanswered)
    assert json.loads(capsys.readouterr().out) == {"message": "ledger broken", "fault": "line 4 is missing"}


# --- the verifier -------------------------------------------------------------------------------------------------


def test_an_exported_ledger_is_verified_with_pythons_own_library(exported):
    done = verified(exported)
    assert done.returncode == 0, done.stderr
    assert "5 lines, each as it was written; 1 came after the newest head" in done.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [lines[0].replace("refused", "granted"), *lines[1:]], "line 1 was changed"),
        (lambda lines: [lines[0].replace('"at":', '"at": '), *lines[1:]], "line 1 was changed"),
        (lambda lines: [*lines[:2], *lines[3:]], "line 3 is missing"),
        (lambda lines: lines[1:], "line 1 is missing"),
        (lambda lines: lines[:3], "line 4 is missing"),
        (lambda _: [], "line 1 is missing"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "line 1 is missing"),
        (lambda lines: [*lines, "{}"], "line 6 is not a line of the ledger"),
    ],
)
def test_the_verifier_fails_on_whatever_was_changed(exported, change, said):
    path = exported / "ledger.ndjson"
    path.write_text("".join(f"{each}\n" for each in change(path.read_text().splitlines())))
    done = verified(exported)
    assert done.returncode == 1
    assert said in done.stderr


def test_any_other_digit_in_a_line_is_found_by_both_verifiers(exported, made):
    lines = (exported / "ledger.ndjson").read_text().splitlines()
    assert lines == [line(each) for each in made[1].entries]
    for place, sign in enumerate(lines[2]):
        other = lines[2][:place] + ("1" if sign == "0" else "0") + lines[2][place + 1 :]
        changed = [*lines[:2], other, *lines[3:]]
        assert verify(changed, made[1].last) is not None
        with pytest.raises(ValueError, match="line 3"):
            verify_ledger.chain_of("\n".join(changed))


def test_a_ledger_that_was_hashed_anew_is_not_the_one_that_was_signed(exported, clock):
    others = fakes.consents(clock)
    say(others, 6, NOON - 1)
    (exported / "ledger.ndjson").write_text("".join(f"{line(each)}\n" for each in others[1].entries))
    assert "line 4 is another than the one that was signed" in verified(exported).stderr


@pytest.mark.parametrize(
    ("name", "value"), [("number", 3), ("hash", "0" * 64), ("signed_at", "2026-09-21T00:00:00.000Z"), ("number", 5)]
)
def test_a_head_that_was_changed_is_refused(exported, name, value):
    head = exported / "head.json"
    head.write_text(json.dumps({**json.loads(head.read_text()), name: value}))
    assert "the signature of the head is not of this key and this head" in verified(exported).stderr


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"public_key": "AAAA"}'])
def test_what_is_no_head_is_refused(exported, content):
    (exported / "head.json").write_text(content)
    done = verified(exported)
    assert done.returncode == 1
    assert "not a signed head" in done.stderr


def test_a_head_that_another_key_signed_is_refused_where_the_key_is_known(exported, daily):
    key = verified(exported).stdout.partition("signed by the key ")[2].splitlines()[0]
    assert verified(exported, "--key", key).returncode == 0
    DailyHead(daily.reader, fakes.MemoryDocumentSigner(2), daily.store, daily.clock, daily.wait).keep()
    (exported / "other.json").write_bytes(daily.store.files[LAST_HEAD])
    assert verified(exported, head="other.json").returncode == 0
    assert "another key signed the head" in verified(exported, "--key", key, head="other.json").stderr
