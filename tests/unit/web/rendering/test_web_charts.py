"""Positions on a chart."""

from itertools import pairwise

import pytest

from functions.web.rendering import charts


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 1, 2, 3, 4, 5]),
        (6, [0, 2, 4, 6]),
        (11, [0, 5, 10, 15]),
        (99, [0, 20, 40, 60, 80, 100]),
        (101, [0, 50, 100, 150]),
        (1234, [0, 500, 1000, 1500]),
    ],
)
def test_a_scale_goes_up_evenly_to_at_least_the_most(most, ticks):
    scale = charts.counts(most)
    assert [tick.value for tick in scale.ticks] == ticks
    assert scale.y(0) == scale.ticks[0].y == charts.BOTTOM
    assert scale.y(ticks[-1]) == scale.ticks[-1].y == charts.TOP
    assert scale.y(most) + scale.height(most) == pytest.approx(charts.BOTTOM)


def test_shares_always_go_to_all():
    assert [tick.value for tick in charts.shares().ticks] == [0, 0.25, 0.5, 0.75, 1]


@pytest.mark.parametrize("number", [1, 6, 7, 12, 13, 30, 45, 53, 366])
def test_labels_begin_at_the_first_and_never_crowd(number):
    labels = charts.labels(number)
    places = [label.place for label in labels]
    assert places[0] == 0
    assert len(labels) <= 12
    assert sum(label.narrow for label in labels) <= 6
    assert len({after - before for before, after in pairwise(places)}) <= 1
    assert places[-1] < number


def test_slots_fill_the_width_side_by_side():
    slots = charts.slots(3)
    assert [slot.x for slot in slots] == pytest.approx([0, 100 / 3, 200 / 3])
    assert slots[-1].x + slots[-1].width == pytest.approx(100)
    assert charts.slots(2)[1].part(0.5, 0.25) == charts.Part(75, 12.5)
    assert charts.slots(2)[1].middle == 75


@pytest.mark.parametrize(("value", "level"), [(0, 0), (1, 1), (25, 1), (26, 2), (100, 4)])
def test_levels_grade_from_nothing_to_the_most(value, level):
    assert charts.level(value, 100) == level
    assert charts.level(0, 0) == 0
