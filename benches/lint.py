#!/usr/bin/env python3
"""Lints configurations with growing numbers of pipelines, and prints time, memory and how they grow.

usage: benches/lint.py [--tool BIN] [--sizes N,N,…] [--seconds S] [--limit RATIO]

Needs no AWS. Each pipeline has a source, a build, an approval and a deployment, a role with a policy, a build project with its role, an
artifact bucket with a lifecycle, a key, a start rule and an alert rule with their targets, and a topic: 17 resources, in one file per pipeline.
The best of three runs counts. With --seconds the program ends with 1 when the first size takes longer; growth is what ten times the pipelines
cost (10 is linear), and above --limit the program ends with 1.
"""

import argparse
import pathlib
import sys
import tempfile

from measure import ROOT, growth, measure, table

PIPELINE = (ROOT / "benches" / "lint" / "pipeline.tf").read_text()


def write(folder: pathlib.Path, count: int) -> None:
    (folder / "main.tf").write_text('provider "aws" {\n  region = "eu-central-1"\n}\n')
    for number in range(count):
        (folder / f"app{number:05}.tf").write_text(PIPELINE.replace("NAME", f"app{number:05}"))


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
            folder = pathlib.Path(name, "work")
            folder.mkdir()
            write(folder, size)
            runs = [measure([tool, "lint", "-format=json"], folder, (0, 2)) for _ in range(3)]
            rows.append(min(runs, key=lambda run: run["wall s"]))
    shown = [[str(size), *(f"{v:.2f}" for v in row.values())] for size, row in zip(sizes, rows)]
    print(table(["pipelines", *rows[0]], shown))
    times = {figure: growth(sizes, [row[figure] for row in rows]) for figure in rows[0]}
    print("ten times as many cost: " + ", ".join(f"{k} {max(v, default=0):.1f} times" for k, v in times.items()))
    if options.seconds and rows[0]["wall s"] > options.seconds:
        sys.exit(f"{sizes[0]} pipelines took {rows[0]['wall s']:.2f} s, more than {options.seconds} s")
    worst = max(times["wall s"], default=0)
    if options.limit and worst > options.limit:
        sys.exit(f"growth {worst:.1f} is above {options.limit}")


if __name__ == "__main__":
    main()
