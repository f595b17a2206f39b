"""Whatever can be refused, judged, warned of or reported is said in each language: found by walking the syntax trees.

A refusal is raised as a plain sentence, or as a `Text` where values stand in it; each then has its entry in
functions/web/locales/it.json, under the sentence or the Text's pattern. Codes have their names in functions/web/labels.py.
"""

import ast
import functools
import re
from pathlib import Path
from typing import get_args

import jinja2.nodes
import pytest

from functions.web import labels, language, refusals
from functions.web.render import environment
from ocello.domain import errors, untracked, verdicts
from ocello.domain.doubts import Doubt
from ocello.domain.errors import Conflict, Invalid, Unavailable
from ocello.domain.items import ITEM_TYPES
from ocello.domain.messages import MessageStatus, Status
from ocello.domain.people import SCOPES
from ocello.domain.texts import Text, cut, read, spell
from ocello.domain.verdicts import Kind, Reason, Verdict

ROOT = Path(__file__).parents[2]
CORE, WEB = ROOT / "layers" / "core" / "ocello", ROOT / "functions" / "web"
PLACES = re.compile(r"%\(\w+\)s")

# The errors whose words a page shows, and which of their arguments the words are. Unavailable is not among them: pages
# say one sentence of their own for it.
WORDS = {
    "Invalid": 1, "NotFound": 0, "Forbidden": 0, "Unauthenticated": 0, "Conflict": 0, "TooLarge": 0, "Refused": 0,
    "Unverified": 0, "Postponed": 0, "Unreachable": 0, "NotTried": 0, "InDoubt": 0, "TooMany": 0, "Refusal": 2,
}  # fmt: skip
UNSEEN = {  # modules whose refusals no page shows, or that make none of their own, and why
    "adapters/dynamo_imports.py": "reads refusals that were written before",
    "domain/texts.py": "reads sentences that were written before",
    "adapters/aws_http.py": "its Refused is an Unavailable of its own",
    "adapters/no_mail.py": "a store that functions without mail are given",
    "services/replay.py": "for the operator's queue",
}
# What is raised with words that are not spelled there, by module: whose words they are.
HANDED_ON = {
    "adapters/ses_transport.py": {"words"},  # of SES
    "adapters/smtp_transport.py": {"spoken", "_spoken(code, words)", "str(error)[:_WORDS]"},  # of the server, smtplib
    "domain/imports.py": {"error.reason"},  # of an error found here
    "services/imports.py": {"error.reason"},
    "services/deliver.py": {"delivery.STALE", "delivery.KILLED"},  # Texts
    "services/turns.py": {"NO_TURN"},
}
# Whatever smtplib says itself when it finds that a server lacks something.
OF_SMTPLIB = {"STARTTLS extension not supported by server.", "SMTPUTF8 not supported by server"}
# The values of Texts that are words of ours themselves and not spelled where they stand.
WORD_VALUES = {
    "ref.type": ITEM_TYPES,
    "found.status": get_args(Status),
    "reason": ("bounce", "complaint"),  # why an address is suppressed
    "error.field": ("file",),
}


def modules():
    return [path for folder in (CORE, WEB) for path in sorted(folder.rglob("*.py"))]


def name_of(path):
    return str(path.relative_to(CORE if CORE in path.parents else ROOT))


class Found:
    """What one module says: sentences, and whatever is said in a way that no catalogue can know."""

    def __init__(self, source, name):
        self.name, self.texts, self.troubles = name, set(), []
        self.bound = {}
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self.bound.setdefault(node.targets[0].id, []).append(node.value)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in UNSEEN:
                continue
            if called == "Text":
                self._text(node)
            elif called in WORDS and len(node.args) > WORDS[called]:
                self._words(node.args[WORDS[called]])
            elif called == "say" and isinstance(node.args[-1], ast.JoinedStr):
                self.troubles.append(f"{name}:{node.lineno}: say() of an f-string")

    def _text(self, node):
        for pattern in self._spelled(node.args[0]):
            self.texts.add(pattern)

    def _spelled(self, node):
        """Give the strings that an expression may be; a name of this module is what it is bound to."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [node.value]
        spelled = ast.unparse(node)
        if spelled in WORD_VALUES:
            return WORD_VALUES[spelled]
        if isinstance(node, ast.Name) and node.id in self.bound:
            return [text for value in self.bound[node.id] if isinstance(value, ast.Constant) for text in [value.value]]
        self.troubles.append(f"{self.name}:{node.lineno}: the pattern of a Text must be spelled: {spelled}")
        return []

    def _words(self, node):
        if isinstance(node, ast.IfExp):
            self._words(node.body)
            self._words(node.orelse)
        elif isinstance(node, ast.Constant):
            self.texts.add(node.value)
        elif not self._is_text(node) and ast.unparse(node) not in HANDED_ON.get(self.name, ()):
            self.troubles.append(
                f"{self.name}:{node.lineno}: a refusal's words must be a sentence, or a Text if values stand in it: "
                f"{ast.unparse(node)}"
            )

    def _is_text(self, node):
        """Tell whether an expression is a Text, which is looked at by itself, or a name that stands for Texts alone."""
        if isinstance(node, ast.Name) and node.id in self.bound:
            return all(self._is_text(value) for value in self.bound[node.id])
        return isinstance(node, ast.Call) and ast.unparse(node.func) == "Text"


@functools.cache
def found_everywhere():
    return [Found(path.read_text("utf-8"), name_of(path)) for path in modules()]


def sentences():
    """Give every sentence of ours that can reach a page."""
    told = {text for found in found_everywhere() for text in found.texts} | OF_SMTPLIB | {refusals.SILENT}
    told |= set(verdicts._SENTENCES.values()) | {labels.untracked("unheard of")}
    for names in (labels.STATUSES, labels.VERDICTS, labels.UNTRACKED, labels.DOUBTS, labels.ITEMS, labels.SCOPES):
        told |= set(names.values())
    return told | set(labels.FIELDS.values())


def wrong_in_italian(texts):
    """Name the texts without an Italian entry, or with one whose placeholders differ."""
    known = language.catalogue("it")
    return sorted(
        text
        for text in texts
        if not isinstance(known.get(text), str) or set(PLACES.findall(known[text])) != set(PLACES.findall(text))
    )


def test_every_refusal_verdict_warning_and_name_of_a_code_has_its_italian():
    assert len(sentences()) > 200, "else this looks at nothing"
    assert wrong_in_italian(sentences()) == []


def test_every_refusal_is_said_in_a_way_that_a_catalogue_can_know():
    assert [trouble for found in found_everywhere() for trouble in found.troubles] == []


@pytest.mark.parametrize(
    ("source", "complains"),
    [
        ('raise Invalid("to", "must be something that nobody translated")', True),
        ('raise Conflict("connect a sending account first: no verified address to send from")', False),
        ('raise NotFound(f"there is no {thing}")', True),
        ('raise Invalid("to", "must be " + thing)', True),
        ('raise Invalid("to", Text("must be at most %(most)s", most=5))', False),
        ('raise Invalid("to", Text("must be at most %(least)s", least=5))', True),
        ('words = Text("never heard of %(it)s", it=thing)', True),
        ("raise Refused(Text(sentence, most=5))", True),
        ('raise Refused("one" if thing else "other")', True),
        ('asked.say(f"so many: {thing}")', True),
    ],
)
def test_an_untranslated_refusal_would_be_found(source, complains):
    found = Found(source, "domain/invented.py")
    assert bool(found.troubles or wrong_in_italian(found.texts)) == complains


def test_every_code_has_its_name():
    assert set(labels.STATUSES) == {*get_args(Status), *get_args(MessageStatus)}
    assert set(labels.VERDICTS) == set(get_args(Kind))
    assert set(labels.DOUBTS) == set(get_args(Doubt))
    assert set(labels.ITEMS) == set(ITEM_TYPES)
    assert set(labels.SCOPES) == set(SCOPES)


def reasons_of_rewriting():
    """Give the codes by which rewriting says why it left something."""
    for path in sorted((CORE / "domain" / "rewriting").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("BeyondLimit", "Unsuited"):
                yield from _constants(node)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".leave", ".left.append")):
                last = node.args[-1].elts[-1] if isinstance(node.args[-1], ast.Tuple) else node.args[-1]
                yield from _constants(last)
            if path.name == "rules.py" and isinstance(node, ast.Return) and node.value is not None:
                yield from (text for text in _constants(node) if re.fullmatch(r"[a-z-]+", text))
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_SEALED":
                yield from (value.value for value in node.value.values)
            if path.name == "headers.py" and isinstance(node, ast.Raise) and "ValueError" in ast.unparse(node):
                yield from _constants(node)


def _constants(node):
    return (each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str))


def test_every_reason_to_leave_something_untracked_has_its_name():
    reasons = set(reasons_of_rewriting())
    assert {"scheme", "nesting", "pgp", "signed", "ambiguous-header", "no-html"} <= reasons, (
        "else this looks at nothing"
    )
    assert reasons <= set(untracked.REASONS)
    assert set(labels.UNTRACKED) == set(untracked.REASONS)
    assert labels.untracked("error: RuntimeError") == labels.UNTRACKED["error"]


def test_every_field_that_may_be_refused_has_its_name():
    """A field is spelled where it is refused, or comes in by an argument: those that pages hand in are tried below."""
    unnamed = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Invalid":
                field = node.args[0]
                if isinstance(field, ast.JoinedStr):
                    field = field.values[0]
                if isinstance(field, ast.Constant) and not refusals.field_name("en", field.value.rstrip("[")):
                    unnamed.add(field.value)
    # of the API's requests, of addresses that pages make themselves, and of lines that are no object at all
    assert unnamed == {"at", "cursor", "Idempotency-Key", "form", "body", "query", "version", "slice", "slices", ""}


@pytest.mark.parametrize(
    ("error", "english", "italian"),
    [
        (
            Invalid("html", Text("may have at most %(most)s characters", most=300_000)),
            "Text of the mail: may have at most 300,000 characters",
            "Testo del messaggio: può avere al massimo 300.000 caratteri",
        ),
        (Invalid("groups[3]", "must be a text"), "Groups: must be a text", "Gruppi: deve essere un testo"),
        (Invalid("smtp.host", "must be a host name"), "Host: must be a host name", "Host: deve essere un nome di host"),
        (Invalid("cursor", "is empty"), "is empty", "è vuoto"),
        (
            Conflict(Text("this copy is %(status)s", status=Text("sent"))),
            "this copy is sent",
            "lo stato di questa copia è già: inviato",
        ),
        (Conflict("said by %s nobody"), "said by %s nobody", "said by %s nobody"),
        (Unavailable("database: ThrottlingException"), refusals.SILENT, language.say("it", refusals.SILENT)),
    ],
)
def test_a_refusal_is_said_with_the_name_of_its_field_and_its_figures_in_the_form_of_the_language(
    error, english, italian
):
    assert refusals.words("en", error) == english
    assert refusals.words("it", error) == italian


def test_a_value_that_is_somebody_elses_stays_as_it_is():
    host = Text("The server %(host)s could not be found.", host="open")
    assert language.say("it", host) == "Il server open non è stato trovato."
    given_up = Text("Given up after %(tries)s tries. %(words)s", tries=8, words="451 4.3.0 100% busy, %(tries)s")
    assert language.say("it", given_up) == "Abbandonato dopo 8 tentativi. 451 4.3.0 100% busy, %(tries)s"


def test_the_english_of_a_text_is_what_every_other_door_shows():
    text = Text("must be at most %(most)s characters", most=1000)
    assert text == "must be at most 1000 characters"
    assert str(Invalid("subject", text)) == "subject: must be at most 1000 characters"
    assert verdicts.explain(Verdict("scanner", 0.97, (Reason("burst", 5, 849, one_source=True),))) == (
        "scanner: 5 links in 0.8 s from one address"
    )
    assert verdicts.explain(Verdict("privacy_proxy", 0.9, (Reason("sweep", 4, 60_000), Reason("head")))) == (
        "privacy proxy: 4 links in 60.0 s; asked for the headers alone"
    )


@pytest.mark.parametrize(
    "text",
    [
        "450 a server's own words, 100%",
        Text("It could not be queued for sending."),
        Text(
            "Given up after %(tries)s tries. %(words)s", tries=8, words=Text("SES did not answer (%(why)s).", why="x")
        ),
    ],
)
def test_a_sentence_comes_back_from_storage_as_it_was(text):
    kept = read(spell(text))
    assert (kept, type(kept)) == (text, type(text))
    assert language.say("it", kept) == language.say("it", text)


@pytest.mark.parametrize("spelled", [None, 5, ["%(x)s", {}, 1], ["%(x)s", {"y": 1}], ["%(x)s", []], {"a": 1}])
def test_what_is_no_sentence_is_not_read(spelled):
    with pytest.raises(ValueError, match=r"sentence|values"):
        read(spelled)


def test_a_sentence_that_is_not_too_long_stays_what_it_is():
    text = Text("must be at most %(most)s", most=5)
    assert isinstance(cut(text, 100), Text)
    assert cut(text, 4) == "must"


def test_the_pages_say_errors_in_one_way_only():
    """`asked.refusal` knows languages and names of fields; `str` of an error knows neither."""
    for path in sorted((WEB / "pages").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            spelled = ast.unparse(node) if isinstance(node, ast.Call | ast.Attribute) else ""
            assert spelled not in ("str(error)", "error.reason", "error.text"), f"{path.name}:{node.lineno}"


def test_the_errors_of_pages_are_all_known_here():
    of_ours = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert of_ours - {"OcelloError", "BadToken", "Unavailable"} <= set(WORDS)


def test_templates_say_by_underscore_what_is_spelled_in_them_and_nothing_else():
    """Jinja takes what `_` gives for safe HTML: a text from elsewhere goes through the filter `say`, and is escaped."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        for node in environment().parse(path.read_text("utf-8")).find_all(jinja2.nodes.Call):
            if isinstance(node.node, jinja2.nodes.Name) and node.node.name in ("_", "gettext", "ngettext"):
                assert isinstance(node.args[0], jinja2.nodes.Const), f"{path.name}:{node.lineno}"
