"""The committed crawler list is what its source gives."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_crawler_list_is_what_its_source_gives():
    program = [sys.executable, str(ROOT / "infra/tools/make_crawlers.py"), "--check"]
    made = subprocess.run(program, capture_output=True, text=True, check=False)  # noqa: S603 — our own program
    assert made.returncode == 0, made.stderr
