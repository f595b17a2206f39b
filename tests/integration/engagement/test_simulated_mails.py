"""Simulated people and scanners behave as described."""

from random import Random

import pytest

from ocello.adapters.networks.builtin import builtin
from ocello.domain.verdicts.programs.clients import client_of
from ocello.domain.verdicts.programs.headers import header_findings
from tests.simulated import mails, places, scanners
from tests.simulated.clients import CLIENTS

NETWORKS = builtin()
AGAINST = {"no_fetch_metadata", "impossible_fetch", "brand_mismatch", "platform_mismatch", "mobile_mismatch"}


@pytest.mark.parametrize("kind", places.NETWORKS)
def test_every_place_is_in_a_network_of_the_class_that_it_is_named_for(kind):
    named = "mail_provider" if kind in ("gmail", "yahoo") else kind
    drawn = [places.address_in(kind, Random(seed)) for seed in range(200)]
    assert sum(NETWORKS.class_of(address) == named for address in drawn) >= 190


@pytest.mark.parametrize("name", CLIENTS)
def test_no_program_of_a_persons_contradicts_its_own_headers(name):
    client, random = CLIENTS[name], Random(name)
    for _ in range(20):
        shows, follows = client.shows(random) if client.shows else None, client.follows(random)
        said = header_findings(client_of(follows.agent), "click", follows.follows(client.site))
        assert not AGAINST & set(said)
        if shows:
            assert not AGAINST & set(header_findings(client_of(shows.agent), "open", shows.shows()))


def test_a_headless_browser_under_another_agent_contradicts_itself_and_under_its_own_does_not():
    findings = {
        way: {
            code
            for each in scanners.HEADLESS[way]
            for code in header_findings(client_of(each["agent"]), each["kind"], each["headers"])
        }
        for way in ("another_agent", "own_agent")
    }
    assert findings["another_agent"] & AGAINST == {"brand_mismatch"}
    assert not findings["own_agent"] & AGAINST


def test_the_same_seed_draws_the_same_mails():
    for group in (mails.of_clients, mails.of_behaviours, lambda: mails.of_scanners("hosting")):
        for name, draw in group():
            assert draw(Random(7)) == draw(Random(7)), name
