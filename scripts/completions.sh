#!/usr/bin/env bash
# The completions in real shells, those of bash, zsh and fish that are here: scripts/completions.sh [LAYERPACK]. Not part of the
# tests.
set -euo pipefail
cd "$(dirname "$0")/.."
layerpack=$(realpath "${1:-target/release/layerpack}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PATH=$(dirname "$layerpack"):$PATH
failures=0
# has SHELL SUGGESTIONS WORD…: all words are among them.
has() {
    local shell=$1 said=$2 word
    shift 2
    for word in "$@"; do
        grep -q -- "$word" <<<"$said" || { echo "FAILED: $shell does not offer $word"; failures=$((failures + 1)); }
    done
    echo "$shell: $(tr '\n' ' ' <<<"$said" | cut -c1-100)"
}

layerpack completions bash >"$work/bash"
# shellcheck disable=SC2016
has bash "$(bash -c '. "$1"; COMP_WORDS=(layerpack build --runtime ""); COMP_CWORD=3; _layerpack layerpack "" --runtime; printf "%s\n" "${COMPREPLY[@]}"' - "$work/bash")" python3.13 python3.12
# shellcheck disable=SC2016
has bash "$(bash -c '. "$1"; COMP_WORDS=(layerpack re); COMP_CWORD=1; _layerpack layerpack re layerpack; printf "%s\n" "${COMPREPLY[@]}"' - "$work/bash")" resolve
if command -v zsh >/dev/null; then
    layerpack completions zsh >"$work/_layerpack"
    # It loads and defines its function without a complaint.
    # shellcheck disable=SC2016
    has zsh "$(zsh -fc 'fpath=("$1" $fpath); autoload -Uz compinit && compinit -u -d "$1/dump"; print -r -- "${_comps[layerpack]}"; zsh -n "$1/_layerpack"' - "$work" 2>&1)" _layerpack
fi
if command -v fish >/dev/null; then
    layerpack completions fish >"$work/fish"
    has fish "$(HOME=$work fish --no-config -c "source $work/fish; complete -C 'layerpack build --arch '")" arm64 x86_64
    has fish "$(HOME=$work fish --no-config -c "source $work/fish; complete -C 'layerpack res'")" resolve
fi
[ $failures = 0 ] || exit 1
