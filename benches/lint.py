#!/usr/bin/env python3
"""Lints configurations with growing numbers of pipelines, and prints time, memory and how they grow.

usage: benches/lint.py [--tool BIN] [--sizes N,N,…] [--seconds S] [--limit RATIO]

Needs no AWS. Each pipeline has a source, a build, an approval and a deployment, a role with a policy, a build project with its role, an
artifact bucket with a lifecycle, a key, a start rule and an alert rule with their targets, and a topic: 17 resources, in one file per pipeline.
The best of three runs counts. With --seconds the program ends with 1 when the first size takes longer; growth is what ten times the pipelines
cost (10 is linear), and above --limit the program ends with 1.
"""

import argparse
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent

PIPELINE = (ROOT / "benches" / "lint-pipeline.tf").read_text()


def write(folder: pathlib.Path, count: int) -> None:
    (folder / "main.tf").write_text('provider "aws" {\n  region = "eu-central-1"\n}\n')
    for number in range(count):
        (folder / f"app{number:05}.tf").write_text(PIPELINE.replace("NAME", f"app{number:05}"))


def measure(tool: str, folder: pathlib.Path) -> tuple[float, float, float]:
    best = (math.inf, math.inf, math.inf)
    for _ in range(3):
        start = time.monotonic()
        with open(folder / "last.log", "wb") as log:
            command = [tool, "lint", "-format=json"]
            child = subprocess.Popen(command, cwd=folder, env=dict(os.environ), stdout=log, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in (0, 2):
            sys.exit(f"lint ended with {child.returncode}:\n{(folder / 'last.log').read_text()[-2000:]}")
        run = (time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
        best = min(best, run)
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=str(ROOT / "target/release/pipewright"))
    parser.add_argument("--sizes", default="1000,4000")
    parser.add_argument("--seconds", type=float, default=0, help="longest the first size may take; 0 for any time")
    parser.add_argument("--limit", type=float, default=0, help="largest growth allowed; 0 for none")
    options = parser.parse_args()
    tool = str(pathlib.Path(options.tool).resolve()) if "/" in options.tool else options.tool
    sizes = [int(size) for size in options.sizes.split(",")]
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            write(folder, size)
            rows.append(measure(tool, folder))
    print(f"{'pipelines':>10} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}")
    for size, (wall, cpu, peak) in zip(sizes, rows):
        print(f"{size:>10} {wall:>8.2f} {cpu:>8.2f} {peak:>8.0f}")
    worst = 0.0
    for (a, x), (b, y) in zip(zip(sizes, rows), zip(sizes[1:], rows[1:])):
        growth = [10 ** (math.log(max(v, 1e-9) / max(u, 1e-9)) / math.log(b / a)) for u, v in zip(x, y)]
        print(f"{a} to {b}: ten times as many cost {growth[0]:.1f} times the time, {growth[2]:.1f} times the memory")
        worst = max(worst, growth[0])
    if options.seconds and rows[0][0] > options.seconds:
        sys.exit(f"{sizes[0]} pipelines took {rows[0][0]:.2f} s, more than {options.seconds} s")
    if options.limit and worst > options.limit:
        sys.exit(f"growth {worst:.1f} is above {options.limit}")


if __name__ == "__main__":
    main()
