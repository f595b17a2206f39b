"""Checks the pages' scripts: eslint's rules, and TypeScript's types from the comments (`// @ts-check`, JSDoc).

    .venv/dev/bin/python -m infra.tools.check.lint_js

Needs npm. Both tools are installed by `npm ci`, pinned with hashes in `infra/tools/check/js/package-lock.json`, into
`.cache`.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.tools.fetch import CACHE

ROOT = Path(__file__).resolve().parents[3]
CONFIGURATION = Path(__file__).resolve().parent / "js"
STATIC = ROOT / "functions" / "web" / "static"
_COULD_NOT_RUN = 75


def installed(folder: Path) -> Path:
    """Return the folder of the installed tools; install those of the lock if they are missing."""
    lock = (folder / "package-lock.json").read_bytes()
    home = CACHE / f"js-{hashlib.sha256(lock).hexdigest()[:12]}"
    if home.is_dir():
        return home
    if shutil.which("npm") is None:
        print("lint-js: npm is missing, which fetches eslint and TypeScript", file=sys.stderr)
        raise SystemExit(_COULD_NOT_RUN)
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(folder / name, scratch)
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        if subprocess.run(command, cwd=scratch, check=False).returncode:
            print("lint-js: `npm ci` failed; is the registry of npm reachable?", file=sys.stderr)
            raise SystemExit(_COULD_NOT_RUN)
        Path(scratch).rename(home)
        Path(scratch).mkdir()  # which the `with` statement deletes
    return home


def scripts(folder: Path) -> list[Path]:
    """Return our own scripts, below the folder."""
    return [path for path in sorted(folder.rglob("*.js")) if "vendor" not in path.relative_to(folder).parts]


def unchecked(folder: Path) -> list[str]:
    """Return the scripts that do not ask for a check of their types."""
    return [
        path.relative_to(folder).as_posix()
        for path in scripts(folder)
        if not path.read_text(encoding="utf-8").startswith("// @ts-check\n")
    ]


def main() -> int:
    """Run both tools; return 1 if one of them finds anything."""
    without = unchecked(STATIC)
    if without:
        print(f"lint-js: no `// @ts-check` in the first line of {', '.join(without)}")
    tools = installed(CONFIGURATION) / "node_modules"
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:  # eslint looks for its imports beside its configuration
        shutil.copy(CONFIGURATION / "eslint.config.js", scratch)
        shutil.copytree(STATIC, Path(scratch, "static"), ignore=shutil.ignore_patterns("vendor"))
        Path(scratch, "node_modules").symlink_to(tools)
        eslint = [str(tools / ".bin" / "eslint"), "static"]
        rules = subprocess.run(eslint, cwd=scratch, check=False).returncode
    typescript = [str(tools / ".bin" / "tsc"), "-p", str(CONFIGURATION / "tsconfig.json")]
    types = subprocess.run(typescript, cwd=ROOT, check=False).returncode
    return 1 if without or rules or types else 0


if __name__ == "__main__":
    sys.exit(main())
