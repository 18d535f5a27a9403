"""Runs Terraform for the tests that hold Pipewright against it.

Terraform and hashicorp/aws 5.100.0 must be there: `terraform` on the PATH, the provider from the registry, from a mirror named in
TF_PLUGIN_MIRROR (a folder that holds registry.terraform.io), or as TF_CLI_CONFIG_FILE says. The provider is started once per folder and
kept running between commands, which saves most of the time and memory that Terraform takes.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

VERSION = "5.100.0"
# The account of all recorded cases. The emulator takes the access key for the account's number.
ACCOUNT = "123456789012"


def found():
    """Whether there is a Terraform to run."""
    return shutil.which("terraform") is not None


def environment(endpoint, account=ACCOUNT):
    """The environment in which Terraform and Pipewright talk to the emulator as this account."""
    env = dict(os.environ)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"):
        env.pop(name, None)
    env.update(
        AWS_ENDPOINT_URL=endpoint,
        AWS_ACCESS_KEY_ID=account,
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION="us-east-1",
        AWS_DEFAULT_REGION="us-east-1",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_MAX_ATTEMPTS="3",
        CHECKPOINT_DISABLE="1",
        TF_IN_AUTOMATION="1",
        TF_INPUT="0",
    )
    return env


class Failed(Exception):
    """A command ended otherwise than it should."""


def call(endpoint, account, wanted):
    """Calls an operation of an AWS API past the provider: by `target` (JSON), by `path` (REST) or by `form` (query). What it makes may
    exist already."""
    service = wanted["service"]
    scope = f"Credential={account}/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    headers = {"Content-Type": "application/x-amz-json-1.1", "Authorization": f"AWS4-HMAC-SHA256 {scope}"}
    if "form" in wanted:
        body = urllib.parse.urlencode(wanted["form"])
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    else:
        body = json.dumps(wanted["body"])
    if "target" in wanted:
        headers["X-Amz-Target"] = wanted["target"]
    request = urllib.request.Request(endpoint + wanted.get("path", "/"), body.encode(), headers)
    try:
        with urllib.request.urlopen(request):
            pass
    except urllib.error.HTTPError as refused:
        said = refused.read().decode()
        if "Exist" not in said and "Duplicate" not in said:
            raise Failed(f"{wanted}: {said}") from refused


class Terraform:
    """Terraform in one folder. Use it in a `with` statement: leaving it ends the provider."""

    def __init__(self, folder, endpoint, account=ACCOUNT):
        self.folder = str(folder)
        self.env = environment(endpoint, account)
        self.provider = None

    def __enter__(self):
        mirror = os.environ.get("TF_PLUGIN_MIRROR")
        if mirror:
            with tempfile.NamedTemporaryFile("w", suffix=".tfrc", delete=False) as file:
                file.write(
                    f'provider_installation {{\n  filesystem_mirror {{\n    path    = "{mirror}"\n'
                    '    include = ["registry.terraform.io/*/*"]\n  }\n}\n'
                )
            self.env["TF_CLI_CONFIG_FILE"] = file.name
        self.run("init", "-no-color")
        pattern = f"{self.folder}/.terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*"
        binaries = glob.glob(pattern)
        if binaries:
            self.start(binaries[0])
        return self

    def start(self, binary):
        """Starts the provider by itself, for all commands that follow."""
        log = os.path.join(self.folder, ".terraform", "provider.log")
        with open(log, "wb") as out:
            self.provider = subprocess.Popen(
                [os.path.abspath(binary), "-debug"],
                cwd=self.folder,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env=self.env,
            )
        for _ in range(300):
            with open(log, encoding="utf-8") as said:
                attach = re.search(r"TF_REATTACH_PROVIDERS='([^']*)'", said.read())
            if attach:
                self.env["TF_REATTACH_PROVIDERS"] = attach.group(1)
                return
            time.sleep(0.1)
        raise Failed("the provider did not start")

    def __exit__(self, *_):
        if self.provider:
            self.provider.terminate()
            self.provider.wait()

    def run(self, *command, codes=(0,), tool="terraform"):
        """Runs a command; returns its exit code and what it wrote. `tool` may be any program that takes the same commands."""
        done = subprocess.run(
            [tool, *command],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode not in codes:
            raise Failed(f"{tool} {' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.returncode, done.stdout

    def plan(self, *options):
        """Makes a plan and returns its JSON."""
        self.run("plan", "-no-color", "-out=plan.tfplan", *options)
        done = subprocess.run(
            ["terraform", "show", "-json", "plan.tfplan"],
            cwd=self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)

    def state(self):
        """The objects in the state: address to attributes and private bytes."""
        with open(os.path.join(self.folder, "terraform.tfstate"), encoding="utf-8") as file:
            state = json.load(file)
        out = {}
        for resource in state["resources"]:
            prefix = "data." if resource["mode"] == "data" else ""
            for instance in resource["instances"]:
                address = f"{prefix}{resource['type']}.{resource['name']}"
                kept = {"attributes": instance["attributes"]}
                if "private" in instance:
                    kept["private"] = instance["private"]
                out[address] = kept
        return out
