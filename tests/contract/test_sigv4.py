"""Our signer and botocore's make the same signature for thousands of generated requests."""

import string

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from ocello.adapters.hot.sigv4 import Credentials, Signer

names = st.text(string.ascii_lowercase + string.digits + "-", min_size=1, max_size=20).map(lambda name: "x-" + name)
values = st.text(
    string.printable.replace("\r", "").replace("\n", "").replace("\x0b", "").replace("\x0c", ""), max_size=60
)
words = st.text(string.ascii_letters + string.digits + "+/=", min_size=1, max_size=60)
stamps = st.datetimes().map(lambda at: at.strftime("%Y%m%dT%H%M%SZ").zfill(16))


def by_botocore(credentials, region, service, host, headers, body, stamp, method="POST", path="/"):
    """Sign as botocore does, at a given time."""
    request = AWSRequest(method, f"https://{host}{path}", headers=dict(headers), data=body)
    request.context["timestamp"] = stamp
    theirs = TheirCredentials(credentials.key_id, credentials.secret, credentials.token or None)
    auth = (S3SigV4Auth if service == "s3" else SigV4Auth)(theirs, service, region)
    request.headers["X-Amz-Date"] = stamp
    if credentials.token:
        request.headers["X-Amz-Security-Token"] = credentials.token
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    signed = auth.signed_headers(auth.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={signed}, Signature={signature}"


def read(request):
    """Return the first line, the headers and the body of a request."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert len(headers) == len(lines)
    return first, headers, body


@settings(max_examples=3000, deadline=None)
@given(
    credentials=st.builds(Credentials, words, words, st.just("") | words),
    region=st.sampled_from(["eu-south-1", "us-east-1", "ap-southeast-3"]),
    service=st.sampled_from(["dynamodb", "sqs"]),
    host=st.sampled_from(["dynamodb.eu-south-1.amazonaws.com", "127.0.0.1:4566", "localhost"]),
    headers=st.dictionaries(names, values, max_size=4),
    body=st.binary(max_size=2000),
    stamp=stamps,
)
def test_we_sign_as_botocore_signs(credentials, region, service, host, headers, body, stamp):
    headers = {"content-type": "application/x-amz-json-1.0", **headers}
    first, sent, carried = read(Signer(credentials, region, service).template(host, headers).request(body, stamp))
    assert first == "POST / HTTP/1.1"
    assert sent.pop("authorization") == by_botocore(credentials, region, service, host, headers, body, stamp)
    assert sent.pop("x-amz-date") == stamp
    assert sent.pop("x-amz-security-token", "") == credentials.token
    assert sent.pop("content-length", "0") == str(len(body))
    assert sent == {**headers, "host": host}
    assert carried == body


EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(
    credentials=st.builds(Credentials, words, words, st.just("") | words),
    path=st.text(string.ascii_letters + string.digits + "/-._~", max_size=40).map(lambda text: "/" + text),
    stamp=stamps,
)
def test_we_sign_the_reading_of_an_object_as_botocore_does(credentials, path, stamp):
    host, headers = "some-bucket.s3.eu-south-1.amazonaws.com", {"x-amz-content-sha256": EMPTY}
    signer = Signer(credentials, "eu-south-1", "s3")
    first, sent, body = read(signer.template(host, headers, "GET", path).request(b"", stamp))
    theirs = by_botocore(credentials, "eu-south-1", "s3", host, headers, b"", stamp, "GET", path)
    assert (first, sent["authorization"], body) == (f"GET {path} HTTP/1.1", theirs, b"")


def test_a_signer_that_is_kept_signs_the_next_day_with_the_next_days_key():
    credentials = Credentials("id", "secret", "")
    kept = Signer(credentials, "eu-south-1", "dynamodb").template("h", {})
    for stamp in ("20260101T235959Z", "20260102T000000Z", "20260101T235959Z"):
        fresh = Signer(credentials, "eu-south-1", "dynamodb").template("h", {})
        assert kept.request(b"", stamp) == fresh.request(b"", stamp)
