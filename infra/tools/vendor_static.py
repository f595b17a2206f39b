"""Brings the web application's third-party scripts and icons into functions/web, pinned by version and hash.

    vendor_static.py            writes functions/web/static/vendor/ and functions/web/icons.json
    vendor_static.py --check    says whether what stands there is what it would write

Packages come by the ordinary npm client, are verified by SHA-512 and kept in .cache/npm.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "npm"
STATIC = ROOT / "functions" / "web" / "static" / "vendor"
ICONS = ROOT / "functions" / "web" / "icons.json"


class Package(NamedTuple):
    """An npm package: what is taken of it, under which name, by which licence."""

    name: str
    version: str
    sha512: str
    licence: str
    files: dict[str, str]


PACKAGES = (
    Package(
        "htmx.org",
        "2.0.11",
        "Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        "0BSD",
        {"dist/htmx.min.js": "htmx.js", "LICENSE": "htmx.LICENSE"},
    ),
    Package(
        "squire-rte",
        "2.4.8",
        "pUp+LhZf2cUlhRKnD40DopUCdhmHlYUF7zGYqOBr8I/tQk/qZie/nXQ1DQcKlXqlr8Bw16TpE/7LQWxUeVrFNg==",
        "MIT",
        {"dist/squire.js": "squire.js", "LICENSE": "squire.LICENSE"},
    ),
    Package(
        "dompurify",
        "3.4.18",
        "ofe3wI/uNm68HInABYFJYqQxRw1EaKAjNdrFVKqjUY+UZurvNd2L/HuQe097s/4RivWiZyP6tT7aoT8atjfhwg==",
        "MPL-2.0 OR Apache-2.0",
        {"dist/purify.min.js": "purify.js", "LICENSE": "purify.LICENSE"},
    ),
)
LUCIDE = Package(
    "lucide-static",
    "1.62.0",
    "WBZA/m2PvkFpMGHDtsBck5P2A9G4ehLlYu4GwwICcmEm1BvYVgj00lCDxKRWLlbMlOibLaiwdQ88G5pHkSWgwA==",
    "ISC",
    {"LICENSE": "lucide.LICENSE"},
)
AXE = Package(  # for tests/browser only: never part of what is deployed
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    "MPL-2.0",
    {"axe.min.js": "axe.js"},
)
ICON_NAMES = (
    "at-sign", "bold", "bot", "chart-column", "check", "eye", "file-text", "image", "inbox", "italic", "key-round",
    "lightbulb", "link", "list", "list-ordered", "lock", "log-out", "mouse-pointer-2", "paperclip", "pencil", "plus",
    "quote", "search", "send", "settings", "sun-moon", "trash-2", "triangle-alert", "underline", "unlink", "users", "x",
)  # fmt: skip


def fetch(package: Package) -> Path:
    """Give the path of the package's archive, fetched once and verified each time. Raises SystemExit on a wrong one."""
    archive = CACHE / f"{package.name}-{package.version}.tgz"
    if not archive.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", str(CACHE), f"{package.name}@{package.version}"],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.sha512:
        archive.unlink()
        raise SystemExit(f"{archive.name} is not what was pinned: its SHA-512 is {found}")
    return archive


def contents(package: Package) -> dict[str, bytes]:
    """Read the wanted files of a package, by the names they get here."""
    with tarfile.open(fetch(package)) as archive:
        found = {}
        for inside, ours in package.files.items():
            member = archive.extractfile(f"package/{inside}")
            if member is None:
                raise SystemExit(f"{package.name} has no file {inside}")
            found[ours] = member.read()
        return found


def icons() -> str:
    """Make the icons' JSON: name → what stands inside its `svg` element."""
    shapes = {}
    with tarfile.open(fetch(LUCIDE)) as archive:
        for name in ICON_NAMES:
            member = archive.extractfile(f"package/icons/{name}.svg")
            if member is None:
                raise SystemExit(f"no icon {name}")
            inside = re.search(r"<svg[^>]*>(.*)</svg>", member.read().decode(), re.DOTALL)
            shapes[name] = re.sub(r"\s*\n\s*", "", inside[1]) if inside else ""
    return json.dumps(shapes, indent=1) + "\n"


def wanted() -> dict[Path, bytes]:
    """Make every file that this script answers for."""
    files = {ICONS: icons().encode()}
    notes = ["Third-party code, brought here by infra/tools/vendor_static.py. Do not edit.", ""]
    for package in (*PACKAGES, LUCIDE):
        notes.append(f"{package.name} {package.version} ({package.licence}) sha512-{package.sha512}")
        files |= {STATIC / name: content for name, content in contents(package).items()}
    files[STATIC / "README"] = ("\n".join(notes) + "\n").encode()
    return files


def main() -> int:
    """Write, or with --check compare."""
    files = wanted()
    if "--check" in sys.argv:
        wrong = [path for path, content in files.items() if not path.exists() or path.read_bytes() != content]
        for path in wrong:
            print(f"{path.relative_to(ROOT)} is not what vendor_static.py makes", file=sys.stderr)
        return 1 if wrong else 0
    STATIC.mkdir(parents=True, exist_ok=True)
    for path, content in files.items():
        path.write_bytes(content)
    print(f"wrote {len(files)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
