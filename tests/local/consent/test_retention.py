"""The retention function on the local run, under its own role: old hits are cut and deleted, and the log says how many."""

import json
import time

from tests.local.consent.test_ledger import named

DAY_MS = 86_400_000
ADDRESS = "203.0.113.77"


def test_old_hits_are_cut_and_deleted_and_what_was_deleted_is_written_down(run):
    table, database = named(run, "dynamodb", "list_tables", "hitstable"), run.client("dynamodb")
    known = database.scan(TableName=table)["Items"][0]
    now = time.time_ns() // 1_000_000

    def put(days):
        item = {**known, "sk": {"S": f"{now - days * DAY_MS:013d}#old{days}"}, "ip": {"S": ADDRESS}}
        item["ttl"] = {"N": str(now // 1000 + 999_999)}  # as a longer HitTtlDays would have written it
        item.pop("src", None)
        database.put_item(TableName=table, Item=item)
        return {name: item[name] for name in ("pk", "sk")}

    fresh, older, oldest = put(1), put(5), put(40)
    function = named(run, "lambda", "list_functions", "retention")
    answer = run.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()

    def stored(key):
        return database.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")

    assert stored(fresh)["ip"]["S"] == ADDRESS
    assert stored(older)["ip"]["S"] == "203.0.113.0/24"
    assert stored(older)["src"]["M"].keys() == {"cls", "who", "net", "own"}
    assert stored(oldest) is None
    app = named(run, "dynamodb", "list_tables", "apptable")
    entries = database.query(
        TableName=app,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "DELETIONS"}},
    )["Items"]
    [entry] = [each for each in entries if each["kind"]["S"] == "retention"]
    counts = json.loads(entry["deleted"]["S"])
    assert counts["hits"] >= 1
    assert counts["addresses"] >= 1
