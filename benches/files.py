#!/usr/bin/env python3
"""Formats and validates a configuration of many files with Pipewright and, where it is on the PATH, with Terraform, and prints what each
step cost and how many times less Pipewright needs.

usage: benches/files.py [--tool BIN] [--files N] [--runs RUNS] [--aws]

The configuration is made up: modules of ten files each, untidy in every file. With --aws its resources are AWS's, for which Terraform
must be able to install its provider (init is not measured). Figures are the best of the runs; CPU seconds are those of the tool with all
processes it started.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

from measure import ROOT, measure, table

PER_MODULE = 10

OTHER = """resource "terraform_data" "r{n}" {{
  input={{
    name = var.name
      tags   = merge(var.tags,{{ "file"="{n}", stage : "${{var.name}}-{n}" }}) # untidy
  }}
  triggers_replace = [ for k,v in var.tags : "${{ k }}=${{ v }}" if v!="" ]
}}
"""
AWS = """resource "aws_sns_topic" "r{n}" {{
  name= "${{var.name}}-{n}"
  tags   = merge(var.tags,{{ "file"="{n}", stage : "${{var.name}}-{n}" }}) # untidy
}}
resource "aws_iam_role" "r{n}" {{
  name="${{ var.name }}-{n}"
  assume_role_policy = jsonencode({{
    Version = "2012-10-17"
    Statement=[{{ Effect = "Allow", Action="sts:AssumeRole", Principal={{ Service = "codebuild.amazonaws.com" }} }}]
  }})
}}
"""
COMMON = """locals {{
  short{n}=substr("${{var.name}}-{n}",0,8)
  many_of_them{n} = {{ for i in range(10) : "k${{i}}" => {{
    index=i
    label = i%2==0 ? upper(local.short{n}) : "x${{i}}"
  }} }}
}}

output "o{n}" {{
  description="What file {n} makes"
  value = {{ short = local.short{n}, all=keys(local.many_of_them{n}) }}
}}
"""


def write(folder: pathlib.Path, files: int, aws: bool) -> int:
    resource = AWS if aws else OTHER
    modules = max(1, files // (PER_MODULE + 1))
    root = ['provider "aws" {\n  region="eu-central-1"\n}\n'] if aws else []
    written = 1
    for m in range(modules):
        module = folder / f"m{m}"
        module.mkdir()
        (module / "variables.tf").write_text('variable "name" {\n  type=string\n}\nvariable "tags" {\n  type = map(string)\n  default={}\n}\n')
        for n in range(PER_MODULE):
            (module / f"f{n}.tf").write_text(resource.format(n=n) + COMMON.format(n=n))
        root.append(f'module "m{m}" {{\n  source="./m{m}"\n  name = "m{m}"\n  tags={{ team="x" }}\n}}\n')
        written += PER_MODULE + 1
    (folder / "main.tf").write_text("\n".join(root))
    return written


def best(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: min(run[key] for run in runs) for key in runs[0]}


def steps(tool: str, options: argparse.Namespace) -> tuple[int, dict[str, dict[str, float]], dict[str, str]]:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "config"
        folder.mkdir()
        count = write(folder, options.files, options.aws)
        check = [measure([tool, "fmt", "-check", "-recursive"], folder, (3,)) for _ in range(options.runs)]
        out = {"fmt -check": best(check), "fmt": measure([tool, "fmt", "-recursive"], folder)}
        formatted = {str(f.relative_to(folder)): f.read_text() for f in sorted(folder.rglob("*.tf"))}
        measure([tool, "init", "-no-color", "-input=false", "-backend=false"], folder)
        out["validate"] = best([measure([tool, "validate", "-no-color"], folder) for _ in range(options.runs)])
    return count, out, formatted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", default=str(ROOT / "target/release/pipewright"))
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--aws", action="store_true")
    options = parser.parse_args()
    count, ours, formatted = steps(options.tool, options)
    peer = shutil.which("terraform")
    theirs = None
    if peer:
        _, theirs, others = steps(peer, options)
        differing = [name for name in formatted if formatted[name] != others[name]]
        if differing:
            sys.exit(f"the tools disagree about the layout of {', '.join(differing[:5])}")
    rows = []
    for step, figures in ours.items():
        for figure, value in figures.items():
            other = theirs[step][figure] if theirs else None
            rows.append([step, figure, f"{value:.3f}", f"{other:.3f}" if other else "-", f"{other / value:.1f}" if other else "-"])
    print(f"{count} files\n\n" + table(["step", "figure", "pipewright", "terraform", "times less"], rows))
    if not peer:
        print("terraform is not on the PATH: no ratios")


if __name__ == "__main__":
    main()
