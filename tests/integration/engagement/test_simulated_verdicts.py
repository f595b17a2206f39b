"""Verdicts on simulated people and scanners, in short: `make bench-verdicts` plays many more of them."""

from infra.tools.judge import play
from ocello.adapters.networks.builtin import builtin
from tests.simulated.measure import rows

# Known misses; remove a line as soon as its aim is reached.
NOT_YET = {"people's alerts silenced: nothing or an uncertain hit in their place"}


def test_of_a_small_sample_every_other_aim_is_met():
    class_of = builtin().class_of
    sample = list(rows(lambda mail, shuffle: play(mail, shuffle, class_of), 4, 2))
    assert [
        (row.subject, row.happened, row.of, row.examples) for row in sample if row.missed and row.subject not in NOT_YET
    ] == []
    assert {row.subject for row in sample} >= NOT_YET
