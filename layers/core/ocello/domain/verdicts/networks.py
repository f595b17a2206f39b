"""Classes of networks: what kind of place a hit came from, one piece of evidence among others."""

from collections.abc import Callable
from enum import StrEnum


class NetworkClass(StrEnum):
    """What a network is used for."""

    HOSTING = "hosting"
    SECURITY_VENDOR = "security_vendor"
    MAIL_PROVIDER = "mail_provider"
    CONSUMER = "consumer"
    MOBILE = "mobile"
    PRIVACY_RELAY = "privacy_relay"
    OFFICE_GATEWAY = "office_gateway"
    UNKNOWN = "unknown"


ClassOf = Callable[[str], NetworkClass]  # of a client's address, as the hit has it; never raises


def nothing_known(_address: str) -> NetworkClass:
    """Return that nothing is known of an address: what judges without a table of networks."""
    return NetworkClass.UNKNOWN
