#!/usr/bin/env python3
"""Plans and applies one configuration with Pipewright and, where it is on the PATH, with Terraform, against the emulator whose
environment is set, and prints what each step cost and how many times less Pipewright needs.

usage: localstack/emulator run -- benches/compare.py [--tool BIN] [--dir DIR] [-n PIPELINES[,…]] [--runs RUNS] [--limits]

CPU seconds and peak memory are those of the tool with all processes it started (Terraform's provider is one beside it); the
emulator's are not in it. API calls are counted by a relay in front of the emulator. Each tool works in an account of its own. Figures of
no-op plans are medians over the runs. With --limits the program ends with 1 when a no-op plan costs more than it may.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

from measure import ROOT, Counted, counted, measure, table

# What a no-op plan of the configuration in this folder may cost by number of pipelines: API calls and 10^6 bytes.
LIMITS = {100: (250, 60), 300: (700, 100)}
# CPU seconds of a no-op plan, as a part of Terraform's.
PART = 20


def steps(tool: str, source: pathlib.Path, account: str, count: int, runs: int, relay: Counted) -> dict[str, dict[str, float]]:
    def run(*arguments: str) -> dict[str, float]:
        before = relay.requests
        command = [tool, arguments[0], "-no-color", "-input=false", *arguments[1:]]
        env = {"AWS_ACCESS_KEY_ID": account, "AWS_ENDPOINT_URL": relay.endpoint, "TF_VAR_n": str(count)}
        return {**measure(command, folder, (0,), **env), "API calls": relay.requests - before}

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name, "work")
        folder.mkdir()
        for file in source.glob("*.tf"):
            shutil.copy(file, folder)
        out = {"init": run("init"), "plan": run("plan", "-out=plan"), "apply": run("apply", "plan")}
        again = [run("plan", "-out=plan", "-detailed-exitcode") for _ in range(runs)]
        out["no-op plan"] = {key: statistics.median(one[key] for one in again) for key in again[0]}
        out["destroy"] = run("destroy", "-auto-approve")
    return out


def exceeded(count: int, ours: dict[str, float], theirs: dict[str, float] | None) -> list[str]:
    calls, memory = LIMITS.get(count, (float("inf"), float("inf")))
    allowed = {"API calls": calls, "peak MB": memory}
    if theirs:
        allowed["CPU s"] = theirs["CPU s"] / PART
    return [f"{count} pipelines: {k} {ours[k]:.2f}, allowed {most:.2f}" for k, most in allowed.items() if ours[k] > most]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=str(ROOT / "target/release/pipewright"))
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / "benches")
    parser.add_argument("-n", default="100")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limits", action="store_true")
    options = parser.parse_args()
    if "AWS_ENDPOINT_URL" not in os.environ:
        sys.exit("run this through localstack/emulator run -- benches/compare.py")
    peer = shutil.which("terraform")
    over: list[str] = []
    with counted(os.environ["AWS_ENDPOINT_URL"]) as relay:
        for at, count in enumerate(int(n) for n in options.n.split(",")):
            ours = steps(options.tool, options.dir, f"91000000{at:03}1", count, options.runs, relay)
            theirs = steps(peer, options.dir, f"91000000{at:03}2", count, options.runs, relay) if peer else None
            rows = []
            for step, figures in ours.items():
                for figure, value in figures.items():
                    digits = 0 if figure == "API calls" else 2
                    other = theirs[step][figure] if theirs else None
                    ratio = f"{other / value:.1f}" if other and value else "-"
                    rows.append([step, figure, f"{value:.{digits}f}", f"{other:.{digits}f}" if theirs else "-", ratio])
            print(f"{count} pipelines\n\n" + table(["step", "figure", "pipewright", "terraform", "times less"], rows))
            over += exceeded(count, ours["no-op plan"], theirs["no-op plan"] if theirs else None)
    if not peer:
        print("terraform is not on the PATH: no ratios")
    if options.limits and over:
        sys.exit("more than allowed:\n" + "\n".join(over))


if __name__ == "__main__":
    main()
