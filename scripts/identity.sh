#!/usr/bin/env bash
# One source against the real index, built in many ways: other folders, paths, users, days, locales, umasks, numbers of
# threads, states of the cache. Prints the zip's sha256 once for each that there is: one line, or it has failed. The report, the
# bill of materials and the page must be the same as well. The hermetic test of the same is tests/suite/identity.rs.
#
#   scripts/identity.sh [SOURCE]           with target/release/layerpack
#   LAYERPACK=path scripts/identity.sh     with this one
set -euo pipefail
cd "$(dirname "$0")/.."
source=$(realpath "${1:-examples/fastapi-cdk/src/layers/pypi}")
if [ -z "${LAYERPACK:-}" ]; then
    cargo build --release --quiet
    LAYERPACK=$PWD/target/release/layerpack
fi
layerpack=$(realpath "$LAYERPACK")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
target=(--runtime python3.12 --arch arm64 --emit "zip,report,sbom,html")
export NO_COLOR=1

# way NAME COMMAND…: runs the command in a new copy of the source, ./src, and notes the digests of what it wrote to ./dist.
# The cache is $work/cache, kept from way to way unless the command says otherwise.
ways=0
way() {
    local name=$1 place=$work/way-$((ways += 1))
    shift
    mkdir "$place"
    cp -r "$source" "$place/src"
    [ ! -e "$work/src/pylock.toml" ] || cp "$work/src/pylock.toml" "$place/src"
    (
        cd "$place"
        export LAYERPACK_CACHE_DIR=$work/cache
        "$@" >out 2>err || { echo "FAILED: $name" >&2; cat err >&2; exit 1; }
        cd dist
        for file in *.zip *.cdx.json *.html; do echo "${file#*arm64} $(sha256sum <"$file" | cut -d' ' -f1)"; done
        echo "report $(sha256sum <"$(ls ./*arm64.json)" | cut -d' ' -f1)"
    ) | sed "s/^/$name: /" >>"$work/digests"
    rm -rf "$place"
    echo "done: $name" >&2
}
build() { "$layerpack" build src "${target[@]}" "$@"; }
masked() { umask "$1"; build; }
colder() { LAYERPACK_CACHE_DIR=$work/cache-$RANDOM build "$@"; }
absolute() { "$layerpack" build "$PWD/src" "${target[@]}" --out-dir "$PWD/dist"; }
dotted() { "$layerpack" build ./src/../src/ "${target[@]}" --out-dir ./dist/../dist; }
from_root() { local here=$PWD; (cd / && "$layerpack" build "$here/src" "${target[@]}" --out-dir "$here/dist"); }
moved() { mkdir tmp home; TMPDIR=$PWD/tmp HOME=$PWD/home build; }
reversed() { cp -r src other; rm -rf src; mkdir src; ls -Ar other | while read -r file; do cp -r "other/$file" src; done; touch -d 2001-01-01 src/*; build; }
damaged() {
    local wheel
    while read -r wheel; do printf 'damage' | dd of="$wheel" bs=1 seek=60 conv=notrunc status=none; done < <(find "$work/cache/wheels-v1" -name '*.whl')
    build
}
forgotten() { rm -rf "$work"/cache/manifests-v*; build; }

# A lock, so that what the index gets meanwhile is no difference.
mkdir "$work/src"
cp -r "$source/." "$work/src"
LAYERPACK_CACHE_DIR=$work/cache "$layerpack" lock "$work/src" --runtime python3.12 --arch arm64 >/dev/null 2>&1

way "cold" colder
way "filling the cache" build
way "warm, offline" build --offline
way "another day" env LAYERPACK_TODAY=2027-02-28 SOURCE_DATE_EPOCH=1700000000 "$layerpack" build src "${target[@]}"
way "TZ and locale" env TZ=Asia/Kathmandu LANG=tr_TR.UTF-8 LC_ALL=tr_TR.UTF-8 "$layerpack" build src "${target[@]}"
way "umask 077" masked 077
way "umask 000" masked 000
way "another home and temporary folder" moved
way "an absolute path" absolute
way "a path with dots" dotted
way "from another folder" from_root
way "files made in another order, and old" reversed
way "one thread" build --jobs 1
way "nine threads, cold" colder --jobs 9
way "a damaged cache, healed" damaged
way "manifests lost" forgotten

for kind in .zip report .cdx.json .html; do
    count=$(awk -F': ' -v kind="$kind" '{ split($2, f, " "); if (f[1] == kind) print f[2] }' "$work/digests" | sort -u | wc -l)
    echo "$ways ways, $kind: $count sha256" >&2
    [ "$count" = 1 ] || { grep ": $kind " "$work/digests" >&2; failed=1; }
done
awk -F': ' '$2 ~ /^\.zip / { split($2, f, " "); print f[2] }' "$work/digests" | sort -u
[ -z "${failed:-}" ]
