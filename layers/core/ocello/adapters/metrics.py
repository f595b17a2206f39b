"""Writes a function's one log line as JSON, with its figures in CloudWatch's embedded metric format.

Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from ocello.adapters.hot.figures import namespace
from ocello.domain.common.frames import frames_of

UNEXPECTED = "unexpected error"


class Figure(NamedTuple):
    """A metric's value or values, and CloudWatch's name of its unit."""

    value: float | list[int]
    unit: str = "Count"


class _Figures:
    namespace = namespace("")


def bind(stack: str) -> None:
    """Let all figures of this process be those of one stack: several of an account do not add up into one."""
    _Figures.namespace = namespace(stack)


def write_line(message: str, now_ms: int, figures: Mapping[str, Figure], **facts: object) -> None:
    """Print one line: a constant message, facts as fields (never an address, a body or a token), figures as metrics."""
    line: dict[str, object] = {"message": message, **facts, **{name: figure.value for name, figure in figures.items()}}
    if figures:
        metrics = [{"Name": name, "Unit": figure.unit} for name, figure in figures.items()]
        directive = {"Namespace": _Figures.namespace, "Dimensions": [[]], "Metrics": metrics}
        line["_aws"] = {"Timestamp": now_ms, "CloudWatchMetrics": [directive]}
    print(json.dumps(line, separators=(",", ":")), flush=True)  # noqa: T201 — standard output is the log


def write_unexpected(error: Exception, now_ms: int) -> None:
    """Print the line of an error that nobody expected: its kind and where it arose, never its text; an alarm counts them."""
    write_line(UNEXPECTED, now_ms, {"UnexpectedErrors": Figure(1)}, kind=type(error).__name__, frames=frames_of(error))
