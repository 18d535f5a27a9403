"""Faults on demand, and roles that take a while: what clients must be able to live with."""

import json
import time
import urllib.error
import urllib.request
from typing import Any

from conftest import Account, eventually, refused
from pipelines import pipeline


def faults(account: Account, method: str, body: Any = None, query: str = "") -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{account.url}/_pipewright/faults{query}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)["faults"]


def test_a_call_fails_as_often_as_asked(account: Account, another_account: Account) -> None:
    fault = {
        "account": account.number,
        "service": "codepipeline",
        "operation": "ListPipelines",
        "code": "ThrottlingException",
        "message": "Rate exceeded",
        "times": 2,
    }
    faults(account, "POST", fault)
    client = account.client("codepipeline")
    assert another_account.client("codepipeline").list_pipelines()["pipelines"] == []
    assert client.list_webhooks()["webhooks"] == []
    for _ in range(2):
        assert refused(client.list_pipelines) == ("ThrottlingException", "Rate exceeded")
    assert client.list_pipelines()["pipelines"] == []
    events = account.client("cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "ListPipelines"}]
    )["Events"]
    codes = [json.loads(event["CloudTrailEvent"]).get("errorCode") for event in events]
    assert codes == [None, "ThrottlingException", "ThrottlingException"]


def test_faults_are_spoken_in_the_services_protocol(account: Account) -> None:
    for service, call in (("s3", "list_buckets"), ("iam", "list_roles"), ("sns", "list_topics")):
        fault = {"account": account.number, "service": service, "code": "AccessDenied", "status": 403}
        faults(account, "POST", fault)
        assert refused(getattr(account.client(service), call))[0] == "AccessDenied"
        getattr(account.client(service), call)()


def test_a_call_can_be_slow(account: Account) -> None:
    faults(account, "POST", {"account": account.number, "service": "sqs", "delay_ms": 300})
    started = time.monotonic()
    account.client("sqs").list_queues()
    assert time.monotonic() - started >= 0.3


def test_faults_are_forgotten(account: Account) -> None:
    faults(account, "POST", {"account": account.number, "service": "sqs", "code": "X", "times": 0})
    assert refused(account.client("sqs").list_queues)[0] == "X"
    left = faults(account, "DELETE", query=f"?account={account.number}")
    assert [fault for fault in left if fault["account"] == account.number] == []
    account.client("sqs").list_queues()


def test_malformed_faults_are_refused(account: Account) -> None:
    for body in (
        {},
        [],
        {"account": account.number, "service": "sqs", "times": "2"},
        {"acount": "1", "service": "sqs"},
    ):
        try:
            faults(account, "POST", body)
        except urllib.error.HTTPError as error:
            assert error.code == 400
        else:
            raise AssertionError(f"{body} was taken")


def test_a_fresh_role_takes_a_while(account: Account) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "codepipeline.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    role = account.client("iam").create_role(
        RoleName="slow",
        AssumeRolePolicyDocument=json.dumps(trust),
        Tags=[{"Key": "pipewright:delay-ms", "Value": "700"}],
    )["Role"]["Arn"]
    client = account.client("codepipeline")
    code, message = refused(client.create_pipeline, pipeline=pipeline(role))
    assert (code, message) == (
        "InvalidStructureException",
        f"CodePipeline is not authorized to perform AssumeRole on role {role}",
    )

    def created() -> bool:
        try:
            client.create_pipeline(pipeline=pipeline(role))
        except client.exceptions.InvalidStructureException:
            return False
        return True

    assert eventually(created)
