#!/usr/bin/env python3
"""Applies configurations with one tool and plans them with the other: both must agree that nothing is left to do.

usage: localstack/emulator run -- tests/aws/both_ways.py [--pipewright BIN] FOLDER...

Every folder holds *.tf files without a provider block and without account numbers in them. For each, in accounts of its own:

    pipewright apply, then terraform plan over the state it wrote: no changes; then pipewright destroy
    terraform apply, then pipewright plan, and pipewright plan -refresh-only, over the state it wrote: no changes; then terraform destroy

Configurations of one service family share a folder, because starting Terraform costs most of the time. Where Terraform or
hashicorp/aws 5.100.0 is not to be had, it says so and ends well: the recorded cases (record.py) hold Pipewright against Terraform
without it.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

from terraform import VERSION, Failed, Terraform, found

PROVIDER = f"""
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{VERSION}"
    }}
  }}
}}

provider "aws" {{
  region            = "us-east-1"
  s3_use_path_style = true
}}
"""


def prepare(source, target):
    shutil.copytree(source, target)
    with open(os.path.join(target, "provider.tf"), "w", encoding="utf-8") as file:
        file.write(PROVIDER)


class Check:
    """The check of one folder."""

    def __init__(self, source, endpoint, pipewright, number):
        self.source, self.endpoint, self.pipewright, self.number = source, endpoint, pipewright, number
        self.wrong = []

    def must_be_empty(self, tools, tool, what, *command):
        code, said = tools.run(*command, "-no-color", "-detailed-exitcode", codes=(0, 1, 2), tool=tool)
        if code != 0:
            self.wrong.append(f"{self.source}: {what}:\n{said}")

    def ours_then_theirs(self, folder):
        target = os.path.join(folder, "ours")
        prepare(self.source, target)
        with Terraform(target, self.endpoint, f"1{self.number:011}") as tools:
            tools.run("init", "-no-color", tool=self.pipewright)
            tools.run("apply", "-no-color", "-auto-approve", tool=self.pipewright)
            self.must_be_empty(tools, "terraform", "applied with pipewright, terraform plans changes", "plan")
            self.must_be_empty(tools, self.pipewright, "applied with pipewright, pipewright plans changes", "plan")
            tools.run("destroy", "-no-color", "-auto-approve", tool=self.pipewright)

    def theirs_then_ours(self, folder):
        target = os.path.join(folder, "theirs")
        prepare(self.source, target)
        with Terraform(target, self.endpoint, f"2{self.number:011}") as tools:
            tools.run("apply", "-no-color", "-auto-approve")
            tools.run("init", "-no-color", tool=self.pipewright)
            self.must_be_empty(tools, self.pipewright, "applied with terraform, pipewright plans changes", "plan")
            self.must_be_empty(
                tools, self.pipewright, "applied with terraform, pipewright sees drift", "plan", "-refresh-only"
            )
            tools.run("destroy", "-no-color", "-auto-approve")

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            for way in (self.ours_then_theirs, self.theirs_then_ours):
                try:
                    way(folder)
                except Failed as failed:
                    self.wrong.append(f"{self.source}: {failed}")
        return self.wrong


def provider_to_be_had(endpoint):
    """Whether Terraform finds the provider."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "provider.tf"), "w", encoding="utf-8") as file:
            file.write(PROVIDER)
        try:
            with Terraform(folder, endpoint):
                return True
        except Failed:
            return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.path.join(os.environ.get("CARGO_TARGET_DIR", "target"), "debug", "pipewright")
    parser.add_argument("--pipewright", default=default)
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        sys.exit("both_ways.py: run this through localstack/emulator run -- tests/aws/both_ways.py FOLDER")
    if not found():
        print("both_ways: skipped: terraform is not on the PATH")
        return
    if not provider_to_be_had(endpoint):
        print(f"both_ways: skipped: terraform finds no hashicorp/aws {VERSION} (TF_PLUGIN_MIRROR names a mirror)")
        return
    wrong = []
    for number, folder in enumerate(arguments.folders, 1):
        check = Check(str(pathlib.Path(folder)), endpoint, str(pathlib.Path(arguments.pipewright).absolute()), number)
        findings = check.run()
        print(f"both_ways: {folder}: {'as one' if not findings else f'{len(findings)} findings'}", flush=True)
        wrong.extend(findings)
    if wrong:
        sys.exit("\n\n".join(wrong))


if __name__ == "__main__":
    main()
