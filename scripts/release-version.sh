#!/usr/bin/env bash
# A tag may be released: it is the version of Cargo.toml, and CHANGELOG.md has a section for it.
# scripts/release-version.sh v1.2.3
set -euo pipefail
cd "$(dirname "$0")/.."
tag=${1:?the tag}
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
[ "$tag" = "v$version" ] || { echo "the tag is $tag, Cargo.toml has $version" >&2; exit 1; }
grep -q "^## $version" CHANGELOG.md || { echo "CHANGELOG.md has no section for $version" >&2; exit 1; }
