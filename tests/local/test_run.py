"""Does the whole stack work, from `make run` to the mailbox and back?"""

import base64
import email
import email.policy
import hashlib
import json
import os
import subprocess
import sys
import urllib.parse
import uuid

import pytest

from infra.local import place
from infra.local.api import Api, wait
from infra.local.mailbox import clients, copies
from infra.local.sample import demo
from tests.slow_server import slow_server

OFFER = '<html><body><p>See <a href="https://example.com/a?x=1&amp;y=2#z">the offer</a></p></body></html>'
GMAIL, BROWSER = clients.CLIENTS["gmail"], clients.CLIENTS["browser"]


def buyer(name="buyer"):
    return f"{name}-{uuid.uuid4().hex[:8]}@customer.test"


def send(run, **more):
    return run.api().send(
        **{"to": [buyer()], "subject": "Offer", "html": OFFER, "track": {"opens": True, "clicks": True}, **more}
    )


def test_the_run_file_says_where_everything_is(run):
    facts = run.facts
    assert set(facts) == {"app", "tracking", "mailbox", "maildir", "users", "aws"}
    assert [user["email"] for user in facts["users"]] == [
        f"{name}@example.test" for name in ("admin", "rep", "colleague", "outsider")
    ]
    assert all(user["api_key"].startswith("ock_") and user["password"] for user in facts["users"])
    assert set(facts["aws"]) == {"endpoint_url", "region", "access_key_id", "secret_access_key"}
    assert facts["aws"]["access_key_id"] != "test"
    ports = [urllib.parse.urlsplit(facts[name]) for name in ("app", "tracking", "mailbox")]
    assert {port.hostname for port in ports} == {"127.0.0.1"}
    assert len({port.port for port in ports}) == len(ports)


def test_the_rep_has_all_three_settings_on_and_a_colleague_has_a_new_users(run):
    rest = {"never_track": [], "alert_choice": "every", "quiet_hours": None}
    assert run.api().get("/v1/settings") == {"track_opens": True, "track_clicks": True, "alerts": True, **rest}
    new = {"track_opens": False, "track_clicks": False, "alerts": True, **rest}
    assert run.api("colleague").get("/v1/settings") == new


def test_it_opens_on_a_team_and_each_user_sees_of_it_what_the_rules_say(run):
    def subjects(who):
        answer = run.api(who).ask("GET", "/v1/items/deal/1042/messages")
        found = json.loads(answer.body)["items"] if answer.status == 200 else []
        return answer.status, sorted(message["subject"] for message in found)

    offer, reply, minutes = "Offer for the new press", "Re: Offer for the new press", "Minutes of our meeting"
    assert subjects("rep") == (200, sorted([offer, reply, minutes, "How far we could go", "Contract, signed"]))
    assert subjects("colleague") == (200, sorted([offer, reply, minutes]))
    assert subjects("outsider") == subjects("admin") == (404, [])
    opened = next(one for one in run.api().get("/v1/messages?limit=200")["items"] if one["subject"] == offer)
    assert (opened["opens"]["count"], opened["clicks"]["count"]) == (3, 2)
    assert wait(lambda: {one["state"] for one in run.api().get("/v1/alerts?limit=200")["items"]} >= {"new", "read"})


def test_each_recipient_gets_an_own_copy_and_the_sent_copy_is_untracked(run):
    to, cc, bcc = buyer("to"), buyer("cc"), buyer("bcc")
    message = send(run, to=[to], cc=[cc], bcc=[bcc])
    contents = {who: run.copy_of(who, message).read_bytes() for who in (to, cc, bcc)}
    found = [copies.tracked(content, run.tracking) for content in contents.values()]
    assert all(len(one.pixels) == 1 and len(one.links) == 1 for one in found)
    assert len({one.pixels for one in found}) == len({one.links for one in found}) == len(found)
    for content in contents.values():
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        assert parsed["Message-ID"] == message["message_id"]
        assert (parsed["To"], parsed["Cc"], parsed["Bcc"]) == (to, cc, None)
        assert bcc.encode() not in content
    source = run.api().ask("GET", f"/v1/messages/{message['id']}/source")
    assert source.status == 200
    assert run.tracking.encode() not in source.body
    assert (
        b"https://example.com/a?x=3D1&amp;y=3D2#z" in source.body
        or b"https://example.com/a?x=1&amp;y=2#z" in source.body
    )


def test_an_open_and_a_click_show_in_the_message_the_stats_and_the_alerts(run):
    api, who = run.api(), buyer()
    before = api.get("/v1/stats")["total"]
    message = send(run, to=[who])
    copy = run.tracked(who, message)
    pixel = clients.load_image(GMAIL, copy.pixels[0])
    assert (pixel.status, pixel.headers["content-type"], len(pixel.body)) == (200, "image/gif", 43)
    click = clients.open_link(BROWSER, copy.links[0])
    assert (click.status, click.headers["location"]) == (302, "https://example.com/a?x=1&y=2#z")

    def seen():
        now = api.message(message["id"])
        return now if (now["opens"]["count"], now["clicks"]["count"]) == (1, 1) else None

    now = wait(seen)
    assert now, api.message(message["id"])
    recipient = now["recipients"][0]
    assert (recipient["opens"]["count"], recipient["clicks"]["count"], now["links"][0]["clicks"]["count"]) == (1, 1, 1)
    hits = api.get(f"/v1/messages/{message['id']}/hits")["items"]
    assert {hit["verdict"] for hit in hits} == {"proxy", "human"}
    alerts = wait(lambda: len(alerts_of(api, message)) == 2 and alerts_of(api, message))
    assert alerts, alerts_of(api, message)
    assert {(alert["kind"], alert["recipient"], alert["state"]) for alert in alerts} == {
        ("open", who, "new"),
        ("click", who, "new"),
    }
    after = api.get("/v1/stats")["total"]
    assert after["opened"] >= before["opened"] + 1
    assert after["clicked"] >= before["clicked"] + 1


def alerts_of(api, message):
    return [alert for alert in api.get("/v1/alerts?limit=200")["items"] if alert["message"]["id"] == message["id"]]


def test_a_head_request_counts_as_a_machine(run):
    who = buyer()
    message = send(run, to=[who])
    answer = clients.open_link(BROWSER, run.tracked(who, message).links[0], method="HEAD")
    assert (answer.status, answer.body) == (302, b"")
    assert wait(lambda: run.api().message(message["id"])["clicks"]["machine"]) == 1
    assert run.api().message(message["id"])["clicks"]["count"] == 0


@pytest.mark.parametrize("token", ["x", "AQ", "A" * 200, "%00"])
def test_a_bad_token_gets_a_pixel_or_a_404_and_never_a_redirect(run, token):
    pixel = clients.load_image(GMAIL, f"{run.tracking}/o/{token}")
    click = clients.open_link(BROWSER, f"{run.tracking}/c/{token}")
    assert (pixel.status, pixel.headers["content-type"]) == (200, "image/gif")
    assert click.status == 404
    assert "location" not in click.headers


def test_neither_origin_reaches_into_the_other_nor_into_the_engine(run):
    app, tracking = run.facts["app"], run.facts["tracking"]
    for url in (
        f"{tracking}/v1/openapi.json",
        f"{app}/about",
        f"{tracking}/_ministack/health",
        f"{app}/_ministack/reset",
    ):
        assert clients.request("GET", url, {}).status == 404, url


def test_the_forwarded_address_is_the_clients(run):
    """Three networks in two minutes are a scanner's sign, so the verdict shows that the addresses arrived."""
    who = buyer()
    message = send(run, to=[who])
    link = run.tracked(who, message).links[0]
    for address in ("198.51.100.1", "203.0.113.77", "192.0.2.9"):
        clients.scan_link(BROWSER, link, address)

    def addresses():
        table = next(name for name in run.client("dynamodb").list_tables()["TableNames"] if "HitsTable" in name)
        found = run.client("dynamodb").query(
            TableName=table, KeyConditionExpression="pk = :m", ExpressionAttributeValues={":m": {"S": message["id"]}}
        )["Items"]
        return json.dumps(found)

    assert all(address in addresses() for address in ("198.51.100.1", "203.0.113.77", "192.0.2.9"))


def test_a_refused_recipient_stops_nobody_and_a_busy_one_is_tried_again(run):
    good, refused = buyer("good"), "refuse@customer.test"
    busy = f"busy@{uuid.uuid4().hex[:8]}.test"
    message = send(run, to=[refused, busy, good])
    run.copy_of(good, message)
    run.copy_of(busy, message, seconds=120)

    def done():
        now = run.api().message(message["id"])
        return now if now["status"] not in ("queued", "sending") else None

    now = wait(done, 60)
    assert now, run.api().message(message["id"])
    assert [one["status"] for one in now["recipients"]] == ["failed", "sent", "sent"]
    assert now["status"] == "partly_failed"
    assert "No such mailbox here" in json.dumps(now["recipients"][0])


def test_a_redelivered_queue_message_sends_nothing_twice(run):
    who = buyer()
    message = send(run, to=[who])
    file = run.copy_of(who, message)
    assert wait(lambda: run.api().message(message["id"])["status"] == "sent")
    sqs = run.client("sqs")
    queue = next(url for url in sqs.list_queues()["QueueUrls"] if "DeliveryQueue" in url)
    for _ in range(3):
        sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({"message": message["id"], "recipient": 0}))

    def idle():
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return set(sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"].values()) == {"0"}

    assert wait(idle, 60)
    assert list(file.parent.iterdir()) == [file]


def test_the_mailbox_plays_a_client_on_a_network_of_ones_choice(run):
    who = buyer()
    message = send(run, to=[who])
    file, mailbox = run.copy_of(who, message), run.facts["mailbox"]
    assert who.encode() in clients.request("GET", mailbox, {}).body
    body = f"{mailbox}/body/{urllib.parse.quote(who)}/{file.name}?client=gmail&address=66.249.84.9&images="
    blocked, loading = (clients.request("GET", body + images, {}).body.decode() for images in "01")
    assert "/image?" not in blocked
    path = loading.split('src="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert clients.request("GET", mailbox + path, {}).headers["content-type"] == "image/gif"
    assert wait(lambda: run.api().message(message["id"])["opens"]["count"]) == 1


SECONDS_A_STEP = 4  # of six, for one mail


def test_a_neighbours_mail_arrives_while_a_slow_server_takes_a_thirds(run):
    api = run.api("outsider")
    person = Api(run.facts["app"], signed_in(run, "outsider"))
    with slow_server(SECONDS_A_STEP) as slow:
        account = {"transport": "smtp", "smtp": {"host": "127.0.0.1", "port": slow.port, "security": "none"}}
        answer = person.ask("PUT", "/v1/accounts/outsider@example.test", account)
        assert answer.status == 200, answer.body
        many = api.send(to=[buyer(f"slow{number}") for number in range(8)], subject="Slow", text="x")
        assert wait(lambda: slow.begun, 60), api.message(many["id"])
        who = buyer()
        mail = send(run, to=[who])
        assert run.copy_of(who, mail)
        assert slow.taken == 0  # nobody waited for one of these to end
        assert api.message(many["id"])["status"] in ("queued", "sending")
        slow.hurry.set()
        assert wait(lambda: api.message(many["id"])["status"] == "sent", 240), api.message(many["id"])
        assert slow.taken == 8
    person.ask("DELETE", "/v1/accounts/outsider@example.test")


def test_the_mailbox_gives_no_file_but_a_mail(run):
    mailbox = run.facts["mailbox"]
    for path in (
        "/source/..%2F..%2Fkeys.json/x",
        "/source/../keys.json",
        "/source/%2e%2e/new%2F..%2Fkeys.json",
        "/source//etc/passwd",
    ):
        assert clients.request("GET", mailbox + path, {}).status == 404, path
    assert clients.request("GET", f"{mailbox}/", {"Host": "evil.test"}).status == 421


def signed_in(run, who):
    """Sign in at the pool's own page, as a browser does: code flow with PKCE; return the ID token."""
    cognito, engine = run.client("cognito-idp"), run.facts["aws"]["endpoint_url"]
    person = next(user for user in run.facts["users"] if user["email"] == f"{who}@example.test")
    pool = cognito.list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
    app = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"][0]["ClientId"]
    callback = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=app)["UserPoolClient"]["CallbackURLs"][0]
    verifier = "v" * 43
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    request = {
        "client_id": app,
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "openid email",
        "state": "s",
    }
    request |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    form = {**request, "username": person["email"], "password": person["password"]}
    landed = post(f"{engine}/login?{urllib.parse.urlencode(request)}", form)
    assert landed.status == 302, landed.body
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(landed.headers["location"]).query)["code"][0]
    wanted = {"grant_type": "authorization_code", "client_id": app, "redirect_uri": callback, "code": code}
    return json.loads(post(f"{engine}/oauth2/token", {**wanted, "code_verifier": verifier}).body)["id_token"]


def post(url, form):
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return clients.request("POST", url, kind, urllib.parse.urlencode(form).encode())


def test_a_person_signs_in_with_the_password_of_the_run_file(run):
    for who, status in (("admin", 200), ("rep", 403)):
        token = signed_in(run, who)
        answer = clients.request("GET", f"{run.facts['app']}/v1/users", {"Authorization": f"Bearer {token}"})
        assert answer.status == status, answer.body


def test_the_demo_plays_every_scene_and_prints_them(run, capsys):
    assert demo.main({"OCELLO_LOCAL_DIR": str(run.home)}) == 0
    shown = capsys.readouterr().out
    assert all(scene.recipient in shown for scene in demo.SCENES)
    assert "6 scanner" in shown
    assert "privacy_proxy" in shown


def test_the_demo_says_what_to_do_where_nothing_runs(tmp_path, capsys):
    assert demo.main({"OCELLO_LOCAL_DIR": str(tmp_path)}) == 1
    assert "make run" in capsys.readouterr().out


def test_a_second_run_in_the_same_folder_says_so(run):
    second = subprocess.run(
        [sys.executable, "-m", "infra.local.run"],
        cwd=place.ROOT,
        env={**os.environ, "OCELLO_LOCAL_DIR": str(run.home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    assert "already uses" in second.stdout
    assert run.where.run_file.exists()


def test_who_is_invited_gets_a_sign_in_of_the_pool(run):
    admin = Api(run.facts["app"], signed_in(run, "admin"))
    who = f"invited-{uuid.uuid4().hex[:8]}@example.test"
    answer = admin.ask("POST", "/v1/users", {"address": who})
    assert answer.status == 201, answer.body
    assert json.loads(answer.body)["state"] == "invited"
    cognito = run.client("cognito-idp")
    pool = cognito.list_user_pools(MaxResults=10)["UserPools"][0]["Id"]
    made = cognito.admin_get_user(UserPoolId=pool, Username=who)
    assert made["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    assert {"Name": "email_verified", "Value": "true"} in made["UserAttributes"]
    again = admin.ask("POST", f"/v1/users/{json.loads(answer.body)['id']}/invitation")
    assert again.status == 200, again.body
