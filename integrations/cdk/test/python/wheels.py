"""Small wheels for a CDK app in Python: wheels.py FOLDER."""

import base64
import hashlib
import sys
import zipfile
from pathlib import Path


def wheel(folder: Path, name: str, tag: str, requires: str = "") -> None:
    info = f"{name}-1.0.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}/__init__.py": f"name = '{name} {tag}'\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }

    def line(path: str, text: str) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        return f"{path},sha256={digest},{len(text)}\n"

    record = "".join(line(path, text) for path, text in files.items()) + f"{info}/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


def main() -> None:
    folder = Path(sys.argv[1])
    wheel(folder / "wheels", "pure", "py3-none-any", requires="native")
    for python in ("cp312", "cp313"):
        for machine in ("aarch64", "x86_64"):
            wheel(folder / "wheels", "native", f"{python}-{python}-manylinux2014_{machine}")
    wheel(folder / "whl", "own", "py3-none-any", requires="pure")
    (folder / "pypi").mkdir()
    (folder / "pypi" / "requirements.txt").write_text("pure\n")


main()
