"""What each function imports when it starts: the less, the sooner it answers its first request."""

import json
import os
import subprocess
import sys

import pytest

ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([".", "layers/core"]),
    "HITS_TABLE": "hits",
    "APP_TABLE": "app",
    "SPILL_QUEUE_URL": "https://queue",
    "TOKEN_KEYS": "1:" + "a" * 40,
    "HIT_TTL_DAYS": "400",
    "MAIL_BUCKET": "mail",
    "AWS_REGION": "eu-south-1",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret",
}
PROGRAM = "import sys, json, functions.{}.app; print(json.dumps(sorted(sys.modules)))"
HEAVY = {"dataclasses", "inspect", "asyncio", "logging", "decimal", "unicodedata"}


def run(environment, name="capture"):
    command = [sys.executable, "-c", PROGRAM.format(name)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 — our own


def imported(name):
    done = run(ENVIRONMENT, name)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("name", ["capture", "replay", "settle"])
def test_what_follows_an_open_imports_the_standard_library_and_our_own_modules_only(name):
    modules = imported(name)
    tops = {name.partition(".")[0] for name in modules}
    foreign = (
        tops
        - set(sys.stdlib_module_names)
        - {"functions", "ocello", "__main__", "_distutils_hack", "distutils-precedence"}
    )
    assert not {name for name in foreign if not name.startswith("__editable__")}
    assert "ocello.domain.common.suffixes" not in modules, "the public suffix list is long, and is for rewriting"


def test_capture_imports_nothing_of_the_standard_library_that_takes_long():
    assert not HEAVY & imported("capture")


def test_a_missing_setting_is_named_at_start():
    done = run({name: value for name, value in ENVIRONMENT.items() if name not in ("HITS_TABLE", "TOKEN_KEYS")})
    assert done.returncode != 0
    assert "missing in the environment: HITS_TABLE, TOKEN_KEYS" in done.stderr


def test_a_bad_key_is_named_and_not_shown():
    done = run(ENVIRONMENT | {"TOKEN_KEYS": "1:secret"})
    assert "TOKEN_KEYS: key 1 has fewer than 32 characters" in done.stderr
    assert "1:secret" not in done.stderr
