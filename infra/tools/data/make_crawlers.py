"""Makes `ocello/domain/verdicts/crawlers.py` from the patterns of npm `isbot`; with `--check`, compares it.

The package is fetched by `npm pack` and checked by its hash. Two patterns need a mechanical edit for Python's `re`.
"""

import json
import re
import sys
from pathlib import Path

from infra.tools import fetch

PACKAGE, VERSION = "isbot", "5.2.3"
INTEGRITY = "sha512-e8gGz3VzAuImtTMnB5PqNRRWGAswObTc+X+X5a8PttKT78VSSFec98w9ZwUoy6jJdlvJkVdLiN+WMgA8TewoZg=="
COUNT = 206
ROOT = Path(__file__).resolve().parents[3]
TARGET = ROOT / "layers/core/ocello/domain/verdicts/crawlers.py"

EDITS = {
    # a look-behind must have one width in Python: one for each alternative
    "(?<! channel/|google/)google": "(?<! channel/)(?<!google/)google",
    # a class inside a range is an error in Python: the hyphen was meant as itself
    r"[\w\d-.]": r"[\w\d\-.]",
}

HEAD = f'''"""Parts of user agents that name a machine: the crawler list. Made by infra/tools/data/make_crawlers.py.

Source: npm `{PACKAGE}` {VERSION}, src/patterns.json, released into the public domain under the Unlicense
(https://unlicense.org). Matched without regard to case, in ASCII, anywhere in the agent. Test mail clients first.
"""

PATTERNS: tuple[str, ...] = (
'''


def fetched() -> str:
    """Return the package's program text. Raises SystemExit with one clear line."""
    try:
        return (fetch.npm(PACKAGE, VERSION, INTEGRITY) / "package/index.js").read_text(encoding="utf-8")
    except fetch.Unfetched as reason:
        raise SystemExit(str(reason)) from None


def patterns(program: str) -> list[str]:
    """Return the patterns, edited for Python. Raises SystemExit if they are not what is expected."""
    found = re.search(r"var patterns_default = (\[.*?\n\]);", program, re.DOTALL)
    read: list[str] = json.loads(found[1]) if found else []
    if len(read) != COUNT:
        raise SystemExit(f"{PACKAGE} {VERSION} should hold {COUNT} patterns, not {len(read)}")
    for before, after in EDITS.items():
        read = [pattern.replace(before, after) for pattern in read]
    for pattern in read:
        re.compile(pattern, re.IGNORECASE | re.ASCII)
    return read


def module(found: list[str]) -> str:
    """Spell the module."""
    return HEAD + "".join(f"    {_literal(pattern)},\n" for pattern in found) + ")\n"


def _literal(pattern: str) -> str:
    return f'r"{pattern}"' if "\\" in pattern else f'"{pattern}"'


def main() -> None:
    """Write the module, or with `--check` say whether it is what this program makes."""
    text = module(patterns(fetched()))
    if "--check" in sys.argv[1:]:
        if TARGET.read_text() != text:
            raise SystemExit(f"{TARGET.relative_to(ROOT)} is not what make_crawlers.py makes: run it without --check")
        print("the crawler list is what its source gives")
    else:
        TARGET.write_text(text)
        print(f"wrote {TARGET.relative_to(ROOT)}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
