#!/usr/bin/env bash
# The binary of a wheel as an archive of its own: scripts/release-archive.sh TARGET FOLDER, where FOLDER has the wheel. The
# archive has the licences, the README and the completions too.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:?the target}
cd "${2:?the folder}"
python=$(command -v python3 || command -v python)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m zipfile -e ./*.whl "$work/wheel"
name=layerpack-$target
mkdir -p "$work/$name/completions"
cp "$work"/wheel/layerpack-*.data/scripts/layerpack* "$work/$name/"
chmod 755 "$work/$name"/layerpack*
cp "$root"/{README.md,CHANGELOG.md,LICENSE-MIT,LICENSE-APACHE} "$work/$name/"
for shell in bash zsh fish powershell elvish; do
    "$work/$name/layerpack" completions "$shell" >"$work/$name/completions/layerpack.$shell"
done
case $target in
    *-windows-*) "$python" -m zipfile -c "$name.zip" "$work/$name" ;;
    *) tar -czf "$name.tar.gz" -C "$work" "$name" ;;
esac
