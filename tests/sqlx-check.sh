#!/bin/bash
# Compares the committed .sqlx with what the queries and migrations of today give; 1 when they differ.
#   tests/sqlx-check.sh           check
#   tests/sqlx-check.sh --write   renew .sqlx
# A Postgres of its own is started for it and thrown away; sqlx's command line is not needed, because the macros
# write their query data themselves where SQLX_OFFLINE_DIR says.
set -euo pipefail
cd "$(dirname "$0")/.."

bin=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(dirname "$(command -v initdb || true)")
[ -x "$bin/initdb" ] || { echo "sqlx-check: Postgres is not installed: apt-get install postgresql" >&2; exit 2; }

work=$(mktemp -d /tmp/sqlx-check.XXXXXX)
step_down=()
if [ "$(id -u)" = 0 ]; then
    step_down=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    chown postgres "$work"
fi
server() { (cd / && "${step_down[@]}" "$bin/pg_ctl" --silent -D "$work/data" "$@"); }
trap 'server stop --mode immediate >/dev/null 2>&1 || true; rm -rf "$work"' EXIT

(cd / && "${step_down[@]}" "$bin/initdb" -D "$work/data" -U check --auth=trust --locale=C.UTF-8 --encoding=UTF8 --no-sync >/dev/null)
server --wait -l "$work/log" -o "-c listen_addresses='' -c unix_socket_directories='$work' -c fsync=off" start
for file in migrations/[0-9]*.sql; do
    "$bin/psql" -X -q -1 -v ON_ERROR_STOP=1 -h "$work" -U check -f "$file" postgres
done

mkdir "$work/fresh" "$work/tmp"
# A cfg nobody reads makes cargo compile this crate again, and only this one.
DATABASE_URL="postgres://check@localhost/postgres?host=$work" SQLX_OFFLINE=false \
    SQLX_OFFLINE_DIR="$work/fresh" SQLX_TMP="$work/tmp" \
    cargo rustc --quiet --locked --package postgres --lib --profile check -- --cfg "sqlx_check_$$"

if [ "${1:-}" = --write ]; then
    mkdir -p .sqlx
    rm -f .sqlx/query-*.json
    cp "$work"/fresh/query-*.json .sqlx/
    echo "sqlx-check: .sqlx renewed, $(find .sqlx -name 'query-*.json' | wc -l) queries"
elif ! diff -r --brief .sqlx "$work/fresh" >&2; then
    echo "sqlx-check: .sqlx is stale: run tests/sqlx-check.sh --write and commit .sqlx" >&2
    exit 1
else
    echo "sqlx-check: .sqlx is up to date"
fi
