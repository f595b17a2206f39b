"""The marks by which a sender excludes one link from tracking: our own, and those of other mail services."""

from ocello.domain.mail.rewriting.attributes import all_attributes

_NO = frozenset({"off", "false", "no", "0"})
# Attributes that switch tracking off by a negative value: ours, SendGrid's, SparkPost's, MessageGears'.
_SWITCHES = frozenset({"data-track", "clicktracking", "data-clicktracking", "data-msys-clicktrack", "autotrack"})
# Attributes that exclude a link from tracking, unless their value is negative: SES', Postmark's, Mailgun's, Mandrill's,
# Mautic's, Keap's, Campaign Monitor's.
_REQUESTS = frozenset(
    {
        "ses:no-track",
        "data-pm-no-track",
        "disable-tracking",
        "mc:disable-tracking",
        "mautic:disable-tracking",
        "data-no-track",
        "nottracked",
        "mb_dontconvertlink",
    }
)
_CLASSES = frozenset({"untracked", "inf-track-no", "mktnotrack"})  # Customer.io's, Keap's, Marketo's
_PARTS = ("track", "mb_dont")  # each mark contains one of these; most links contain none, and need no further search


def is_marked_untracked(text: str, start: int, end: int) -> bool:
    """Return whether the attributes in text[start:end] exclude their link from tracking."""
    lowered = text[start:end].lower()
    if not any(part in lowered for part in _PARTS):
        return False
    return any(_asks(name, value.strip()) for name, value in all_attributes(lowered, 0, len(lowered)))


def _asks(name: str, value: str) -> bool:
    if name == "class":
        return not _CLASSES.isdisjoint(value.split())
    return (name in _SWITCHES and value in _NO) or (name in _REQUESTS and value not in _NO)
