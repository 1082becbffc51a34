#!/bin/sh
# The page of `layerpack size --html` in a real browser: clicks, keys, search, zipped sizes, dark mode, 400 px, names that
# try to break it, and 60,000 files. Needs uv, and Chromium (CHROMIUM=path, else the one on PATH). Not part of the tests.
#
#   scripts/size-page.sh [FOLDER]     FOLDER: where screenshots go (none without it)
set -eu
cd "$(dirname "$0")/.."
cargo build --quiet --bin layerpack
LAYERPACK="${CARGO_TARGET_DIR:-target}/debug/layerpack"
export LAYERPACK
exec uv run --quiet --no-project --with playwright python scripts/size_page.py "$@"
