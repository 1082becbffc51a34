#!/usr/bin/env bash
# The workflows, action.yml and the scripts that they call, by linters. Needs shellcheck, and check-jsonschema and zizmor from the
# configured package index (pip install check-jsonschema zizmor). Not part of the tests.
set -euo pipefail
cd "$(dirname "$0")/.."
shellcheck -x action/*.sh scripts/release-*.sh integrations/cdk/scripts/*.sh scripts/lint-workflows.sh .ci/run
check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
check-jsonschema --builtin-schema vendor.github-actions action.yml
zizmor --offline .github action.yml
