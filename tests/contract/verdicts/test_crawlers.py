"""The committed crawler list equals what is made from its source."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is missing, which fetches the list's source")
def test_the_crawler_list_is_what_its_source_gives():
    check = [sys.executable, "-m", "infra.tools.data.make_crawlers", "--check"]
    made = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 — our own program
    assert made.returncode == 0, made.stderr
