#!/usr/bin/env python3
"""Compares the JSON of a plan, a state or a stream with Terraform's, field by field, and prints what differs.

usage: compare_plan_json.py [--all] TERRAFORM OURS

Both files are documents of `show -json` (of a plan or a state) or streams of `plan|apply|destroy -json`, made from one
configuration and one state. Exit 1 when a difference is left that is not explained. `--all` prints the explained ones too,
with their reasons. docs/compatibility.md tells them in words.

A path reads `resource_changes[aws_iam_role.r].change.after.arn`: entries of lists are found by address where they have one.
"""
import json
import re
import sys

MISSING = "(absent)"


def load(path):
    """One document, or the messages of a stream keyed by what they are about (their order is the walk's)."""
    text = open(path).read()
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        pass
    stream = {}
    for line in text.splitlines():
        message = json.loads(line)
        body = message.get("hook") or message.get("change") or {}
        key = f"{message['type']}:{body.get('resource', {}).get('addr', '')}:{body.get('action', '')}"
        if message["type"] == "apply_progress":
            continue
        stream.setdefault(key, []).append(message)
    return stream


def key_of(item):
    """What an entry of a list goes by, when it has a name."""
    if not isinstance(item, dict):
        return None
    if isinstance(item.get("address"), str):
        return item["address"] + (":" + item["deposed"] if "deposed" in item else "")
    if isinstance(item.get("address"), dict):
        return item["address"].get("to_display")
    if "resource" in item and "attribute" in item:
        return item["resource"] + "." + ".".join(map(str, item["attribute"]))
    return None


def differences(theirs, ours, path=""):
    """Yields (path, theirs, ours) for every place that differs."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in sorted(theirs.keys() | ours.keys()):
            yield from differences(theirs.get(name, MISSING), ours.get(name, MISSING), f"{path}.{name}" if path else name)
    elif isinstance(theirs, list) and isinstance(ours, list):
        a, b = [key_of(x) for x in theirs], [key_of(x) for x in ours]
        if theirs and ours and None not in a + b and len(set(a)) == len(a) and len(set(b)) == len(b):
            if [x for x in a if x in b] != [x for x in b if x in a]:
                yield f"{path} (order)", [x for x in a if x in b], [x for x in b if x in a]
            x, y = dict(zip(a, theirs)), dict(zip(b, ours))
            for name in dict.fromkeys(a + b):
                yield from differences(x.get(name, MISSING), y.get(name, MISSING), f"{path}[{name}]")
        else:
            for i in range(max(len(theirs), len(ours))):
                x = theirs[i] if i < len(theirs) else MISSING
                y = ours[i] if i < len(ours) else MISSING
                yield from differences(x, y, f"{path}[{i}]")
    elif theirs != ours or isinstance(theirs, bool) != isinstance(ours, bool):
        yield path, theirs, ours


BLANK = (MISSING, None, False, "", [], {})


def blank(theirs, ours):
    return theirs in BLANK and ours in BLANK


def bare(value):
    """A value without what is empty in it."""
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if bare(v) not in BLANK}
    if isinstance(value, list):
        return [bare(v) for v in value]
    return value


def drift_of_blanks(theirs, ours):
    """Whether an entry of resource_drift tells only of null becoming empty."""
    change = theirs.get("change", {}) if isinstance(theirs, dict) else {}
    return ours == MISSING and bare(change.get("before")) == bare(change.get("after"))


def marks(mask):
    """Whether a mask says anywhere that something is unknown."""
    if isinstance(mask, dict):
        return any(marks(v) for v in mask.values())
    if isinstance(mask, list):
        return any(marks(v) for v in mask)
    return mask is True


# Where a difference is meant: a pattern of the path, what must hold of the two values, and why.
EXPLAINED = [
    (r"(^|\.)(terraform_version|timestamp|@timestamp|elapsed_seconds)$", None, "differs from run to run"),
    (r"^version:.*\.(@message|pipewright|terraform)$", None, "the stream names the program that writes it"),
    (r"@message$", lambda t, o: seconds(t) == seconds(o), "differs from run to run"),
    (r"\.(id|id_value)$|@message$|^outputs:", lambda t, o: random_part(t) == random_part(o), "random identifiers"),
    (r"^diagnostic:", None, "warnings are worded by each program"),
    (r"^resource_drift(\[.*\])?$|^resource_drift:", drift_of_blanks, "null read back as empty is no drift here"),
    (r"^(relevant_attributes|checks).*\(order\)$", None, "the order is not part of the format"),
    (
        r"(^checks.*|^prior_state|_changes|planned_values).*data\.|:data\.|^relevant_attributes\[data\.",
        lambda t, o: MISSING in (t, o),
        "data read while planning here, during apply by Terraform, because its arguments are known earlier",
    ),
    (
        r"\.change\.after_unknown(\.|$|\[)|^output_changes\..*\.after_unknown",
        lambda t, o: t is True or not marks(o),
        "known before apply here, unknown to Terraform",
    ),
    (
        r"^prior_state\.values\.outputs\.",
        lambda t, o: t == MISSING,
        "known before apply here, unknown to Terraform",
    ),
    (
        r"^resource_changes\[.*data\..*\]\.action_reason$",
        lambda t, o: (t, o) == ("read_because_config_unknown", "read_because_dependency_pending"),
        "its arguments are known before apply here: what it waits for is the dependency",
    ),
    (
        r"^(resource|output)_changes.*\.after(\.|$)|^planned_values\.|\.after_sensitive\.",
        lambda t, o: t in (MISSING, None) and o != MISSING,
        "known before apply here, unknown to Terraform",
    ),
    (
        r"^(resource_|planned_values|prior_state)",
        blank,
        "an attribute that is not set is null here; the plugin's older types make it empty",
    ),
]

RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9]{10,}")


def seconds(value):
    return re.sub(r"[0-9]+s\b", "Ns", value) if isinstance(value, str) else value


def random_part(value):
    return RANDOM.sub("?", seconds(value)) if isinstance(value, str) else value


def reason(path, theirs, ours):
    """Why this difference is meant; None when it is not."""
    for pattern, holds, why in EXPLAINED:
        if re.search(pattern, path) and (holds is None or holds(theirs, ours)):
            return why
    return None


def short(value):
    text = value if value == MISSING else json.dumps(value, sort_keys=True)
    return text if len(text) <= 160 else text[:157] + "..."


def main():
    arguments = [a for a in sys.argv[1:] if a != "--all"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    left = 0
    reasons = {}
    for path, theirs, ours in differences(load(arguments[0]), load(arguments[1])):
        why = reason(path, theirs, ours)
        if why is None:
            left += 1
            print(f"{path}\n    terraform:  {short(theirs)}\n    pipewright: {short(ours)}")
        else:
            reasons[why] = reasons.get(why, 0) + 1
            if "--all" in sys.argv:
                print(f"{path}  ({why})")
    for why, count in reasons.items():
        print(f"{count} explained: {why}")
    print(f"{left} not explained")
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
