"""The price of a million opens."""

import tomllib

import pytest

from infra.tools.operate import price

TABLE = tomllib.loads(price.PRICES.read_text())


@pytest.mark.parametrize(
    ("rate", "low", "high"),
    [(0.001, 0.999, 1.0), (1.0, 0.63, 0.67), (1000.0, 0.05, 0.052)],
)
def test_lambda_traces_nearly_all_of_few_calls_and_a_twentieth_of_many(rate, low, high):
    assert low <= price.traced_share(rate) <= high


def test_a_batch_is_one_hit_until_there_are_many():
    assert price.batch(1_000_000) == 1.0
    assert price.batch(price.WORKING_SECONDS * 40) == 10.0


def test_every_price_of_the_table_is_used():
    request = set()

    class Asked(dict):
        def __getitem__(self, name):
            request.add(name)
            return super().__getitem__(name)

    for processor in ("x86_64", "arm64"):
        use, table = price.Use(1_000_000, processor, bus=True), Asked(TABLE["price"])
        assert all(dollars > 0 for _, dollars in price.lines(use, table))
        assert price.traces(use, table) > 0
    assert request == set(TABLE["price"])


@pytest.mark.parametrize("opens", [1_000_000, 100_000_000])
def test_recording_and_showing_a_million_opens_costs_less_than_six_dollars(opens):
    """As the template has it by default: without traces of opens. What retention costs later is more, and has its own bound."""
    bill = dict(price.lines(price.Use(opens), TABLE["price"]))
    retention = bill.pop(price.RETENTION)
    assert sum(bill.values()) < 6
    assert retention < 2


def test_asking_the_consent_gate_costs_half_a_read_and_the_wait_for_it():
    use, units = price.Use(1_000_000), TABLE["price"]
    read = 0.5 * units["dynamodb_read_million"]
    assert price.gate(use._replace(gate_ms=0), units) == pytest.approx(read)
    waited = 4 * 1_000 * 256 / 1024 * units["lambda_gb_second_x86_64"]  # a million times 4 ms are 4,000 s
    assert price.gate(use, units) == pytest.approx(read + waited)


def test_a_bus_costs_only_where_there_is_one():
    use = price.Use(1_000_000)
    bare, with_bus = (dict(price.lines(each, TABLE["price"])) for each in (use, use._replace(bus=True)))
    assert not [name for name in bare if "EventBridge" in name]
    assert with_bus["EventBridge, alerts"] == pytest.approx(0.25)
    assert sum(with_bus.values()) > sum(bare.values()) + 0.25, "its queue and its calls, too"


def test_a_load_of_a_pooled_pixel_is_one_call_one_write_and_two_lines_of_log():
    use = price.Use(1_000_000)
    nothing = dict.fromkeys(tomllib.loads(price.PRICES.read_text())["price"], 0.0)
    for name, expected in (("dynamodb_write_million", 1), ("dynamodb_read_million", 0), ("lambda_million", 1)):
        assert price.pooled(use, nothing | {name: 1.0}) == pytest.approx(expected), name
    assert price.pooled(use, nothing | {"dynamodb_gb_month": 1.0}) == 0
