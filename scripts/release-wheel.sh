#!/usr/bin/env bash
# The wheel for one platform: scripts/release-wheel.sh TARGET FOLDER. Needs maturin, and for Linux musl-gcc.
#
# For Linux the binary is linked statically against musl. It asks nothing of the system, so the wheel says that it runs on
# any glibc from 2.17 on (manylinux2014) and on any musl from 1.1 on.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?the target} out=${2:?the folder}
tags=(--compatibility pypi)
case $target in *-linux-musl) tags=(--compatibility manylinux2014 musllinux_1_1) ;; esac
maturin build --release --target "$target" "${tags[@]}" --out "$out"
