"""What each function imports when it starts: with less, it answers its first request sooner."""

import json
import os
import pathlib
import subprocess
import sys

import pytest

FUNCTIONS = sorted(path.parent.name for path in pathlib.Path("functions").glob("*/app.py"))
ADDRESS = "https://stack.example"
ENVIRONMENT = {
    "PYTHONPATH": os.pathsep.join([".", "layers/core"]),
    "HITS_TABLE": "hits",
    "APP_TABLE": "app",
    "SPILL_QUEUE_URL": "https://queue",
    "TOKEN_KEYS": "1:" + "a" * 40,
    "SUBJECT_KEY": "s" * 40,
    "TRACKING_RULES": "none",
    "HIT_TTL_DAYS": "400",
    "ENGAGEMENT_DAYS": "396",
    "MAIL_BUCKET": "mail",
    "AWS_REGION": "eu-south-1",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "KEY_ARN": "key",
    "LEDGER_KEY_ARN": "key",
    "PROOF_KEY_ARN": "key",
    "OIDC_AUDIENCE": "app",
    **dict.fromkeys(
        (
            "DELIVERY_QUEUE_URL",
            "IMPORT_QUEUE_URL",
            "LOOKUP_QUEUE_URL",
            "ALERT_QUEUE_URL",
            "WITHDRAWAL_QUEUE_URL",
            "SUBJECT_QUEUE_URL",
        ),
        ADDRESS,
    ),
    **dict.fromkeys(("TRACKING_ORIGIN", "APP_ORIGIN", "OIDC_ISSUER", "OIDC_JWKS_URL"), ADDRESS),
    **dict.fromkeys(("OIDC_AUTHORIZE_URL", "OIDC_TOKEN_URL", "OIDC_LOGOUT_URL"), ADDRESS),
}
PROGRAM = "import sys, json, functions.{}.app; print(json.dumps(sorted(sys.modules)))"
HEAVY = {"typing", "dataclasses", "inspect", "asyncio", "logging", "decimal", "unicodedata"}


MADE = """
import dataclasses, functions.{}.app as app
context = app.{}
for field in dataclasses.fields(context):
    getattr(context, field.name)
"""


def run(environment, name="capture", program=""):
    command = [sys.executable, "-c", program or PROGRAM.format(name)]
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


def test_capture_imports_what_judges_loads_of_pooled_pixels_only_when_one_comes():
    assert not [each for each in imported("capture") if each.startswith("ocello.domain.verdicts")]


def test_capture_imports_nothing_of_the_standard_library_that_takes_long():
    assert not HEAVY & imported("capture")


# What pages and routes import when one of them first needs it.
PORTS = [
    "ocello.services.sending",  # ports that few ask for
    "ocello.services.consent",
    "ocello.services.engagement",
    "ocello.services.statistics",
    "ocello.adapters.dynamodb.consent",
    "ocello.adapters.dynamodb.crm",
    "ocello.adapters.dynamodb.messages",
    "ocello.adapters.dynamodb.people",
    "ocello.adapters.hot.aws_http",
    "ocello.adapters.consent",  # rules and texts, read from files
    "tomllib",
    "jwt",  # signing in, with cryptography; a session or a key needs neither
    "cryptography",
    "ocello.domain.mail.rewriting.parts.message",  # sending
    "ocello.domain.common.suffixes",
]
# What each imports when a request first needs it, and why not before.
LATE = {
    "web": [
        "authlib",
        "requests",
        "smtplib",  # trying an account
        "functions.web.pages.mail.inbox",  # a page's own
        "babel.messages",  # other languages than English
        *PORTS,
    ],
    "api": [
        "pydantic",  # reading a request of somebody who may
        "functions.api.schemas",  # a route's own
        "functions.api.routes.mail.messages",
        "functions.api.reference_assets",  # the page to try the API
        "jinja2",
        *PORTS,
        "ocello.adapters.aws",
        "ocello.domain.consent.ledger",
        "ocello.domain.verdicts.judge",  # judging anew
    ],
    "deliver": ["ocello.domain.common.suffixes"],
}


@pytest.mark.parametrize("name", sorted(LATE))
def test_what_few_requests_need_is_not_imported_before_one_does(name):
    assert not imported(name) & set(LATE[name])


@pytest.mark.parametrize(("name", "context"), [("web", "_handler._context"), ("api", "_ports")])
def test_whatever_a_request_may_ask_for_can_be_made_from_the_settings(name, context):
    done = run(ENVIRONMENT, program=MADE.format(name, context))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_put_together_from_its_settings_without_boto3_and_the_api_alone_with_powertools(name):
    modules = imported(name)
    assert "boto3" not in modules
    assert ("aws_lambda_powertools" in modules) == (name == "api")


def test_a_missing_setting_is_named_at_start():
    done = run({name: value for name, value in ENVIRONMENT.items() if name not in ("HITS_TABLE", "TOKEN_KEYS")})
    assert done.returncode != 0
    assert "missing in the environment: HITS_TABLE, TOKEN_KEYS" in done.stderr


@pytest.mark.parametrize("name", ["web", "api"])
@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("TOKEN_KEYS", "1:short", "TOKEN_KEYS: key 1 has fewer than 32 characters"),
        ("SUBJECT_KEY", "short", "SUBJECT_KEY: has fewer than 32 characters"),
        ("OWN_NETWORKS", "office", "OWN_NETWORKS"),
        ("TRACKING_RULES", "eu", "TRACKING_RULES must be one of eu-strict"),
    ],
)
def test_pages_and_api_do_not_start_with_a_bad_setting_though_their_ports_are_made_later(name, setting, value, words):
    done = run(ENVIRONMENT | {setting: value}, name)
    assert done.returncode != 0
    assert words in done.stderr.splitlines()[-1]


def test_a_bad_key_is_named_and_not_shown():
    done = run(ENVIRONMENT | {"TOKEN_KEYS": "1:secret"})
    assert "TOKEN_KEYS: key 1 has fewer than 32 characters" in done.stderr
    assert "1:secret" not in done.stderr
