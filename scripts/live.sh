#!/usr/bin/env bash
# The main job against the real index, as a user would run it. Needs the network, python3, and uv for the comparison of
# versions. Not part of the tests. Run from anywhere: scripts/live.sh
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${LAYERPACK_BUILT:-}" ] || cargo build --release --quiet
layerpack=$PWD/target/release/layerpack
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LAYERPACK_CACHE_DIR=$work/cache NO_COLOR=1
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

echo "== the README's command: a zip whose entries lie under python/"
"$layerpack" build examples/fastapi-cdk/src/layers/pypi --arch arm64 --runtime python3.12 --out-dir "$work/dist"
python3 -m zipfile -t "$work/dist/pypi-python3.12-arm64.zip"
python3 -m zipfile -l "$work/dist/pypi-python3.12-arm64.zip" | tail -n +2 | grep -v '^python/' && fail "an entry outside python/"

echo "== one sha256: two folders, two umasks, cold and warm, one thread and two"
for setting in "022 1 cold" "077 2 cold" "022 2 warm" "077 1 warm"; do
    read -r mask jobs state <<<"$setting"
    out=$work/identity-$mask-$jobs-$state
    [ "$state" = warm ] || rm -rf "$work/cache"
    (umask "$mask"; "$layerpack" build examples/fastapi-cdk/src/layers/pypi --arch arm64 --runtime python3.12 \
        --out-dir "$out" --jobs "$jobs" -q >/dev/null)
    sha256sum <"$out/pypi-python3.12-arm64.zip"
done | sort | uniq -c | tee "$work/identity"
[ "$(wc -l <"$work/identity")" = 1 ] || fail "different bytes"

echo "== the versions that uv takes"
if command -v uv >/dev/null; then
    while read -r packages; do
        tr ' ' '\n' <<<"$packages" >"$work/requirements.txt"
        "$layerpack" resolve "$work/requirements.txt" --runtime python3.12 --arch arm64 --format json 2>/dev/null |
            python3 -c 'import json, sys; [print(p["name"] + "==" + p["version"]) for p in json.load(sys.stdin)["packages"]]' >"$work/ours"
        uv pip compile "$work/requirements.txt" --only-binary :all: --python-version 3.12 --python "$(command -v python3)" \
            --python-platform aarch64-manylinux_2_34 --no-header --no-annotate -q | grep == >"$work/theirs"
        if diff <(sort "$work/ours") <(sort "$work/theirs") >"$work/diff"; then
            echo "same ($(wc -l <"$work/ours")): $packages"
        else
            cat "$work/diff"
            fail "$packages"
        fi
    done <<'SETS'
fastapi uvicorn[standard]
pandas pyarrow boto3 requests sqlalchemy pillow
django djangorestframework celery[redis] psycopg2-binary
jupyterlab
langchain langchain-aws
SETS
else
    echo "(no uv here: left out)"
fi

echo "== over budget is refused before anything is written"
tr ' ' '\n' <<<"pandas pyarrow boto3 requests sqlalchemy pillow" >"$work/requirements.txt"
status=0
"$layerpack" build "$work/requirements.txt" --runtime python3.12 --arch arm64 --out-dir "$work/heavy" || status=$?
[ "$status" = 1 ] || fail "exit $status, not 1"
[ ! -e "$work/heavy" ] || fail "something was written"

echo
[ "$failures" = 0 ] && echo "all fine" || { echo "$failures failed"; exit 1; }
