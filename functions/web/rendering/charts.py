"""Computes the positions of bars, lines and labels of charts; the templates draw them.

Horizontal values are in percent of the chart's width, so that it can be narrow while its letters keep their size;
vertical values are in pixels.
"""

from typing import NamedTuple

TOP, BOTTOM = 12.0, 160.0  # of the plot
_TICKS = 5  # intervals at most
_LABELS = 12  # labels at the bottom at most; a narrow chart shows every second one


class Tick(NamedTuple):
    """A line across the plot, and the value that it stands for."""

    value: float
    y: float


class Part(NamedTuple):
    """A range across the chart, in percent of its width."""

    x: float
    width: float

    @property
    def middle(self) -> float:
        """Return the point between its ends."""
        return self.x + self.width / 2

    def part(self, start: float, width: float) -> "Part":
        """Return a part of this range, by shares of 1."""
        return Part(self.x + self.width * start, self.width * width)


class Scale(NamedTuple):
    """The scale at the left of a chart: evenly spaced lines from zero to at least the largest value."""

    ticks: tuple[Tick, ...]

    def height(self, value: float) -> float:
        """Return the height in pixels of a bar for `value`."""
        return (BOTTOM - TOP) * value / self.ticks[-1].value

    def y(self, value: float) -> float:
        """Return the vertical position of the top of a bar for `value`."""
        return BOTTOM - self.height(value)


def counts(most: int) -> Scale:
    """Return the scale of whole numbers up to `most`, in steps of 1, 2 or 5, or ten times these, and so on."""
    step = next(size * 10**power for power in range(20) for size in (1, 2, 5) if size * 10**power * _TICKS >= most)
    return _scale([step * number for number in range(max(1, -(-most // step)) + 1)])


def shares() -> Scale:
    """Return the scale of shares of 1, in quarters."""
    return _scale([0, 0.25, 0.5, 0.75, 1])


def _scale(values: list[float]) -> Scale:
    return Scale(tuple(Tick(value, BOTTOM - (BOTTOM - TOP) * value / values[-1]) for value in values))


def slots(number: int) -> tuple[Part, ...]:
    """Divide the chart's width evenly among this many values."""
    return tuple(Part(100 * place / number, 100 / number) for place in range(number))


class Label(NamedTuple):
    """A label under the slot at `place`; one that is not `narrow` is left out in a narrow chart."""

    place: int
    narrow: bool


def labels(number: int) -> tuple[Label, ...]:
    """Return which of this many slots get a label, evenly spaced."""
    step = -(-number // _LABELS)
    few = number <= _LABELS // 2
    return tuple(Label(place, few or place // step % 2 == 0) for place in range(0, number, step))


def level(value: int, most: int) -> int:
    """Return a grade of a value from 0 (nothing) to 4 (the most)."""
    return -(-4 * value // most) if most else 0
