"""What conditional writes are conditional on, and how to tell that a condition did not hold."""

from types import TracebackType
from typing import Any, Self

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition

from ocello.adapters.dynamodb import models

_OVERTAKEN = frozenset({"ConditionalCheckFailed", "TransactionConflict"})  # reasons of a cancelled transaction


def absent() -> Condition:
    """Make the condition that there is no such row yet."""
    return models.Row.pk.does_not_exist()


def present() -> Condition:
    """Make the condition that the row is there."""
    return models.Row.pk.exists()


def has_version(version: Any, known: int) -> Condition:
    """Make the condition that a row still has the version that is known; rows from before there were versions have none."""
    same: Condition = version == known
    return same | version.does_not_exist() if known == 0 else same


def over(version: Any, known: int | None) -> Condition:
    """Make the condition that a row still has the version that was read; None: that there was no row, and still is none."""
    return absent() if known is None else version == known


class Attempt:
    """A conditional write or transaction; afterwards `succeeded` says whether its condition held.

    `with Attempt() as attempt: row.save(condition)`. Every other failure is raised as it came. A transaction that
    collided with another one counts as one whose condition did not hold: what it was based on is changing.
    """

    succeeded = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Take a false condition for an answer."""
        self.succeeded = error is None
        return _says_no(error)


def _says_no(error: BaseException | None) -> bool:
    if isinstance(error, PutError | UpdateError | DeleteError):
        return error.cause_response_code == "ConditionalCheckFailedException"
    if isinstance(error, TransactWriteError):
        return bool(_OVERTAKEN & {reason.code for reason in error.cancellation_reasons if reason is not None})
    return False
