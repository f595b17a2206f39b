"""The largest work of each function that handles whole mails fits into the memory that the template gives it."""

import subprocess
import sys

import pytest

from tests.memory import TEXTS
from tests.structure.conftest import ROOT, read

RESOURCES = {"api": "ApiFunction", "deliver": "DeliverFunction", "web": "WebFunction"}
CASES = ("api:compose", "api:track-encoded", "api:track", "deliver:text", "deliver:files", "web:check", "web:body")


def memory_of(function):
    """Return a function's MemorySize, in megabytes."""
    properties = read(ROOT / "template.yaml")["Resources"][RESOURCES[function]]["Properties"]
    return int(properties["MemorySize"])


def peak_of(case, megabytes):
    """Do a case's work in a process of its own; return the megabytes that it took."""
    command = [sys.executable, "-m", "tests.memory", case, str(megabytes)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 — our own program
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-2_000:]
    return int(done.stdout.splitlines()[-1].split()[1])


@pytest.mark.parametrize("case", CASES)
def test_the_largest_work_fits_into_the_functions_memory(case):
    most = memory_of(case.partition(":")[0])
    assert peak_of(case, most) < most * 0.9  # Lambda's own runtime needs some as well


@pytest.mark.parametrize("kind", TEXTS)
def test_rewriting_four_megabytes_stays_under_120_megabytes(kind):
    assert peak_of(f"rewriting:{kind}", 2_000) < 120
