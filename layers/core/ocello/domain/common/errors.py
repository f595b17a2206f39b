"""The few errors that Ocello raises by name; each handler translates them once."""


class OcelloError(Exception):
    """Stand above every error that Ocello raises on purpose."""

    @property
    def text(self) -> str:
        """Return the sentence just as it was raised: `str` of an error forgets what a `texts.Text` remembers."""
        text: str = self.args[0] if self.args else ""
        return text


class BadToken(OcelloError):  # noqa: N818 — named for what it is, as the contract's words do
    """A tracking token that does not verify. Say nothing more about it to whoever sent it."""


class Invalid(OcelloError):  # noqa: N818 — a refusal, not a failure
    """Input that was refused; `field` is the JSON path or parameter name, `reason` a sentence for a person."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotFound(OcelloError):  # noqa: N818 — a refusal, not a failure
    """What does not exist, or what the asker may not see: the two are told apart nowhere."""


class Forbidden(OcelloError):  # noqa: N818 — a refusal, not a failure
    """A known person who may not do this."""


class Unauthenticated(OcelloError):  # noqa: N818 — a refusal, not a failure
    """Nobody known."""


class Conflict(OcelloError):  # noqa: N818 — a refusal, not a failure
    """What was asked does not fit the state it met."""


class TooLarge(OcelloError):  # noqa: N818 — a refusal, not a failure
    """Input above a limit; the text names what and the limit."""


class TooMany(OcelloError):  # noqa: N818 — a refusal, not a failure
    """More requests than are taken in a minute; `seconds` says when the next is."""

    def __init__(self, words: str, seconds: int) -> None:
        super().__init__(words)
        self.seconds = seconds


class Unavailable(OcelloError):  # noqa: N818 — a state of the world
    """A store, queue or server that did not answer in time; trying again may help. Its text is for the operator."""


class NotQueued(Unavailable):
    """A mail of which nothing is being sent, or nobody knows; the text says which, to the person who sent it."""
