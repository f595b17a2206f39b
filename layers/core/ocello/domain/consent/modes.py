"""Modes of tracking: one scale for opens and one for links, from nothing to each reader by themself."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, get_args

Mode = Literal["off", "pooled", "individual"]
MODES: tuple[Mode, ...] = get_args(Mode)  # strictest first
Axis = Literal["opens", "links"]
AXES: tuple[Axis, ...] = get_args(Axis)


class Modes(NamedTuple):
    """A mode for opens and one for links."""

    opens: Mode
    links: Mode

    def of(self, axis: Axis) -> Mode:
        """Return the mode of an axis."""
        return self.opens if axis == "opens" else self.links

    @property
    def of_individuals(self) -> "Modes":
        """Return the modes as far as they tell readers apart: a pooled axis tells nothing of anybody."""
        return Modes(*("individual" if each == "individual" else "off" for each in self))


OFF = Modes("off", "off")
INDIVIDUAL = Modes("individual", "individual")


def strictest(modes: Iterable[Mode]) -> Mode:
    """Return the strictest of one mode or more. Raises ValueError for none."""
    return min(modes, key=MODES.index)


def allows(ceiling: Mode, mode: Mode) -> bool:
    """Return whether `mode` is no more than `ceiling`."""
    return MODES.index(mode) <= MODES.index(ceiling)
