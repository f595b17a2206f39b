"""The committed table of networks equals what is made from its source and our list."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is missing, which fetches the table's source")
def test_the_table_of_networks_is_what_its_source_gives():
    check = [sys.executable, "-m", "infra.tools.data.make_networks", "--check"]
    paths = os.environ | {"PYTHONPATH": os.pathsep.join([".", "layers/core"])}
    made = subprocess.run(check, cwd=ROOT, env=paths, capture_output=True, text=True, check=False)  # noqa: S603 — our own program
    assert made.returncode == 0, made.stderr
