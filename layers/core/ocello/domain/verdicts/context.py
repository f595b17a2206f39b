"""What is known beside a message's hits when they are judged. It is read once and kept in the message's engagement row."""

import zlib
from collections.abc import Mapping
from typing import Literal, NamedTuple

from ocello.domain.verdicts.evidence import RULES
from ocello.domain.verdicts.networks import ClassOf, nothing_known
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.domain.verdicts.sources import Network

SCAN_WINDOW_MS = 600_000  # after a copy was delivered; of 836 scanners' bursts 97 % began in its first half

History = Literal["", "scanned", "quiet"]  # of a recipient's domain; empty: not enough is known
_ENOUGH = 20  # mails to a domain, before never having been scanned says something
_FEW = 3  # mails, before having been scanned says something
_OFTEN = 0.3  # of the mails to a domain


class DomainHistory(NamedTuple):
    """How many copies to a domain were clicked; with bursts; early without one, and that by a machine."""

    mails: int = 0
    bursts: int = 0
    early: int = 0
    early_machines: int = 0

    @property
    def tells(self) -> History:
        """Say what the figures come to."""
        if self.mails >= _FEW and self.bursts >= _OFTEN * self.mails:
            return "scanned"
        if self.early >= _FEW and self.early_machines >= 0.5 * self.early:
            return "scanned"
        return "quiet" if self.mails >= _ENOUGH and not self.bursts and not self.early_machines else ""


class CopyFacts(NamedTuple):
    """What is known of one recipient's copy: when it was delivered (ms; None: unknown), and to whom.

    `mx` is the class of the domain's mail exchanger ("gateway", "google", …), empty where it is not known.
    """

    delivered_at: int | None = None
    own: bool = False  # one of our own users
    mx: str = ""
    history: History = ""
    final: bool = True  # False: a delivery time that is better known may come yet
    taught: int = 0  # bits of the figures of its domain's history to which it was added


UNKNOWN_COPY = CopyFacts()


class Context(NamedTuple):
    """What the judge is told beside the hits; the same for all hits of a message."""

    link_count: int = 0
    own: tuple[Network, ...] = ()  # the team's own networks
    copies: Mapping[int, CopyFacts] = {}  # by the recipient's index
    sessions: tuple[SignedIn, ...] = ()  # from where the sender was signed in
    source_key: bytes = b""  # of the digests in `sessions`
    class_of: ClassOf = nothing_known
    networks: str = ""  # the version of the table that `class_of` reads

    @property
    def rules(self) -> int:
        """Name the rules together with the own networks that they know, so that a change of either is seen."""
        known = " ".join(map(str, self.own))
        return RULES | zlib.crc32(known.encode()) << 8 if known else RULES
