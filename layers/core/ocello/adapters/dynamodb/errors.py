"""Converts the errors that pynamodb raises for failures of DynamoDB to the domain's *Unavailable*."""

import functools
from collections.abc import Callable

from pynamodb.exceptions import PynamoDBException

from ocello.adapters.aws import clients
from ocello.domain.common.errors import Unavailable

_SERVICE = "database"


def unavailable[**P, R](work: Callable[P, R]) -> Callable[P, R]:
    """Make `work` raise Unavailable if the database failed; the text holds the error's type, and no data."""

    @functools.wraps(work)
    @clients.unavailable(_SERVICE)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except PynamoDBException as error:
            raise Unavailable(f"{_SERVICE}: {error.cause_response_code or type(error).__name__}") from error

    return wrapped
