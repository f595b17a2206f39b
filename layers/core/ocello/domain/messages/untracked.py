"""The reasons why something in a mail is not tracked: all values that a message's `untracked` may have."""

from typing import Literal, get_args

Reason = Literal[
    # of a link: the form of its address
    "empty",
    "fragment",
    "template",
    "relative",
    "scheme",
    "malformed",
    "too-long",
    "ambiguous",
    # of a link: its purpose, or who excluded it
    "tracking-host",
    "unsubscribe",
    "one-time",
    "address-text",
    "off",
    "except",
    "never-track",
    "excluded-domain",
    # of a part, or of a whole message
    "signed",
    "encrypted",
    "pgp",
    "signature-broken",
    "part",
    "charset",
    "transfer-encoding",
    "ambiguous-header",
    "header-size",
    "no-body",
    "no-boundary",
    "no-html",
    "too-many-links",
    "too-many-parts",
    "nesting",
    "too-large",
    "error",
    # of a recipient's copy
    "copy",
    "own-user",
    "holds-address",
    "no-footer",
]
REASONS: tuple[Reason, ...] = get_args(Reason)
