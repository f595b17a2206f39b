"""Where an unexpected error was raised. Its text is left out, since it may hold what must not be in a log."""

import traceback

_MOST = 8  # the innermost frames show the cause


def frames_of(error: BaseException) -> list[str]:
    """Return the innermost frames of an error and of what caused it, as `file.py:12 function`, without its text."""
    found: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        summary = traceback.extract_tb(current.__traceback__)[-_MOST:]
        here = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in summary]
        found += here if current is error else [f"from {type(current).__name__}", *here]
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found[: 3 * _MOST]
