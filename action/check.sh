#!/usr/bin/env bash
# Step of action.yml: will it load? CHECK: paths and patterns, separated by blanks or lines. Findings become annotations.
set -euo pipefail
# shellcheck source=action/targets.sh
. "$(dirname "$0")/targets.sh"
read -r -d '' -a paths <<<"$CHECK" || true
# layerpack expands patterns itself, and says which of them match nothing.
layerpack check "${paths[@]}" ${targets[@]+"${targets[@]}"} --format github
