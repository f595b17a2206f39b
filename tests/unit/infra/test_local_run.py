"""The parts of the local run that can be tested without running it."""

import email
import email.policy
import json
import signal
import socket
import threading
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import place, routes, run
from infra.local.engine import batches, bridge, cloud, engine, gateway, mappings, stack
from infra.local.mailbox import clients, mailbox, page, rendering
from infra.local.steps import Trouble
from infra.tools import install

TRACKING, OWN = "http://127.0.0.1:1", "http://127.0.0.1:2"


def lead(kind, url):
    return f"/{kind}?url={url}"


def shown(html, images=True):
    raw = f"Content-Type: text/html; charset=utf-8\n\n{html}".encode()
    return rendering.body(email.message_from_bytes(raw, policy=email.policy.default), lead, images=images)


# -- the gateway


def test_a_request_keeps_everything_but_path_host_and_connection():
    head = b"GET /o/a%2Fb?x=1 HTTP/1.1\r\nHost: 127.0.0.1:9\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: keep-alive\r\n"
    assert gateway.forwarded(head, "/api", 80) == (
        b"GET /api/o/a%2Fb?x=1 HTTP/1.1\r\nHost: 127.0.0.1:80\r\nConnection: close\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n"
    )


@pytest.mark.parametrize(
    ("target", "passed"),
    [(b"/c/", b"/c"), (b"/c/?x=/", b"/c?x=/"), (b"/", b"/"), (b"/c/t/", b"/c/t/"), (b"/c/?", b"/c?"), (b"//", b"//")],
)
def test_a_slash_after_a_lone_segment_is_none_as_on_aws(target, passed):
    made = gateway.forwarded(b"GET " + target + b" HTTP/1.1\r\n", "/api", 80)
    assert made.split(b" ")[1] == b"/api" + passed


@pytest.mark.parametrize(
    "line", [b"", b"GET", b"GET http://elsewhere/ HTTP/1.1", b"GET /a b HTTP/1.1", b"GET / HTTP/2"]
)
def test_what_is_no_request_to_a_path_is_not_passed_on(line):
    assert gateway.forwarded(line + b"\r\n", "/api", 80) is None


@given(st.binary(max_size=200).filter(lambda line: b"\n" not in line and b"\r" not in line))
def test_whatever_the_request_line_holds_the_path_begins_with_the_prefix(line):
    passed = gateway.forwarded(line + b"\r\n", "/api", 80)
    assert passed is None or passed.split(b" ")[1].startswith(b"/api/")


# -- the containers' way in


@pytest.mark.parametrize(
    ("head", "admitted"),
    [
        (b"POST / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=KEY/20260101/r/s\r\n", True),
        (b"GET /bucket/x?X-Amz-Credential=KEY%2F20260101 HTTP/1.1\r\n", True),
        (b"GET /eu-west-1_abc/.well-known/jwks.json HTTP/1.1\r\n", True),
        (b"POST / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=test/20260101/r/s\r\n", False),
        (b"POST / HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=KEYS/20260101/r/s\r\n", False),
        (b"POST /_ministack/reset HTTP/1.1\r\n", False),
        (b"POST /_ministack/reset?a=/.well-known/jwks.json HTTP/1.1\r\n", False),
    ],
)
def test_containers_pass_with_the_runs_key_alone(head, admitted):
    way = bridge.way("192.0.2.1", 80, "KEY")
    assert way.admits(head) is admitted


# -- the mailbox


@given(st.text(min_size=1, max_size=60))
def test_a_recipients_folder_stays_inside_the_mailbox(address):
    name = mailbox.folder_of(address)
    assert "/" not in name
    assert "\0" not in name
    assert name not in (".", "..")


def test_an_ordinary_address_is_its_own_folder():
    for address in ("buyer@customer.test", "a.b+c_d-e@x.test", "O'Neil=1@x.test"):
        assert mailbox.folder_of(address) == address


@given(st.binary(max_size=300), st.text(min_size=1, max_size=30))
def test_a_copy_is_kept_byte_for_byte_and_found_again(tmp_path_factory, content, address):
    maildir = mailbox.Maildir(tmp_path_factory.mktemp("mail"))
    file = maildir.keep(address, content)
    (copy,) = maildir.copies()
    assert (copy.recipient, copy.name) == (address, file.name)
    assert maildir.read(address, copy.name) == content == file.read_bytes()


@pytest.mark.parametrize("name", ["", "..", "../../keys.json", "new/x.eml", "0000000000000.1.000000.eml/../x", "x.eml"])
def test_a_name_that_is_none_of_ours_reads_nothing(tmp_path, name):
    (tmp_path / "keys.json").write_text("secret")
    maildir = mailbox.Maildir(tmp_path / "mail")
    maildir.keep("a@x.test", b"mail")
    assert maildir.read("a@x.test", name) is None
    assert maildir.read("..", name) is None


# -- the page


def test_a_mails_own_code_never_comes_through():
    html = (
        "<p onclick=steal()>a</p><script>steal()</script><iframe src=//evil></iframe><base href=//evil>"
        "<a href='javascript:steal()'>x</a><img src=x onerror=steal()><form action=//evil><input></form><svg/onload=steal()>"
    )
    assert "steal" not in shown(html)
    assert "evil" not in shown(html)


def test_links_and_images_lead_through_the_mailbox_and_blocked_images_nowhere():
    html = "<a href='https://t.test/c/1'>x</a><img src='https://t.test/o/1'>"
    assert 'href="/follow?url=https://t.test/c/1"' in shown(html)
    assert 'src="/image?url=https://t.test/o/1"' in shown(html)
    assert "/o/1" not in shown(html, images=False)


def test_the_page_fetches_from_nowhere_but_the_tracking_origin(tmp_path):
    pages = page.Pages(mailbox.Maildir(tmp_path), TRACKING, OWN)
    for url in (
        "http://169.254.169.254/",
        "file:///etc/passwd",
        f"{TRACKING}.evil.test/",
        f"{TRACKING}@evil.test/",
        "",
    ):
        assert pages.answer("/image", {"url": url}).status == 404, url
        assert b"nothing was requested" in pages.answer("/follow", {"url": url}).body, url


def test_a_shown_mail_may_run_nothing_and_load_only_when_asked_to(tmp_path):
    maildir = mailbox.Maildir(tmp_path)
    name = maildir.keep("a@x.test", b"Subject: <b>s\nContent-Type: text/html\n\n<p>x").name
    pages = page.Pages(maildir, TRACKING, OWN)
    blocked, loading = (pages.answer(f"/body/a%40x.test/{name}", {"images": flag}).policy for flag in "01")
    for policy in (blocked, loading):
        assert policy.startswith("default-src 'none'")
        assert "sandbox allow-popups" in policy
        assert "script" not in policy
    assert OWN in loading
    assert OWN not in blocked
    assert b"<b>s" not in pages.answer(f"/mail/a%40x.test/{name}", {}).body
    assert b"<b>s" not in pages.answer("/", {}).body


@pytest.mark.parametrize("address", ["1.2.3.4\r\nX: y", "a b", "x" * 100, "<script>"])
def test_an_address_that_is_none_is_not_passed_on(address):
    assert page.view_of({"address": address}).address == ""


# -- the stack


def test_batch_calls_are_allowed_where_the_single_ones_are():
    policy = {
        "Statement": [
            {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": "q"},
            {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "t"},
            {"Effect": "Deny", "Action": "sqs:DeleteMessage", "Resource": "q"},
        ]
    }
    assert list(batches.statements([policy])) == [
        {"Effect": "Allow", "Action": ["sqs:SendMessageBatch"], "Resource": "q"}
    ]


def test_a_template_without_routes_is_no_success():
    assert list(routes.of_template({"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api"}}})) == []
    with pytest.raises(Trouble):
        routes.assert_answering([], {})


def test_ports_and_keys_stay_from_start_to_start_and_are_readable_by_their_owner_alone(tmp_path):
    where = place.Place(tmp_path)
    assert place.ports(where) == place.ports(where)
    assert len(set(place.ports(where))) == len(place.Ports._fields)
    assert place.keys(where) == place.keys(where)
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


def test_a_port_that_another_program_took_is_named(tmp_path):
    where = place.Place(tmp_path)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        taken = other.getsockname()[1]
        other.listen()
        kept = place.Ports(taken, *(taken + step for step in range(1, 5)))
        place.write_private(tmp_path / "ports.json", json.dumps(kept._asdict()))
        with pytest.raises(Trouble, match=f"Port {taken} \\(engine\\)"):
            place.ports(where)


def test_forgetting_leaves_nothing_but_the_lock(tmp_path):
    where = place.Place(tmp_path)
    with place.held(where):
        (tmp_path / "mail" / "a").mkdir(parents=True)
        (tmp_path / "ports.json").write_text("{}")
        place.forget(where)
        assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]


def test_a_folder_is_held_by_one_run(tmp_path):
    where = place.Place(tmp_path)
    with place.held(where), pytest.raises(Trouble, match="already uses"), place.held(where):
        pytest.fail("held twice")


# -- a scanning gateway


def test_the_mailboxs_scanner_fetches_all_links_of_a_mail_as_the_demo_does(tmp_path, monkeypatch):
    request = []
    monkeypatch.setattr(clients, "load_image", lambda _client, url, *_: request.append(url))
    monkeypatch.setattr(
        clients, "scan_link", lambda client, url, address="": request.append((client.name, url, address))
    )
    maildir = mailbox.Maildir(tmp_path)
    links = [f"{TRACKING}/c/{n}" for n in range(5)]
    body = "".join(f'<a href="{link}">x</a>' for link in links) + f'<a href="{OWN}/x">y</a><img src="{TRACKING}/o/1">'
    kept = maildir.keep("b@x.test", f"Subject: s\nContent-Type: text/html\n\n{body}".encode())
    pages = page.Pages(maildir, TRACKING, OWN)
    path = f"/mail/b%40x.test/{kept.name}"
    pages.answer(path, {"client": "gmail"})
    assert request == []
    shown = pages.answer(path, {"client": "scanner", "address": "198.51.100.9"}).body.decode()
    scanner = clients.CLIENTS["scanner"].name
    assert sorted(request, key=str) == sorted(
        [f"{TRACKING}/o/1", *((scanner, link, "198.51.100.9") for link in links)], key=str
    )
    assert "1 images and 5 links" in shown


# -- an engine that was killed


@pytest.fixture
def home(tmp_path):
    where = place.Place(tmp_path)
    (where.state).mkdir()
    for name in ("deployed.json", "users.json", "story.json", "unsaved"):
        (where.home / name).write_text("{}")
    return where


def test_after_a_clean_stop_nothing_is_said_and_nothing_forgotten(home):
    (home.home / "unsaved").unlink()
    (home.state / "cloudformation.json").write_text("{}")
    assert engine.recovered(home) is None
    assert (home.home / "deployed.json").exists()


def test_a_first_start_says_nothing(tmp_path):
    assert engine.recovered(place.Place(tmp_path)) is None


@pytest.mark.parametrize("marked", [True, False], ids=["killed", "killed under an earlier version"])
def test_an_engine_that_was_killed_before_it_saved_starts_anew_and_says_so(home, marked):
    if not marked:
        (home.home / "unsaved").unlink()
    assert "anew" in engine.recovered(home)
    assert not (home.home / "users.json").exists(), "users that the engine does not know would not be made again"
    assert engine.recovered(home) is None


def test_an_engine_that_was_killed_goes_on_from_what_it_saved_last_and_says_when(home):
    for name in ("cloudformation.json", "dynamodb.json"):
        (home.state / name).write_text("{}")
    assert "after" in engine.recovered(home)
    assert not (home.home / "deployed.json").exists(), "it is deployed again, since that may be gone too"
    assert (home.home / "users.json").exists()
    assert engine.recovered(home) is None


# -- installing


def test_installing_says_which_package_of_how_many_it_is_at():
    told: list[str] = []
    lines = ["Collecting boto3==1 (from -r x)\n", "  Downloading boto3\n", "Collecting a-b[c]>=2\n",
             "Installing collected packages: a-b, boto3\n", "Successfully installed\n"]  # fmt: skip
    assert install.progress(lines, 9, told.append) == [line.rstrip() for line in lines]
    assert told == ["package 1 of 9: boto3", "package 2 of 9: a-b", "unpacking 2 packages"]
    assert install.locked("# x\nboto3==1 \\\n    --hash=sha256:0\na-b==2\n    # via boto3==3\n") == 2


# -- how a run ends


class EndedEngine(engine.Engine):
    def __init__(self):
        """Start nothing."""

    def ended(self):
        return True


@pytest.fixture
def handlers():
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
def test_what_must_be_put_right_is_said_even_when_it_shows_after_the_engines_start(tmp_path, monkeypatch, capsys):
    def start(_where, _rules, _stop, _cleanup):
        raise Trouble("The deploy failed.", "Do that.")

    monkeypatch.setattr(run, "start", start)
    assert run.main({"OCELLO_LOCAL_DIR": str(tmp_path)}) == 1
    said = capsys.readouterr().out
    assert "The deploy failed." in said
    assert "Do that." in said


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("on_demand", [True, False], ids=["by a signal", "because the engine ended"])
def test_a_run_ends_well_only_when_it_was_asked_to(tmp_path, monkeypatch, capsys, on_demand):
    def start(_where, _rules, stop, _cleanup):
        if on_demand:
            signal.raise_signal(signal.SIGTERM)
        else:
            run._watch(EndedEngine(), stop, threading.Event())
        assert stop.is_set()
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "start", start)
    assert run.main({"OCELLO_LOCAL_DIR": str(tmp_path)}) == (0 if on_demand else 1)
    assert ("ended by itself" in capsys.readouterr().out) is not on_demand


def test_rules_that_there_are_not_are_refused_before_anything_starts(capsys, monkeypatch):
    monkeypatch.setattr(run, "start", lambda *_: pytest.fail("it started"))
    assert run.main({"RULES": "it-2026"}) == 1
    assert "RULES must be one of eu-strict, it-284-2026," in capsys.readouterr().out


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize(
    ("told", "rules"), [({}, "none"), ({"RULES": ""}, "none"), ({"RULES": "eu-strict"}, "eu-strict")]
)
def test_it_runs_under_the_rules_that_it_is_told_and_under_none_otherwise(tmp_path, monkeypatch, told, rules):
    taken = []

    def start(_where, under, _stop, _cleanup):
        taken.append(under)
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "start", start)
    run.main({"OCELLO_LOCAL_DIR": str(tmp_path), **told})
    assert taken == [rules]


def test_the_engines_step_ends_its_watch_and_leaves_the_wish_to_stop_alone(tmp_path, monkeypatch):
    """A request to stop that a failing step's own clean-up made would hide what failed."""

    class Engine(EndedEngine):
        url = "http://127.0.0.1:1"

        def ended(self):
            return False

        def stop(self):
            """Stop."""

    def deploy(*_):
        raise Trouble("The deploy failed.", "Do that.")

    monkeypatch.setattr(stack, "build", lambda _log: ("digest", False))
    monkeypatch.setattr(engine, "start", lambda *_: Engine())
    monkeypatch.setattr(cloud, "client", lambda *_: None)
    monkeypatch.setattr(stack, "name", lambda _client: "ocello-local")
    monkeypatch.setattr(stack, "deploy", deploy)
    stop = threading.Event()
    with pytest.raises(Trouble), ExitStack() as cleanup:
        run._deployed(place.Place(tmp_path), {}, place.Ports(1, 2, 3, 4, 5), place.Keys("a", "b"), stop, cleanup)
    assert not stop.is_set()


# -- how much runs at once, and how much may be sent


@pytest.mark.parametrize("told", [mappings.COPIES_AT_ONCE, str(mappings.COPIES_AT_ONCE)])
def test_queues_get_few_workers_but_for_the_one_that_sends_each_as_a_number(told):
    """The engine keeps a parameter's number as text, and shows it as either."""

    class Lambdas:
        changed: list = []  # noqa: RUF012 — of this one test

        def list_event_source_mappings(self):
            most = {"imports": 2, "spill": 5, "delivery": told}
            found = [
                {
                    "UUID": name,
                    "EventSourceArn": f"arn:aws:sqs:r:1:{name}",
                    "ScalingConfig": {"MaximumConcurrency": number},
                }
                for name, number in most.items()
            ]
            return {
                "EventSourceMappings": [*found, {"UUID": "hits", "EventSourceArn": "arn:aws:dynamodb:r:1:table/hits"}]
            }

        def update_event_source_mapping(self, **request):
            self.changed.append((request["UUID"], request["ScalingConfig"]["MaximumConcurrency"]))

    lambdas = Lambdas()
    mappings.limit_workers(lambdas)
    assert lambdas.changed == [("imports", 2), ("spill", 2), ("delivery", 4)]


def test_the_local_run_sets_no_limit_and_sends_as_many_at_once_as_it_lets_run():
    given = run.parameters(place.Ports(*range(1, len(place.Ports._fields) + 1)))
    assert (given["SendLimit"], given["TrackLimit"]) == ("0", "0")
    assert given["CopiesAtOnce"] == str(mappings.COPIES_AT_ONCE)
