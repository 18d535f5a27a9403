"""CodeStar notification rules: kept, listed, and really publishing a pipeline's changes."""

import json

from conftest import Account, eventually, refused
from pipelines import approval, source, stage
from running import simple

NEEDED = "codepipeline-pipeline-manual-approval-needed"


def rule(account: Account, **rest: object) -> dict:
    return {
        "Name": "approvals",
        "EventTypeIds": [NEEDED],
        "Resource": f"arn:aws:codepipeline:us-east-1:{account.number}:shop",
        "Targets": [{"TargetType": "SNS", "TargetAddress": f"arn:aws:sns:us-east-1:{account.number}:alerts"}],
        "DetailType": "FULL",
        **rest,
    }


def test_a_rule_comes_back(account: Account) -> None:
    client = account.client("codestar-notifications")
    arn = client.create_notification_rule(**rule(account, Tags={"team": "shop"}))["Arn"]
    shown = client.describe_notification_rule(Arn=arn)
    assert [kind["EventTypeId"] for kind in shown["EventTypes"]] == [NEEDED]
    assert (shown["Status"], shown["Targets"][0]["TargetStatus"]) == ("ENABLED", "ACTIVE")
    client.update_notification_rule(Arn=arn, Status="DISABLED", Targets=[])
    client.tag_resource(Arn=arn, Tags={"stage": "test"})
    client.untag_resource(Arn=arn, TagKeys=["team"])
    shown = client.describe_notification_rule(Arn=arn)
    assert (shown["Status"], shown["Targets"], shown["Tags"]) == ("DISABLED", [], {"stage": "test"})
    assert refused(client.create_notification_rule, **rule(account))[0] == "ResourceAlreadyExistsException"
    client.delete_notification_rule(Arn=arn)
    assert client.list_notification_rules()["NotificationRules"] == []
    assert refused(client.describe_notification_rule, Arn=arn)[0] == "ResourceNotFoundException"


def test_event_types_are_known(account: Account) -> None:
    client = account.client("codestar-notifications")
    filters = [{"Name": "SERVICE_NAME", "Value": "CodePipeline"}]
    listed = client.list_event_types(Filters=filters)["EventTypes"]
    assert NEEDED in [kind["EventTypeId"] for kind in listed]
    wrong = rule(account, EventTypeIds=["codepipeline-pipeline-nothing"])
    assert refused(client.create_notification_rule, **wrong)[0] == "ValidationException"


def test_a_target_in_use_is_not_deleted_by_accident(account: Account) -> None:
    client = account.client("codestar-notifications")
    client.create_notification_rule(**rule(account))
    address = client.list_targets()["Targets"][0]["TargetAddress"]
    assert refused(client.delete_target, TargetAddress=address)[0] == "ValidationException"
    client.delete_target(TargetAddress=address, ForceUnsubscribeAll=True)
    assert client.list_targets()["Targets"] == []


def test_a_pipelines_changes_are_published(account: Account) -> None:
    sns, sqs = account.client("sns"), account.client("sqs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    sns.subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:us-east-1:{account.number}:inbox",
        Attributes={"RawMessageDelivery": "true"},
    )
    account.client("codestar-notifications").create_notification_rule(**rule(account))
    simple(account, stage("Source", source()), stage("Gate", approval(configuration={"NotificationArn": topic})))
    bodies: list[dict] = []

    def two() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            bodies.append(json.loads(message["Body"]))
        return len(bodies) >= 2

    eventually(two)
    request = next(body for body in bodies if "approval" in body)
    notice = next(body for body in bodies if "detailType" in body)
    assert request["approval"]["actionName"] == "Approve"
    assert request["approval"]["token"]
    assert notice["detail"]["state"] == "STARTED"
    assert notice["notificationRuleArn"].startswith("arn:aws:codestar-notifications:")
