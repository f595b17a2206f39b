"""What can be known of mail to an address before it is sent, by the domain's mail host and earlier mail."""

import pytest

from functions.lookups import handler as lookups_handler
from ocello.domain.common.errors import Invalid, Unavailable
from ocello.domain.verdicts.context import DomainHistory
from ocello.domain.verdicts.exchangers import Exchange, MxClass, exchange_of, forecast_of
from ocello.services.domains.forecast import ASK_AGAIN_MS, FRESH_MS, MOST_DOMAINS, MailForecasts, is_due, resolve
from ocello.services.domains.ports import MailDomain
from tests.fakes.sending.domains import MemoryLookupQueue, MemoryMailDomains, MemoryMailExchangers

NOON = 1_764_072_000_000

# Names of MX hosts as the providers publish them for their customers.
HOSTS = {
    ("aspmx.l.google.com", "alt1.aspmx.l.google.com"): ("google", "Google"),
    ("smtp.google.com",): ("google", "Google"),
    ("gmail-smtp-in.l.google.com",): ("google", "Google"),
    ("aspmx2.googlemail.com.",): ("google", "Google"),
    ("customer-example.mail.protection.outlook.com",): ("microsoft", "Microsoft"),
    ("outlook-com.olc.protection.outlook.com",): ("microsoft", "Microsoft"),
    ("customer-example.a-v1.mx.microsoft",): ("microsoft", "Microsoft"),
    ("MX01.MAIL.ICLOUD.COM.",): ("apple", "Apple"),
    ("mta5.am0.yahoodns.net",): ("yahoo", "Yahoo"),
    ("mxa-0012.gslb.pphosted.com",): ("gateway", "Proofpoint"),
    ("eu-smtp-inbound-1.mimecast.com",): ("gateway", "Mimecast"),
    ("d1.a.ess.de.barracudanetworks.com",): ("gateway", "Barracuda"),
    ("mx1.hc1.eu.iphmx.com",): ("gateway", "Cisco"),
    ("cluster1.eu.messagelabs.com",): ("gateway", "Symantec"),
    ("mx.customer.test", "customer-example.mail.protection.outlook.com"): ("microsoft", "Microsoft"),
    ("customer-example.mail.protection.outlook.com", "mxa-0012.gslb.pphosted.com"): ("gateway", "Proofpoint"),
    ("mx.customer.test",): ("other", ""),
    ("notgoogle.com",): ("other", ""),
    ("mail.icloud.com.customer.test",): ("other", ""),
    (): ("none", ""),
    (".",): ("none", ""),
    ("",): ("none", ""),
}


@pytest.mark.parametrize(("hosts", "known"), HOSTS.items(), ids=lambda value: " ".join(value) or "nothing")
def test_who_takes_in_the_mail_is_told_by_the_hosts_names(hosts, known):
    assert exchange_of(hosts) == (MxClass(known[0]), known[1])


LEVELS = {
    "google": ("reliable", "reliable"),
    "yahoo": ("reliable", "reliable"),
    "apple": ("unreliable", "reliable"),
    "microsoft": ("unknown", "unknown"),
    "gateway": ("unknown", "unreliable"),
    "other": ("unknown", "unknown"),
    "none": ("unknown", "unknown"),
}


@pytest.mark.parametrize(("mx", "levels"), LEVELS.items())
def test_each_class_has_its_forecast_and_says_why(mx, levels):
    found = forecast_of(Exchange(MxClass(mx), "Somebody"))
    assert (found.opens.level, found.clicks.level) == levels
    assert found.opens.text.endswith(".")
    assert "%(" not in found.opens.text + found.clicks.text


def test_every_class_is_forecast():
    assert set(LEVELS) == set(MxClass)


def test_what_is_not_known_yet_is_said_to_be_unknown():
    found = forecast_of(None)
    assert {found.opens.level, found.clicks.level} == {"unknown"}
    assert "not known yet" in found.opens.text


@pytest.mark.parametrize(
    ("learned", "level"),
    [
        (DomainHistory(5, 2), "unreliable"),
        (DomainHistory(10, 3), "unreliable"),
        (DomainHistory(2, 2), "reliable"),  # too few to say
        (DomainHistory(10, 2), "reliable"),
        (DomainHistory(10, 0, 4, 2), "unreliable"),
        (DomainHistory(), "reliable"),
    ],
)
def test_clicks_are_said_to_be_unreliable_where_machines_often_came_first(learned, level):
    found = forecast_of(Exchange(MxClass.GOOGLE, "Google"), learned)
    assert found.clicks.level == level
    assert found.opens.level == "reliable"


def test_an_unknown_domain_is_answered_at_once_and_asked_for_once():
    domains, lookups = MemoryMailDomains(), MemoryLookupQueue()
    ports = MailForecasts(domains, lookups, lambda: NOON)
    found = ports.forecast("Ada@Customer.test")
    assert (found.address, found.domain, found.exchange) == ("ada@customer.test", "customer.test", None)
    ports.forecast("bob@customer.test")
    assert lookups.asked == ["customer.test"]


def test_what_was_resolved_is_told_from_then_on():
    domains, lookups = MemoryMailDomains(), MemoryLookupQueue()
    ports = MailForecasts(domains, lookups, lambda: NOON)
    ports.forecast("ada@customer.test")
    resolve("customer.test", MemoryMailExchangers({"customer.test": ("mx01.mail.icloud.com",)}), domains, lambda: NOON)
    found = ports.forecast("ada@customer.test")
    assert found.exchange == (MxClass.APPLE, "Apple")
    assert found.forecast.opens.level == "unreliable"
    assert lookups.asked == ["customer.test"]


def test_what_settling_learned_of_a_domain_is_told():
    known = MailDomain("customer.test", Exchange(MxClass.GOOGLE, "Google"), NOON, NOON, DomainHistory(9, 4))
    ports = MailForecasts(MemoryMailDomains({"customer.test": known}), MemoryLookupQueue(), lambda: NOON)
    clicks = ports.forecast("a@customer.test").forecast.clicks
    assert clicks.level == "unreliable"
    assert clicks.text.startswith("Links are scanned first: in 4 of 9 mails")


def test_a_week_old_answer_is_told_while_it_is_looked_up_again():
    old = MailDomain("customer.test", Exchange(MxClass.GOOGLE, "Google"), NOON - FRESH_MS, NOON - FRESH_MS)
    domains, lookups = MemoryMailDomains({"customer.test": old}), MemoryLookupQueue()
    assert MailForecasts(domains, lookups, lambda: NOON).forecast("a@customer.test").exchange == old.exchange
    assert lookups.asked == ["customer.test"]


@pytest.mark.parametrize(
    ("resolved_at", "asked_at", "due"),
    [
        (0, 0, True),
        (0, NOON - 1, False),
        (0, NOON - ASK_AGAIN_MS, True),
        (NOON - FRESH_MS + 1, 0, False),
        (NOON - FRESH_MS, NOON - FRESH_MS, True),
    ],
)
def test_a_domain_is_looked_up_when_its_answer_is_old_and_nobody_asked_just_now(resolved_at, asked_at, due):
    assert is_due(MailDomain("customer.test", None, resolved_at, asked_at), NOON) is due


def test_a_question_without_an_answer_leaves_what_was_known():
    old = MailDomain("customer.test", Exchange(MxClass.GOOGLE, "Google"), 1, 2)
    domains = MemoryMailDomains({"customer.test": old})
    assert not resolve("customer.test", MemoryMailExchangers(), domains, lambda: NOON)
    assert domains.rows["customer.test"] == old


@pytest.mark.parametrize(
    "address", ["", "ada", "@customer.test", "ada@", "ada@customer", "a b@customer.test", "a@b.c\n"]
)
def test_what_is_no_address_is_refused_by_name(address):
    with pytest.raises(Invalid) as refused:
        MailForecasts(MemoryMailDomains(), MemoryLookupQueue(), lambda: NOON).forecast(address)
    assert refused.value.field == "address"


def test_a_domain_with_other_letters_is_known_by_its_ascii_form():
    domains, lookups = MemoryMailDomains(), MemoryLookupQueue()
    found = MailForecasts(domains, lookups, lambda: NOON).forecast("ada@bücher.example")
    assert found.domain == "xn--bcher-kva.example"
    assert lookups.asked == ["xn--bcher-kva.example"]


def test_two_that_ask_at_once_ask_once():
    domains, lookups = MemoryMailDomains(), MemoryLookupQueue()
    first = MailForecasts(domains, lookups, lambda: NOON)

    class Late(MemoryMailDomains):
        """Another request that read before the first one requested a look-up."""

        def read(self, names):
            return {}

    late = MailForecasts(Late(domains.rows), lookups, lambda: NOON + 1)
    first.forecast("ada@customer.test")
    late.forecast("ada@customer.test")
    assert lookups.asked == ["customer.test"]


@pytest.mark.parametrize("domain", ["gmail.com", "icloud.com", "outlook.it", "yahoo.fr"])
def test_what_is_generally_known_is_told_at_once_and_never_looked_up(domain):
    domains, lookups = MemoryMailDomains(), MemoryLookupQueue()
    assert MailForecasts(domains, lookups, lambda: NOON).forecast(f"ada@{domain}").exchange is not None
    assert (domains.rows, lookups.asked) == ({}, [])


def test_a_mail_has_one_forecast_for_each_domain_and_never_too_many():
    domains, lookups = MemoryMailDomains(), MemoryLookupQueue()
    addresses = [
        "a@one.test",
        "b@one.test",
        "c@two.test",
        "no address",
        *(f"x@d{number:02}.test" for number in range(40)),
    ]
    found = MailForecasts(domains, lookups, lambda: NOON).by_domain(addresses)
    assert len(found) == len(lookups.asked) == MOST_DOMAINS
    assert len({each.domain for each in found}) == MOST_DOMAINS


def test_a_forecast_that_cannot_be_read_keeps_nobody_from_writing():
    class Down(MemoryMailDomains):
        def read(self, names):
            raise Unavailable("database: down")

    assert MailForecasts(Down(), MemoryLookupQueue(), lambda: NOON).by_domain(["a@customer.test"]) == ()


def record(body):
    return {"messageId": body, "body": body}


def test_a_batch_of_the_queue_is_looked_up_and_what_is_no_look_up_comes_again(capsys):
    domains, exchangers = MemoryMailDomains(), MemoryMailExchangers({"customer.test": ("mx.customer.test",)})

    def look_up(name):
        return resolve(name, exchangers, domains, lambda: NOON)

    bodies = ['{"domain": "customer.test"}', '{"domain": "silent.test"}', "garbage", "[]"]
    answer = lookups_handler.answer({"Records": [record(body) for body in bodies]}, look_up, lambda: NOON)
    assert [failure["itemIdentifier"] for failure in answer["batchItemFailures"]] == ["garbage", "[]"]
    assert set(domains.rows) == {"customer.test"}
    assert "customer.test" not in capsys.readouterr().out  # a small company's domain names a person
