"""Sessions of the web application."""

from dataclasses import replace

from ocello.domain.people.sessions import Session

NOW = 1_790_000_000_000
SESSION = Session("a" * 64, "rep", "token", NOW, NOW + 1, NOW + 2, b"sealed")
NEW = replace(SESSION, digest="b" * 64)


def test_a_session_comes_back_as_it_was_and_is_forgotten(stores):
    for session in (SESSION, replace(NEW, sealed=b"", replaced=True)):
        stores.sessions.begin(session)
        assert stores.sessions.get(session.digest) == session
    stores.sessions.delete(SESSION.digest)
    stores.sessions.delete(SESSION.digest)
    assert stores.sessions.get(SESSION.digest) is None


def test_a_note_says_when_a_session_was_last_used_and_nothing_else(stores):
    stores.sessions.begin(SESSION)
    stores.sessions.save_last_use(replace(SESSION, seen_at=NOW + 9, csrf="other", sealed=b"", renewed_at=NOW + 7))
    assert stores.sessions.get(SESSION.digest) == replace(SESSION, seen_at=NOW + 9)


def test_what_is_over_does_not_come_back_by_a_late_note_or_a_new_name(stores):
    stores.sessions.save_last_use(SESSION)
    assert not stores.sessions.rename(replace(SESSION, replaced=True), NEW)
    assert stores.sessions.get(SESSION.digest) is stores.sessions.get(NEW.digest) is None


def test_a_session_is_renamed_once(stores):
    stores.sessions.begin(SESSION)
    assert stores.sessions.rename(replace(SESSION, replaced=True, sealed=b""), NEW)
    assert stores.sessions.get(NEW.digest) == NEW
    assert stores.sessions.get(SESSION.digest) == replace(SESSION, replaced=True, sealed=b"")
    assert not stores.sessions.rename(replace(SESSION, replaced=True), replace(SESSION, digest="c" * 64))
    assert stores.sessions.get("c" * 64) is None
    stores.sessions.save_last_use(replace(SESSION, seen_at=NOW + 99))
    assert stores.sessions.get(SESSION.digest).seen_at == SESSION.seen_at
