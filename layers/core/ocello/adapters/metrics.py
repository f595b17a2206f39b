"""Writes a function's log line as JSON, with its metrics in CloudWatch's embedded metric format.

Format: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from ocello.adapters.hot.figures import namespace
from ocello.domain.common.frames import frames_of

UNEXPECTED = "unexpected error"


class Figure(NamedTuple):
    """A metric: its value or values, and CloudWatch's name of its unit."""

    value: float | list[int]
    unit: str = "Count"


class _Figures:
    namespace = namespace("")


def bind(stack: str) -> None:
    """Assign all metrics of this process to one stack, so that the stacks of an account are not added up."""
    _Figures.namespace = namespace(stack)


def write_line(message: str, now_ms: int, figures: Mapping[str, Figure], **facts: object) -> None:
    """Print one line: a constant message, facts as fields (never an address, a body or a token), and `figures` as metrics."""
    line: dict[str, object] = {"message": message, **facts, **{name: figure.value for name, figure in figures.items()}}
    if figures:
        metrics = [{"Name": name, "Unit": figure.unit} for name, figure in figures.items()]
        directive = {"Namespace": _Figures.namespace, "Dimensions": [[]], "Metrics": metrics}
        line["_aws"] = {"Timestamp": now_ms, "CloudWatchMetrics": [directive]}
    print(json.dumps(line, separators=(",", ":")), flush=True)  # noqa: T201 — standard output is the log


def write_unexpected(error: Exception, now_ms: int) -> None:
    """Print the line of an unexpected error: its type and where it was raised, never its text. An alarm counts these lines."""
    write_line(UNEXPECTED, now_ms, {"UnexpectedErrors": Figure(1)}, kind=type(error).__name__, frames=frames_of(error))
