"""The errors that Ocello raises on purpose; each handler turns them into an answer in one place."""

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing's import would cost the hot function 3 ms
    from typing import Literal


class OcelloError(Exception):
    """The base class of every error that Ocello raises on purpose."""

    @property
    def text(self) -> str:
        """Return the sentence as it was raised: `str(error)` would lose the pattern and values of a `texts.Text`."""
        text: str = self.args[0] if self.args else ""
        return text


class BadToken(OcelloError):  # noqa: N818 — named for what it is, as the contract's words do
    """A tracking token that does not verify. The sender of the request is told nothing more."""


class Invalid(OcelloError):  # noqa: N818 — a refusal, not a failure
    """Input that is not valid; `field` is the JSON path or parameter name, `reason` a sentence for a person."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class TrackingNotPermitted(Invalid):
    """A mode of tracking that was asked for by name, and that `level` of the ladder does not allow."""

    def __init__(self, field: str, reason: str, level: str) -> None:
        super().__init__(field, reason)
        self.level = level


class NotFound(OcelloError):  # noqa: N818 — a refusal, not a failure
    """Something that does not exist, or that the user may not see: no answer shows which of the two."""


class Forbidden(OcelloError):  # noqa: N818 — a refusal, not a failure
    """The user is known, but is not allowed to do this."""


class Unauthenticated(OcelloError):  # noqa: N818 — a refusal, not a failure
    """The request does not show who sent it."""


class Conflict(OcelloError):  # noqa: N818 — a refusal, not a failure
    """The request does not fit the present state."""


class AskingRefused(Conflict):
    """Somebody who may not be asked for consent now; `kind` is the problem's type."""

    def __init__(self, text: str, kind: "Literal['recently-asked', 'refused', 'suppressed']") -> None:
        super().__init__(text)
        self.kind = kind


class TooLarge(OcelloError):  # noqa: N818 — a refusal, not a failure
    """Input above a limit; the text names the input and the limit."""


class TooMany(OcelloError):  # noqa: N818 — a refusal, not a failure
    """More requests than are allowed in a minute; the next one is allowed after `seconds`."""

    def __init__(self, text: str, seconds: int) -> None:
        super().__init__(text)
        self.seconds = seconds


class Unavailable(OcelloError):  # noqa: N818 — a state of the world
    """A store, queue or server did not answer in time; trying again may help. The text is for the operator."""


class Uncertain(Unavailable):
    """What was asked may have been done or not. Trying again may do it twice."""


class NotQueued(Unavailable):
    """A mail is not being sent, or it is unknown whether it is; the text tells its sender which of the two."""


class LedgerBroken(OcelloError):  # noqa: N818 — a state of the world
    """The lines of the ledger of consent are not those that were written. The text is for the operator."""
