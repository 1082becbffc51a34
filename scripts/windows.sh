#!/usr/bin/env bash
# The program and its tests for Windows, compiled here and run by Wine, and one layer that the Windows program and the host's
# must make alike, byte for byte, with their locks and bills of materials. Prints what failed, then the digests. Needs mingw-w64
# (gcc), Wine 8 or newer and `rustup target add x86_64-pc-windows-gnu`. What real Windows does differently is shown by the
# windows-2025 run of continuous integration only.
#
#   scripts/windows.sh             the tests, then the layers
#   scripts/windows.sh --no-tests  the layers alone
#
# Wine 8 lacks bcryptprimitives.dll, which Rust's standard library loads: a DLL of that name with ProcessPrng(buffer, length),
# which fills the buffer by SystemFunction036 of advapi32, goes into system32 of the Wine prefix.
set -euo pipefail
cd "$(dirname "$0")/.."
triple=x86_64-pc-windows-gnu
export CARGO_TERM_COLOR=never INSTA_UPDATE=no INSTA_WORKSPACE_ROOT=$PWD WINEDEBUG=-all
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target} CARGO_PROFILE_DEV_DEBUG=0
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
# aws-lc assembles for Windows with nasm; its objects come with the crate.
export AWS_LC_SYS_PREBUILT_NASM=1

cargo build --workspace --quiet
cargo build --workspace --quiet --target "$triple"
failed=0
if [ "${1:-}" != --no-tests ]; then
    # Two threads: Wine's server dies of many programs at once. Wine's own verifier of certificates knows neither roots that a
    # program brings nor why it distrusts one, which is what the tests in tls are about.
    cargo test --workspace --no-fail-fast --target "$triple" -- --test-threads=2 --skip tls:: </dev/null || failed=1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/src/whl"
python3 - "$work/src/whl" <<'PYTHON'
import base64, hashlib, sys, zipfile

def wheel(name, files):
    info = f"{name}-1.0.dist-info"
    files |= {f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
              f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    rows = [f"{path},sha256={digest(text)},{len(text)}\n" for path, text in files.items()]
    files[f"{info}/RECORD"] = "".join(rows) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(f"{sys.argv[1]}/{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)

wheel("alpha", {"alpha/__init__.py": "x = 1\n" * 500, "alpha-1.0.dist-info/entry_points.txt": "[console_scripts]\na = alpha:x\n"})
# Longer than the 260 letters that a path once had on Windows.
wheel("beta", {"beta/__init__.py": "", "beta/" + "/".join(["d" * 50] * 6) + "/deep.py": "y = 1\n"})
PYTHON
mkdir -p "$work/src/python"
printf 'own = 1\n' >"$work/src/python/own.py"
printf -- '--no-index\r\n--find-links whl\r\nalpha\r\n./whl/beta-1.0-py3-none-any.whl\r\n' >"$work/src/requirements.txt"
touch -d 2026-01-02 "$work"/src/python/own.py

# one NAME COMMAND…: builds in a copy of the source, and notes the digest of all that was written.
one() {
    local name=$1
    shift
    cp -r "$work/src" "$work/$name"
    (
        cd "$work/$name"
        # Nothing that the machine's pip or uv are set to.
        for variable in $(compgen -e | grep -E '^(PIP|UV|LAYERPACK)_'); do unset "$variable"; done
        export LAYERPACK_TODAY=2026-11-22
        "$@" lock . --cache-dir cache --runtime python3.12 --arch arm64 >/dev/null 2>out
        "$@" build . --name layer --cache-dir cache --emit zip,tree,report,sbom,html >/dev/null 2>>out
        "$@" build . --name layer --cache-dir cache --emit zip,tree,report,sbom,html 2>&1 | grep 'nothing has changed'
        find pylock.toml dist -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum >"../$name.digests"
    ) </dev/null || { cat "$work/$name/out" >&2; exit 1; }
    echo "$name: $(sha256sum <"$work/$name/dist/layer-python3.12-arm64.zip" | cut -d' ' -f1)"
}
one host "$CARGO_TARGET_DIR/debug/layerpack"
one windows wine "$CARGO_TARGET_DIR/$triple/debug/layerpack.exe"
diff "$work/host.digests" "$work/windows.digests" && echo "the same: $(wc -l <"$work/host.digests") files" || failed=1
exit "$failed"
