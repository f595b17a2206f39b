"""What the demo data say of consent is what the ledger's rules make of it."""

from infra.local.sample import story
from tests import fakes
from tests.fakes.world import NOON


def test_the_demo_has_consent_of_each_kind_and_can_be_written_twice():
    clock = fakes.Clock()
    consents, store = fakes.consents(clock)
    world = story.World(None, None, None, consents, lambda at: setattr(clock, "now", at), None, None, None)
    for word in (*story.WORDS, *story.WORDS):
        story._say(word, NOON, world)
    states = {address: consents.state(address).known(NOON) for address in {word.address for word in story.WORDS}}
    assert states == {
        "maria@acme.test": ("granted", "granted"),
        "ugo@officine.test": ("granted", "granted"),
        "paolo@acme.test": ("granted", "unknown"),
        "otto@huber.test": ("withdrawn", "withdrawn"),
        "helga@huber.test": ("granted", "unknown"),
        "ines@moreau.test": ("unknown", "granted"),
        "legal@acme.test": ("refused", "refused"),
        "tom@baker.test": ("unknown", "unknown"),
    }
    assert len(store.entries) == sum(len(word.axes) for word in story.WORDS)


def test_nobody_in_the_demo_who_stopped_tracking_has_a_tracked_mail_that_was_opened():
    stopped = {word.address for word in story.WORDS if word.event in ("refused", "withdrawn")}
    assert stopped
    opened = " ".join(f"{mail.to} {mail.cc} {mail.bcc}" for mail in story.MAILS if mail.acts)
    assert not [address for address in stopped if address in opened]
