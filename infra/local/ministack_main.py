"""The engine's own process: ministack, saving its state while it runs.

ministack 1.5.33 saves on a clean stop alone, so that a killed engine would take everything with it. Run by the engine's
environment, with the path of a file as argument: while that file is there, the state is saved every few seconds.
"""

import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from ministack import app  # of another environment

EVERY_SECONDS = 5
_one_at_a_time = threading.Lock()
_save_all = app.save_all


def save(services: Mapping[str, Callable[[], object]]) -> None:
    """Save as the engine does, never twice at once: a stop may come while a save is going on."""
    with _one_at_a_time:
        _save_all(services)


def keep_saving(switch: Path) -> None:
    """Save again and again while `switch` is there."""
    while True:
        time.sleep(EVERY_SECONDS)
        if switch.exists():
            save(app._build_persistence_save_dict())  # noqa: SLF001 — the engine's version is pinned


if __name__ == "__main__":
    app.save_all = save
    threading.Thread(target=keep_saving, args=(Path(sys.argv.pop(1)),), daemon=True).start()
    app.main()
