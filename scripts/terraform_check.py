"""Reads a Terraform module as HCL, runs the program of its data source `external` as Terraform would, and holds what the
resources take of its result against what it printed. Part of scripts/integrations.sh.

    PYTHON_WITH_HCL2 terraform_check.py MAIN_TF
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import hcl2


def bare(text: str) -> str:
    return text.strip('"')


def main() -> None:
    path = Path(sys.argv[1])
    module = hcl2.loads(path.read_text())
    local = {name: bare(value) for block in module["locals"] for name, value in block.items() if isinstance(value, str)}
    # Some versions of the parser keep the quotes of labels.
    [external] = [body for block in module["data"] for kind, body in block.items() if bare(kind) == "external"]
    [(name, source)] = [(bare(name), source) for name, source in external.items() if isinstance(source, dict)]

    def value(text: str) -> str:
        text = bare(text).replace("${path.module}", str(path.parent))
        return re.sub(r"\$\{local\.(\w+)\}|^local\.(\w+)$", lambda found: local[found[1] or found[2]], text)

    program = [value(word) for word in source["program"]]
    # Terraform writes the query, an object, to stdin and wants an object of strings on stdout.
    ran = subprocess.run(program, input="{}", stdout=subprocess.PIPE, text=True, check=True)
    result = json.loads(ran.stdout)
    assert all(isinstance(text, str) for text in result.values()), result
    taken = set(re.findall(rf"data\.external\.{name}\.result\.(\w+)", path.read_text()))
    assert taken and taken <= result.keys(), f"{taken - result.keys()} is not printed"
    print(f"{path} takes {', '.join(sorted(taken))}; path is {result['path']}")


main()
