"""Agents on whole public lists, and on what mail programs call themselves."""

import shutil

import pytest

from ocello.domain.verdicts.programs.agents import Agent, recognise
from tests import agent_lists, mail_agents

MACHINES = {Agent.CRAWLER, Agent.PREVIEW, Agent.PROXY, Agent.PRIVACY_PROXY, Agent.GMAIL_PREFETCH}
PERSONS = {Agent.BROWSER, Agent.MAIL_CLIENT}

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is missing, which fetches the lists")


@needs_npm
@pytest.mark.parametrize("name", agent_lists.CRAWLERS)
def test_of_a_public_list_of_crawlers_at_least_95_percent_are_machines(name):
    agents = sorted(set(agent_lists.CRAWLERS[name]()))
    missed = [agent for agent in agents if recognise(agent) not in MACHINES]
    assert len(agents) > 300
    assert len(missed) <= 0.05 * len(agents), missed


@needs_npm
@pytest.mark.parametrize("name", agent_lists.PEOPLE)
def test_of_a_public_list_of_browsers_none_is_a_machine(name):
    agents = set(agent_lists.PEOPLE[name]())
    assert len(agents) >= 100
    assert [agent for agent in sorted(agents) if recognise(agent) in MACHINES] == []


def test_every_mail_program_of_today_is_a_persons_and_of_all_at_most_three_are_not():
    alive, gone = mail_agents.ALIVE, mail_agents.GONE
    assert len(set(alive)) == len(alive)
    assert len({*alive, *gone}) >= 140
    assert [agent for agent in alive if recognise(agent) not in PERSONS] == []
    assert len([agent for agent in gone if recognise(agent) not in PERSONS]) <= 3


@pytest.mark.parametrize("agent", mail_agents.PROXIES)
def test_an_image_proxy_fetches_for_a_person(agent):
    assert recognise(agent) is Agent.PROXY
