"""Builds what is deployed to AWS, for the processor that ARCHITECTURE names: `make build`.

Without ARCHITECTURE the template's default decides. A build can be deployed for no other processor, because the built
template then allows only this one: otherwise functions would not find packages that they can load.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAM = ROOT / ".venv" / "sam" / "bin" / "sam"
BUILT = ROOT / ".aws-sam" / "build"
_PARAMETER = re.compile(r"(?<=^  Architecture:\n)(?:    .*\n)+", re.MULTILINE)


def default() -> str:
    """Return the processor that is the template's default."""
    return _value_of((ROOT / "template.yaml").read_text(), "Default")


def known() -> tuple[str, ...]:
    """Return the processors that the template allows."""
    return tuple(re.findall(r"\w+", _value_of((ROOT / "template.yaml").read_text(), "AllowedValues")))


def _value_of(template: str, key: str) -> str:
    parameter = _PARAMETER.search(template)
    found = None if parameter is None else re.search(rf"^    {key}: (.*)$", parameter[0], re.MULTILINE)
    if found is None:
        raise ValueError(f"the template's parameter Architecture has no {key}")
    return found[1]


def arguments(folder: Path, processor: str) -> list[str]:
    """Return SAM's arguments for a build."""
    return ["build", "--parameter-overrides", f"Architecture={processor}", "--build-dir", str(folder)]


def pin(folder: Path, processor: str) -> None:
    """Let the template that was built into `folder` allow only its own processor."""
    built = folder / "template.yaml"
    own = f"    Type: String\n    Default: {processor}\n    AllowedValues: [{processor}]\n"
    text, times = _PARAMETER.subn(own, built.read_text())
    if times != 1:
        raise ValueError("the built template has no parameter Architecture")
    built.write_text(text)


def main(environment: Mapping[str, str]) -> int:
    """Build; return SAM's exit code."""
    processor = environment.get("ARCHITECTURE") or default()
    if processor not in known():
        print(f"ARCHITECTURE is {processor}, but must be one of {', '.join(known())}", file=sys.stderr)
        return 1
    path = f"{ROOT / '.venv' / 'dev' / 'bin'}:{environment.get('PATH', os.defpath)}"  # a folder with a Python 3.13
    done = subprocess.run([SAM, *arguments(BUILT, processor)], cwd=ROOT, env={**environment, "PATH": path}, check=False)
    if done.returncode == 0:
        pin(BUILT, processor)
        print(f"Built for {processor}.")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(os.environ))
