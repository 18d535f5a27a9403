"""Events of pipelines reach EventBridge rules; rules start pipelines; patterns are checked."""

import json
from typing import Any

from conftest import Account, eventually, refused
from pipelines import approval, deploy, source, stage
from running import simple

SOURCE = stage("Source", source())
GATE = stage("Gate", approval())


class Inbox:
    """A queue that receives what matches a pattern."""

    def __init__(self, account: Account, pattern: dict[str, Any]):
        self.sqs = account.client("sqs")
        self.url = self.sqs.create_queue(QueueName="inbox")["QueueUrl"]
        arn = f"arn:aws:sqs:us-east-1:{account.number}:inbox"
        events = account.client("events")
        events.put_rule(Name="watch", EventPattern=json.dumps(pattern))
        events.put_targets(Rule="watch", Targets=[{"Id": "inbox", "Arn": arn}])
        self.received: list[dict[str, Any]] = []

    def until(self, **wanted: Any) -> dict[str, Any]:
        """The first event whose detail has these values, waiting for it."""

        def look() -> dict[str, Any] | None:
            answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            for message in answer.get("Messages", []):
                self.received.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
            return next((event for event in self.received if wanted.items() <= event["detail"].items()), None)

        return eventually(look)


def test_every_level_tells_about_its_changes(account: Account) -> None:
    inbox = Inbox(account, {"source": ["aws.codepipeline"]})
    shop = simple(account, SOURCE, stage("Deploy", deploy()))
    first = shop.first()
    shop.ended(first)
    done = inbox.until(state="SUCCEEDED", pipeline="shop", **{"execution-id": first, "version": 1.0})
    assert eventually(lambda: inbox.until(state="SUCCEEDED") and len(inbox.received) >= 10)
    told = sorted(
        (
            event["detail-type"].split()[1],
            event["detail"].get("action", event["detail"].get("stage", "")),
            event["detail"]["state"],
        )
        for event in inbox.received
    )
    assert told == sorted(
        (level, name, state)
        for state in ("STARTED", "SUCCEEDED")
        for level, name in (
            ("Pipeline", ""),
            ("Stage", "Source"),
            ("Action", "Source"),
            ("Stage", "Deploy"),
            ("Action", "Deploy"),
        )
    )
    assert done["resources"] == [f"arn:aws:codepipeline:us-east-1:{account.number}:shop"]
    assert (done["account"], done["region"], done["version"]) == (account.number, "us-east-1", "0")
    # Printed as 1.0, which is what makes exact patterns like [1] miss at AWS.
    assert isinstance(done["detail"]["pipeline-execution-attempt"], float)
    action = next(event for event in inbox.received if event["detail"].get("action") == "Deploy")
    assert action["detail"]["type"] == {"category": "Deploy", "owner": "AWS", "provider": "S3", "version": "1"}


def test_a_rule_can_wait_for_approvals_and_rejections(account: Account) -> None:
    pattern = {
        "source": ["aws.codepipeline"],
        "detail-type": ["CodePipeline Action Execution State Change"],
        "detail": {"type": {"category": ["Approval"]}, "state": ["STARTED", "FAILED"]},
    }
    inbox = Inbox(account, pattern)
    shop = simple(account, SOURCE, GATE)
    inbox.until(state="STARTED", action="Approve")
    shop.answer("Rejected")
    rejected = inbox.until(state="FAILED", action="Approve")
    assert rejected["detail"]["execution-result"]["error-code"] == "Rejected"
    assert len(inbox.received) == 2


def test_stopping_tells_why(account: Account) -> None:
    inbox = Inbox(account, {"source": ["aws.codepipeline"], "detail": {"state": ["STOPPING", "STOPPED"]}})
    shop = simple(account, SOURCE, GATE)
    shop.token()
    shop.client.stop_pipeline_execution(
        pipelineName="shop", pipelineExecutionId=shop.first(), abandon=True, reason="enough"
    )
    assert inbox.until(**{"state": "STOPPING", "stop-execution-comments": "enough"})
    assert inbox.until(state="STOPPED")


def test_a_rule_starts_a_pipeline(account: Account) -> None:
    shop = simple(account, pipelineType="V2", variables=[{"name": "Target", "defaultValue": "test"}])
    shop.ended(shop.first())
    events, pipeline_arn = account.client("events"), f"arn:aws:codepipeline:us-east-1:{account.number}:shop"
    rule = events.put_rule(Name="start", EventPattern=json.dumps({"source": ["acme"]}))["RuleArn"]
    transformer = {
        "InputPathsMap": {"place": "$.detail.place"},
        "InputTemplate": '{"variables": [{"name": "Target", "value": "<place>"}]}',
    }
    role = account.role("events")
    target = {"Id": "p", "Arn": pipeline_arn, "RoleArn": role, "InputTransformer": transformer}
    assert events.put_targets(Rule="start", Targets=[target])["FailedEntryCount"] == 0
    events.put_events(Entries=[{"Source": "acme", "DetailType": "go", "Detail": json.dumps({"place": "live"})}])
    summaries = eventually(
        lambda: (
            (found := shop.client.list_pipeline_executions(pipelineName="shop")["pipelineExecutionSummaries"])
            and len(found) == 2
            and found
        )
    )
    assert summaries[0]["trigger"] == {"triggerType": "CloudWatchEvent", "triggerDetail": rule}
    execution = shop.execution(summaries[0]["pipelineExecutionId"])
    assert execution["variables"] == [{"name": "Target", "resolvedValue": "live"}]


def test_invalid_patterns_are_refused(account: Account) -> None:
    events = account.client("events")
    for pattern in ('{"source": "x"}', "nonsense"):
        assert refused(events.put_rule, Name="r", EventPattern=pattern)[0] == "InvalidEventPatternException"
    assert events.list_rules()["Rules"] == []


def test_a_bus_keeps_its_settings_and_its_statements(account: Account) -> None:
    events = account.client("events")
    letters = {"Arn": f"arn:aws:sqs:us-east-1:{account.number}:letters"}
    events.create_event_bus(Name="own", DeadLetterConfig=letters, KmsKeyIdentifier="k")
    events.update_event_bus(Name="own", Description="changed")
    for principal in ("*", "111122223333"):
        events.put_permission(
            EventBusName="own", StatementId="s", Action="events:PutEvents", Principal=principal,
        )
    events.put_permission(
        EventBusName="own", StatementId="org", Action="events:PutEvents", Principal="*",
        Condition={"Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1"},
    )
    bus = events.describe_event_bus(Name="own")
    assert (bus["Description"], bus["DeadLetterConfig"]) == ("changed", letters)
    by_id = {statement["Sid"]: statement for statement in json.loads(bus["Policy"])["Statement"]}
    assert by_id["s"]["Principal"] == {"AWS": "arn:aws:iam::111122223333:root"}
    assert by_id["org"]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


def test_an_alarm_keeps_the_tags_it_is_made_with(account: Account) -> None:
    cloudwatch = account.client("cloudwatch")
    arn = f"arn:aws:cloudwatch:us-east-1:{account.number}:alarm:a"
    alarm = {
        "AlarmName": "a", "MetricName": "Builds", "Namespace": "AWS/CodeBuild", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    cloudwatch.put_metric_alarm(**alarm, Tags=[{"Key": "A", "Value": "b"}])
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "A", "Value": "b"}]
    cloudwatch.delete_alarms(AlarmNames=["a"])
    cloudwatch.put_metric_alarm(**alarm)
    assert cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_a_redrive_allow_policy_goes_when_set_to_nothing(account: Account) -> None:
    sqs = account.client("sqs")
    url = sqs.create_queue(QueueName="q", Attributes={"RedriveAllowPolicy": '{"redrivePermission":"allowAll"}'})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    assert "RedriveAllowPolicy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
