#!/usr/bin/env bash
# Succeeds while huifang answers /healthz; the image has bash, so it needs no curl.
set -euo pipefail

# Listening on every address, it answers on loopback too.
listen=${HUIFANG_HTTP__LISTEN:-127.0.0.1:8080}
port=${listen##*:}

exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
# A server that accepts and stays silent is ended by the time-out of HEALTHCHECK.
read -r _ status _ <&3
# Read to the end, so that the server sees an orderly close.
cat <&3 >/dev/null
[[ $status == 200 ]]
