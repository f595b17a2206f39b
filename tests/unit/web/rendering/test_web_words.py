"""Whatever can be refused, judged, warned of or reported is said in each language: found by walking the syntax trees.

A refusal is raised as a plain sentence, or as a `Text` where values stand in it; each then has its entry in the
catalogues of ocello/locales, under the sentence or the Text's pattern. infra/tools/sentences.py finds them.
"""

import ast
import re
from typing import get_args

import jinja2.nodes
import pytest

from functions.web.rendering import labels, refusals
from functions.web.rendering.render import environment
from infra.tools import sentences, translations
from infra.tools.sentences import Sentence
from ocello.adapters import language
from ocello.domain.common import errors
from ocello.domain.common.errors import Conflict, Invalid, NotQueued, Unavailable
from ocello.domain.common.texts import Text, parse, serialize, truncate
from ocello.domain.crm.items import ITEM_TYPES
from ocello.domain.engagement.uncertainty import Uncertainty
from ocello.domain.messages import untracked
from ocello.domain.messages.message import MessageStatus, Status
from ocello.domain.people.users import SCOPES
from ocello.domain.verdicts import verdict
from ocello.domain.verdicts.evidence import VerdictKind
from ocello.domain.verdicts.verdict import Reason, Verdict

CORE, WEB = sentences.CORE, sentences.WEB


def wrong_in_italian(texts):
    """Name what is wrong with the Italian of the texts, apart from what it has beyond them."""
    found = translations.errors(language.catalogue("it"), [Sentence(text) for text in texts])
    return [error for error in found if not error.startswith("nobody says it")]


def test_every_refusal_verdict_warning_and_name_of_a_code_has_its_italian():
    assert len(sentences.in_code()) > 200, "else this looks at nothing"
    assert len(list(sentences.in_templates())) > 150, "else this looks at nothing"
    assert translations.errors(language.catalogue("it"), sentences.everywhere().values()) == []


def test_every_refusal_is_said_in_a_way_that_a_catalogue_can_know():
    assert [error for found in sentences.found_everywhere() for error in found.errors] == []


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
        ("raise Rejected(Text(sentence, most=5))", True),
        ('raise Rejected("one" if thing else "other")', True),
        ('asked.say(f"so many: {thing}")', True),
        ('LOST = "lost in translation"\nlanguage.say(lang, LOST)', True),
    ],
)
def test_an_untranslated_refusal_would_be_found(source, complains):
    found = sentences.Found(source, "domain/invented.py")
    assert bool(found.errors or wrong_in_italian(found.texts)) == complains


def test_every_code_has_its_name():
    assert set(labels.STATUSES) == {*get_args(Status), *get_args(MessageStatus)}
    assert set(labels.VERDICTS) == set(get_args(VerdictKind))
    assert set(labels.UNCERTAINTY) == set(get_args(Uncertainty))
    assert set(labels.ITEMS) == set(ITEM_TYPES)
    assert set(labels.SCOPES) == set(SCOPES)


def reasons_of_rewriting():
    """Return the codes by which rewriting says why it left something."""
    for path in sorted((CORE / "domain" / "mail" / "rewriting").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("BeyondLimit", "Unsuited"):
                yield from _constants(node)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".note_untracked", ".left.append")):
                last = node.args[-1].elts[-1] if isinstance(node.args[-1], ast.Tuple) else node.args[-1]
                yield from _constants(last)
            if path.name == "rules.py" and isinstance(node, ast.Return) and node.value is not None:
                yield from (text for text in _constants(node) if re.fullmatch(r"[a-z-]+", text))
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_SEALED":
                assert isinstance(node.value, ast.Dict)
                yield from (ast.literal_eval(value) for value in node.value.values)
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
    for path in sentences.modules():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Invalid":
                field = node.args[0]
                if isinstance(field, ast.JoinedStr):
                    field = field.values[0]
                if not isinstance(field, ast.Constant) or not isinstance(field.value, str):
                    continue
                if not refusals.field_name("en", field.value.rstrip("[")):
                    unnamed.add(field.value)
    # of the API's requests, and of addresses that pages make themselves
    assert unnamed == {
        "cursor",
        "Idempotency-Key",
        "form",
        "body",
        "query",
        "slice",
        "slices",
        "quiet_hours.",  # pages offer times to choose from
        *("channel", "confirmation", "notice", "source", "valid_until"),  # of what a program says of a consent
    }


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
        (
            NotQueued("the message could not be queued: nothing of it is being sent"),
            "the message could not be queued: nothing of it is being sent",
            "non è stato possibile mettere in coda il messaggio: nulla viene inviato",
        ),
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
    assert verdict.explain(Verdict("scanner", 0.97, (Reason("burst", 5, 849, one_source=True),))) == (
        "scanner: 5 links in 0.8 s from one address"
    )
    assert verdict.explain(Verdict("privacy_proxy", 0.9, (Reason("sweep", 4, 60_000), Reason("head")))) == (
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
    kept = parse(serialize(text))
    assert (kept, type(kept)) == (text, type(text))
    assert language.say("it", kept) == language.say("it", text)


@pytest.mark.parametrize("spelled", [None, 5, ["%(x)s", {}, 1], ["%(x)s", {"y": 1}], ["%(x)s", []], {"a": 1}])
def test_what_is_no_sentence_is_not_read(spelled):
    with pytest.raises(ValueError, match=r"sentence|values"):
        parse(spelled)


def test_a_sentence_that_is_not_too_long_stays_what_it_is():
    text = Text("must be at most %(most)s", most=5)
    assert isinstance(truncate(text, 100), Text)
    assert truncate(text, 4) == "must"


def test_the_pages_say_errors_in_one_way_only():
    """`asked.refusal` knows languages and names of fields; `str` of an error knows neither."""
    for path in sorted((WEB / "pages").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call | ast.Attribute):
                spelled = ast.unparse(node)
                assert spelled not in ("str(error)", "error.reason", "error.text"), f"{path.name}:{node.lineno}"


def test_the_errors_of_pages_are_all_known_here():
    of_ours = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert of_ours - {"OcelloError", "BadToken", "Unavailable", "Uncertain", "LedgerBroken"} <= set(sentences.WORDS)


def test_templates_say_by_underscore_what_is_spelled_in_them_and_nothing_else():
    """Jinja takes what `_` gives for safe HTML: a text from elsewhere goes through the filter `say`, and is escaped."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        for node in environment().parse(path.read_text("utf-8")).find_all(jinja2.nodes.Call):
            if isinstance(node.node, jinja2.nodes.Name) and node.node.name in ("_", "gettext", "ngettext"):
                assert isinstance(node.args[0], jinja2.nodes.Const), f"{path.name}:{node.lineno}"


ITALIAN_FORMS = {  # what must not be said, and what is said in its place
    r"\bsimile\b": "questo … non esiste",
    r"(?i)\b(?:il|lo|l'|la|i|gli|le|dei|tra il|e il) ?%\((?:share|floor|ceiling)\)": "no article before a percentage",
    r"(?i)rimbalz|respint": "non consegnato",
    r"(?i)di norma": "per impostazione predefinita",
    r"(?i)\bbasta\b": "disattiva",
    r"(?i)\bclient\b": "programma di posta",
    r"(?i)\bposta (?:tracciata|inviata|indesiderata|precedente|più|di un|che)": "messaggi",
    r"(?i)(?<!indirizzo )(?<!indirizzi )e-mail": "messaggio",
    r"^Benvenut[oa]": "nobody's gender is known",
}


@pytest.mark.parametrize("wrong", ITALIAN_FORMS)
def test_italian_has_one_word_for_one_thing(wrong):
    said = [form for message in language.catalogue("it") if message.id for form in translations.forms_of(message)]
    assert [text for text in said if re.search(wrong, text)] == [], ITALIAN_FORMS[wrong]


def test_the_filters_of_the_inbox_agree_in_italian():
    names = ["All", "Tracked", "Opened", "Clicked", "Not opened yet", "Not delivered"]
    assert [language.say("it", name) for name in names] == [
        "Tutti", "Tracciati", "Aperti", "Cliccati", "Non ancora aperti", "Non consegnati",
    ]  # fmt: skip


def test_a_range_of_percentages_is_written_once():
    for known in ("en", "it"):
        forms = language.Forms(known, "UTC", 0)
        assert (forms.between(0.67, 0.87), forms.between(0.5, 0.5)) == ("67–87%", "50%")
