"""Links that work only once: behind a redirect, a scanner or a double click would use them up."""

import re
from urllib.parse import unquote

_SEP = r"[\-_/ ]?+"
_DOING = (
    "verif(?:y|ication)|confirm(?:ation)?|activat(?:e|ion)|validat(?:e|ion)|invit(?:e|ation)s?|reset|recover(?:y)?|unlock"
    "|forgot(?:ten)?|accept|passwordless|2fa|change|(?:double-?)?opt-?in|doi|set-?up|reimposta"
    "|passwort|passwoord|wachtwoord|contrasena|mot-de-passe|senha|salasana|haslo|losenord|registrati|conferma|bestaetig"
)
# Words in the path, and what frameworks put into the path or query of such links; in lower case, percent-decoded.
_ONCE = re.compile(
    "|".join(
        (
            rf"(?:reset|set|recover){_SEP}pass(?:word|wd|code)",
            rf"(?:password|passwd|pwd){_SEP}(?:reset|recover|edit)",  # Laravel, Rails
            rf"(?:change|choose|create|forgot(?:ten)?|new|update){_SEP}pass(?:word|wd|code)s?[/?].",
            # Words for an action that is done once, with a secret in the query: Auth0, Odoo, Devise and many others.
            rf"[/\-_.](?:{_DOING})[a-z\-_]{{0,24}}/?\?(?:[^#]*&)?(?:token|ticket|code|key|hash|otl|secret|signature)=",
            r"[/\-_.](?:sign|log)-?(?:up|in)/?\?(?:[^#]*&)?(?:token|ticket|otl|secret|signature)=",  # not code: a voucher's
            rf"/(?:{_DOING})(?:[\-_/][a-z]{{2,12}})?/(?=[^/?#]*\d)(?:[a-z0-9]{{16}}|[0-9a-f\-]{{36}}|[a-z0-9]{{2,}}/[a-z0-9]+-[a-z0-9]+)",
            r"/invit(?:e|ation)s?/[^/?#]+/(?:accept|join)|/(?:accept|join)[\-_]invit(?:e|ation)",
            r"/login/(?:magic|link|otl|token|email)/.|/passwordless/|/auth/email-?link",
            r"/reset/[a-z0-9_\-]+/[a-z0-9]+-[a-z0-9]+",  # Django
            r"/user/reset/\d",  # Drupal
            r"wp-activate\.php|[?&]action=(?:rp|resetpass|confirmaction)(?![a-z])",  # WordPress
            r"[?&;](?:oobcode|[th]?otp|magic_?token|login_?token|one_?time\w{0,20})=",  # Firebase, among others
            r"[?&;](?:\w{1,20}_)?(?:reset|confirmation|activation|unlock|invitation|verification)\w{0,20}(?:token|code|key)=",
            r"[?&]mode=(?:verifyemail|recoveremail|verifyandchangeemail)(?![a-z])",
            r"[?&]type=(?:recovery|magiclink|email_change)(?![a-z])|/auth/v1/verify\?",  # Supabase
            r"/login-actions/action-token",  # Keycloak
            r"/callback/email\?",  # Auth.js
            rf"magic{_SEP}(?:link|login)",
            rf"(?:verify|confirm|activate|validate){_SEP}(?:e-?mail|account)",
            rf"(?:e-?mail|account){_SEP}(?:verify|verification|confirm|confirmation|activate|activation)[/?].",
            r"/verify/(?:\d|[0-9a-f\-]{16})",
            rf"one[\-_ ]?time{_SEP}(?:log-?in|link|pass(?:word|code)?|code|pin|token|secret)(?![a-z])",
            rf"one[\-_ ]?time{_SEP}(?:access|sign-?in|auth|url|key)(?![a-z])|one[\-_]?time/",
        )
    )
)
# Each pattern contains one of these: most addresses contain none, and need no further search.
_PARTS = (
    *(
        "pass",
        "pwd",
        "reset",
        "action",
        "oobcode",
        "otp",
        "token",
        "code=",
        "key=",
        "mode=",
        "type=",
        "verif",
        "confirm",
    ),
    *(
        "magic",
        "activ",
        "valid",
        "time",
        "callback",
        "invit",
        "ticket=",
        "hash=",
        "otl=",
        "secret=",
        "signature=",
    ),
    *("login/", "email-link", "emaillink", "unlock", "recover"),
)


def works_once(target: str) -> bool:
    """Return whether an address looks like one that works once."""
    address = (unquote(target) if "%" in target else target).lower()
    for part in _PARTS:  # faster than a generator, and done for every link
        if part in address:
            return _ONCE.search(address) is not None
    return False
