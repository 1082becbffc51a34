#!/usr/bin/env python3
"""Writes docs/unsatisfiable.md: what layerpack and uv say where requirements cannot be met, case by case.

  scripts/unsatisfiable.py JUDGES [--layerpack target/release/layerpack] [--uv uv] [-o docs/unsatisfiable.md]

JUDGES is a folder with judge_resolve.py and its data: other projects' cases, served on 127.0.0.1 as indexes of their
own. Both programs run on the same requirements, index, Python and architecture.
"""
import argparse, concurrent.futures, http.server, importlib.util, os, re, subprocess, sys, tempfile, threading

HEAD = """# Where requirements cannot be met

What layerpack says, beside what uv says of the same requirements on the same index. Written by
`scripts/unsatisfiable.py`; nothing in it is edited by hand.

The cases, with their names, are from uv's scenarios (astral-sh/uv, `test/scenarios`, MIT OR Apache-2.0), resolvelib's
functional tests (ISC), pip's YAML tests (MIT), packaging's vectors (Apache-2.0 OR BSD-2-Clause) and the file names that
aws-lambda-builders tests with (Apache-2.0). What stands under *uv* was printed by {uv}, which is astral-sh's, MIT OR
Apache-2.0, and is quoted to compare. The cases are tried for python{python} · x86_64 where nothing else is said; a line
of requirements.txt is one of the words before the colon.

"""


def load(folder):
    spec = importlib.util.spec_from_file_location("judge_resolve", os.path.join(folder, "judge_resolve.py"))
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    return judge


def unsatisfiable(judge, suites):
    for suite in suites:
        for case in judge.LOADERS[suite]():
            expected = judge.OVERRIDES.get(case.id, case.expect)
            if not expected["ok"] and not (judge.OUT & set(case.kinds)):
                yield case


def run(words, folder):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "XDG_CACHE_HOME": folder, "NO_COLOR": "1", "UV_PYTHON_DOWNLOADS": "never"}
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder, env=env, timeout=120)
    return done.returncode, re.sub(r"127\.0\.0\.1:\d+/c/[^/\s]+", "index.example", done.stderr.strip())


def both(case, port, options):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "requirements.txt"), "w") as file:
            file.write("\n".join(case.roots) + "\n")
        index = f"http://127.0.0.1:{port}/c/{case.id}/simple/"
        machine = case.arch.replace("arm64", "aarch64")
        pre = ["--prerelease", "allow"] if case.pre else []
        ours = [options.layerpack, "resolve", "requirements.txt", "--index-url", index, "--python-version", case.python,
                "--arch", case.arch, *pre, "--format", "json"]
        uvs = [options.uv, "pip", "compile", "requirements.txt", "--python", options.python, "--default-index", index,
               "--python-version", case.python, "--python-platform", f"{machine}-manylinux_2_28", "--only-binary", ":all:",
               *pre, "--no-header", "--no-annotate"]
        return case, run(ours, folder), run(uvs, folder)


def section(case, ours, uvs):
    where = "" if (case.python, case.arch) == ("3.12", "x86_64") else f" (python{case.python} · {case.arch})"
    roots = " ".join(f"`{root}`" for root in case.roots)
    said = "\n".join(line.rstrip() for line in ours[1].splitlines())
    uv = "\n".join(line.rstrip() for line in uvs[1].splitlines())
    return f"### {case.id}\n\n{roots}{where}\n\n```text\n{said}\n```\n\nuv\n\n```text\n{uv}\n```\n\n"


def row(case, ours, uvs):
    """One line of a table, for the many cases that differ in a specifier only."""
    cell = lambda text: " ".join(text.split()).replace("|", "\\|")
    roots = " ".join(f"`{root}`" for root in case.roots).replace("|", "\\|")
    return f"| {case.id.split('~', 1)[1]} | {roots} | {cell(ours[1])} | {cell(uvs[1])} |\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judges")
    parser.add_argument("--layerpack", default="target/release/layerpack")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that uv asks")
    parser.add_argument("--suites", default="packse,resolvelib,pipyaml,names,vectors")
    parser.add_argument("--only", default="")
    parser.add_argument("-o", "--output", default="docs/unsatisfiable.md")
    options = parser.parse_args()
    options.layerpack = os.path.abspath(options.layerpack)
    judge = load(options.judges)
    cases = [case for case in unsatisfiable(judge, options.suites.split(",")) if options.only in case.id]
    judge.H.cases = {case.id: case for case in cases}
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), judge.H)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda case: both(case, server.server_address[1], options), cases))
    uv = subprocess.run([options.uv, "--version"], capture_output=True, text=True).stdout.split(" (")[0].strip()
    text = HEAD.format(uv=uv, python="3.12")
    suite = None
    met = []
    for case, ours, uvs in results:
        if case.suite != suite:
            suite = case.suite
            text += f"## {suite}\n\n"
            if suite == "vectors":
                text += "One requirement and a project of one or two versions each.\n\n"
                text += "| case | requirement | layerpack | uv |\n| --- | --- | --- | --- |\n"
        text += row(case, ours, uvs) if suite == "vectors" else section(case, ours, uvs)
        met += [f"{case.id}: {name} exits {code}" for name, (code, _) in (("layerpack", ours), ("uv", uvs)) if code == 0]
    with open(options.output, "w") as file:
        file.write(text.rstrip() + "\n")
    print(f"{len(results)} cases in {options.output}")
    print("\n".join(met))


if __name__ == "__main__":
    main()
