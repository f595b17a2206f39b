"""What a person asks for on their page waits for a mail to their address, whose link proves that they read it."""

import hashlib
from typing import NamedTuple

from ocello.domain.common.times import DAY_MS
from ocello.domain.consent.notices import NoticeLanguage
from ocello.domain.retention.jobs import SubjectRight

GOOD_FOR_MS = DAY_MS  # for which the link of such a mail starts what was asked for, once
FETCH_MS = DAY_MS  # for which an export can be fetched by that link, from when it is ready
PAUSE_MS = DAY_MS  # between two such mails to a person for the same thing
TICKET_MS = 3 * DAY_MS  # for which the row is kept: as long as the link may be of any use
SECRET_BYTES = 24  # of the link: nobody guesses 192 bits


class RightsWish(NamedTuple):
    """What somebody pressed on the page of a mail's recipient: for whom, what, in which language, and when (ms)."""

    message: str
    recipient: int
    do: SubjectRight
    language: NoticeLanguage
    at: int


class RightsTicket(NamedTuple):
    """What the link of such a mail stands for; `digest` is that of the link's secret, `at` when the mail was made (ms).

    `sealed` is the address, encrypted by the person's own key. `job` is '' until the link was used.
    """

    digest: str
    subject: str
    do: SubjectRight
    message: str
    recipient: int
    sealed: str
    at: int
    job: str = ""


def digest_of(secret: str) -> str:
    """Return what is stored of a link's secret: its SHA-256, in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
