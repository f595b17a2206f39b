"""The output of `sam build`, built once for all these tests."""

import os
import pathlib
import subprocess
import sys

import pytest

from infra.local.engine.stack import architecture
from infra.tools.build import arguments

ROOT = pathlib.Path(__file__).parents[2]
SAM = ROOT / ".venv" / "sam" / "bin" / "sam"


def build(folder, *wanted):
    """Run `sam build` into `folder`, all of it or one resource."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "PYTHON"))}
    environment |= {
        "PATH": f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}",
        "SAM_CLI_TELEMETRY": "0",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    done = subprocess.run(  # noqa: S603 — the project's own build
        [SAM, *arguments(folder, architecture()), *wanted],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of a whole build."""
    return build(tmp_path_factory.mktemp("artifact"))
