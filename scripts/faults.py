#!/usr/bin/env python3
"""All or nothing: layerpack is killed, starved of disk space and run many times at once, from outside.

    cargo build --release
    scripts/faults.py [--kills 300] [--seed N]

Needs Linux, strace and, for the parts that mount something, root. No network: wheels are made here and served on
loopback. After each fault the outputs must be the old or the new ones, the store must hold no wheel that is not what
its name says, and a plain run must give the bytes that an undisturbed one gives. Exits 1 where that does not hold.
"""

import argparse
import base64
import collections
import hashlib
import http.server
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

# The calls that write, rename, link, truncate, remove or make a file or folder.
CALLS = (
    "write pwrite64 writev sendfile copy_file_range rename renameat renameat2 link linkat symlink symlinkat "
    "truncate ftruncate fallocate mkdir mkdirat unlink unlinkat rmdir chmod fchmod fchmodat utimensat"
).split()
# Those of them that a full disk makes fail and that name a path. Writes also wake threads and go to sockets, so that they
# are made to fail by disks that are really full.
SPACE = "rename renameat renameat2 link linkat mkdir mkdirat ftruncate".split()

WANTED = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"]
EARLIER = ["alpha", "beta"]


def wheel(name, version, files):
    """A wheel of these files, and its file name."""
    info = f"{name}-{version}.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: faults\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = f"[console_scripts]\n{name} = {name}:main\n".encode()

    def line(path, data):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        return f"{path},sha256={digest},{len(data)}\n"

    record = "".join(line(path, data) for path, data in files.items()) + f"{info}/RECORD,,\n"
    files[f"{info}/RECORD"] = record.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return f"{name}-{version}-py3-none-any.whl", out.getvalue()


class Index:
    """A package index on loopback that counts what is asked for."""

    def __init__(self, wheels, pause=0.0):
        self.asked = collections.Counter()
        self.pause = pause
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                index.asked[self.path] += 1
                kind, _, name = self.path.strip("/").partition("/")
                if kind == "simple":
                    files = [
                        {
                            "filename": f,
                            "url": f"/files/{f}",
                            "size": len(b),
                            "hashes": {"sha256": hashlib.sha256(b).hexdigest()},
                        }
                        for f, b in wheels.items()
                        if f.startswith(f"{name}-")
                    ]
                    page = {"meta": {"api-version": "1.1"}, "name": name, "files": files}
                    body, media = json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json"
                    status = 200 if files else 404
                else:
                    time.sleep(index.pause)
                    body, media = wheels.get(name, b""), "application/octet-stream"
                    status = 200 if name in wheels else 404
                self.send_response(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # whoever asked was killed

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                pass  # whoever asked was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/simple/"


class Machine:
    """A folder with a source, a cache and outputs."""

    def __init__(self, test, folder):
        self.test, self.folder = test, Path(folder)
        self.cache, self.dist, self.source = (self.folder / name for name in ("cache", "dist", "src"))

    def want(self, names):
        self.source.mkdir(parents=True, exist_ok=True)
        (self.source / "requirements.txt").write_text("".join(f"{name}\n" for name in names))

    def command(self, *more):
        target = ["--runtime", "python3.12", "--arch", "x86_64", "--emit", "zip,tree,report"]
        places = ["--out-dir", str(self.dist), "--cache-dir", str(self.cache), "--index-url", self.test.index.url]
        return [self.test.layerpack, "build", str(self.source), *target, *places, *more]

    def run(self, before=(), more=(), **options):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LAYERPACK_TODAY": "2026-11-22"}
        return subprocess.run(
            [*before, *self.command(*more)], env=env, cwd=self.folder, capture_output=True, text=True, **options
        )

    def copy(self, folder):
        shutil.copytree(self.folder, folder, symlinks=True, dirs_exist_ok=True)
        return Machine(self.test, folder)

    def outputs(self):
        """Digests of the zip, the report and the tree, each None where it is not there."""
        stem = "src-python3.12-x86_64"
        tree = self.dist / stem
        files = sorted(p for p in tree.rglob("*") if p.is_file()) if tree.is_dir() else []
        listing = "".join(f"{p.relative_to(tree)} {p.stat().st_mode:o} {digest(p)}\n" for p in files)
        return {
            "zip": digest(self.dist / f"{stem}.zip"),
            "report": digest(self.dist / f"{stem}.json"),
            "tree": hashlib.sha256(listing.encode()).hexdigest() if files else None,
        }

    def leftovers(self):
        return [str(p.relative_to(self.folder)) for p in self.folder.rglob(".layerpack-*")]

    def untrue(self):
        """Wheels in the store that are not what their names say."""
        found = (self.cache / "wheels-v1").rglob("*.whl") if self.cache.is_dir() else ()
        return [p.name for p in found if p.is_file() and digest(p) != p.stem]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


class Test:
    def __init__(self, layerpack, seed, disks, root):
        self.layerpack, self.root = layerpack, Path(root)
        self.random = random.Random(seed)
        self.disks = disks
        self.failures = []
        noise = random.Random(1)
        wheels = {}
        for number, name in enumerate(WANTED):
            data = noise.randbytes(2_000 * 4**number)
            files = {f"{name}/__init__.py": b"def main():\n    pass\n", f"{name}/data.bin": data}
            files |= {f"{name}/module_{n}.py": f"value = {n}\n".encode() * 50 for n in range(5)}
            filename, data = wheel(name, "1.0", files)
            wheels[filename] = data
        self.wheels = wheels
        self.index = Index(wheels)

        # The three beginnings: nothing at all; a warm cache; a warm cache and the outputs of an earlier build.
        cold = Machine(self, self.root / "cold")
        cold.want(WANTED)
        built = cold.copy(self.root / "built")
        check(built.run())
        self.new = built.outputs()
        warm = built.copy(self.root / "warm")
        shutil.rmtree(warm.dist)
        earlier = warm.copy(self.root / "earlier")
        earlier.want(EARLIER)
        check(earlier.run())
        self.old = earlier.outputs()
        earlier.want(WANTED)
        assert all(self.new.values()) and all(self.old[kind] != self.new[kind] for kind in self.new)
        self.beginnings = {"cold": cold, "warm": warm, "over an earlier build": earlier}

    def fail(self, what):
        self.failures.append(what)
        print(f"  FAIL {what}", flush=True)

    def fresh(self, beginning, folder):
        return self.beginnings[beginning].copy(folder)

    def settle(self, what, machine, beginning):
        """What must hold after a fault, and that a plain run mends everything."""
        before = self.old if beginning == "over an earlier build" else dict.fromkeys(self.new)
        for kind, now in machine.outputs().items():
            # Between two renames there is no tree for a moment.
            allowed = (before[kind], self.new[kind], *((None,) if kind == "tree" else ()))
            if now not in allowed:
                self.fail(f"{what}: the {kind} is neither the old nor the new one")
        if untrue := machine.untrue():
            self.fail(f"{what}: the store holds {untrue}")
        again = machine.run()
        if again.returncode != 0 or machine.outputs() != self.new:
            self.fail(f"{what}: a plain run afterwards: exit {again.returncode}, {machine.outputs()}\n{again.stderr}")
        return machine.leftovers()

    def calls(self, beginning):
        """How often at most one thread makes each call; strace counts by thread."""
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            machine = self.fresh(beginning, folder)
            log = Path(folder) / "strace.log"
            check(machine.run(["strace", "-f", "-qq", "-e", f"trace={','.join(CALLS)}", "-o", str(log)]))
            made = collections.Counter(re.findall(r"^(\d+) +(\w+)\(", log.read_text(), re.M))
        most = collections.Counter()
        for (_, call), count in made.items():
            most[call] = max(most[call], count)
        return most, sum(made.values())

    def kills(self, count):
        places = []
        for beginning in self.beginnings:
            most, total = self.calls(beginning)
            print(f"  {beginning}: {total} calls: {', '.join(f'{c} {n}' for c, n in sorted(most.items()))} (by thread)")
            places += [(beginning, call, n) for call, times in most.items() for n in range(1, times + 1)]
        self.random.shuffle(places)
        hit, left, tried = 0, collections.Counter(), 0
        while hit < count and tried < 10 * count:
            beginning, call, n = places[tried % len(places)]
            tried += 1
            with tempfile.TemporaryDirectory(dir=self.root) as folder:
                machine = self.fresh(beginning, folder)
                killed = machine.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={n}"])
                if killed.returncode in (-9, 137):
                    hit += 1
                elif killed.returncode != 0:
                    self.fail(f"killed at {call} {n}: exit {killed.returncode}: {killed.stderr}")
                left[len(self.settle(f"killed at {call} {n}, {beginning}", machine, beginning))] += 1
        if hit < count:
            self.fail(f"only {hit} of {count} kills met")
        kept = sum(times for number, times in left.items() if number)
        print(f"  {hit} kills at {len(places)} places; after the plain run {kept} times something temporary was left")
        if kept:
            self.fail("temporary files of a killed run outlive the next run")

    def no_space(self):
        outcomes = collections.Counter()
        for beginning in self.beginnings:
            most, _ = self.calls(beginning)
            for call in SPACE:
                for n in range(1, most[call] + 1):
                    with tempfile.TemporaryDirectory(dir=self.root) as folder:
                        machine = self.fresh(beginning, folder)
                        what = f"no space at {call} {n}, {beginning}"
                        inject = f"inject={call}:error=ENOSPC:when={n}"
                        ran = machine.run(["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject], timeout=120)
                        outcomes[ran.returncode] += 1
                        if ran.returncode not in (0, 2):
                            self.fail(f"{what}: exit {ran.returncode}: {ran.stderr}")
                        if left := machine.leftovers():
                            # What could not be removed is no fault of the run.
                            self.fail(f"{what}: left {left}")
                        self.settle(what, machine, beginning)
        print(f"  {sum(outcomes.values())} failing calls; exit codes {dict(outcomes)}")

    def small_disks(self):
        """Real file systems that are too small, for outputs and for the cache."""
        whole = sum(p.stat().st_size for p in (self.root / "built").rglob("*") if p.is_file())
        outcomes = collections.Counter()
        for place in ("dist", "cache"):
            for size in range(16 << 10, whole, max(whole // self.disks, 4 << 10)):
                with tempfile.TemporaryDirectory(dir=self.root) as folder:
                    machine = self.fresh("warm" if place == "dist" else "cold", folder)
                    (machine.folder / place).mkdir(exist_ok=True)
                    mount = f"mount -t tmpfs -o size={size} none {machine.folder / place}"
                    listed = f"find {machine.folder / place} -name '.layerpack-*' -o -path '*/tmp/.tmp*'"
                    shell = f'{mount} || exit 99; "$@"; code=$?; {listed}; exit $code'
                    ran = machine.run(["unshare", "-m", "sh", "-c", shell, "sh"])
                    if ran.returncode == 99:
                        print("  no right to mount: left out")
                        return
                    outcomes[ran.returncode] += 1
                    what = f"a {place} of {size} bytes"
                    if ran.returncode not in (0, 2) or (ran.returncode == 2 and "No space left" not in ran.stderr):
                        self.fail(f"{what}: exit {ran.returncode}: {ran.stderr}")
                    if ran.returncode and ran.stdout.strip():
                        self.fail(f"{what}: left {ran.stdout}")
        print(f"  {sum(outcomes.values())} small disks; exit codes {dict(outcomes)}")

    def read_only(self):
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            for beginning, place, expected in (("warm", "cache", 0), ("cold", "cache", 2), ("warm", "dist", 2)):
                machine = self.fresh(beginning, f"{folder}/{beginning}-{place}")
                read_only = machine.folder / place
                read_only.mkdir(exist_ok=True)
                shell = f'mount --bind {read_only} {read_only} && mount -o remount,ro,bind {read_only} || exit 99; exec "$@"'
                ran = machine.run(["unshare", "-m", "sh", "-c", shell, "sh"])
                if ran.returncode == 99:
                    print("  no right to mount: left out")
                    return
                said = ran.stderr.strip().splitlines()[-2:]
                if ran.returncode != expected or (expected and place not in ran.stderr):
                    self.fail(f"a read-only {place}, {beginning}: exit {ran.returncode}: {ran.stderr}")
                if expected == 0 and machine.outputs() != self.new:
                    self.fail(f"a read-only {place}: other outputs")
                print(f"  read-only {place}, {beginning}: exit {ran.returncode}: {' '.join(said)}")

    def at_once(self, count):
        with tempfile.TemporaryDirectory(dir=self.root) as folder:
            index = Index(self.wheels, pause=0.02)
            first = self.fresh("cold", f"{folder}/0")
            command = [index.url if part == self.index.url else part for part in first.command()]
            env = {"PATH": os.environ["PATH"], "HOME": folder, "LAYERPACK_TODAY": "2026-11-22"}
            machines, runs = [], []
            for number in range(count):
                machine = Machine(self, f"{folder}/{number}")
                own = [str(machine.dist) if part == str(first.dist) else part for part in command]
                machines.append(machine)
                runs.append(subprocess.Popen(own, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
            for number, run in enumerate(runs):
                _, stderr = run.communicate()
                if run.returncode != 0:
                    self.fail(f"{count} at once: exit {run.returncode}: {stderr}")
                # The report names the index.
                now = machines[number].outputs()
                if any(now[kind] != self.new[kind] for kind in ("zip", "tree")):
                    self.fail(f"{count} at once: the outputs of run {number} differ")
            fetched = {path: times for path, times in index.asked.items() if path.startswith("/files/")}
            if any(times != 1 for times in fetched.values()) or len(fetched) != len(WANTED):
                self.fail(f"{count} at once fetched {fetched}")
            if first.untrue():
                self.fail(f"{count} at once: the store holds {first.untrue()}")
            print(f"  {count} processes, one cold store: {len(fetched)} wheels, fetched {sum(fetched.values())} times")

    def damage(self):
        def flip(path):
            data = bytearray(path.read_bytes())
            data[self.random.randrange(len(data))] ^= 1 << self.random.randrange(8)
            path.write_bytes(data)

        def cut(path):
            os.truncate(path, self.random.randrange(path.stat().st_size))

        def folder(path):
            path.unlink()
            path.mkdir()
            (path / "file").write_text("x")

        ways = {"flipped": flip, "cut": cut, "replaced by a folder": folder, "removed": Path.unlink}
        healed = 0
        for part in ("wheels-v1/*/*.whl", "manifests-*/*/*", "pages-*/*", "metadata-*/*", "digests-*/*"):
            for entry in sorted((self.root / "warm" / "cache").glob(part)):
                for way, spoil in ways.items():
                    with tempfile.TemporaryDirectory(dir=self.root) as scratch:
                        machine = self.fresh("warm", scratch)
                        inside = entry.relative_to(self.root / "warm")
                        spoil(machine.folder / inside)
                        ran = machine.run()
                        if ran.returncode != 0 or machine.outputs() != self.new:
                            self.fail(f"{inside} {way}: exit {ran.returncode}: {ran.stderr}")
                        healed += 1
        print(f"  {healed} damaged entries, the same outputs from each")

    def vanishing(self):
        """The cache is removed while a run uses it."""
        outcomes = collections.Counter()
        for after in (0.01, 0.03, 0.06, 0.1, 0.15, 0.2):
            with tempfile.TemporaryDirectory(dir=self.root) as folder:
                machine = self.fresh("cold", folder)
                self.index.pause = 0.1
                timer = threading.Timer(after, shutil.rmtree, (machine.cache,), {"ignore_errors": True})
                timer.start()
                ran = machine.run(timeout=120)
                timer.join()
                self.index.pause = 0.0
                outcomes[ran.returncode] += 1
                if ran.returncode not in (0, 2) or "panicked" in ran.stderr:
                    self.fail(f"a cache that vanishes after {after} s: exit {ran.returncode}: {ran.stderr}")
                self.settle(f"a cache that vanishes after {after} s", machine, "cold")
        print(f"  {sum(outcomes.values())} vanished caches; exit codes {dict(outcomes)}")


def check(ran):
    if ran.returncode != 0:
        sys.exit(f"{ran.args}: exit {ran.returncode}\n{ran.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--layerpack", default="target/release/layerpack")
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--disks", type=int, default=80, help="sizes of disks that are too small, for each place")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", help="one part: kills, no_space, small_disks, read_only, at_once, damage, vanishing")
    args = parser.parse_args()
    print(f"seed {args.seed}")
    with tempfile.TemporaryDirectory(prefix="layerpack-faults-") as root:
        test = Test(str(Path(args.layerpack).resolve()), args.seed, args.disks, root)
        parts = {
            "kills": lambda: test.kills(args.kills),
            "no_space": test.no_space,
            "small_disks": test.small_disks,
            "read_only": test.read_only,
            "at_once": lambda: test.at_once(20),
            "damage": test.damage,
            "vanishing": test.vanishing,
        }
        for name, part in parts.items():
            if args.only in (None, name):
                begin = time.monotonic()
                print(f"{name}:")
                part()
                print(f"  {time.monotonic() - begin:.0f} s", flush=True)
    if test.failures:
        sys.exit(f"{len(test.failures)} failures (seed {args.seed})")
    print("all or nothing holds")


if __name__ == "__main__":
    main()
