"""The engine's own process: ministack 1.5.33 with two things that it lacks.

It saves on a clean stop alone, so that a killed engine would take everything with it. Run by the engine's environment, with
the path of a file as argument, it saves its state every few seconds while that file is there.

And when a nested stack's template changes, it forgets the attributes of resources that stay as they are, upon which the
update fails: a run of an earlier version could not go on.
"""

import logging
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ministack import app  # of another environment
from ministack.services.cloudformation import _stacks, provisioners

EVERY_SECONDS = 5  # a save takes about half a second
_one_at_a_time = threading.Lock()
_save_all = app.save_all
_update = provisioners._update_resource  # noqa: SLF001 — the engine's version is pinned


def save(services: Mapping[str, Callable[[], object]]) -> None:
    """Save as the engine does, never twice at once: a stop may come while a save is going on."""
    with _one_at_a_time:
        _save_all(services)


def keep_saving(switch: Path) -> None:
    """Save again and again while `switch` is there."""
    logging.getLogger("persistence").setLevel(logging.WARNING)  # not a page of lines every few seconds
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
    """Update a resource as the engine does, with the attributes that it had."""
    if attributes is None:
        attributes = _stacks.get(stack, {}).get("_resources", {}).get(logical_id, {}).get("Attributes")
    return _update(kind, physical_id, old, new, stack, logical_id, attributes)


if __name__ == "__main__":
    provisioners._update_resource = update  # noqa: SLF001 — as above
    app.save_all = save
    threading.Thread(target=keep_saving, args=(Path(sys.argv.pop(1)),), daemon=True).start()
    app.main()
