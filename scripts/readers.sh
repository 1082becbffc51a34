#!/bin/sh
# Built zips in the hands of others: Python's zipfile, Info-ZIP, 7-Zip, bsdtar, Java's two readers, Go, Node. Each reads every
# byte, checks every CRC-32, and says which entries there are: the lists must be the same. The layers hold names beyond ASCII, empty
# files, stored and deflated entries, an executable, and 60,000 files. Programs that are not here are said and left out.
#
#   scripts/readers.sh                  builds with target/release/layerpack
#   LAYERPACK=path scripts/readers.sh   with this one
set -eu
cd "$(dirname "$0")/.."
if [ -z "${LAYERPACK:-}" ]; then
    cargo build --release --quiet
    LAYERPACK=$PWD/target/release/layerpack
fi
export LAYERPACK
exec python3 scripts/readers.py "$@"
