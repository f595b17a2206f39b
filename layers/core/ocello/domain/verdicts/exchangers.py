"""Mail exchangers: who takes a domain's mail in, by the names of its MX hosts, and what that says of opens and clicks.

The names are those that the providers tell their customers to put into DNS; each entry names whose they are.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal, NamedTuple

from ocello.domain.common.hosts import is_within
from ocello.domain.common.texts import Text
from ocello.domain.verdicts.context import DomainHistory


class MxClass(StrEnum):
    """What kind of service takes a domain's mail in."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    APPLE = "apple"
    YAHOO = "yahoo"
    GATEWAY = "gateway"  # a security service that reads mail before the mailbox does
    OTHER = "other"
    NONE = "none"  # the domain takes no mail


_PROVIDERS = {
    MxClass.GOOGLE: {"google.com": "Google", "googlemail.com": "Google"},
    MxClass.MICROSOFT: {"outlook.com": "Microsoft", "mx.microsoft": "Microsoft"},
    MxClass.APPLE: {"mail.icloud.com": "Apple"},
    MxClass.YAHOO: {"yahoodns.net": "Yahoo", "mail.yahoo.com": "Yahoo"},
    MxClass.GATEWAY: {
        "pphosted.com": "Proofpoint",
        "ppe-hosted.com": "Proofpoint",
        "gpphosted.com": "Proofpoint",
        "mimecast.com": "Mimecast",
        "mimecast.co.za": "Mimecast",
        "mimecast-offshore.com": "Mimecast",
        "barracudanetworks.com": "Barracuda",
        "iphmx.com": "Cisco",
        "messagelabs.com": "Symantec",
        "tmes.trendmicro.com": "Trend Micro",
        "tmes.trendmicro.eu": "Trend Micro",
        "fortimailcloud.com": "Fortinet",
        "fortimail.com": "Fortinet",
        "hornetsecurity.com": "Hornetsecurity",
        "antispameurope.com": "Hornetsecurity",
        "mailcontrol.com": "Forcepoint",
        "hydra.sophos.com": "Sophos",
        "reflexion.net": "Sophos",
        "antispamcloud.com": "SpamExperts",
        "spamexperts.com": "SpamExperts",
        "retarus.com": "Retarus",
        "vadesecure.com": "Vade",
        "mailinblack.com": "Mailinblack",
        "altospam.com": "Altospam",
        "esvacloud.com": "Libraesva",
        "libraesva.com": "Libraesva",
        "mxrecord.io": "Cloudflare",
        "mx.cloudflare.net": "Cloudflare",
        "trellix.com": "Trellix",
        "fireeyecloud.com": "Trellix",
        "zerospam.ca": "Zerospam",
        "spamtitan.com": "TitanHQ",
        "nospamproxy.com": "NoSpamProxy",
    },
}


# Domains of providers that anybody can have an address at: nobody needs to look them up.
_CONSUMER_DOMAINS = {
    MxClass.GOOGLE: ("Google", ("gmail.com", "googlemail.com")),
    MxClass.MICROSOFT: (
        "Microsoft",
        ("outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.it", "hotmail.it", "live.it"),
    ),
    MxClass.APPLE: ("Apple", ("icloud.com", "me.com", "mac.com")),
    MxClass.YAHOO: ("Yahoo", ("yahoo.com", "ymail.com", "yahoo.it", "yahoo.fr", "yahoo.de", "yahoo.es", "yahoo.co.uk")),
}


class Exchange(NamedTuple):
    """Who takes a domain's mail in: the class, and the service's name where it is known."""

    mx: MxClass
    operator: str = ""


def exchange_of(exchangers: Sequence[str]) -> Exchange:
    """Return who stands behind the names of MX hosts; a gateway among them counts before a mailbox provider.

    No name at all, or the null MX of RFC 7505 alone, is a domain that takes no mail.
    """
    hosts = [host.rstrip(".").lower() for host in exchangers]
    if not any(hosts):
        return Exchange(MxClass.NONE)
    found = [known for host in hosts if (known := _known(host)) is not None]
    found.sort(key=lambda each: each.mx is not MxClass.GATEWAY)
    return found[0] if found else Exchange(MxClass.OTHER)


def well_known(domain: str) -> Exchange | None:
    """Return who takes in the mail of a domain of which that is generally known; None for all others."""
    for mx, (operator, domains) in _CONSUMER_DOMAINS.items():
        if domain in domains:
            return Exchange(mx, operator)
    return None


def _known(host: str) -> Exchange | None:
    for mx, operators in _PROVIDERS.items():
        for domain, operator in operators.items():
            if is_within(host, frozenset({domain})):
                return Exchange(mx, operator)
    return None


Level = Literal["reliable", "unreliable", "unknown"]


class Reliability(NamedTuple):
    """How far what is seen of one kind of engagement can be relied on, and why, as a sentence."""

    level: Level
    text: str


class Forecast(NamedTuple):
    """What can be known of mail to one domain."""

    opens: Reliability
    clicks: Reliability


NOTHING_LEARNED = DomainHistory()

_NOT_YET = Text("It is not known yet who receives the mail of this domain.")
_NO_MAIL = Text("This domain accepts no mail.")
_NOTHING_KNOWN = Text("Nothing is known of the mail server of this domain.")


def forecast_of(exchange: Exchange | None, learned: DomainHistory = NOTHING_LEARNED) -> Forecast:
    """Return what can be known of mail to a domain; `exchange` None: who takes in its mail is not known yet."""
    if exchange is None:
        return Forecast(Reliability("unknown", _NOT_YET), _scanned(learned) or Reliability("unknown", _NOT_YET))
    if exchange.mx is MxClass.NONE:
        return Forecast(Reliability("unknown", _NO_MAIL), Reliability("unknown", _NO_MAIL))
    return Forecast(_opens(exchange), _scanned(learned) or _clicks(exchange))


def _opens(exchange: Exchange) -> Reliability:
    operator = exchange.operator
    match exchange.mx:
        case MxClass.GOOGLE | MxClass.YAHOO:
            words = Text("%(operator)s fetches pictures when the mail is opened.", operator=operator)
            return Reliability("reliable", words)
        case MxClass.APPLE:
            words = Text("%(operator)s fetches every picture, whether or not anyone reads.", operator=operator)
            return Reliability("unreliable", words)
        case MxClass.MICROSOFT:
            words = Text(
                "%(operator)s shows pictures only to readers who allow it: an open may not be seen.", operator=operator
            )
            return Reliability("unknown", words)
        case MxClass.GATEWAY:
            words = Text(
                "A mail gateway (%(operator)s) may fetch or remove pictures before anyone reads.", operator=operator
            )
            return Reliability("unknown", words)
    return Reliability("unknown", _NOTHING_KNOWN)


def _clicks(exchange: Exchange) -> Reliability:
    operator = exchange.operator
    match exchange.mx:
        case MxClass.GOOGLE | MxClass.YAHOO | MxClass.APPLE:
            return Reliability("reliable", Text("%(operator)s does not follow links by itself.", operator=operator))
        case MxClass.MICROSOFT:
            words = Text(
                "Some customers of %(operator)s let links be scanned: clicks in the first minutes are held.",
                operator=operator,
            )
            return Reliability("unknown", words)
        case MxClass.GATEWAY:
            words = Text(
                "Links are scanned first by a mail gateway (%(operator)s): clicks in the first minutes are held.",
                operator=operator,
            )
            return Reliability("unreliable", words)
    return Reliability("unknown", _NOTHING_KNOWN)


def _scanned(learned: DomainHistory) -> Reliability | None:
    """Return what earlier mails say of clicks; None where they do not say that links are scanned."""
    if learned.tells != "scanned":
        return None
    words = Text(
        "Links are scanned first: in %(scanned)s of %(mails)s mails to this domain that were clicked a machine followed"
        " them. Clicks in the first minutes are held.",
        scanned=min(learned.mails, learned.bursts + learned.early_machines),
        mails=learned.mails,
    )
    return Reliability("unreliable", words)
