"""The settings of the capture function."""

from collections import namedtuple

Settings = namedtuple(  # noqa: PYI024 — importing typing would cost the hot function 3 ms
    "Settings",
    "hits_table app_table spill_queue_url token_keys hit_ttl_days"
    " client_address_header denied_messages denied_hosts operator_name operator_contact aws_sam_local stack_name",
    defaults=("", "", "", "", "", False, ""),
)
Settings.__doc__ = """Settings of capture; `denied_*` are comma lists, `client_address_header` a trusted proxy's header or ''.

`aws_sam_local` is set by `sam local` itself.
"""
Settings.__annotations__ = dict.fromkeys(Settings._fields, str) | {
    "hit_ttl_days": int,
    "aws_sam_local": bool,
}  # what `settings.read` reads
