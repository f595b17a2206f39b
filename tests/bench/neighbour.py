"""Measures how long one user's mail waits while another user's mail server is slow, with fair turns and without.

Everything but the stores is real: SMTP over loopback, as many senders at once as functions would run, and a queue that hands
a copy out again after its pause. Printed only; nothing is asserted.
"""

import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from ocello.adapters.smtp.transport import SmtpTransport  # noqa: E402 — after the path
from ocello.domain.mail.compose import Draft  # noqa: E402 — after the path
from ocello.domain.messages.servers import shares_of  # noqa: E402 — after the path
from ocello.domain.people.credentials import Password  # noqa: E402 — after the path
from ocello.domain.people.users import Account, SmtpServer, User  # noqa: E402 — after the path
from ocello.services.sending.deliver import DeliveryPorts, QueueDelivery, deliver  # noqa: E402 — after the path
from ocello.services.sending.send import send  # noqa: E402 — after the path
from ocello.services.sending.turns import FairTurns, Turns  # noqa: E402 — after the path
from tests import fakes  # noqa: E402 — after the path
from tests.fakes.inbox import MemoryInboxStore  # noqa: E402 — after the path
from tests.fakes.sending.ports import MemorySendingPlaces, MemoryServerRecords  # noqa: E402 — after the path
from tests.slow_server import slow_server  # noqa: E402 — after the path

STEP_SECONDS = 7  # of the slow server before each reply
COPIES = 24  # for it
NEIGHBOURS = 2
PATIENCE = 60  # seconds after which the bench itself gives up


class OneAtATime(MemorySendingPlaces):
    """Places that only one thread at a time can take, as by a conditional write."""

    lock = threading.Lock()

    def take(self, name, count, now, until):
        with self.lock:
            return super().take(name, count, now, until)


def now():
    return time.time_ns() // 1_000_000


class Queue:
    """Delivers copies, oldest first; a postponed copy comes again after its pause."""

    def __init__(self):
        self.waiting, self.lock, self.sent = [], threading.Lock(), {}

    def put(self, ports, message, index):
        self.waiting.append((now(), 1, ports, message, index, now()))

    def work(self, over):
        while not over.is_set():
            with self.lock:
                ready = sorted((each for each in self.waiting if each[0] <= now()), key=lambda each: each[0])
                if ready:
                    self.waiting.remove(ready[0])
            if not ready:
                time.sleep(0.02)
                continue
            _, receives, ports, message, index, began = ready[0]
            done = deliver(message, index, ports, QueueDelivery(receives, began))
            if done.status == "sent":
                self.sent[message, index] = (now() - began) / 1000
            elif done.again_in is not None:
                self.waiting.append((now() + done.again_in * 1000, receives + 1, ports, message, index, began))


def carrier_of(user, port, turns):
    sending = fakes.sending_ports(user)
    server = SmtpServer("127.0.0.1" if user.id != "third" else "localhost", port, "none")
    sending.accounts.write(Account(user.id, user.address, "", "smtp", verified=True, smtp=server))
    sending.clock.now = now()
    ports = DeliveryPorts(
        messages=sending.messages, recipients=sending.recipients, conversations=sending.conversations, mail=sending.mail,
        accounts=sending.accounts, decisions=sending.decisions, suppressions=fakes.MemorySuppressionList(),
        inbox=MemoryInboxStore(sending.messages), days=fakes.MemoryDayStats(),
        tracker=sending.tracker, clock=now, turns=turns,
        transports={"smtp": SmtpTransport(lambda _: Password(""), allow_private=True)},
    )  # fmt: skip
    return sending, ports


def delay_of_a_neighbour(at_once, *, fair):
    """Return the seconds from queueing to sending of the neighbour's mail that waited longest; None: it was not sent."""
    turns = FairTurns(OneAtATime(), MemoryServerRecords(), shares_of(at_once), now) if fair else Turns()
    queue, over = Queue(), threading.Event()
    with slow_server(STEP_SECONDS) as slow, slow_server(0) as quick:
        third = User("third", "third@example.test")
        sending, ports = carrier_of(third, slow.port, turns)
        draft = Draft(to=tuple(f"{number}@customer.test" for number in range(COPIES)), subject="x", text="x")
        message = send(draft, third, None, sending).message.id
        for index in range(COPIES):
            queue.put(ports, message, index)
        workers = [threading.Thread(target=queue.work, args=(over,), daemon=True) for _ in range(at_once)]
        for each in workers:
            each.start()
        time.sleep(2)
        wanted = []
        for number in range(NEIGHBOURS):
            user = User(f"n{number}", f"n{number}@example.test")
            sending, ports = carrier_of(user, quick.port, turns)
            wanted.append((send(Draft(to=("b@customer.test",), text="x"), user, None, sending).message.id, 0))
            queue.put(ports, *wanted[-1])
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and not all(each in queue.sent for each in wanted):
            time.sleep(0.02)
        over.set()
    return max(queue.sent[each] for each in wanted) if all(each in queue.sent for each in wanted) else None


def main():
    """Measure it with as many senders as the local run has, and as the stack has."""
    for at_once in (4, 10):
        for fair in (True, False):
            seconds = delay_of_a_neighbour(at_once, fair=fair)
            told = f"{seconds:8.2f} s" if seconds is not None else f"   over {PATIENCE} s"
            turns = "fair turns" if fair else "no turns"
            print(f"delay of a neighbour's mail, {at_once:2} at once, {turns:12} {told}", flush=True)


if __name__ == "__main__":
    main()
