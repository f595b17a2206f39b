"""Computes the price of a million opens, with all services, by the list prices of `infra/prices.toml`.

The assumptions are in `Use`, each with its source; options change those that depend on the machine.
"""

import argparse
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
PRICES = ROOT / "infra" / "prices.toml"
MILLION = 1_000_000
GB = 1_000_000_000  # storage and logs
RETENTION = "retention: addresses cut, counts kept"
WORKING_SECONDS = 22 * 10 * 3600  # mail is read in working hours: 22 days of 10 hours per month


class Use(NamedTuple):
    """What one open uses."""

    opens_a_month: int
    processor: str = "x86_64"
    # Billed milliseconds. On a whole core capture takes 0.3 ms and settle 1.6 ms of CPU a hit (`make bench`); a function
    # of this size has a seventh to a third of a core, waits some 4 ms for each answer of DynamoDB, and starts cold once
    # in a hundred.
    capture_ms: float = 15
    settle_ms: float = 30
    alerts_ms: float = 20
    # Before a hit is written the consent gate is asked: one read that is eventually consistent, half a unit, and the wait
    # for its answer.
    gate_ms: float = 4
    gate_read_units: float = 0.5
    # Template.
    capture_mb: int = 256
    settle_mb: int = 512
    alerts_mb: int = 256
    retention_mb: int = 512
    hit_days: int = 30
    log_days: int = 30
    # Counted from the database's own figures by `tests/bench/settle.py` (one open each of many messages), and one unit
    # for the hit.
    write_units: float = 2.0
    read_units: float = 6.0
    # What retention does with a hit until it is gone, counted by the same file for two hits of a mail: its address is
    # cut, what the mail's hits came to is kept for good, and each day all hits are read. Its CPU, at 0.29 of a core.
    retention_write_units: float = 2.2
    retention_read_units: float = 3.4
    retention_ms: float = 10
    hit_bytes: int = 550  # a browser's agent, language and hints included, and DynamoDB's 100 bytes for each item
    # Half of all opens are made by privacy proxies and ring nothing; of the others every second one rings (a recipient's
    # first, then at most one in half an hour). An alert is its row, what is read for it, and, with a bus, its way there.
    alerts: float = 0.25
    bus: bool = False  # the parameter AlertBus
    alert_write_units: float = 1.0
    alert_read_units: float = 6.0
    alert_queue_requests: float = 3.0
    handed_over_read_units: float = 5.0  # of each hand-over to the bus: whether it is still wished; an estimate
    # Of the alerts, those that are held: unsure ones within ten minutes of delivery. Each waits in the queue, comes back
    # in a call of its own and has its message read again. The share is an estimate.
    held: float = 0.25
    held_read_units: float = 5.0
    # Lines of capture, its access log, settle and alerts, as they are written, with CloudWatch's 26 bytes for each.
    log_bytes: int = 350 + 260 + 420 + 330 + 4 * 26
    answer_bytes: int = 600  # the pixel's 43 bytes and the headers
    spilled: float = 0.001  # of the hits, each three requests to the spill queue
    tables_key_requests: float = 0.01  # DynamoDB asks KMS once in five minutes for each caller


def batch(opens_a_month: int) -> float:
    """Return how many hits one call of settle gets: those of the second for which the stream collects, in one of 4 lanes."""
    return max(1.0, opens_a_month / WORKING_SECONDS / 4)


def traced_share(calls_a_second: float) -> float:
    """Return the share of calls that Lambda traces: the first of each second, and one in twenty of the others.

    This holds for calls that are independent of each other. Lambda has no setting for this rate.
    """
    firsts = (1 - math.exp(-calls_a_second)) / calls_a_second
    return firsts + 0.05 * (1 - firsts)


def lines(use: Use, price: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Return the dollars for a million opens, by service."""
    calls = _calls(use)
    second = price[f"lambda_gb_second_{use.processor}"] * MILLION / 1000 / 1024
    # A call for many hits takes as long as that many calls: it only saves requests.
    time = (
        (use.capture_ms + use.gate_ms) * use.capture_mb + use.settle_ms * use.settle_mb + use.alerts_ms * use.alerts_mb
    )
    written = use.write_units + use.alerts * use.alert_write_units
    held = use.alerts * use.held
    read = use.read_units + use.gate_read_units + use.alerts * use.alert_read_units + held * use.held_read_units
    handed_over = use.alerts if use.bus else 0.0
    read += handed_over * use.handed_over_read_units
    queued = 3 * use.spilled + (handed_over + held) * use.alert_queue_requests
    kept = use.hit_bytes * MILLION / GB * use.hit_days / 30
    logged = use.log_bytes * MILLION / GB
    yield "API Gateway, HTTP API", price["http_api_million"]
    yield (
        "Lambda, calls of capture, settle and alerts",
        (sum(calls.values()) + handed_over + held) * price["lambda_million"],
    )
    yield "Lambda, time", time * second
    yield "DynamoDB, writes", written * price["dynamodb_write_million"]
    yield "DynamoDB, reads", read * price["dynamodb_read_million"]
    yield RETENTION, _retention(use, price)
    yield f"DynamoDB, hits kept {use.hit_days} days", kept * price["dynamodb_gb_month"]
    yield "SQS, spills and alerts", queued * price["sqs_million"]
    if use.bus:
        yield "EventBridge, alerts", handed_over * price["eventbridge_million"]
    yield "CloudWatch, logs", logged * (price["logs_gb"] + price["logs_gb_month"] * use.log_days / 30)
    yield "KMS, the tables' key", use.tables_key_requests * price["kms_million"]
    yield "data out", use.answer_bytes * MILLION / GB * price["egress_gb"]


def _retention(use: Use, price: Mapping[str, float]) -> float:
    """Return the dollars for what retention does with the hits of a million opens."""
    second = price[f"lambda_gb_second_{use.processor}"] * MILLION / 1000 / 1024
    return (
        use.retention_write_units * price["dynamodb_write_million"]
        + use.retention_read_units * price["dynamodb_read_million"]
        + use.retention_ms * use.retention_mb * second
    )


def gate(use: Use, price: Mapping[str, float]) -> float:
    """Return how many of these dollars asking the consent gate costs."""
    without = use._replace(gate_ms=0, gate_read_units=0)
    return sum(dict(lines(use, price)).values()) - sum(dict(lines(without, price)).values())


def pooled(use: Use, price: Mapping[str, float]) -> float:
    """Return the dollars for a million loads of pooled pixels: one write each, no gate, and nothing to settle or to keep."""
    alone = use._replace(
        gate_ms=0,
        gate_read_units=0,
        settle_ms=0,
        alerts_ms=0,
        write_units=1,
        read_units=0,
        hit_bytes=0,
        alerts=0,
        retention_write_units=0,
        retention_read_units=0,
        retention_ms=0,
        log_bytes=350 + 260 + 2 * 26,
    )
    not_called = (sum(_calls(use).values()) - 1) * price["lambda_million"]
    return sum(dict(lines(alone, price)).values()) - not_called


def _calls(use: Use) -> dict[str, float]:
    """Return how often each function is called for one open."""
    return {"capture": 1.0, "settle": 1 / batch(use.opens_a_month), "alerts": 1 / batch(use.opens_a_month)}


def traces(use: Use, price: Mapping[str, float]) -> float:
    """Return the dollars for X-Ray's traces of a million opens if OpenTracing is Active; the default is not."""
    rate = use.opens_a_month / WORKING_SECONDS
    traced = sum(share * traced_share(rate * share) for share in _calls(use).values())
    return traced * price["xray_million"]


def month(table: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Return what the stack costs per month, without any opens."""
    alarms = (ROOT / "infra" / "observability.yaml").read_text().count("AWS::CloudWatch::Alarm")
    queues = len(re.findall(r"^          Type: SQS$", (ROOT / "template.yaml").read_text(), re.MULTILINE))
    kept = (ROOT / "infra" / "keys.yaml").read_text()
    keys, secrets = kept.count("AWS::KMS::Key"), kept.count("AWS::SecretsManager::Secret")
    yield f"own keys ({keys})", keys * table["key"]
    yield f"secrets ({secrets})", secrets * table["secret"]
    yield f"alarms ({alarms})", alarms * table["alarm"]
    yield f"figures ({len(figures())})", len(figures()) * table["figure"]
    yield "dashboard", table["dashboard"]
    yield f"polling of {queues} queues", queues * table["polled_queue"]


def figures() -> frozenset[str]:
    """Return the names of the figures that the functions write: each is a CloudWatch metric."""
    lines = ROOT / "layers" / "core" / "ocello" / "adapters" / "metrics.py"
    code = "\n".join(path.read_text() for path in [*sorted((ROOT / "functions").glob("*/*.py")), lines])
    own = re.findall(r'"(\w+)": Figure\(|figures\["(\w+)"\] =', code)
    hot = re.search(r'"Metrics": \[\{"Name": name, .*? for name in \(([^)]*)\)', code, re.DOTALL)
    return frozenset(name for pair in own for name in pair if name) | frozenset(
        re.findall(r"\w+", hot[1] if hot else "")
    )


def _print(use: Use, price: Mapping[str, float]) -> None:
    bill = dict(lines(use, price))
    print(f"\nA million opens, at {use.opens_a_month:,} a month, {use.processor}:")
    for name, dollars in bill.items():
        print(f"  {name:<46} {dollars:6.2f}")
    print(f"  {'in all':<46} {sum(bill.values()):6.2f}   (aim: under 6.00)")
    print(f"  {'of it, asking the consent gate':<46} {gate(use, price):6.2f}")
    print(f"  {'a million loads of pooled pixels instead':<46} {pooled(use, price):6.2f}")
    more = sum(dict(lines(use._replace(bus=True), price)).values()) - sum(bill.values())
    print(f"  {'more, with the parameter AlertBus=true':<46} {more:6.2f}")
    print(f"  {'more, with the parameter OpenTracing=Active':<46} {traces(use, price):6.2f}")


def main() -> None:
    """Print the price at a small and at a large volume."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--opens", type=int, nargs="*", default=[MILLION, 100 * MILLION], help="opens a month")
    parser.add_argument("--processor", choices=["x86_64", "arm64"], default="x86_64")
    parser.add_argument("--capture-ms", type=float, default=Use(0).capture_ms)
    parser.add_argument("--settle-ms", type=float, default=Use(0).settle_ms)
    parser.add_argument("--alerts-ms", type=float, default=Use(0).alerts_ms)
    arguments = parser.parse_args()
    table = tomllib.loads(PRICES.read_text())
    print(f"List prices of {table['region']}, {table['date']}, in dollars, without free tiers.")
    for opens in arguments.opens:
        use = Use(
            opens,
            arguments.processor,
            capture_ms=arguments.capture_ms,
            settle_ms=arguments.settle_ms,
            alerts_ms=arguments.alerts_ms,
        )
        _print(use, table["price"])
    print("\nAnd each month, whatever is opened:")
    standing = dict(month(table["month"]))
    for name, dollars in standing.items():
        print(f"  {name:<46} {dollars:6.2f}")
    print(f"  {'in all':<46} {sum(standing.values()):6.2f}")


if __name__ == "__main__":
    main()
