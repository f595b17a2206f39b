"""What asking for consent keeps: the texts that were shown elsewhere, and the questions that are open."""

SHA256 = "ab" * 32


def test_a_text_is_found_by_its_digest_as_it_was_kept(stores):
    assert stores.shown_texts.of(SHA256) is None
    for _ in range(2):
        stores.shown_texts.keep(SHA256, "Ja, ihr dürft.\nPerché no? 🦔")
    stores.shown_texts.keep("cd" * 32, "Another")
    assert stores.shown_texts.of(SHA256) == "Ja, ihr dürft.\nPerché no? 🦔"


def test_open_questions_are_found_by_their_day_until_they_are_removed(stores):
    questions = stores.open_questions
    for day, message in (("2026-11-26", "m2"), ("2026-11-26", "m1"), ("2026-11-27", "m3"), ("2026-11-26", "m1")):
        questions.add(day, message)
    assert list(questions.of("2026-11-26")) == ["m1", "m2"]
    questions.remove("2026-11-26", "m1")
    questions.remove("2026-11-26", "m1")
    assert (list(questions.of("2026-11-26")), list(questions.of("2026-11-27"))) == (["m2"], ["m3"])
    assert list(questions.of("2026-11-28")) == []
