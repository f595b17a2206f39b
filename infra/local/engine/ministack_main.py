"""The engine's process: ministack 1.5.33 with two corrections.

It saves its state only on a clean stop, so a killed engine would lose everything. Here it saves every few seconds while
a file exists, whose path is the argument. And when a nested stack's template changes, it loses the attributes of
resources that did not change, and then the update fails: a run of an earlier version could not continue. It runs in the
engine's own environment.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ministack import app  # installed in another environment
from ministack.services.cloudformation import _stacks, provisioners

EVERY_SECONDS = 5  # a save takes about half a second
_one_at_a_time = threading.Lock()
_save_all = app.save_all
_update = provisioners._update_resource  # noqa: SLF001 — the engine's version is pinned


def save(services: Mapping[str, Callable[[], object]]) -> None:
    """Save as the engine does, but never twice at the same time: a stop may come during a save."""
    with _one_at_a_time:
        _save_all(services)


def keep_saving(switch: Path) -> None:
    """Save again and again while `switch` exists."""
    logging.getLogger("persistence").setLevel(
        logging.WARNING
    )  # otherwise it would print a page of lines every few seconds
    while True:
        time.sleep(EVERY_SECONDS)
        if switch.exists():
            save(app._build_persistence_save_dict())  # noqa: SLF001 — as above


def update(
    kind: str,
    physical_id: str,
    old: Any,
    new: Any,
    stack: str,
    logical_id: str | None = None,
    attributes: Any = None,
) -> Any:
    """Update a resource as the engine does, and keep the attributes that it had."""
    if attributes is None:
        attributes = _stacks.get(stack, {}).get("_resources", {}).get(logical_id, {}).get("Attributes")
    return _update(kind, physical_id, old, new, stack, logical_id, attributes)


if __name__ == "__main__":
    provisioners._update_resource = update  # noqa: SLF001 — as above
    app.save_all = save
    threading.Thread(target=keep_saving, args=(Path(sys.argv.pop(1)),), daemon=True).start()
    app.main()
