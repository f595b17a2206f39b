"""Runs the whole stack on this machine until Ctrl-C: `python -m infra.local.run`, or better `make run`.

FRESH=1 deletes what was sent before; RULES names the rules of tracking (`none` unless told); OCELLO_LOCAL_DIR names another
folder than `.local`. The exit code is 0 after it was asked to stop, and 1 if a person must correct something first, which
it prints.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from infra.local import first_sign_in, place, routes, selfcheck
from infra.local.api import Api, Refused
from infra.local.engine import batches, mappings, stack
from infra.local.engine import cloud as clouds
from infra.local.engine import engine as engines
from infra.local.engine.gateway import Gateway, to_api
from infra.local.engine.sam_local import SamLocal
from infra.local.mailbox import mailbox, page
from infra.local.place import REGION, Keys, Place, Ports
from infra.local.sample import seed, story, world
from infra.local.steps import Trouble, say, step
from ocello.domain.consent.rules import NO_RULES, RULES_NAMES, RulesName


def parameters(ports: Ports, rules: RulesName = NO_RULES) -> dict[str, str]:
    """Return the template's parameters that a local run sets."""
    return {
        "TrackingRules": rules,
        "Architecture": stack.architecture(),
        "TrackingOrigin": origin(ports.tracking),
        "AppOrigin": origin(ports.app),
        "ClientAddressHeader": "x-forwarded-for",
        "RefreshNetworks": "false",
        "OidcJwksUrl": origin(ports.mailbox) + page.JWKS,
        "OidcAuthorizeUrl": origin(ports.engine) + "/oauth2/authorize",
        "OidcTokenUrl": origin(ports.engine) + "/oauth2/token",
        "OidcLogoutUrl": origin(ports.engine) + "/logout",
        "EndpointUrl": origin(ports.engine),
        "SmtpAllowPrivate": "true",
        "SendLimit": "0",
        "TrackLimit": "0",
        "CopiesAtOnce": str(mappings.COPIES_AT_ONCE),
        "RequireTls": "false",
        "RequireMfa": "false",
    }


def origin(port: int) -> str:
    """Return a loopback port's origin."""
    return f"http://127.0.0.1:{port}"


def description(where: Place, ports: Ports, keys: Keys, people: list[seed.Person]) -> dict[str, Any]:
    """Return the content of `run.json`, as docs/contract.md describes it."""
    return {
        "app": origin(ports.app),
        "tracking": origin(ports.tracking),
        "mailbox": origin(ports.mailbox),
        "maildir": where.named(where.mail),
        "users": [person._asdict() for person in people if person.email in seed.SHOWN],
        "aws": {
            "endpoint_url": origin(ports.engine),
            "region": REGION,
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
        },
    }


def start(where: Place, rules: RulesName, stop: threading.Event, cleanup: ExitStack) -> SamLocal:
    """Start everything, one announced step after the other; return what runs in the background. Raises Trouble."""
    ports, keys = place.ports(where), place.keys(where)
    with step("the mailbox"):
        pages = page.Pages(mailbox.Maildir(where.mail), origin(ports.tracking), origin(ports.mailbox))
        _serve_mail(pages, ports, cleanup)
    with stack.alone():
        engine, cloud = _deployed(where, parameters(ports, rules), ports, keys, stop, cleanup)
    pages.jwks = f"{cloud.endpoint}/{cloud.pool}/.well-known/jwks.json"
    _check(stop)
    with step("one port for each origin, every route asked") as words:
        declared = routes.declared(cloud.client("cloudformation"), cloud.stack)
        ways = [to_api(ports.tracking, cloud.ids["TrackingApi"]), to_api(ports.app, cloud.ids["AppApi"])]
        gateway = Gateway(ways, ports.engine)
        gateway.start()
        cleanup.callback(gateway.stop)
        routes.assert_answering(declared, {"TrackingApi": origin(ports.tracking), "AppApi": origin(ports.app)})
        words.append(f"{len(declared)} routes")
    with step("a first administrator signs in, as docs/deploy.md tells") as words:
        words.append(first_sign_in.as_documented(cloud, origin(ports.app)))
    with step("the demo users"):
        # The stores' library reads its keys only from here.
        os.environ.update(stack.environment(cloud.endpoint, keys))
        people = seed.people(where, ports, cloud)
    with step("hits that the last stop left unsettled") as words:
        words.append(f"{mappings.settle_again(cloud)} looked at")
    _check(stop)
    with step("a real mail, opened") as words:
        took = selfcheck.mail_reaches_its_message(
            Api(origin(ports.app), people[-1].api_key), origin(ports.tracking), where.mail
        )
        words.append(took)
    with step("a sales team's four weeks") as words:
        written = world.write_once(where, cloud)
        words.append(f"{written} mails, played and read" if written else "written before")
    engine.save_from_now_on()
    sam = SamLocal(where, ports, keys, cloud, parameters(ports)["OidcJwksUrl"])
    cleanup.callback(sam.stop)
    sam.start()
    cleanup.callback(where.run_file.unlink, missing_ok=True)
    place.write_private(where.run_file, json.dumps(description(where, ports, keys, people), indent=1))
    _tell(where, rules, ports, people)
    return sam


def _deployed(
    where: Place, values: Mapping[str, str], ports: Ports, keys: Keys, stop: threading.Event, cleanup: ExitStack
) -> tuple[engines.Engine, clouds.Cloud]:
    """Build, start the engine, deploy the build, and correct what the engine does differently from AWS."""
    with step("build with SAM") as words:
        built, new = stack.build(where.log)
        words.append("built" if new else "nothing changed")
    _check(stop)
    with step("the engine"):
        engine = engines.start(where, ports.engine, keys)
        cleanup.callback(engine.stop)
        over = threading.Event()
        cleanup.callback(over.set)
        threading.Thread(target=_watch, args=(engine, stop, over), daemon=True).start()
    _check(stop)
    with step("deploy with SAM") as words:
        name = stack.name(clouds.client("cloudformation", engine.url, keys))
        changed = stack.deploy(where, name, engine.url, keys, built, values)
        words.append("deployed" if changed else "nothing changed")
        cloud = clouds.read(engine.url, keys, name)
        batches.allow(cloud.client("iam"), name)
        mappings.limit_workers(cloud.client("lambda"))
    return engine, cloud


def _serve_mail(pages: page.Pages, ports: Ports, cleanup: ExitStack) -> None:
    smtp = mailbox.smtp_server(pages.maildir, ports.smtp)
    smtp.start()
    cleanup.callback(smtp.stop)
    server = page.server(pages, ports.mailbox)
    threading.Thread(target=server.serve_forever, name="page", daemon=True).start()
    cleanup.callback(server.server_close)
    cleanup.callback(server.shutdown)


def _watch(engine: engines.Engine, stop: threading.Event, over: threading.Event) -> None:
    while not over.wait(0.5):
        if engine.ended():
            say(
                "The engine ended by itself; its last words are in engine.log of the run's folder. `make run` starts it again."
            )
            stop.set()
            return


def _check(stop: threading.Event) -> None:
    if stop.is_set():
        raise KeyboardInterrupt


_SHOWS = {
    story.REP: "writes, and is told who reads",
    "colleague@example.test": "leads the team: sees what is shared, and its totals",
    story.OUTSIDER: "sees nothing of theirs",
    "admin@example.test": "invites, and reads no mail",
}

_RULES_SAY = {
    True: "everybody is tracked who has not refused; RULES=eu-strict asks for consent first",
    False: "who has not consented is tracked only as far as these rules allow",
}


def _tell(where: Place, rules: RulesName, ports: Ports, people: list[seed.Person]) -> None:
    rep = next(person for person in people if person.email == story.REP)
    shown = [
        f"    {person.email:<24} {person.password:<22} {_SHOWS[person.email]}"
        for person in people
        if person.email in _SHOWS
    ]
    say(f"""
Ocello runs. Sign in to the inbox as one of these:
{"\n".join(shown)}

  the inbox    {origin(ports.app)}/
  JSON API     {origin(ports.app)}/v1/docs   (rep@example.test's key: {rep.api_key})
  the mailbox  {origin(ports.mailbox)}   (play the recipients there)
  tracking     {origin(ports.tracking)}/about
  rules        {rules}: {_RULES_SAY[rules == NO_RULES]}
  more         {where.named(where.run_file)} has every address, user, password and key
Try `make demo` in another terminal. Ctrl-C stops; what was sent is there again at the next start.""")


def main(environment: Mapping[str, str]) -> int:
    """Run until asked to stop; return the exit code."""
    rules = environment.get("RULES", "") or NO_RULES
    if rules not in RULES_NAMES:
        say(f"RULES must be one of {', '.join(RULES_NAMES)}, not {rules}.")
        return 1
    where, stop, request = place.find(environment), threading.Event(), threading.Event()

    def ask(*_: object) -> None:
        request.set()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    began = time.monotonic()
    try:
        with place.held(where), ExitStack() as cleanup:
            where.run_file.unlink(missing_ok=True)
            engines.stop_orphan(where)
            if environment.get("FRESH", "") not in ("", "0"):
                place.forget(where)
            elif (gone := engines.recovered(where)) is not None:
                say(gone)
            cleanup.callback(say, "Stopped.")
            sam = start(where, rules, stop, cleanup)
            say(f"Ready after {time.monotonic() - began:.1f} s.")
            sam.attend(stop)
            say("Stopping …")
    except (Trouble, Refused, OSError) as trouble:
        if not stop.is_set():  # what was interrupted by the stop is no trouble of its own
            say(f"\n{trouble}")
            return 1
    except KeyboardInterrupt:
        pass
    return 0 if request.is_set() else 1


if __name__ == "__main__":
    sys.exit(main(os.environ))
