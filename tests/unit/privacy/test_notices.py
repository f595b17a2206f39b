"""The texts that recipients are shown: what was shown once never changes, and each language says the same things."""

import json
from pathlib import Path

import pytest

from ocello.adapters.consent import notice_files
from ocello.domain.consent.notices import NOTICE_LANGUAGES, language_for, notice_text, wished_language

SHOWN = json.loads((Path(__file__).parents[2] / "contract" / "notices.json").read_text("utf-8"))
TEXTS = [notice_files.texts(name)[language] for name in notice_files.CURRENT for language in NOTICE_LANGUAGES]
NAMES = [f"{text.id}-{text.version}.{text.language}" for text in TEXTS]


@pytest.mark.parametrize("text", TEXTS, ids=NAMES)
def test_a_text_that_was_released_is_the_same_for_ever(text):
    assert text.notice.sha256 == SHOWN[f"{text.id}-{text.version}.{text.language}"], (
        "another wording is another version"
    )


def test_every_version_that_was_released_is_still_there():
    assert {file.stem for file in notice_files.FOLDER.glob("*.toml") if not file.stem.startswith("words")} == {*SHOWN}


def test_the_digest_is_of_every_word():
    read = {
        "id": "x",
        "version": "1",
        "language": "en",
        "since": "2026-11-26",
        "text": {"a": "One.", "b": ["Two.", "3."]},
    }
    text = notice_text(read)
    assert text.whole() == "One.\nTwo.\n3.\n"
    assert notice_text({**read, "text": {"a": "One.", "b": ["Two.", "4."]}}).notice.sha256 != text.notice.sha256


def test_a_file_without_its_version_is_refused():
    with pytest.raises(ValueError, match="version"):
        notice_text({"id": "x"})


@pytest.mark.parametrize("name", [*notice_files.CURRENT])
def test_each_language_has_the_same_paragraphs_with_the_same_values(name):
    shapes = [
        {key: paragraphs(value) for key, value in text.words.items()} for text in notice_files.texts(name).values()
    ]
    assert shapes[0] == shapes[1] == shapes[2]


def test_each_language_has_the_same_words_with_the_same_values():
    shapes = [
        {key: paragraphs(value) for key, value in notice_files.page_words(language).items()}
        for language in NOTICE_LANGUAGES
    ]
    assert shapes[0] == shapes[1] == shapes[2]


def paragraphs(value):
    """Return the names of the values in each paragraph."""
    lines = [value] if isinstance(value, str) else value
    return [sorted(piece.partition("}")[0] for piece in line.split("{")[1:]) for line in lines]


@pytest.mark.parametrize("language", NOTICE_LANGUAGES)
def test_no_text_pleads_or_promises(language):
    words = " ".join(notice_files.page_words(language).values())
    for text in TEXTS:
        words += text.whole() if text.language == language else ""
    for pleading in ("necessar", "nécessaire", "better", "meglio", "mieux", "complian", "conforme al", "conformità"):
        assert pleading not in words.lower()


@pytest.mark.parametrize(
    ("country", "recipient", "workspace", "language"),
    [
        ("FR", "", "it", "fr"),
        ("IT", "", "en", "it"),
        ("DE", "", "it", "en"),
        ("", "", "it", "it"),
        ("FR", "it", "en", "it"),
        ("IT", "de", "fr", "it"),
    ],
)
def test_the_language_is_the_readers_else_their_countrys_else_the_workspaces(country, recipient, workspace, language):
    assert language_for(country, recipient=recipient, workspace=workspace) == language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr", "fr"),
        ("de, it;q=0.1", "it"),
        ("en;q=0.2, fr;q=0.3", "fr"),
        ("it;q=0", "en"),
        ("it;q=x, fr", "fr"),
        ("", "en"),
    ],
)
def test_a_browsers_wish_is_read_by_its_weights(header, language):
    assert wished_language(header) == language
