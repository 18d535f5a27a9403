"""Webhooks, custom action types, and the lists of action and rule types."""

from typing import Any

from conftest import Account, refused
from pipelines import action, source, stage
from running import simple


def webhook(**rest: Any) -> dict[str, Any]:
    return {
        "name": "push",
        "targetPipeline": "shop",
        "targetAction": "Source",
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
        "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": "secret"},
        **rest,
    }


def custom(**rest: Any) -> dict[str, Any]:
    return {
        "category": "Build",
        "provider": "Jenkins",
        "version": "1",
        "inputArtifactDetails": {"minimumCount": 1, "maximumCount": 1},
        "outputArtifactDetails": {"minimumCount": 0, "maximumCount": 1},
        "configurationProperties": [
            {"name": "ProjectName", "required": True, "key": True, "secret": False, "queryable": True}
        ],
        **rest,
    }


def test_a_webhook_lives(account: Account) -> None:
    client = simple(account).client
    created = client.put_webhook(webhook=webhook(), tags=[{"key": "team", "value": "shop"}])["webhook"]
    assert created["url"].startswith("https://us-east-1.webhooks.aws/trigger")
    assert created["arn"] == f"arn:aws:codepipeline:us-east-1:{account.number}:webhook:push"
    assert client.list_tags_for_resource(resourceArn=created["arn"])["tags"] == created["tags"]
    again = client.put_webhook(webhook=webhook(filters=[{"jsonPath": "$.x"}]))["webhook"]
    assert (again["url"], again["tags"]) == (created["url"], created["tags"])
    client.register_webhook_with_third_party(webhookName="push")
    assert client.list_webhooks()["webhooks"] == [again]
    client.delete_webhook(name="push")
    client.delete_webhook(name="push")
    assert client.list_webhooks()["webhooks"] == []


def test_malformed_webhooks_are_refused(account: Account) -> None:
    put = simple(account).client.put_webhook
    code, message = refused(put, webhook=webhook(authentication="IP"))
    assert code == "InvalidWebhookAuthenticationParametersException"
    assert message == "Optional['authenticationConfig' should contain only one property: 'AllowedIPRange']"
    assert refused(put, webhook=webhook(targetPipeline="nothing"))[0] == "PipelineNotFoundException"
    many = [{"jsonPath": "$.x"}] * 6
    code, message = refused(put, webhook=webhook(filters=many))
    assert code == "ValidationException"
    assert message.endswith("Member must have length less than or equal to 5")


def test_a_custom_action_type_can_be_used(account: Account) -> None:
    client = account.client("codepipeline")
    created = client.create_custom_action_type(**custom())["actionType"]
    assert created["id"] == {"category": "Build", "owner": "Custom", "provider": "Jenkins", "version": "1"}
    assert client.list_action_types(actionOwnerFilter="Custom")["actionTypes"] == [created]
    build = action("B", "Build", "Jenkins", owner="Custom", configuration={"ProjectName": "p"}, inputs=["code"])
    shop = simple(account, stage("Source", source()), stage("Build", build))
    assert shop.ended(shop.first()) == "Succeeded"
    key = {"category": "Build", "provider": "Jenkins", "version": "1"}
    assert refused(client.delete_custom_action_type, **key)[0] == "ValidationException"
    client.delete_pipeline(name="shop")
    client.delete_custom_action_type(**key)
    assert client.list_action_types(actionOwnerFilter="Custom")["actionTypes"] == []


def test_malformed_custom_action_types_are_refused(account: Account) -> None:
    create = account.client("codepipeline").create_custom_action_type
    counts = {"inputArtifactDetails": {"minimumCount": 2, "maximumCount": 1}}
    assert refused(create, **custom(**counts)) == (
        "ValidationException",
        "Maximum Number of Artifacts (1) has to be greater than or equal to minimum (2).",
    )
    create(**custom())
    assert refused(create, **custom())[0] == "ValidationException"


def test_action_and_rule_types_are_listed(account: Account) -> None:
    client = account.client("codepipeline")
    listed = client.list_action_types(actionOwnerFilter="AWS")["actionTypes"]
    s3 = next(kind for kind in listed if (kind["id"]["category"], kind["id"]["provider"]) == ("Deploy", "S3"))
    assert s3["inputArtifactDetails"] == {"minimumCount": 1, "maximumCount": 1}
    shown = client.get_action_type(category="Deploy", owner="AWS", provider="S3", version="1")["actionType"]
    assert {"name": "BucketName", "optional": False, "key": True, "noEcho": False} in shown["properties"]
    missing = {"category": "Deploy", "owner": "AWS", "provider": "Teleport", "version": "1"}
    assert refused(client.get_action_type, **missing)[0] == "ActionTypeNotFoundException"
    rules = [kind["id"]["provider"] for kind in client.list_rule_types()["ruleTypes"]]
    assert "DeploymentWindow" in rules
