#!/usr/bin/env bash
# Licences, bans and sources of every dependency, by cargo-deny, which is installed where it is missing (some minutes of
# compiling). Advisories need RustSec's database, a git repository: `scripts/deny.sh advisories` asks for them too.
# Run from anywhere: scripts/deny.sh
set -euo pipefail
cd "$(dirname "$0")/.."
command -v cargo-deny >/dev/null 2>&1 || cargo install --quiet --locked cargo-deny
cargo deny --log-level error check licenses bans sources "$@"
