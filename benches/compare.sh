#!/usr/bin/env bash
# layerpack beside uv, zip and auditwheel, in one run on one machine; the table at the end has every figure. Needs the
# network for the first, filling runs, and for the rows that are cold.
#
#   benches/compare.sh              all rows, 5 runs each
#   RUNS=3 ROWS=warm,check benches/compare.sh
#
# Wanted beside Rust: python3, which measures; uv and auditwheel (pip install uv auditwheel); zip. What is missing is said,
# and its rows are left out. Every figure is of whole processes: wall time in milliseconds, the median of RUNS runs, and
# the highest peak of resident memory of any process. The tools take turns within each run, so that a machine that slows
# down slows all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

RUNS=${RUNS:-5}
ROWS=${ROWS:-warm,unchanged,cold,check,resolve}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
layerpack=$PWD/target/release/layerpack
cargo build --release --quiet

# uv may look for an interpreter for seconds; it needs none that it does not have.
export UV_PYTHON_DOWNLOADS=never UV_CACHE_DIR=$work/uv-cache LAYERPACK_CACHE_DIR=$work/layerpack-cache
export UV_NO_PROGRESS=1 NO_COLOR=1
python=$(command -v python3)
target=(--runtime python3.12 --arch x86_64)
uv_target=(--python "$python" --python-version 3.12 --python-platform x86_64-manylinux_2_34 --only-binary :all:)

have() { command -v "$1" >/dev/null 2>&1 || { echo "(no $1 here: rows that need it are left out)"; return 1; }; }
row() { [[ ",$ROWS," == *",$1,"* ]]; }

# ms NAME COMMAND…: runs the command, appends its wall time and its peak of memory to NAME.
ms() {
    local name=$1
    shift
    "$python" -I -S benches/measure.py "$work/$name.us" "$work/out" "$work/err" "$@" ||
        { echo "$name failed: $*"; tail -n 5 "$work/err"; exit 1; }
}
median() { sort -n "$work/$1.us" | awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] / 1000 }'; }
peak() { awk '$2 > most { most = $2 } END { printf "%.0f", most / 1024 }' "$work/$1.us"; }
ratio() { awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.1f", a / b }'; }
measured() { [ -e "$work/$1.us" ]; }
say() { printf '%-58s %10s ms %7s MB\n' "$1" "$(median "$2")" "$(peak "$2")"; }
# line WORK OURS THEIRS NAME-OF-THEIRS BAR FASTER|TIMES: a row of the last table, if both were measured. FASTER: how many
# times faster we are; TIMES: how many times as long we take; MEMORY: peaks.
line() {
    measured "$2" && { [ "$3" = - ] || measured "$3"; } || return 0
    local ours theirs=- ratio=-
    case $6 in
        MEMORY) ours="$(peak "$2") MB"; [ "$3" = - ] || theirs="$4 $(peak "$3") MB" ;;
        *) ours="$(median "$2") ms"; [ "$3" = - ] || theirs="$4 $(median "$3") ms" ;;
    esac
    case $6 in
        FASTER) ratio="$(ratio "$3" "$2") × faster" ;;
        TIMES) ratio="$(ratio "$2" "$3") × of it" ;;
    esac
    echo "| $1 | $ours | $theirs | $ratio | $5 |"
}

echo "machine: $(uname -srm), $(nproc) cores, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo 2>/dev/null)"
echo "tools: $("$layerpack" --version); $(uv --version 2>/dev/null || echo no uv); runs: $RUNS"
uv=false; have uv && uv=true
zip=false; have zip && zip=true

mkdir "$work/big"
printf '%s\n' pandas pyarrow boto3 sqlalchemy requests pillow >"$work/big/requirements.txt"

if row warm || row unchanged || row check; then
    # Filling runs: the lock, both caches, the wheels.
    "$layerpack" lock "$work/big" "${target[@]}" >/dev/null 2>&1
    "$layerpack" fetch "$work/big" "${target[@]}" -o "$work/wheels" >/dev/null 2>&1
    if $uv; then
        uv pip compile "$work/big/requirements.txt" "${uv_target[@]}" --generate-hashes -q -o "$work/locked.txt"
        uv pip install -q --require-hashes -r "$work/locked.txt" "${uv_target[@]}" --target "$work/fill"
        rm -rf "$work/fill"
    fi
    echo "wheels: $(ls "$work/wheels" | wc -l), $(du -cb "$work"/wheels/*.whl | awk 'END { print $1 }') bytes"
fi

if row warm; then
    echo
    echo "== warm, locked, offline, to a zip that was never built before (cached: wheels; sha256 computed)"
    for _ in $(seq "$RUNS"); do
        rm -rf "$work/out.zip" "$work/layerpack-cache/builds-v1" "$work/cat.out"
        ms pack "$layerpack" build "$work/big" "${target[@]}" --locked --offline --budget 400MB -o "$work/out.zip"
        ms cat bash -c "cat '$work'/wheels/*.whl >'$work/cat.out'"
        if $uv && $zip; then
            for level in 6 0; do
                rm -rf "$work/t" "$work/t.zip"; mkdir "$work/t"
                ms "uvzip$level" bash -c "uv pip install -q --offline --require-hashes -r '$work/locked.txt' ${uv_target[*]@Q} \
                    --target '$work/t/python' && cd '$work/t' && zip -q -$level -r '$work/t.zip' python"
            done
        fi
    done
    say "layerpack build -o out.zip" pack
    say "cat *.whl > out" cat
    echo "  layerpack takes $(ratio pack cat) × of cat"
    if $uv && $zip; then
        say "uv pip install --target + zip -qr" uvzip6
        say "uv pip install --target + zip -0 -qr" uvzip0
        echo "  layerpack is $(ratio uvzip6 pack) × faster than uv + zip, $(ratio uvzip0 pack) × faster than uv + zip -0"
    fi
fi

if row unchanged; then
    echo
    echo "== locked build, nothing changed"
    "$layerpack" build "$work/big" "${target[@]}" --locked --budget 400MB -o "$work/same.zip" >/dev/null 2>&1
    for _ in $(seq "$RUNS"); do
        ms unchanged "$layerpack" build "$work/big" "${target[@]}" --locked --budget 400MB -o "$work/same.zip"
    done
    grep -q 'nothing has changed' "$work/err" || { echo "it was built again"; exit 1; }
    say "layerpack build" unchanged
fi

if row cold; then
    echo
    echo "== cold build of fastapi + uvicorn[standard] (nothing cached, network; layerpack: zip included)"
    mkdir "$work/small"
    printf '%s\n' fastapi 'uvicorn[standard]' >"$work/small/requirements.txt"
    for _ in $(seq "$RUNS"); do
        rm -rf "$work/cold-cache" "$work/cold.zip" "$work/cold-target"
        ms cold env LAYERPACK_CACHE_DIR="$work/cold-cache" "$layerpack" build "$work/small" "${target[@]}" -o "$work/cold.zip"
        if $uv; then
            rm -rf "$work/cold-cache"
            ms colduv env UV_CACHE_DIR="$work/cold-cache" uv pip install -q -r "$work/small/requirements.txt" \
                "${uv_target[@]}" --target "$work/cold-target"
        fi
    done
    say "layerpack build -o cold.zip" cold
    if $uv; then
        say "uv pip install --target (no zip)" colduv
        echo "  uv takes $(ratio colduv cold) × of layerpack"
    fi
fi

if row check; then
    echo
    echo "== check of numpy, pandas, pillow, pyarrow, sqlalchemy (nothing cached; RECORD verified)"
    mkdir "$work/checked"
    for name in numpy pandas pillow pyarrow sqlalchemy; do cp "$work"/wheels/$name-*.whl "$work/checked"; done
    auditwheel=false; have auditwheel && auditwheel=true
    for _ in $(seq "$RUNS"); do
        ms check "$layerpack" check "$work/checked" --runtime python3.12 --arch x86_64
        if $auditwheel; then
            ms audit bash -c "for wheel in '$work'/checked/*.whl; do auditwheel show \"\$wheel\"; done"
        fi
    done
    say "layerpack check" check
    if $auditwheel; then
        say "auditwheel show, one after the other" audit
        echo "  layerpack is $(ratio audit check) × faster"
    fi
fi

if row resolve; then
    echo
    echo "== resolve of apache-airflow[amazon,google,postgres]"
    mkdir "$work/airflow"
    echo 'apache-airflow[amazon,google,postgres]' >"$work/airflow/requirements.txt"
    for _ in $(seq "$RUNS"); do
        rm -rf "$work/resolve-cache"
        ms resolvecold env LAYERPACK_CACHE_DIR="$work/resolve-cache" "$layerpack" resolve "$work/airflow" "${target[@]}"
        ms resolvewarm env LAYERPACK_CACHE_DIR="$work/resolve-cache" "$layerpack" resolve "$work/airflow" "${target[@]}"
        if $uv; then
            rm -rf "$work/resolve-cache"
            ms compilecold env UV_CACHE_DIR="$work/resolve-cache" uv pip compile -q "$work/airflow/requirements.txt" "${uv_target[@]}"
            ms compilewarm env UV_CACHE_DIR="$work/resolve-cache" uv pip compile -q "$work/airflow/requirements.txt" "${uv_target[@]}"
        fi
    done
    say "layerpack resolve, cold" resolvecold
    say "layerpack resolve, warm" resolvewarm
    if $uv; then
        say "uv pip compile, cold" compilecold
        say "uv pip compile, warm" compilewarm
    fi
fi

echo
echo "== all of it"
echo "warm: wheels cached, locked, offline, to a zip that was never built before, sha256 and checksums computed; uv with a"
echo "warm cache, locked with hashes, offline, UV_PYTHON_DOWNLOADS=never. check: nothing cached. cold: no cache, network."
echo
echo "| work | layerpack | beside | | bar |"
echo "| --- | ---: | ---: | ---: | --- |"
line "warm build, zip and sha256" pack uvzip6 "uv + zip" "≥ 80 × faster" FASTER
line "the same" pack uvzip0 "uv + zip -0" "" FASTER
line "the same" pack cat "cat *.whl > out" "≤ 4 ×" TIMES
line "locked build, nothing changed" unchanged - "" "≤ 30 ms" TIME
line "cold build, fastapi + uvicorn[standard], zip included" cold colduv "uv, no zip" "no slower" FASTER
line "check, 5 large wheels" check audit "auditwheel show" "≥ 30 × faster" FASTER
line "resolve airflow, cold" resolvecold compilecold "uv pip compile" "no slower" FASTER
line "resolve airflow, warm" resolvewarm compilewarm "uv pip compile" "no slower" FASTER
line "peak memory, warm build" pack - "" "≤ 100 MB" MEMORY
line "peak memory, cold build" cold colduv "uv" "≤ 100 MB" MEMORY
line "peak memory, check" check audit "auditwheel" "≤ 100 MB" MEMORY
line "peak memory, resolve airflow, cold" resolvecold compilecold "uv" "no higher than uv" MEMORY
line "peak memory, resolve airflow, warm" resolvewarm compilewarm "uv" "no higher than uv" MEMORY
