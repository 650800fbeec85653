#!/usr/bin/env bash
# Fuzzes the parsers and the call machine, each target for TIME seconds (600), from the corpus in the repository. What
# is found stays below target/fuzz: a crash belongs into crates/core/uac/fuzz/regressions/<target>, where every test run
# replays it. Needs a nightly toolchain and cargo-fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${TIME:-600}
room=crates/core/uac/fuzz
scratch=$PWD/target/fuzz
export CARGO_TARGET_DIR=$scratch/build

cargo +nightly --version >/dev/null 2>&1 || {
  echo "tests/fuzz.sh: no nightly toolchain: rustup toolchain install nightly --profile minimal" >&2
  exit 1
}
cargo fuzz --version >/dev/null 2>&1 || {
  echo "tests/fuzz.sh: no cargo-fuzz: cargo install cargo-fuzz --locked" >&2
  exit 1
}

if (($# > 0)); then
  targets=("$@")
else
  mapfile -t targets < <(cargo +nightly fuzz list --fuzz-dir "$room")
fi
for target in "${targets[@]}"; do
  found=$scratch/found/$target
  grown=$scratch/corpus/$target
  mkdir -p "$found" "$grown"
  printf '\n== %s for %s s\n' "$target" "$seconds"
  # What it grows goes to the first folder, the seeds of the repository are only read.
  cargo +nightly fuzz run --fuzz-dir "$room" "$target" "$grown" "$room/corpus/$target" -- \
    -max_total_time="$seconds" -max_len=8192 -timeout=5 -rss_limit_mb=2048 \
    -artifact_prefix="$found/" -print_final_stats=1
done
