#!/usr/bin/env bash
# Every check a change must pass, quick ones first; the first that fails ends the run and is named.
# `make test` installs what this needs and calls it.
set -euo pipefail
cd "$(dirname "$0")/.."

export CARGO_TERM_COLOR=never
# What a whole run builds is built once; the compiler's notes for the next change would only fill the disk.
export CARGO_INCREMENTAL="${CARGO_INCREMENTAL:-0}"
# Queries are checked against the committed .sqlx, never against a database that the shell happens to name.
unset DATABASE_URL

step=starting
begin() {
  step=$1
  printf '\n== %s\n' "$step"
}
name_the_failure() {
  local status=$?
  ((status == 0)) || echo "tests/run.sh: failed at: $step (exit $status)" >&2
}
trap name_the_failure EXIT

begin "rustfmt (mend: cargo fmt)"
cargo fmt --all --check

begin "shell scripts (shellcheck)"
mapfile -t scripts < <(git ls-files '*.sh' .ci/run)
shellcheck "${scripts[@]}"

begin "Dockerfile and compose file (docker/lint.sh)"
docker/lint.sh

begin "clippy, every warning an error"
cargo clippy --workspace --all-targets --locked -- -D warnings
# Tests may stop at what they did not expect; the service may not.
cargo clippy --workspace --lib --bins --locked -- -D warnings -D clippy::unwrap_used

begin "checked queries against the migrations (mend: make sqlx)"
tests/sqlx-check.sh

# nextest runs the test programs side by side, which real-time calls gain most from; it leaves out doc tests.
if cargo nextest --version >/dev/null 2>&1; then
  begin "doc tests"
  cargo test --workspace --locked --doc
  begin "tests (cargo nextest)"
  cargo nextest run --workspace --locked --no-fail-fast
else
  begin "tests (cargo test)"
  cargo test --workspace --locked --no-fail-fast
fi
