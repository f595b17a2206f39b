"""The README's four calls, run as they stand there."""

import json
import os
import pathlib
import re
import subprocess

README = pathlib.Path(__file__).parents[2] / "README.md"


def test_the_four_calls_of_the_readme_answer(run):
    (block,) = (block for block in re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL) if "$APP" in block)
    calls = [line for line in block.replace("\\\n", " ").splitlines() if line.strip()]
    key = next(user["api_key"] for user in run.facts["users"] if user["email"] == "rep@example.test")
    environment = {**os.environ, "APP": run.facts["app"], "KEY": key}
    sent, listed, alerts, stats = (
        json.loads(subprocess.run(["sh", "-c", call], env=environment, capture_output=True, check=True).stdout)
        for call in calls
    )
    assert (sent["subject"], sent["tracking"]) == ("Offer", {"opens": True, "clicks": True})
    assert sent["id"] in [message["id"] for message in listed["items"]]
    assert "next" in alerts
    assert stats["total"]["sent"] >= 1
