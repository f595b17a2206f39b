"""Copies the web application's third-party scripts and icons into functions/web, pinned by version and hash.

`python -m infra.tools.vendor_static` writes functions/web/static/vendor/ and functions/web/icons.json; with `--check`
it reports whether they are up to date. Packages are fetched by the ordinary npm client and verified by SHA-512:
`fetch`.
"""

import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

from infra.tools import fetch

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "functions" / "web" / "static" / "vendor"
ICONS = ROOT / "functions" / "web" / "icons.json"


class Package(NamedTuple):
    """An npm package: which files are copied, under which names, and its licence."""

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
AXE = Package(  # for tests/browser only: never deployed
    "axe-core",
    "4.14.1",
    "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
    "MPL-2.0",
    {"axe.min.js": "axe.js"},
)
ICON_NAMES = (
    "arrow-left", "at-sign", "bell-off", "bold", "bot", "briefcase", "chart-column", "check", "chevron-down", "download",
    "eraser", "eye", "eye-off", "file-pen", "file-text", "forward", "hourglass", "image", "inbox", "italic", "key-round",
    "keyboard", "lightbulb", "link", "link-2-off", "list", "list-ordered", "lock", "log-out", "mail-x", "mouse-pointer-2",
    "paperclip", "pencil", "pencil-line", "plus", "quote", "reply", "search", "send", "settings", "sun-moon", "trash-2",
    "triangle-alert", "underline", "unlink", "upload", "users", "x",
)  # fmt: skip


def _unpacked(package: Package) -> Path:
    """Return the package's folder. Raises SystemExit with one clear line."""
    try:
        return fetch.npm(package.name, package.version, f"sha512-{package.sha512}") / "package"
    except fetch.Unfetched as reason:
        raise SystemExit(str(reason)) from None


def contents(package: Package) -> dict[str, bytes]:
    """Return the wanted files of a package, by their names here."""
    home = _unpacked(package)
    return {ours: (home / inside).read_bytes() for inside, ours in package.files.items()}


def icons() -> str:
    """Return the icons' JSON: name → the content of its `svg` element."""
    shapes = {}
    home = _unpacked(LUCIDE) / "icons"
    for name in ICON_NAMES:
        inside = re.search(r"<svg[^>]*>(.*)</svg>", (home / f"{name}.svg").read_text(encoding="utf-8"), re.DOTALL)
        shapes[name] = re.sub(r"\s*\n\s*", "", inside[1]) if inside else ""
    return json.dumps(shapes, indent=1) + "\n"


def wanted() -> dict[Path, bytes]:
    """Return every file that this script writes."""
    files = {ICONS: icons().encode()}
    notes = ["Third-party code, brought here by infra/tools/vendor_static.py. Do not edit.", ""]
    for package in (*PACKAGES, LUCIDE):
        notes.append(f"{package.name} {package.version} ({package.licence}) sha512-{package.sha512}")
        files |= {STATIC / name: content for name, content in contents(package).items()}
    files[STATIC / "README"] = ("\n".join(notes) + "\n").encode()
    return files


def main() -> int:
    """Write the files, or with --check compare them."""
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
