"""Alerts, as the alerts function writes them and as the panel lists them."""

from dataclasses import replace

import pytest

from ocello.domain.common.errors import Invalid
from ocello.domain.messages.alerts import Alert
from ocello.services.alerts.ports import KeptAlert
from tests.ports.examples import everything
from tests.ports.examples import stored as a_mail

BORN = 1_790_000_000_000
MESSAGE = "0199a000-0000-7000-8000-000000000000"
ALERT = Alert("u1", MESSAGE, BORN, "c1.2", "click", "Offer", "buyer@customer.test", "https://example.com/2", "Bea")


def rung(stores, count):
    for place in range(count):
        stores.alerts.put(replace(ALERT, at=BORN + place), withdrawn=False)
    return stores.alert_panel.page("u1", 9, None).items


def states(stores):
    return [one.state for one in stores.alert_panel.page("u1", 9, None).items]


def test_an_alert_stands_and_is_withdrawn(stores):
    assert stores.alerts.kept(ALERT) is None
    stores.alerts.put(ALERT, withdrawn=False)
    assert stores.alerts.kept(ALERT) == KeptAlert()
    stores.alerts.put(ALERT, withdrawn=True)
    assert stores.alerts.kept(ALERT) == KeptAlert(withdrawn=True)
    assert stores.alerts.kept(replace(ALERT, mark="c1.3")) is None


@pytest.mark.parametrize(("silent", "state"), [("", "new"), ("quiet", "new"), ("muted", "read"), ("choice", "read")])
def test_a_silent_alert_is_listed_with_its_reason_and_new_in_quiet_hours_alone(stores, silent, state):
    stores.alerts.put(replace(ALERT, silent="muted"), withdrawn=False)
    stores.alerts.put(replace(ALERT, silent=silent), withdrawn=False)
    (shown,) = stores.alert_panel.page("u1", 9, None).items
    assert (shown.silent, shown.state) == (silent, state)
    assert stores.alerts.kept(ALERT) == KeptAlert(silent=silent)


def test_a_mail_is_muted_until_that_ends_and_one_that_is_gone_stays_so(stores):
    stores.messages.create(mail := a_mail(), None)
    identifier = mail.message.id
    for muted in (True, True, False, False):
        stores.mutes.mute(identifier, muted=muted)
        stores.mutes.mute(MESSAGE, muted=muted)
        assert stores.messages.load(identifier).message == replace(mail.message, muted=muted)
    assert stores.messages.load(MESSAGE) is None


def test_a_mail_from_before_there_was_muting_is_not_muted(stores):
    stores.messages.create(mail := a_mail(), None)
    assert stores.messages.load(mail.message.id).message.muted is False


def test_alerts_that_stand_are_listed_newest_first_from_a_time_on_with_all_that_they_say(stores):
    ring = [replace(ALERT, at=BORN + place, mark=f"c{place}.3", silent="muted", name="Ann") for place in range(7)]
    for place, each in enumerate(ring):
        stores.alerts.put(each, withdrawn=place == 3)
    stores.alerts.put(replace(ALERT, owner="u2"), withdrawn=False)
    found = everything(lambda cursor: stores.alerts.standing("u1", BORN + 1, 2, cursor), 2)
    assert found == [ring[place] for place in (6, 5, 4, 2, 1)]
    assert {each.silent for each in found} == {"muted"}
    with pytest.raises(Invalid):
        stores.alerts.standing("u1", BORN, 2, "other")


def test_the_panel_lists_an_owners_alerts_newest_first(stores):
    rung(stores, 5)
    stores.alerts.put(replace(ALERT, owner="u2"), withdrawn=False)
    shown = everything(lambda cursor: stores.alert_panel.page("u1", 2, cursor), 2)
    assert [one.at - BORN for one in shown] == [4, 3, 2, 1, 0]
    first = shown[0]
    assert (first.kind, first.message, first.subject, first.name) == ("click", MESSAGE, "Offer", "Bea")
    assert (first.recipient, first.link, first.state) == (ALERT.recipient, ALERT.link, "new")
    with pytest.raises(Invalid):
        stores.alert_panel.page("u1", 2, "other")


def test_what_was_read_up_to_never_moves_back_and_withdrawn_stays_withdrawn(stores):
    shown = rung(stores, 5)
    stores.alerts.put(replace(ALERT, at=BORN), withdrawn=True)
    stores.alert_panel.mark_read_up_to("u1", shown[2].id)
    stores.alert_panel.mark_read_up_to("u1", shown[3].id)
    assert states(stores) == ["new", "new", "read", "read", "withdrawn"]


def test_an_alert_that_is_followed_is_read_by_itself(stores):
    shown = rung(stores, 3)
    assert stores.alert_panel.mark_read("u1", shown[1].id) == MESSAGE
    assert states(stores) == ["new", "read", "new"]
    stores.alerts.put(replace(ALERT, at=BORN + 2), withdrawn=True)
    assert stores.alert_panel.mark_read("u1", shown[0].id) == MESSAGE
    assert states(stores) == ["withdrawn", "read", "new"]


@pytest.mark.parametrize("alert", ["made-up", "", "é"])
def test_the_panel_takes_back_its_own_ids_alone(stores, alert):
    rung(stores, 1)
    with pytest.raises(Invalid) as refused:
        stores.alert_panel.mark_read_up_to("u1", alert)
    assert (refused.value.field, refused.value.reason) == ("up_to", "is no alert's id")
    with pytest.raises(Invalid):
        stores.alert_panel.mark_read("u1", alert)


def test_another_owners_alert_cannot_be_followed(stores):
    shown = rung(stores, 1)
    with pytest.raises(Invalid):
        stores.alert_panel.mark_read("u2", shown[0].id)
    assert states(stores) == ["new"]


def test_an_alert_that_is_removed_is_as_if_it_had_never_rung(stores):
    shown = rung(stores, 2)
    for _ in range(2):
        stores.alerts.remove(replace(ALERT, at=BORN))
    assert stores.alerts.kept(replace(ALERT, at=BORN)) is None
    assert stores.alert_panel.page("u1", 9, None).items == shown[:1]
