"""Prints what the local run is doing, how long it took, and what to do if it cannot continue."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Trouble(Exception):  # noqa: N818 — a text for a person, not an error of the program
    """Something that a person must correct: `what` happened and `todo`, a sentence each."""

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what}\n  → {todo}")
        self.what = what
        self.todo = todo


def say(line: str = "") -> None:
    """Print one line at once, so that it is seen while the next step runs."""
    print(line, flush=True)


@contextmanager
def step(title: str) -> Iterator[list[str]]:
    """Print a step's title and the seconds it took; words that are put into the yielded list are printed with it."""
    words: list[str] = []
    live = sys.stdout.isatty()
    if live:
        print(f"  ·  {title} …", end="", flush=True)
    began = time.monotonic()
    start = "\r\033[K" if live else ""
    try:
        yield words
    except BaseException:
        say(f"{start}  ✗  {title}")
        raise
    note = f" ({'; '.join(words)})" if words else ""
    say(f"{start}  ✓  {title}{note}  {time.monotonic() - began:.1f} s")
