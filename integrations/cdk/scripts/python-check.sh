#!/usr/bin/env bash
# The constructs in Python: builds the package layerpack-cdk, installs it with Python's aws-cdk-lib, and synthesizes an app without
# network, Docker and AWS. Needs npm, uv, the network to install, and `unshare`. Not part of the tests.
#
#     npm install && scripts/python-check.sh [OUT]
#
# OUT gets the wheel. LAYERPACK_BIN names the program, else what cargo built last is taken.
set -euo pipefail
out=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."
package=$PWD repository=$(cd ../.. && pwd)
layerpack=${LAYERPACK_BIN:-$repository/target/release/layerpack}
[ -n "${LAYERPACK_BIN:-}" ] || [ "$repository/target/debug/layerpack" -ot "$layerpack" ] || layerpack=$repository/target/debug/layerpack
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' "$repository/Cargo.toml")
node scripts/python-package.mjs "$work/package" "$version"
uv build --quiet --wheel "$work/package" -o "$work/dist"
uv venv --quiet "$work/venv"
# The program is the one of this repository: its own package need not be there.
sed '/Requires-Dist: *layerpack/d' <(unzip -p "$work"/dist/*.whl '*/METADATA') | sed -n 's/^Requires-Dist: *//p' >"$work/requires.txt"
uv pip install --quiet --python "$work/venv" --requirements "$work/requires.txt"
uv pip install --quiet --python "$work/venv" --no-deps "$work"/dist/*.whl
"$work/venv/bin/python" test/python/wheels.py "$work"
export PIP_NO_INDEX=1 PIP_FIND_LINKS=$work/wheels LAYERPACK_CACHE_DIR=$work/cache JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=1
# As in a virtual environment that has the program: it is on PATH and named nowhere else.
ln -s "$layerpack" "$work/venv/bin/layerpack"
unset LAYERPACK_BIN
cd "$work"
PATH=$work/venv/bin:$PATH unshare -rn "$work/venv/bin/python" "$package/test/python/app.py" pypi whl
cd "$package"
[ -z "$out" ] || { mkdir -p "$out" && cp "$work"/dist/*.whl "$out"/; }
