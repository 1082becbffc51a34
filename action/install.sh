#!/usr/bin/env bash
# Step of action.yml: layerpack on PATH, from PyPI unless there is one, and where its cache lies.
# VERSION: the version wanted, empty for the newest.
set -euo pipefail
if ! command -v layerpack >/dev/null; then
    package=layerpack${VERSION:+==$VERSION}
    if command -v uv >/dev/null; then
        uv tool install "$package"
        bin=$(uv tool dir --bin)
    else
        pipx install "$package"
        bin=$(pipx environment --value PIPX_BIN_DIR)
    fi
    echo "$bin" >>"$GITHUB_PATH"
    PATH=$bin:$PATH
fi
layerpack --version
# What nothing has used for a month is not carried on.
echo "cache-dir=$(layerpack cache dir)" >>"$GITHUB_OUTPUT"
