#!/usr/bin/env bash
# All tests of the crate. Run through `localstack/emulator run -- tests/run.sh`, so that those which need AWS find one.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${AWS_ENDPOINT_URL:?run this through localstack/emulator run -- tests/run.sh}"
export PIPEWRIGHT_EMULATOR=$AWS_ENDPOINT_URL
if cargo nextest --version >/dev/null 2>&1; then
  cargo nextest run --locked --no-fail-fast
else
  cargo test --locked --no-fail-fast
fi
# Where Terraform is, both tools must find nothing to do after the other's apply. PIPEWRIGHT_BOTH_WAYS=all takes every file of cases (about
# half an hour) instead of the most used types.
cargo build --locked --bin pipewright
if [ "${PIPEWRIGHT_BOTH_WAYS:-}" = all ]; then
  tests/aws/both_ways.py tests/aws/both_ways/*/ tests/aws/cases/*.json
else
  tests/aws/both_ways.py tests/aws/both_ways/*/ tests/aws/cases/{codepipeline,events_rules}.json
fi
