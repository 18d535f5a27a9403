#!/usr/bin/env python3
"""Plans and applies one configuration with Pipewright and, where it is on the PATH, with Terraform, against the emulator whose
environment is set, and prints what each step cost and the ratios.

usage: localstack/emulator run -- benches/compare.py [--tool BIN] [--dir DIR] [-n PIPELINES] [--runs RUNS]

CPU seconds are those of the tool with all processes it started; the emulator's are not in it. Peak memory is that of the largest
single process (Terraform's provider is a process of its own beside it, so its real sum is higher). Each tool works in an account
of its own. Figures of no-op plans are medians over the runs.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def measure(command: list[str], folder: pathlib.Path, env: dict[str, str]) -> dict[str, float]:
    start = time.monotonic()
    with open(folder / "last.log", "wb") as log:
        child = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 2):
        sys.exit(f"{' '.join(command)} ended with {child.returncode}:\n{(folder / 'last.log').read_text()[-2000:]}")
    return {
        "wall s": time.monotonic() - start,
        "CPU s": usage.ru_utime + usage.ru_stime,
        "peak MB": usage.ru_maxrss / 1024,
    }


def steps(tool: str, source: pathlib.Path, account: str, count: int, runs: int) -> dict[str, dict[str, float]]:
    env = {**os.environ, "AWS_ACCESS_KEY_ID": account, "TF_VAR_n": str(count), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in source.glob("*.tf"):
            shutil.copy(file, folder)
        flags = ["-no-color", "-input=false"]
        out = {"init": measure([tool, "init", *flags], folder, env)}
        out["plan"] = measure([tool, "plan", *flags, "-out=plan"], folder, env)
        out["apply"] = measure([tool, "apply", *flags, "plan"], folder, env)
        noop = [measure([tool, "plan", *flags, "-detailed-exitcode"], folder, env) for _ in range(runs)]
        out["no-op plan"] = {key: statistics.median(run[key] for run in noop) for key in noop[0]}
        out["destroy"] = measure([tool, "destroy", *flags, "-auto-approve"], folder, env)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=str(ROOT / "target/release/pipewright"))
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "benches")
    parser.add_argument("-n", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if "AWS_ENDPOINT_URL" not in os.environ:
        sys.exit("run this through localstack/emulator run -- benches/compare.py")
    ours = steps(options.tool, options.dir, "910000000001", options.n, options.runs)
    peer = shutil.which("terraform")
    theirs = steps(peer, options.dir, "910000000002", options.n, options.runs) if peer else None
    print(f"{'step':<12} {'figure':<8} {'pipewright':>11} {'terraform':>11} {'ratio':>7}")
    for step, figures in ours.items():
        for figure, value in figures.items():
            other = theirs[step][figure] if theirs else None
            shown = f"{other:>11.2f} {value / other:>7.3f}" if other else f"{'-':>11} {'-':>7}"
            print(f"{step:<12} {figure:<8} {value:>11.2f} {shown}")
    if not peer:
        print("terraform is not on the PATH: no ratios")


if __name__ == "__main__":
    main()
