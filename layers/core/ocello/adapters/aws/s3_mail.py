"""Stores originals and uploads in the mail bucket."""

from collections.abc import Sequence
from typing import Any

from ocello.adapters.aws import clients

_SERVICE = "mail bucket"
ADDRESS_SECONDS = 300
FORM_SECONDS = 900
_READ_SECONDS = 20  # for 25 MB over the network of a small Lambda
_ABSENT = ("NoSuchKey", "404", "NotFound")


class S3MailStore:
    """MailStore in one private bucket."""

    def __init__(self, bucket: str, client: Any = None) -> None:
        """Use this bucket. `client` is botocore's for S3; the default is made at its first use."""
        self._bucket = bucket
        self._client = client or clients.late("s3", read_seconds=_READ_SECONDS)

    def put(self, name: str, content: bytes, content_type: str) -> None:
        """Store `content` under `name`. Raise Unavailable."""
        with clients.unavailable(_SERVICE):
            self._client.put_object(Bucket=self._bucket, Key=name, Body=content, ContentType=content_type)

    def get(self, name: str) -> bytes | None:
        """Return the content stored under `name`, or None. Raise Unavailable."""
        with clients.unavailable(_SERVICE, expected=_ABSENT):
            content: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
            return content
        return None

    def size(self, name: str) -> int | None:
        """Return the stored size in bytes, or None. Raise Unavailable."""
        with clients.unavailable(_SERVICE, expected=_ABSENT):
            return int(self._client.head_object(Bucket=self._bucket, Key=name)["ContentLength"])
        return None

    def delete(self, names: Sequence[str]) -> None:
        """Delete what is stored under `names`; missing ones are ignored. Raise Unavailable."""
        with clients.unavailable(_SERVICE):
            for name in names:
                self._client.delete_object(Bucket=self._bucket, Key=name)

    def address_to_get(self, name: str, content_type: str, filename: str) -> str:
        """Return a presigned address from which `name` can be downloaded as a file, for five minutes."""
        from ocello.domain.mail import attachments  # noqa: PLC0415 — 10 ms to import, and seldom needed

        parameters = {
            "Bucket": self._bucket,
            "Key": name,
            "ResponseContentType": content_type,
            "ResponseContentDisposition": attachments.content_disposition(filename),
        }
        return str(self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=ADDRESS_SECONDS))

    def form_to_put(self, name: str, limit: int) -> dict[str, object]:
        """Return a presigned form by which one object of 1 to `limit` bytes can be uploaded, for fifteen minutes."""
        form: dict[str, object] = self._client.generate_presigned_post(
            self._bucket, name, Conditions=[["content-length-range", 1, limit]], ExpiresIn=FORM_SECONDS
        )
        return {"url": form["url"], "fields": form["fields"]}
