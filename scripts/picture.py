#!/usr/bin/env python3
"""The picture of the README, from a real run: scripts/picture.py [LAYERPACK [WHEELS]]. Needs the network (the
real index); WHEELS is a folder with the wheels of testkit's example local-wheels, which else is compiled.

Runs the commands below in a terminal of 112 columns and draws what it shows as an SVG that needs nothing but a font: every run
of letters in one style is one <text> of a fixed width. Writes docs/picture.svg.
"""

import fcntl
import html
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 112
WIDTH, LINE, FONT, MARGIN = 8.4, 19, 14, 18  # pixels; WIDTH is that of one letter

COMMANDS = [
    "layerpack build src/layers/pypi --runtime python3.11 --arch arm64",
    "layerpack check src/layers/whl --runtime python3.11 --arch arm64",
    "layerpack check requirements.txt --runtime python3.13 --arch arm64",
]
FILES = {
    "src/layers/pypi/requirements.txt": "fastapi\nuvicorn\nnumpy\n",
    "requirements.txt": "fastapi\nnumpy==1.21.0\npydantic-core==2.14.0\n",
}

COLOURS = {  # SGR → colour on a dark ground
    30: "#6e7681", 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#56d4dd", 37: "#e6edf3",
    90: "#8b949e", 91: "#ffa198", 92: "#9be9a8", 93: "#f2cc60", 94: "#a5d6ff", 95: "#e2c5ff", 96: "#7ce3ea", 97: "#ffffff",
}
PLAIN, PROMPT = "#e6edf3", "#7ee787"


def screen(output):
    """What a terminal shows after this output: rows of cells (letter, colour, whether it is bold). It knows what progress
    bars do: returning, going up, clearing a line."""
    rows, row, column, colour, bold = [[]], 0, 0, PLAIN, False
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z]|[\r\n])", output):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
        elif part.startswith("\x1b"):
            numbers = [int(n) for n in re.findall(r"\d+", part)] or [0]
            if part.endswith("A"):
                row = max(0, row - max(1, numbers[0]))
            elif part.endswith("K"):
                rows[row] = [] if numbers[0] == 2 else rows[row][:column]
            elif part.endswith("m"):
                for number in numbers:
                    if number == 0:
                        colour, bold = PLAIN, False
                    elif number == 39:
                        colour = PLAIN
                    elif number in (1, 22):
                        bold = number == 1
                    elif number == 2:
                        colour = COLOURS[90]
                    else:
                        colour = COLOURS.get(number, colour)
        for letter in "" if part[:1] in ("\r", "\n", "\x1b") else part:
            rows[row].extend([(" ", PLAIN, False)] * (column - len(rows[row])))
            rows[row][column : column + 1] = [(letter, colour, bold)]
            column += 1
        while len(rows) <= row:
            rows.append([])
    while rows and not rows[-1]:
        rows.pop()
    return rows


def runs(cells):
    """The runs of a row that have one style and no two blanks in them: where each begins, and its cells' letters."""
    start = 0
    while start < len(cells):
        end = start
        while end < len(cells) and cells[end][1:] == cells[start][1:]:
            if cells[end][0] == " " and (end + 1 == len(cells) or cells[end + 1][0] == " "):
                break
            end += 1
        end = max(end, start + 1)
        text = "".join(letter for letter, _, _ in cells[start:end])
        if text.strip():
            yield start + len(text) - len(text.lstrip()), text.strip(), cells[start][1], cells[start][2]
        start = end


def draw(rows):
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(rows) * LINE + 2 * MARGIN
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}">',
        "<title>layerpack in a terminal</title>",
        '<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="{FONT}">',
    ]
    for number, row in enumerate(rows):
        for column, text, colour, bold in runs(row):
            x, y = MARGIN + column * WIDTH, MARGIN + number * LINE + FONT
            weight = ' font-weight="bold"' if bold else ""
            svg.append(
                f'<text x="{x:.1f}" y="{y}" fill="{colour}"{weight} textLength="{len(text) * WIDTH:.1f}">'
                f"{html.escape(text, quote=False)}</text>"
            )
    return "\n".join([*svg, "</g>", "</svg>", ""])


def run(command, folder, environment):
    """What a command writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    started = subprocess.Popen(command.split(), cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    output = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when the other end is closed.
            piece = b""
        if not piece:
            break
        output += piece
    if started.wait() not in (0, 1):
        sys.exit(f"{command}: exit {started.returncode}\n{output.decode()}")
    return output.decode()


def main():
    layerpack = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/layerpack").resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for path, text in FILES.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        if len(sys.argv) > 2:
            shutil.copytree(sys.argv[2], work / "src/layers/whl")
        else:
            make = ["cargo", "run", "--quiet", "-p", "testkit", "--example", "local-wheels", "--", work / "src/layers/whl"]
            subprocess.run(make, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        # The cache shows nowhere, and need not be made anew.
        environment = {**os.environ, "TERM": "xterm-256color", "PATH": f"{layerpack.parent}:{os.environ['PATH']}"}
        environment.pop("NO_COLOR", None)
        rows = []
        for command in COMMANDS:
            rows.append([("$", PROMPT, True), *((letter, PLAIN, True) for letter in f" {command}")])
            rows.extend([*screen(run(command, work, environment)), []])
    (ROOT / "docs/picture.svg").write_text(draw(rows[:-1]))


main()
