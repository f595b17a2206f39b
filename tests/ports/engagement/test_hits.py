"""Hits, the engagement that they come to, and how many links a message has."""

from ocello.domain.engagement.counters import CountedHit
from ocello.domain.verdicts.outcomes import Outcome
from ocello.services.engagement.ports import HitPosition, position_of
from tests.fakes.engagement.settling import BORN, MESSAGE, a_hit, counted_row
from tests.ports.examples import NOW, stored

SECONDS = 5.0  # more than any write needs


def kept(stores, *hits):
    for each in hits:
        stores.hit_sink.put(each, SECONDS)


def read(stores, first=None, last=None):
    pages = list(stores.hits.pages(MESSAGE, first, last))
    assert all(len(page) <= 7 for page in pages)
    return [each for page in pages for each in page]


def test_hits_are_read_as_they_were_kept_sorted_by_time(stores):
    made = [a_hit(at, f"r{at}", kind, at % 3, link=at) for at in range(20) for kind in ("open", "click")[at % 2 :][:1]]
    kept(stores, *reversed(made), a_hit(message="0199a000-0000-7000-8000-00000000000f"))
    assert read(stores) == made


def test_everything_that_a_request_said_comes_back(stores):
    whole = a_hit(0, "r", "click", 3, 9, method="HEAD", headers={"via": "x"}, flags=5, address="2001:db8::1")
    plain = a_hit(1, "s", address="", agent="")
    kept(stores, whole, plain)
    assert read(stores) == [whole, plain]


def test_a_hit_that_is_kept_twice_is_one(stores):
    first = a_hit()
    kept(stores, first, replace_agent(first))
    assert read(stores) == [first]


def replace_agent(hit):
    """The same request, as a second write would spell it."""
    return a_hit(hit.at - BORN, hit.request, agent="another")


def test_a_stretch_has_both_its_ends_and_what_is_open_is_read_to_the_end(stores):
    made = [a_hit(at, f"r{at}") for at in range(9)]
    kept(stores, *made)
    first, last = position_of(made[2]), position_of(made[5])
    assert read(stores, first, last) == made[2:6]
    assert read(stores, first) == made[2:]
    assert read(stores, None, last) == made[:6]
    assert read(stores, HitPosition(BORN + 99, ""), None) == []
    assert read(stores, HitPosition(-5, ""), None) == made


def test_two_requests_of_one_millisecond_are_two_hits_in_the_order_of_their_names(stores):
    made = [a_hit(0, name) for name in ("a", "b")]
    kept(stores, *reversed(made))
    assert read(stores) == made
    assert read(stores, position_of(made[1]), None) == made[1:]


def test_a_row_is_written_over_the_version_that_was_read(stores):
    rows = stores.engagement_rows
    assert rows.read(MESSAGE) is None
    assert not rows.write(MESSAGE, packed(1), 7)
    assert rows.write(MESSAGE, packed(1), 0)
    assert not rows.write(MESSAGE, packed(2), 0)
    assert rows.read(MESSAGE) == (packed(1), 1)
    assert rows.write(MESSAGE, packed(2), 1)
    assert not rows.write(MESSAGE, packed(3), 1)
    assert rows.read(MESSAGE) == (packed(2), 2)


def packed(opens):
    """The row of a message that was opened so often."""
    return counted_row(9, [CountedHit(NOW + n, "open", 0, None, Outcome.COUNTED) for n in range(opens)])


def test_engagement_is_read_of_many_messages_and_with_each(stores):
    mails = [stored(number) for number in range(130)]
    for each in mails[:2]:
        stores.messages.create(each, None)
    names = [each.message.id for each in mails]
    for name in names[1:]:
        assert stores.engagement_rows.write(name, packed(2), 0)
    found = stores.engagements.of(names)
    assert set(found) == set(names[1:])
    assert {each.message_opens.count for each in found.values()} == {2}
    assert stores.engagements.of([]) == {}
    assert stores.messages.load(names[0]).engagement is None
    assert stores.messages.load(names[1]).engagement == found[names[1]]
    counted = [each.engagement for each in stores.message_days.between("u1", NOW, NOW + 2)]
    assert [each and each.message_opens.count for each in counted] == [None, 2]


def test_links_are_counted_and_none_are_where_nothing_is_known(stores):
    stores.messages.create(stored(links=7), None)
    assert stores.surroundings.link_count(stored().message.id) == 7
    assert stores.surroundings.link_count(MESSAGE) == 0


def test_hits_that_are_removed_are_gone_and_no_others(stores):
    made = [a_hit(at, name) for at in (0, 1) for name in ("a", "b")]
    kept(stores, *made)
    stores.hits.remove([made[0], made[3], a_hit(9, "never")])
    assert read(stores) == made[1:3]
