"""Which host receives a domain's mail: in the app table, in the queue of look-ups, and in DNS."""

import dns.exception
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from ocello.adapters.dns.exchangers import DnsMailExchangers
from ocello.adapters.dynamodb import keys
from ocello.adapters.dynamodb.models import MailDomainRow, RecipientRow
from ocello.adapters.dynamodb.sending.mail_domains import DynamoMailDomains
from ocello.adapters.hot.settle_store import DynamoSurroundings
from ocello.domain.common.errors import Unavailable
from ocello.domain.verdicts.context import DomainHistory
from ocello.domain.verdicts.exchangers import Exchange, MxClass
from ocello.services.domains.ports import MailDomain
from tests.fakes.engagement.settling import MESSAGE
from tests.tables import BotoClient

NOON = 1_764_072_000_000
APPLE = Exchange(MxClass.APPLE, "Apple")


@pytest.mark.usefixtures("app_table")
def test_a_class_of_another_version_is_as_good_as_none():
    domains = DynamoMailDomains()
    domains.resolved("customer.test", APPLE, NOON)
    row = MailDomainRow.get("DOMAIN#customer.test", "MX")
    row.update([MailDomainRow.mx.set("carrier pigeon")])
    assert domains.read(["customer.test"]) == {"customer.test": MailDomain("customer.test")}


def test_what_settling_learned_of_a_domain_is_read_beside_its_mail_exchanger(app_table):
    domains, learned = DynamoMailDomains(), DomainHistory(1, 1)
    RecipientRow(*keys.recipient(MESSAGE, 0), index=0, address="ada@customer.test", kind="to", status="sent").save()
    DynamoSurroundings(BotoClient(), app_table).learn(MESSAGE, {0: learned})
    assert domains.read(["customer.test"]) == {"customer.test": MailDomain("customer.test", history=learned)}
    domains.resolved("customer.test", APPLE, NOON)
    assert domains.read(["customer.test"])["customer.test"] == MailDomain("customer.test", APPLE, NOON, 0, learned)


class Resolver(dns.resolver.Resolver):
    """Answers from a zone; a name that is not in it does not exist, one that maps to an error raises it."""

    def __init__(self, zone):
        super().__init__(configure=False)
        self.zone, self.asked = zone, []

    def resolve(self, qname, rdtype="A", *_, **options):
        self.asked.append((qname, rdtype))
        found = self.zone.get(qname)
        if found is None:
            raise dns.resolver.NXDOMAIN
        if isinstance(found, Exception):
            raise found
        response = dns.message.make_response(dns.message.make_query(qname, rdtype))
        if texts := found.get(rdtype):
            response.answer.append(dns.rrset.from_text(qname, 300, "IN", rdtype, *texts))
        kind = dns.rdatatype.from_text(rdtype)
        name = dns.name.from_text(qname)
        if not texts and options.get("raise_on_no_answer", True):
            raise dns.resolver.NoAnswer(response=response)
        told = dns.message.from_wire(response.to_wire())  # only so is the appended record indexed
        assert isinstance(told, dns.message.QueryMessage)
        return dns.resolver.Answer(name, kind, dns.rdataclass.IN, told)


ZONE = {
    "customer.test.": {"MX": ["20 b.mx.test.", "10 A.mx.test."]},
    "plain.test.": {"A": ["192.0.2.1"]},
    "six.test.": {"AAAA": ["2001:db8::1"]},
    "null.test.": {"MX": ["0 ."]},
    "bare.test.": {},
    "slow.test.": dns.exception.Timeout(),
    "broken.test.": dns.resolver.NoNameservers(),
    "many.test.": {"MX": [f"{number} mx{number}.test." for number in range(40)]},
}


@pytest.mark.parametrize(
    ("name", "hosts"),
    [
        ("customer.test", ["A.mx.test", "b.mx.test"]),
        ("plain.test", ["plain.test"]),
        ("six.test", ["six.test"]),
        ("null.test", ["."]),
        ("bare.test", []),
        ("nowhere.test", []),
        ("many.test", [f"mx{number}.test" for number in range(16)]),
    ],
)
def test_hosts_come_by_preference_and_a_domain_without_mx_takes_mail_at_its_own_address(name, hosts):
    assert list(DnsMailExchangers(Resolver(ZONE)).of(name)) == hosts


@pytest.mark.parametrize("name", ["slow.test", "broken.test"])
def test_a_server_that_does_not_answer_says_nothing_of_the_domain(name):
    with pytest.raises(Unavailable):
        DnsMailExchangers(Resolver(ZONE)).of(name)


@pytest.mark.parametrize("name", ["x" * 64 + ".test", "a..test", ".".join(["x" * 60] * 5)])
def test_a_name_that_no_domain_can_have_takes_no_mail(name):
    assert list(DnsMailExchangers(dns.resolver.Resolver(configure=False)).of(name)) == []
