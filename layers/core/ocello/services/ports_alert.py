"""The ports of alerting: alert rows, the queue of hand-overs, and the channels."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

from ocello.domain.alerts import Alert, Change
from ocello.domain.tally import Ring

ChannelName = Literal["bus", "mail"]


class Notice(NamedTuple):
    """One hand-over: an alert's change, for one channel."""

    channel: ChannelName
    change: Change
    alert: Alert


class Held(NamedTuple):
    """An alert on hold: to be looked at again later."""

    message: str
    ring: Ring


class AlertStore(Protocol):
    """Alert rows; the panel's channel is the row itself."""

    def state(self, alert: Alert) -> Literal["absent", "standing", "withdrawn"]:
        """Say what is known of an alert, as last written. Raises Unavailable."""

    def put(self, alert: Alert, *, withdrawn: bool) -> None:
        """Write an alert's row over whatever stands there. Raises Unavailable."""


class NoticeQueue(Protocol):
    """The queue between alert rows and channels, in which alerts on hold wait too."""

    def hand_over(self, notices: Sequence[Notice]) -> None:
        """Queue all of them. Raises Unavailable if any could not be."""

    def hold(self, held: Held, wait_ms: int) -> None:
        """Bring an alert back after `wait_ms`, of minutes at most. Raises Unavailable."""


class Channel(Protocol):
    """Somewhere that alerts go."""

    def tell(self, notice: Notice) -> None:
        """Tell of an alert. Raises Unavailable; may be asked twice for one notice."""
