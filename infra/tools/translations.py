"""Updates the catalogues of translations from the code and the templates; with `--check`, reports what is wrong.

New sentences are added untranslated; sentences that are no longer used are removed. Each language except English has a
catalogue in `ocello/locales`, a gettext file that translators' programs can open.
"""

import io
import re
import sys
from collections.abc import Iterable

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import write_po

from infra.tools import sentences
from infra.tools.sentences import Sentence
from ocello.adapters import language
from ocello.domain.people.preferences import LANGUAGES

_PLACES = re.compile(r"%\(\w+\)s")
TRANSLATED = tuple(name for name in LANGUAGES if name != "en")
_HEAD = """\
# What Ocello's pages and mails say in this language. Sentences come from the code: `make docs` adds and removes them.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def updated(known: Catalog, wanted: Iterable[Sentence]) -> Catalog:
    """Return a catalogue of the wanted sentences, in the order of `known`, new ones last."""
    by_text = {sentence.text: sentence for sentence in wanted}
    order = [_text(message) for message in known if message.id and _text(message) in by_text]
    made = Catalog(locale=known.locale, domain=language.DOMAIN, fuzzy=False)
    for text in [*order, *(text for text in by_text if text not in set(order))]:
        made.add(*_entry(by_text[text], known.get(text)))
    return made


def _entry(sentence: Sentence, known: Message | None) -> tuple[str | tuple[str, str], str | tuple[str, ...]]:
    forms = forms_of(known) if known is not None else ("",)
    if sentence.many is None:
        return sentence.text, forms[-1]
    return (sentence.text, sentence.many), forms if len(forms) > 1 else forms * 2


def forms_of(message: Message) -> tuple[str, ...]:
    """Return a language's translation of a sentence, by plural form."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(str(form) for form in said or ())


def _text(message: Message) -> str:
    return str(message.id if isinstance(message.id, str) else message.id[0])


def errors(known: Catalog, wanted: Iterable[Sentence]) -> list[str]:
    """Return what is wrong with a catalogue: sentences missing, unused, fuzzy, or with other values than the English."""
    by_text = {sentence.text: sentence for sentence in wanted}
    entries = {_text(message): message for message in known if message.id}
    found = [f"nobody says it any more: {text}" for text in entries if text not in by_text]
    for text, sentence in by_text.items():
        message = entries.get(text)
        if message is None:
            found.append(f"not in the catalogue: {text}")
        elif message.fuzzy:
            found.append(f"marked as unsure: {text}")
        else:
            found += _wrong(sentence, message)
    return found


def _wrong(sentence: Sentence, message: Message) -> list[str]:
    if (sentence.many is None) == message.pluralizable:
        return [f"its plural is not the code's: {sentence.text}"]
    forms = forms_of(message)
    if not all(forms):
        return [f"not translated: {sentence.text}"]
    values = set(_PLACES.findall(sentence.text))
    return [f"other values than in English: {form}" for form in forms if set(_PLACES.findall(form)) != values]


def to_po(made: Catalog) -> bytes:
    """Return a catalogue's file: one line per sentence, without dates and places, so that a diff shows only changes."""
    body = io.BytesIO()
    write_po(body, made, width=0, omit_header=True, no_location=True)
    head = _HEAD.format(language=made.locale_identifier, plural_forms=made.plural_forms)
    return head.encode() + body.getvalue()


def main() -> None:
    """Update the catalogues, or with `--check` exit with what is wrong with them."""
    wanted = list(sentences.everywhere().values())
    for name in TRANSLATED:
        known = language.catalogue(name)
        if "--check" not in sys.argv[1:]:
            language.catalogue_path(name).write_bytes(to_po(updated(known, wanted)))
        elif wrong := errors(known, wanted):
            raise SystemExit("\n".join([f"{language.catalogue_path(name)}: run `make docs`, then translate", *wrong]))
        else:
            print(f"{name}: {len(wanted)} sentences, all translated")


if __name__ == "__main__":
    main()
