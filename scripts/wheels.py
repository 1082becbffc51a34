#!/usr/bin/env python3
"""The newest wheels of well-known projects before `layerpack check`: every one is sound, or the refusal is right.

    cargo build --release
    scripts/wheels.py [--projects testdata/projects.txt] [--most-megabytes 150]

Downloads for python3.12 on x86_64, the smallest wheels first, checks them in batches and deletes them. Whether a wheel
loads on Lambda is not asked here: refused are those of which the archive or what is in it is malformed (LP2xx). Needs the
network; some gigabytes pass through, of which a few hundred megabytes lie on the disk at a time.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

BATCH = 300 << 20


def default_index():
    """The one place that names it is the program's own."""
    text = Path("crates/pypi-resolve/src/index/settings.rs").read_text()
    return re.search(r'const DEFAULT_INDEX: &str = "([^"]+)"', text)[1]


def version_key(text):
    """Newer is greater, as far as sorting final releases needs."""
    return [int(part) for part in re.findall(r"\d+", text.split("+")[0])]


def newest(index, project):
    """The newest final version's wheel for cp312 on x86_64, else any wheel of it."""
    request = urllib.request.Request(
        f"{index}{project}/", headers={"Accept": "application/vnd.pypi.simple.v1+json", "User-Agent": "layerpack-wheels"}
    )
    try:
        page = json.load(urllib.request.urlopen(request, timeout=60))
    except urllib.error.HTTPError as error:
        return project, None, f"HTTP {error.code}"
    wheels = [f for f in page["files"] if f["filename"].endswith(".whl") and not f.get("yanked")]
    by_version = collections.defaultdict(list)
    for file in wheels:
        version = file["filename"].split("-")[1]
        if re.fullmatch(r"[\d.]+(\.post\d+)?(\+\w+)?", version):
            by_version[version].append(file)
    for version in sorted(by_version, key=version_key, reverse=True):

        def rank(file):
            tags = file["filename"][:-4].split("-")[-3:]
            python = 3 if "cp312" in tags[0] else 2 if "abi3" in tags[1] else 1 if tags[0].startswith(("py3", "py2")) else 0
            platform = 3 if "manylinux" in tags[2] and "x86_64" in tags[2] else 2 if tags[2] == "any" else 0
            return platform and python, platform, python

        return project, max(by_version[version], key=rank), None
    return project, None, "no wheel of a final version"


def download(file, folder):
    path = Path(folder) / file["filename"]
    with urllib.request.urlopen(file["url"], timeout=120) as answer:
        path.write_bytes(answer.read())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert digest == file["hashes"]["sha256"], f"{path.name}: another digest than the index says"
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--layerpack", default="target/release/layerpack")
    parser.add_argument("--projects", default="testdata/projects.txt")
    parser.add_argument("--most-megabytes", type=int, default=150, help="larger wheels are left out and counted")
    args = parser.parse_args()
    names = [line.split("#")[0].strip() for line in Path(args.projects).read_text().splitlines()]
    names = list(dict.fromkeys(name for name in names if name))
    index = default_index()
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda name: newest(index, name), names))
    missing = [(name, why) for name, file, why in found if file is None]
    files = sorted((file for _, file, _ in found if file), key=lambda file: file["size"])
    large = [file for file in files if file["size"] > args.most_megabytes << 20]
    files = files[: len(files) - len(large)]

    accepted, pure, read, refused, warned = 0, 0, 0, [], collections.Counter()
    while files:
        with tempfile.TemporaryDirectory(prefix="layerpack-wheels-") as folder:
            batch, size = [], 0
            while files and (not batch or size + files[0]["size"] <= BATCH):
                file = files.pop(0)
                size += file["size"]
                batch.append(file)
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                paths = list(pool.map(lambda file: download(file, folder), batch))
            target = ["--runtime", "python3.12", "--arch", "x86_64", "--format", "json"]
            ran = subprocess.run([args.layerpack, "check", *map(str, paths), *target], capture_output=True, text=True)
            document = json.loads(ran.stdout)
            for checked in document["files"]:
                name = Path(checked["path"]).name
                about = [f for f in checked["findings"] if f["code"].startswith("LP2")]
                warned.update(f["code"] for f in about if f["severity"] == "warning")
                errors = [f for f in about if f["severity"] == "error"]
                if errors:
                    refused.append((name, errors))
                else:
                    accepted += 1
                    pure += name.endswith("-any.whl")
            lost = len(paths) - len(document["files"])
            if lost:
                sys.exit(f"{lost} wheels were not told of:\n{ran.stderr}")
            read += size
        print(f"{accepted + len(refused)} checked, {len(refused)} refused, {read >> 20} MB", flush=True)

    print(f"\n{accepted} accepted ({pure} pure, {accepted - pure} binary), {len(refused)} refused; {read >> 20} MB read")
    print(f"warnings: {dict(warned)}")
    for name, errors in refused:
        print(f"refused: {name}")
        for finding in errors[:5]:
            print(f"  {finding['code']} {finding.get('entry') or ''}: {finding['message']}")
    print(f"left out as larger than {args.most_megabytes} MB: {', '.join(file['filename'] for file in large) or 'none'}")
    for name, why in missing:
        print(f"no wheel: {name}: {why}")


if __name__ == "__main__":
    main()
