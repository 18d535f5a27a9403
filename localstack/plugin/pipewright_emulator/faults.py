"""Faults on demand, so that clients' retries and error handling can be tried:

    POST /_pipewright/faults {"account": "111122223333", "service": "codepipeline", "operation": "CreatePipeline",
                              "code": "ThrottlingException", "message": "Rate exceeded", "status": 400,
                              "times": 2, "delay_ms": 0}
    GET /_pipewright/faults                      the faults still to come
    DELETE /_pipewright/faults?account=...       forgets an account's faults, or all

`account` and `service` are required. Without `operation` every operation of the service is meant, without `code` the
call is only delayed, `times` is 1 when it is not given and 0 for always. Operations are named as in the service model.
"""

import time
from dataclasses import asdict, dataclass, fields
from threading import Lock
from typing import Any

from localstack.aws.api import RequestContext
from localstack.aws.chain import HandlerChain
from localstack.http import Request, Response

from .api import refuse

PATH = "/_pipewright/faults"


@dataclass
class Fault:
    account: str
    service: str
    operation: str = ""
    code: str = ""
    message: str = "Injected by the emulator"
    status: int = 400
    times: int = 1
    delay_ms: int = 0


_faults: list[Fault] = []
_lock = Lock()


def install() -> None:
    """Adds the endpoint to LocalStack's router."""
    from localstack.services.edge import ROUTER

    ROUTER.add(PATH, _serve, methods=["GET", "POST", "DELETE"])


def inject(_chain: HandlerChain, context: RequestContext, _response: Response) -> None:
    """Request handler: lets the call fail or wait when a fault is waiting for it."""
    if not context.service or not context.operation or context.is_internal_call or not _faults:
        return
    fault = _take(context.account_id, context.service.service_name, context.operation.name)
    if fault is None:
        return
    time.sleep(fault.delay_ms / 1000)
    if fault.code:
        refuse(fault.code, fault.message, fault.status)


def _take(account: str, service: str, operation: str) -> Fault | None:
    with _lock:
        for fault in _faults:
            if (fault.account, fault.service) == (account, service) and fault.operation in ("", operation):
                if fault.times == 1:
                    _faults.remove(fault)
                fault.times = max(fault.times - 1, 0)
                return fault
    return None


def _serve(request: Request) -> Response:
    if request.method == "POST":
        try:
            fault = _parsed(request.get_json(force=True))
        except ValueError as error:
            return Response.for_json({"message": str(error)}, status=400)
        with _lock:
            _faults.append(fault)
    elif request.method == "DELETE":
        account = request.args.get("account")
        with _lock:
            _faults[:] = [fault for fault in _faults if account and fault.account != account]
    with _lock:
        return Response.for_json({"faults": [asdict(fault) for fault in _faults]})


def _parsed(given: Any) -> Fault:
    known = {field.name: field.type for field in fields(Fault)}
    if not isinstance(given, dict) or not {"account", "service"} <= given.keys() <= known.keys():
        raise ValueError(f"a fault is an object with account, service and any of {', '.join(known)}")
    for name, value in given.items():
        if not isinstance(value, known[name]) or isinstance(value, bool):
            raise ValueError(f"{name} must be a {'number' if known[name] is int else 'text'}")
    return Fault(**given)
