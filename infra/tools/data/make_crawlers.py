"""Makes `ocello/domain/verdicts/programs/crawlers.py` from published crawler lists; with `--check`, compares it.

Patterns come from npm `isbot`, less those that match whatever is short, or an app's name. Names of programs that say
nothing but their name come from the agents that npm `crawler-user-agents` and PyPI `crawlerdetect` list as crawlers'.
Packages are fetched by their ordinary clients and checked by their hashes.
"""

import importlib
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from infra.tools import fetch

# As `re` itself reads patterns: no public name gives a pattern's parts.
_constants, _parser = importlib.import_module("re._constants"), importlib.import_module("re._parser")

ROOT = Path(__file__).resolve().parents[3]
TARGET = ROOT / "layers/core/ocello/domain/verdicts/programs/crawlers.py"

ISBOT = (
    "isbot",
    "5.2.3",
    "sha512-e8gGz3VzAuImtTMnB5PqNRRWGAswObTc+X+X5a8PttKT78VSSFec98w9ZwUoy6jJdlvJkVdLiN+WMgA8TewoZg==",
)
COUNT = 206
CRAWLER_USER_AGENTS = (
    "crawler-user-agents",
    "1.60.0",
    "sha512-p8hKVsnZl3msolBhGW8s86V0tmmcuBSwhTXkzkegGQzTt0A/ysKDHKzek9fichfqL5qBEgDrR9CuGBU0Y7bDrg==",
)
CRAWLERDETECT = ("crawlerdetect", "0.4.2", "2ecbc825ec9bbfe94d1878078fbc3d336ed4b247a00dd56691479554ca3cb2ef")

EDITS = {
    # Python requires look-behinds of one width: one for each alternative
    "(?<! channel/|google/)google": "(?<! channel/)(?<!google/)google",
    # Python refuses a class inside a range: the hyphen was meant as a hyphen
    r"[\w\d-.]": r"[\w\d\-.]",
}

# A name that nobody knows is not a machine's: these patterns match all short texts, mail programs among them.
SHAPES = (
    r"^[\w \.\-\(?:\):%]+(?:/v?\d+(?:\.\d+)?(?:\.\d{1,10})*?)?(?:,|$)",
    r"^[\w\-]+/[\w]+$",
    "^[^ ]{50,}$",
    r"^\d+\b",
    r"^\w+/[\w\(\)]*$",
    r"^\w+/\d\.\d\s\([\w@]+\)$",
    r"^mozilla/\d\.\d\s[\w\.-]+$",
    r";\s\w+;$",
    r"\b\w+/1\.0;",
)
# Apps that people read mail and news with, or chat in, and words that old browsers say of themselves.
APPS = (
    "chromeframe",
    "optimize",
    "firephp",
    "^yahoo",
    "^navermailapp",
    r"mail\.ru/",
    "^email",
    "^downcast/",
    "^ddg[_-]android",
    "^snapchat",
    "^netsurf",
)

# Names of mail and office programs, browsers and players: not crawlers, whatever a list says.
NOT_NAMES = re.compile(
    r"(?:mozilla|opera|microsoft office$|airmail|tumblr|vlc|lavf|fdm|bluesky|pearltrees|stackrambler|make$|git$|photon"
    r"|shortwave|sprinklr|webclient$|ruby$|integrity|scoop$|curb$|goose$|autonomy$|adventurer$|bluefish|calypso|zeus$"
    r"|mail$|mail\.ru|outlook|canary|fastmail|viber|dart$|apache openoffice|cortex$|aether$|scrutiny$|monit$|venus$)",
    re.ASCII,
)

HEAD = f'''"""What names a machine in a user agent: the crawler lists. Made by infra/tools/data/make_crawlers.py.

Sources: npm `{ISBOT[0]}` {ISBOT[1]}, released into the public domain under the Unlicense (https://unlicense.org);
names of programs: npm `{CRAWLER_USER_AGENTS[0]}` {CRAWLER_USER_AGENTS[1]} and PyPI `{CRAWLERDETECT[0]}` {CRAWLERDETECT[1]},
both under the MIT licence. All are in lower case. Test mail clients first.
"""
'''


def fetched() -> tuple[str, list[str]]:
    """Return isbot's program text and the agents of the two other lists. Raises SystemExit with one clear line."""
    try:
        program = (fetch.npm(*ISBOT) / "package/index.js").read_text(encoding="utf-8")
        instances = (fetch.npm(*CRAWLER_USER_AGENTS) / "package/crawler-user-agents.json").read_text(encoding="utf-8")
        detected = fetch.sdist(*CRAWLERDETECT) / "crawlerdetect-0.4.2/tests/fixtures/user_agent/crawlers.txt"
        agents = [agent for entry in json.loads(instances) for agent in entry["instances"]]
        return program, [*agents, *detected.read_text(encoding="utf-8").splitlines()]
    except fetch.Unfetched as reason:
        raise SystemExit(str(reason)) from None


def patterns(program: str) -> list[str]:
    """Return the patterns, edited for Python. Raises SystemExit if they differ from what is expected."""
    found = re.search(r"var patterns_default = (\[.*?\n\]);", program, re.DOTALL)
    read: list[str] = json.loads(found[1]) if found else []
    if len(read) != COUNT:
        raise SystemExit(f"{ISBOT[0]} {ISBOT[1]} should hold {COUNT} patterns, not {len(read)}")
    for before, after in EDITS.items():
        read = [pattern.replace(before, after) for pattern in read]
    if missing := [pattern for pattern in (*SHAPES, *APPS) if pattern not in read]:
        raise SystemExit(f"{ISBOT[0]} {ISBOT[1]} no longer holds {missing[0]}")
    return [pattern for pattern in read if pattern not in SHAPES and pattern not in APPS]


def needed(pattern: str) -> str:
    """Return the longest text that every match of `pattern` holds, or ''."""
    runs, run = [""], ""
    for operator, argument in _parser.parse(pattern):
        run = run + chr(argument) if operator is _constants.LITERAL else ""
        runs.append(run)
    return max(runs, key=len)


def name_of(said: str) -> str:
    """Return the name of the product at the start of an agent in lower case, as agents.py reads it."""
    return re.split(r"[/(;,\[]| v?\d", said, maxsplit=1)[0].strip()


def names(agents: Iterable[str], known: re.Pattern[str]) -> list[str]:
    """Return the names of programs that no pattern matches and whose agents consist of little but the name."""
    short = {name_of(said) for said in map(str.lower, agents) if len(said) <= 60 and not known.search(said)}
    return sorted(
        name
        for name in short
        if 3 <= len(name) <= 40 and name.isascii() and name[0].isalpha() and not NOT_NAMES.match(name)
    )


def module(program: str, agents: Iterable[str]) -> str:
    """Return the source of the module."""
    read = [pattern.lower() if "\\" not in pattern else pattern for pattern in patterns(program)]
    texts = [pattern for pattern in read if re.escape(pattern).replace("\\ ", " ").replace("\\-", "-") == pattern]
    starts = [pattern.removeprefix("^") for pattern in read if pattern.startswith("^")]
    others = [(needed(pattern), pattern) for pattern in read if pattern not in texts and not pattern.startswith("^")]
    known = re.compile("|".join(f"(?:{pattern})" for pattern in read), re.ASCII)
    return HEAD + "".join(
        (
            "\n# Anywhere in the agent.\nTEXTS: tuple[str, ...] = (\n",
            *(f"    {_literal(text)},\n" for text in texts),
            ")\n\n# Where it begins.\nSTARTS: tuple[str, ...] = (\n",
            *(f"    {_literal(start)},\n" for start in starts),
            ")\n\n# Patterns, each with a text without which it can't match.\nPATTERNS: tuple[tuple[str, str], ...] = (\n",
            *(f"    ({_literal(text)}, {_literal(pattern)}),\n" for text, pattern in others),
            ")\n\n# What programs call themselves before the first version, bracket or comma.\nNAMES = frozenset(\n    {\n",
            *(f"        {_literal(name)},\n" for name in names(agents, known)),
            "    }\n)\n",
        )
    )


def _literal(pattern: str) -> str:
    return f'r"{pattern}"' if "\\" in pattern else json.dumps(pattern)


def main() -> None:
    """Write the module, or with `--check` return whether it is up to date."""
    text = module(*fetched())
    if "--check" in sys.argv[1:]:
        if TARGET.read_text() != text:
            raise SystemExit(f"{TARGET.relative_to(ROOT)} is not what make_crawlers.py makes: run it without --check")
        print("the crawler list is what its source gives")
    else:
        TARGET.write_text(text)
        print(f"wrote {TARGET.relative_to(ROOT)}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
