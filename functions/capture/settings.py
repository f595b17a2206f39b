"""What the capture function is told by its environment."""

from typing import NamedTuple


class Settings(NamedTuple):
    """Settings of capture; `denied_*` are comma lists, `client_address_header` a trusted proxy's header or ''."""

    hits_table: str
    app_table: str
    spill_queue_url: str
    token_keys: str
    hit_ttl_days: int
    client_address_header: str = ""
    denied_messages: str = ""
    denied_hosts: str = ""
    operator_name: str = ""
    operator_contact: str = ""
