"""Rights over HTTP: an export holds one person alone, and of who was erased nothing is recorded, while mail goes on answering."""

import email
import email.policy
import html
import json
import re
import urllib.parse
import uuid
import zipfile
from io import BytesIO

import pytest

from infra.local.api import wait
from infra.local.mailbox import clients
from ocello.domain.tracking.tokens import ASK, PRIVACY, Keyring, Token, sign_token

GMAIL, BROWSER = clients.CLIENTS["gmail"], clients.CLIENTS["browser"]
TARGET = "https://example.com/a?x=1&y=2#z"
OFFER = '<html><body><p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p></body></html>'


class Mail:
    """A mail to two people, who both opened it and clicked in it."""

    def __init__(self, run):
        self.run, self.api, self.admin = run, run.api(), run.api("admin")
        name = uuid.uuid4().hex[:8]
        self.who, self.other = f"ann-{name}+a/b?c#d@customer.test", f"bob-{name}@customer.test"
        track = {"opens": True, "clicks": True}
        self.message = self.api.send(to=[self.who, self.other], subject=f"Offer {name}", html=OFFER, track=track)
        self.copies = [run.tracked(each, self.message) for each in (self.who, self.other)]
        self.visit()
        assert wait(lambda: self.counts() == (2, 2)), self.counts()

    def visit(self):
        """Open both copies and click in them; return what is answered."""
        answers = []
        for copy in self.copies:
            opened, clicked = clients.load_image(GMAIL, copy.pixels[0]), clients.open_link(BROWSER, copy.links[0])
            answers.append((opened.status, opened.body, clicked.status, clicked.headers["location"]))
        return answers

    def counts(self):
        now = self.api.message(self.message["id"])
        return now["opens"]["count"], now["clicks"]["count"]

    def hits(self):
        return self.api.get(f"/v1/messages/{self.message['id']}/hits")["items"]

    def ask(self, do, **changes):
        wanted = {"address": self.who, "do": do, "reason": "asked by mail", **changes}
        answer = self.admin.ask("POST", "/v1/subjects", wanted)
        assert answer.status == 202, answer.body
        job = json.loads(answer.body)
        assert wait(lambda: self.job(job)["state"] == "done", 60), self.job(job)
        return self.job(job)

    def job(self, job):
        return self.admin.get(f"/v1/subjects/{job['id']}")


def exported(job):
    fetched = clients.request("GET", job["export"]["url"], {})
    assert fetched.status == 200
    with zipfile.ZipFile(BytesIO(fetched.body)) as archive:
        return json.loads(archive.read("data.json"))


@pytest.fixture(scope="module")
def mail(run):
    return Mail(run)


def test_an_export_holds_this_person_alone(mail):
    data = exported(mail.ask("export"))
    assert (data["address"], [each["to"] for each in data["mails"]]) == (mail.who, [mail.who])
    assert (data["mails"][0]["opens"]["count"], data["mails"][0]["clicks"]["count"]) == (1, 1)
    assert len(data["mails"][0]["hits"]) == 2
    assert mail.other not in json.dumps(data)


def test_of_who_was_erased_nothing_is_recorded_any_more_and_pictures_and_links_answer_as_before(mail):
    before = mail.visit()
    assert {(opened, len(pixel), clicked, to) for opened, pixel, clicked, to in before} == {(200, 43, 302, TARGET)}
    assert wait(lambda: len(mail.hits()) == 8)
    first = mail.ask("export")
    job = mail.ask("erase")
    assert (job["copies"], job["deleted"]) == (1, {"hits": 4, "engagement": 1})
    assert job["export"] is None
    assert mail.job(first)["export"] is None, "what was exported is gone, too"
    assert {each["recipient"] for each in mail.hits()} == {1}
    counts = mail.counts()
    assert mail.visit() == before
    assert wait(lambda: len(mail.hits()) == 6), "the other one's"
    assert {each["recipient"] for each in mail.hits()} == {1}
    assert mail.counts()[0] >= counts[0], "the sums stay"
    ask_again = exported(mail.ask("export"))
    assert (ask_again["consent"]["opens"]["state"], ask_again["consent"]["links"]["state"]) == ("refused", "refused")
    assert all(each["hits"] == [] and each["opens"]["count"] == 0 for each in ask_again["mails"])


def test_later_mail_to_who_was_erased_is_not_tracked(mail):
    track = {"opens": True, "clicks": True}
    sent = mail.api.send(to=[mail.who], subject="Later", html=OFFER, track=track)
    assert sent["recipients"][0]["tracking"]["opens"] == "off"
    raw = mail.run.copy_of(mail.who, sent).read_bytes()
    assert b"/o/" not in raw
    assert b"/c/" not in raw


def test_a_reps_key_may_not_ask(mail):
    for method, path, body in (("POST", "/v1/subjects", "x"), ("GET", f"/v1/subjects/{uuid.uuid4()}", None)):
        assert mail.api.ask(method, path, body).status == 403


class Reader:
    """Somebody who got a mail, and asks on the page that it leads to."""

    def __init__(self, run):
        self.run, self.who = run, f"reader-{uuid.uuid4().hex[:8]}@customer.test"
        track = {"opens": True, "clicks": True}
        self.message = run.api().send(to=[self.who], subject="Offer", html=OFFER, track=track)
        self.copy = run.tracked(self.who, self.message)
        functions = run.client("lambda").list_functions()["Functions"]
        told = [one["Environment"]["Variables"] for one in functions if "CaptureFunction" in one["FunctionName"]]
        keyring = Keyring.parse(told[0]["TOKEN_KEYS"])
        # Without rules no mail leads to the page; a footer's link would be this one.
        self.page = f"{run.tracking}/p/{sign_token(keyring, Token(PRIVACY, self.message['id'], 0, 1_790_000_000, ASK))}"
        self.read: set[str] = set()

    def press(self, page, do):
        shown = clients.request("GET", page, {})
        form = re.search(rb'name="form" value="([^"]+)"', shown.body)
        assert form, (shown.status, shown.body)
        said = urllib.parse.urlencode({"do": do, "form": form[1].decode()}).encode()
        return clients.request("POST", page, {"Content-Type": "application/x-www-form-urlencoded"}, said)

    def mails(self):
        """Return the texts of the mails that came to this reader and were not read yet."""
        found = []
        for file in sorted(self.run.maildir.rglob("*")):
            if not file.is_file() or file.name in self.read:
                continue
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            plain = mail.get_body(("plain",))
            if mail["To"] == self.who and plain is not None and "ticket=" in plain.get_content():
                found.append((file.name, plain.get_content()))
        return found

    def mailed(self):
        """Wait for the mail about what was asked for; return its link."""
        ((name, text),) = wait(self.mails, 60)
        self.read.add(name)
        return re.search(r"https?://\S+ticket=\S+", text)[0]

    def erased(self, page):
        return b"cancellato. Nelle" in clients.request("GET", page, {}).body


def test_what_a_reader_asks_for_begins_by_the_button_of_a_mails_link_and_by_nothing_else(run):
    reader = Reader(run)
    for _ in range(2):
        assert reader.press(f"{reader.page}?lang=it", "export").status == 202
    link = reader.mailed()
    before = clients.request("GET", link, {}).body
    prefetching = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}
    assert {clients.request("GET", link, prefetching).status for _ in range(50)} == {200}
    assert clients.request("HEAD", link, {}).status == 200
    seen = clients.request("GET", link, {}).body
    unsigned = [re.sub(rb'value="[^"]+"', b"", each) for each in (before, seen)]
    assert unsigned[0] == unsigned[1], "but for the page's own time"
    assert reader.press(link, "export").status == 200
    assert wait(lambda: "pronta" in clients.request("GET", link, {}).body.decode(), 60)
    fetched = reader.press(link, "export").body.decode()
    address = html.unescape(re.search(r'href="(http[^"]+export\.zip[^"]*)"', fetched)[1])
    data = exported({"export": {"url": address}})
    assert (data["address"], len(data["mails"])) == (reader.who, 1)
    assert reader.mails() == [], "one mail a day"


def test_a_reader_who_had_themselves_erased_is_not_tracked_again(run):
    reader = Reader(run)
    opened = clients.load_image(GMAIL, reader.copy.pixels[0])
    assert wait(lambda: run.api().message(reader.message["id"])["opens"]["count"] == 1)
    assert reader.press(f"{reader.page}?lang=it", "erase").status == 202
    link = reader.mailed()
    assert reader.press(link, "erase").status == 200
    assert wait(lambda: reader.erased(link), 60)
    assert run.api().get(f"/v1/messages/{reader.message['id']}/hits")["items"] == []
    assert clients.load_image(GMAIL, reader.copy.pixels[0]).body == opened.body
    known = run.api().get(f"/v1/consents/{reader.who}")
    assert (known["opens"]["state"], known["links"]["state"]) == ("refused", "refused")
    assert {entry["channel"] for entry in known["history"]} == {"page"}
    sent = run.api().send(to=[reader.who], subject="Later", html=OFFER, track={"opens": True, "clicks": True})
    assert sent["recipients"][0]["tracking"]["opens"] == "off"
