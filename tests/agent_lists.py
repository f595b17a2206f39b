"""User agents of public lists of crawlers and of people's browsers, fetched when first needed."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from infra.tools import fetch
from infra.tools.data import make_crawlers


def _crawler_user_agents() -> list[str]:
    home = fetch.npm(*make_crawlers.CRAWLER_USER_AGENTS) / "package"
    return [agent for entry in _json(home / "crawler-user-agents.json") for agent in entry["instances"]]


def _crawlerdetect() -> list[str]:
    home = fetch.sdist(*make_crawlers.CRAWLERDETECT)
    return _lines(home / "crawlerdetect-0.4.2/tests/fixtures/user_agent/crawlers.txt")


def _device_detector() -> list[str]:
    home = fetch.sdist("device_detector", "6.5.1", "610ed34b173b96ee91aa38165084695bbf76f6a5bd76bbb4fd777f7af1ff4170")
    cases = home / "device_detector-6.5.1/device_detector/tests/fixtures/upstream/bots.yml"
    found = re.findall(r"^\s*-?\s*user_agent: (.*)$", cases.read_text(encoding="utf-8"), re.MULTILINE)
    return [agent.strip().strip("\"'").replace("''", "'") for agent in found]


def _top_crawler_agents() -> list[str]:
    home = fetch.npm(
        "top-crawler-agents",
        "1.0.35",
        "sha512-PY7kCJB9cbLrJZu23kgx7XEt2DSilmdw4/SqYO4v487oM2ugY36qwE6gjlBtreGIq6lStQ5Vr+VxG2VBnroMZw==",
    )
    return _json(home / "package/index.json")


def _user_agents() -> list[str]:
    home = fetch.npm(
        "user-agents",
        "2.1.198",
        "sha512-cpFqEfpW1DW7MZYfJaknK5mNJZBgUwfroY0y1jSVy8Y93T4pmP0wp5HhXTOqZUbUbFppp0fwCyfttG9rsl3vqw==",
    )
    return [entry["userAgent"] for entry in _json(home / "package/dist/user-agents.json")]


def _top_user_agents() -> list[str]:
    home = fetch.npm(
        "top-user-agents",
        "2.1.138",
        "sha512-yvN+LE7ZHoesZ1fWc0IfaYYQXGEbFtbxjC6D19SclswYlKoF6GKxJSvJbp4fsbya5BllROYml6osNlVCj1TAnw==",
    )
    return _json(home / "package/src/index.json")


def _fake_useragent() -> list[str]:
    home = fetch.sdist("fake-useragent", "2.2.0", "4e6ab6571e40cc086d788523cf9e018f618d07f9050f822ff409a4dfe17c16b2")
    lines = _lines(home / "fake_useragent-2.2.0/src/fake_useragent/data/browsers.jsonl")
    return [json.loads(line)["useragent"] for line in lines]


# npm crawler-user-agents and PyPI crawlerdetect gave the crawler list names of programs; the two others gave it nothing.
CRAWLERS: dict[str, Callable[[], list[str]]] = {
    "crawler-user-agents (npm)": _crawler_user_agents,
    "crawlerdetect (PyPI)": _crawlerdetect,
    "device_detector (PyPI)": _device_detector,
    "top-crawler-agents (npm)": _top_crawler_agents,
}
PEOPLE: dict[str, Callable[[], list[str]]] = {
    "user-agents (npm)": _user_agents,
    "top-user-agents (npm)": _top_user_agents,
    "fake-useragent (PyPI)": _fake_useragent,
}


def _json(path: Path) -> list:
    return json.loads(path.read_text(encoding="utf-8"))


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
