"""Finds code that nothing uses; fails on any that is not on the list, and on what is on the list without need.

    .venv/dev/bin/python -m infra.tools.check.unused

What the tests alone use counts as unused. The search is vulture's, by name; what a page's template names is used.
"""

import ast
import re
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parents[3]
SEARCHED = ("layers/core", "functions", "infra")
TEMPLATES = "functions/web/templates"
_SURE = 60  # per cent, as vulture puts it: for all that is no argument and no import

ALLOWED = {
    "__getattr__": "Python calls it of a module",
    "_create_IMAP4": "imapclient calls it",
    "_create_socket": "imaplib calls it",
    "debug": "imaplib reads it",
    "readline": "imaplib calls it",
    "timeout": "imaplib hands it in",
    "normalise_times": "imapclient reads it",
    # Named by libraries and by Python, which call or read them.
    "base64_encoded": "Powertools reads it of an answer",
    "connect_timeout_seconds": "pynamodb reads it of a model's Meta",
    "do_GET": "http.server calls it",
    "gsi1pk": "pynamodb writes it into a row",
    "handle_DATA": "aiosmtpd calls it",
    "handle_RCPT": "aiosmtpd calls it",
    "handle_charref": "html.parser calls it",
    "handle_data": "html.parser calls it",
    "handle_endtag": "html.parser calls it",
    "handle_entityref": "html.parser calls it",
    "handle_startendtag": "html.parser calls it",
    "index_name": "pynamodb reads it of an index's Meta",
    "log_message": "http.server calls it",
    "max_pool_connections": "pynamodb reads it of a model's Meta",
    "max_retry_attempts": "pynamodb reads it of a model's Meta",
    "model_config": "pydantic reads it",
    "projection": "pynamodb reads it of an index's Meta",
    "protocol_version": "http.server reads it",
    "read_timeout_seconds": "pynamodb reads it of a model's Meta",
    "trust_env": "requests reads it",
    "import_consents": "a route, which its decorator takes",
    "import_items": "a route, which its decorator takes",
    "post": "a route, which its decorator takes",
    "stats": "a route, which its decorator takes",
    # Fields of the API's answers, which pydantic fills and the document describes.
    "can_be_chosen": "a field of the API",
    "explanation": "a field of the API",
    "sets": "a field of the API",
    "suppressed": "a field of the API",
    "algorithm": "a field of the API",
    "prove": "a route, which its decorator takes",
    "replies": "a route, which its decorator takes",
    # Part of the contract: flags that tokens may carry, though nothing signs one yet.
    # Tools and lists that tests use.
    "AXE": "the browser tests run it",
    "REASONS": "tests compare documents and labels with it",
    "debian": "tests fetch a package by it",
    # Reading mailboxes: the function that looks at them at its time comes with the next step.
    "DynamoMailboxStates": "the reader's cursors",
    "MailboxReading": "the reader's use case",
    "on_round": "the reader's rounds",
}


def names_in_templates(folder: Path) -> set[str]:
    """Return every name that a template may read."""
    spans = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
    return {
        name
        for path in folder.rglob("*.html")
        for span in spans.findall(path.read_text(encoding="utf-8"))
        for name in re.findall(r"[A-Za-z_]\w*", span)
    }


def names_in_quotes(paths: Iterable[Path]) -> set[str]:
    """Return every name in a quoted annotation, as of a class that is imported only while types are checked."""
    found: set[str] = set()
    for path in (file for folder in paths for file in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            kinds = [getattr(node, "annotation", None), getattr(node, "returns", None)]
            for quoted in (each.value for each in kinds if isinstance(each, ast.Constant)):
                names = ast.walk(ast.parse(str(quoted), mode="eval"))
                found |= {name.id for name in names if isinstance(name, ast.Name)}
    return found


def unused(paths: Iterable[Path], used: Iterable[str]) -> dict[str, str]:
    """Return each unused name and where it stands."""
    search = Vulture(ignore_names=sorted(used))
    search.scavenge([str(path) for path in paths])
    return {
        item.name: f"{Path(item.filename).relative_to(ROOT)}:{item.first_lineno}: unused {item.typ} {item.name}"
        for item in search.get_unused_code(min_confidence=_SURE)
    }


def complaints(found: Mapping[str, str], allowed: Collection[str]) -> list[str]:
    """Return what is wrong: unused code, and names that are allowed without need."""
    here = "infra/tools/check/unused.py"
    needless = [f"{here}: {name} is used, or gone: take it off the list" for name in allowed if name not in found]
    return [place for name, place in sorted(found.items()) if name not in allowed] + needless


def main() -> int:
    """Print what is wrong; return 1 if something is."""
    paths = [ROOT / path for path in SEARCHED]
    found = unused(paths, names_in_templates(ROOT / TEMPLATES) | names_in_quotes(paths))
    wrong = complaints(found, ALLOWED)
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
