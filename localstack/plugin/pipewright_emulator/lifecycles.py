"""S3: lifecycle rules as they were written before filters, with a prefix of their own, and rules without an id. LocalStack knows neither."""

import base64
import os
from functools import cache
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Response


def prepare(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Request handler: makes our additions when the first lifecycle configuration is written."""
    if context.service_operation and context.service_operation.operation == "PutBucketLifecycleConfiguration":
        install()


@cache
def install() -> None:
    """Lets such rules pass LocalStack's checks, and lets them apply to the objects they name."""
    from localstack.services.s3 import provider

    check, find = provider.validate_lifecycle_configuration, provider.get_lifecycle_rule_from_object

    def validate(configuration: Any) -> None:
        for rule in (configuration or {}).get("Rules", []):
            # S3 chooses an id of 48 characters (User Guide, "Lifecycle configuration elements").
            rule.setdefault("ID", base64.b64encode(os.urandom(36)).decode())
        check(configuration and {**configuration, "Rules": [_filtered(r) for r in configuration.get("Rules", [])]})

    def matching(rules: Any, *arguments: Any, **named: Any) -> Any:
        return find([_filtered(rule) for rule in rules], *arguments, **named)

    provider.validate_lifecycle_configuration = validate
    provider.get_lifecycle_rule_from_object = matching


def _filtered(rule: dict[str, Any]) -> dict[str, Any]:
    """The rule as LocalStack knows rules: with a filter."""
    if "Prefix" not in rule or "Filter" in rule:
        return rule
    filtered = {"Prefix": rule["Prefix"]} if rule["Prefix"] else {}
    return {**{key: value for key, value in rule.items() if key != "Prefix"}, "Filter": filtered}
