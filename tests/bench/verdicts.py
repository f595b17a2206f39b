"""Measures verdicts: agents on public lists, and simulated people and scanners through the judge, in one table beside its aims.

Run: `make bench-verdicts`, or `.venv/dev/bin/python -m tests.bench.verdicts --mails 50 --seed 3`. Ends with status 1 and the
names of the missed aims if there are any. The mails come from tests/simulated, which nobody calibrated weights on.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from infra.tools.judge import play  # noqa: E402 — found by the path above
from ocello.adapters.networks.builtin import builtin  # noqa: E402 — the same
from ocello.domain.verdicts.context import Context  # noqa: E402 — the same
from ocello.domain.verdicts.programs.agents import Agent, recognise  # noqa: E402 — the same
from ocello.domain.verdicts.programs.clients import client_of  # noqa: E402 — the same
from ocello.services.engagement.ports import NothingUnderWay, StoredRow  # noqa: E402 — the same
from ocello.services.engagement.settle import Judge  # noqa: E402 — the same
from tests import agent_lists, mail_agents  # noqa: E402 — the same
from tests.fakes.engagement.settling import (  # noqa: E402 — the same
    MemoryEngagementStore,
    MemoryHitStore,
    MemorySurroundings,
    a_hit,
)
from tests.simulated.mails import Mail  # noqa: E402 — the same
from tests.simulated.measure import Row, rows  # noqa: E402 — the same

MACHINES = {Agent.CRAWLER, Agent.PREVIEW, Agent.PROXY, Agent.PRIVACY_PROXY, Agent.GMAIL_PREFETCH}
PERSONS = {Agent.BROWSER, Agent.MAIL_CLIENT}
MOST_MICROSECONDS = 100
LEAST_HITS, HITS = 1_500, 1_000
ROW_REST = 120  # bytes of a row beside what is packed: its key, names and version
ROUNDS = 5


def agent_rows() -> Iterator[Row]:
    """Return the rows of agents alone."""
    for name, read in agent_lists.CRAWLERS.items():
        agents = sorted(set(read()))
        yield Row(
            f"crawlers missed: {name}", sum(recognise(each) not in MACHINES for each in agents), len(agents), 0.05
        )
    for name, read in agent_lists.PEOPLE.items():
        agents = sorted(set(read()))
        yield Row(
            f"browsers taken for machines: {name}",
            sum(recognise(each) in MACHINES for each in agents),
            len(agents),
            0.0,
        )
    alive, every = mail_agents.ALIVE, (*mail_agents.ALIVE, *mail_agents.GONE)
    yield Row(
        "mail programs of today not a person's", sum(recognise(each) not in PERSONS for each in alive), len(alive), 0.0
    )
    yield Row(
        "mail programs ever not a person's",
        sum(recognise(each) not in PERSONS for each in every),
        len(every),
        3 / len(every),
    )
    proxies = mail_agents.PROXIES
    yield Row("image proxies not known", sum(recognise(each) is not Agent.PROXY for each in proxies), len(proxies), 0.0)


def microseconds() -> float:
    """Return how long reading an agent takes that was not seen before: over all lists, the best of some rounds."""
    agents = {agent for read in (*agent_lists.CRAWLERS.values(), *agent_lists.PEOPLE.values()) for agent in read()}
    best = float("inf")
    for _ in range(ROUNDS):
        client_of.cache_clear()
        recognise.cache_clear()
        begun = time.process_time()
        for agent in agents:
            client_of(agent)
        best = min(best, time.process_time() - begun)
    return best * 1e6 / len(agents)


class Settling(NamedTuple):
    """What settling a message's hits one by one costs: hits a second and core, units of the database a hit."""

    a_second: float
    read: float
    written: float


class _UnitStore(MemoryEngagementStore):
    """EngagementStore that counts units as DynamoDB does: of 4 KB read, of 1 KB written."""

    def __init__(self) -> None:
        super().__init__()
        self.read_units = self.write_units = 0

    def read(self, message: str) -> StoredRow | None:
        found = super().read(message)
        self.read_units += 1 if found is None else -(-len(found.packed) // 4096)
        return found

    def write(self, message: str, packed: bytes, version: int) -> bool:
        self.write_units += -(-(len(packed) + ROW_REST) // 1024)
        return super().write(message, packed, version)


def settling() -> Settling:
    """Settle the hits of one message one by one, without a network: the best of some rounds."""
    rng = random.Random(1)
    kinds = ["open", "click"]
    hits = [a_hit(at * 600, f"{at:04}", rng.choice(kinds), rng.randrange(4), rng.randrange(9)) for at in range(HITS)]
    best, store = float("inf"), _UnitStore()
    for _ in range(ROUNDS):
        store = _UnitStore()
        judge = Judge(
            MemoryHitStore(), store, MemorySurroundings(), Context(class_of=builtin().class_of), NothingUnderWay()
        )
        begun = time.process_time()
        for hit in hits:
            judge.settle(hit.message, [hit])
        best = min(best, time.process_time() - begun)
    return Settling(HITS / best, store.read_units / HITS, store.write_units / HITS)


def line(row: Row) -> str:
    """Return a row of the table."""
    aim = "-" if row.aim is None else f"{row.aim:6.1%}"
    said = f"{row.subject:<72} {row.happened:>6} of {row.of:>6} {row.share:>7.2%}  {aim:>7}"
    return f"{said}  MISSED" if row.missed else said


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--mails", type=int, default=100, help="mails of each kind")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--examples", type=Path, help="write mails in which an aim was missed into this file")
    chosen = options.parse_args()
    class_of = builtin().class_of

    def judged(mail: Mail, shuffle: int | None) -> dict:
        return play(mail, shuffle, class_of)

    print(f"{'':<72} {'counted':>16} {'share':>7}  {'aim':>7}")
    missed: list[str] = []
    examples: list[Mail] = []
    for read in (agent_rows(), rows(judged, chosen.mails, chosen.seed)):
        for row in read:
            print(line(row), flush=True)
            if row.missed:
                missed.append(row.subject)
                examples += row.examples
    took = microseconds()
    print(f"{'an unseen agent, microseconds':<72} {took:>24.1f}  {MOST_MICROSECONDS:>7}")
    if took >= MOST_MICROSECONDS:
        missed.append("an unseen agent, microseconds")
    cost = settling()
    print(
        f"{'one message, 1,000 hits one by one: hits a second and core':<72} {cost.a_second:>24,.0f}  {LEAST_HITS:>7,}"
    )
    print(f"{'the same: read units, write units a hit':<72} {cost.read:>15.3f} {cost.written:>8.2f}        -")
    if cost.a_second < LEAST_HITS:
        missed.append("one message, 1,000 hits one by one: hits a second and core")
    if chosen.examples:
        chosen.examples.write_text("".join(f"{json.dumps(example)}\n" for example in examples))
    if missed:
        print(f"\n{len(missed)} aims are missed:", *missed, sep="\n  ", file=sys.stderr)
        sys.exit(1)
    print("\nevery aim is met")


if __name__ == "__main__":
    main()
