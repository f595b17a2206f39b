"""Signs the first administrator in as docs/deploy.md describes: by its commands, then on the pool's own sign-in page.

The engine sends no mail, so the first password is set by an extra call; everything else is as documented.
"""

import re
import secrets
import shlex
import urllib.parse
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any

from infra.local.engine.cloud import Cloud
from infra.local.mailbox.clients import Answer, request
from infra.local.place import ROOT
from infra.local.steps import Trouble

PAGE = ROOT / "docs" / "deploy.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_REMEDY = "docs/deploy.md's way to a first administrator must work: the functions' words are in engine.log of the run's folder."


def commands(page: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the operations that the page's `aws cognito-idp` commands call, with botocore's names of their parameters."""
    for block in _BLOCK.finditer(page):
        for line in block[1].replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words[:2] == ["aws", "cognito-idp"]:
                yield words[2].replace("-", "_"), _parameters(words[3:])


def _parameters(words: list[str]) -> dict[str, Any]:
    """Parse `--user-pool-id POOL --user-attributes Name=a,Value=b …` as the AWS CLI does; the region is the client's."""
    given: dict[str, list[str]] = {}
    for word in words:
        if word.startswith("--"):
            name = word
            given[name] = []
        else:
            given[name].append(word)
    given.pop("--region", None)
    return {_spelled(name): _value(values) for name, values in given.items()}


def _spelled(option: str) -> str:
    return "".join(part.capitalize() for part in option.removeprefix("--").split("-"))


def _value(values: list[str]) -> object:
    if all("=" in value for value in values):
        return [dict(pair.split("=", 1) for pair in value.split(",")) for value in values]
    return values[0]


def as_documented(cloud: Cloud, app: str) -> str:
    """Create the administrator, sign in, find the administrators' page, and return its address. Raises Trouble."""
    cognito, first = cloud.client("cognito-idp"), f"Aa1-{secrets.token_urlsafe(12)}"
    address = ""
    for operation, asked in commands(PAGE.read_text()):
        asked |= {"UserPoolId": cloud.pool}
        if operation == "admin_create_user":
            address = str(asked["Username"])
            _forget(cognito, cloud.pool, address)  # left by an earlier run
            asked |= {"TemporaryPassword": first, "MessageAction": "SUPPRESS"}
        getattr(cognito, operation)(**asked)
    if not address:
        raise Trouble("docs/deploy.md has no command that makes the first administrator.", _REMEDY)
    try:
        _sign_in(app, address, first)
    finally:
        _forget(cognito, cloud.pool, address)
    return address


def _forget(cognito: Any, pool: str, address: str) -> None:
    try:
        cognito.admin_delete_user(UserPoolId=pool, Username=address)
    except cognito.exceptions.UserNotFoundException:
        return


def _sign_in(app: str, address: str, password: str) -> None:
    begun = request("GET", f"{app}/app/sign-in", {})
    page = request("GET", _onward(begun, "to the sign-in page"), {})
    login = urllib.parse.urljoin(begun.headers["location"], "/login")
    chosen = f"Bb2-{secrets.token_urlsafe(12)}"
    asked = _post(login, _fields(page) | {"username": address, "password": password})
    back = _post(login, _fields(asked) | {"new_password": chosen, "confirm_password": chosen})
    done = request("GET", _onward(back, "back to the application"), {"Cookie": _cookies(begun)})
    if done.status != 303:
        raise Trouble(f"The documented administrator may not come in: the callback answers {done.status}.", _REMEDY)
    users = request("GET", f"{app}/app/users", {"Cookie": _cookies(done)})
    if users.status != 200:
        raise Trouble(f"The documented administrator is none: the page of users answers {users.status}.", _REMEDY)


def _onward(answer: Answer, whither: str) -> str:
    location = answer.headers.get("location", "")
    if not location:
        raise Trouble(f"The first sign-in was not led {whither}: the answer is {answer.status}.", _REMEDY)
    return location


def _post(url: str, fields: Mapping[str, str]) -> Answer:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return request("POST", url, kind, urllib.parse.urlencode(fields).encode())


def _cookies(answer: Answer) -> str:
    """Return the cookies that an answer sets; several are joined by commas, which our own do not contain."""
    set_ = (part.strip().partition(";")[0] for part in answer.headers.get("set-cookie", "").split(","))
    return "; ".join(pair for pair in set_ if "=" in pair and not pair.endswith("="))


class _Hidden(HTMLParser):
    """Collects the hidden fields of a form."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "input" and attributes.get("type") == "hidden":
            self.fields[attributes.get("name") or ""] = attributes.get("value") or ""


def _fields(answer: Answer) -> dict[str, str]:
    found = _Hidden()
    found.feed(answer.body.decode("utf-8", "replace"))
    return found.fields
