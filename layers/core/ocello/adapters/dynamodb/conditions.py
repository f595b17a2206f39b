"""The conditions of conditional writes, and how to recognise that a condition was false."""

from types import TracebackType
from typing import Any, Self

from pynamodb.exceptions import DeleteError, PutError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition

from ocello.adapters.dynamodb import models

_OVERTAKEN = frozenset({"ConditionalCheckFailed", "TransactionConflict"})  # reasons of a cancelled transaction


def absent() -> Condition:
    """Return the condition that the row does not exist."""
    return models.Row.pk.does_not_exist()


def present() -> Condition:
    """Return the condition that the row exists."""
    return models.Row.pk.exists()


def has_version(version: Any, known: int) -> Condition:
    """Return the condition that a row still has the `known` version; rows of early releases have none."""
    same: Condition = version == known
    return same | version.does_not_exist() if known == 0 else same


def over(version: Any, known: int | None) -> Condition:
    """Return the condition that a row still has the `known` version, or, if that is None, still does not exist."""
    return absent() if known is None else version == known


class Attempt:
    """A conditional write or transaction; afterwards `succeeded` says whether its condition was true.

    `with Attempt() as attempt: row.save(condition)`. Any other error is raised unchanged. A transaction that conflicted
    with another one counts as one with a false condition, as the data it was based on is changing.
    """

    succeeded = False

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Suppress the error of a false condition."""
        self.succeeded = error is None
        return _says_no(error)


def _says_no(error: BaseException | None) -> bool:
    if isinstance(error, PutError | UpdateError | DeleteError):
        return error.cause_response_code == "ConditionalCheckFailedException"
    if isinstance(error, TransactWriteError):
        return bool(_OVERTAKEN & {reason.code for reason in error.cancellation_reasons if reason is not None})
    return False
