"""Tells by which country's rules a reader is to be treated; never from a hit."""

# Domains of countries that are sold everywhere, so that they say little of where somebody is.
_GENERIC = frozenset({"ai", "cc", "co", "fm", "gg", "io", "ly", "me", "tv", "vc", "ws"})
_OTHERWISE = {"uk": "GB"}  # where the domain is not the code of ISO 3166-1
_NO_COUNTRY = frozenset({"eu"})
_CODE = 2  # letters


def country_of(address: str, *, recipient: str = "", item: str = "", workspace: str = "") -> str:
    """Return a reader's country (ISO 3166-1 alpha-2, capitals), '' where nobody knows.

    What is said of the recipient comes first, then the linked item's, the address's own domain, the workspace's.
    """
    return (recipient or item).upper() or _of_domain(address) or workspace.upper()


def _of_domain(address: str) -> str:
    last = address.rstrip(".").rpartition("@")[2].rpartition(".")[2].lower()
    if len(last) != _CODE or not last.isascii() or not last.isalpha() or last in _GENERIC | _NO_COUNTRY:
        return ""
    return _OTHERWISE.get(last, last.upper())
