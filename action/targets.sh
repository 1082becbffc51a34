# Sourced by the steps: RUNTIME and ARCH as arguments, in `targets`.
# shellcheck shell=bash disable=SC2034
targets=()
[ -z "${RUNTIME:-}" ] || targets+=(--runtime "$RUNTIME")
[ -z "${ARCH:-}" ] || targets+=(--arch "$ARCH")
