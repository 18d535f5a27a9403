"""What is done before LocalStack starts serving, and when it ends: the few places where it is told otherwise."""

import logging
import os
import threading
import time
import warnings
from typing import Any

from localstack.runtime import hooks

from . import faults, moto_lock, settings

LOG = logging.getLogger(__name__)


@hooks.on_infra_start()
def start() -> None:
    bind_to_the_requested_interface()
    support_python_3_12()
    accept_cbor()
    install_handlers()
    faults.install()
    moto_lock.install()
    end_with_parent()


# After LocalStack's own hooks (the last of them has priority -20): services have stopped what they started.
@hooks.on_infra_shutdown(priority=-30)
def end() -> None:
    """Ends at once instead of waiting ten seconds for idle connections: everything is in memory only."""
    logging.shutdown()
    os._exit(0)


def bind_to_the_requested_interface() -> None:
    """LocalStack's server listens on all interfaces, whatever host GATEWAY_LISTEN names. Here it does not."""
    from localstack import config
    from twisted.internet import endpoints

    hosts = {listen.port: listen.host for listen in config.GATEWAY_LISTEN}
    original = endpoints.TCP4ServerEndpoint

    class BoundEndpoint(original):
        def __init__(self, reactor: Any, port: int, backlog: int = 50, interface: str = ""):
            super().__init__(reactor, port, backlog, interface or hosts.get(port, ""))

    endpoints.TCP4ServerEndpoint = BoundEndpoint


def support_python_3_12() -> None:
    """LocalStack imports warnings.deprecated, which came with Python 3.13."""
    if not hasattr(warnings, "deprecated"):
        from typing_extensions import deprecated

        warnings.deprecated = deprecated


def accept_cbor() -> None:
    """Newer SDKs speak Smithy RPC v2 in CBOR with services of which LocalStack only knows that they speak JSON (CodeConnections)."""
    from localstack.aws.handlers import service

    original = service.determine_aws_protocol

    def determine(request: Any, model: Any) -> str:
        if request.headers.get("Smithy-Protocol") == "rpc-v2-cbor":
            return "smithy-rpc-v2-cbor"
        return original(request, model)

    service.determine_aws_protocol = determine


def install_handlers() -> None:
    """Puts our handlers into the chain every request goes through."""
    from localstack.aws import handlers

    from . import alarms, eventbridge, iam, iam_additions, lifecycles, log_groups, queues
    from .cloudtrail import history

    handlers.serve_custom_service_request_handlers.append(eventbridge.prepare)
    handlers.serve_custom_service_request_handlers.append(lifecycles.prepare)
    handlers.serve_custom_service_request_handlers.append(faults.inject)
    handlers.serve_custom_service_request_handlers.append(iam.check_request)
    handlers.run_custom_response_handlers.append(iam.note_response)
    handlers.run_custom_response_handlers.append(alarms.note_response)
    handlers.run_custom_response_handlers.append(log_groups.note_response)
    handlers.run_custom_response_handlers.append(queues.note_response)
    handlers.run_custom_response_handlers.append(history.record)
    iam_additions.install()


def end_with_parent() -> None:
    """Ends the emulator when the process that asked for it is gone, however that ended."""
    if not settings.PARENT.isdigit():
        return
    parent = int(settings.PARENT)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        LOG.warning("the process that started the emulator is gone: ending")
        os._exit(0)

    threading.Thread(target=watch, name="pipewright-parent", daemon=True).start()
