"""The services LocalStack loads from this plug-in, each when it is first called.

Importing a service's modules registers their operations on its Api.
"""

from localstack.services.plugins import Service, aws_provider


@aws_provider()
def codepipeline() -> Service:
    from .codepipeline import action_types, approvals, pipelines, reports, starting, webhooks

    _ = action_types, approvals, reports, starting, webhooks
    return pipelines.API.service()


@aws_provider()
def codebuild() -> Service:
    from .codebuild import builds, credentials, projects, report_groups, webhooks

    _ = builds, credentials, report_groups, webhooks
    return projects.API.service()


@aws_provider()
def cloudtrail() -> Service:
    from .cloudtrail import data_stores, history, selectors, trails

    _ = data_stores, history, selectors
    return trails.API.service()


@aws_provider(api="codestar-connections")
def codestar_connections() -> Service:
    from . import connections

    return connections.api("codestar-connections").service()


@aws_provider()
def codeconnections() -> Service:
    from . import connections

    return connections.api("codeconnections").service()


@aws_provider(api="codestar-notifications")
def codestar_notifications() -> Service:
    from . import notifications

    return notifications.API.service()


@aws_provider()
def codecommit() -> Service:
    from . import approval_rules
    from . import codecommit as module

    _ = approval_rules
    return module.API.service()


@aws_provider()
def codedeploy() -> Service:
    from . import codedeploy as module

    return module.API.service()


@aws_provider()
def ecr() -> Service:
    from . import ecr as module

    return module.API.service()
