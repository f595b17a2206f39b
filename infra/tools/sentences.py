"""Finds every sentence that pages and alert mails can show, in the templates and the syntax trees.

A sentence is written where it is used: in `_(…)` of a template, in `say(…)` of a page, as the words of an error that a
page shows, or as a `Text` if it has values in it. Codes have their words in functions/web/rendering/labels.py.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple, get_args

from functions.web.rendering import labels, refusals
from functions.web.rendering.render import environment
from ocello.domain.crm.items import ITEM_TYPES
from ocello.domain.mailboxes import reasons
from ocello.domain.messages.message import Status
from ocello.domain.verdicts.evidence import TABLE

ROOT = Path(__file__).resolve().parents[2]
CORE, WEB = ROOT / "layers" / "core" / "ocello", ROOT / "functions" / "web"

# The errors whose words a page shows, and which of their arguments these are. Unavailable is not one of them: for it
# pages have a sentence of their own, except for its NotQueued.
WORDS = {
    "Invalid": 1, "NotFound": 0, "Forbidden": 0, "Unauthenticated": 0, "Conflict": 0, "TooLarge": 0, "Rejected": 0,
    "Unverified": 0, "Deferred": 0, "Unreachable": 0, "NotTried": 0, "OutcomeUnknown": 0, "TooMany": 0,
    "NotQueued": 0, "AskingRefused": 0, "Refusal": 2, "TrackingNotPermitted": 1,
}  # fmt: skip
_UNSEEN = {  # modules whose errors no page shows, or that have no words of their own, and why
    "adapters/dynamodb/imports.py": "reads refusals that were written before",
    "domain/common/texts.py": "reads sentences that were written before",
    "adapters/hot/aws_http.py": "its ServiceRefused is an Unavailable of its own",
    "adapters/no_mail.py": "a store that functions without mail are given",
    "services/engagement/replay.py": "for the operator's queue",
}
# Words of errors that are not written in the module that raises them, and whose they are.
_HANDED_ON = {
    "adapters/imap/errors.py": {"words_of(str(error))"},  # of the server
    "adapters/imap/mailboxes.py": {"words"},
    "adapters/ses/transport.py": {"diagnostic"},  # of SES
    "adapters/smtp/transport.py": {
        "diagnostic",
        "_diagnostic(code, reply)",
        "words_of(str(error))",
    },  # of the server, smtplib
    "domain/imports/files.py": {"error.reason"},  # of an error that was caught here
    "services/imports/item_lines.py": {"error.reason"},
    "services/imports/consent_lines.py": {"error.reason", "error.text"},
    "services/consent/evidence.py": {"error.reason"},
    "services/consent/asking/ask.py": {"none.text"},
    "services/sending/deliver.py": {"delivery.STALE", "delivery.KILLED"},  # Texts
    "services/sending/turns.py": {"NO_TURN"},
}
# What smtplib itself says if a server lacks something.
_OF_SMTPLIB = {"STARTTLS extension not supported by server.", "SMTPUTF8 not supported by server"}
# Values of Texts that are words of ours themselves and not written where they are used.
_WORD_VALUES: dict[str, tuple[str, ...]] = {
    "ref.type": tuple(ITEM_TYPES),
    "found.status": get_args(Status),
    "reason": ("bounce", "complaint"),  # why an address is suppressed
    "error.field": ("file",),
}


class Sentence(NamedTuple):
    """A sentence as catalogues have it; `many` is its plural, if it has one."""

    text: str
    many: str | None = None


def modules() -> list[Path]:
    """Return the modules that are searched for sentences."""
    return [path for folder in (CORE, WEB) for path in sorted(folder.rglob("*.py"))]


def name_of(path: Path) -> str:
    """Return a module's name as in the tables above."""
    return str(path.relative_to(CORE if CORE in path.parents else ROOT))


class Found:
    """The sentences of one module, and those that cannot be found in any catalogue (`errors`)."""

    def __init__(self, source: str, name: str) -> None:
        self.name, self.errors = name, list[str]()
        self.texts = set[str]()
        self._bound: dict[str, list[ast.expr]] = {}
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self._bound.setdefault(node.targets[0].id, []).append(node.value)
        for node in () if name in _UNSEEN else ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                self._call(node, node.func.id if isinstance(node.func, ast.Name) else node.func.attr)

    def _call(self, node: ast.Call, called: str) -> None:
        if called == "Text":
            self.texts |= set(self._spelled(node.args[0]))
        elif called in WORDS and len(node.args) > WORDS[called]:
            self._words(node.args[WORDS[called]])
        elif called == "say" and isinstance(node.args[-1], ast.JoinedStr):
            self.errors.append(f"{self.name}:{node.lineno}: say() of an f-string")
        elif called == "say" and isinstance(node.args[-1], ast.Constant):
            self.texts.add(str(node.args[-1].value))
        elif called == "say" and isinstance(node.args[-1], ast.Name):
            self.texts |= self._constants(node.args[-1].id)

    def _constants(self, name: str) -> set[str]:
        """Return the strings that a name of this module is bound to."""
        return {str(value.value) for value in self._bound.get(name, ()) if isinstance(value, ast.Constant)}

    def _spelled(self, node: ast.expr) -> tuple[str, ...]:
        """Return the strings that an expression may be; a name of this module stands for its value."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return (node.value,)
        spelled = ast.unparse(node)
        if spelled in _WORD_VALUES:
            return _WORD_VALUES[spelled]
        if isinstance(node, ast.Name) and node.id in self._bound:
            return tuple(sorted(self._constants(node.id)))
        self.errors.append(f"{self.name}:{node.lineno}: the pattern of a Text must be spelled: {spelled}")
        return ()

    def _words(self, node: ast.expr) -> None:
        if isinstance(node, ast.IfExp):
            self._words(node.body)
            self._words(node.orelse)
        elif isinstance(node, ast.Constant):
            self.texts.add(str(node.value))
        elif not self._is_text(node) and ast.unparse(node) not in _HANDED_ON.get(self.name, ()):
            self.errors.append(
                f"{self.name}:{node.lineno}: a refusal's words must be a sentence, or a Text if values stand in it: "
                f"{ast.unparse(node)}"
            )

    def _is_text(self, node: ast.expr) -> bool:
        """Return whether an expression is a Text, which is searched by itself, or a name that is only ever a Text."""
        if isinstance(node, ast.Name) and node.id in self._bound:
            return all(self._is_text(value) for value in self._bound[node.id])
        return isinstance(node, ast.Call) and ast.unparse(node.func) == "Text"


@cache
def found_everywhere() -> list[Found]:
    """Return the sentences of each module."""
    return [Found(path.read_text("utf-8"), name_of(path)) for path in modules()]


def in_code() -> set[str]:
    """Return every sentence of the code, without those of the templates."""
    found = {text for each in found_everywhere() for text in each.texts} | _OF_SMTPLIB | {refusals.SILENT}
    found |= (
        {each.sentence for each in TABLE} | {each.sentence for each in reasons.TABLE} | {labels.untracked("unheard of")}
    )
    names: tuple[dict[str, str], ...] = (
        labels.STATUSES, labels.RECEIVED, labels.VERDICTS, labels.UNTRACKED, labels.UNCERTAINTY, labels.OFF, labels.ITEMS,
        labels.SCOPES, labels.ACTIONS, labels.AUDIT_VALUES, labels.AXES, labels.CONSENT, labels.EVENTS, labels.BASES,
        labels.CLOSINGS, labels.CHANNELS, labels.RIGHTS, labels.JOBS,
        labels.FIELDS, labels.RELIABILITY,
    )  # type: ignore[assignment]  # fmt: skip # keys are literals, which are texts
    return found | {name for table in names for name in table.values()}


def in_templates() -> Iterator[tuple[Sentence, str]]:
    """Yield the sentences of the templates, each with its place."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        for line, _, text in environment().extract_translations(path.read_text("utf-8")):  # type: ignore[attr-defined] # of its i18n extension
            place = f"{path.relative_to(ROOT)}:{line}"
            yield (Sentence(text), place) if isinstance(text, str) else (Sentence(text[0], text[1]), place)


def everywhere() -> dict[str, Sentence]:
    """Return all sentences by their text; if one occurs with and without a plural, the one with it."""
    found = {text: Sentence(text) for text in sorted(in_code())}
    for sentence, _ in in_templates():
        if sentence.many is not None or sentence.text not in found:
            found[sentence.text] = sentence
    return found
