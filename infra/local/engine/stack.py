"""Builds the project's own template with SAM and deploys it to the engine; each only if something changed."""

import fcntl
import hashlib
import json
import os
import platform
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.local.place import REGION, ROOT, Keys, Place, write_private
from infra.local.steps import Trouble
from infra.tools import build as builds

ENVIRONMENT = "local"  # of samconfig.toml
_CONFIG = ROOT / "samconfig.toml"  # SAM would look for a configuration beside the built template
NAME = str(tomllib.loads(_CONFIG.read_text())[ENVIRONMENT]["global"]["parameters"]["stack_name"])
_EARLIER = "ocello"  # the name in earlier versions' runs; their mail stays under it
BUILT = builds.BUILT  # `sam local` looks here too
_SOURCES = ("template.yaml", "infra/*.yaml", "functions/**/*", "layers/**/*", "samconfig.toml", "infra/tools/build.py")


def architecture() -> str:
    """Return Lambda's name of this machine's processor."""
    return "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


def fingerprint() -> str:
    """Return a digest of everything that a build is made from."""
    digest = hashlib.sha256(architecture().encode())
    files = {file for pattern in _SOURCES for file in ROOT.glob(pattern) if file.is_file()}
    for file in sorted(files):
        if "__pycache__" not in file.parts and file.suffix != ".pyc":
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def build(log: Path) -> tuple[str, bool]:
    """Build the template; return its digest and whether it is new. Call this, and deploy, within `alone`."""
    wanted, stamp = fingerprint(), BUILT / "sources.digest"  # SAM empties the folder before each build
    if stamp.exists() and stamp.read_text() == wanted and (BUILT / "template.yaml").exists():
        return wanted, False
    _sam(builds.arguments(BUILT, architecture()), {}, log, f"All it said is in {log}.")
    builds.pin(BUILT, architecture())
    stamp.write_text(wanted)
    return wanted, True


def name(cloudformation: Any) -> str:
    """Return the run's stack name: an earlier version's if its stack exists, otherwise `NAME`."""
    there = {stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]}
    return _EARLIER if _EARLIER in there and NAME not in there else NAME


def deploy(place: Place, stack: str, endpoint: str, keys: Keys, built: str, parameters: Mapping[str, str]) -> bool:
    """Deploy the build as `stack`; return whether there was anything to do."""
    mark = place.home / "deployed.json"
    wanted = json.dumps({"built": built, "parameters": dict(parameters)}, sort_keys=True)
    if mark.exists() and mark.read_text() == wanted:
        return False
    mark.unlink(missing_ok=True)
    arguments = ["deploy", "--config-file", str(_CONFIG), "--config-env", ENVIRONMENT]
    arguments += ["--template-file", str(BUILT / "template.yaml")]
    arguments += ["--stack-name", stack, "--region", REGION, "--no-progressbar"]
    arguments += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    todo = (
        f"All it said is in {place.log}. If the template changed since the last start, the engine may be unable to "
        "update what runs: `make run FRESH=1` deploys it anew, and forgets the mail."
    )
    _sam(arguments, environment(endpoint, keys), place.log, todo)
    write_private(mark, wanted)
    return True


def environment(endpoint: str, keys: Keys) -> dict[str, str]:
    """Return the environment variables that make an AWS client call the engine and nothing else."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": keys.access_key_id,
        "AWS_SECRET_ACCESS_KEY": keys.secret_access_key,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def sam_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return SAM's environment: a Python 3.13 first on the path, no telemetry."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **inherited,
        "PATH": f"{ROOT / '.venv' / 'dev' / 'bin'}:{os.environ.get('PATH', os.defpath)}",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
        "AWS_DEFAULT_REGION": REGION,
        **more,
    }


@contextmanager
def alone() -> Iterator[None]:
    """Keep other runs of this clone from building while this one builds and deploys."""
    BUILT.parent.mkdir(parents=True, exist_ok=True)
    with (BUILT.parent / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sam(arguments: list[str], more: Mapping[str, str], log: Path, todo: str) -> None:
    if not builds.SAM.exists():
        raise Trouble("SAM is not installed here.", "Start with `make run`, which installs it.")
    done = subprocess.run(
        [builds.SAM, *arguments], cwd=ROOT, env=sam_environment(more), capture_output=True, text=True, check=False
    )
    with log.open("a") as stream:
        stream.write(done.stdout + done.stderr)
    if done.returncode:
        raise Trouble(f"`sam {arguments[0]}` failed:\n    {_reason(done.stdout + done.stderr)}", todo)


def _reason(words: str) -> str:
    """Return the part of SAM's output that a person must see: what failed, and the end."""
    lines = [line.rstrip() for line in words.splitlines() if line.strip() and "skipping upload" not in line]
    failed = [
        line
        for number, line in enumerate(lines)
        if any("_FAILED" in near for near in lines[max(0, number - 3) : number + 1])
    ]
    return "\n    ".join([*failed[:8], *lines[-6:]])
