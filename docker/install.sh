#!/usr/bin/env bash
# Installs the Debian packages that `make demo` or `make test` needs and this machine lacks.
# Harmless to repeat: with nothing missing it asks for no rights and reads no package list.
set -euo pipefail

readonly usage="usage: docker/install.sh [--dry-run] demo|test"
# Where postgresql-common looks for an administrator's additions.
readonly cluster_conf=/etc/postgresql-common/createcluster.d/huifang.conf

# build-essential: ring compiles C, and rustc links with cc.
readonly demo_packages=(build-essential ca-certificates espeak-ng postgresql)
# baresip-core: the phone without its desktop; its metapackage brings GTK.
# python3-venv: docker/lint.sh keeps its linters in one.
readonly test_packages=(
  "${demo_packages[@]}"
  baresip-core chromium chromium-driver ffmpeg flac kamailio kamailio-tls-modules
  python3-venv shellcheck sip-tester sox tshark
)

fail() {
  printf 'docker/install.sh: %s\n' "$@" >&2
  exit 1
}

# A server from elsewhere (another release, the PostgreSQL project's own packages) will do as well.
postgres_server() {
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

installed() {
  case $1 in
    postgresql) postgres_server ;;
    *) [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null) == installed ]] ;;
  esac
}

missing_of() {
  local package
  for package in "$@"; do
    installed "$package" || printf '%s\n' "$package"
  done
}

as_root() {
  if ((EUID == 0)); then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# Waits for another apt, such as the nightly upgrade, instead of failing beside it.
apt_get() {
  as_root apt-get --quiet --yes --option DPkg::Lock::Timeout=300 "$@" </dev/null
}

# huifang makes a cluster of its own: the package shall not make and start one named "main" that nobody asked for.
without_main_cluster() {
  as_root mkdir -p "$(dirname "$cluster_conf")"
  printf 'create_main_cluster = false\n' | as_root tee "$cluster_conf" >/dev/null
  trap with_main_cluster EXIT
}

# The machine's defaults are its administrator's again once the package is in.
with_main_cluster() {
  as_root rm -f "$cluster_conf"
  as_root rmdir --ignore-fail-on-non-empty "$(dirname "$cluster_conf")"
}

require_cargo() {
  command -v cargo >/dev/null || fail "cargo is not on the PATH" \
    "install Rust 1.95 or later by rustup (https://rustup.rs), open a new shell, and start again"
}

require_means() {
  command -v apt-get >/dev/null || fail "this machine has no apt-get, and these are missing: $*" \
    "install them by your system's own means, or use Debian 12"
  ((EUID == 0)) || sudo true || fail "neither root nor leave to use sudo, and these are missing: $*" \
    "as root run: apt-get install --no-install-recommends $*"
}

main() {
  local dry_run=false packages missing
  if [[ ${1-} == --dry-run ]]; then
    dry_run=true
    shift
  fi
  case ${1-} in
    demo) packages=("${demo_packages[@]}") ;;
    test) packages=("${test_packages[@]}") ;;
    *) fail "$usage" ;;
  esac
  (($# == 1)) || fail "$usage"

  mapfile -t missing < <(missing_of "${packages[@]}")
  if $dry_run; then
    ((${#missing[@]} == 0)) || printf '%s\n' "${missing[@]}"
    return
  fi
  require_cargo
  if ((${#missing[@]} == 0)); then
    echo "Every package that 'make $1' needs is here."
    return
  fi
  require_means "${missing[@]}"
  echo "Installing for 'make $1': ${missing[*]}"
  # One broken source in /etc/apt need not hide the packages; whether they are there, the next step tells.
  apt_get update || echo "docker/install.sh: going on with the package lists that are here" >&2
  postgres_server || without_main_cluster
  apt_get install --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install: ${missing[*]}" "its own message above says why; mend that and start again"
}

main "$@"
