"""Sessions of the web application, and from where their users were signed in."""

from dataclasses import replace

from ocello.domain.people.sessions import Session
from ocello.domain.verdicts.signed_in import SignedIn
from ocello.services.people.ports import KnownSources
from tests.ports.examples import stored

NOW = 1_790_000_000_000
SESSION = Session("a" * 64, "rep", "token", NOW, NOW + 1, NOW + 2, b"sealed", sources=(2**32 - 1, 7))
NEW = replace(SESSION, digest="b" * 64)


def test_a_session_comes_back_as_it_was_and_is_forgotten(stores):
    for session in (SESSION, replace(NEW, sealed=b"", replaced=True, sources=())):
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


def test_from_where_a_session_was_used_is_kept_while_it_lives_and_nothing_else_changes(stores):
    stores.sessions.save_sources(SESSION)
    assert stores.sessions.get(SESSION.digest) is None
    stores.sessions.begin(SESSION)
    stores.sessions.save_sources(replace(SESSION, sources=(9,), seen_at=NOW + 9, csrf="other"))
    assert stores.sessions.get(SESSION.digest) == replace(SESSION, sources=(9,))
    stores.sessions.rename(replace(SESSION, replaced=True), NEW)
    stores.sessions.save_sources(replace(SESSION, sources=(10,)))
    assert stores.sessions.get(SESSION.digest).sources == SESSION.sources


FIRST = KnownSources((SignedIn(7, NOW, NOW + 5), SignedIn(2**32 - 1, NOW - 9, NOW)), 1)


def test_where_a_user_was_signed_in_is_written_over_what_was_read(stores):
    sources = stores.sign_in_sources
    assert sources.read("rep") == KnownSources()
    assert sources.write("rep", FIRST)
    assert not sources.write("rep", replace(FIRST, sources=()))
    assert sources.read("rep") == FIRST
    second = KnownSources(FIRST.sources[:1], 2)
    assert sources.write("rep", second)
    assert not sources.write("rep", replace(second, version=4))
    assert sources.read("rep") == second
    assert sources.read("other") == KnownSources()


def test_settling_reads_where_the_owner_of_a_message_was_signed_in(stores):
    mail = stored()
    stores.messages.create(mail, None)
    assert stores.surroundings.sessions(mail.message.id) == ()
    stores.sign_in_sources.write("another", FIRST)
    assert stores.surroundings.sessions(mail.message.id) == ()
    stores.sign_in_sources.write(mail.message.owner, FIRST)
    assert stores.surroundings.sessions(mail.message.id) == FIRST.sources
    assert stores.surroundings.sessions(stored(9).message.id) == ()
