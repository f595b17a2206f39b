"""Catalogues say everything in each language, and dates are in a person's form."""

import io

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from infra.tools import translations
from infra.tools.sentences import Sentence
from ocello.adapters import language

WANTED = [Sentence("Saved."), Sentence("%(num)s mail of %(name)s", "%(num)s mails of %(name)s")]


def italian(*entries):
    made = Catalog(locale="it", fuzzy=False)
    for text, said in entries:
        made.add(text, said)
    return made


PLURAL = (WANTED[1].text, WANTED[1].many)
GOOD = (("Saved.", "Salvato."), (PLURAL, ("%(num)s messaggio di %(name)s", "%(num)s messaggi di %(name)s")))


def test_a_whole_catalogue_has_no_errors():
    assert translations.errors(italian(*GOOD), WANTED) == []


@pytest.mark.parametrize(
    ("entries", "trouble"),
    [
        ((GOOD[1],), "not in the catalogue: Saved."),
        ((("Saved.", ""), GOOD[1]), "not translated: Saved."),
        ((GOOD[0], (PLURAL, ("%(num)s messaggio di %(name)s", ""))), "not translated: %(num)s mail of %(name)s"),
        ((GOOD[0], (PLURAL, ("%(num)s messaggio", "%(num)s messaggi di %(name)s"))), "other values than in English"),
        ((GOOD[0], (PLURAL[0], "%(num)s messaggi di %(name)s")), "its plural is not the code's"),
        ((*GOOD, ("Gone.", "Sparito.")), "nobody says it any more: Gone."),
    ],
)
def test_what_is_wrong_with_a_catalogue_is_named(entries, trouble):
    found = translations.errors(italian(*entries), WANTED)
    assert [each.startswith(trouble) for each in found] == [True]


def test_an_unsure_translation_is_named_as_such():
    made = italian(*GOOD)
    made["Saved."].flags.add("fuzzy")
    assert translations.errors(made, WANTED) == ["marked as unsure: Saved."]


def test_a_catalogue_brought_up_to_date_keeps_what_was_said_in_its_order_and_adds_what_is_new():
    made = translations.updated(italian(*GOOD, ("Gone.", "Sparito.")), [*WANTED, Sentence("New.")])
    assert [(entry.id, entry.string) for entry in made if entry.id] == [*GOOD, ("New.", "")]


def test_a_catalogues_file_is_read_as_it_was_and_written_the_same_again():
    once = translations.to_po(italian(*GOOD))
    again = translations.to_po(read_po(io.BytesIO(once), locale="it"))
    assert again == once
    assert b"Plural-Forms: nplurals=2; plural=(n != 1);" in once


def test_the_catalogue_in_the_repository_is_written_as_the_tool_writes_it():
    known = language.catalogue_path("it").read_bytes()
    assert translations.to_po(language.catalogue("it")) == known


def test_plurals_follow_the_languages_rule():
    forms = [language.count("it", "%(num)s mail", "%(num)s mails", number) for number in (0, 1, 2)]
    assert forms == ["%(num)s messaggi", "%(num)s messaggio", "%(num)s messaggi"]
    assert language.count("en", "%(num)s mail", "%(num)s mails", 0) == "%(num)s mails"


def test_the_empty_text_is_not_the_head_of_the_catalogue():
    assert language.say("it", "") == ""


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("de,fr", "en"),
        ("", "en"),
        ("en;q=0.2,it;q=0.9", "it"),
        ("it;q=x,en", "en"),
        ("it;q=0", "en"),
    ],
)
def test_a_browsers_wish_is_heard(header, wanted):
    assert language.best_language(header) == wanted


def test_times_are_in_a_persons_zone_and_form():
    noon = 1_782_907_200_000  # 1 July 2026, 12:00 UTC
    rome = language.Forms("it", "Europe/Rome", noon)
    assert rome.short(noon) == "14:00"
    assert rome.full(noon) == "1 lug 2026, 14:00:00"
    assert language.Forms("en", "nowhere", noon).full(noon) == "1 Jul 2026, 12:00:00"
    assert rome.number(1234567.5) == "1.234.567,5"
