"""Makes `ocello/domain/common/suffixes.py` from the Public Suffix List in PyPI `publicsuffixlist`; `--check` compares it.

The package is fetched by pip and checked by its hash; only the list in it is used.
"""

import sys
import textwrap
from pathlib import Path

from infra.tools import fetch
from ocello.domain.common.hosts import ascii_form

PACKAGE, VERSION = "publicsuffixlist", "1.1.2.20261023"
SHA256 = "2bf96290efe1d089861e759387da6bf7b145cf8caf7c77b8548f2b657ea22139"
FEWEST = 9_000  # rules; a file with fewer is wrong or incomplete
ROOT = Path(__file__).resolve().parents[3]
TARGET = ROOT / "layers/core/ocello/domain/common/suffixes.py"

HEAD = f'''"""Public suffixes: the names under which people register domains. Made by infra/tools/data/make_suffixes.py.

Source: the Public Suffix List (https://publicsuffix.org/list/), both sections, as PyPI `{PACKAGE}` {VERSION} carries
it. This file alone is under the Mozilla Public License 2.0 (https://mozilla.org/MPL/2.0/), as the list is.
`*.` stands for any one label, `!` before an exception; hosts are in ASCII.
"""
# ruff: noqa: SIM905 — split when it is imported, as a list would be five times the code

RULES = frozenset(
    """
'''


def rules(listed: str) -> list[str]:
    """Return the list's rules in ASCII, sorted. Raises SystemExit if there are too few."""
    lines = (line.split()[0] for line in listed.splitlines() if line.strip() and not line.startswith("//"))
    found = sorted({ascii_form(line) for line in lines})
    if len(found) < FEWEST or not {"co.uk", "*.ck", "!www.ck", "github.io"} <= set(found):
        raise SystemExit(f"{PACKAGE} {VERSION} does not hold the list that was expected")
    return found


def module(found: list[str]) -> str:
    """Return the source of the module."""
    return (
        HEAD
        + textwrap.fill(" ".join(found), 120, break_long_words=False, break_on_hyphens=False)
        + '\n""".split()\n)\n'
    )


def main() -> None:
    """Write the module, or with `--check` return whether it is up to date."""
    try:
        home = fetch.sdist(PACKAGE, VERSION, SHA256)
    except fetch.Unfetched as reason:
        raise SystemExit(str(reason)) from None
    path = next(home.rglob("public_suffix_list.dat"))
    text = module(rules(path.read_text(encoding="utf-8")))
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") != text:
            raise SystemExit(f"{TARGET.relative_to(ROOT)} is not what make_suffixes.py makes: run it without --check")
        print("the public suffixes are what their source gives")
    else:
        TARGET.write_text(text, encoding="utf-8")
        print(f"wrote {TARGET.relative_to(ROOT)}: {len(text.splitlines())} lines")


if __name__ == "__main__":
    main()
