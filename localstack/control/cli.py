"""The commands of `localstack/emulator`."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import environment
import paths
from failure import Failure
from server import Server, client_environment

_EPILOG = """\
examples:
  localstack/emulator start && eval "$(localstack/emulator env)"
  localstack/emulator run -- make test
  localstack/emulator inventory --account 111122223333
"""


def main(arguments: list[str]) -> int:
    # What follows `test` is pytest's and what follows `python` is Python's: argparse would take their options for ours.
    is_passed_on = arguments[:1] in (["test"], ["python"]) and arguments[1:2] not in (["-h"], ["--help"])
    passed = arguments[1:] if is_passed_on else []
    options = _parser().parse_args(arguments[: len(arguments) - len(passed)])
    if passed:
        options.cmd = passed
    # A polite end cleans up like Ctrl-C does.
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    try:
        return options.command(options)
    except Failure as failure:
        print(f"emulator: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("emulator: interrupted", file=sys.stderr)
        return 130


def start(options: argparse.Namespace) -> int:
    record = _server(options).start(options.port)
    print(f"emulator: running at {record['url']}", file=sys.stderr)
    return 0


def stop(options: argparse.Namespace) -> int:
    stopped = _server(options).stop()
    print("emulator: stopped" if stopped else "emulator: was not running", file=sys.stderr)
    return 0


def status(options: argparse.Namespace) -> int:
    record = _server(options).record()
    if record is None:
        print("not running")
        return 3
    where = f"process {record['pid']}" if record["mode"] == "process" else f"compose project {record['project']}"
    print(f"running at {record['url']} ({where})")
    return 0


def env(options: argparse.Namespace) -> int:
    for name, value in client_environment(_running_url(options), options.account).items():
        print(f"export {name}={shlex.quote(value)}")
    print("unset AWS_PROFILE AWS_SESSION_TOKEN")
    return 0


def reset_hint(_: argparse.Namespace) -> int:
    print(
        "Nothing needs to be reset: a 12-digit access key id is the account, so a fresh number is an empty account:\n"
        "  AWS_ACCESS_KEY_ID=100000000001 AWS_SECRET_ACCESS_KEY=test ...\n"
        "To forget all accounts: localstack/emulator stop && localstack/emulator start"
    )
    return 0


def prepare(_: argparse.Namespace) -> int:
    environment.ensure()
    return 0


def run(options: argparse.Namespace) -> int:
    """Starts an emulator of its own, runs the command with its environment, and stops it whatever happens."""
    command = _command(options)
    if not command:
        raise Failure("run needs a command: localstack/emulator run -- CMD...")
    private = None if options.dir else Path(tempfile.mkdtemp(prefix="pipewright-emulator-"))
    server = Server(private or options.dir)
    try:
        record = server.start(options.port, bound_to_parent=True)
        added = client_environment(record["url"], options.account)
        dropped = ("AWS_PROFILE", "AWS_SESSION_TOKEN")
        environ = {name: value for name, value in os.environ.items() if name not in dropped}
        return _run_command(command, {**environ, **added, "PIPEWRIGHT_EMULATOR_LOG": str(server.log)})
    finally:
        # A second Ctrl-C must not leave the emulator behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        server.stop()
        if private:
            shutil.rmtree(private, ignore_errors=True)


def inventory(options: argparse.Namespace) -> int:
    python = environment.ensure()
    command = [str(python), "-P", str(paths.INVENTORY)]
    command += ["--expect-empty"] if options.expect_empty else []
    command += ["--region", options.region]
    given = client_environment(options.endpoint or _running_url(options), options.account)
    return subprocess.run(command, env={**os.environ, **given}, check=False).returncode


def python(options: argparse.Namespace) -> int:
    """Runs the environment's Python, which has boto3: for scripts that talk to the emulator as an outsider would."""
    return _run_command([str(environment.ensure()), *_command(options)], dict(os.environ))


def test(options: argparse.Namespace) -> int:
    python = environment.ensure()
    command = [str(python), "-P", "-m", "pytest", "-q", *_command(options)]
    return _run_command(command, dict(os.environ, PYTHONDONTWRITEBYTECODE="1"), cwd=paths.TESTS)


def _run_command(command: list[str], environ: dict[str, str], cwd: Path | None = None) -> int:
    # Ctrl-C reaches the command too: it decides when to end, and its exit code counts. Not SIG_IGN: the command
    # would inherit that.
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        child = subprocess.Popen(command, env=environ, cwd=cwd)
    except OSError as error:
        raise Failure(f"cannot run {command[0]}: {error.strerror}.") from error
    signal.signal(signal.SIGTERM, lambda number, _: child.send_signal(number))
    signal.signal(signal.SIGHUP, lambda number, _: child.send_signal(number))
    code = child.wait()
    return 128 - code if code < 0 else code


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _server(options: argparse.Namespace) -> Server:
    return Server(options.dir or paths.RUN)


def _command(options: argparse.Namespace) -> list[str]:
    return options.cmd[1:] if options.cmd[:1] == ["--"] else options.cmd


def _running_url(options: argparse.Namespace) -> str:
    record = _server(options).record()
    if record is None:
        raise Failure("not running; start it with: localstack/emulator start")
    return record["url"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="emulator",
        description="The local AWS emulator: LocalStack with the delivery services its community edition lacks.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(name: str, function: object, help_text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help_text, description=help_text)
        added.set_defaults(command=function)
        return added

    def with_dir(added: argparse.ArgumentParser, default: str = "localstack/.run") -> argparse.ArgumentParser:
        added.add_argument("--dir", type=Path, help=f"run directory (default: {default})")
        return added

    def with_account(added: argparse.ArgumentParser) -> argparse.ArgumentParser:
        added.add_argument("--account", type=_account, help="12-digit account number (default: 000000000000)")
        return added

    started = with_dir(command("start", start, "start it (nothing happens when it runs already)"))
    started.add_argument("--port", type=int, help="port of 127.0.0.1 (default: a free one)")
    with_dir(command("stop", stop, "stop it and wait until it is gone"))
    with_dir(command("status", status, "say whether and where it runs (exit code 3 when it does not)"))
    with_account(with_dir(command("env", env, "print the settings a client needs, for eval")))
    command("reset-hint", reset_hint, "say how to get an empty account")
    command("prepare", prepare, "make the Python environment without starting anything")
    ran = with_account(
        with_dir(command("run", run, "run a command against a fresh emulator, then stop that"), "a temporary one")
    )
    ran.add_argument("--port", type=int, help="port of 127.0.0.1 (default: a free one)")
    ran.add_argument("cmd", nargs=argparse.REMAINDER, metavar="-- CMD...", type=str)
    listed = with_account(with_dir(command("inventory", inventory, "list what exists in an account")))
    listed.add_argument("--endpoint", help="address of an emulator (default: the one of --dir)")
    listed.add_argument("--region", default="us-east-1")
    listed.add_argument("--expect-empty", action="store_true", help="exit code 1 when anything exists")
    asked = command("python", python, "run the environment's Python (it has boto3)")
    asked.add_argument("cmd", nargs=argparse.REMAINDER, metavar="[PYTHON ARGUMENTS]")
    tested = command("test", test, "run the emulator's own tests")
    tested.add_argument("cmd", nargs=argparse.REMAINDER, metavar="[PYTEST ARGUMENTS]")
    return parser


def _account(text: str) -> str:
    if len(text) != 12 or not text.isdigit():
        raise argparse.ArgumentTypeError("an account number has 12 digits")
    return text
