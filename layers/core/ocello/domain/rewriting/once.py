"""Links that work once: a scanner on their way, or a person who clicks twice, would use them up behind a redirect."""

import re
from urllib.parse import unquote

_SEP = r"[\-_/ ]?+"
# By what a path says, and by what the frameworks that make such links put into it or its query; in lower case, decoded.
_ONCE = re.compile(
    "|".join(
        (
            rf"(?:reset|set|recover){_SEP}pass(?:word|wd|code)",
            rf"(?:password|passwd|pwd){_SEP}(?:reset|recover|edit)",  # Laravel, Rails
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
# One of these is part of each: most addresses have none, and are not looked through.
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
    *("magic", "activ", "valid", "time", "callback"),
)


def works_once(target: str) -> bool:
    """Tell whether an address looks like one that works once."""
    address = (unquote(target) if "%" in target else target).lower()
    return any(part in address for part in _PARTS) and _ONCE.search(address) is not None
