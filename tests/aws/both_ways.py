#!/usr/bin/env python3
"""Applies configurations with one tool and plans them with the other: both must agree that nothing is left to do.

usage: localstack/emulator run -- tests/aws/both_ways.py [--pipewright BIN] FOLDER|CASES.json...

A folder holds *.tf files without a provider block and without account numbers in them. For each, in accounts of its own:

    pipewright apply, then terraform plan over the state it wrote: no changes
    terraform apply, then pipewright plan, and after a refresh pipewright plan -refresh-only, over the state it wrote: no changes

A file of cases (record.py says what it holds) is one configuration and its change. Beside all this, for each tool in an account of its own
(names of deleted objects are not free at once):

    the change applied with pipewright, then terraform plan: no changes
    the change applied with terraform, then pipewright plan: no changes
    the objects that the one made and changed are, as terraform reads them from AWS, the objects that the other made and changed

Everything is destroyed with pipewright. Starting Terraform costs most of the time, so configurations of one service family share a
folder. Where Terraform or hashicorp/aws 5.100.0 is not to be had, this says so and ends well: the recorded cases (record.py) hold
Pipewright against Terraform without it.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time

from record import address, chosen, configuration, exchanged, make_before, write
from terraform import ACCOUNT, VERSION, Failed, Terraform, found

# Where the second tool works; the first has the account of the recorded cases.
OTHER_ACCOUNT = "210987654321"

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


def moved(content, old, new):
    """What stands in one account, as if it stood in another."""
    return json.loads(json.dumps(content).replace(old, new))


def prepare(source, target):
    shutil.copytree(source, target)
    with open(os.path.join(target, "provider.tf"), "w", encoding="utf-8") as file:
        file.write(PROVIDER)


class Check:
    """The check of one folder."""

    def __init__(self, source, endpoint, pipewright, number):
        self.source, self.endpoint, self.pipewright, self.number = source, endpoint, pipewright, number
        self.wrong = []

    def must_be_empty(self, tools, tool, what, *command, beside=()):
        code, said = tools.run(*command, "-no-color", "-detailed-exitcode", codes=(0, 1, 2), tool=tool)
        if code == 2 and beside:
            # Data that waits for one of them is read anew, which is no change.
            changes = set(re.findall(r"^  # (?!data\.)(\S+) (?:will|must) be ", said, re.MULTILINE))
            code = 0 if changes and changes <= set(beside) else code
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
            # What an object shows of others made after it is drift to Terraform until it has read it once more.
            tools.run("apply", "-no-color", "-auto-approve", "-refresh-only")
            self.must_be_empty(
                tools, self.pipewright, "applied with terraform, pipewright sees drift", "plan", "-refresh-only"
            )
            tools.run("destroy", "-no-color", "-auto-approve", tool=self.pipewright)

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            for way in (self.ours_then_theirs, self.theirs_then_ours):
                try:
                    way(folder)
                except Failed as failed:
                    self.wrong.append(f"{self.source}: {failed}")
        return self.wrong


class CaseCheck(Check):
    """The check of a file of cases."""

    def __init__(self, source, endpoint, pipewright):
        super().__init__(source, endpoint, pipewright, 0)
        with open(source, encoding="utf-8") as file:
            content = json.load(file)
        listed = isinstance(content, list)
        self.cases, self.provider = (content, {}) if listed else (content["cases"], content.get("provider", {}))
        self.before = [] if listed else content.get("before", [])
        self.objects = {}

    def configure(self, folder, account, updated):
        content = configuration(self.cases, self.provider, updated)
        write(folder, "main.tf.json", moved(content, ACCOUNT, account))

    def way(self, folder, account, maker, reader):
        """Makes and changes everything with one tool; the other must find nothing to do each time."""
        target = os.path.join(folder, os.path.basename(maker))
        os.mkdir(target)
        os.symlink(pathlib.Path(__file__).absolute().parent.parent, os.path.join(target, "tests"))
        make_before(self.endpoint, moved(self.before, ACCOUNT, account), account)
        self.configure(target, account, False)
        names = [os.path.basename(tool) for tool in (maker, reader)]
        unsettled = [address(case) for case in self.cases if case.get("unsettled")]
        with Terraform(target, self.endpoint, account) as tools:
            tools.run("init", "-no-color", tool=self.pipewright)
            try:
                for updated in (False, True):
                    self.configure(target, account, updated)
                    tools.run("apply", "-no-color", "-auto-approve", tool=maker)
                    what = "{} changed" if updated else "{} applied"
                    what = f"{what.format(names[0])}, {names[1]} plans changes"
                    self.must_be_empty(tools, reader, what, "plan", beside=unsettled)
                tools.run("apply", "-no-color", "-auto-approve", "-refresh-only")
                self.objects[names[0]] = moved(tools.state(), account, ACCOUNT)
            finally:
                tools.run("destroy", "-no-color", "-auto-approve", tool=self.pipewright)

    def alike(self):
        """The objects the one left are those the other left, but for what the cloud chooses."""
        theirs, ours = self.objects["terraform"], self.objects[os.path.basename(self.pipewright)]
        unlike, exchange = chosen(self.cases, theirs, ours)
        for case in self.cases:
            for name in sorted(set(unlike[address(case)]) - {*case.get("mask", []), *case.get("unsettled", {})}):
                a, b = (objects[address(case)]["attributes"].get(name) for objects in (theirs, ours))
                if (a or b) and exchanged(a, exchange) != b:
                    self.wrong.append(f"{self.source}: {address(case)}: {name}: terraform's {a!r}, ours {b!r}")

    def run(self):
        with tempfile.TemporaryDirectory() as folder:
            tools = ((ACCOUNT, self.pipewright, "terraform"), (OTHER_ACCOUNT, "terraform", self.pipewright))
            for account, maker, reader in tools:
                try:
                    self.way(folder, account, maker, reader)
                except Failed as failed:
                    self.wrong.append(f"{self.source}: {failed}")
        if len(self.objects) == 2:
            self.alike()
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
    parser.add_argument("sources", nargs="+", metavar="FOLDER|CASES.json")
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
    pipewright = str(pathlib.Path(arguments.pipewright).absolute())
    for number, source in enumerate(arguments.sources, 1):
        started = time.monotonic()
        if source.endswith(".json"):
            check = CaseCheck(source, endpoint, pipewright)
        else:
            check = Check(str(pathlib.Path(source)), endpoint, pipewright, number)
        findings = check.run()
        verdict = "as one" if not findings else f"{len(findings)} findings"
        print(f"both_ways: {source}: {verdict} ({time.monotonic() - started:.0f} s)", flush=True)
        wrong.extend(findings)
    if wrong:
        sys.exit("\n\n".join(wrong))


if __name__ == "__main__":
    main()
