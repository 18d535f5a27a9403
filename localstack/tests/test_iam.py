"""IAM refuses trust policies AWS refuses, and fresh roles may take a while."""

import json

import pytest

from conftest import Account, refused

SERVICE = {"Service": "codepipeline.amazonaws.com"}


def statement(**members: object) -> dict:
    return {"Effect": "Allow", "Principal": SERVICE, "Action": "sts:AssumeRole", **members}


def without(*members: str) -> dict:
    return {key: value for key, value in statement().items() if key not in members}


CASES = {
    "no JSON": ("{", "This policy contains invalid Json"),
    "no statement": ({"Version": "2012-10-17"}, "Syntax errors in policy."),
    "no principal": ({"Statement": [without("Principal")]}, "Missing required field Principal"),
    "no action": ({"Statement": [without("Action")]}, "Missing required field Action"),
    "no effect": ({"Statement": [without("Effect")]}, "Syntax errors in policy."),
    "a resource": ({"Statement": [statement(Resource="*")]}, "Has prohibited field Resource"),
    "another action": (
        {"Statement": statement(Action="s3:GetObject")},
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    "an unknown service": (
        {"Statement": [statement(Principal={"Service": "codepipeline"})]},
        'Invalid principal in policy: "SERVICE":"codepipeline"',
    ),
    "a role that is not there": (
        {"Statement": [statement(Principal={"AWS": "arn:aws:iam::{account}:role/missing"})]},
        'Invalid principal in policy: "AWS":"arn:aws:iam::{account}:role/missing"',
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_malformed_trust_policies_are_refused(account: Account, case: str) -> None:
    document, message = CASES[case]
    text = document if isinstance(document, str) else json.dumps(document)
    text, message = text.replace("{account}", account.number), message.replace("{account}", account.number)
    code, answer = refused(account.client("iam").create_role, RoleName="r", AssumeRolePolicyDocument=text)
    assert (code, answer) == ("MalformedPolicyDocument", message)


def test_usual_trust_policies_are_taken(account: Account) -> None:
    iam = account.client("iam")
    other = account.role("codepipeline")
    principals = (
        SERVICE,
        {"Service": ["events.amazonaws.com", "codebuild.amazonaws.com"]},
        {"AWS": ["111122223333", "arn:aws:iam::111122223333:root", other]},
        {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
        "*",
    )
    for number, principal in enumerate(principals):
        document = {"Version": "2012-10-17", "Statement": [statement(Principal=principal)]}
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=json.dumps(document))
    iam.update_assume_role_policy(RoleName="r0", PolicyDocument=json.dumps(document))
    code, _ = refused(iam.update_assume_role_policy, RoleName="r0", PolicyDocument="{")
    assert code == "MalformedPolicyDocument"


def test_malformed_permissions_are_refused(account: Account) -> None:
    account.role("codepipeline", "r")
    call = account.client("iam").put_role_policy
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]})
    assert refused(call, RoleName="r", PolicyName="p", PolicyDocument=document)[0] == "MalformedPolicyDocument"


def test_a_session_duration_leaves_the_description(account: Account) -> None:
    client = account.client("iam")
    account.role("codepipeline")
    name = client.list_roles()["Roles"][0]["RoleName"]
    client.update_role(RoleName=name, Description="deploys")
    client.update_role(RoleName=name, MaxSessionDuration=7200)
    role = client.get_role(RoleName=name)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("deploys", 7200)
    client.update_role(RoleName=name, Description="")
    assert client.get_role(RoleName=name)["Role"].get("Description", "") == ""
