"""Signing in and out.

PyJWT is imported only when a person signs in: with cryptography it takes 60 ms, and most requests are of people who
have signed in already.
"""

import base64
import hashlib
import hmac
from urllib.parse import urlencode, urlsplit

from functions.web.context import WebContext
from functions.web.http import Answer, Request, go
from ocello.adapters import language
from ocello.domain.common.errors import Unauthenticated
from ocello.domain.common.times import DAY_MS
from ocello.services.people.sign_in import PendingSignIn

SESSION = "__Host-ocello-session"
UNDER_WAY = "__Host-ocello-sign-in"
HOME = "/app"
SIGN_IN, CALLBACK, SIGN_OUT = "/app/sign-in", "/app/callback", "/app/sign-out"
_WAIT_SECONDS = 600


def cookie(name: str, value: str, seconds: int) -> str:
    """Return a Set-Cookie header: for this host only, hidden from scripts, not sent with POST requests of other sites."""
    return f"{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"


def session_cookie(name: str) -> str:
    """Return the cookie of a session; the session itself ends earlier, in the store."""
    return cookie(SESSION, name, DAY_MS // 1000)


def key_of(keyring: str) -> str:
    """Return the key of the sign-in cookie, derived from the tokens' keyring so that neither can be used for the other."""
    return base64.b64encode(hmac.digest(keyring.encode(), b"ocello sign-in cookie 1", hashlib.sha256)).decode()


def safe(address: str) -> str:
    """Return a path of ours to go to after signing in; the inbox for anything else."""
    try:
        parts = urlsplit(address)
    except ValueError:  # `//[`, or a host with letters that are mapped to others
        return HOME
    bad = parts.scheme or parts.netloc or not (address + "/").startswith((HOME + "/", HOME + "?"))
    return HOME if bad or "\\" in address or not address.isprintable() else address


def begin(request: Request, context: WebContext) -> Answer:
    """Send the browser to the provider, and remember in a signed cookie what it must bring back."""
    import jwt  # noqa: PLC0415 — see above

    pending = context.web_sign_in.begin()
    now = context.clock() // 1000
    carried = {
        "s": pending.state,
        "n": pending.nonce,
        "v": pending.verifier,
        "to": safe(request.argument("next", HOME)),
        "until": now + _WAIT_SECONDS,
    }
    signed = jwt.encode(carried, context.cookie_key, algorithm="HS256")
    return go(pending.address, cookies=(cookie(UNDER_WAY, signed, _WAIT_SECONDS),))


def complete(request: Request, context: WebContext) -> Answer:
    """Receive the browser from the provider, and start its session."""
    import jwt  # noqa: PLC0415 — see above

    if request.argument("error"):
        raise Unauthenticated("the identity provider did not sign you in")
    try:
        carried = jwt.decode(request.cookies.get(UNDER_WAY, ""), context.cookie_key, algorithms=["HS256"])
    except (jwt.PyJWTError, ValueError, RecursionError):  # the last two: JSON that no JSON library of ours wrote
        raise Unauthenticated("this sign-in was not begun here: please try again") from None
    if context.clock() // 1000 > carried["until"]:
        raise Unauthenticated("this sign-in took too long: please try again")
    pending = PendingSignIn("", carried["s"], carried["n"], carried["v"])
    authenticated = context.web_sign_in.complete(
        pending, request.argument("state"), request.argument("code"), context.address_of(request)
    )
    spoken = language.best_language(request.headers.get("accept-language", ""))
    context.preference_editor.remember_browser_language(authenticated.user.id, spoken)
    return go(carried["to"], cookies=(session_cookie(authenticated.name), cookie(UNDER_WAY, "", 0)))


def sign_out(request: Request, context: WebContext) -> Answer:
    """End the session here and at the provider."""
    address = context.web_sign_in.sign_out(request.cookies.get(SESSION, ""))
    return go(address, cookies=(cookie(SESSION, "", 0),))


def address_for(request: Request) -> str:
    """Return the address at which to sign in and return to the page that was asked for."""
    query = urlencode(request.query)
    wanted = request.path + (f"?{query}" if query else "") if request.method == "GET" else HOME
    return SIGN_IN if safe(wanted) == HOME else f"{SIGN_IN}?{urlencode({'next': wanted})}"
