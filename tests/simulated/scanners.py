"""Machines that follow a mail's links. Delays are those published for one operator's 836 bursts, the rest varies around them."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.simulated.clients import LANGUAGES, WEBKIT
from tests.simulated.people import LINKS, Hit, hit
from tests.simulated.places import address_in

# Seconds after sending, and how many in a hundred came between the one before and these.
DELAYS = ((0, 10, 0.5), (10, 20, 2.2), (20, 60, 66.4), (60, 300, 28.3), (300, 1_800, 1.9), (1_800, 7_200, 0.7))

HEADLESS = json.loads(Path(__file__).with_name("headless.json").read_text())

type Visit = Callable[[str, Random], list[Hit]]  # from addresses of a place


def _start(random: Random) -> float:
    least, most, _ = random.choices(DELAYS, [share for *_, share in DELAYS])[0]
    return 1_000 * random.uniform(least, most)


def _agent(random: Random) -> str:
    """Return a random agent of an ordinary browser, new or some years old."""
    system = random.choice(("Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"))
    version = random.choice((random.randint(79, 110), random.randint(111, 138), random.randint(139, 156)))
    return f"Mozilla/5.0 ({system}) {WEBKIT} Chrome/{version}.0.0.0 Safari/537.36"


class Scanner:
    """One visit of a scanner: an agent and an address, unless each hit has its own."""

    def __init__(self, place: str, random: Random) -> None:
        self.place, self.random = place, random
        self.agent, self.address = _agent(random), address_in(place, random)
        self.headers = (
            {"accept-language": random.choice((*LANGUAGES, "en-US,en;q=0.9"))} if random.random() < 0.3 else {}
        )

    def click(self, at: float, link: int, address: str | None = None) -> Hit:
        """Follow a link."""
        return hit("scanner", "machine", at, "click", link, self.agent, address or self.address, self.headers)

    def open(self, at: float, address: str | None = None) -> Hit:
        """Fetch the pixel."""
        return hit("scanner", "machine", at, "open", None, self.agent, address or self.address, self.headers)

    def elsewhere(self) -> str:
        """Return another random address of the same kind."""
        return address_in(self.place, self.random)


def burst(place: str, random: Random) -> list[Hit]:
    """Follow all links within a second; the pixel a median 33 s before, often from another address."""
    scanner, at = Scanner(place, random), _start(random)
    before = max(0.0, at - random.lognormvariate(3.5, 0.6) * 1_000)
    opened = scanner.open(before, scanner.elsewhere() if random.random() < 0.6 else None)
    return [opened, *(scanner.click(at + random.uniform(0, 1_000), link) for link in range(LINKS))]


def one_link(place: str, random: Random) -> list[Hit]:
    """Follow the one link of a mail with one link."""
    return [Scanner(place, random).click(_start(random), 0)]


def two_links(place: str, random: Random) -> list[Hit]:
    """Follow both links of a mail with two."""
    scanner, at = Scanner(place, random), _start(random)
    return [scanner.click(at, 0), scanner.click(at + random.uniform(50, 900), 1)]


def first_link_only(place: str, random: Random) -> list[Hit]:
    """Follow the first of four links."""
    return [Scanner(place, random).click(_start(random), 0)]


def pixel_only(place: str, random: Random) -> list[Hit]:
    """Fetch the pixel and nothing else."""
    return [Scanner(place, random).open(_start(random))]


def head_first(place: str, random: Random) -> list[Hit]:
    """Ask with HEAD for a link or two, then with GET."""
    scanner, at = Scanner(place, random), _start(random)
    hits = []
    for link in range(random.choice((1, 1, 2))):
        asked: Hit = {**scanner.click(at, link), "method": "HEAD"}
        hits += [asked, scanner.click(at + random.uniform(100, 3_000), link)]
        at += random.uniform(500, 6_000)
    return hits


def _paced(least: float, most: float) -> Visit:
    def visit(place: str, random: Random) -> list[Hit]:
        scanner, at = Scanner(place, random), _start(random)
        hits = [scanner.open(max(0.0, at - random.uniform(500, 5e4)))]
        for link in range(LINKS):
            hits.append(scanner.click(at, link))
            at += random.uniform(least, most)
        return hits

    return visit


def address_each(place: str, random: Random) -> list[Hit]:
    """Follow every link from another address."""
    scanner, at = Scanner(place, random), _start(random)
    return [scanner.click(at + random.uniform(0, 4_000), link, scanner.elsewhere()) for link in range(LINKS)]


def open_elsewhere(place: str, random: Random) -> list[Hit]:
    """Fetch the pixel from one address, and follow one link from another."""
    scanner, at = Scanner(place, random), _start(random)
    opened = scanner.open(max(0.0, at - random.lognormvariate(3.5, 0.6) * 1_000), scanner.elsewhere())
    return [opened, scanner.click(at, random.randrange(LINKS))]


def faked(place: str, random: Random) -> list[Hit]:
    """Read with a real headless browser that claims another agent, or its own without the word; one to four links."""
    recorded = HEADLESS[random.choice(("another_agent", "own_agent"))]
    opened = next(each for each in recorded if each["kind"] == "open")
    clicked = [each for each in recorded if each["kind"] == "click"]
    at, address = _start(random), address_in(place, random)
    hits = [hit("scanner", "machine", at, "open", None, opened["agent"], address, opened["headers"])]
    for link in random.sample(range(LINKS), random.randint(1, LINKS)):
        at += random.uniform(800, 9_000)
        each = random.choice(clicked)
        hits.append(hit("scanner", "machine", at, "click", link, each["agent"], address, each["headers"]))
    return hits


KINDS: dict[str, tuple[int, Visit]] = {  # with how many links the mail has
    "burst": (LINKS, burst),
    "one link": (1, one_link),
    "two links": (2, two_links),
    "first link only": (LINKS, first_link_only),
    "pixel only": (LINKS, pixel_only),
    "HEAD first": (LINKS, head_first),
    "1-3 s between links": (LINKS, _paced(1_000, 3_000)),
    "3-8 s between links": (LINKS, _paced(3_000, 8_000)),
    "an address for each hit": (LINKS, address_each),
    "open from elsewhere": (LINKS, open_elsewhere),
    "headers faked": (LINKS, faked),
}
