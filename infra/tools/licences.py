"""Checks the licences of all packages of the environment that it runs in; fails on one that is not on the list.

    .venv/dev/bin/python -m infra.tools.licences

The packages that the vendor layer deploys must be on a shorter list. A package names its licence in its metadata: in
the expression (SPDX), or in the classifiers, of which one must be allowed, or in the old free field.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

LAYER = Path(__file__).resolve().parents[2] / "layers" / "vendor" / "requirements.txt"

# Permissive ones, and the Mozilla licence, which requires nothing of those who pass its files on unchanged.
DEPLOYED = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Unlicense"}
)
TOOLS = DEPLOYED | {"Artistic-1.0", "CNRI-Python"}

# Their names in metadata from before SPDX.
_SPELLED = {
    "apache 2.0": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "artistic license": "Artistic-1.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "the mit license (mit)": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "psfl": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
# Packages whose metadata names no licence; read in their licence file.
_READ = {"cookiecutter": "BSD-3-Clause", "imapclient": "BSD-3-Clause"}


class Package(NamedTuple):
    """An installed package, and the licence in its metadata."""

    name: str
    expression: str
    classifiers: tuple[str, ...]
    free: str

    @property
    def stated(self) -> str:
        """Return what the metadata says, for a message."""
        return self.expression or ", ".join(self.classifiers) or self.free.partition("\n")[0] or "nothing"


def allowed(package: Package, licences: frozenset[str]) -> bool:
    """Return whether a package may be used under one of `licences`."""
    if package.expression:
        return _satisfied(package.expression, licences)
    if package.classifiers:
        return any(_spdx(name) in licences for name in package.classifiers)
    free = package.free.strip().partition("\n")[0].strip()
    return _spdx(free or _READ.get(normal(package.name), "")) in licences


def _satisfied(expression: str, licences: frozenset[str]) -> bool:
    """Return whether an SPDX expression is satisfied; it knows no exceptions, and brackets only if they change nothing."""
    either = re.split(r"\s+OR\s+", expression.replace("(", "").replace(")", ""))
    return any(all(part in licences for part in re.split(r"\s+AND\s+", one.strip())) for one in either)


def _spdx(name: str) -> str:
    return _SPELLED.get(name.strip().lower(), name.strip())


def normal(name: str) -> str:
    """Return a package's name in the normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> Iterator[Package]:
    """Return this environment's packages."""
    for found in metadata.distributions():
        stated = found.metadata
        classifiers = tuple(
            one.rpartition("::")[2].strip()
            for one in stated.get_all("Classifier") or ()
            if one.startswith("License ::") and one != "License :: OSI Approved"
        )
        yield Package(found.name, stated.get("License-Expression") or "", classifiers, stated.get("License") or "")


def deployed(lock: str) -> frozenset[str]:
    """Return the names of the packages in the layer's lock."""
    return frozenset(normal(name) for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE))


def refused(packages: Iterable[Package], in_layer: frozenset[str]) -> Sequence[str]:
    """Return for each package that may not be used a sentence that says why."""
    return sorted(
        f"{package.name}: its metadata says {package.stated}, which is not allowed {where}"
        for package in packages
        for where, licences in (("in the layer", DEPLOYED), ("among the tools", TOOLS))
        if (normal(package.name) in in_layer) is (licences is DEPLOYED) and not allowed(package, licences)
    )


def main() -> int:
    """Check this environment."""
    wrong = refused(installed(), deployed(LAYER.read_text("utf-8")))
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
