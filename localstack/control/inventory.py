"""Lists what exists in an account of a running emulator, by asking the services. Runs in the emulator's environment.

What AWS itself owns (managed policies, default buses, managed keys) and keys waiting for their deletion are not
listed. Services nobody called yet hold nothing and are not asked.
"""

import argparse
import json
import os
import sys
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import boto3

Item = dict[str, Any] | str


class Listing(NamedTuple):
    service: str
    kind: str
    operation: str
    key: str
    name: str = ""
    """The member that names an item; empty when items are names themselves."""
    arguments: dict[str, Any] = {}
    ours: Callable[[Item], bool] = lambda _item: True


LISTINGS = (
    Listing("cloudtrail", "event data store", "list_event_data_stores", "EventDataStores", "Name",
            ours=lambda item: item.get("Status") != "PENDING_DELETION"),
    Listing("cloudtrail", "trail", "list_trails", "Trails", "Name"),
    Listing("cloudwatch", "alarm", "describe_alarms", "MetricAlarms", "AlarmName"),
    Listing("codebuild", "project", "list_projects", "projects"),
    Listing("codebuild", "source credential", "list_source_credentials", "sourceCredentialsInfos", "arn"),
    Listing("codecommit", "repository", "list_repositories", "repositories", "repositoryName"),
    Listing("codedeploy", "application", "list_applications", "applications"),
    Listing("codepipeline", "custom action type", "list_action_types", "actionTypes", "id",
            arguments={"actionOwnerFilter": "Custom"}),
    Listing("codepipeline", "pipeline", "list_pipelines", "pipelines", "name"),
    Listing("codepipeline", "webhook", "list_webhooks", "webhooks", "arn"),
    Listing("codestar-connections", "connection", "list_connections", "Connections", "ConnectionName"),
    Listing("codestar-connections", "host", "list_hosts", "Hosts", "Name"),
    Listing("codestar-notifications", "notification rule", "list_notification_rules", "NotificationRules", "Arn"),
    Listing("ecr", "repository", "describe_repositories", "repositories", "repositoryName"),
    Listing("events", "archive", "list_archives", "Archives", "ArchiveName"),
    Listing("events", "event bus", "list_event_buses", "EventBuses", "Name",
            ours=lambda item: item["Name"] != "default"),
    Listing("events", "rule", "list_rules", "Rules", "Name", ours=lambda item: not item.get("ManagedBy")),
    Listing("iam", "group", "list_groups", "Groups", "GroupName"),
    Listing("iam", "instance profile", "list_instance_profiles", "InstanceProfiles", "InstanceProfileName"),
    Listing("iam", "OIDC provider", "list_open_id_connect_providers", "OpenIDConnectProviderList", "Arn"),
    Listing("iam", "policy", "list_policies", "Policies", "PolicyName", arguments={"Scope": "Local"}),
    Listing("iam", "role", "list_roles", "Roles", "RoleName",
            ours=lambda item: not item["Path"].startswith("/aws-service-role/")),
    Listing("iam", "user", "list_users", "Users", "UserName"),
    Listing("kms", "alias", "list_aliases", "Aliases", "AliasName",
            ours=lambda item: not item["AliasName"].startswith("alias/aws/")),
    Listing("lambda", "function", "list_functions", "Functions", "FunctionName"),
    Listing("logs", "log group", "describe_log_groups", "logGroups", "logGroupName"),
    Listing("logs", "resource policy", "describe_resource_policies", "resourcePolicies", "policyName"),
    Listing("s3", "bucket", "list_buckets", "Buckets", "Name"),
    Listing("secretsmanager", "secret", "list_secrets", "SecretList", "Name"),
    Listing("sns", "subscription", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    Listing("sns", "topic", "list_topics", "Topics", "TopicArn"),
    Listing("sqs", "queue", "list_queues", "QueueUrls"),
    Listing("ssm", "parameter", "describe_parameters", "Parameters", "Name"),
    Listing("stepfunctions", "state machine", "list_state_machines", "stateMachines", "name"),
)  # fmt: skip

# Two names of one service: calls to either make it hold something.
_SAME = {"codeconnections": "codestar-connections"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="inventory")
    parser.add_argument("--region", required=True)
    parser.add_argument("--expect-empty", action="store_true")
    options = parser.parse_args()
    found = list(inventory(os.environ["AWS_ENDPOINT_URL"], options.region))
    for service, kind, name in found:
        print(f"{service}  {kind}  {name}")
    if not found:
        print("empty")
    return 1 if found and options.expect_empty else 0


def inventory(endpoint: str, region: str) -> Iterator[tuple[str, str, str]]:
    """(service, kind, name) of everything in the account of the environment's credentials."""
    session, asked = boto3.Session(region_name=region), _running(endpoint)
    for listing in LISTINGS:
        if listing.service in asked:
            client = session.client(listing.service, endpoint_url=endpoint)
            for item in _items(client, listing):
                if listing.ours(item):
                    yield listing.service, listing.kind, _name(listing, item)
    if "kms" in asked:
        client = session.client("kms", endpoint_url=endpoint)
        for item in _items(client, Listing("kms", "key", "list_keys", "Keys", "KeyId")):
            key = client.describe_key(KeyId=item["KeyId"])["KeyMetadata"]
            if key["KeyManager"] == "CUSTOMER" and key["KeyState"] != "PendingDeletion":
                yield "kms", "key", item["KeyId"]


def _running(endpoint: str) -> set[str]:
    """The services that were called at least once."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{endpoint}/_localstack/health", timeout=10) as response:
        services = json.load(response)["services"]
    return {_SAME.get(name, name) for name, state in services.items() if state == "running"}


def _items(client: Any, listing: Listing) -> Iterator[Any]:
    if client.can_paginate(listing.operation):
        for page in client.get_paginator(listing.operation).paginate(**listing.arguments):
            yield from page.get(listing.key, [])
    else:
        yield from getattr(client, listing.operation)(**listing.arguments).get(listing.key, [])


def _name(listing: Listing, item: Any) -> str:
    named = item[listing.name] if listing.name else item
    return "/".join(named.values()) if isinstance(named, dict) else named


if __name__ == "__main__":
    sys.exit(main())
