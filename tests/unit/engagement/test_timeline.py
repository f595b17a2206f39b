"""The timeline of a mail: each act with its actor and link as far as the engagement row has them, without guesses."""

from ocello.domain.engagement.counters import Ring
from ocello.domain.engagement.summary import Actions, Engagement, Summary
from ocello.domain.engagement.timeline import moments_of
from ocello.domain.messages.message import Link, Mailbox, Message, Recipient
from ocello.domain.tracking.tokens import EVERYONE

AT = 1_790_000_000_000
MESSAGE = Message(
    "m", "rep", "<m@x.test>", "m", Mailbox("rep@x.test", "Rosa Rep"), "Offer", AT, track_opens=True, track_clicks=True
)
ANN = Recipient(0, Mailbox("ann@x.test", "Ann"), "to")
BOB = Recipient(1, Mailbox("bob@x.test"), "cc")
LINKS = (Link(0, "https://example.com/a", "the offer"), Link(1, "https://example.com/b", ""))


def times(*seconds):
    at = tuple(AT + second * 1000 for second in seconds)
    return Summary(len(at), 0, 0, at[0] if at else None, at[-1] if at else None, at)


def told(engagement, recipients=(ANN, BOB)):
    found = sorted(moments_of(MESSAGE, recipients, LINKS, engagement))
    return [((moment.at - AT) // 1000, moment.kind, moment.who, moment.link) for moment in found]


def test_a_mail_that_nobody_touched_was_sent():
    assert told(Engagement()) == [(0, "sent", "Rosa Rep", "")]


def test_each_open_and_click_has_its_actor():
    people = {0: Actions(times(1, 3), times(4)), 1: Actions(times(2), times())}
    found = told(Engagement(times(1, 2, 3), times(4), people, {0: times(4)}))
    assert found == [
        (0, "sent", "Rosa Rep", ""),
        (1, "open", "Ann", ""),
        (2, "open", "bob@x.test", ""),
        (3, "open", "Ann", ""),
        (4, "click", "Ann", "the offer"),
    ]


def test_two_acts_at_one_time_are_two():
    people = {0: Actions(times(1), times()), 1: Actions(times(1), times())}
    assert [who for _, kind, who, _ in told(Engagement(times(1, 1, 1), times(), people)) if kind == "open"] == [
        "",
        "Ann",
        "bob@x.test",
    ]


def test_what_the_row_kept_without_an_actor_is_somebodys():
    people = {0: Actions(times(9), times())}
    assert told(Engagement(times(1, 2, 9), times(), people))[1:] == [
        (1, "open", "", ""),
        (2, "open", "", ""),
        (9, "open", "Ann", ""),
    ]
    everyone = {EVERYONE: Actions(times(1), times(2))}
    assert told(Engagement(times(1), times(2), everyone, {0: times(2)}))[1:] == [
        (1, "open", "", ""),
        (2, "click", "", "the offer"),
    ]


def test_a_click_names_its_link_only_where_that_is_known():
    people = {0: Actions(times(), times(1, 2)), 1: Actions(times(), times(3))}
    links = {0: times(1, 3), 1: times(2)}
    rings = (
        Ring(AT + 1000, "click", 0, 0, sure=True),
        Ring(AT + 2000, "click", 0, 1, sure=True),
        Ring(AT + 2500, "open", 0, None, sure=True),
    )
    found = told(Engagement(times(), times(1, 2, 3), people, links, rings))[1:]
    assert found == [
        (1, "click", "Ann", "the offer"),
        (2, "click", "Ann", "https://example.com/b"),
        (3, "click", "bob@x.test", ""),
    ]


def test_one_counted_link_does_not_stand_for_clicks_on_links_without_counters():
    people = {0: Actions(times(), times(1, 2))}
    assert {link for *_, link in told(Engagement(times(), times(1, 2), people, {0: times(1)}))} == {""}
