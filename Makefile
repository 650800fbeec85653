# The commands of this repository. `make` alone lists them.

# A cleared environment still finds cargo where rustup puts it.
ifndef HOME
HOME := $(shell getent passwd "$$(id -u)" | cut -d: -f6)
endif
ifndef PATH
PATH := /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
endif
PATH := $(PATH):$(HOME)/.cargo/bin
export HOME PATH
# Queries are checked against the committed .sqlx, never against a database that the shell happens to name.
unexport DATABASE_URL

.DEFAULT_GOAL := help
.PHONY: help demo test check fuzz soak bench bench-dialer bench-import simulate sqlx bench-sockets talkoff

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 10

demo: ## Call 60 virtual customers back and check what was recorded; KEEP=1 leaves the service running
	docker/install.sh demo
	cargo build --release --locked
	"$${CARGO_TARGET_DIR:-target}/release/huifang" demo

test: ## Install what the tests need and run every check
	docker/install.sh test
	tests/run.sh

soak: ## Place 10,000 calls, 50 a second, over a line that loses 5 % of the signalling (about 6 minutes)
	docker/install.sh test
	# The limit counts over 1.02 s: 52 lets 50 a second through.
	HUIFANG_SOAK_CALLS=10000 HUIFANG_SOAK_CPS=52 \
	  cargo test --release --locked --test a_lossy_line_loses_no_call -- --nocapture

bench-sockets: ## Compare what ways of using sockets cost, and what the media engine adds (about 6 minutes)
	cargo build --release --locked -p bench --bins
	"$${CARGO_TARGET_DIR:-target}/release/sockets"

bench: ## Measure the media path beside a bare program, on a quiet machine (20 minutes; HUIFANG_BENCH_CALLS=50,400: 6)
	docker/install.sh demo
	cargo build --release --locked --package huifang --package bench
	"$${CARGO_TARGET_DIR:-target}/release/bench"

bench-import: ## Import a million customers, with the time and memory it takes (about 3 minutes; HUIFANG_IMPORT_ROWS=100000)
	docker/install.sh test
	HUIFANG_IMPORT_ROWS="$${HUIFANG_IMPORT_ROWS:-1000000}" cargo test --release --locked -p importing \
	  --test a_million_rows_take_a_minute -- --ignored --nocapture

bench-dialer: ## Measure the claiming of due tasks at 10 k, 100 k and 1 M of them, on a quiet machine (about 4 minutes)
	docker/install.sh demo
	cargo build --release --locked --package bench --bin dialer
	"$${CARGO_TARGET_DIR:-target}/release/dialer"

simulate: ## Live through a year of 5 plans and 100,000 customers in virtual time, judged at every call (HUIFANG_SIMULATE_CUSTOMERS=5000)
	cargo build --release --locked --package bench --bin simulate
	# What one round of evaluation frees the next one wants again: it is not handed back to the system.
	MIMALLOC_PURGE_DELAY=-1 "$${CARGO_TARGET_DIR:-target}/release/simulate"

talkoff: ## Count the keys that are falsely heard in an hour each of voices, made speech and music (about 3 minutes)
	docker/install.sh test
	cargo test --release --locked -p audio --test speech_and_music_press_no_keys -- --include-ignored --nocapture
	cargo test --release --locked -p media --test voices_press_no_keys -- --include-ignored --nocapture

check: ## Check format and lints only (mend the format: cargo fmt)
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

fuzz: ## Fuzz the parsers and the call machine, each for TIME=600 seconds (needs nightly and cargo-fuzz)
	tests/fuzz.sh

sqlx: ## Renew .sqlx after a change of a query or a migration
	tests/sqlx-check.sh --write
