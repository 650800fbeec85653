#!/usr/bin/env bash
# Succeeds while huifang answers /healthz; the image has bash, so it needs no curl.
set -euo pipefail

# Listening on every address, it answers on loopback too.
listen=${HUIFANG_HTTP__LISTEN:-127.0.0.1:8080}
port=${listen##*:}

exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
read -r -t 5 _ status _ <&3
[[ $status == 200 ]]
