"""The largest work of one function, within that function's memory: `python -m tests.memory CASE MEGABYTES`.

What was mapped but never touched before the work began does not count, as it does not on Lambda. Prints the peak;
of `rewriting:…` what it is over the process's own.
"""

import base64
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

LETTERS = "\u00e9" * 1_900_000  # 3.8 MB, of which quoted-printable makes 11.9
LINK = '<a href="https://example.com/x">x</a>'
ENCODED = LINK.replace("=", "=3D").encode()
MB = 1_000_000


def api() -> Callable[[str], None]:
    """Return the API; the answer does a kind of work."""
    from ocello.adapters.aws import clients as aws_clients  # noqa: F401, PLC0415 — what the function imports as well
    from tests.contract.api.conftest import Api  # noqa: PLC0415 — only this case pays for it

    made = Api()
    made.mail.files = NoFiles()

    def work(kind: str) -> None:
        if kind == "compose":
            body = json.dumps({"to": ["a@b.test"], "html": f"<p>{LETTERS}{LINK}</p>"}, ensure_ascii=False)
            answer = made.call("POST", "/v1/messages", body)
            expect(answer.status == 202)
            expect(len(answer.json["links"]) == 1)
            return
        query = [("rcpt", f"a{number}@b.test") for number in range(5 if kind == "track-encoded" else 30)]
        raw = b"Content-Type: text/html; charset=utf-8\r\n"
        if kind == "track-encoded":
            raw += b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=C3=A9" * 650_000 + ENCODED
        else:
            raw += b"\r\n" + LETTERS.encode() + LINK.encode()
        answer = made.call("POST", "/v1/track", raw, query=query, headers={"content-type": "message/rfc822"})
        expect(answer.status == 201)
        expect(len(answer.json["copies"]) == len(query))
        expect(len(answer.json["message"]["links"]) == 1)

    return work


def deliver() -> Callable[[str], None]:
    """Return a delivery by SES, whose answer is a stub; the answer does a kind of work."""
    import boto3  # noqa: PLC0415 — only this case pays for it
    from botocore.stub import Stubber  # noqa: PLC0415 — the same

    from ocello.adapters.ses.transport import SesTransport  # noqa: PLC0415 — the same
    from ocello.domain.mail.compose import Draft, Track  # noqa: PLC0415 — the same
    from ocello.services.sending.deliver import deliver  # noqa: PLC0415 — the same
    from ocello.services.sending.outgoing import original_name  # noqa: PLC0415 — the same
    from ocello.services.sending.send import send  # noqa: PLC0415 — the same
    from tests import fakes  # noqa: PLC0415 — the same

    client = boto3.client("sesv2", "eu-west-1", aws_access_key_id="x", aws_secret_access_key="y")
    stub = Stubber(client)
    stub.add_response("send_email", {"MessageId": "m"})
    stub.activate()
    sending = fakes.sending_ports(fakes.USER)
    draft = Draft(to=("a@b.test",), html="x", track=Track(opens=True, clicks=True))
    message = send(draft, fakes.USER, None, sending).message
    ports = fakes.delivery_ports(sending, ses=SesTransport("", "eu-west-1", client))
    sending.mail.files.clear()

    def work(kind: str) -> None:
        if kind == "text":  # as much of it as is rewritten
            raw = HEAD + ENCODED + b"=C3=A9" * 3_900_000
        else:
            file = b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(
                bytes(25 * MB)
            )
            raw = (
                b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                + HEAD
                + b"x\r\n--b\r\n"
                + file
                + b"--b--\r\n"
            )
            del file
        sending.mail.put(original_name(message.id), raw, "message/rfc822")
        del raw
        done = deliver(message.id, 0, ports)
        expect(done.status == "sent")
        expect(sending.messages.load(message.id).recipients[0].untracked == "")

    return work


def web() -> Callable[[str], None]:
    """Return the web application; the answer does a kind of work."""
    from ocello.adapters.aws import clients as aws_clients  # noqa: F401, PLC0415 — what the function imports as well
    from ocello.domain.messages.drafts import LONGEST_BODY  # noqa: PLC0415 — only this case pays for it
    from ocello.services.sending.outgoing import original_name  # noqa: PLC0415 — the same
    from tests.fakes.web import REP, Stage  # noqa: PLC0415 — the same

    stage = Stage()
    rep = stage.browser(REP)
    draft = "01900000-0000-7000-8000-00000000d4af"
    fields = {"version": "0", "to": "a@b.test", "subject": "x", "opens": "on", "clicks": "on"}

    def work(kind: str) -> None:
        if kind == "check":
            html = LINK + LETTERS[: LONGEST_BODY - len(LINK)]
            expect("example.com" in rep.post("/app/check", {**fields, "html": html}, hx_request="true").text)
            return
        expect(rep.post(f"/app/drafts/{draft}/send", {**fields, "html": "x"}).status == 303)
        message = next(iter(stage.messages.messages))
        file = b"Content-Type: application/pdf\r\nContent-Disposition: attachment\r\n\r\n" + b"x" * 70 * 10 + b"\r\n"
        raw = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + HEAD + b"=C3=A9=\r\n" * 2_600_000
        stage.mail.put(original_name(message), raw + b"\r\n--b\r\n" + file + b"--b--\r\n", "message/rfc822")
        del raw
        expect(rep.get(f"/app/messages/{message}/body").status == 200)

    return work


HEAD = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
TEXTS: dict[str, Callable[[], bytes]] = {
    "letters": lambda: HEAD + b"=C3=A9" * 2_000_000,
    "tags": lambda: HEAD + b"<b>" * 1_333_333,
    "returns": lambda: b"Content-Type: text/html\r\n\r\n" + b"\r" * 4_000_000,
    "links": lambda: HEAD + (ENCODED + b"=C3=A9" * 1_980) * 1_000,
    "headers": lambda: (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + (b"--b\r\n" + b"a:\r\n" * 50_000 + HEAD + b"x\r\n") * 16
    ),
}


def rewriting_of(kind: str) -> Callable[[], object]:
    """Return a function that rewrites four megabytes of a kind of text."""
    from ocello.domain.mail import rewriting  # noqa: PLC0415 — only this case pays for it
    from tests.fakes.engagement.tracking import context  # noqa: PLC0415 — the same

    raw = TEXTS[kind]()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    return lambda: rewriting.track(raw, context())


class NoFiles(dict[str, bytes]):
    """The files of a mail store, which are in a bucket and take no memory: they cannot be read again."""

    def __setitem__(self, name: str, content: bytes) -> None:
        """Hold nothing."""
        expect(bool(name and content))


def expect(true: bool) -> None:
    """Exit if an expectation is not met."""
    if not true:
        raise SystemExit("the work was not done")


def figure(name: str, file: str = "/proc/self/status") -> int:
    """Return one of the system's figures of this process, in bytes."""
    lines = Path(file).read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def main(case: str, megabytes: int) -> None:
    """Do the work of a case with so much memory, and print what it took."""
    function, _, kind = case.partition(":")
    if function == "rewriting":
        rewrite, before = rewriting_of(kind), figure("VmRSS")
        expect(rewrite() is not None)
        sys.stdout.write(f"{case}: {(figure('VmHWM') - before) / MB:.0f} MB over the process's own\n")
        return
    work = {"api": api, "deliver": deliver, "web": web}[function]()
    room = megabytes * 1024 * 1024 - figure("VmRSS")
    limit = figure("VmSize") + room
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    work(kind)
    sys.stdout.write(f"{case}: {figure('VmHWM') / MB:.0f} MB at most, of {megabytes}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
