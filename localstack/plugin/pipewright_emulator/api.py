"""How a service of this plug-in is written: an `Api`, and one function per operation registered on it.

    API = Api("codepipeline")

    @API.operation("GetPipeline")
    def get_pipeline(context, request):
        return {...}

A function receives LocalStack's request context and the parsed request, and returns the response as a dict or
raises `refuse(...)`. The request was checked against the service's model before. Operations of one Api never run
at the same time: they hold its lock. Operations that are not registered go to moto when the Api says so, and are
answered with 501 and a plain sentence otherwise.
"""

from collections.abc import Callable, Mapping
from threading import RLock
from typing import Any, NoReturn

from localstack.aws.api import CommonServiceException, RequestContext
from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.plugins import Service

from .constraints import Constraints

Request = Mapping[str, Any]
Operation = Callable[[RequestContext, Request], dict[str, Any] | None]


def refuse(code: str, message: str, status: int = 400) -> NoReturn:
    """Answers the request with an AWS error."""
    raise CommonServiceException(code, message, status_code=status, sender_fault=True)


class Api:
    """The operations of one service."""

    def __init__(self, service: str, *, moto: bool = False, constraints: Constraints | None = None):
        self.service_name = service
        self.lock = RLock()
        self._moto = moto
        self._constraints = constraints or Constraints()
        self._operations: dict[str, Operation] = {}

    def operation(self, name: str) -> Callable[[Operation], Operation]:
        """Registers the function as the operation of that name."""

        def register(function: Operation) -> Operation:
            if name in self._operations:
                raise ValueError(f"{self.service_name}.{name} is registered twice")
            self._operations[name] = function
            return function

        return register

    def service(self) -> Service:
        """The service as LocalStack wants it from a provider plug-in."""
        model = load_service(self.service_name)
        unknown = set(self._operations) - set(model.operation_names)
        if unknown:
            raise ValueError(f"{self.service_name} has no operations {sorted(unknown)}")
        table = {name: self._handler(name) for name in model.operation_names}
        return Service(name=self.service_name, skeleton=Skeleton(model, table))

    def _handler(self, name: str) -> Operation:
        function = self._operations.get(name)
        if function is not None:
            return self._guarded(function)
        if self._moto:
            return _forward_to_moto
        return self._not_emulated(name)

    def _guarded(self, function: Operation) -> Operation:
        def handle(context: RequestContext, request: Request) -> dict[str, Any] | None:
            request = {key: value for key, value in (request or {}).items() if value is not None}
            self._constraints.check(context.operation.input_shape, request)
            with self.lock:
                return function(context, request)

        return handle

    def _not_emulated(self, name: str) -> Operation:
        def handle(_context: RequestContext, _request: Request) -> NoReturn:
            raise NotImplementedError(f"The Pipewright emulator does not have {self.service_name} {name}.")

        return handle


def _forward_to_moto(context: RequestContext, _request: Request) -> dict[str, Any]:
    from localstack.services.moto import call_moto

    return call_moto(context)
