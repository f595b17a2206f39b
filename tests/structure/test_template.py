"""The transformed template has the properties that ARCHITECTURE.md describes."""

import importlib
import json
import pathlib
import re
import tomllib

import pytest

from infra.tools.operate import price
from ocello.adapters.hot import figures
from ocello.domain.retention.jobs import EXPORT_MS
from tests.structure.conftest import of_type

ROOT = pathlib.Path(__file__).parents[2]
CAPTURE = "capture"
TRACKING_ROUTES = {
    "GET /o/{token+}",
    "HEAD /o/{token+}",
    "GET /c/{token+}",
    "HEAD /c/{token+}",
    "GET /p/{token+}",
    "HEAD /p/{token+}",
    "POST /p/{token+}",
    *(f"{method} /{purpose}" for method in ("GET", "HEAD") for purpose in "ocp"),
    "GET /about",
    "GET /robots.txt",
}

# Every resource of a policy that ends in or holds a wildcard, and why.
WILDCARDS = {
    ("*", "AWS knows no narrower resource for X-Ray"),
    ("/smtp/*", "one secret per user and address, made at run time"),
    ("identity/*", "senders are verified after the deploy"),
    ("ledger/*", "the objects of one folder"),
    ("messages/*", "the objects of one folder"),
    ("networks/*", "the objects of one folder"),
    ("signatures/*", "the objects of one folder"),
    ("subjects/*", "the objects of one folder"),
    ("uploads/*", "the objects of one folder"),
    (":*", "the streams of one log group"),
}


def text(value):
    return json.dumps(value)


def roles(nested):
    return {
        name.removesuffix("Role").lower(): role["Properties"]
        for name, role in of_type(nested["access"], "AWS::IAM::Role").items()
    }


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(role):
    """Return a role's statements, those that stand under a condition too."""
    there = [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    return [one["Fn::If"][1] if "Fn::If" in one else one for one in there]


# --- the file's own order -----------------------------------------------------------------------------------------


def test_the_file_is_in_its_order(written):
    assert list(written) == [
        "AWSTemplateFormatVersion", "Transform", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Globals",
        "Resources", "Outputs",
    ]  # fmt: skip
    order = [
        "AWS::ApiGatewayV2::Api",
        "AWS::Serverless::Function",
        "AWS::Serverless::LayerVersion",
        "AWS::CloudFormation::Stack",
    ]
    kinds = [one["Type"] for one in written["Resources"].values() if one["Type"] in order]
    assert kinds == sorted(kinds, key=order.index)


def test_every_function_is_a_block_in_one_fixed_key_order(written):
    order = [
        "Description", "CodeUri", "Handler", "Role", "Layers", "MemorySize", "Timeout", "RecursiveLoop",
        "ReservedConcurrentExecutions",
        "Tracing", "LoggingConfig", "Environment", "Events", "EventInvokeConfig",
    ]  # fmt: skip
    blocks = of_type(written, "AWS::Serverless::Function")
    assert blocks
    for name, block in blocks.items():
        assert list(block) == ["Type", "Metadata", "Properties"], name
        keys = list(block["Properties"])
        assert keys == sorted(keys, key=order.index), name


def test_every_parameter_says_what_it_is_and_can_be_left_out_but_for_the_rules(written):
    for name, parameter in written["Parameters"].items():
        assert parameter["Description"], name
        assert ("Default" in parameter) == (name != "TrackingRules"), name


def test_every_parameter_is_in_one_group_and_has_a_label(written):
    shown = written["Metadata"]["AWS::CloudFormation::Interface"]
    grouped = [name for group in shown["ParameterGroups"] for name in group["Parameters"]]
    assert sorted(grouped) == sorted(written["Parameters"])
    assert set(shown["ParameterLabels"]) == set(written["Parameters"])
    for group in shown["ParameterGroups"]:
        labels = [shown["ParameterLabels"][name]["default"].strip() for name in group["Parameters"]]
        assert group["Label"]["default"].strip()
        assert all(labels)
        assert len(set(labels)) == len(labels), "two of one group with one label"


LONG = 60  # characters of an expression as JSON
REPEATED = {  # every long expression that stands in a template more than once, by a part of it, and why
    (
        "template",
        "{{resolve:secretsmanager:",
        "a reference to a secret is resolved in a resource's property, not in an output",
    ),
    ("template", "Outputs.UserPool", "nothing promises that an output may be empty"),
    ("keys", ":root", "a key's policy is read where it stands"),
    ("access", ":secret:${SecretPrefix}/smtp/*", "a grant is read where it stands"),
    ("access", ":identity/*", "a grant is read where it stands"),
    ("access", ":configuration-set/", "a grant is read where it stands"),
}


def expressions(value):
    """Return each expression in a template, as JSON; a name alone is none."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)).startswith("Fn::") and "Fn::GetAtt" not in value:
            yield text(value)
        for one in value.values():
            yield from expressions(one)
    elif isinstance(value, list):
        for one in value:
            yield from expressions(one)


def test_no_long_expression_stands_twice_but_those_with_a_reason(written, nested):
    used = set()
    for name, template in {"template": written, **nested}.items():
        there = list(expressions(template))
        for one in {one for one in there if len(one) > LONG and there.count(one) > 1}:
            reasons = {allowed for allowed in REPEATED if allowed[0] == name and allowed[1] in one}
            assert reasons, f"{name}: {one}"
            used |= reasons
    assert used == REPEATED


def test_whoever_calls_a_function_by_a_route_is_its_own_origin(transformed, nested):
    origin = nested["origin"]["Outputs"]["RoutesArn"]["Value"]["Fn::Sub"]
    assert origin == "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
    permissions = of_type(transformed, "AWS::Lambda::Permission")
    for name, origin in (("Capture", "Tracking"), ("Api", "App"), ("Web", "App")):
        told = permissions[f"{name}Permission"]["Properties"]
        assert told["SourceArn"] == {"Fn::GetAtt": [f"{origin}Name", "Outputs.RoutesArn"]}
        stack = transformed["Resources"][f"{origin}Name"]["Properties"]["Parameters"]
        assert (stack["Api"], stack["Address"]) == ({"Ref": f"{origin}Api"}, {"Ref": f"{origin}Origin"})


# --- functions ----------------------------------------------------------------------------------------------------


def test_every_function_folder_is_a_function_and_every_function_a_folder(functions):
    folders = {path.name for path in (ROOT / "functions").iterdir() if (path / "app.py").exists()}
    assert set(functions) == folders


def test_every_function_runs_on_the_wanted_processor_and_python(functions):
    for name, one in functions.items():
        assert one["Runtime"] == "python3.13", name
        assert one["Architectures"] == [{"Ref": "Architecture"}], name
        assert one["Handler"] == f"functions.{name}.app.handler"


def test_every_function_traces_and_writes_json_into_its_own_kept_log_group(functions, nested, written):
    defaults = {name: written["Parameters"][name]["Default"] for name in ("Tracing", "OpenTracing")}
    assert defaults == {"Tracing": "Active", "OpenTracing": "PassThrough"}
    groups = of_type(nested["logs"], "AWS::Logs::LogGroup")
    for name, one in functions.items():
        switch = "OpenTracing" if name in ("capture", "settle", "alerts") else "Tracing"
        assert one["TracingConfig"] == {"Mode": {"Ref": switch}}, name
        assert one["LoggingConfig"]["LogFormat"] == "JSON", name
        own = written["Resources"][f"{name.capitalize()}Function"]["Properties"]["LoggingConfig"]
        assert list(own) == ["LogGroup"], f"{name}: the rest is in Globals"
        output = one["LoggingConfig"]["LogGroup"]["Fn::GetAtt"]
        assert output == ["Logs", f"Outputs.{name.capitalize()}"]
        assert nested["logs"]["Outputs"][name.capitalize()]["Value"] == {"Ref": name.capitalize()}
        assert groups[name.capitalize()]["Properties"]["LogGroupName"] == {"Fn::Sub": "${Prefix}/" + name}
    assert all(group["Properties"]["RetentionInDays"] for group in groups.values())


def test_captures_log_is_short_lived_and_encrypted_with_our_key(nested):
    group = nested["logs"]["Resources"]["Capture"]["Properties"]
    assert group["RetentionInDays"] == {"Ref": "CaptureRetentionDays"}
    assert group["KmsKeyId"] == {"Ref": "KeyArn"}


def test_every_functions_environment_is_encrypted_with_the_stacks_key(functions):
    for name, one in functions.items():
        assert one["KmsKeyArn"] == {"Fn::GetAtt": ["Keys", "Outputs.KeyArn"]}, name


def test_every_function_uses_its_own_role(functions):
    for name, one in functions.items():
        assert one["Role"] == {"Fn::GetAtt": ["Access", f"Outputs.{name.capitalize()}RoleArn"]}


def test_the_environment_of_every_function_is_its_settings(functions):
    for name, one in functions.items():
        fields = importlib.import_module(f"functions.{name}.settings").Settings._fields
        wanted = {field.upper() for field in fields if not field.startswith("aws_")}
        given = {variable for variable in one["Environment"]["Variables"] if not variable.startswith("AWS_")}
        assert given == wanted, name


def test_what_follows_an_open_has_no_layer_and_the_others_that_of_third_party_code(written, functions):
    for name in functions:
        layers = [
            layer["Ref"]
            for layer in written["Resources"][f"{name.capitalize()}Function"]["Properties"].get("Layers", [])
        ]
        assert layers == ([] if name in {CAPTURE, "replay", "settle"} else ["VendorLayer"]), name


def test_nothing_is_reserved_unless_asked(written, functions):
    assert written["Parameters"]["CaptureReservedConcurrency"]["Default"] == -1
    for name, one in functions.items():
        reserved = one.get("ReservedConcurrentExecutions")
        assert reserved is None or reserved["Fn::If"][0] == "ReservesCapture", name


def test_token_keys_are_read_by_reference_where_links_are_signed_or_verified_and_nowhere_else(functions):
    told = {name for name, one in functions.items() if "TOKEN_KEYS" in one["Environment"]["Variables"]}
    assert told <= {"api", "deliver", "capture", "privacy", "subjects", "web"}
    assert {"api", "deliver", "capture", "privacy"} <= told
    spellings = {text(functions[name]["Environment"]["Variables"]["TOKEN_KEYS"]) for name in told}
    assert len(spellings) == 1
    assert re.findall(
        r"\{\{resolve:secretsmanager:.*?:SecretString:(\w+)::\$\{TokenKeysVersion\}\}\}", spellings.pop()
    ) == ["head", "key"]


def test_the_key_of_subjects_is_read_where_digests_of_people_are_made_and_has_no_version_to_choose(functions):
    spelled = {
        name: text(one["Environment"]["Variables"]["SUBJECT_KEY"])
        for name, one in functions.items()
        if "SUBJECT_KEY" in one["Environment"]["Variables"]
    }
    assert set(spelled) == {
        "api", "privacy", "deliver", "web", "settle", "withdrawals", "subjects", "retention", "nightly", "imports",
    }  # fmt: skip
    assert len(set(spelled.values())) == 1
    assert re.search(
        r"\{\{resolve:secretsmanager:[^:]*Keys.Outputs.SubjectKeyArn[^:]*:SecretString:key\}\}", spelled["api"]
    )


# --- what starts them ---------------------------------------------------------------------------------------------


def mappings(transformed):
    return {name: one["Properties"] for name, one in of_type(transformed, "AWS::Lambda::EventSourceMapping").items()}


def test_every_queue_has_a_maximum_concurrency_and_reports_single_failures(transformed, written):
    queues = {name: one for name, one in mappings(transformed).items() if "StartingPosition" not in one}
    assert len(queues) >= 3
    for name, one in queues.items():
        most = one["ScalingConfig"]["MaximumConcurrency"]
        least = written["Parameters"][most["Ref"]]["MinValue"] if isinstance(most, dict) else most
        assert least >= 2, name
        assert one["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_who_sends_knows_how_many_send_at_once(functions, transformed, written):
    """The shares of owners and servers are parts of what really runs at once, here and in the local run."""
    sending = {"Ref": "CopiesAtOnce"}
    assert functions["deliver"]["Environment"]["Variables"]["COPIES_AT_ONCE"] == sending
    told = [one.get("ScalingConfig", {}).get("MaximumConcurrency") for one in mappings(transformed).values()]
    assert told.count(sending) == 1
    assert written["Parameters"]["CopiesAtOnce"]["Default"] == 10


def test_a_copy_may_wait_for_its_turn_longer_than_a_few_receives(nested):
    queue = nested["queues"]["Resources"]["DeliveryQueue"]["Properties"]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 1000


def test_every_stream_gives_up_in_time_and_into_a_queue(transformed):
    streams = {name: one for name, one in mappings(transformed).items() if "StartingPosition" in one}
    assert len(streams) == 2
    for name, one in streams.items():
        assert one["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name
        assert one["BisectBatchOnFunctionError"] is True, name
        assert 0 < one["MaximumRecordAgeInSeconds"] < 24 * 3600, name
        assert one["MaximumRetryAttempts"] > 0, name
        assert one["MaximumBatchingWindowInSeconds"] <= 1, "an open shows within two seconds"
        assert one["StartingPosition"] == "TRIM_HORIZON", name
        assert one["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0] == "Queues", name
        assert one["FilterCriteria"]["Filters"], name


def test_alerts_hears_of_engagement_rows_of_received_mail_and_of_recipients_in_trouble_only(transformed):
    (one,) = [
        one
        for name, one in mappings(transformed).items()
        if name.startswith("AlertsFunction") and "StartingPosition" in one
    ]
    engagement, received, *recipients = (
        json.loads(each["Pattern"])["dynamodb"] for each in one["FilterCriteria"]["Filters"]
    )
    keys = importlib.import_module("ocello.adapters.dynamodb.keys")
    assert engagement["Keys"]["sk"]["S"] == [keys.engagement("m").sk]
    rows = importlib.import_module("ocello.adapters.dynamodb.models.mailboxes")
    assert received["NewImage"]["cls"]["S"] == [rows.ReceivedRow.cls.get_discriminator(rows.ReceivedRow)]
    trouble = importlib.import_module("ocello.domain.messages.message").TROUBLE
    assert [list(each) for each in recipients] == [["NewImage"], ["OldImage"]], "into trouble, and out of it"
    for each in (image for one in recipients for image in one.values()):
        assert each["cls"]["S"] == ["Recipient"]
        assert set(each["status"]["S"]) == trouble


def test_a_queue_hides_a_message_for_six_times_its_functions_time(transformed, functions, nested):
    for name, one in mappings(transformed).items():
        if "StartingPosition" not in one:
            function = functions[one["FunctionName"]["Ref"].removesuffix("Function").lower()]
            queue = one["EventSourceArn"]["Fn::GetAtt"][1].removeprefix("Outputs.").removesuffix("Arn")
            assert nested["queues"]["Resources"][queue]["Properties"]["VisibilityTimeout"] >= 6 * function["Timeout"], (
                name
            )


def queue_of(arn):
    """Name the queue that an ARN of the root template, or a role's parameter, means."""
    name = arn["Fn::GetAtt"][1].removeprefix("Outputs.") if "Fn::GetAtt" in arn else arn["Ref"]
    return name.removesuffix("Arn")


def test_a_function_that_may_send_to_a_queue_which_leads_back_to_it_says_that_it_may_loop(
    transformed, nested, functions
):
    """Lambda ends a chain of about 16 calls through SQS, unless the function says that it means to (`RecursiveLoop`)."""
    readers: dict[str, set[str]] = {}
    for one in mappings(transformed).values():
        if "StartingPosition" not in one:
            name = one["FunctionName"]["Ref"].removesuffix("Function").lower()
            readers.setdefault(queue_of(one["EventSourceArn"]), set()).add(name)
    starts = {
        name: {
            reader
            for one in statements(role)
            if "sqs:SendMessage" in listed(one["Action"])
            for arn in listed(one["Resource"])
            for reader in readers.get(queue_of(arn), ())
        }
        for name, role in roles(nested).items()
    }

    def reached(name):
        found: set[str] = set()
        new = {name}
        while new:
            new = {after for each in new for after in starts[each]} - found
            found |= new
        return found

    looping = {name for name in functions if name in reached(name)}
    assert {"imports", "alerts"} <= looping
    assert {name for name, one in functions.items() if one.get("RecursiveLoop") == "Allow"} == looping


def rules_of_events(transformed):
    """Return the rules that deliver an event that could be lost; a tick of a schedule is not lost, as the next one comes."""
    rules = of_type(transformed, "AWS::Events::Rule")
    return {name: rule for name, rule in rules.items() if "EventPattern" in rule["Properties"]}


def schedules(transformed):
    """Return the rules that are schedules, by the function that each starts."""
    rules = of_type(transformed, "AWS::Events::Rule")
    scheduled = [rule["Properties"] for name, rule in rules.items() if name not in rules_of_events(transformed)]
    return {target["Arn"]["Fn::GetAtt"][0]: rule for rule in scheduled for target in rule["Targets"]}


def test_the_refresh_of_networks_runs_each_day_and_can_be_switched_off(transformed, written):
    scheduled = schedules(transformed)["RefreshFunction"]
    assert scheduled["ScheduleExpression"] == "rate(1 day)"
    assert scheduled["State"] == {"Fn::If": ["RefreshesNetworks", "ENABLED", "DISABLED"]}
    assert written["Parameters"]["RefreshNetworks"]["Default"] == "true"


def test_the_nights_work_is_done_each_night_and_cannot_be_switched_off(transformed):
    scheduled = schedules(transformed)
    assert set(scheduled) == {"NightlyFunction", "RefreshFunction", "RetentionFunction"}
    assert scheduled["NightlyFunction"]["ScheduleExpression"] == "cron(20 1 * * ? *)"
    assert scheduled["NightlyFunction"].get("State", "ENABLED") == "ENABLED"
    assert scheduled["RetentionFunction"]["ScheduleExpression"] == "rate(1 hour)"
    assert scheduled["RetentionFunction"].get("State", "ENABLED") == "ENABLED"


def test_a_hit_whose_address_is_cut_is_not_settled_again(transformed):
    """Cutting is a change of the row, and its record of the stream is not for settle; nor does the stream show what was."""
    [settle] = [one for one in mappings(transformed).values() if one["FunctionName"]["Ref"] == "SettleFunction"]
    [only] = settle["FilterCriteria"]["Filters"]
    assert json.loads(only["Pattern"]) == {"eventName": ["INSERT"]}


def test_hits_are_kept_thirty_days_and_what_they_came_to_thirteen_months(written, nested, functions):
    defaults = {name: written["Parameters"][name]["Default"] for name in ("HitTtlDays", "EngagementDays")}
    assert defaults == {"HitTtlDays": 30, "EngagementDays": 396}
    given = functions["retention"]["Environment"]["Variables"]
    assert (given["HIT_TTL_DAYS"], given["ENGAGEMENT_DAYS"]) == ({"Ref": "HitTtlDays"}, {"Ref": "EngagementDays"})
    hits = nested["storage"]["Resources"]["HitsTable"]["Properties"]
    assert hits["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert hits["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_files_that_no_mail_took_are_deleted_after_thirty_days_and_versions_too(nested):
    rules = nested["storage"]["Resources"]["MailBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    uploads, older = (next(rule for rule in rules if rule["Id"].startswith(name)) for name in ("uploads", "what-was"))
    assert (uploads["Status"], uploads["Prefix"], uploads["ExpirationInDays"]) == ("Enabled", "uploads/", 30)
    assert (older["Status"], older["NoncurrentVersionExpiration"]) == ("Enabled", {"NoncurrentDays": 30})


@pytest.mark.parametrize("name", ["LedgerKey", "ProofKey"])
def test_a_key_that_signs_is_kept_with_what_it_signed(nested, name):
    key = nested["keys"]["Resources"][name]
    assert (key["Properties"]["KeySpec"], key["Properties"]["KeyUsage"]) == ("RSA_2048", "SIGN_VERIFY")
    assert key["DeletionPolicy"] == "RetainExceptOnCreate"
    assert key["UpdateReplacePolicy"] == "Retain"


def test_what_is_started_asynchronously_has_a_failure_destination(transformed):
    ruled = {
        target["Arn"]["Fn::GetAtt"][0]
        for rule in rules_of_events(transformed).values()
        for target in rule["Properties"]["Targets"]
    }
    assert ruled == {"FeedbackFunction"}
    configured = {
        one["Properties"]["FunctionName"]["Ref"]
        for one in of_type(transformed, "AWS::Lambda::EventInvokeConfig").values()
        if one["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]
    }
    assert ruled <= configured


def test_what_a_rule_could_not_hand_over_waits_in_a_queue_that_takes_it_and_rings(transformed, nested):
    for name, rule in rules_of_events(transformed).items():
        for target in rule["Properties"]["Targets"]:
            queue = queue_of(target["DeadLetterConfig"]["Arn"])
            policies = of_type(nested["queues"], "AWS::SQS::QueuePolicy").values()
            (policy,) = [one["Properties"] for one in policies if one["Properties"]["Queues"] == [{"Ref": queue}]]
            (statement,) = policy["PolicyDocument"]["Statement"]
            assert statement["Principal"] == {"Service": "events.amazonaws.com"}, name
            assert statement["Action"] == "sqs:SendMessage", name
            assert "rule/" in text(statement["Condition"]["ArnLike"]["aws:SourceArn"]), "rules of this account alone"
            assert queue.endswith("Failures"), "an end, each of which has an alarm"


def test_ses_keeps_its_own_suppression_list_behind_ours(nested):
    options = nested["mail"]["Resources"]["ConfigurationSet"]["Properties"].get("SuppressionOptions")
    assert options is None or set(options["SuppressedReasons"]) == {"BOUNCE", "COMPLAINT"}


def test_there_is_no_bus_unless_somebody_listens(written, nested, functions):
    assert written["Parameters"]["AlertBus"]["Default"] == "false"
    bus = {"Fn::GetAtt": ["Queues", "Outputs.AlertBus"]}
    assert functions["alerts"]["Environment"]["Variables"]["EVENT_BUS"] == {"Fn::If": ["HasAlertBus", bus, ""]}
    assert nested["queues"]["Resources"]["AlertBus"]["Condition"] == "HasAlertBus"
    assert all(nested["queues"]["Outputs"][name]["Condition"] == "HasAlertBus" for name in ("AlertBus", "AlertBusArn"))
    (policy,) = roles(nested)["alerts"]["Policies"]
    bare = [one for one in policy["PolicyDocument"]["Statement"] if "Fn::If" not in one]
    assert "events:PutEvents" not in text(bare)


def test_every_queue_is_encrypted_and_has_an_end(nested):
    queues = {name: one["Properties"] for name, one in of_type(nested["queues"], "AWS::SQS::Queue").items()}
    ends = {name for name in queues if name.endswith(("Dead", "Failures"))}
    for name, queue in queues.items():
        assert queue["SqsManagedSseEnabled"] is True, name
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600, name
        assert name in ends or queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0] in ends


# --- the two origins ----------------------------------------------------------------------------------------------


def routes(transformed):
    found: dict[str, set[str]] = {}
    for one in of_type(transformed, "AWS::ApiGatewayV2::Route").values():
        found.setdefault(one["Properties"]["ApiId"]["Ref"], set()).add(one["Properties"]["RouteKey"])
    return found


def test_the_routes_of_the_two_origins_are_disjoint_and_none_catches_all(transformed):
    there = routes(transformed)
    assert set(there) == {"TrackingApi", "AppApi"}
    assert there["TrackingApi"] == TRACKING_ROUTES
    assert "ANY /v1/{proxy+}" in there["AppApi"]

    def first(key):
        return key.split(" ")[1].split("/")[1]

    assert not {first(key) for key in there["TrackingApi"]} & {first(key) for key in there["AppApi"]}
    assert "$default" not in there["TrackingApi"] | there["AppApi"]
    assert not [key for key in there["TrackingApi"] if key.endswith("/") or "/{" in key.split(" ")[1][:2]]
    assert all(first(key) in ("", "app", "v1") for key in there["AppApi"])


def test_each_origin_reaches_only_its_own_functions(transformed):
    for one in of_type(transformed, "AWS::ApiGatewayV2::Route").values():
        integration = transformed["Resources"][re.search(r"\$\{(\w+)\}", text(one["Properties"]["Target"]))[1]][
            "Properties"
        ]
        assert integration["ApiId"] == one["Properties"]["ApiId"]
        assert integration["PayloadFormatVersion"] == "2.0"
        tracking = one["Properties"]["ApiId"] == {"Ref": "TrackingApi"}
        path = one["Properties"]["RouteKey"].partition(" ")[2]
        function = "PrivacyFunction" if path.startswith("/p") else "CaptureFunction"
        assert (integration["IntegrationUri"] == {"Fn::GetAtt": [function, "Arn"]}) is tracking


def test_access_logs_carry_route_keys_and_never_paths_or_addresses(transformed):
    stages = of_type(transformed, "AWS::ApiGatewayV2::Stage")
    assert len(stages) == 2
    for stage in stages.values():
        mapping, key, name = stage["Properties"]["AccessLogSettings"]["Format"]["Fn::FindInMap"]
        used = set(re.findall(r"\$context\.([\w.]+)", transformed["Mappings"][mapping][key][name]))
        assert "routeKey" in used
        assert used <= {"requestId", "requestTimeEpoch", "routeKey", "status", "responseLatency", "error.messageString"}


def test_an_origin_with_a_name_of_its_own_answers_under_no_other(transformed):
    for name in ("Tracking", "App"):
        api = transformed["Resources"][f"{name}Api"]["Properties"]
        assert api["DisableExecuteApiEndpoint"] == {"Fn::If": [f"Has{name}Domain", True, False]}


def test_both_origins_are_throttled(transformed):
    for stage in of_type(transformed, "AWS::ApiGatewayV2::Stage").values():
        assert stage["Properties"]["DefaultRouteSettings"] == {
            "ThrottlingRateLimit": {"Ref": "ThrottleRate"},
            "ThrottlingBurstLimit": {"Ref": "ThrottleBurst"},
        }


# --- who may do what ----------------------------------------------------------------------------------------------


def test_no_role_carries_a_policy_that_somebody_else_wrote(transformed, nested):
    assert not of_type(transformed, "AWS::IAM::Role")
    for name, role in roles(nested).items():
        assert "ManagedPolicyArns" not in role, name


def test_every_function_has_a_role_and_every_role_a_function(nested, functions):
    assert set(roles(nested)) == set(functions)


def test_policies_are_written_action_by_action(nested):
    for name, role in roles(nested).items():
        for one in statements(role):
            assert one["Effect"] == "Allow"
            for action in listed(one["Action"]):
                assert re.fullmatch(r"[a-z0-9-]+:[A-Z]\w+", action), f"{name}: {action}"


def test_wildcard_resources_are_the_listed_ones(nested):
    allowed = {ending for ending, _why in WILDCARDS}
    met = set()
    for name, role in roles(nested).items():
        for one in statements(role):
            for resource in listed(one["Resource"]):
                spelled = resource if isinstance(resource, str) else next(iter(resource.values()))
                if "*" not in text(spelled):
                    continue
                endings = {ending for ending in allowed if ending != "*" and spelled.endswith(ending)}
                if spelled == "*":
                    assert all(action.startswith("xray:") for action in listed(one["Action"])), name
                    endings = {"*"}
                assert endings, f"{name}: {spelled}"
                assert spelled.count("*") == 1, f"{name}: {spelled}"
                met |= endings
    assert met == allowed, "an exception that nothing uses is taken off the list"


def test_capture_may_add_hits_count_loads_read_gates_spill_and_nothing_more(nested):
    may = {
        (action, text(one["Resource"]))
        for one in statements(roles(nested)["capture"])
        for action in listed(one["Action"])
    }
    assert {action for action, _ in may} == {
        "xray:PutTelemetryRecords", "xray:PutTraceSegments", "logs:CreateLogStream", "logs:PutLogEvents", "kms:Decrypt",
        "dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:UpdateItem", "sqs:SendMessage",
    }  # fmt: skip
    # These two always name their key, so that the condition always has something to judge.
    for action, keys in (("GetItem", "GATE#*"), ("UpdateItem", "POOL#*")):
        (one,) = [
            each for each in statements(roles(nested)["capture"]) if listed(each["Action"]) == [f"dynamodb:{action}"]
        ]
        assert one["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}}


def test_every_parameter_of_a_nested_stack_gets_a_value_and_no_other_is_passed(transformed, nested):
    for name, stack in of_type(transformed, "AWS::CloudFormation::Stack").items():
        template = nested[pathlib.Path(stack["Properties"]["TemplateURL"]).stem]
        passed, known = set(stack["Properties"].get("Parameters", {})), template.get("Parameters", {})
        assert passed <= set(known), name
        assert {one for one, parameter in known.items() if "Default" not in parameter} <= passed, name


# --- what stays ---------------------------------------------------------------------------------------------------

KEPT = {
    "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key", "AWS::SecretsManager::Secret", "AWS::Cognito::UserPool",
}  # fmt: skip


def test_tables_bucket_keys_and_pool_stay_when_the_stack_goes(nested):
    """But not, and at no cost, if a stack's first deploy fails.

    A user pool stays then too: it costs nothing without users, and its protection would refuse to let it go.
    """
    met = set()
    for template in nested.values():
        for name, resource in template["Resources"].items():
            if resource["Type"] in KEPT:
                met.add(resource["Type"])
                protected = resource["Properties"].get("DeletionProtection") == "ACTIVE"
                assert resource["DeletionPolicy"] == ("Retain" if protected else "RetainExceptOnCreate"), name
                assert resource["UpdateReplacePolicy"] == "Retain", name
            else:
                assert "DeletionPolicy" not in resource, name
    assert met == KEPT


def test_tables_are_encrypted_recoverable_and_forget_what_has_expired(nested):
    tables = of_type(nested["storage"], "AWS::DynamoDB::Table")
    assert set(tables) == {"HitsTable", "AppTable"}
    for name, table in tables.items():
        told = table["Properties"]
        assert told["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}, name
        assert told["SSESpecification"] == {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": {"Ref": "KeyArn"},
        }, name
        assert told["BillingMode"] == "PAY_PER_REQUEST", name
    recovery = {name: one["Properties"]["PointInTimeRecoverySpecification"] for name, one in tables.items()}
    assert recovery["AppTable"] == {"PointInTimeRecoveryEnabled": True}
    assert recovery["HitsTable"] == {"PointInTimeRecoveryEnabled": {"Ref": "HitsRecovery"}}
    assert tables["HitsTable"]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert tables["AppTable"]["Properties"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_the_bucket_is_private_encrypted_and_speaks_tls(nested, written):
    bucket = nested["storage"]["Resources"]["MailBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert "aws:kms" in text(bucket["BucketEncryption"])
    (deny,) = nested["storage"]["Resources"]["MailBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert written["Parameters"]["RequireTls"]["Default"] == "true"
    rules = bucket["LifecycleConfiguration"]["Rules"]
    assert any(rule.get("Prefix") == "uploads/" and rule["ExpirationInDays"] for rule in rules)
    (exports,) = [rule for rule in rules if rule.get("Prefix") == "subjects/"]
    assert exports["ExpirationInDays"] * 86_400_000 >= EXPORT_MS + 86_400_000, "a day in which the last one is fetched"
    assert exports["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    deleted = ("uploads/", "subjects/")
    assert not any("ExpirationInDays" in rule for rule in rules if rule.get("Prefix") not in deleted), (
        "originals and signatures stay"
    )


def test_the_key_turns_over_and_nobody_signs_up_alone(nested):
    assert nested["keys"]["Resources"]["Key"]["Properties"]["EnableKeyRotation"] is True
    pool, client = (nested["signin"]["Resources"][name]["Properties"] for name in ("UserPool", "AppClient"))
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert client["AllowedOAuthFlows"] == ["code"]
    assert nested["signin"]["Resources"]["Admins"]["Properties"]["GroupName"] == "admins"


def test_who_invites_may_make_sign_ins_in_the_stacks_own_pool_and_nowhere_else(nested, functions):
    granted = {
        name: one["Resource"]
        for name, role in roles(nested).items()
        for one in statements(role)
        if "cognito-idp:AdminCreateUser" in listed(one["Action"])
    }
    assert granted == {"web": {"Ref": "UserPoolArn"}, "api": {"Ref": "UserPoolArn"}}
    others = {
        a
        for role in roles(nested).values()
        for one in statements(role)
        for a in listed(one["Action"])
        if "cognito" in a
    }
    assert others == {"cognito-idp:AdminCreateUser"}
    for name in granted:
        told = functions[name]["Environment"]["Variables"]["USER_POOL"]
        assert told == {"Fn::If": ["HasIssuer", "", {"Fn::GetAtt": ["SignIn", "Outputs.UserPool"]}]}


def test_another_providers_parameters_go_before_the_stacks_own_pool(nested, functions):
    outputs = nested["signin"]["Outputs"]
    for name, variable in (("Issuer", "OIDC_ISSUER"), ("Audience", "OIDC_AUDIENCE"), ("JwksUrl", "OIDC_JWKS_URL")):
        assert outputs[name]["Value"]["Fn::If"][:2] == [f"Has{name}", {"Ref": f"Oidc{name}"}]
        for function in ("web", "api"):
            told = functions[function]["Environment"]["Variables"][variable]
            assert told == {"Fn::GetAtt": ["SignIn", f"Outputs.{name}"]}
    elsewhere, here = outputs["JwksUrl"]["Value"]["Fn::If"][2]["Fn::If"][1:]
    assert elsewhere == {"Fn::Sub": "${OidcIssuer}/.well-known/jwks.json"}
    assert here == {"Fn::Sub": outputs["Issuer"]["Value"]["Fn::If"][2]["Fn::Sub"] + "/.well-known/jwks.json"}


def test_an_invitation_names_the_page_and_carries_name_and_password(nested):
    told = nested["signin"]["Resources"]["UserPool"]["Properties"]["AdminCreateUserConfig"]["InviteMessageTemplate"]
    words = told["EmailMessage"]["Fn::Sub"]
    for wanted in ("${AppOrigin}/app", "{username}", "{####}"):
        assert wanted in words
    assert len(told["EmailSubject"]) <= 140  # Cognito's limit


def test_who_may_come_in_and_keep_passwords_is_what_the_transactions_need(nested):
    """DynamoDB asks for the grant of each action in a transaction; KMS for sealing and for opening."""
    for name in ("web", "api"):
        actions = {a for one in statements(roles(nested)[name]) for a in listed(one["Action"])}
        assert {
            "dynamodb:ConditionCheckItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
        } <= actions
    for name in ("web", "api", "deliver"):
        actions = {a for one in statements(roles(nested)[name]) for a in listed(one["Action"])}
        assert "dynamodb:PutItem" in actions, "of the account's row"
        assert {"kms:Encrypt", "kms:Decrypt", "secretsmanager:GetSecretValue", "secretsmanager:DeleteSecret"} <= actions
        assert not actions & {"secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"}, (
            "a secret costs each month"
        )


def test_a_second_factor_is_asked_of_everybody_unless_told_otherwise(nested, written):
    assert written["Parameters"]["RequireMfa"]["Default"] == "true"
    pool = nested["signin"]["Resources"]["UserPool"]["Properties"]
    assert pool["MfaConfiguration"] == {"Fn::If": ["RequiresMfa", "ON", "OPTIONAL"]}
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]


def test_the_sign_in_page_can_be_taken_away_so_that_another_name_can_follow(nested):
    page = nested["signin"]["Resources"]["SignInPage"]
    assert page["Condition"] == "HasPage"
    assert nested["signin"]["Conditions"]["HasPage"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Prefix"}, "none"]}]}
    for name, output in nested["signin"]["Outputs"].items():
        if "SignInPage" in text(output["Value"]):
            assert output["Value"]["Fn::If"][0] == "HasPage", name


# --- what an operator sees ----------------------------------------------------------------------------------------


def test_every_function_and_every_end_of_a_queue_has_an_alarm_that_rings(nested, functions):
    alarms = of_type(nested["observability"], "AWS::CloudWatch::Alarm")
    for alarm in alarms.values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "Topic"}]
    watched = {
        dimension["Value"]["Ref"]
        for alarm in alarms.values()
        if alarm["Properties"]["MetricName"] in ("Errors", "ApproximateNumberOfMessagesVisible")
        for dimension in alarm["Properties"]["Dimensions"]
    }
    ends = {name for name in of_type(nested["queues"], "AWS::SQS::Queue") if name.endswith(("Dead", "Failures"))}
    assert watched == {f"{name.capitalize()}Function" for name in functions} | {f"{name}Name" for name in ends}


def test_alarms_figures_and_dashboard_carry_the_stacks_name(written, functions, nested):
    """Several stacks of one account can be distinguished, and their figures are not added up."""
    passed = written["Resources"]["Observability"]["Properties"]["Parameters"]
    assert passed["Stack"] == {"Ref": "AWS::StackName"}
    assert passed["Figures"] == {"Fn::Sub": figures.namespace("${AWS::StackName}")}
    for name, function in functions.items():
        assert function["Environment"]["Variables"]["STACK_NAME"] == {"Ref": "AWS::StackName"}, name
    for name, alarm in of_type(nested["observability"], "AWS::CloudWatch::Alarm").items():
        assert alarm["Properties"]["AlarmName"] == {"Fn::Sub": "${Stack}-" + name}
        namespace = alarm["Properties"]["Namespace"]
        assert namespace == {"Ref": "Figures"} or namespace.startswith("AWS/"), name
    dashboard = nested["observability"]["Resources"]["Dashboard"]["Properties"]
    assert dashboard["DashboardName"] == {"Ref": "Stack"}
    told = {
        each
        for each in re.findall(r'\[\["([^"]+)"|\],\["([^"]+)"', dashboard["DashboardBody"]["Fn::Sub"])
        for each in each
    }
    assert {each for each in told if each and not each.startswith("AWS/")} == {"${Figures}"}


def test_the_dashboard_is_json_and_shows_what_the_issue_asks_for(nested):
    body = nested["observability"]["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[\w:]+\}", "x", body))["widgets"]
    shown = {metric[1] for widget in widgets for metric in widget["properties"]["metrics"]}
    assert {"Opens", "Clicks", "Spills", "SettleLag", "CopiesSent", "CopiesFailed", "Errors", "Duration"} <= shown
    assert any(
        metric[-1] == {"stat": "p95", "label": "p95"}
        for widget in widgets
        for metric in widget["properties"]["metrics"]
    )


def test_every_figure_on_the_dashboard_is_one_that_a_function_writes(nested):
    body = nested["observability"]["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[\w:]+\}", "x", body))["widgets"]
    ours = {metric[1] for widget in widgets for metric in widget["properties"]["metrics"] if metric[0] == "x"}
    ours |= {
        alarm["Properties"]["MetricName"]
        for alarm in of_type(nested["observability"], "AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Namespace"] == {"Ref": "Figures"}
    }
    written = [*(ROOT / "functions").glob("*/*.py"), ROOT / "layers" / "core" / "ocello" / "adapters" / "metrics.py"]
    sources = "\n".join(path.read_text() for path in written)
    assert ours
    for name in sorted(ours):
        assert f'"{name}"' in sources, name


def test_what_stands_each_month_is_counted_in_the_template_and_the_code(nested, transformed):
    standing = dict(price.month(tomllib.loads(price.PRICES.read_text())["month"]))
    alarms = len(of_type(nested["observability"], "AWS::CloudWatch::Alarm"))
    queues = [
        one
        for one in of_type(transformed, "AWS::Lambda::EventSourceMapping").values()
        if "ScalingConfig" in one["Properties"]
    ]
    assert standing[f"alarms ({alarms})"] == pytest.approx(0.1 * alarms)
    keys = len(of_type(nested["keys"], "AWS::KMS::Key"))
    assert standing[f"own keys ({keys})"] == pytest.approx(1.0 * keys)
    assert f"polling of {len(queues)} queues" in standing
    assert len(of_type(nested["observability"], "AWS::CloudWatch::Dashboard")) == 1
    ours = {
        alarm["Properties"]["MetricName"]
        for alarm in of_type(nested["observability"], "AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Namespace"] == {"Ref": "Figures"}
    }
    assert ours < price.figures()
    assert {"Opens", "Clicks", "SettleLag", "CopiesSent", "Complaints", "UnexpectedErrors"} < price.figures()


# --- the locks ----------------------------------------------------------------------------------------------------


def pins(path):
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ \\;]+)", (ROOT / path).read_text(), re.MULTILINE))


def test_what_is_tested_is_what_is_deployed():
    deployed, tested = pins("layers/vendor/requirements.txt"), pins("requirements/dev.txt")
    assert len(deployed) > 10
    assert {name: tested.get(name) for name in deployed} == deployed


@pytest.mark.parametrize(
    "path", ["layers/vendor/requirements.txt", "requirements/dev.txt", "requirements/stack.txt", "requirements/sam.txt"]
)
def test_every_dependency_is_pinned_with_hashes(path):
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / path).read_text().strip())
    assert all("--hash=sha256:" in block for block in blocks if not block.startswith("#"))
