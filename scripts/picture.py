#!/usr/bin/env python3
"""The picture of the README, from a real run: scripts/picture.py [LAYERPACK]. Needs the network (the real index).

Runs the commands below in a folder of their own, with colours, and draws what they print as an SVG that needs nothing but a
font: every run of letters in one style is one <text> of a fixed width. Writes docs/picture.svg.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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


def runs(line):
    """The runs of a line: text, colour, whether it is bold. SGR only; other sequences are left out."""
    colour, bold = PLAIN, False
    for part in re.split(r"(\x1b\[[0-9;?]*[A-Za-z])", line):
        if not part.startswith("\x1b"):
            if part:
                yield part, colour, bold
        elif part.endswith("m"):
            for number in (int(n or 0) for n in part[2:-1].split(";")):
                if number == 0:
                    colour, bold = PLAIN, False
                elif number == 1:
                    bold = True
                elif number == 2:
                    colour = COLOURS[90]
                elif number == 22:
                    bold = False
                elif number == 39:
                    colour = PLAIN
                else:
                    colour = COLOURS.get(number, colour)


def draw(lines):
    columns = max(sum(len(text) for text, _, _ in line) for line in lines)
    width, height = columns * WIDTH + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}">',
        "<title>layerpack in a terminal</title>",
        f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>',
        f'<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="{FONT}" xml:space="preserve">',
    ]
    for row, line in enumerate(lines):
        column = 0
        for text, colour, bold in line:
            stripped = text.strip(" ")
            start = column + len(text) - len(text.lstrip(" "))
            column += len(text)
            if stripped:
                x, y = MARGIN + start * WIDTH, MARGIN + row * LINE + FONT
                weight = ' font-weight="bold"' if bold else ""
                svg.append(
                    f'<text x="{x:.1f}" y="{y}" fill="{colour}"{weight} textLength="{len(stripped) * WIDTH:.1f}">'
                    f"{html.escape(stripped, quote=False)}</text>"
                )
    return "\n".join([*svg, "</g>", "</svg>", ""])


def main():
    layerpack = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/layerpack").resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for path, text in FILES.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        wheels = ["cargo", "run", "--quiet", "-p", "testkit", "--example", "local-wheels", "--"]
        subprocess.run([*wheels, work / "src/layers/whl"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        # The cache shows nowhere, and need not be made anew.
        environment = {**os.environ, "CLICOLOR_FORCE": "1", "PATH": f"{layerpack.parent}:{os.environ['PATH']}"}
        environment.pop("NO_COLOR", None)
        lines = []
        for command in COMMANDS:
            ran = subprocess.run(
                command.split(), cwd=work, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            if ran.returncode not in (0, 1):
                sys.exit(f"{command}: exit {ran.returncode}\n{ran.stdout}")
            lines.append([("$ ", PROMPT, True), (command, PLAIN, True)])
            lines.extend(list(runs(line)) for line in ran.stdout.splitlines())
            lines.append([])
    (ROOT / "docs/picture.svg").write_text(draw(lines[:-1]))


main()
