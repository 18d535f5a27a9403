"""EventBridge: targets and checks LocalStack's own service lacks, and the sending of AWS events."""

import json
import logging
from datetime import datetime
from functools import cache
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response

from . import event_buses
from .clock import DELIVERIES

LOG = logging.getLogger(__name__)


@cache
def install() -> None:
    """Adds our targets and refuses invalid patterns when a rule is made, as AWS does."""
    _register_targets()
    _check_patterns()
    event_buses.install()


def prepare(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Request handler: makes our additions when the service is first called, before LocalStack loads it."""
    if context.service and context.service.service_name == "events":
        install()


def send(
    account: str,
    region: str,
    source: str,
    detail_type: str,
    resources: list[str],
    detail: dict[str, Any],
    moment: datetime,
) -> None:
    """Puts an AWS service's event on the account's default bus, in the background and in order."""
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Resources": resources,
        "Detail": json.dumps(detail, default=str),
        "Time": moment,
    }
    DELIVERIES.later(0, lambda: _put(account, region, entry))


def _put(account: str, region: str, entry: dict[str, Any]) -> None:
    from localstack.aws.connect import connect_to
    from localstack.services.plugins import SERVICE_PLUGINS

    # Without the service there are no rules, and loading it takes a second.
    if SERVICE_PLUGINS.is_running("events"):
        connect_to(aws_access_key_id=account, region_name=region).events.put_events(Entries=[entry])


def _register_targets() -> None:
    from localstack.services.events.target import TargetSender, TargetSenderFactory

    class CodePipelineTarget(TargetSender):
        """Starts the pipeline, with the variables and source revisions the target's input names."""

        def send_event(self, event: Any, trace_header: Any = None) -> None:
            given = event if isinstance(event, dict) else {}
            optional = {key: given[key] for key in ("variables", "sourceRevisions") if isinstance(given.get(key), list)}
            self.client.start_pipeline_execution(name=self.target["Arn"].rsplit(":", 1)[-1], **optional)

    class CodeBuildTarget(TargetSender):
        """Starts a build, with the overrides the target's input names."""

        def send_event(self, event: Any, trace_header: Any = None) -> None:
            given = event if isinstance(event, dict) else {}
            overrides = {
                key: value for key, value in given.items() if key.endswith("Override") or key == "sourceVersion"
            }
            self.client.start_build(projectName=self.target["Arn"].rsplit("/", 1)[-1], **overrides)

    class SilentTarget(TargetSender):
        """Takes events and does nothing with them."""

        def send_event(self, event: Any, trace_header: Any = None) -> None:
            LOG.debug("dropped an event for %s", self.target["Arn"])

    TargetSenderFactory.register_target_sender("codepipeline", CodePipelineTarget)
    TargetSenderFactory.register_target_sender("codebuild", CodeBuildTarget)
    for service in ("inspector", "glue", "ssm-incidents", "ec2"):
        TargetSenderFactory.register_target_sender(service, SilentTarget)


def _check_patterns() -> None:
    from localstack.aws.api.events import InvalidEventPatternException
    from localstack.services.events.event_rule_engine import EventPatternCompiler
    from localstack.services.events.provider import EventsProvider

    original = EventsProvider.create_rule_service

    def create_rule_service(
        self: Any, name: str, region: str, account: str, schedule: Any, pattern: Any, *rest: Any, **named: Any
    ) -> Any:
        if pattern:
            try:
                EventPatternCompiler().compile_event_pattern(pattern)
            except InvalidEventPatternException:
                raise
            except ValueError as error:
                raise InvalidEventPatternException(f"Event pattern is not valid. Reason: {error}") from error
        return original(self, name, region, account, schedule, pattern, *rest, **named)

    EventsProvider.create_rule_service = create_rule_service
