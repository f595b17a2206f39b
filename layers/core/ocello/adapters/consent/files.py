"""Values that are read from TOML files, each when it is first asked for: most requests ask for one of them, or none."""

import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any


class ReadLate[K: str, V](Mapping[K, V]):
    """The value of each name; `read` makes it, and raises ValueError for a file that is wrong."""

    def __init__(self, names: tuple[K, ...], read: Callable[[K], V]) -> None:
        self._names, self._read = names, functools.cache(read)

    def __getitem__(self, name: K) -> V:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[K]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def toml(file: Path) -> dict[str, Any]:
    """Return what a file holds. tomllib is imported when the first file is read."""
    import tomllib  # noqa: PLC0415 — see above

    return tomllib.loads(file.read_text(encoding="utf-8"))
