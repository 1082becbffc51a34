#!/usr/bin/env bash
# A wheel installs into a fresh environment without an index, and what it brings works: scripts/release-smoke.sh X.whl
set -euo pipefail
wheel=${1:?the wheel}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=$(command -v python3 || command -v python)
"$python" -m venv "$work/venv"
bin=$work/venv/bin
[ -d "$bin" ] || bin=$work/venv/Scripts
"$bin/python" -m pip install --quiet --no-index "$wheel"
"$bin/layerpack" --version
export LAYERPACK_CACHE_DIR=$work/cache
# A layer of files alone: packs, weighs and writes without any index.
mkdir -p "$work/src/python"
echo 'print("hello")' >"$work/src/python/hello.py"
(cd "$work" && "$bin/layerpack" build src --runtime python3.13 --arch arm64 -o layer.zip)
"$bin/layerpack" check "$work/layer.zip" --runtime python3.13 --arch arm64
