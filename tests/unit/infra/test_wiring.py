"""The composition root: parts are made once, from settings, and one that is handed in stands in for its own."""

import ipaddress
from dataclasses import dataclass, replace

import pytest

from functions.api.settings import Settings as ApiSettings
from functions.deliver.settings import Settings as DeliverSettings
from functions.web.settings import Settings as WebSettings
from ocello import settings
from ocello.domain.common.errors import Invalid
from ocello.domain.verdicts.networks import NetworkClass, Networks, Range
from ocello.services.people.ports import Claims
from ocello.settings import SettingsError
from ocello.wiring.cold import Wiring
from ocello.wiring.hot import HotWiring
from ocello.wiring.late import late
from ocello.wiring.storage import StorageWiring
from tests import fakes

TOLD = {
    "app_table": "app",
    "hits_table": "hits",
    "mail_bucket": "mail",
    "delivery_queue_url": "https://sqs.test/deliver",
    "import_queue_url": "https://sqs.test/import",
    "withdrawal_queue_url": "https://sqs.test/withdrawal",
    "subject_queue_url": "https://sqs.test/subject",
    "ledger_key_arn": "ledger-key",
    "proof_key_arn": "proof-key",
    "lookup_queue_url": "https://sqs.test/lookup",
    "token_keys": "1:" + "k" * 32,
    "subject_key": "s" * 32,
    "tracking_rules": "eu-strict",
    "tracking_origin": "https://t.test",
    "app_origin": "https://app.test",
    "oidc_issuer": "https://id.test",
    "oidc_audience": "app",
    "oidc_jwks_url": "https://id.test/keys",
    "oidc_authorize_url": "https://pages.test/authorize?x=1",
    "oidc_token_url": "https://id.test/token",
    "oidc_logout_url": "https://pages.test/logout",
    "key_arn": "key",
    "hit_ttl_days": "30",
    "engagement_days": "396",
    "aws_region": "eu-south-1",
}


def told(kind, **changed):
    wanted = {**TOLD, **changed}
    return kind(**{name: wanted[name] for name in kind._fields if name in wanted})


def wired(kind=ApiSettings, parts=None, **changed):
    return Wiring(told(kind, **changed), {}, **(parts or {}))


def test_a_part_is_made_once_and_shared():
    wiring = wired(DeliverSettings, {"own_users": None, "pace": None})
    assert wiring.accounts is wiring.accounts
    assert wiring.sending.messages is wiring.delivery.messages is wiring.messages
    assert wiring.sending.tracker is wiring.delivery.tracker


def test_a_part_that_is_handed_in_is_used_wherever_its_own_would_be():
    mail, clock = fakes.MemoryMailStore(), fakes.Clock()
    wiring = wired(parts={"mail": mail, "clock": clock})
    assert wiring.sending.mail is mail
    assert wiring.sending.clock is clock
    assert wiring.pace.clock is clock


@pytest.mark.parametrize("kind", [HotWiring, StorageWiring, Wiring])
@pytest.mark.parametrize("name", ["mial", "recorder", "_settings"])
def test_a_part_of_a_name_that_there_is_not_is_refused(kind, name):
    with pytest.raises(TypeError, match=f"no part is named {name}"):
        kind(told(ApiSettings), {}, **{name: None})


def test_a_bad_key_is_named_by_its_setting_and_not_shown():
    with pytest.raises(SettingsError, match="TOKEN_KEYS: key 1 has fewer than 32 characters") as raised:
        _ = wired(token_keys="1:short").tracker
    assert "short" not in str(raised.value)


def test_a_short_key_of_subjects_is_named_by_its_setting_and_not_shown():
    with pytest.raises(SettingsError, match="SUBJECT_KEY: has fewer than 32 characters") as raised:
        _ = wired(subject_key="short").sending
    assert "short" not in str(raised.value)


@pytest.mark.parametrize("kind", [ApiSettings, WebSettings, DeliverSettings])
def test_a_function_that_sends_does_not_start_without_the_key_of_subjects(kind):
    given = {name.upper(): value for name, value in TOLD.items() if name != "subject_key"}
    with pytest.raises(SettingsError, match="missing in the environment: SUBJECT_KEY"):
        settings.read(kind, given)


@pytest.mark.parametrize("kind", [ApiSettings, WebSettings, DeliverSettings])
@pytest.mark.parametrize("rules", ["", "eu", "eu-strict/1", "true"])
def test_a_function_that_sends_does_not_start_under_rules_that_it_does_not_know(kind, rules):
    given = {name.upper(): value for name, value in TOLD.items()}
    with pytest.raises(SettingsError, match="TRACKING_RULES must be one of eu-strict, it-284-2026"):
        settings.read(kind, given | {"TRACKING_RULES": rules})
    del given["TRACKING_RULES"]
    with pytest.raises(SettingsError, match="missing in the environment: TRACKING_RULES"):
        settings.read(kind, given)


def test_who_sends_and_who_delivers_decide_by_the_rules_that_were_deployed():
    for kind in (ApiSettings, WebSettings):
        assert wired(kind, tracking_rules="de-tdddg").sending.decisions.workspace.deployed.name == "de-tdddg"
    delivery = wired(DeliverSettings, tracking_rules="fr-2026-042").delivery
    assert delivery.decisions.workspace.deployed.name == "fr-2026-042"


def test_bad_networks_are_named_by_their_setting():
    with pytest.raises(Invalid) as raised:
        _ = wired(own_networks="10.0.0.0/8, office").own_networks
    assert raised.value.field == "OWN_NETWORKS"


def test_groups_and_domains_let_people_in_whatever_spaces_stand_between_them():
    admission = wired(
        oidc_allowed_domains="a.test, b.test", oidc_allowed_groups=" sales ,support,"
    ).authenticator.admission

    def claims(address, *groups):
        return Claims("https://id.test", "s", "id", address, "", groups)

    assert admission.lets_in(claims("x@b.test"))
    assert admission.lets_in(claims("x@c.test", "sales"))
    assert admission.lets_in(claims("x@c.test", "support"))
    assert not admission.lets_in(claims("x@c.test", ""))


def test_a_form_may_lead_to_each_origin_of_the_provider_once():
    assert wired(WebSettings).provider_origins == ("https://pages.test",)
    other = wired(WebSettings, oidc_logout_url="https://bye.test:8443/logout?client=app")
    assert other.provider_origins == ("https://pages.test", "https://bye.test:8443")


def test_the_teams_own_copies_are_tracked_where_the_setting_says_so():
    assert wired().sending.own_users is not None
    assert wired(track_own_users=True).sending.own_users is None


def test_a_stack_without_a_user_pool_has_no_directory():
    assert wired().directory is None
    assert wired(user_pool="eu-south-1_pool").directory is not None


def test_limits_of_sending_are_those_of_the_settings():
    assert wired(sends_a_minute=7, tracks_a_minute=9).pace.most == {"send": 7, "track": 9}
    assert wired(WebSettings, sends_a_minute=7).pace.most["send"] == 7


class Bucket:
    """A bucket's newest table of networks, which counts how often it is asked for."""

    def __init__(self, table):
        self.table, self.asked = table, 0

    def current(self):
        self.asked += 1
        return self.table


def test_what_explains_hits_and_judges_anew_uses_the_newest_table_and_reads_it_when_an_address_is_looked_up():
    host = ipaddress.ip_address("203.0.113.9")
    newest = Bucket(Networks.build("2999-01-01", [Range(host, host, NetworkClass.HOSTING)]))
    stores = dict.fromkeys(("hits", "engagement", "surroundings", "under_way"))
    wiring = wired(parts={**stores, "newest_networks": newest})
    judging = wiring.judging
    assert newest.asked == 0
    assert judging.class_of("203.0.113.9") is NetworkClass.HOSTING
    assert judging.source_key == b"s" * 32
    base = wiring.judge().base
    assert (base.networks, base.class_of("203.0.113.9")) == ("2999-01-01", NetworkClass.HOSTING)


# --- contexts of which each field is made at its first use --------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Context:
    """A context of two ports."""

    mail: list[str]
    clock: int = 0

    @property
    def first(self) -> str:
        return self.mail[0]


def test_a_field_is_made_when_it_is_asked_for_and_once():
    asked = []

    def mail():
        asked.append("mail")
        return ["m"]

    def clock():
        raise AssertionError("nobody asked for it")

    context = late(Context, mail=mail, clock=clock)
    assert asked == []
    assert context.first == "m"
    assert context.mail is context.mail
    assert asked == ["mail"]


def test_a_late_context_is_one_of_its_class_and_can_be_copied_with_other_fields():
    context = late(Context, mail=lambda: ["m"], clock=lambda: 1)
    assert isinstance(context, Context)
    assert (context.mail, context.clock) == (["m"], 1), "a maker goes before a field's default"
    copy = replace(context, clock=2)
    assert (copy.mail, copy.clock) == (["m"], 2)


@pytest.mark.parametrize("makers", [{"mail": list}, {"mail": list, "clock": int, "mial": list}])
def test_a_late_context_of_other_fields_than_its_own_is_refused(makers):
    with pytest.raises(TypeError, match=r"Context: not exactly its fields: (clock|mial)"):
        late(Context, **makers)


def test_what_a_maker_raises_reaches_who_asks_and_the_next_asks_again():
    tried = []

    def fail():
        tried.append("once")
        raise SettingsError("no key")

    context = late(Context, mail=fail, clock=int)
    for _ in range(2):
        with pytest.raises(SettingsError, match="no key"):
            _ = context.mail
    assert tried == ["once", "once"]
