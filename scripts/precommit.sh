#!/usr/bin/env bash
# The hooks of .pre-commit-hooks.yaml, run by pre-commit itself in a repository of their user. Needs the network (the real
# index, pre-commit from the configured one), git, python3 and Rust; compiles layerpack as pre-commit does, in some
# minutes. What is tested is the last commit. Not part of the tests. Run from anywhere: scripts/precommit.sh
#
# scripts/precommit.sh X.whl runs the hooks by this wheel of the PyPI package alone, as docs/how-to/pre-commit.md has them, and
# compiles no layerpack.
set -euo pipefail
wheel=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
layerpack=$PWD
[ -z "$(git status --porcelain)" ] || echo "note: what is not committed is not tested"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repo=$work/repo
mkdir "$repo"
cargo run --quiet -p testkit --example local-wheels -- "$repo/whl"
# One compilation for both ways of installing.
export PRE_COMMIT_HOME=$work/home LAYERPACK_CACHE_DIR=$work/cache NO_COLOR=1 PRE_COMMIT_COLOR=never
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$work/target}
failures=0

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pre-commit
pre_commit=$work/venv/bin/pre-commit

git -C "$repo" init --quiet
cat >"$repo/.pre-commit-config.yaml" <<YAML
repos:
  - repo: $layerpack
    rev: $(git rev-parse HEAD)
    hooks:
      - {id: layerpack-check, args: [--runtime, python3.13, --arch, arm64]}
      - {id: layerpack-check-requirements, args: [--runtime, python3.13, --arch, arm64]}
YAML
cd "$repo"
echo 'numpy==1.21.0' >requirements.txt
echo 'numpy==1.21.0' >requirements-dev.txt
mkdir fine
echo 'numpy==2.1.0' >fine/requirements.txt
echo 'version = 1' >uv.lock
git add .

# run CODE WORDS COMMAND…: its exit code and something that it says.
run() {
    local code=$1 words=$2 status=0
    shift 2
    echo
    echo "== $*"
    "$@" 2>&1 | tee "$work/said" || status=${PIPESTATUS[0]}
    [ "$status" = "$code" ] || { echo "FAILED: exit $status, not $code"; failures=$((failures + 1)); }
    grep -qF -- "$words" "$work/said" || { echo "FAILED: it does not say: $words"; failures=$((failures + 1)); }
}

pure=whl/local_package1-0.1.0-py3-none-any.whl
native=whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl
requirements=layerpack-check-requirements

"$pre_commit" validate-manifest "$layerpack/.pre-commit-hooks.yaml"
if [ -z "$wheel" ]; then
    run 0 Passed "$pre_commit" run layerpack-check --files "$pure"
    run 1 "built for x86_64; the target is arm64" "$pre_commit" run layerpack-check --files "$pure" "$native"
    run 1 "from 2.1.0 on there is one" "$pre_commit" run $requirements --files requirements.txt fine/requirements.txt
    run 0 "1 package, it has a wheel" "$pre_commit" run $requirements --files fine/requirements.txt
    run 0 "no package for python3.13" "$pre_commit" run $requirements --files uv.lock
    run 0 "Skipped" "$pre_commit" run $requirements --files requirements-dev.txt
    rm -rf "$LAYERPACK_CACHE_DIR"
    run 0 "LP307" env HTTPS_PROXY=http://127.0.0.1:1 "$pre_commit" run $requirements --files requirements.txt
    run 1 "loads on no target" "$pre_commit" try-repo "$layerpack" layerpack-check --files "$pure" "$native"
fi

# The package of PyPI, as docs/how-to/pre-commit.md has it, from a wheel in place of the index.
if [ -z "$wheel" ]; then
    "$work/venv/bin/pip" wheel --quiet --no-deps --wheel-dir "$work/wheels" "$layerpack"
    wheel=$(echo "$work"/wheels/layerpack-*.whl)
fi
cat >.pre-commit-config.yaml <<YAML
repos:
  - repo: local
    hooks:
      - id: layerpack-check
        name: wheels load on AWS Lambda
        entry: layerpack check --quiet --runtime python3.13 --arch arm64
        language: python
        additional_dependencies: ["$wheel"]
        files: \.whl$
        types: [file]
        require_serial: true
      - id: layerpack-check-requirements
        name: requirements have wheels for AWS Lambda
        entry: layerpack check --if-possible --runtime python3.13 --arch arm64
        language: python
        additional_dependencies: ["$wheel"]
        files: (^|/)(requirements\.txt|pylock\.toml|uv\.lock|poetry\.lock|Pipfile\.lock)$
        types: [file]
        require_serial: true
        verbose: true
YAML
git add .pre-commit-config.yaml
run 0 Passed env PATH=/usr/bin:/bin "$pre_commit" run layerpack-check --files "$pure"
run 1 "built for x86_64; the target is arm64" env PATH=/usr/bin:/bin "$pre_commit" run layerpack-check --files "$pure" "$native"
run 1 "from 2.1.0 on there is one" env PATH=/usr/bin:/bin "$pre_commit" run $requirements --files requirements.txt fine/requirements.txt
run 0 "1 package, it has a wheel" env PATH=/usr/bin:/bin "$pre_commit" run $requirements --files fine/requirements.txt

echo
[ "$failures" = 0 ] && echo "all fine" || { echo "$failures failed"; exit 1; }
