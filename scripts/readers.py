"""Has others read what layerpack packs; see readers.sh."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

LAYERPACK = Path(os.environ["LAYERPACK"]).resolve()
NAMES = ["größe/naïve.py", "日本語/データ.txt", "emoji/🐍.py", "with space/a b.txt", "percent/%41.txt", "deep/" + "d/" * 40 + "x.py"]

JAVA = """
import java.io.*; import java.nio.charset.StandardCharsets; import java.nio.file.*; import java.util.*; import java.util.zip.*;
public class Read {
    static void drain(InputStream in) throws IOException { byte[] b = new byte[65536]; while (in.read(b) >= 0) {} }
    public static void main(String[] a) throws IOException {
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        if (a[0].equals("file")) {
            try (ZipFile zip = new ZipFile(a[1])) {
                for (Enumeration<? extends ZipEntry> e = zip.entries(); e.hasMoreElements();) {
                    ZipEntry entry = e.nextElement();
                    CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
                    drain(in);
                    if (in.getChecksum().getValue() != entry.getCrc()) throw new IOException("CRC of " + entry.getName());
                    out.println(entry.getName());
                }
            }
        } else {
            try (ZipInputStream zip = new ZipInputStream(new BufferedInputStream(new FileInputStream(a[1])))) {
                for (ZipEntry entry; (entry = zip.getNextEntry()) != null;) { drain(zip); out.println(entry.getName()); }
            }
        }
        out.flush();
    }
}
"""

GO = """
package main

import ("archive/zip"; "fmt"; "io"; "os")

func main() {
	reader, err := zip.OpenReader(os.Args[1])
	if err != nil { panic(err) }
	for _, file := range reader.File {
		in, err := file.Open()
		if err != nil { panic(err) }
		if _, err := io.Copy(io.Discard, in); err != nil { panic(err) }
		fmt.Println(file.Name)
	}
}
"""


def run(*command: object, **more: object) -> str:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    done = subprocess.run([str(part) for part in command], capture_output=True, env=environment, **more)
    if done.returncode != 0:
        said = (done.stdout[-500:] + done.stderr[-2000:]).decode(errors="replace")
        raise RuntimeError(f"{command[0]} exits {done.returncode}: {said}")
    return done.stdout.decode()


def wheel(path: Path, name: str, files: "dict[str, tuple[bytes, int]]") -> None:
    """A wheel of files, each with its bytes and its method."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    tags = b"Wheel-Version: 1.0\nGenerator: readers\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    points = f"[console_scripts]\n{name}-run = {name}:main\n".encode()
    files = dict(files)
    for file, data in (("METADATA", metadata), ("WHEEL", tags), ("entry_points.txt", points)):
        files[f"{info}/{file}"] = (data, zipfile.ZIP_DEFLATED)
    rows = []
    for file, (data, _) in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{file},sha256={digest},{len(data)}\n")
    files[f"{info}/RECORD"] = ("".join(rows + [f"{info}/RECORD,,\n"]).encode(), zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path, "w") as archive:
        for file, (data, method) in files.items():
            entry = zipfile.ZipInfo(file, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, data, method)


def layers(folder: Path) -> "list[Path]":
    """Two sources: one of everything, and one of as many files as fit a zip without zip64, nearly."""
    deflated, stored = zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED
    odd, wide = folder / "odd", folder / "wide"
    for source in (odd, wide):
        source.mkdir()
    files = {f"odd/{name}": (f"# {name}\n".encode() * 50, deflated) for name in NAMES}
    files |= {"odd/__init__.py": (b"", stored), "odd/empty.txt": (b"", deflated)}
    files |= {"odd/stored.bin": (os.urandom(300_000), stored), "odd/large.bin": (bytes(5_000_000), deflated)}
    wheel(odd / "odd-1.0-py3-none-any.whl", "odd", files)
    (odd / "python").mkdir()
    (odd / "python" / "über.py").write_text("x = 1\n")
    (odd / "opt" / "bin").mkdir(parents=True)
    (odd / "opt" / "bin" / "start").write_text("#!/bin/sh\n")
    many = {f"wide/p{at % 300}/m{at}.py": (f"n = {at}\n".encode(), deflated if at % 2 else stored) for at in range(60_000)}
    wheel(wide / "wide-1.0-py3-none-any.whl", "wide", many)
    return [odd, wide]


def by_7z(path: Path) -> "list[str]":
    run("7z", "t", path)
    blocks = run("7z", "l", "-slt", "-sccUTF-8", path).split("----------\n", 1)[1].split("\n\n")
    return [block.split("Path = ", 1)[1].split("\n", 1)[0] for block in blocks if "Path = " in block]


def by_unzip(path: Path) -> "list[str]":
    run("unzip", "-tqq", path)
    return run("unzip", "-Z1", path).splitlines()


def by_bsdtar(path: Path) -> "list[str]":
    with tempfile.TemporaryDirectory() as out:
        run("bsdtar", "-xf", path, "-C", out)
    return run("bsdtar", "-tf", path).splitlines()


def by_zipfile(path: Path) -> "list[str]":
    with zipfile.ZipFile(path) as archive:
        bad = archive.testzip()
        if bad:
            raise RuntimeError(f"the CRC-32 of {bad}")
        return archive.namelist()


def main() -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        (work / "Read.java").write_text(JAVA)
        (work / "read.go").write_text(GO)
        readers = [
            ("Python zipfile", "python3", by_zipfile),
            ("Info-ZIP unzip -t", "unzip", by_unzip),
            ("7z t", "7z", by_7z),
            ("bsdtar (libarchive)", "bsdtar", by_bsdtar),
            ("Java ZipFile", "java", lambda path: run("java", work / "Read.java", "file", path).splitlines()),
            ("Java ZipInputStream", "java", lambda path: run("java", work / "Read.java", "stream", path).splitlines()),
            ("Go archive/zip", "go", lambda path: run("go", "run", work / "read.go", path).splitlines()),
        ]
        for name, program, _ in readers:
            if not shutil.which(program):
                print(f"(no {program} here: {name} is left out)")
        cache = ["--cache-dir", work / "cache", "--no-index"]
        for source in layers(work):
            path = work / f"{source.name}.zip"
            run(LAYERPACK, "build", source, "--runtime", "python3.13", "--arch", "x86_64", *cache, "-o", path)
            expected = None
            for name, program, read in readers:
                if not shutil.which(program):
                    continue
                try:
                    names = read(path)
                except RuntimeError as error:
                    print(f"FAILED  {source.name}: {name}: {error}")
                    failures += 1
                    continue
                expected = expected or sorted(names)
                same = sorted(names) == expected
                failures += not same
                print(f"{'ok     ' if same else 'FAILED '} {source.name}: {name}: {len(names)} entries")
                if not same:
                    print("        ", sorted(set(names) ^ set(expected))[:6])
            assert expected and all(len(name.encode()) < 4096 for name in expected)
    print("all the same" if failures == 0 else f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
