#!/usr/bin/env python3
"""Runs every benchmark and writes what it measured to docs/performance.md.

usage: localstack/emulator run -- benches/report.py [--tool BIN] [--pipelines N,N,…] [--runs RUNS]

A no-op plan of 100 and one of 300 pipelines with Terraform beside it take about a quarter of an hour; --pipelines and --runs make it less.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys

from measure import ROOT

HEAD = """# What Pipewright costs

Written by `make bench`: every figure below was measured in one run on one machine ({machine}),
with Pipewright {version} as `cargo build --release` makes it and {peer} side by side. Figures of time differ
from machine to machine; the columns of ratios and the limits are what to look at. CPU seconds and memory (10^6 bytes) are those of the tool with
all processes it starts.
"""

PARTS = [
    (
        "Plan and apply",
        "`benches/pipelines.tf`, against the emulator: 6 resources per pipeline and 3 shared ones. `no-op plan` is a plan with nothing to change.\n"
        "Goals of a no-op plan: 250 API calls and 60 MB for 100 pipelines, 700 calls and 100 MB for 300, and a\n"
        "twentieth of Terraform's CPU time.",
        ["compare.py", "--limits", "-n", "{pipelines}", "--runs", "{runs}"],
    ),
    (
        "Many files",
        "`fmt` and `validate` over a made-up configuration of about 1,000 files; the goal is a twentieth of the time.",
        ["files.py"],
    ),
    (
        "Many resources",
        "`terraform_data` resources in 100 modules, planned against an empty state and applied. Growth is what ten times the instances cost:\n"
        "10 is linear.",
        ["scale.py", "--apply"],
    ),
    (
        "Lint",
        "Pipelines of 17 resources each (`benches/lint/pipeline.tf`), one file per pipeline; the goal is 1,000 in 2 seconds.",
        ["lint.py", "--seconds", "2", "--limit", "15"],
    ),
]


def first_line(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=str(ROOT / "target/release/pipewright"))
    parser.add_argument("--pipelines", default="100,300")
    parser.add_argument("--runs", default="3")
    options = parser.parse_args()
    peer = first_line("terraform", "version") if shutil.which("terraform") else "no Terraform on the PATH"
    cores = f"{os.cpu_count()} cores"
    memory = f"{round(os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30)} GiB"
    version = first_line(options.tool, "version").split()[1]
    text, failed = HEAD.format(machine=f"{cores}, {memory}", version=version, peer=peer), []
    for title, about, command in PARTS:
        print(f"{title} …", file=sys.stderr, flush=True)
        script, *arguments = (argument.format(**vars(options)) for argument in command)
        run = [str(ROOT / "benches" / script), "--tool", options.tool, *arguments]
        done = subprocess.run(run, stdout=subprocess.PIPE, text=True)
        text += f"\n## {title}\n\n{about}\n\n{done.stdout}"
        if done.returncode:
            failed.append(title)
    missed = f"Goals missed in this run: {', '.join(failed)}." if failed else "Every goal that is checked was reached."
    text += f"\n{missed}\n"
    (ROOT / "docs" / "performance.md").write_text(text)
    print(text)
    if failed:
        sys.exit(missed)


if __name__ == "__main__":
    main()
