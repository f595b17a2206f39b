"""Fair sending: places, servers, counts; and what is known of the domains that mail goes to."""

from ocello.domain.messages.servers import ServerRecord
from ocello.domain.verdicts.exchangers import Exchange, MxClass
from ocello.services.domains.ports import MailDomain

NOW = 1_790_000_000_000
APPLE = Exchange(MxClass.APPLE, "Apple")


def test_places_are_held_by_one_each_until_given_back_or_over(stores):
    places = stores.places
    held = [places.take("server x", 3, NOW, NOW + 1000) for _ in range(3)]
    assert {each.number for each in held} == {0, 1, 2}
    assert places.take("server x", 3, NOW, NOW + 1000) is None
    assert places.take("server y", 1, NOW, NOW + 1000) is not None
    places.give_back(held[1])
    again = places.take("server x", 3, NOW, NOW + 2000)
    assert again.number == held[1].number
    places.give_back(held[1])  # late: another holds it now
    assert places.take("server x", 3, NOW, NOW + 1000) is None
    assert places.take("server x", 3, NOW + 1000, NOW + 3000) is not None
    places.give_back(held[0])
    places.give_back(held[0])


def test_what_is_known_of_a_server_is_kept(stores):
    name = "starttls://mail.x.test:587"
    assert stores.servers.read(name) == ServerRecord()
    for record in (ServerRecord(3, NOW, 0), ServerRecord(0, 0, NOW + 5)):
        stores.servers.write(name, record, NOW)
        assert stores.servers.read(name) == record


def test_a_minute_counts_to_its_limit_for_each_who_and_kind(stores):
    counts = stores.send_counts
    assert [counts.count("u#", "send", 7, 2) for _ in range(3)] == [True, True, False]
    assert counts.count("u#", "track", 7, 2)
    assert counts.count("u#key", "send", 7, 2)
    assert counts.count("u#", "send", 8, 2)


def test_what_is_not_known_of_a_domain_is_left_out(stores):
    assert stores.mail_domains.read(["customer.test"]) == {}
    assert stores.mail_domains.read([]) == {}


def test_a_question_is_remembered_and_asked_by_one_alone(stores):
    domains, unknown = stores.mail_domains, MailDomain("customer.test")
    assert domains.mark_asked(unknown, NOW)
    assert domains.read(["customer.test", "other.test"]) == {"customer.test": unknown._replace(asked_at=NOW)}
    assert not domains.mark_asked(unknown, NOW + 1)
    assert domains.mark_asked(unknown._replace(asked_at=NOW), NOW + 2)


def test_an_answer_stays_beside_its_question(stores):
    domains = stores.mail_domains
    domains.mark_asked(MailDomain("customer.test"), NOW)
    domains.resolved("customer.test", APPLE, NOW + 5)
    known = MailDomain("customer.test", APPLE, NOW + 5, NOW)
    assert domains.read(["customer.test"]) == {"customer.test": known}
    assert domains.mark_asked(known, NOW + 9)
    assert domains.read(["customer.test"])["customer.test"] == known._replace(asked_at=NOW + 9)


def test_many_domains_are_read_at_once(stores):
    names = [f"d{number}.test" for number in range(130)]
    for name in names:
        stores.mail_domains.resolved(name, APPLE, NOW)
    assert set(stores.mail_domains.read(names)) == set(names)
