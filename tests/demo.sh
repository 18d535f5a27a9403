#!/usr/bin/env bash
# The main job from end to end on the emulator whose environment is set: plan and apply examples/quickstart, find it unchanged,
# change something behind its back, see and repair it, destroy. Ends with an error as soon as a step does not do what it should.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
: "${AWS_ENDPOINT_URL:?run this through localstack/emulator run -- tests/demo.sh}"
target=${CARGO_TARGET_DIR:-$root/target}
pipewright=${PIPEWRIGHT:-$target/debug/pipewright}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The example with the modules it links to, as its own folder: state and plan files stay out of the checkout.
cp -rL "$root/examples/quickstart/." "$work"
rm -rf "$work/.terraform" "$work"/terraform.tfstate*
cd "$work"

step() { printf '\n\033[1m▶ %s\033[0m\n' "$*"; }
fail() { printf 'demo: %s\n' "$*" >&2; exit 1; }
# Runs a command that must end with a given exit code.
expect() { local want=$1 got=0; shift; "$@" || got=$?; [ "$got" = "$want" ] || fail "'${*##*/}' ended with $got instead of $want"; }
api() { "$root/localstack/emulator" python - "$@"; }

step "pipewright init"
expect 0 "$pipewright" init -input=false

step "pipewright plan -out=tfplan"
expect 2 "$pipewright" plan -input=false -out=tfplan -detailed-exitcode

step "pipewright apply tfplan"
expect 0 "$pipewright" apply -input=false tfplan

step "pipewright plan -detailed-exitcode: nothing to do"
expect 0 "$pipewright" plan -input=false -detailed-exitcode

step "Somebody changes the pipeline's role and the failure alert by hand"
api <<'PY'
import boto3
iam, events = boto3.client("iam"), boto3.client("events")
role = next(r for r in iam.list_roles()["Roles"] if "pipeline" in r["RoleName"])["RoleName"]
iam.put_role_policy(RoleName=role, PolicyName="backdoor", PolicyDocument='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')
iam.update_role(RoleName=role, Description="changed by hand", MaxSessionDuration=7200)
rule = events.list_rules()["Rules"][0]
events.disable_rule(Name=rule["Name"])
print(f"changed role {role}, disabled rule {rule['Name']}")
PY

step "pipewright plan -refresh-only: what changed outside"
expect 2 "$pipewright" plan -input=false -refresh-only -detailed-exitcode -out=drift
changed=$("$pipewright" show -json drift | "$root/localstack/emulator" python -c '
import json, sys
print(*sorted(d["address"] for d in json.load(sys.stdin)["resource_drift"]))')
case $changed in
  "module.alerts.aws_cloudwatch_event_rule.this["*"] module.pipeline_role.aws_iam_role.this") ;;
  *) fail "two objects were changed by hand, but these are told: $changed" ;;
esac

step "pipewright apply: repair it"
expect 0 "$pipewright" apply -input=false -auto-approve
expect 0 "$pipewright" plan -input=false -detailed-exitcode

step "pipewright destroy"
expect 0 "$pipewright" destroy -input=false -auto-approve
[ -z "$("$pipewright" state list)" ] || fail "the state still lists objects"
"$root/localstack/emulator" inventory --endpoint "$AWS_ENDPOINT_URL" --expect-empty || fail "something was left behind in the emulator"

step "Done: the emulator is empty again."
