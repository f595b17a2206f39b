"""Under rules each mail leads to its recipient's page, in HTML and text; what is chosen there holds at once. All over HTTP."""

import re
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from infra.local.api import wait
from infra.local.mailbox import clients

HTML = '<html><body><p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p></body></html>'
TARGET = "https://example.com/a?x=1&y=2#z"
GMAIL, BROWSER = clients.CLIENTS["gmail"], clients.CLIENTS["browser"]
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Language": "en"}
EVIDENCE = {
    "source": "a form of the test",
    "at": "2026-11-01T09:30:00Z",
    "notice": "May we record your opens and clicks?",
    "channel": "form",
}


class Person:
    """A recipient who consented, opened a mail and clicked in it."""

    def __init__(self, run, *, also=()):
        self.run, self.who = run, f"buyer-{uuid.uuid4().hex[:8]}@customer.test"
        said = {"opens": "granted", "links": "granted", "evidence": EVIDENCE}
        answer = run.api("admin").ask("PUT", self.consents, said)
        assert answer.status == 200, answer.body
        track = {"opens": True, "clicks": True}
        self.message = run.api().send(
            to=[self.who, *also], subject="Offer", html=HTML, text="See the offer", track=track
        )
        self.pixel, self.link, self.page = self.of(self.who)

    @property
    def consents(self):
        return f"/v1/consents/{urllib.parse.quote(self.who, safe='@')}"

    def of(self, who):
        """Return a recipient's pixel, link and page; None for a pixel or a link that is not there."""
        found = self.run.tracked(who, self.message)
        assert len(found.pages) == 2, "in HTML and in text"
        assert len(set(found.pages)) == 1
        return next(iter(found.pixels), None), next(iter(found.links), None), found.pages[0]

    def open(self):
        answer = clients.load_image(GMAIL, self.pixel)
        assert (answer.status, answer.headers["content-type"], len(answer.body)) == (200, "image/gif", 43)
        return answer.body

    def click(self):
        answer = clients.open_link(BROWSER, self.link)
        assert (answer.status, answer.headers["location"]) == (302, TARGET)

    def counts(self):
        now = self.run.api().message(self.message["id"])
        return now["opens"]["count"], now["clicks"]["count"]

    def said(self):
        """Return what is known of the consent, with its whole history."""
        return self.run.api("admin").get(self.consents)

    def everything(self):
        identifier = self.message["id"]
        return (
            self.run.api().message(identifier),
            self.run.api().get(f"/v1/messages/{identifier}/hits")["items"],
            self.said(),
        )


def look(page, method="GET", **headers):
    return clients.request(method, page, {"Accept-Language": "en", **headers})


def post(page, do, form=None):
    """Press a button of a page; `form` is its hidden value."""
    if form is None:
        found = re.search(rb'name="form" value="([^"]+)"', look(page).body)
        form = found[1].decode() if found else ""
    return clients.request("POST", page, FORM, urllib.parse.urlencode({"do": do, "form": form}).encode())


@pytest.fixture
def person(strict):
    made = Person(strict)
    made.open()
    made.click()
    assert wait(lambda: made.counts() == (1, 1)), made.everything()
    return made


def test_the_link_of_each_mail_works_in_html_and_in_text_and_names_the_day_of_the_consent(strict, person):
    assert look(person.page).status == 200
    assert b"allowed by you" in look(person.page).body
    copy = strict.copy_of(person.who, person.message).read_bytes().replace(b"=\r\n", b"")
    assert copy.count(b"with the consent of 2026-11-01") == 2
    assert person.who.encode() not in look(person.page).body


def test_looking_at_the_page_changes_nothing_whatever_looks(strict, person):
    before = person.everything()
    assert look(person.page).status == look(person.page, "HEAD").status == 200
    with ThreadPoolExecutor(2) as pool:  # the engine starts a process for each at once
        prefetch = {"Sec-Purpose": "prefetch", "Purpose": "prefetch"}
        answers = list(pool.map(lambda _: look(person.page, **prefetch).status, range(50)))
    assert answers == [200] * 50
    later = Person(strict)
    later.open()
    assert wait(lambda: later.counts() == (1, 0), 60), "what came after all of these is counted"
    assert person.everything() == before


def test_who_stops_both_is_told_so_and_old_mail_answers_as_before_and_nothing_moves(strict, person):
    pixel = person.open()
    assert wait(lambda: len(person.everything()[1]) == 3)
    answer = post(person.page, "stop_both")
    assert answer.status == 200
    assert b"Done. What you chose applies from now on." in answer.body
    assert answer.body.count(b"consent withdrawn") == 2
    before = person.everything()
    assert (before[2]["opens"]["state"], before[2]["links"]["state"]) == ("withdrawn", "withdrawn")
    assert person.open() == pixel
    person.click()
    later = Person(strict)
    later.click()
    assert wait(lambda: later.counts() == (0, 1), 60)
    assert person.everything() == before


def test_pressing_twice_is_one_event(person):
    found = re.search(rb'name="form" value="([^"]+)"', look(person.page).body)
    assert found
    for _ in range(2):
        assert post(person.page, "stop_both", found[1].decode()).status == 200
    events = [(each["purpose"], each["event"]) for each in person.said()["history"]]
    assert sorted(events) == [
        ("links", "granted"),
        ("links", "withdrawn"),
        ("opens", "granted"),
        ("opens", "withdrawn"),
    ]


def test_a_footers_link_cannot_grant(person):
    assert post(person.page, "stop_opens").status == 200
    before = person.said()
    answer = post(person.page, "allow")
    assert answer.status == 403
    assert b"This link cannot allow it" in answer.body
    assert person.said() == before


def test_one_recipients_link_never_acts_on_another(strict):
    other = f"other-{uuid.uuid4().hex[:8]}@customer.test"
    person = Person(strict, also=[other])
    page = person.of(other)[2]
    form = re.search(rb'name="form" value="([^"]+)"', look(page).body)
    assert form
    assert post(person.page, "stop_both", form[1].decode()).status == 403, "the form of the other's page"
    assert post(page, "stop_both").status == 200
    assert person.said()["opens"]["state"] == person.said()["links"]["state"] == "granted"
    flipped = page[:-6] + ("A" if page[-6] != "A" else "B") + page[-5:]
    assert look(flipped).status == 404


def test_a_mail_that_is_not_tracked_invites_and_a_french_reader_reads_french(strict):
    who = f"claire-{uuid.uuid4().hex[:8]}@societe.fr"
    message = strict.api().send(to=[who], subject="Offre", html=HTML, track={"opens": True, "clicks": True})
    found = strict.tracked(who, message)
    assert (found.pixels, found.links, len(found.pages)) == ((), (), 1)
    assert (
        b'lang=3D"fr"' in strict.copy_of(who, message).read_bytes()
        or b'lang="fr"' in strict.copy_of(who, message).read_bytes()
    )
    assert look(found.pages[0]).status == 200


def test_a_signed_mail_is_left_as_it_is_and_that_is_told_at_once(strict):
    person = Person(strict)
    raw = (
        f"From: rep@example.test\r\nTo: {person.who}\r\nSubject: x\r\n"
        'Content-Type: multipart/signed; protocol="application/pgp-signature"; boundary=b\r\n\r\n'
        f"--b\r\nContent-Type: text/html\r\n\r\n{HTML}\r\n"
        "--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
    ).encode()
    headers = {"Authorization": f"Bearer {strict.api().key}", "Content-Type": "message/rfc822"}
    answer = clients.request("POST", strict.facts["app"] + "/v1/track?opens=true&clicks=true", headers, raw)
    assert answer.status == 201
    assert b'"no-footer"' in answer.body


def test_a_french_recipient_of_an_italian_workspace_goes_by_both_rules(strict):
    """The same run again, under other rules: what holds is said at each start."""
    strict.stop()
    strict.rules = "it-284-2026"
    strict.start()
    french, italian = f"claire-{uuid.uuid4().hex[:8]}@societe.fr", f"carla-{uuid.uuid4().hex[:8]}@societa.it"
    track = {"opens": True, "clicks": True}
    message = strict.api().send(to=[french, italian], subject="Offer", html=HTML, track=track)
    told = {each["address"]: each["tracking"] for each in message["recipients"]}
    assert told[french]["rules"] == "it-284-2026/1+fr-2026-042/1"
    assert told[italian]["rules"] == "it-284-2026/1"
    answer = strict.api().ask(
        "POST", "/v1/messages", {"to": [french], "subject": "x", "html": HTML, "track": {"opens": "pooled"}}
    )
    assert answer.status == 422, "counting without telling apart needs consent in France"
