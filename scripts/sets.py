#!/usr/bin/env python3
"""What layerpack and uv take of the sets in testdata/sets.txt, for four targets each, from the real index.

Needs the network, python3 and uv. Not part of the tests: scripts/sets.py [PATH OF LAYERPACK] [--only NAME]

uv is asked for the same Python, to the patch, and the same glibc. It has no platform for glibc 2.26, which python3.8 to python3.11 run on: there it is asked
for manylinux2014 (glibc 2.17), and a newer version of ours is right where its wheel is tagged manylinux_2_18 to 2_26.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
TARGETS = [("3.10", "x86_64"), ("3.11", "arm64"), ("3.12", "x86_64"), ("3.13", "arm64")]
BETWEEN = re.compile(r"manylinux_2_(1[89]|2[0-6])_")


def sets(only):
    for line in (HERE / "testdata/sets.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, packages = line.partition(":")
            if not only or name in only:
                yield name, packages.split()


def ours(layerpack, file, python, arch):
    command = [layerpack, "resolve", file, "--python-version", python, "--arch", arch, "--format", "json"]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        return None, ran.stderr.strip()
    packages = json.loads(ran.stdout)["packages"]
    return {package["name"]: (package["version"], package["wheel"]) for package in packages}, ""


def patch_level(layerpack, python):
    """The runtime's Python: markers such as `python_full_version < "3.11.3"` are judged by it."""
    ran = subprocess.run([layerpack, "runtimes", f"python{python}", "--format", "json"], capture_output=True, check=True)
    facts = json.loads(ran.stdout)["runtimes"][0]["facts"]
    return next(fact["value"] for fact in facts if fact["fact"] == "python")


def theirs(file, python, full, arch):
    machine = {"arm64": "aarch64"}.get(arch, arch)
    platform = "manylinux2014" if python in ("3.8", "3.9", "3.10", "3.11") else "manylinux_2_34"
    command = ["uv", "pip", "compile", file, "--only-binary", ":all:", "--python-version", full, "--python", sys.executable]
    command += ["--python-platform", f"{machine}-{platform}", "--no-header", "--no-annotate", "-q", "--no-python-downloads"]
    ran = subprocess.run(command, capture_output=True, text=True)
    if ran.returncode:
        return None, ran.stderr.strip()
    pins = (line.split("==") for line in ran.stdout.splitlines() if "==" in line)
    return {name.strip(): version.strip().split()[0] for name, version in pins}, ""


def compare(ours, theirs):
    """The lines that differ, and whether wheels of glibc 2.18 to 2.26 are among what only we take."""
    lines, between = [], False
    for name in sorted(ours.keys() | theirs.keys()):
        version, wheel = ours.get(name, (None, ""))
        other = theirs.get(name)
        if version != other:
            between |= bool(BETWEEN.search(wheel))
            lines.append(f"      {name}: layerpack {version or '-'}, uv {other or '-'}   {wheel}")
    return lines, between


def main():
    arguments = sys.argv[1:]
    only = []
    while "--only" in arguments:
        at = arguments.index("--only")
        only.append(arguments[at + 1])
        del arguments[at : at + 2]
    layerpack = arguments[0] if arguments else str(HERE / "target/release/layerpack")
    full = {python: patch_level(layerpack, python) for python, _ in TARGETS}
    counts = {"same": 0, "glibc 2.18 to 2.26": 0, "different": 0, "both refuse": 0}
    with tempfile.TemporaryDirectory() as folder:
        for name, packages in sets(only):
            file = str(Path(folder) / "requirements.txt")
            Path(file).write_text("\n".join(packages) + "\n")
            for python, arch in TARGETS:
                mine, my_error = ours(layerpack, file, python, arch)
                uv, uv_error = theirs(file, python, full[python], arch)
                lines = []
                if mine is None or uv is None:
                    word = "both refuse" if mine is uv else "different"
                    lines = [f"      layerpack: {my_error or 'resolves'}", f"      uv: {uv_error or 'resolves'}"]
                else:
                    lines, between = compare(mine, uv)
                    word = "same" if not lines else "glibc 2.18 to 2.26" if between else "different"
                counts[word] += 1
                print(f"{name:12} python{python:5} {arch:7} {word} ({len(mine or uv or ())} packages)", flush=True)
                for line in lines:
                    print(line, flush=True)
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    return 1 if counts["different"] else 0


if __name__ == "__main__":
    sys.exit(main())
