#!/usr/bin/env bash
# Lints the Dockerfile and the compose file, with linters kept in target/lint: no Docker engine is needed.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly requirements=docker/lint-requirements.txt
readonly venv=target/lint/venv
# Says which list the linters there were installed from, once all of them were.
readonly installed=target/lint/installed.txt

install_linters() {
  rm -rf "$venv" "$installed" &&
    mkdir -p target/lint &&
    python3 -m venv "$venv" &&
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --requirement "$requirements" &&
    cp "$requirements" "$installed"
}

if ! cmp --silent "$requirements" "$installed"; then
  install_linters || {
    echo "docker/lint.sh: the linters of $requirements cannot be installed; pip's message above says why." >&2
    echo "docker/lint.sh: it needs python3-venv (docker/install.sh test) and reaches for PyPI." >&2
    exit 1
  }
fi

"$venv/bin/hadolint" docker/Dockerfile
# The shape: an unknown key or a value of the wrong kind is refused.
"$venv/bin/python" - docker/compose.yaml <<'PYTHON'
import sys
from compose_spec import PyCompose

path = sys.argv[1]
try:
    PyCompose.from_yaml(open(path, encoding="utf-8").read())
except ValueError as error:
    sys.exit(f"{path}: {error}")
PYTHON
# The safety. The environment file is the operator's and not in the repository.
"$venv/bin/compose-lint" check --no-env --quiet --skip-suppressed --strict-config \
  --config docker/compose-lint.yaml --fail-on low docker/compose.yaml
