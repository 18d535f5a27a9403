#!/usr/bin/env python3
"""Validates, plans and (with --apply) applies configurations of growing size, and prints time, memory and how they grow.

usage: benches/scale.py [--tool BIN] [--sizes N,N,…] [--shape SHAPE] [--modules N] [--apply] [--limit RATIO]

Needs no AWS: all resources are `terraform_data`, in 100 modules unless told otherwise, each with a variable, a local value, outputs and references between
its resources. Shapes: `blocks` (a block for each resource), `count` and `for_each` (one block per module, expanded). A size is a
number of instances. CPU seconds and peak memory are those of the tool's process. Growth is what ten times the instances cost, per
step: 10 is linear; above --limit the program ends with 1.
"""

import argparse
import pathlib
import sys
import tempfile

from measure import ROOT, growth, measure, table



def module(shape: str, count: int) -> str:
    head = 'variable "name" {\n  type = string\n}\n\nlocals {\n  prefix = "${var.name}-x"\n}\n\n'
    if shape == "count":
        body = f'resource "terraform_data" "r" {{\n  count = {count}\n  input = "${{local.prefix}}-${{count.index}}"\n}}\n'
        return head + body + 'output "all" {\n  value = terraform_data.r[*].output\n}\n'
    if shape == "for_each":
        body = (
            f'resource "terraform_data" "r" {{\n  for_each = toset([for i in range({count}) : "k${{i}}"])\n'
            '  input = "${local.prefix}-${each.key}"\n}\n'
        )
        return head + body + 'output "all" {\n  value = [for r in terraform_data.r : r.output]\n}\n'
    blocks = []
    for i in range(count):
        # Every tenth begins a chain; the others refer to the one before.
        value = f'"${{local.prefix}}-{i}"' if i % 10 == 0 else f"terraform_data.r{i - 1}.input"
        blocks.append(f'resource "terraform_data" "r{i}" {{\n  input = {value}\n}}\n')
    return head + "\n".join(blocks) + f'\noutput "last" {{\n  value = terraform_data.r{count - 1}.output\n}}\n'


def write(folder: pathlib.Path, shape: str, instances: int, modules: int) -> None:
    count = max(1, instances // modules)
    calls = []
    for m in range(modules):
        place = folder / "modules" / f"m{m}"
        place.mkdir(parents=True)
        (place / "main.tf").write_text(module(shape, count))
        calls.append(f'module "m{m}" {{\n  source = "./modules/m{m}"\n  name   = "m{m}"\n}}\n')
    (folder / "main.tf").write_text("\n".join(calls))


def steps(tool: str, apply: bool) -> dict[str, list[str]]:
    flags = ["-no-color", "-input=false"]
    out = {
        "init": [tool, "init", *flags],
        "validate": [tool, "validate", "-no-color"],
        "plan": [tool, "plan", *flags, "-out=tfplan"],
    }
    if apply:
        out["apply"] = [tool, "apply", *flags, "tfplan"]
        out["no-op plan"] = [tool, "plan", *flags, "-detailed-exitcode"]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=str(ROOT / "target/release/pipewright"))
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--shape", choices=["blocks", "count", "for_each"], default="blocks")
    parser.add_argument("--modules", type=int, default=100)
    parser.add_argument("--apply", action="store_true")
    parser.add_argument("--limit", type=float, default=0, help="largest growth allowed; 0 for none")
    options = parser.parse_args()
    tool = str(pathlib.Path(options.tool).resolve()) if "/" in options.tool else options.tool
    sizes = [int(size) for size in options.sizes.split(",")]
    figures: dict[str, dict[str, list[float]]] = {}
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name, "work")
            write(folder, options.shape, size, options.modules)
            for step, command in steps(tool, options.apply).items():
                for figure, value in measure(command, folder).items():
                    figures.setdefault(step, {}).setdefault(figure, []).append(value)
    rows, worst = [], 0.0
    for step, by_figure in figures.items():
        for figure, values in by_figure.items():
            times = growth(sizes, values)
            rows.append([step, figure, *(f"{v:.2f}" for v in values), "  ".join(f"{t:.1f}" for t in times)])
            worst = max([worst, *times])
    print(table(["step", "figure", *map(str, sizes), "growth for ten times as many"], rows))
    if options.limit and worst > options.limit:
        sys.exit(f"growth {worst:.1f} is above {options.limit}")


if __name__ == "__main__":
    main()
