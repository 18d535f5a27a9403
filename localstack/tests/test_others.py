"""What LocalStack's own services get wrong and the plug-in puts right."""

from conftest import Account, refused


def test_a_log_group_made_without_tags_takes_some(account: Account) -> None:
    logs = account.client("logs")
    logs.create_log_group(logGroupName="/build")
    arn = f"arn:aws:logs:us-east-1:{account.number}:log-group:/build"
    logs.tag_resource(resourceArn=arn, tags={"a": "1"})
    logs.tag_resource(resourceArn=arn, tags={"b": "2"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "2"}
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}


def test_the_older_operation_tags_a_log_group_too(account: Account) -> None:
    logs = account.client("logs", "eu-west-1")
    logs.create_log_group(logGroupName="/old")
    logs.tag_log_group(logGroupName="/old", tags={"a": "1"})
    assert logs.list_tags_log_group(logGroupName="/old")["tags"] == {"a": "1"}


def test_a_new_log_group_has_no_tags_of_another(account: Account) -> None:
    logs = account.client("logs")
    arn = f"arn:aws:logs:us-east-1:{account.number}:log-group:/again"
    logs.tag_resource(resourceArn=arn, tags={"before": "1"})
    logs.create_log_group(logGroupName="/again")
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}
    logs.tag_resource(resourceArn=arn, tags={"while": "1"})
    logs.delete_log_group(logGroupName="/again")
    logs.create_log_group(logGroupName="/again")
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {}


def lifecycle(account: Account, *rules: dict) -> list[dict]:
    """The rules of a bucket after these were written to it."""
    s3 = account.client("s3")
    bucket = f"rules-{account.number}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})
    return s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]


def test_a_lifecycle_rule_may_have_a_prefix_of_its_own(account: Account) -> None:
    rule = {"ID": "old", "Status": "Enabled", "Prefix": "logs/", "Expiration": {"Days": 3}}
    assert lifecycle(account, rule) == [rule]
    s3, bucket = account.client("s3"), f"rules-{account.number}"
    for key in ("logs/a", "other/a"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert "old" in s3.head_object(Bucket=bucket, Key="logs/a")["Expiration"]
    assert "Expiration" not in s3.head_object(Bucket=bucket, Key="other/a")


def test_a_lifecycle_rule_without_an_id_gets_one(account: Account) -> None:
    (rule,) = lifecycle(account, {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 3}})
    assert len(rule["ID"]) == 48


def test_a_lifecycle_rule_needs_a_filter_or_a_prefix(account: Account) -> None:
    s3, bucket = account.client("s3"), f"none-{account.number}"
    s3.create_bucket(Bucket=bucket)
    rules = {"Rules": [{"ID": "none", "Status": "Enabled", "Expiration": {"Days": 3}}]}
    code, _ = refused(s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration=rules)
    assert code == "MalformedXML"
