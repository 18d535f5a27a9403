#!/usr/bin/env python3
"""Records what Terraform makes of the cases in a file, and writes it beside them.

usage: localstack/emulator run -- tests/aws/record.py [--all] FILE.json...

A file in tests/aws/cases/ is a list of cases, or {"provider": {...}, "before": [...], "cases": [...]} where the provider block needs more
than an address (default_tags, ignore_tags), or where objects of types are needed that Pipewright does not make: `before` lists the calls
that make them, each {"service", "target", "body"} of an API that speaks JSON, {"service", "path", "body"} of one with paths, or {"service",
"form"} of one that takes forms; or {"pause_ms"} where times must differ. The objects of a file exist side by side in one account, made in the order written and deleted the other way
round; files know nothing of each other. You write, per case:

    name     unique among the file's cases of the type
    type     aws_iam_user, or data.aws_iam_user for a data type
    config   the arguments, blocks as lists of objects. "${aws_kms_key.min}" is the id and "${aws_kms_key.min.arn}" an attribute of another
             case of the file, "${data.aws_x.y.z}" of data; any other ${ stands for itself
    update   the arguments after a change, null (or nothing) where none is to be tried. An update that needs a new object is
             recorded as such, with the attributes that force it
    import   optional: the import id, if it is another than the object's id: "${role}/${policy_arn}" takes attributes of the object.
             null: the type cannot be imported
    stays    optional, true: a delete leaves something that a read finds (versioning of a bucket)
    gap      optional: why something of it cannot be shown on the emulator; a sentence for docs/resources.md
    unsettled  optional: attributes that Terraform itself does not bring to what is configured, each with what it does instead. Its plans
             of the object are not looked at, nor what they hold after its changes
    mask     optional: attributes never compared, beside those recorded

and this program writes:

    mask       attributes the cloud chooses: those that differ between two runs
    terraform  {attributes, private} as stored after the create; {update: {attributes, private, replaces: [attribute, ...]}};
               {import: {id, attributes, changes: [attribute, ...]}}: what an import stores, and what the plan after it would change

Only cases without `terraform` are written; --all writes every one anew. The emulator must be fresh: run it through `emulator run`.
tests/aws/stored_like_terraform.rs holds Pipewright against all this.
"""

import argparse
import datetime
import json
import os
import re
import sys
import tempfile
import time

from terraform import ACCOUNT, VERSION, Failed, Terraform, call, found

REFERENCE = re.compile(r"\$\{((?:data\.)?aws_[a-z0-9_]+\.[A-Za-z0-9_-]+)((?:\.[a-z0-9_]+)*)\}")


def expression(value):
    """A value of a case as Terraform's JSON syntax has it."""
    if isinstance(value, str):
        kept = []

        def keep(match):
            kept.append("${%s%s}" % (match.group(1), match.group(2) or ".id"))
            return "\0%d\0" % (len(kept) - 1)

        text = REFERENCE.sub(keep, value).replace("${", "$${").replace("%{", "%%{")
        return re.sub("\0(\\d+)\0", lambda m: kept[int(m.group(1))], text)
    if isinstance(value, list):
        return [expression(v) for v in value]
    if isinstance(value, dict):
        return {k: expression(v) for k, v in value.items()}
    return value


def address(case):
    return f"{case['type']}.{case['name']}"


def configuration(cases, provider, updated):
    """The whole file as one configuration in which every object waits for the one before it."""
    out = {"resource": {}, "data": {}}
    before = {}
    for case in cases:
        config = case.get("update") if updated and case.get("update") is not None else case["config"]
        body = expression(config)
        if before:
            body["depends_on"] = sorted(before.values())
        kind, type_name = ("data", case["type"][5:]) if case["type"].startswith("data.") else ("resource", case["type"])
        out[kind].setdefault(type_name, {})[case["name"]] = body
        # Data waits for objects only when it names one itself.
        before[kind] = address(case)
    out["provider"] = {"aws": {"region": "us-east-1", "s3_use_path_style": True, **provider}}
    out["terraform"] = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": VERSION}}}
    return {k: v for k, v in out.items() if v}


def write(folder, name, content):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)


def is_now(value):
    """Whether a value is a time of the last hour: two runs within a second choose the same one."""
    if not isinstance(value, str):
        return False
    for form in ("%Y-%m-%dT%H:%M:%SZ", "%a, %d %b %Y %H:%M:%S %Z"):
        try:
            then = datetime.datetime.strptime(value, form).replace(tzinfo=datetime.timezone.utc)
        except ValueError:
            continue
        age = datetime.datetime.now(datetime.timezone.utc) - then
        return abs(age.total_seconds()) < 3600
    return False


def chosen(cases, first, second):
    """Per case the attributes that the cloud chose: those that differ between two runs once what is chosen elsewhere is exchanged.
    And what to exchange: the texts of the first run with those of the second."""
    exchange, out = [], {}
    for case in cases:
        key = address(case)
        text = json.dumps(first[key]["attributes"])
        for old, new in exchange:
            text = text.replace(old, new)
        one, two = json.loads(text), second[key]["attributes"]
        out[key] = [name for name in sorted(two) if one.get(name) != two.get(name) or is_now(two.get(name))]
        for name in out[key]:
            old, new = one.get(name), two.get(name)
            if isinstance(old, str) and isinstance(new, str) and min(len(old), len(new)) >= 8:
                exchange.append((old, new))
    return out, exchange


def exchanged(kept, exchange):
    """What the first run stored, as if the second had."""
    text = json.dumps(kept)
    for old, new in exchange:
        text = text.replace(old, new)
    return json.loads(text)


def import_id(case, attributes):
    """The import id of a case's object; None where there is none."""
    template = case.get("import", "${id}")
    if template is None or case["type"].startswith("data."):
        return None
    return re.sub(r"\$\{(\w+)\}", lambda m: str(attributes.get(m.group(1)) or ""), template)


def imports(terraform, cases, stored):
    """What an import of every object gives, per case."""
    os.remove(os.path.join(terraform.folder, "terraform.tfstate"))
    ids = {address(c): import_id(c, stored[address(c)]["attributes"]) for c in cases}
    blocks = [{"to": key, "id": wanted} for key, wanted in ids.items() if wanted is not None]
    if not blocks:
        return {}
    write(terraform.folder, "imports.tf.json", {"import": blocks})
    plan = terraform.plan()
    os.remove(os.path.join(terraform.folder, "imports.tf.json"))
    out = {}
    for change in plan["resource_changes"]:
        if ids.get(change["address"]) is None or not change["change"].get("importing"):
            continue
        before, after = change["change"]["before"], change["change"]["after"] or {}
        unknown = change["change"]["after_unknown"] or {}
        names = sorted(n for n in before if before.get(n) != after.get(n) or unknown.get(n) is True)
        actions = change["change"]["actions"]
        out[change["address"]] = {
            "id": ids[change["address"]],
            "attributes": before,
            "changes": [] if actions == ["no-op"] else names,
        }
    return out


def make_before(endpoint, calls, account=ACCOUNT):
    """Makes the calls that stand before the cases of a file."""
    for wanted in calls:
        if "pause_ms" in wanted:
            time.sleep(wanted["pause_ms"] / 1000)
        else:
            call(endpoint, account, wanted)


def record(path, endpoint, everything):
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    cases, provider = (content, {}) if isinstance(content, list) else (content["cases"], content.get("provider", {}))
    calls = [] if isinstance(content, list) else content.get("before", [])
    if not everything and all("terraform" in c for c in cases):
        return 0
    make_before(endpoint, calls)
    with tempfile.TemporaryDirectory() as folder:
        # Files that cases name (code of functions) are found from the root of the repository.
        os.symlink(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), os.path.join(folder, "tests"))
        write(folder, "main.tf.json", configuration(cases, provider, False))
        with Terraform(folder, endpoint) as terraform:
            terraform.run("apply", "-no-color", "-auto-approve")
            first = terraform.state()
            updated, replaced = {}, {}
            if any(c.get("update") is not None for c in cases):
                write(folder, "main.tf.json", configuration(cases, provider, True))
                plan = terraform.plan()
                for change in plan["resource_changes"]:
                    if "delete" in change["change"]["actions"] and "create" in change["change"]["actions"]:
                        paths = change["change"].get("replace_paths", [])
                        replaced[change["address"]] = sorted({p[0] for p in paths})
                terraform.run("apply", "-no-color", "plan.tfplan")
                updated = terraform.state()
            terraform.run("destroy", "-no-color", "-auto-approve")
            write(folder, "main.tf.json", configuration(cases, provider, False))
            terraform.run("apply", "-no-color", "-auto-approve")
            second = terraform.state()
            imported = imports(terraform, cases, second)
    masks, exchange = chosen(cases, first, second)
    count = 0
    for case in cases:
        key = address(case)
        if "terraform" in case and not everything:
            continue
        stored = second[key]
        if case.get("update") is not None:
            stored["update"] = exchanged(updated[key], exchange)
            if key in replaced:
                stored["update"]["replaces"] = replaced[key]
        if key in imported:
            stored["import"] = imported[key]
        case.setdefault("update", None)
        case["terraform"] = stored
        case["mask"] = sorted({*masks[key], *case.get("mask", [])})
        count += 1
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, ensure_ascii=False)
        file.write("\n")
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="record every case anew")
    parser.add_argument("files", nargs="+")
    arguments = parser.parse_args()
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        sys.exit("record.py: run this through localstack/emulator run -- tests/aws/record.py FILE")
    if not found():
        sys.exit("record.py: terraform is not on the PATH")
    for path in arguments.files:
        try:
            print(f"{path}: {record(path, endpoint, arguments.all)} cases recorded")
        except Failed as failed:
            sys.exit(f"{path}: {failed}")


if __name__ == "__main__":
    main()
