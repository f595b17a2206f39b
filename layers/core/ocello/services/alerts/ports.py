"""The ports of alerts: their rows, the panel, the queue of hand-overs, and the channels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from ocello.domain.engagement.counters import Ring
from ocello.domain.messages.alerts import Alert, AlertKind, Change, Silence
from ocello.services.common.ports import Page

ShownState = Literal["new", "read", "withdrawn"]


@dataclass(frozen=True, slots=True)
class ShownAlert:
    """An alert as the panel shows it. `id` is opaque, and sorts by time."""

    id: str
    kind: AlertKind
    at: int  # ms
    message: str
    subject: str
    recipient: str
    link: str | None
    state: ShownState
    name: str = ""  # of the recipient, where the mail names one
    silent: Silence = ""
    stopped: bool = False  # withdrawn because its recipient withdrew consent


class AlertPanel(Protocol):
    """A user's alerts, as the panel lists them."""

    def page(self, owner: str, limit: int, cursor: str | None) -> Page[ShownAlert]:
        """List an owner's alerts, newest first. Raises Invalid for a cursor that this list did not give."""

    def mark_read(self, owner: str, alert: str) -> str | None:
        """Note that an owner has read one alert, and give its message, or None. Raises Invalid for what is no alert's id."""

    def mark_read_up_to(self, owner: str, alert: str) -> None:
        """Note that an owner has read all alerts up to `alert`; never moves back. Raises Invalid for no alert's id."""


ChannelName = Literal["bus", "mail"]


class Notice(NamedTuple):
    """One hand-over: an alert's change, for one channel."""

    channel: ChannelName
    change: Change
    alert: Alert


class HeldAlert(NamedTuple):
    """An alert on hold: to be looked at again later."""

    message: str
    ring: Ring


class OlderAlerts(NamedTuple):
    """Alerts of a mail whose recipients withdrew, older than those its engagement lists: to be withdrawn, page by page."""

    message: str
    cursor: str | None = None


class KeptAlert(NamedTuple):
    """What an alert's row says: whether it is withdrawn, and why no channel was told of it, where none was."""

    withdrawn: bool = False
    silent: Silence = ""


class AlertStore(Protocol):
    """Alert rows; the panel's channel is the row itself."""

    def kept(self, alert: Alert) -> KeptAlert | None:
        """Read an alert's row as last written; None where there is none. Raises Unavailable."""

    def put(self, alert: Alert, *, withdrawn: bool) -> None:
        """Write an alert's row over whatever stands there. Raises Unavailable."""

    def remove(self, alert: Alert) -> None:
        """Remove an alert's row, if it is there. Raises Unavailable."""

    def standing(self, owner: str, since: int, limit: int, cursor: str | None) -> Page[Alert]:
        """List an owner's alerts of hits from `since` (ms) on that are not withdrawn, newest first.

        A page looks at `limit` alerts and may have fewer. Raises Invalid for a cursor that this list did not give, and
        Unavailable.
        """


class Mutes(Protocol):
    """The mails of which their owners want to be told nothing."""

    def mute(self, message: str, *, muted: bool) -> None:
        """Mute a mail, or end that; one that is gone stays so. Raises Unavailable."""


class NoticeQueue(Protocol):
    """The queue between alert rows and channels, in which alerts on hold wait too."""

    def enqueue(self, notices: Sequence[Notice]) -> None:
        """Queue all of them. Raises Unavailable if any could not be."""

    def enqueue_delayed(self, held: HeldAlert, delay_ms: int) -> None:
        """Bring an alert back after `delay_ms`, of minutes at most. Raises Unavailable."""

    def enqueue_older(self, older: OlderAlerts) -> None:
        """Queue a page of older alerts. Raises Unavailable."""


class Channel(Protocol):
    """Somewhere that alerts go."""

    def send(self, notice: Notice) -> None:
        """Tell of an alert. Raises Unavailable; may be asked twice for one notice."""
