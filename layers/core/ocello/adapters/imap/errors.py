"""Sorts what goes wrong with an IMAP server, and reads the words of its lists."""

import imaplib
import ssl
from collections.abc import Collection, Iterator
from contextlib import contextmanager

from ocello.adapters.limits import words_of
from ocello.domain.common.texts import Text
from ocello.domain.messages.delivery import Deferred, Rejected, Unreachable


def words_in(data: Collection[bytes], *, capitals: bool = True) -> frozenset[str]:
    """Return the words of a list, such as capabilities or flags."""
    words = (each.decode("ascii", "replace") for each in data)
    return frozenset(word.upper() for word in words) if capitals else frozenset(words)


@contextmanager
def sorted_errors() -> Iterator[None]:
    """Convert errors to Rejected, if permanent, or Deferred."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise Rejected(
            Text("The server's certificate is not valid: %(why)s.", why=str(error.verify_message))
        ) from error
    except imaplib.IMAP4.abort as error:
        raise Unreachable("The server closed the connection.") from error
    except imaplib.IMAP4.error as error:
        raise Deferred(words_of(str(error))) from error
    except OSError as error:
        raise Unreachable(Text("The server could not be talked to (%(why)s).", why=type(error).__name__)) from error
    except (ValueError, TypeError, KeyError, IndexError, AssertionError) as error:  # of the libraries' parsers
        raise Deferred("The server gave an answer that nobody understands.") from error
