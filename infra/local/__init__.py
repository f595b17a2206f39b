"""The whole stack on one machine: an emulator in place of AWS, a mailbox in place of the recipients."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "layers" / "core"))  # `ocello`, which no one installs here
