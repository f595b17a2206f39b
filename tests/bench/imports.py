"""Measures what each function's import costs beside capture's, interleaved in one run.

Each import is a process of its own, with bytecode as the build deploys it (the first, unmeasured run writes it), and is
measured by the CPU that the process spent on it, so that a busy machine changes little. Printed only; nothing is asserted.
"""

import importlib
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]
ROUNDS = 15
REGION = "eu-south-1"
SPELLED = {  # what is read while a function is imported
    "aws_region": REGION,
    "token_keys": "1:" + "k" * 40,
    "subject_key": "s" * 40,
    "tracking_rules": "none",
}
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/app.py"))

PROGRAM = """
import resource
def spent():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before = spent()
import functions.{}.app
print(spent() - before)
"""


def environment():
    """Return every function's settings that have no default; nothing that they name is ever called."""
    found = {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
    for name in FUNCTIONS:
        settings = importlib.import_module(f"functions.{name}.settings").Settings
        for field, kind in settings.__annotations__.items():
            if field not in settings._field_defaults:
                found[field.upper()] = SPELLED.get(field) or ("400" if kind is int else "https://stack.example")
    return found


def measure(name, surroundings):
    """Return the seconds of CPU that importing a function takes in a new process."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROGRAM.format(name)], env=surroundings, stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout)


def main():
    """Measure all functions in turn, and print medians and ratios."""
    taken: dict[str, list[float]] = {name: [] for name in FUNCTIONS}
    with tempfile.TemporaryDirectory() as bytecode:
        paths = [str(ROOT), str(ROOT / "layers/core"), sysconfig.get_path("purelib")]
        surroundings = environment() | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONPYCACHEPREFIX": bytecode}
        for number in range(ROUNDS + 1):
            for name in FUNCTIONS:
                seconds = measure(name, surroundings)
                if number:
                    taken[name].append(seconds)
    medians = {name: statistics.median(taken[name]) * 1e3 for name in FUNCTIONS}
    print(f"imports, medians of {ROUNDS} interleaved runs")
    for name in sorted(medians, key=medians.__getitem__):
        print(f"  {name:12} {medians[name]:6.1f} ms of CPU, {medians[name] / medians['capture']:5.1f}x of capture's")


if __name__ == "__main__":
    main()
