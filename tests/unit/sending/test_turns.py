"""One slow mail server delays nobody else: shares, breakers and turns, first in memory, then with a real slow server."""

import socket
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import pytest

from ocello.adapters.smtp.transport import SmtpTransport, Timeouts
from ocello.domain.common.errors import Unavailable
from ocello.domain.mail.compose import Draft
from ocello.domain.messages import delivery, servers
from ocello.domain.messages.delivery import Deferred, NotTried, OutcomeUnknown, Rejected, Unreachable
from ocello.domain.messages.servers import ServerRecord, after_session, shares_of
from ocello.domain.people.credentials import Password
from ocello.domain.people.users import Account, SmtpServer, User
from ocello.services.sending.deliver import Delivered, QueueDelivery, deliver
from ocello.services.sending.send import send
from ocello.services.sending.turns import FairTurns
from tests import fakes
from tests.fakes.sending.ports import MemorySendingPlaces, MemoryServerRecords

NOW = fakes.NOON
QUICK = ServerRecord(quick_until=NOW + 86_400_000)


def account(user="u1", host="mail.slow.test", security="starttls"):
    return Account(user, f"{user}@example.test", "", "smtp", verified=True, smtp=SmtpServer(host, 587, security))


def name_of(host):
    return servers.name_of(account(host=host).smtp)


class World:
    """Turns of ten copies at once, and a clock."""

    def __init__(self, at_once=10):
        self.clock, self.places, self.records = fakes.Clock(), MemorySendingPlaces(), MemoryServerRecords()
        self.turns = FairTurns(self.places, self.records, shares_of(at_once), self.clock)
        self.held = ExitStack()  # never closed: these turns stay in use

    def holds(self, count, *, user="u1", host="mail.slow.test", quick=False):
        """Try to hold so many turns at once; return how many succeeded, and release none."""
        if quick:
            self.records.known[name_of(host)] = QUICK
        had = 0
        for _ in range(count):
            try:
                self.held.enter_context(self.turns.turn(account(user, host), 1))
            except NotTried:
                continue
            had += 1
        return had

    def talk(self, outcome=None, seconds=0.0, **given):
        with self.turns.turn(account(**given), 1) as talk:
            talk.begin()
            self.clock.pass_by(seconds)
            if outcome is not None:
                raise outcome

    def fail(self, times=1, outcome=None):
        for _ in range(times):
            with pytest.raises(Deferred):
                self.talk(outcome or Unreachable("silence"))


@pytest.fixture
def world():
    return World()


@pytest.mark.parametrize(("at_once", "each", "slow"), [(10, 4, 6), (4, 2, 2), (3, 1, 2), (2, 1, 1), (1, 1, 1)])
def test_the_shares_leave_something_for_others(at_once, each, slow):
    assert shares_of(at_once) == (servers.Shares(each, slow))


def test_a_server_that_nobody_knows_gets_one_copy_at_a_time(world):
    assert world.holds(8) == 1


def test_a_quick_server_gets_its_share_and_no_more(world):
    assert sum(world.holds(3, user=f"u{number}", quick=True) for number in range(4)) == 4


def test_an_owner_gets_a_share_over_all_servers_together(world):
    assert sum(world.holds(1, host=f"{number}.test", quick=True) for number in range(9)) == 4


def test_many_servers_that_nobody_knows_leave_turns_for_the_quick(world):
    assert sum(world.holds(1, user=f"u{number}", host=f"{number}.test") for number in range(20)) == 6
    assert world.holds(4, user="rep", host="quick.test", quick=True) == 4


def test_what_is_not_had_leaves_nothing_held(world):
    world.holds(1)
    before = dict(world.places.held)
    assert world.holds(1) == 0
    assert world.places.held == before
    world.places.down_for = "slow"
    with pytest.raises(Unavailable):
        world.held.enter_context(world.turns.turn(account("u2", "other.test"), 1))
    assert world.places.held == before


def test_a_turn_is_given_back_however_it_ends(world):
    world.talk()
    world.fail()
    with pytest.raises(Rejected):
        world.talk(Rejected("550"))
    assert not world.places.held


def test_who_died_in_a_turn_holds_it_no_longer_than_a_function_may_run(world):
    world.holds(1)
    world.clock.pass_by(151)
    assert world.holds(1) == 1


def test_ses_waits_for_no_turn(world):
    ses = Account("u1", "u1@example.test", "", "ses", verified=True)
    for _ in range(50):
        world.held.enter_context(world.turns.turn(ses, 1))
    assert not world.places.held


def test_who_waits_often_asks_less_often(world):
    world.holds(1)
    waits = []
    for receives in (1, 2, 20, 5_000):
        with pytest.raises(NotTried) as waiting:
            world.held.enter_context(world.turns.turn(account(), receives))
        waits.append(waiting.value.seconds)
    assert waits == [1, 2, 20, 300]


def test_a_server_is_quick_only_once_it_was_seen_to_be(world):
    world.talk(seconds=0.2)
    assert world.holds(8) == 4
    other = World()
    other.talk(seconds=5.1)
    assert other.holds(8) == 1


def test_a_quick_server_that_slows_down_loses_its_share(world):
    world.talk()
    world.talk(seconds=6)
    assert world.holds(8) == 1


def test_what_is_known_of_a_quick_server_is_not_written_with_each_copy(world):
    for _ in range(20):
        world.talk()
    assert world.records.writes == 1


def test_preparing_a_large_copy_says_nothing_of_the_server(world):
    with world.turns.turn(account(), 1) as talk:
        world.clock.pass_by(20)
        talk.begin()
    assert world.holds(8) == 4
    with pytest.raises(Rejected), world.turns.turn(account(user="u2", host="other.test"), 1):
        raise Rejected("Not sent: the original is no longer stored.")
    assert name_of("other.test") not in world.records.known


@pytest.mark.parametrize("outcome", [Unreachable("silence"), OutcomeUnknown("then silence")])
def test_a_server_that_does_not_answer_is_left_alone_for_a_while(world, outcome):
    for _ in range(servers.FAILURES):
        with pytest.raises(type(outcome)):
            world.talk(outcome)
    with pytest.raises(NotTried, match=r"mail\.slow\.test does not answer") as waiting:
        world.talk()
    assert 60 <= waiting.value.seconds <= 72
    world.talk(host="other.test")
    world.clock.pass_by(61)
    world.talk()  # one finds out that it answers again
    assert world.holds(8) == 4


def test_the_while_grows_and_ends():
    known, pauses = ServerRecord(), []
    for _ in range(20):
        known = after_session(known, answered=False, took_ms=1, now=NOW)
        pauses.append(max(0, known.closed_until - NOW) // 1000)
    assert pauses[:7] == [0, 0, 60, 120, 240, 480, 900]
    assert set(pauses[7:]) == {900}


@pytest.mark.parametrize("outcome", [Deferred("450 greylisted"), Rejected("550 no"), NotTried("later", 5)])
def test_a_server_that_says_no_to_a_copy_answers(world, outcome):
    for _ in range(10):
        with pytest.raises(type(outcome)):
            world.talk(outcome)
    assert world.records.read(name_of("mail.slow.test")).failures == 0


def test_one_persons_wrong_choice_of_encryption_is_not_held_against_the_server(world):
    for _ in range(servers.FAILURES):
        with pytest.raises(Unreachable):
            world.talk(Unreachable("SSLError"), security="tls")
    world.talk()


# A copy that waits


class Post:
    """A message of several copies by an account with a server, and the turns of its delivery."""

    def __init__(self, copies=3):
        self.world = World()
        self.user = fakes.USER
        self.sending = fakes.sending_ports(self.user)
        smtp = SmtpServer("mail.slow.test", 587, "starttls")
        self.sending.accounts.write(Account(self.user.id, self.user.address, "", "smtp", verified=True, smtp=smtp))
        self.smtp = fakes.MemoryTransport()
        ports = fakes.delivery_ports(self.sending, smtp=self.smtp)
        self.ports = replace(ports, clock=self.world.clock, turns=self.world.turns)
        draft = Draft(to=tuple(f"{number}@customer.test" for number in range(copies)), subject="Offer", text="x")
        self.message = send(draft, self.user, None, self.sending).message

    def deliver(self, index=0, receives=1, queued_at=NOW):
        return deliver(self.message.id, index, self.ports, QueueDelivery(receives, queued_at))

    def recipient(self, index=0):
        return self.ports.recipients.read(self.message.id, index)


@pytest.fixture
def post():
    return Post()


def test_a_copy_without_a_turn_is_neither_made_nor_tried(post):
    post.world.holds(1, user="u2")
    post.sending.mail.down = True  # it is not even read
    before = post.recipient()
    assert post.deliver(receives=3) == Delivered(None, 3)
    assert post.recipient() == before
    assert not post.smtp.calls


def test_a_copy_for_a_server_that_is_left_alone_says_so_and_loses_no_try(post):
    post.world.fail(servers.FAILURES)
    for _ in range(30):
        again = post.deliver()
        assert again.status == "queued"
        assert again.again_in > 0
    assert (post.recipient().status, post.recipient().attempts) == ("queued", 0)
    assert "mail.slow.test does not answer" in post.recipient().diagnostic
    post.world.clock.pass_by(61)
    assert post.deliver() == Delivered("sent")
    assert post.recipient().diagnostic == ""


def test_what_waits_two_days_is_given_up(post):
    post.world.fail(servers.FAILURES)
    assert post.deliver(queued_at=NOW - delivery.GIVE_UP_AFTER_MS - 1) == Delivered("failed")
    assert post.recipient().diagnostic.startswith("Given up after two days. The server mail.slow.test")


def test_a_limit_that_turns_a_copy_away_never_uses_up_its_tries(post):
    post.smtp.answers = [Deferred("451 later"), *[NotTried("Throttling: Maximum sending rate exceeded", 7)] * 50]
    assert post.deliver() == Delivered("queued", delivery.PAUSES[0])
    post.world.clock.pass_by(delivery.PAUSES[0])
    for _ in range(50):
        assert post.deliver() == Delivered("queued", 7)
    assert (post.recipient().status, post.recipient().attempts) == ("queued", 1)
    assert "Maximum sending rate" in post.recipient().diagnostic
    assert post.deliver() == Delivered("sent")


def test_a_throttled_copy_that_was_called_unknown_meanwhile_is_not_queued_again(post):
    class Slow(fakes.MemoryTransport):
        def send(self, account, envelope_to, copy, tags):
            row = post.recipient()
            post.sending.messages.rows[post.message.id, 0] = replace(row, status="unknown")
            raise NotTried("Throttling", 7)

    post.ports.transports["smtp"] = Slow()
    post.deliver()
    assert post.recipient().status == "unknown"


# A copy that ends its function


class Killed(BaseException):
    """The function ends here: out of memory, or out of time."""


def killing(post):
    class Heavy(fakes.MemoryMailStore):
        def get(self, name):
            raise Killed

    post.ports = replace(post.ports, mail=Heavy())


def test_a_copy_that_ends_its_function_fails_after_a_few_receives_with_the_reason(post):
    killing(post)
    for receives in range(1, delivery.MAX_STARTS + 1):
        with pytest.raises(Killed):
            post.deliver(receives=receives)
        assert post.recipient().status == "queued"
        post.world.clock.pass_by(720)
    assert post.deliver(receives=delivery.MAX_STARTS + 1) == Delivered("failed")
    assert "ran out of memory or time again" in post.recipient().diagnostic
    assert post.deliver(receives=delivery.MAX_STARTS + 2) == Delivered(None)


def test_receives_that_were_no_starts_are_not_held_against_a_copy(post):
    """It waited for its turn, the mail bucket was down, the server said *later*: none of it was the copy's fault."""
    post.world.holds(1, user="u2")
    for receives in range(1, 40):
        post.deliver(receives=receives)
    post.world.clock.pass_by(151)
    post.sending.mail.down = True
    for receives in range(40, 60):
        with pytest.raises(Unavailable):
            post.deliver(receives=receives)
    post.sending.mail.down = False
    post.smtp.answers = [Deferred("451 later")] * 5
    for receives in range(60, 65):
        again = post.deliver(receives=receives)
        assert again.status == "queued"
        post.world.clock.pass_by(again.again_in)
    assert post.deliver(receives=65) == Delivered("sent")


# A real server that is slow


class SlowServer:
    """Takes connections, counts those that are open, and says nothing until it is told to."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.open, self.most, self.lock = 0, 0, threading.Lock()
        self.met, self.go = threading.Event(), threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with self.lock:
            self.open += 1
            self.most = max(self.most, self.open)
        self.met.set()
        with connection:
            self.go.wait(20)
            connection.sendall(b"421 too late\r\n")
        with self.lock:
            self.open -= 1


@contextmanager
def slow_server():
    server = SlowServer()
    try:
        yield server
    finally:
        server.go.set()
        server.socket.close()


def test_neighbours_mail_goes_out_while_a_thirds_server_says_nothing():
    """Eight copies go to a server that hangs, and keep all senders busy: two other users' copies are still sent."""
    at_once = 4
    world, neighbours = World(at_once), [User("n1", "n1@example.test"), User("n2", "n2@example.test")]
    transport = SmtpTransport(
        lambda _: Password(""), allow_private=True, timeouts=Timeouts(connect=15, step=15, total=25, final=10)
    )
    with slow_server() as slow:
        third = Account("third", "third@example.test", "", "smtp", True, SmtpServer("127.0.0.1", slow.port, "none"))
        waiting, lock, free = list(range(8)), threading.Lock(), threading.Semaphore(0)

        def try_third():
            with world.turns.turn(third, 1) as talk:
                talk.begin()
                transport.send(third, "b@customer.test", b"Subject: x\r\n\r\nx\r\n", {})

        def worker():  # one of the functions that send: it takes what the queue hands out, until there is no more
            while True:
                with lock:
                    if not waiting:
                        break
                    waiting.pop()
                with pytest.raises(Deferred):
                    try_third()
            free.release()

        workers = [threading.Thread(target=worker) for _ in range(at_once)]
        for each in workers:
            each.start()
        assert slow.met.wait(10)
        for _ in workers[1:]:  # all but the one that talks come free by themselves
            assert free.acquire(timeout=10)
        sent = fakes.MemoryTransport()
        for user in neighbours:
            own = account(user.id, f"mail.{user.id}.test")
            with world.turns.turn(own, 1) as talk:
                talk.begin()
                sent.send(own, "b@customer.test", b"x", {"message": "m"})
        assert sent.calls == 2
        assert slow.open == 1, "and all that time the third's server had not said a word"
        slow.go.set()
        for each in workers:
            each.join(10)
        assert slow.most == 1
