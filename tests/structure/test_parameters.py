"""CloudFormation refuses wrong values of parameters before anything is deployed."""

import re

import pytest

from ocello.domain.consent.rules import RULES_NAMES

FREE = {"OperatorName", "OperatorContact", "OidcClientSecret", "OidcAllowedGroups"}  # any text is a right one

DOMAIN = ["links.example.com", "a.b.c.example", "xn--bcher-kva.example", "example.com"]
NO_DOMAIN = ["https://links.example.com", "links.example.com/", "Links.Example.com", "links", "-a.example", "a_b.example",
             "a..example", ".example.com", "links.example.com:443", "bücher.example", "example.com "]  # fmt: skip
ORIGIN = ["https://links.example.com", "http://127.0.0.1:8041", "https://links.example.com:8443", "http://localhost:1"]
NO_ORIGIN = ["https://links.example.com/", "https://links.example.com/x", "links.example.com", "https://Links.example.com",
             "ftp://links.example.com", "https://", "https://x?y", "https://me@x", "https://a b", "https://x:port"]  # fmt: skip
CERTIFICATE = [
    "arn:aws:acm:eu-west-1:123456789012:certificate/0b1c-2d",
    "arn:aws-us-gov:acm:us-gov-west-1:123456789012:certificate/a",
]
NO_CERTIFICATE = ["0b1c-2d", "arn:aws:iam::123456789012:server-certificate/a", "arn:aws:acm:eu-west-1:1:certificate/a"]
ZONE, NO_ZONE = ["Z0123456789ABCDEFGHIJ"], ["example.com", "/hostedzone/Z012345", "z012345"]
HOSTS = ["example.com", "example.com,other.example", "example.com , bücher.example", "intranet"]
NO_HOSTS = [
    "https://example.com",
    "example.com/x",
    "*.example.com",
    "me@example.com",
    ",",
    "example.com,",
    "a b",
    "example.com;b.c",
]
URL = ["https://id.example.com/oauth2/authorize", "http://127.0.0.1:8040/login", "https://id.example.com/x?tenant=1"]
NO_URL = ["id.example.com", "https://", "https:///x", "https://x y", "ftp://x", "https://x#y"]

SAMPLES = {
    "TrackingDomain": (DOMAIN, NO_DOMAIN),
    "AppDomain": (DOMAIN, NO_DOMAIN),
    "MailDomain": (DOMAIN, [*NO_DOMAIN, "me@example.com"]),
    "TrackingCertificateArn": (CERTIFICATE, NO_CERTIFICATE),
    "AppCertificateArn": (CERTIFICATE, NO_CERTIFICATE),
    "TrackingHostedZoneId": (ZONE, NO_ZONE),
    "AppHostedZoneId": (ZONE, NO_ZONE),
    "MailHostedZoneId": (ZONE, NO_ZONE),
    "TrackingOrigin": (ORIGIN, NO_ORIGIN),
    "AppOrigin": (ORIGIN, NO_ORIGIN),
    "EndpointUrl": (ORIGIN, NO_ORIGIN),
    "ClientAddressHeader": (["x-forwarded-for", "CF-Connecting-IP"], ["x-forwarded-for:", "a b", "x,y", "x_y"]),
    "TokenKeysVersion": (["0198c0de-0000-4000-8000-000000000001"], ["AWSCURRENT", "latest", "0198c0de"]),
    "ImportedKeyring": ([",1:" + "k" * 32, ",1:" + "k" * 32 + ",200:" + "s" * 64], ["1:" + "k" * 32, ",1:short"]),
    "DeniedMessages": (
        ["0198c0de-0000-7000-8000-000000000001", ", ".join(["0198c0de-0000-7000-8000-000000000001"] * 2)],
        ["0198c0de", "all", "0198c0de-0000-7000-8000-000000000001;x"],
    ),
    "DeniedHosts": ([*HOSTS, "example.com:8080"], ["https://example.com", "example.com/x", "*.example.com", "a b", ","]),
    "ExcludedDomains": (HOSTS, NO_HOSTS),
    "OidcAllowedDomains": (HOSTS, NO_HOSTS),
    "WorkspaceCountry": (["IT", "GB"], ["it", "ITA", "Italy", "I", "IT "]),
    "SignInPrefix": (["acme-mail", "a", "a1"], ["Acme", "acme.mail", "-acme", "acme-", "my-aws", "cognito1", "amazon", "a" * 64]),
    "OidcJwksUrl": (URL, NO_URL),
    "OidcIssuer": (URL, NO_URL),
    "OidcAuthorizeUrl": (URL, NO_URL),
    "OidcTokenUrl": (URL, NO_URL),
    "OidcLogoutUrl": (URL, NO_URL),
    "OidcAudience": (["4gh5", "https://ocello.example.com/"], ["a b", "a\nb"]),
    "OwnNetworks": (
        ["203.0.113.0/24", "203.0.113.7", "203.0.113.0/24, 2001:db8::/32", "2001:db8::1", "::1/128,10.0.0.0/8"],
        ["office", "203.0.113.0/24;10.0.0.0/8", "203.0.113", "203.0.113.0/", "1.2.3.4,", "beef"],
    ),
    "AlertSender": (["alerts@example.com", "Ocello <alerts@example.com>"], ["alerts", "<alerts@example.com>", "a@b@c", "a b@c"]),
    "AlarmEmail": (["ops@example.com"], ["ops", "Ops <ops@example.com>", "a@b, c@d"]),
}  # fmt: skip


def accepts(parameter, value):
    """Return what CloudFormation does: the pattern has to match the whole value."""
    return re.fullmatch(parameter["AllowedPattern"], value) is not None


def test_every_text_parameter_has_values_or_a_pattern_that_says_what_is_wanted(written):
    texts = {name: one for name, one in written["Parameters"].items() if one["Type"] == "String"}
    chosen = {name for name, one in texts.items() if "AllowedValues" in one}
    patterned = {name for name, one in texts.items() if "AllowedPattern" in one}
    assert set(texts) - chosen - patterned == FREE
    assert patterned == set(SAMPLES)
    for name in patterned:
        assert texts[name]["ConstraintDescription"], name
        assert accepts(texts[name], texts[name]["Default"]), name


@pytest.mark.parametrize("name", SAMPLES)
def test_a_pattern_takes_what_is_right_and_refuses_what_is_not(written, name):
    right, wrong = SAMPLES[name]
    parameter = written["Parameters"][name]
    assert [value for value in right if not accepts(parameter, value)] == []
    assert [value for value in wrong if accepts(parameter, value)] == []


def test_every_number_has_a_least_value_or_a_list(written):
    for name, one in written["Parameters"].items():
        if one["Type"] == "Number":
            assert "MinValue" in one or "AllowedValues" in one, name


def test_links_that_show_an_address_are_left_alone_where_mail_programs_would_warn(written):
    parameter = written["Parameters"]["LeaveAddressText"]
    assert parameter["Default"] == "auto"
    assert parameter["AllowedValues"] == ["auto", "true", "false"]  # a stack that has true or false keeps it


def test_nobody_deploys_without_having_said_by_which_rules_people_are_tracked(written):
    parameter = written["Parameters"]["TrackingRules"]
    assert "Default" not in parameter
    assert tuple(parameter["AllowedValues"]) == RULES_NAMES
