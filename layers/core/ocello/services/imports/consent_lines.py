"""Writes the lines of an import of consent into the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ocello.domain.common.errors import Invalid
from ocello.domain.consent.modes import AXES
from ocello.domain.consent.notices import elsewhere
from ocello.domain.imports.consents import CONSENT_LINES, ConsentLine
from ocello.domain.imports.files import Shape
from ocello.domain.imports.imports import Refusal
from ocello.domain.people.users import User
from ocello.services.consent.consents import MANY_PATIENCE_MS, Consents, Recorded, Said
from ocello.services.consent.ports import MOST, ShownTexts
from ocello.services.imports.imports import RESERVE_MS


@dataclass(frozen=True)
class ConsentLines:
    """LineWriter of consent: as many lines at once as one transaction of the ledger takes, if each names one purpose."""

    consents: Consents
    texts: ShownTexts
    shape: ClassVar[Shape[ConsentLine]] = CONSENT_LINES
    at_once: ClassVar[int] = MOST
    reserve_ms: ClassVar[int] = RESERVE_MS + MANY_PATIENCE_MS * len(AXES)  # of two transactions, where each names two

    def write(self, user: User, lines: Sequence[ConsentLine]) -> Sequence[bool | Refusal]:
        """Write down what people said; return for each line whether it was new, or why it was refused. Raises Unavailable.

        The texts that were shown are kept first: no line may name a text that is not there.
        """
        notices = {line.notice: elsewhere(line.notice) for line in lines}
        for text, notice in notices.items():
            self.texts.keep(notice.sha256, text)
        said = [
            Said(
                line.address,
                line.events,
                "import",
                line.at,
                actor=user.address,
                source=line.source,
                notice=notices[line.notice],
            )
            for line in lines
        ]
        outcomes = self.consents.record_all(said)
        return [_outcome(line, recorded) for line, recorded in zip(lines, outcomes, strict=True)]


def _outcome(line: ConsentLine, recorded: Recorded) -> bool | Refusal:
    error = recorded.refused
    if error is None:
        return bool(recorded.added)
    if isinstance(error, Invalid):
        return Refusal(line.line, error.field, error.reason)
    closed = recorded.consent.closed()
    return Refusal(line.line, next((axis for axis in line.events if axis in closed), ""), error.text)
