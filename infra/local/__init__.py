"""The whole stack on one machine: an engine in AWS's place, a mailbox in the recipients' place."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "layers" / "core"))  # `ocello`, which no one installs here
