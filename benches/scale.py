#!/usr/bin/env python3
"""How time and memory of layerpack grow: with the number of layers, the bytes of wheels and the number of files.

    benches/scale.py                             tables (Markdown) on stdout, progress on stderr
    benches/scale.py --svg docs/performance.svg  and a plot of them
    RUNS=5 ROWS=layers,bytes,entry,files benches/scale.py

Needs Rust and Python 3.9 or newer, and nothing else: it makes the wheels, serves them on loopback for the filling runs,
and draws the plot itself. Every figure is of whole processes: the median wall time of RUNS runs, and the peak of
resident memory that the operating system gives for the process. Builds are warm, locked and offline, and write a
zip that is not there; what was cached before is the wheels and their manifests.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import http.server
import math
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ["--runtime", "python3.13", "--arch", "x86_64"]
RUNS = int(os.environ.get("RUNS", "3"))
ROWS = os.environ.get("ROWS", "layers,bytes,entry,files").split(",")
MB = 1 << 20

# ---- wheels -------------------------------------------------------------------------------------------------------


class Noise:
    """Bytes that are the same in every run. `packed` is the part of them that does not compress."""

    def __init__(self) -> None:
        self.random = random.Random(2026)
        self.block = self.random.randbytes(MB)

    def write(self, out, size: int, packed: float = 0.35) -> None:
        """Writes so many bytes in pieces: some noise, then zeros, as native code is part dense and part padding."""
        dense = int(MB * packed)
        while size > 0:
            start = self.random.randrange(MB - dense)
            piece = (self.block[start : start + dense] + bytes(MB - dense))[: min(size, MB)]
            out.write(piece)
            size -= len(piece)


class Hashing:
    """A file that is written and hashed."""

    def __init__(self, out) -> None:
        self.out, self.digest, self.size = out, hashlib.sha256(), 0

    def write(self, piece: bytes) -> None:
        self.out.write(piece)
        self.digest.update(piece)
        self.size += len(piece)


def wheel(folder: Path, name: str, files: dict[str, int], noise: Noise) -> Path:
    """A sound wheel of files with these sizes in bytes; RECORD is last."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:

        def add(file: str, write) -> None:
            entry = zipfile.ZipInfo(file, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            # The size is said before, so that no entry is written as zip64.
            with archive.open(entry, "w") as out:
                hashing = Hashing(out)
                write(hashing)
            digest = base64.urlsafe_b64encode(hashing.digest.digest()).rstrip(b"=").decode()
            record.append(f"{file},sha256={digest},{hashing.size}\n")

        for file, size in files.items():
            add(file, lambda out, size=size: noise.write(out, size))
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
        add(f"{info}/METADATA", lambda out: out.write(metadata))
        tags = b"Wheel-Version: 1.0\nGenerator: scale\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        add(f"{info}/WHEEL", lambda out: out.write(tags))
        listing = "".join(record) + f"{info}/RECORD,,\n"
        add(f"{info}/RECORD", lambda out: out.write(listing.encode()))
    return path


class Index(http.server.SimpleHTTPRequestHandler):
    """The wheels of a folder, a page each, with their digests (PEP 503)."""

    folder: Path
    digests: dict[str, str] = {}

    def do_GET(self) -> None:
        parts = [part for part in self.path.split("/") if part]
        if len(parts) == 2 and parts[0] == "simple":
            name = parts[1].replace("-", "_")
            found = sorted(self.folder.glob(f"{name}-*.whl"))
            links = "".join(f'<a href="/files/{w.name}#sha256={self.digest(w)}">{w.name}</a>' for w in found)
            self.answer(200 if found else 404, "text/html", f"<!DOCTYPE html><html><body>{links}</body></html>".encode())
        elif len(parts) == 2 and parts[0] == "files" and (self.folder / parts[1]).is_file():
            self.send_response(200)
            self.send_header("Content-Length", str((self.folder / parts[1]).stat().st_size))
            self.end_headers()
            with (self.folder / parts[1]).open("rb") as file:
                shutil.copyfileobj(file, self.wfile, MB)
        else:
            self.answer(404, "text/plain", b"not here")

    def digest(self, path: Path) -> str:
        if path.name not in self.digests:
            with path.open("rb") as file:
                digest = hashlib.sha256()
                while piece := file.read(MB):
                    digest.update(piece)
            self.digests[path.name] = digest.hexdigest()
        return self.digests[path.name]

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args) -> None:
        pass


# ---- measuring ----------------------------------------------------------------------------------------------------


@dataclass
class Figure:
    seconds: float
    peak: int


@dataclass
class Row:
    """One size of a series: what it is called, its place on the axis, and a figure for each command."""

    label: str
    at: float
    bytes: int
    figures: dict[str, Figure] = field(default_factory=dict)


@dataclass
class Series:
    title: str
    axis: str
    rows: list[Row] = field(default_factory=list)


class Runner:
    """Measures by measure.py, in a process of its own for each command."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment

    def once(self, command: list[str]) -> Figure:
        figures, said = self.folder / "figures", self.folder / "said"
        figures.unlink(missing_ok=True)
        measure = [sys.executable, "-I", "-S", str(ROOT / "benches" / "measure.py"), str(figures), os.devnull, str(said)]
        done = subprocess.run([*measure, *command], env=self.environment, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)} exits {done.returncode}:\n{said.read_text()}")
        spent, peak = figures.read_text().split()
        return Figure(int(spent) / 1e6, int(peak) * 1024)


class Bench:
    def __init__(self, work: Path) -> None:
        self.work, self.noise = work, Noise()
        self.layerpack = str(ROOT / "target" / "release" / "layerpack")
        environment = {"HOME": str(work), "NO_COLOR": "1", "PIP_CONFIG_FILE": os.devnull}
        environment["LAYERPACK_CACHE_DIR"] = str(work / "cache")
        self.runner = Runner(work.parent, environment)

    def sources(self, layers: dict[str, dict[str, int]]) -> list[str]:
        """Makes a wheel and a locked source for each layer, and fills the cache; gives the sources."""
        shutil.rmtree(self.work, ignore_errors=True)
        Index.folder = self.work / "wheels"
        Index.folder.mkdir(parents=True)
        Index.digests = {}
        for name, files in layers.items():
            wheel(Index.folder, name, files, self.noise)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        index = ["--index-url", f"http://127.0.0.1:{server.server_port}/simple/"]
        sources = []
        for name in layers:
            source = self.work / "src" / name
            source.mkdir(parents=True)
            (source / "requirements.txt").write_text(f"{name}\n")
            self.runner.once([self.layerpack, "lock", str(source), *TARGET, *index])
            sources.append(str(source))
        self.runner.once(self.build(sources) + index)
        server.shutdown()
        self.index = index
        return sources

    def build(self, sources: list[str]) -> list[str]:
        out = ["--out-dir", str(self.work / "dist"), "--emit", "zip"]
        return [self.layerpack, "build", *sources, *TARGET, "--locked", "--budget", "4G", *out]

    def measure(self, row: Row, layers: dict[str, dict[str, int]]) -> None:
        sources = self.sources(layers)
        row.bytes = sum(path.stat().st_size for path in Index.folder.iterdir())
        wheels, dist = str(Index.folder), self.work / "dist"
        zips = sorted(str(path) for path in dist.iterdir())
        commands = {
            "build": [*self.build(sources), "--offline", *self.index],
            "check": [self.layerpack, "check", wheels, *TARGET],
        }
        # A function has five layers at most.
        if len(zips) <= 5:
            commands["size"] = [self.layerpack, "size", *zips, "--budget", "4G"]
        runs: dict[str, list[Figure]] = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                if name == "build":
                    shutil.rmtree(dist)
                    shutil.rmtree(self.work / "cache" / "builds-v1", ignore_errors=True)
                runs[name].append(self.runner.once(command))
        for name, figures in runs.items():
            seconds = statistics.median(figure.seconds for figure in figures)
            row.figures[name] = Figure(seconds, max(figure.peak for figure in figures))
        said = "  ".join(f"{name} {f.seconds * 1000:.0f} ms {f.peak / MB:.0f} MB" for name, f in row.figures.items())
        print(f"{row.label}: {row.bytes / MB:.1f} MB of wheels: {said}", file=sys.stderr)


def layers(count: int) -> dict[str, dict[str, int]]:
    return {f"layer{at}": {f"layer{at}/m{file}.py": 20_000 for file in range(50)} for at in range(count)}


def one(files: dict[str, int]) -> dict[str, dict[str, int]]:
    return {"wide": files}


def all_series(bench: Bench) -> list[Series]:
    series = []

    def add(key: str, title: str, axis: str, sizes: list[int], unit: str, make) -> None:
        if key not in ROWS:
            return
        rows = Series(title, axis)
        for size in sizes:
            row = Row(f"{size:,}{unit}", size, 0)
            bench.measure(row, make(size))
            rows.rows.append(row)
        series.append(rows)

    add("layers", "layers in one run, 1 MB and 50 files each", "log", [1, 10, 100], "", layers)
    # 7 MB that deflate to 2.5.
    heavy = lambda size: one({f"wide/lib{at}.so.1": 7 * MB for at in range(size * 10 // 25)})  # noqa: E731
    add("bytes", "one layer, files of 7 MB", "linear", [10, 50, 100, 200, 400], " MB of wheels", heavy)
    single = lambda size: one({"wide/model.bin": size * MB})  # noqa: E731
    add("entry", "one layer, one file", "linear", [10, 50, 100, 250], " MB unzipped", single)
    many = lambda size: one({f"wide/p{at % 300}/m{at}.py": 2_000 for at in range(size)})  # noqa: E731
    add("files", "one layer, files of 2 kB", "log", [100, 1_000, 10_000, 60_000], " files", many)
    return series


# ---- what is printed and drawn -----------------------------------------------------------------------------------------


def machine() -> str:
    model = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), model)
    except OSError:
        pass
    return f"{platform.system()} {platform.release()}, {os.cpu_count()} cores, {model}"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"


def table(series: Series) -> str:
    names = list(dict.fromkeys(name for row in series.rows for name in row.figures))
    head = ["", "wheels"] + [cell for name in names for cell in (f"`{name}`", "peak")]
    lines = [f"**{series.title[0].upper()}{series.title[1:]}**", ""]
    lines += ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    for row in series.rows:
        cells = [row.label, f"{row.bytes / MB:,.1f} MB"]
        for name in names:
            figure = row.figures.get(name)
            cells += [milliseconds(figure.seconds), f"{figure.peak / MB:.0f} MB"] if figure else ["", ""]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


COLOURS = {"build": "#0b6e99", "check": "#b4531a", "size": "#5b7f2b"}
WIDTH, HEIGHT, LEFT, TOP, GAP = 250, 180, 52, 34, 26


def ticks(low: float, high: float, log: bool) -> list[float]:
    if log:
        powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        return [10.0**power for power in powers]
    step = 10 ** math.floor(math.log10(high / 2))
    step = next(step * by for by in (1, 2, 5, 10) if high / (step * by) <= 5)
    return [step * at for at in range(int(high // step) + 2)]


def short(value: float) -> str:
    if value >= 1000:
        return f"{value / 1000:g}k"
    return f"{value:g}"


def panel(series: Series, what, unit: str, bar: float | None, x0: float, y0: float) -> list[str]:
    """One plot: a line for each command, its axes beginning at zero where they are linear."""
    log = series.axis == "log"
    # Time grows with the work, so that both axes are of one kind; memory is to be flat, which a linear axis shows best.
    log_y = log and bar is None
    values = [what(figure) for row in series.rows for figure in row.figures.values()]
    xs = [row.at for row in series.rows]
    x_ticks = sorted(set(xs)) if log else ticks(0, max(xs), False)
    y_ticks = ticks(min(values), max(values), True) if log_y else ticks(0, max(values + [bar or 0]), False)

    def place(value: float, marks: list[float], logarithmic: bool, length: float) -> float:
        low, high = marks[0], marks[-1]
        if logarithmic:
            return length * (math.log(value) - math.log(low)) / ((math.log(high) - math.log(low)) or 1)
        return length * (value - low) / ((high - low) or 1)

    def x(value: float) -> float:
        return x0 + place(value, x_ticks, log, WIDTH)

    def y(value: float) -> float:
        return y0 + HEIGHT - place(value, y_ticks, log_y, HEIGHT)

    out = []
    for mark in y_ticks:
        out.append(f'<path class="grid" d="M{x0:.0f} {y(mark):.1f}h{WIDTH}"/>')
        out.append(f'<text x="{x0 - 6:.0f}" y="{y(mark) + 4:.1f}" text-anchor="end">{short(mark)}</text>')
    for mark in x_ticks:
        out.append(f'<text x="{x(mark):.1f}" y="{y0 + HEIGHT + 16:.0f}" text-anchor="middle">{short(mark)}</text>')
    if bar:
        out.append(f'<path class="bar" d="M{x0:.0f} {y(bar):.1f}h{WIDTH}"/>')
    for name, colour in COLOURS.items():
        points = [(x(row.at), y(what(row.figures[name]))) for row in series.rows if name in row.figures]
        if points:
            line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
            out.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
            out += [f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}"/>' for px, py in points]
    out.append(f'<text x="{x0 - 6:.0f}" y="{y0 - 8:.0f}" text-anchor="end">{unit}</text>')
    return out


def plot(all_of_them: list[Series]) -> str:
    step = WIDTH + LEFT + GAP
    width, height = step * len(all_of_them) + 10, 2 * (HEIGHT + TOP + GAP) + 44
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">',
        "<style>.grid{stroke:#ddd;fill:none}.bar{stroke:#a00;stroke-dasharray:4 3;fill:none}text{fill:#333}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for at, (name, colour) in enumerate(COLOURS.items()):
        out.append(f'<rect x="{LEFT + at * 70}" y="10" width="12" height="4" fill="{colour}"/>')
        out.append(f'<text x="{LEFT + at * 70 + 17}" y="16">{name}</text>')
    for at, series in enumerate(all_of_them):
        x0, y0 = LEFT + at * step, TOP + 24
        unit = series.rows[-1].label.lstrip("0123456789,").strip() or "layers"
        out.append(f'<text x="{x0}" y="{y0 - 24}" font-weight="bold">{series.title}</text>')
        out += panel(series, lambda figure: figure.seconds * 1000, "ms", None, x0, y0)
        below = y0 + HEIGHT + TOP + GAP
        out += panel(series, lambda figure: figure.peak / MB, "peak MB", 100, x0, below)
        out.append(f'<text x="{x0 + WIDTH}" y="{below + HEIGHT + 32}" text-anchor="end">{unit}</text>')
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--svg", type=Path, help="draw the plot into this file")
    arguments = parser.parse_args()
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        bench = Bench(Path(scratch) / "work")
        version = subprocess.run([bench.layerpack, "--version"], capture_output=True, text=True, check=True).stdout.strip()
        print(f"{version}; {machine()}; medians of {RUNS} runs, highest peaks.\n")
        series = all_series(bench)
    print("\n\n".join(table(one) for one in series))
    if arguments.svg:
        arguments.svg.write_text(plot(series))
    return 0


if __name__ == "__main__":
    sys.exit(main())
