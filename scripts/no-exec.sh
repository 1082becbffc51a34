#!/usr/bin/env bash
# Nothing downloaded runs, and offline means no socket: seen from outside, by strace. Needs Linux, strace and python3; no
# network, for the wheels are made here. Run from anywhere: scripts/no-exec.sh [LAYERPACK]
set -euo pipefail
cd "$(dirname "$0")/.."
layerpack=$(realpath "${1:-target/release/layerpack}")
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
export LAYERPACK_CACHE_DIR=$work/cache HOME=$work NO_COLOR=1 LAYERPACK_TODAY=2026-11-22
failures=0
fail() { echo "FAILED: $*"; failures=$((failures + 1)); }

# An index of two wheels, one of which has code that would tell if it ran.
python3 - "$work" <<'PYTHON'
import base64, hashlib, pathlib, sys, zipfile
work = pathlib.Path(sys.argv[1])
for name, requires in (("evil", ""), ("good", "Requires-Dist: evil\n")):
    info = f"{name}-1.0.dist-info"
    code = f"open({str(work / 'ran')!r}, 'w').write('{name}')\n".encode()
    files = {f"{name}/__init__.py": code, "setup.py": code, f"{name}.pth": b"import " + name.encode() + b"\n",
             f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{requires}".encode(),
             f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    files = {path: data for path, data in files.items() if name == "evil" or path != "setup.py"}
    row = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    record = "".join(f"{path},sha256={row(data)},{len(data)}\n" for path, data in files.items()) + f"{info}/RECORD,,\n"
    page = work / "index" / "simple" / name
    page.mkdir(parents=True)
    wheel = page / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as out:
        for path, data in {**files, f"{info}/RECORD": record.encode()}.items():
            out.writestr(path, data)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    (page / "index.html").write_text(f'<html><a href="{wheel.name}#sha256={digest}">{wheel.name}</a></html>')
PYTHON
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
python3 -m http.server --bind 127.0.0.1 --directory "$work/index" "$port" >/dev/null 2>&1 &
server=$!
for _ in $(seq 100); do (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break; sleep 0.05; done

mkdir "$work/src" && echo good >"$work/src/requirements.txt"
build=("$layerpack" build "$work/src" --runtime python3.12 --arch x86_64 --index-url "http://127.0.0.1:$port/simple/" --quiet)
# Every call that opens a socket or starts a program; `execve` of layerpack itself is the first line.
watch() { strace -f -qq -e trace=execve,execveat,fork,vfork,socket,socketpair,connect -e signal=none -o "$work/$1.log" "${@:2}"; }

echo "== a cold build: programs that are started"
watch cold "${build[@]}" --out-dir "$work/cold" --emit zip,tree,report >/dev/null
grep -oE '(execve|execveat|fork|vfork)\([^,]*' "$work/cold.log"
[ "$(grep -cE '(execve|execveat|fork|vfork)\(' "$work/cold.log")" = 1 ] || fail "another program was started"
grep -q 'connect(.*sin_port=htons('"$port"')' "$work/cold.log" || fail "the index was not asked, so this shows nothing"

echo "== a warm build with --offline: sockets that are opened"
watch warm "${build[@]}" --offline --out-dir "$work/warm" >/dev/null
grep -cE '(socket|socketpair|connect)\(' "$work/warm.log" || true
! grep -E '(socket|socketpair|connect)\(' "$work/warm.log" || fail "a socket was opened"
cmp "$work"/cold/*.zip "$work"/warm/*.zip || fail "the layers differ"

echo "== check of a zip, a tree and a wheel: sockets and programs"
watch check "$layerpack" check "$work"/cold/*.zip "$work"/cold/*/ "$work"/index/simple/*/*.whl --quiet >/dev/null || true
grep -cE '(socket|socketpair|connect|fork)\(' "$work/check.log" || true
! grep -E '(socket|socketpair|connect|fork)\(' "$work/check.log" || fail "check opened a socket or started a program"

[ ! -e "$work/ran" ] || fail "code of a wheel ran"
[ "$failures" = 0 ] && echo "nothing downloaded runs, and offline means no socket"
exit "$failures"
