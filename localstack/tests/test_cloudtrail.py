"""Trails, and the history of the calls the emulator served."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import Account, refused
from pipelines import action, deploy, pipeline, stage


def policy(account: Account, bucket: str = "logs", condition: dict[str, Any] | None = None) -> str:
    def statement(verb: str, resource: str) -> dict[str, Any]:
        made = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": verb,
            "Resource": resource,
        }
        return made | ({"Condition": condition} if condition else {})

    statements = [
        statement("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}"),
        statement("s3:PutObject", f"arn:aws:s3:::{bucket}/AWSLogs/{account.number}/*"),
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def bucket(account: Account) -> str:
    """A bucket CloudTrail may write to."""
    name = f"logs-{account.number}"
    s3 = account.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_policy(Bucket=name, Policy=policy(account, name))
    return name


def test_a_trail_lives(account: Account, bucket: str) -> None:
    client = account.client("cloudtrail")
    tags = [{"Key": "team", "Value": "shop"}]
    created = client.create_trail(Name="audit", S3BucketName=bucket, IsMultiRegionTrail=True, TagsList=tags)
    arn = created["TrailARN"]
    assert arn == f"arn:aws:cloudtrail:us-east-1:{account.number}:trail/audit"
    assert client.get_trail_status(Name="audit")["IsLogging"] is False
    client.start_logging(Name=arn)
    status = client.get_trail_status(Name=arn)
    assert status["IsLogging"] is True
    assert isinstance(status["StartLoggingTime"], datetime)
    client.stop_logging(Name="audit")
    assert client.get_trail_status(Name="audit")["IsLogging"] is False
    client.update_trail(Name="audit", EnableLogFileValidation=True)
    shown = client.get_trail(Name="audit")["Trail"]
    assert (shown["LogFileValidationEnabled"], shown["HomeRegion"]) == (True, "us-east-1")
    client.add_tags(ResourceId=arn, TagsList=[{"Key": "stage", "Value": "test"}])
    client.remove_tags(ResourceId=arn, TagsList=tags)
    listed = client.list_tags(ResourceIdList=[arn])["ResourceTagList"]
    assert listed == [{"ResourceId": arn, "TagsList": [{"Key": "stage", "Value": "test"}]}]
    client.delete_trail(Name="audit")
    assert client.describe_trails()["trailList"] == []


def test_trails_are_described_by_name_and_region(account: Account, bucket: str) -> None:
    client = account.client("cloudtrail")
    client.create_trail(Name="here", S3BucketName=bucket)
    client.create_trail(Name="everywhere", S3BucketName=bucket, IsMultiRegionTrail=True)

    def names(region: str = "us-east-1", **arguments: Any) -> list[str]:
        trails = account.client("cloudtrail", region).describe_trails(**arguments)["trailList"]
        return [trail["Name"] for trail in trails]

    assert names() == ["here", "everywhere"]
    assert names(trailNameList=["here"]) == ["here"]
    assert names(trailNameList=["nothing"]) == []
    assert names("eu-west-1") == ["everywhere"]
    assert names("eu-west-1", includeShadowTrails=False) == []
    arn = f"arn:aws:cloudtrail:us-east-1:{account.number}:trail/everywhere"
    assert names("eu-west-1", trailNameList=[arn]) == ["everywhere"]
    assert refused(account.client("cloudtrail", "eu-west-1").stop_logging, Name=arn)[0] == "InvalidHomeRegionException"


def test_what_a_trail_needs_is_checked(account: Account, bucket: str) -> None:
    client, s3 = account.client("cloudtrail"), account.client("s3")
    create, name = client.create_trail, f"closed-{account.number}"
    assert refused(create, Name="audit", S3BucketName=name)[0] == "S3BucketDoesNotExistException"
    s3.create_bucket(Bucket=name)
    code, message = refused(create, Name="audit", S3BucketName=name)
    assert code == "InsufficientS3BucketPolicyException"
    assert message == f"Incorrect S3 bucket policy is detected for bucket: {name}"
    other = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{account.number}:trail/other"}}
    s3.put_bucket_policy(Bucket=name, Policy=policy(account, name, other))
    assert refused(create, Name="audit", S3BucketName=name)[0] == "InsufficientS3BucketPolicyException"
    client.create_trail(Name="other", S3BucketName=name)
    topic = {"S3BucketName": bucket, "SnsTopicName": "nothing"}
    assert refused(create, Name="audit", **topic)[0] == "InsufficientSnsTopicPolicyException"
    key = {"S3BucketName": bucket, "KmsKeyId": "alias/nothing"}
    assert refused(create, Name="audit", **key)[0] == "KmsKeyNotFoundException"
    group = {"S3BucketName": bucket, "CloudWatchLogsRoleArn": account.role("cloudtrail")}
    assert refused(create, Name="audit", **group)[0] == "InvalidCloudWatchLogsLogGroupArnException"
    assert refused(create, Name="a", S3BucketName=bucket)[0] == "InvalidTrailNameException"
    assert refused(create, Name="other", S3BucketName=bucket)[0] == "TrailAlreadyExistsException"


def test_a_log_group_and_its_role_are_taken(account: Account, bucket: str) -> None:
    account.client("logs").create_log_group(logGroupName="trail")
    group = f"arn:aws:logs:us-east-1:{account.number}:log-group:trail:*"
    created = account.client("cloudtrail").create_trail(
        Name="audit",
        S3BucketName=bucket,
        CloudWatchLogsLogGroupArn=group,
        CloudWatchLogsRoleArn=account.role("cloudtrail"),
    )
    assert created["CloudWatchLogsLogGroupArn"] == group


def test_missing_trails_are_not_found(account: Account) -> None:
    client = account.client("cloudtrail")
    arn = f"arn:aws:cloudtrail:us-east-1:{account.number}:trail/nothing"
    expected = ("TrailNotFoundException", f"Unknown trail: {arn} for the user: {account.number}")
    for call in (client.start_logging, client.stop_logging, client.get_trail_status, client.delete_trail):
        assert refused(call, Name="nothing") == expected


def test_selectors(account: Account, bucket: str) -> None:
    client = account.client("cloudtrail")
    client.create_trail(Name="audit", S3BucketName=bucket)
    trail = client.describe_trails()["trailList"][0]
    assert (trail["HasCustomEventSelectors"], trail["HasInsightSelectors"]) == (False, False)
    assert client.get_event_selectors(TrailName="audit")["EventSelectors"][0]["ReadWriteType"] == "All"
    assert refused(client.get_insight_selectors, TrailName="audit")[0] == "InsightNotEnabledException"
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}]
    client.put_event_selectors(TrailName="audit", AdvancedEventSelectors=[{"FieldSelectors": fields}])
    client.put_insight_selectors(TrailName="audit", InsightSelectors=[{"InsightType": "ApiErrorRateInsight"}])
    trail = client.describe_trails()["trailList"][0]
    assert (trail["HasCustomEventSelectors"], trail["HasInsightSelectors"]) == (True, True)
    shown = client.get_event_selectors(TrailName="audit")
    assert "EventSelectors" not in shown
    assert shown["AdvancedEventSelectors"] == [{"FieldSelectors": fields}]


def test_event_data_stores(account: Account) -> None:
    client = account.client("cloudtrail")
    arn = client.create_event_data_store(Name="lake")["EventDataStoreArn"]
    assert client.get_event_data_store(EventDataStore=arn)["RetentionPeriod"] == 366
    code, _ = refused(client.delete_event_data_store, EventDataStore=arn)
    assert code == "EventDataStoreTerminationProtectedException"
    client.update_event_data_store(EventDataStore=arn, TerminationProtectionEnabled=False)
    client.delete_event_data_store(EventDataStore=arn)
    assert client.get_event_data_store(EventDataStore=arn)["Status"] == "PENDING_DELETION"


def looked_up(account: Account, key: str, value: str, region: str = "us-east-1") -> list[dict[str, Any]]:
    attributes = [{"AttributeKey": key, "AttributeValue": value}]
    return account.client("cloudtrail", region).lookup_events(LookupAttributes=attributes)["Events"]


def described(event: dict[str, Any]) -> dict[str, Any]:
    return json.loads(event["CloudTrailEvent"])


def test_every_call_is_in_the_history(account: Account) -> None:
    role = account.role("codepipeline")
    account.client("codepipeline").create_pipeline(pipeline=pipeline(role))
    (event,) = looked_up(account, "EventName", "CreatePipeline")
    assert (event["EventSource"], event["Username"], event["ReadOnly"]) == (
        "codepipeline.amazonaws.com",
        "root",
        "false",
    )
    assert {"ResourceType": "AWS::CodePipeline::Pipeline", "ResourceName": "shop"} in event["Resources"]
    shown = described(event)
    assert shown["requestParameters"]["pipeline"]["roleArn"] == role
    assert shown["responseElements"]["pipeline"]["version"] == 1
    assert shown["userIdentity"]["arn"] == f"arn:aws:iam::{account.number}:root"
    assert shown["sourceIPAddress"] == "127.0.0.1"
    assert shown["userAgent"].startswith("Boto3/")
    assert shown["eventID"] == event["EventId"]
    (created,) = looked_up(account, "ResourceName", "codepipeline-role")
    assert created["EventName"] == "CreateRole"


def test_reads_and_errors_are_in_the_history(account: Account) -> None:
    refused(account.client("codepipeline").get_pipeline, name="nothing")
    (event,) = looked_up(account, "EventName", "GetPipeline")
    shown = described(event)
    assert event["ReadOnly"] == "true"
    assert shown["errorCode"] == "PipelineNotFoundException"
    assert shown["errorMessage"].startswith("Account")
    assert shown["responseElements"] is None


def test_data_events_are_not_in_the_history(account: Account) -> None:
    s3, name = account.client("s3"), f"data-{account.number}"
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="a", Body=b"b")
    names = [event["EventName"] for event in looked_up(account, "EventSource", "s3.amazonaws.com")]
    assert names == ["CreateBucket"]


def test_secrets_are_not_in_the_history(account: Account) -> None:
    role = account.role("codepipeline")
    configuration = {"Owner": "acme", "Repo": "shop", "Branch": "main", "OAuthToken": "very-secret"}
    github = action("Source", "Source", "GitHub", owner="ThirdParty", configuration=configuration, outputs=["code"])
    declared = pipeline(role, stage("Source", github), stage("Deploy", deploy()))
    account.client("codepipeline").create_pipeline(pipeline=declared)
    account.client("ssm").put_parameter(Name="token", Value="very-secret", Type="SecureString")
    account.client("codebuild").import_source_credentials(
        token="very-secret", serverType="GITHUB", authType="PERSONAL_ACCESS_TOKEN"
    )
    events = account.client("cloudtrail").lookup_events()["Events"]
    assert "very-secret" not in json.dumps(events, default=str)
    (event,) = looked_up(account, "EventName", "PutParameter")
    assert described(event)["requestParameters"]["value"] == "HIDDEN_DUE_TO_SECURITY_REASONS"


def test_the_history_is_read_in_pages_and_ranges(account: Account) -> None:
    client, sqs = account.client("cloudtrail"), account.client("sqs")
    for number in range(5):
        sqs.create_queue(QueueName=f"q{number}")
    attributes = [{"AttributeKey": "EventName", "AttributeValue": "CreateQueue"}]
    first = client.lookup_events(LookupAttributes=attributes, MaxResults=3)
    sqs.create_queue(QueueName="meanwhile")
    second = client.lookup_events(LookupAttributes=attributes, MaxResults=3, NextToken=first["NextToken"])
    ids = [event["EventId"] for event in first["Events"] + second["Events"]]
    assert len(ids) == len(set(ids)) == 5
    assert "NextToken" not in second
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert client.lookup_events(StartTime=soon)["Events"] == []
    assert client.lookup_events(StartTime=soon - timedelta(hours=1), EndTime=soon)["Events"]
    wrong = {"StartTime": soon, "EndTime": soon - timedelta(hours=1)}
    assert refused(client.lookup_events, **wrong)[0] == "InvalidTimeRangeException"
    assert refused(client.lookup_events, LookupAttributes=attributes * 2)[0] == "InvalidLookupAttributesException"


def test_the_history_knows_who_called(account: Account) -> None:
    iam = account.client("iam")
    iam.create_user(UserName="dev")
    key = iam.create_access_key(UserName="dev")["AccessKey"]["AccessKeyId"]
    as_user = Account(account.url, key)
    as_user.client("sqs").create_queue(QueueName="mine")
    (event,) = looked_up(account, "Username", "dev")
    assert described(event)["userIdentity"]["type"] == "IAMUser"
    role = account.role("codebuild")
    session = account.client("sts").assume_role(RoleArn=role, RoleSessionName="night-shift")["Credentials"]
    Account(account.url, session["AccessKeyId"]).client("sqs").create_queue(QueueName="theirs")
    (event,) = looked_up(account, "Username", "night-shift")
    assert described(event)["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"] == role


def test_accounts_and_regions_have_their_own_history(account: Account, another_account: Account) -> None:
    account.client("sqs", "eu-west-1").create_queue(QueueName="q")
    assert looked_up(account, "EventName", "CreateQueue") == []
    assert looked_up(another_account, "EventName", "CreateQueue", "eu-west-1") == []
    assert len(looked_up(account, "EventName", "CreateQueue", "eu-west-1")) == 1
