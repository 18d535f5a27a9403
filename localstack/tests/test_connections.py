"""Connections and hosts, under both names of the service."""

import pytest
import requests

from conftest import Account, refused


@pytest.mark.parametrize("service", ["codestar-connections", "codeconnections"])
def test_a_connection_lives(account: Account, service: str) -> None:
    client = account.client(service)
    tags = [{"Key": "team", "Value": "shop"}]
    arn = client.create_connection(ConnectionName="github", ProviderType="GitHub", Tags=tags)["ConnectionArn"]
    assert arn.startswith(f"arn:aws:{service}:us-east-1:{account.number}:connection/")
    shown = client.get_connection(ConnectionArn=arn)["Connection"]
    assert (shown["ConnectionStatus"], shown["ProviderType"], shown["ConnectionName"]) == (
        "PENDING",
        "GitHub",
        "github",
    )
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    client.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
    client.delete_connection(ConnectionArn=arn)
    assert refused(client.get_connection, ConnectionArn=arn)[0] == "ResourceNotFoundException"
    assert client.list_connections()["Connections"] == []


def test_both_names_show_the_same(account: Account) -> None:
    account.client("codestar-connections").create_connection(ConnectionName="github", ProviderType="GitHub")
    (shown,) = account.client("codeconnections").list_connections()["Connections"]
    assert shown["ConnectionName"] == "github"


def test_a_host_has_connections(account: Account) -> None:
    client = account.client("codestar-connections")
    given = {"Name": "ghe", "ProviderType": "GitHubEnterpriseServer", "ProviderEndpoint": "https://git.example.com"}
    host = client.create_host(**given)["HostArn"]
    client.update_host(HostArn=host, ProviderEndpoint="https://code.example.com")
    shown = client.get_host(HostArn=host)
    assert (shown["Status"], shown["ProviderEndpoint"]) == ("PENDING", "https://code.example.com")
    connection = client.create_connection(ConnectionName="ghe", HostArn=host)["ConnectionArn"]
    assert client.get_connection(ConnectionArn=connection)["Connection"]["ProviderType"] == "GitHubEnterpriseServer"
    assert refused(client.delete_host, HostArn=host)[0] == "ResourceUnavailableException"
    client.delete_connection(ConnectionArn=connection)
    client.delete_host(HostArn=host)
    assert client.list_hosts()["Hosts"] == []


def test_names_are_checked(account: Account) -> None:
    create = account.client("codestar-connections").create_connection
    code, message = refused(create, ConnectionName="x" * 33, ProviderType="GitHub")
    assert code == "ValidationException"
    assert message.endswith("Member must have length less than or equal to 32")


def test_codeconnections_speaks_cbor(account: Account) -> None:
    """As newer SDKs do; boto3 does not yet."""
    answer = requests.post(
        f"{account.url}/service/CodeConnections_20231201/operation/ListConnections",
        data=b"\xa0",
        headers={
            "Authorization": f"AWS4-HMAC-SHA256 Credential={account.number}/20250101/us-east-1/codeconnections/aws4_request, "
            "SignedHeaders=host, Signature=0",
            "Content-Type": "application/cbor",
            "Smithy-Protocol": "rpc-v2-cbor",
        },
        timeout=30,
    )
    assert answer.status_code == 200
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
