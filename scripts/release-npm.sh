#!/usr/bin/env bash
# The npm packages of a release: scripts/release-npm.sh ARCHIVES OUT, where ARCHIVES has those of scripts/release-archive.sh, of as
# many platforms as there are. Needs npm, and integrations/cdk with what it is compiled by (npm install).
set -euo pipefail
archives=$(realpath "${1:?the folder of archives}")
mkdir -p "${2:?the folder for the packages}"
out=$(realpath "$2")
cd "$(dirname "$0")/.."
version=$(sed -n '/^\[workspace.package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
programs=()
for archive in "$archives"/layerpack-*.tar.gz "$archives"/layerpack-*.zip; do
    [ -e "$archive" ] || continue
    target=$(basename "$archive")
    target=${target#layerpack-} target=${target%.zip} target=${target%.tar.gz}
    program=layerpack
    case $target in *-linux-*) os=linux ;; *-darwin) os=darwin ;; *-windows-*) os=win32 program=layerpack.exe ;; *) continue ;; esac
    case $target in x86_64-*) cpu=x64 ;; aarch64-*) cpu=arm64 ;; *) continue ;; esac
    case $archive in *.zip) unzip -q "$archive" -d "$work" ;; *) tar -xzf "$archive" -C "$work" ;; esac
    programs+=("$os-$cpu=$work/layerpack-$target/$program")
done
cd integrations/cdk
npm run --silent build
node scripts/npm-packages.mjs "$work/npm" "$version" ${programs[@]+"${programs[@]}"}
for package in "$work"/npm/*/; do
    npm pack --silent --pack-destination "$out" "$package"
done
