"""One emulator for the whole run, and an account of its own for every test."""

import itertools
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "control"))

from server import Server

_accounts = itertools.count(200000000000)


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PIPEWRIGHT_EMULATOR_STEP_MS", "30")
        environment.setenv("PIPEWRIGHT_EMULATOR_ROLE_DELAY_MS", "0")
        server = Server(tmp_path_factory.mktemp("emulator"))
        try:
            yield server.start(bound_to_parent=True)
        finally:
            server.stop()


class Account:
    """An empty account, and shorthands for what most tests need in it."""

    def __init__(self, url: str, number: str):
        self.url = url
        self.number = number
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = "us-east-1") -> Any:
        key = (service, region)
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=region,
                aws_access_key_id=self.number,
                aws_secret_access_key="test",
                # The service must refuse, not the client.
                config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
            )
        return self._clients[key]

    def role(self, service: str, name: str | None = None) -> str:
        """The ARN of a new role the service may assume."""
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
        created = self.client("iam").create_role(
            RoleName=name or f"{service}-role", AssumeRolePolicyDocument=json.dumps(trust)
        )
        return created["Role"]["Arn"]


@pytest.fixture
def account(emulator: dict[str, Any]) -> Account:
    return Account(emulator["url"], str(next(_accounts)))


@pytest.fixture
def another_account(emulator: dict[str, Any]) -> Account:
    return Account(emulator["url"], str(next(_accounts)))


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    """The code and message an operation is refused with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def eventually(check: Callable[[], Any], seconds: float = 10.0) -> Any:
    """The first true value of `check`."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("it did not happen in time")
        time.sleep(0.02)
