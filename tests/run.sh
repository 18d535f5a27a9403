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
# Where Terraform is, both tools must find nothing to do after the other's apply.
cargo build --locked --bin pipewright
tests/aws/both_ways.py tests/aws/both_ways/*/
