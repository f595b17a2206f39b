"""Mails of people and of scanners, by the public facts that docs/verdicts.md names: on these the weights were found.

Run it as `python tests/bench/calibration.py`: it prints, of each kind of mail, how many people are lost and how many scanners'
hits are counted. Another generator, written apart, tests the weights; nothing here is fitted to that one.
"""

import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from infra.tools.judge import play  # noqa: E402 — after the path
from ocello.domain.verdicts.networks import NetworkClass  # noqa: E402

MAILS = 400  # of each kind
WINDOWS, MAC, LINUX = "Windows NT 10.0; Win64; x64", "Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64"
IPHONE, ANDROID = "iPhone; CPU iPhone OS 18_5 like Mac OS X", "Linux; Android 10; K"

# Addresses by what their network is, for this generator alone: "home-3" is a place in a network of homes.
_FIRST = {"consumer": 81, "mobile": 37, "unknown": 151, "hosting": 3, "vendor": 148, "microsoft": 40, "office": 165}
_CLASSES = {
    81: NetworkClass.CONSUMER,
    37: NetworkClass.MOBILE,
    3: NetworkClass.HOSTING,
    148: NetworkClass.SECURITY_VENDOR,
    40: NetworkClass.MAIL_PROVIDER,
    165: NetworkClass.OFFICE_GATEWAY,
}


def class_of(address: str) -> NetworkClass:
    """Say what a network of this generator is."""
    return _CLASSES.get(int(address.partition(".")[0]), NetworkClass.UNKNOWN)


def place(rng: random.Random, network: str) -> str:
    """Draw an address."""
    return f"{_FIRST[network]}.{rng.randrange(256)}.{rng.randrange(256)}.{rng.randrange(1, 255)}"


def persons_place(rng: random.Random) -> str:
    """Draw an address of a person: of one in three nothing is known of the network."""
    return place(rng, rng.choices(["consumer", "mobile", "unknown"], [45, 20, 35])[0])


def chrome(system: str, version: int) -> str:
    """Name Chrome."""
    return f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"


def edge(version: int) -> str:
    """Name Edge."""
    return f"{chrome(WINDOWS, version)} Edg/{version}.0.0.0"


def firefox(system: str, version: int) -> str:
    """Name Firefox."""
    return f"Mozilla/5.0 ({system}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"


def safari(system: str, mobile: str = "") -> str:
    """Name Safari."""
    return f"Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5{mobile} Safari/605.1.15"


PHONE_SAFARI = safari(IPHONE, " Mobile/15E148")
PHONE_CHROME = chrome(ANDROID, 141).replace("Safari", "Mobile Safari")


def fetched(agent: str, kind: str) -> dict[str, str]:
    """Give the headers that a browser sends by itself."""
    headers = {"accept-language": "it-IT,it;q=0.9"}
    if kind == "click":
        headers |= {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-fetch-site": "none"}
        headers["sec-fetch-user"] = "?1"
    else:
        headers |= {"sec-fetch-mode": "no-cors", "sec-fetch-dest": "image", "sec-fetch-site": "cross-site"}
    if "Chrome/" in agent and "; wv" not in agent and "OneOutlook" not in agent:
        version = agent.partition("Chrome/")[2].partition(".")[0]
        brand = "Microsoft Edge" if "Edg/" in agent else "Google Chrome"
        headers["sec-ch-ua"] = f'"{brand}";v="{version}", "Chromium";v="{version}", "Not.A/Brand";v="99"'
        headers["sec-ch-ua-mobile"] = "?1" if "Mobile" in agent else "?0"
        system = "Android" if "Android" in agent else "macOS" if "Mac OS" in agent else "Windows"
        headers["sec-ch-ua-platform"] = f'"{system if "X11" not in agent else "Linux"}"'
    return headers


OUTLOOK = "Mozilla/4.0 (compatible; ms-office; MSOffice 16)"
THUNDERBIRD = f"Mozilla/5.0 ({LINUX}; rv:128.0) Gecko/20100101 Thunderbird/128.3.0"
APPLE_MAIL = f"Mozilla/5.0 ({MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko)"
NEW_OUTLOOK = f"{edge(140)} OneOutlook/1.2026.317.100"
IPHONE_MAIL = f"Mozilla/5.0 ({IPHONE}) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
WEB_VIEW = (
    "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Version/4.0 Chrome/140.0.7339.51 Mobile Safari/537.36"
)
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"

# What opens the mail, what follows its links, and whether the first sends fetch metadata.
CLIENTS: dict[str, tuple[str, tuple[str, ...], bool]] = {
    "Outlook, classic": (OUTLOOK, (edge(140), chrome(WINDOWS, 141)), False),
    "Outlook, new": (NEW_OUTLOOK, (edge(140), chrome(WINDOWS, 141)), True),
    "Thunderbird": (THUNDERBIRD, (firefox(LINUX, 143),), False),
    "Apple Mail without privacy": (APPLE_MAIL, (safari(MAC), chrome(MAC, 141)), False),
    "iPhone Mail without privacy": (IPHONE_MAIL, (PHONE_SAFARI,), False),
    "Android mail app": (WEB_VIEW, (PHONE_CHROME,), True),
    "Gmail": (GMAIL, (chrome(WINDOWS, 141), PHONE_CHROME, firefox(WINDOWS, 143)), False),
    "Yahoo": (YAHOO, (chrome(WINDOWS, 140), safari(MAC)), False),
    "webmail in Chrome": (chrome(WINDOWS, 141), (chrome(WINDOWS, 141),), True),
    "webmail in Firefox": (firefox(WINDOWS, 143), (firefox(WINDOWS, 143),), True),
    "webmail in Safari": (safari(MAC), (safari(MAC),), True),
}

type Hit = dict[str, object]
type Mail = dict[str, object]


def hit(at: float, kind: str, agent: str, address: str, link: int | None = None, **more: object) -> Hit:
    """Spell one hit."""
    return {"offset_ms": round(at), "kind": kind, "link": link, "agent": agent, "ip": address, "headers": {}} | more


def delay(rng: random.Random, *, keen: bool) -> float:
    """Draw when a person opens a mail (ms after delivery): the keen within seconds, others within hours."""
    return rng.lognormvariate(3.2, 1.0) * 1_000 if keen else rng.lognormvariate(7.6, 1.6) * 1_000


def reading(
    rng: random.Random,
    client: str,
    *,
    links: int,
    keen: bool = False,
    stripped: bool = False,
    address: str = "",
    blocked: float = 0.25,
) -> list[Hit]:
    """Draw what one person does: opens, unless pictures are blocked, and follows a link or two."""
    opens, browsers, tells = CLIENTS[client]
    browser = rng.choice(browsers)
    address = address or persons_place(rng)
    at, found = delay(rng, keen=keen), list[Hit]()
    proxied = opens in (GMAIL, YAHOO)
    if proxied or rng.random() > blocked:
        headers = fetched(opens, "open") if tells and not stripped else {"accept-language": "it"} if tells else {}
        found.append(
            hit(at, "open", opens, place(rng, "unknown") if proxied else address, headers=headers, person=True)
        )
        at += rng.lognormvariate(2.6, 0.8) * 1_000
    for link in rng.sample(range(links), min(links, rng.choices([0, 1, 2], [20, 65, 15])[0])):
        headers = {"accept-language": "it"} if stripped else fetched(browser, "click")
        found.append(hit(at, "click", browser, address, link, headers=headers, person=True))
        at += rng.lognormvariate(2.3, 0.8) * 1_000
    return found


def scanned_at(rng: random.Random) -> float:
    """Draw when a scanner comes (ms after delivery), as one operator's 836 bursts were spread."""
    low, high = rng.choices(
        [(0, 10), (10, 20), (20, 60), (60, 300), (300, 1800), (1800, 7200)], [0.5, 2.2, 66.4, 28.3, 1.9, 0.7]
    )[0]
    return rng.uniform(low, high) * 1_000


def scan(
    rng: random.Random,
    *,
    links: int,
    network: str = "hosting",
    gap: tuple[float, float] = (20, 400),
    first_only: bool = False,
    pixel: float = 0.5,
    pixel_only: bool = False,
    head: bool = False,
    spread: bool = False,
    faked: bool = False,
) -> list[Hit]:
    """Draw what one scanner does: a picture before, perhaps, and every link."""
    agent = rng.choice([chrome(WINDOWS, rng.choice([80, 103, 120, 131, 138])), edge(131), chrome(LINUX, 126)])
    at, address, found = scanned_at(rng), place(rng, network), list[Hit]()

    def headers(kind: str) -> dict[str, str]:
        return fetched(agent, kind) if faked else {}

    if pixel_only or rng.random() < pixel:
        elsewhere = place(rng, network) if spread or rng.random() < 0.5 else address
        before = max(0, at - rng.uniform(5_000, 60_000))
        found.append(hit(before, "open", agent, elsewhere, headers=headers("open"), person=False))
    for link in range(0 if pixel_only else 1 if first_only else links):
        where = place(rng, network) if spread else address
        if head:
            found.append(hit(at, "click", agent, where, link, method="HEAD", person=False))
            at += rng.uniform(100, 900)
        found.append(hit(at, "click", agent, where, link, headers=headers("click"), person=False))
        at += rng.uniform(*gap)
    return found


def mail(*parts: list[Hit], links: int) -> Mail:
    """Put hits together as one recipient's."""
    return {"links": links, "delivered_at_ms": 0, "hits": [each for part in parts for each in part]}


def tabs(rng: random.Random) -> Mail:
    """Draw a keen reader who opens three links in three tabs."""
    address, browser, at = persons_place(rng), chrome(WINDOWS, 141), delay(rng, keen=True)
    found = [hit(at, "open", browser, address, headers=fetched(browser, "open"), person=True)]
    at += rng.uniform(3_000, 20_000)
    for link in range(3):
        found.append(hit(at, "click", browser, address, link, headers=fetched(browser, "click"), person=True))
        at += rng.uniform(400, 900)
    return mail(found, links=6)


def thorough(rng: random.Random) -> Mail:
    """Draw a reader who follows all four links within a minute."""
    client = rng.choice(list(CLIENTS))
    opens, browsers, tells = CLIENTS[client]
    address, browser, at = persons_place(rng), rng.choice(browsers), delay(rng, keen=rng.random() < 0.3)
    found = []
    if rng.random() < 0.8:
        found.append(hit(at, "open", opens, address, headers=fetched(opens, "open") if tells else {}, person=True))
    at += rng.uniform(3_000, 20_000)
    for link in rng.sample(range(4), 4):
        found.append(hit(at, "click", browser, address, link, headers=fetched(browser, "click"), person=True))
        at += rng.uniform(4_000, 15_000)
    return mail(found, links=4)


def colleagues(rng: random.Random) -> Mail:
    """Draw three colleagues behind one address, within ten seconds of one another."""
    address, begin, found = persons_place(rng), delay(rng, keen=rng.random() < 0.5), list[Hit]()
    for recipient in range(3):
        browser, at = rng.choice([edge(140), edge(140), chrome(WINDOWS, 141)]), begin + rng.uniform(0, 10_000)
        if rng.random() < 0.8:
            found.append(
                hit(at - rng.uniform(2_000, 9_000), "open", OUTLOOK, address, recipient=recipient, person=True)
            )
        headers = fetched(browser, "click")
        found.append(hit(at, "click", browser, address, 0, headers=headers, recipient=recipient, person=True))
    return mail(found, links=2)


def person(rng: random.Random, client: str = "", **ways: object) -> Mail:
    """Draw a mail that one person reads."""
    links = rng.randint(1, 5)
    keen = bool(ways.pop("keen", rng.random() < 0.25))
    return mail(reading(rng, client or rng.choice(list(CLIENTS)), links=links, keen=keen, **ways), links=links)  # type: ignore[arg-type]


def some_stripped(rng: random.Random, share: float) -> Mail:
    """Draw a mail of a person who may come through a proxy that strips fetch metadata."""
    return person(rng, stripped=rng.random() < share)


def both(rng: random.Random, **ways: object) -> Mail:
    """Draw a mail that a scanner visits and a person reads."""
    links = int(str(ways.pop("links", rng.randint(1, 6))))
    keen = rng.random() < 0.25
    return mail(
        scan(rng, links=links, **ways),  # type: ignore[arg-type]
        reading(rng, rng.choice(list(CLIENTS)), links=links, keen=keen),
        links=links,
    )


def phone_then_desk(rng: random.Random) -> Mail:
    """Draw a person who opens on a phone and clicks at a desk minutes later."""
    links = 3
    first = reading(rng, rng.choice(["iPhone Mail without privacy", "Android mail app"]), links=links, blocked=0)[:1]
    later = reading(rng, rng.choice(["webmail in Chrome", "Outlook, new"]), links=links, blocked=0)
    return mail(first, later, links=links)


SCANNERS: dict[str, dict[str, object]] = {
    "burst": {},
    "one link": {"links": 1},
    "two links": {"links": 2},
    "first link only": {"first_only": True},
    "picture only": {"pixel_only": True},
    "HEAD, then GET": {"head": True, "links": 2},
    "1-3 s between links": {"gap": (1_000, 3_000)},
    "3-8 s between links": {"gap": (3_000, 8_000)},
    "an address for each hit": {"spread": True},
    "a security vendor": {"network": "vendor", "links": 2},
    "a mailbox provider": {"network": "microsoft", "links": 2, "pixel": 0.0},
    "faked headers, hosting": {"faked": True, "links": 2},
    "faked headers, one link, hosting": {"faked": True, "links": 1},
    "faked headers, homes": {"faked": True, "network": "consumer", "links": 2},
    "homes, one link": {"network": "consumer", "links": 1},
    "a network nobody knows, one link": {"network": "unknown", "links": 1},
    "a network nobody knows, burst": {"network": "unknown", "links": 5},
}


def kinds() -> Iterator[tuple[str, Callable[[random.Random], Mail]]]:
    """Yield the kinds of mail."""
    for client in CLIENTS:
        yield f"people: {client}", lambda rng, client=client: person(rng, client)  # type: ignore[misc]
    yield "people: keen", lambda rng: person(rng, keen=True)
    yield "people: three tabs in 1.7 s", tabs
    yield "people: all four links in a minute", thorough
    yield "people: three colleagues, one address", colleagues
    yield "people: phone, then desk", phone_then_desk
    yield "people: virtual desktop", lambda rng: person(rng, "Outlook, classic", address=place(rng, "hosting"))
    yield "people: office gateway", lambda rng: person(rng, address=place(rng, "office"))
    yield "people: 5 % stripped", lambda rng: some_stripped(rng, 0.05)
    yield "people: 20 % stripped", lambda rng: some_stripped(rng, 0.2)
    yield "people: all stripped", lambda rng: some_stripped(rng, 1.0)
    for name, ways in SCANNERS.items():
        yield f"scanner: {name}", lambda rng, ways=ways: _alone(rng, dict(ways))  # type: ignore[misc]
        yield f"both: {name}", lambda rng, ways=ways: both(rng, **ways)  # type: ignore[misc]


def _alone(rng: random.Random, ways: dict[str, object]) -> Mail:
    links = int(str(ways.pop("links", rng.randint(3, 9))))
    return mail(scan(rng, links=links, **ways), links=links)  # type: ignore[arg-type]


def measure(make: Callable[[random.Random], Mail], mails: int, seed: int) -> dict[str, float]:
    """Play `mails` mails; give shares of 1: people's hits lost, scanners' counted, people's alerts missing, and false ones."""
    rng, told = random.Random(seed), dict.fromkeys(("people", "lost", "machines", "counted", "rung_machines"), 0)
    for _ in range(mails):
        drawn = make(rng)
        hits: list[Hit] = drawn["hits"]  # type: ignore[assignment]
        answer = play(drawn, None, class_of)
        for each, judged in zip(hits, answer["hits"], strict=True):
            counted = judged["outcome"] == "counted"
            if each["person"]:
                told["people"] += 1
                told["lost"] += not counted
            else:
                told["machines"] += 1
                told["counted"] += counted
        rung = [hits[alert["hit"]]["person"] for alert in answer["alerts"] if alert["state"] == "rung"]
        told["rung_machines"] += rung.count(False)
    return {
        "lost": told["lost"] / max(1, told["people"]),
        "counted": told["counted"] / max(1, told["machines"]),
        "false alerts": told["rung_machines"] / mails,
    }


def main() -> None:
    """Print one line for each kind of mail."""
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    print(f"{'':44}{'people lost':>12}{'machines counted':>18}{'false alerts/mail':>19}")
    for name, make in kinds():
        found = measure(make, mails, 1)
        print(f"{name:44}{found['lost']:12.1%}{found['counted']:18.1%}{found['false alerts']:19.2f}")


if __name__ == "__main__":
    main()
