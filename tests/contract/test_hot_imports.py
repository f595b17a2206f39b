"""The hot function imports the standard library and our own modules, and nothing else."""

import json
import os
import subprocess
import sys

ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([".", "layers/core"]),
    "HITS_TABLE": "hits",
    "APP_TABLE": "app",
    "SPILL_QUEUE_URL": "https://queue",
    "TOKEN_KEYS": "1:" + "a" * 40,
    "HIT_TTL_DAYS": "400",
    "AWS_REGION": "eu-south-1",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret",
}
PROGRAM = "import sys, json, functions.capture.app; print(json.dumps(sorted(sys.modules)))"
HEAVY = {"dataclasses", "inspect", "asyncio", "logging", "decimal", "unicodedata"}


def run(environment, program=PROGRAM):
    command = [sys.executable, "-c", program]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 — our own


def test_capture_imports_the_standard_library_and_our_own_modules_only():
    done = run(ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    modules = set(json.loads(done.stdout))
    tops = {name.partition(".")[0] for name in modules}
    foreign = (
        tops
        - set(sys.stdlib_module_names)
        - {"functions", "ocello", "__main__", "_distutils_hack", "distutils-precedence"}
    )
    assert not {name for name in foreign if not name.startswith("__editable__")}
    assert not HEAVY & modules
    assert "ocello.domain.common.suffixes" not in modules, "the public suffix list is long, and is for rewriting"


def test_a_missing_setting_is_named_at_start():
    done = run({name: value for name, value in ENVIRONMENT.items() if name not in ("HITS_TABLE", "TOKEN_KEYS")})
    assert done.returncode != 0
    assert "missing in the environment: HITS_TABLE, TOKEN_KEYS" in done.stderr


def test_a_bad_key_is_named_and_not_shown():
    done = run(ENVIRONMENT | {"TOKEN_KEYS": "1:secret"})
    assert "TOKEN_KEYS: key 1 has fewer than 32 characters" in done.stderr
    assert "1:secret" not in done.stderr
