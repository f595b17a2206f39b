"""The texts that people were shown elsewhere, which their consent rests on."""

SHA256 = "ab" * 32


def test_a_text_is_found_by_its_digest_as_it_was_kept(stores):
    assert stores.shown_texts.of(SHA256) is None
    for _ in range(2):
        stores.shown_texts.keep(SHA256, "Ja, ihr dürft.\nPerché no? 🦔")
    stores.shown_texts.keep("cd" * 32, "Another")
    assert stores.shown_texts.of(SHA256) == "Ja, ihr dürft.\nPerché no? 🦔"
