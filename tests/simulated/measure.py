"""Plays simulated mails through the judge, and counts people lost, machines counted, alerts wrongly missing or withdrawn."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from random import Random
from typing import NamedTuple

from tests.simulated import mails
from tests.simulated.mails import Draw, Mail

type Play = Callable[[Mail, int | None], dict]


class Row(NamedTuple):
    """One line of the table: what was counted, of how many, and its aim as a share (None: said, without an aim).

    `examples` are the first mails in which it happened.
    """

    subject: str
    happened: int
    of: int
    aim: float | None
    examples: tuple[Mail, ...] = ()

    @property
    def share(self) -> float:
        """Return the share, 0 to 1."""
        return self.happened / self.of if self.of else 0.0

    @property
    def missed(self) -> bool:
        """Return whether the aim is missed."""
        return self.aim is not None and self.share > self.aim


class Counters:
    """Counts hits or alerts that went wrong."""

    def __init__(self) -> None:
        self.count, self.of, self.examples = 0, 0, list[Mail]()

    def take(self, mail: Mail, wrong: Iterable[bool]) -> None:
        """Count what went wrong in one mail."""
        said = list(wrong)
        self.count, self.of = self.count + sum(said), self.of + len(said)
        if any(said) and len(self.examples) < 3:
            self.examples.append(mail)

    def row(self, subject: str, aim: float | None) -> Row:
        """Return the line of the table."""
        return Row(subject, self.count, self.of, aim, tuple(self.examples))


class Alerts:
    """Counts what became of people's alerts."""

    def __init__(self) -> None:
        self.silenced, self.taken, self.withdrawn = Counters(), Counters(), Counters()


SHUFFLED = 10  # of so many mails, one is played again in other orders: all of them would take thrice as long
SURE = 0.9  # the confidence from which a hit is no uncertain one
AIMS: dict[str, float | None] = {  # of people's hits that are lost; 1 % where nothing stands
    "virtual desktop in a data centre, in the first ten": None,  # there, network and time decide
    "three links in three tabs in 1.7 s": 0.02,
    "all four links within a minute": 0.02,
    "three colleagues behind one address": 0.02,
    "5 % stripped of headers": 0.02,
    "20 % stripped of headers": 0.04,
}
SCANNERS = 0.05  # of scanners' hits that are counted; those of some kinds beside
KIND_AIMS = {"HEAD first": 0.03, "headers faked": 0.10}
PLACES = ("hosting", "security_vendor", "mail_provider", "consumer")
_MUST_NOT_RING = ("hosting", "security_vendor")


def rows(play: Play, number: int, seed: int) -> Iterator[Row]:
    """Play `number` mails of every kind, drawn from `seed`, and give the table's rows."""
    alerts, orders = Alerts(), Counters()
    for group in (mails.of_clients(), mails.of_behaviours()):
        for name, draw in group:
            lost = Counters()
            for at, (mail, said) in enumerate(_played(play, draw, number, f"{seed} {name}")):
                _take_person(lost, alerts, mail, said)
                if at < number // SHUFFLED + 1:
                    _take_order(play, orders, mail, said)
            yield lost.row(f"people lost: {name}", AIMS.get(name, 0.01))
    rung, faked = Counters(), Counters()
    for place in PLACES:
        for name, draw in mails.of_scanners(place):
            lost, counted = Counters(), Counters()
            for at, (mail, said) in enumerate(_played(play, draw, number, f"{seed} {name} {place}")):
                _take_person(lost, alerts, mail, said)
                if at < number // SHUFFLED + 1:
                    _take_order(play, orders, mail, said)
                counted.take(mail, (said["hits"][at]["outcome"] == "counted" for at in _of(mail, "scanner")))
                if place in _MUST_NOT_RING:
                    machines = set(_of(mail, "scanner"))
                    counters = faked if name in KIND_AIMS and KIND_AIMS[name] > SCANNERS else rung
                    counters.take(mail, [any(alert["hit"] in machines for alert in _standing(said))])
            yield lost.row(f"people lost beside a scanner: {name}, {place}", 0.01)
            aim = KIND_AIMS.get(name, SCANNERS) if place in _MUST_NOT_RING else None
            yield counted.row(f"scanner counted: {name}, {place}", aim)
    yield rung.row("mails with an alert for a scanner's hit, hosting and vendors", 0.0)
    yield faked.row("mails with an alert for a scanner's hit, the same with headers faked", None)
    yield alerts.silenced.row("people's alerts silenced: nothing or an uncertain hit in their place", 0.0)
    yield alerts.taken.row("people's alerts silenced: a machine in their place that was believed", None)
    yield alerts.withdrawn.row("people's alerts withdrawn", 0.0)
    yield orders.row("mails whose rows or alerts depend on the order", 0.0)
    yield flood_row(play, seed)


def flood_row(play: Play, seed: int) -> Row:
    """Return the row for 100 opens and 100 clicks in 4 s: two are counted, and the rest is a bot's."""
    mail = mails.flood(Random(seed))
    hits = play(mail, None)["hits"]
    counted = [hit for hit in hits if hit["outcome"] == "counted" and not hit["folded"]]
    wrong = abs(len(counted) - 2) + sum(hit["verdict"] != "bot" for hit in hits if hit["outcome"] != "counted")
    return Row("100 opens and 100 clicks in 4 s: hits beside two counted and bots", wrong, len(hits), 0.0, (mail,))


def _played(play: Play, draw: Draw, number: int, seed: str) -> Iterator[tuple[Mail, dict]]:
    random = Random(seed)
    for _ in range(number):
        mail = draw(random)
        yield mail, play(mail, None)


def _of(mail: Mail, who: str) -> list[int]:
    return [at for at, hit in enumerate(mail["hits"]) if hit["who"] == who]


def _standing(said: dict) -> list[dict]:
    return [alert for alert in said["alerts"] if alert["state"] == "rung"]


def _take_person(lost: Counters, alerts: Alerts, mail: Mail, said: dict) -> None:
    hits, persons = said["hits"], _of(mail, "person")
    lost.take(mail, (hits[at]["outcome"] != "counted" for at in persons))
    standing = _standing(said)
    silenced, taken = [], []
    for places in _due(mail, said, persons):
        rang = any(alert["hit"] in places for alert in standing)
        believed = any(
            _place(mail, alert["hit"]) == _place(mail, places[0]) and hits[alert["hit"]]["confidence"] >= SURE
            for alert in standing
        )
        silenced.append(not rang and not believed)
        taken.append(not rang and believed)
    alerts.silenced.take(mail, silenced)
    alerts.taken.take(mail, taken)
    ours = set(persons)
    alerts.withdrawn.take(mail, [any(each["state"] == "withdrawn" and each["hit"] in ours for each in said["alerts"])])


def _place(mail: Mail, at: int) -> tuple[int, str, int]:
    """Name the place that an alert for a hit takes: whose it is, its kind, and a click's link."""
    hit = mail["hits"][at]
    return hit["recipient"], hit["kind"], -1 if hit["link"] is None else hit["link"]


def _due(mail: Mail, said: dict, persons: list[int]) -> Iterator[list[int]]:
    """Give, for each alert that people's counted hits are due, the hits that it may name.

    A link's first counted click rings, and so does an open that none counted of in the 30 minutes before it: here a
    recipient's first one.
    """
    counted = [at for at in persons if said["hits"][at]["outcome"] == "counted"]

    def of_one(at: int) -> tuple[int, str, int]:
        return _place(mail, at)

    for _, places in itertools.groupby(sorted(counted, key=of_one), key=of_one):
        yield list(places)


def _take_order(play: Play, orders: Counters, mail: Mail, said: dict) -> None:
    orders.take(mail, [any(_facts(play(mail, shuffle)) != _facts(said) for shuffle in (7, 11))])


def _facts(said: dict) -> tuple:
    hits = [(hit["verdict"], hit["outcome"], hit["folded"]) for hit in said["hits"]]
    return hits, sorted(
        (alert["recipient"], alert["kind"], str(alert["link"]), alert["hit"]) for alert in _standing(said)
    )
