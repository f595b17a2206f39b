"""Measures capture beside a boto3 handler and a bare signed request, interleaved in one run on DynamoDB Local.

Run it as `python -m infra.tools.dynamodb_local -- python tests/bench/capture.py`. Each program is a process of its own: its
cold start lasts from the process's start to its first answered hit; its CPU per hit is taken over the hits after that.
Capture's code and bytecode are those that the build deploys. It runs three times: with a token of old mail, whose hit is one
write like that of the others, with one of new mail, which asks the consent gate first, and with a pooled one, whose load is
judged and counted. Printed only; nothing is asserted.
"""

import json
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]

from ocello.adapters.hot.dynamodb import DynamoClient  # noqa: E402 — after the path
from ocello.domain.tracking.tokens import ASK, OPEN, POOLED, Keyring, Token, sign_token  # noqa: E402 — after the path

ROUNDS = 15
HITS = 400
TABLE = "capture-bench"
KEYS = "1:" + "k" * 40
FLAGS = {"gated": ASK, "pooled": POOLED}
MESSAGE = "0199a000-0000-7000-8000-000000000001"

# What each program begins with; `hit(event)` answers one hit.
CAPTURE = "from functions.capture.app import handler\nhit = lambda event: handler(event, None)"

BOTO3 = """
import base64, hashlib, hmac, os
import boto3
from botocore.exceptions import ClientError

dynamodb = boto3.client("dynamodb")
SECRET = os.environ["TOKEN_KEYS"].encode()
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"

def handler(event, context):
    request = event["requestContext"]
    token = base64.urlsafe_b64decode(event["rawPath"].removeprefix("/o/") + "==")
    hmac.compare_digest(hmac.digest(SECRET, token[:-16], "sha256")[:16], token[-16:])
    item = {
        "pk": {"S": token[5:21].hex()},
        "sk": {"S": f"{request['timeEpoch']}#{request['requestId']}"},
        "kind": {"S": "open"},
        "rcpt": {"N": str(int.from_bytes(token[21:23], "big"))},
        "ttl": {"N": str(request["timeEpoch"] // 1000 + 86400 * 400)},
        "ip": {"S": request["http"]["sourceIp"]},
        "ua": {"S": event["headers"]["user-agent"]},
        "hdr": {"M": {"accept-language": {"S": event["headers"]["accept-language"]}}},
    }
    try:
        dynamodb.put_item(
            TableName=os.environ["HITS_TABLE"], Item=item, ConditionExpression="attribute_not_exists(pk)"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
    headers = {"Content-Type": "image/gif", "Cache-Control": "no-store"}
    return {"statusCode": 200, "headers": headers, "body": PIXEL, "isBase64Encoded": True}

hit = lambda event: handler(event, None)
"""

FLOOR = """
import hashlib, hmac, http.client, os, time

HOST = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
connection = http.client.HTTPConnection(HOST)

def hit(event):
    request = event["requestContext"]
    body = (
        '{"TableName":"%s","Item":{"pk":{"S":"floor"},"sk":{"S":"%d#%s"}},"ConditionExpression":"attribute_not_exists(pk)"}'
        % (os.environ["HITS_TABLE"], request["timeEpoch"], request["requestId"])
    ).encode()
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    scope = f"{stamp[:8]}/{os.environ['AWS_REGION']}/dynamodb/aws4_request"
    target, names = "DynamoDB_20120810.PutItem", "content-type;host;x-amz-date;x-amz-target"
    lines = f"content-type:application/x-amz-json-1.0\\nhost:{HOST}\\nx-amz-date:{stamp}\\nx-amz-target:{target}\\n"
    text = f"POST\\n/\\n\\n{lines}\\n{names}\\n{hashlib.sha256(body).hexdigest()}"
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = f"AWS4-HMAC-SHA256\\n{stamp}\\n{scope}\\n{hashlib.sha256(text.encode()).hexdigest()}"
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    connection.request("POST", "/", body, {
        "content-type": "application/x-amz-json-1.0", "x-amz-date": stamp, "x-amz-target": target,
        "authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}",
    })
    response = connection.getresponse()
    response.read()
    return {"statusCode": response.status}
"""

# What each program ends with: one hit, then the others. `resource` and `marshal` are built in or small.
DRIVE = """
import os, resource, sys, time
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
def ask(number):
    event["requestContext"]["requestId"] = f"{os.getpid()}-{number}"
    event["requestContext"]["timeEpoch"] = 1790000000000 + 1001 * number  # of one link, 60 a minute are kept
    assert hit(event)["statusCode"] == 200
ask(0)
os.write(3, b"!")
before = spent()
os.write(3, b"%.9f " % before)
for number in range(1, HITS + 1):
    ask(number)
os.write(3, b"%.9f" % ((spent() - before) / HITS))
"""


def built(folder):
    """Build capture's artifact as `sam build` does; return the folders to import from."""
    words: list[str | Path] = ["make", "-s", "-C", ROOT, "-f", "functions/Makefile", "build-CaptureFunction"]
    subprocess.run([*words, f"ARTIFACTS_DIR={folder}", f"PYTHON={sys.executable}"], check=True)
    return [folder]


def event(flags: int) -> dict[str, object]:
    """Return an open as API Gateway's event, by a token with these flags."""
    token = sign_token(Keyring.parse(KEYS), Token(OPEN, MESSAGE, 3, 1_790_000_000, flags))
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
    )
    return {
        "version": "2.0",
        "rawPath": "/o/" + token,
        "headers": {
            "user-agent": agent,
            "accept": "image/*",
            "accept-language": "it-IT,it;q=0.9",
            "host": "t.example",
            "sec-ch-ua": '"Chromium";v="140", "Not=A?Brand";v="24", "Google Chrome";v="140"',
            "sec-ch-ua-mobile": "?0",
            "sec-ch-ua-platform": '"Windows"',
            "sec-fetch-dest": "image",
            "sec-fetch-mode": "no-cors",
            "sec-fetch-site": "cross-site",
        },
        "requestContext": {"http": {"method": "GET", "path": "/o/" + token, "sourceIp": "203.0.113.9"}},
        "isBase64Encoded": False,
    }


def run(program, environment):
    """Run one process; return its cold start, the CPU of that, and its CPU for one more hit, in seconds."""
    reading, writing = os.pipe()
    # The child's end must be descriptor 3: a shell moves it there and becomes the interpreter. With `-P` it imports
    # nothing from the folder in which the bench was started, where there is code of the same name.
    words = ["/bin/sh", "-c", f'exec "$0" -P -S -c "$1" 3>&{writing}', sys.executable, program]
    pending = time.perf_counter()
    with subprocess.Popen(words, env=environment, pass_fds=[writing], stdout=subprocess.DEVNULL) as process:
        os.close(writing)
        first = os.read(reading, 1)
        cold = time.perf_counter() - pending
        rest = b""
        while chunk := os.read(reading, 100):
            rest += chunk
        os.close(reading)
        if process.wait() or first != b"!":
            raise SystemExit("a program of the bench failed")
    return cold, *map(float, rest.split())


def make_table(url):
    """Make the hits table of the bench."""
    pk, sk = ({"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk"))
    DynamoClient.from_environment(environment_of(url)).call(
        "CreateTable",
        {
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [pk, sk],
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        },
    )


def environment_of(url):
    """Return the environment that Lambda would set."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_REGION": "eu-south-1",
        "AWS_DEFAULT_REGION": "eu-south-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "HITS_TABLE": TABLE,
        "APP_TABLE": TABLE,
        "SPILL_QUEUE_URL": "http://127.0.0.1:9/queue",
        "TOKEN_KEYS": KEYS,
        "HIT_TTL_DAYS": "400",
    }


def main():
    """Run the programs in turn, and print medians and ratios."""
    url = os.environ.get("DYNAMODB_LOCAL_URL")
    if not url:
        raise SystemExit("run this under infra.tools.dynamodb_local")
    make_table(url)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        usual = environment_of(url)
        ours = usual | {"PYTHONPATH": os.pathsep.join(map(str, built(folder)))}
        programs = {
            "floor": (FLOOR, usual),
            "capture": (CAPTURE, ours),
            "gated": (CAPTURE, ours),
            "pooled": (CAPTURE, ours),
            # Its packages' bytecode is kept too: the first, unmeasured run leaves it here.
            "boto3": (
                BOTO3,
                usual | {"PYTHONPATH": sysconfig.get_path("purelib"), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")},
            ),
        }
        taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in programs}
        for number in range(ROUNDS + 1):
            for name, (program, environment) in programs.items():
                asked = json.dumps(event(FLAGS.get(name, 0))).replace("false", "False")
                figures = run(f"HITS = {HITS}\nevent = {asked}\n{program}{DRIVE}", environment)
                if number:
                    taken[name].append(figures)
    cold, start, hit = (
        {name: statistics.median(figures[place] for figures in taken[name]) * 1e3 for name in programs}
        for place in range(3)
    )
    print(f"capture on DynamoDB Local, medians of {ROUNDS} interleaved runs of 1 + {HITS} hits")
    for name in programs:
        print(
            f"  {name:8} cold start {cold[name]:6.1f} ms ({start[name]:6.1f} ms of CPU)   {hit[name]:6.3f} ms of CPU a hit"
        )
    for name, what in (
        ("capture", "capture, without a gate"),
        ("gated", "gated, which reads the consent gate first"),
        ("pooled", "pooled, which judges the load and counts it"),
    ):
        print(f"{what}:")
        for part, figures, aim in (
            ("cold start", cold, ", aim 0.20"),
            ("its CPU", start, ""),  # the same, for a busy machine
            ("CPU a hit", hit, ", aim 0.17" if name == "capture" else ", aim 0.25"),
        ):
            to_boto3, to_floor = (figures[name] / figures[other] for other in ("boto3", "floor"))
            print(f"  {part:10} {to_boto3:.2f}x of boto3{aim}; {to_floor:.2f}x of the floor")


if __name__ == "__main__":
    main()
