"""What is done before LocalStack starts serving: the few places where it has to be told otherwise."""

import logging
import os
import threading
import time
from typing import Any

from localstack.runtime import hooks

from . import settings

LOG = logging.getLogger(__name__)


@hooks.on_infra_start()
def start() -> None:
    bind_to_the_requested_interface()
    install_handlers()
    # The events service is loaded when it is first used; its module tells about that.
    from . import eventbridge

    eventbridge.install()
    end_with_parent()


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


def install_handlers() -> None:
    """Puts our handlers into the chain every request goes through."""
    from localstack.aws import handlers

    from . import iam
    from .cloudtrail import history

    handlers.serve_custom_service_request_handlers.append(iam.check_request)
    handlers.run_custom_response_handlers.append(iam.note_response)
    handlers.run_custom_response_handlers.append(history.record)


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
