"""Chooses a language by what a browser asks for."""

from collections.abc import Sequence

_MOST = 20  # wishes that are read


def best_of[L: str](header: str, known: Sequence[L], otherwise: L) -> L:
    """Return the best of the `known` languages (two letters) for an Accept-Language header (RFC 9110, section 12.5.4).

    A wish of weight 0 is none (section 12.4.2). `otherwise` if none is wished for.
    """
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:_MOST]):
        tag, _, weight = part.partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, tag.strip()[:2].lower()))
        except ValueError:
            continue
    wished = [tag for weight, _, tag in sorted(wishes) if weight < 0]
    return next((each for tag in wished for each in known if each == tag), otherwise)
