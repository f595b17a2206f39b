"""What people choose: switches, preferences; whom they wrote to; and addresses that are not sent to again."""

from dataclasses import replace

from ocello.domain.messages.message import Mailbox
from ocello.domain.people.contacts import Contacts
from ocello.domain.people.preferences import Preferences
from ocello.domain.people.ringing import QuietHours
from ocello.domain.people.users import TrackingSettings
from tests.ports.examples import NOW, note


def test_settings_default_to_tracking_off_and_alerts_on(stores):
    usual = TrackingSettings(track_opens=False, track_clicks=False, alerts=True, mail_alerts=False)
    assert stores.settings.read("u1") == usual


def test_switches_and_domains_are_written_each_without_the_other(stores):
    chosen = TrackingSettings(track_opens=True, track_clicks=False, alerts=False)
    stores.settings.save_switches("u1", chosen)
    assert stores.settings.read("u1") == chosen
    stores.settings.save_never_track("u1", ("a.test", "b.test"))
    assert stores.settings.read("u1") == replace(chosen, never_track=("a.test", "b.test"))
    stores.settings.save_switches("u1", TrackingSettings(track_clicks=True, never_track=("of another window",)))
    assert stores.settings.read("u1") == TrackingSettings(track_clicks=True, never_track=("a.test", "b.test"))
    stores.settings.save_never_track("u1", ())
    assert stores.settings.read("u1").never_track == ()


def test_domains_are_written_before_any_switch(stores):
    stores.settings.save_never_track("u1", ("a.test",))
    assert stores.settings.read("u1") == TrackingSettings(never_track=("a.test",))


def test_the_choice_of_alerts_is_written_without_the_rest(stores):
    hours = QuietHours(20 * 60, 8 * 60)
    stores.settings.choose_alerts("u1", "clicks", hours)
    assert stores.settings.read("u1") == TrackingSettings(alert_choice="clicks", quiet_hours=hours)
    stores.settings.save_switches("u1", TrackingSettings(track_opens=True, alerts=False))
    stores.settings.save_never_track("u1", ("a.test",))
    both = TrackingSettings(track_opens=True, alerts=False, never_track=("a.test",))
    assert stores.settings.read("u1") == replace(both, alert_choice="clicks", quiet_hours=hours)
    stores.settings.choose_alerts("u1", "every", None)
    assert stores.settings.read("u1") == both


def test_preferences_come_back_as_they_were(stores):
    preferences = stores.preferences
    assert preferences.read("rep") == Preferences()
    preferences.save_signature("rep", "<b>Rosa</b>")
    assert preferences.read("rep") == Preferences(signature="<b>Rosa</b>"), "the zone is still not known"
    preferences.save_zone_if_unknown("rep", "Europe/Oslo")
    preferences.save_zone_if_unknown("rep", "Europe/Paris")
    assert preferences.read("rep").zone == "Europe/Oslo"
    preferences.save_choices("rep", Preferences("it", "Europe/Rome", "dark", "of another window"))
    assert preferences.read("rep") == Preferences("it", "Europe/Rome", "dark", "<b>Rosa</b>")
    preferences.save_signature("rep", "")
    assert preferences.read("rep") == Preferences("it", "Europe/Rome", "dark", "")


def test_the_browsers_language_is_kept_beside_what_was_chosen_and_makes_no_other_choice(stores):
    preferences = stores.preferences
    preferences.remember_browser_language("new", "it")
    assert preferences.read("new") == Preferences(browser_language="it")
    preferences.save_signature("rep", "<b>Rosa</b>")
    preferences.save_choices("rep", Preferences("en", "Europe/Rome", "dark", shortcuts=False))
    preferences.remember_browser_language("rep", "it")
    assert preferences.read("rep") == Preferences("en", "Europe/Rome", "dark", "<b>Rosa</b>", "it", shortcuts=False)
    preferences.save_choices("rep", Preferences("it", "Europe/Rome", "auto"))
    assert preferences.read("rep").browser_language == "it"


def test_contacts_are_written_once_for_each_version(stores):
    assert stores.contacts.read("rep") == Contacts()
    first = Contacts((Mailbox("a@x.test", "Zoë"), Mailbox("b@x.test")), "m1", 1)
    assert stores.contacts.write("rep", first)
    assert not stores.contacts.write("rep", Contacts((), "m2", 1)), "another window was first"
    assert stores.contacts.read("rep") == first
    assert stores.contacts.write("rep", first._replace(up_to="m2", version=2))
    assert not stores.contacts.write("rep", first._replace(version=2))
    assert stores.contacts.read("rep").up_to == "m2"
    assert stores.contacts.read("other") == Contacts()


def test_suppressed_addresses_are_compared_without_regard_to_case(stores):
    stores.suppressions.add("Gone@Customer.test", "bounce", NOW)
    assert stores.suppressions.reason("gone@customer.TEST") == "bounce"
    assert not stores.suppressions.remove("GONE@customer.test", "complaint", note(1))
    assert stores.suppressions.remove("GONE@customer.test", "bounce", note(2))
    assert not stores.suppressions.remove("GONE@customer.test", "bounce", note(3))
    assert stores.suppressions.reason("gone@customer.test") is None
    assert list(stores.trail.page(9, None).items) == [note(2)]


def test_a_complaint_stays_one_whatever_comes_later(stores):
    for reason, stands in (("bounce", "bounce"), ("complaint", "complaint"), ("bounce", "complaint")):
        stores.suppressions.add("a@x.test", reason, NOW)
        assert stores.suppressions.reason("a@x.test") == stands
