"""A Lambda runtime that runs nothing: functions can be created, updated and deleted without Docker.

Selected with LAMBDA_RUNTIME_EXECUTOR=pipewright-noop. An invocation answers null.
"""

from typing import Any

from localstack.services.lambda_.invocation.plugins import RuntimeExecutorPlugin


class NoopRuntimeExecutorPlugin(RuntimeExecutorPlugin):
    name = "pipewright-noop"

    def load(self, *_args: Any, **_kwargs: Any) -> type:
        from localstack.services.lambda_.invocation.lambda_models import InvocationResult
        from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

        class NoopRuntimeExecutor(RuntimeExecutor):
            def start(self, env_vars: dict[str, str]) -> None:
                """Nothing to start."""

            def stop(self) -> None:
                """Nothing to stop."""

            def get_address(self) -> str:
                return "127.0.0.1"

            def get_endpoint_from_executor(self) -> str:
                return "127.0.0.1"

            def get_runtime_endpoint(self) -> str:
                return "http://127.0.0.1/"

            def get_logs(self) -> str:
                return ""

            def invoke(self, payload: dict[str, str]) -> InvocationResult:
                return InvocationResult(
                    request_id=payload.get("invoke-id", ""),
                    payload=b"null",
                    is_error=False,
                    logs="",
                    executed_version="$LATEST",
                )

            @classmethod
            def prepare_version(cls, function_version: Any) -> None:
                """Nothing to prepare."""

            @classmethod
            def cleanup_version(cls, function_version: Any) -> None:
                """Nothing to clean up."""

        return NoopRuntimeExecutor
