"""Drives the page of `layerpack size --html` in headless Chromium; see size-page.sh."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

LAYERPACK = Path(os.environ["LAYERPACK"]).resolve()
CHROMIUM = os.environ.get("CHROMIUM") or next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
SHOTS = Path(sys.argv[1]) if len(sys.argv) > 1 else None
HOSTILE = ["</script><img src=x onerror=alert(1)>.py", "a&lt;b&amp;c.txt", "<!--<script>.json", "\u2028\"'`${x}.py"]

failures = 0


def check(holds: bool, what: str) -> None:
    global failures
    print(("ok      " if holds else "FAILED  ") + what)
    failures += not holds


def layer(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def package(name: str, version: str, files: dict[str, bytes]) -> dict[str, bytes]:
    info = f"python/{name}-{version}.dist-info"
    held = {f"python/{path}": data for path, data in files.items()}
    record = "".join(f"{path.removeprefix('python/')},,\n" for path in held)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    return {**held, f"{info}/METADATA": metadata.encode(), f"{info}/RECORD": record.encode()}


def weigh(page: Path, *arguments: str) -> str:
    run = subprocess.run([LAYERPACK, "size", *arguments, "--html", page], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return page.resolve().as_uri()


def small(folder: Path) -> str:
    noise = os.urandom(300_000)
    heavy = package("heavy", "1.0", {
        "heavy/_core.so": noise,
        "heavy/zeros.json": bytes(900_000),
        "heavy/__init__.py": b"import os\n" * 4000,
        "heavy/deep/down/needle.py": b"x = 1\n" * 3000,
        "heavy/tests/test_heavy.py": b"assert True\n" * 5000,
    })
    light = package("light", "2.0", {"light/__init__.py": noise[:90_000], "light/stub.pyi": b"x: int\n" * 4000})
    layer(folder / "one.zip", heavy | {f"python/odd/{name}": noise[:20_000] for name in HOSTILE})
    layer(folder / "two.zip", light)
    return weigh(folder / "small.html", str(folder / "one.zip"), str(folder / "two.zip"), "--reserve", "adapter=100k")


def large(folder: Path) -> str:
    files = {f"python/big/p{i % 300}/q{i % 7}/module_{i}.py": b"#" * (i % 5000) for i in range(60_000)}
    layer(folder / "large.zip", files)
    return weigh(folder / "large.html", str(folder / "large.zip"))


def crumbs(page: Page) -> str:
    return " > ".join(page.locator("#crumbs li").all_inner_texts())


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.id") or ""


def tile(page: Page, label: str):
    return page.locator(f".tile[aria-label^='{label}']").first


def behaviour(page: Page) -> None:
    check(crumbs(page) == "everything", f"starts with everything: {crumbs(page)}")
    check(page.locator(".tile").count() > 8, "tiles are drawn")
    check("of 250.0 MB unzipped" in page.inner_text("#total"), "the total stands on top: " + page.inner_text("#total"))

    tile(page, "heavy 1.0, package").click(position={"x": 20, "y": 8})
    check(crumbs(page) == "everything > one.zip > heavy 1.0", "a click opens a package: " + crumbs(page))
    tile(page, "needle.py").click()
    check(crumbs(page).endswith("heavy > deep > down"), "a click on a file opens its folder: " + crumbs(page))
    check("python/heavy/deep/down/needle.py" in page.inner_text("#detail"), "and says its path: " + page.inner_text("#detail"))
    page.keyboard.press("Backspace")
    check(focused(page).startswith("down, folder"), "Backspace goes up, to where one came from: " + focused(page))
    for _ in range(4):
        page.keyboard.press("Escape")
    check(crumbs(page) == "everything", "Escape goes up: " + crumbs(page))
    page.keyboard.press("Escape")
    check(crumbs(page) == "everything", "and stops at the top")

    before = focused(page)
    page.keyboard.press("ArrowRight")
    check(focused(page) != before, f"an arrow moves: {before} -> {focused(page)}")
    page.keyboard.press("ArrowLeft")
    check(focused(page) == before, "and back: " + focused(page))
    page.keyboard.press("Enter")
    check(crumbs(page) == "everything > one.zip", "Enter opens: " + crumbs(page))
    page.locator("#crumbs button").first.click()
    check(crumbs(page) == "everything", "the breadcrumb goes back")
    stops = page.locator(".tile[tabindex='0']").count()
    check(stops == 1, f"the map is one stop of Tab ({stops})")

    page.keyboard.press("/")
    check(focused(page) == "search", "a slash leads to the search")
    page.keyboard.type("NEEDLE")
    page.locator("#found:not(:empty)").wait_for(state="attached")
    check(page.inner_text("#found").startswith("1 file found: 18 kB"), "a search finds: " + page.inner_text("#found"))
    check(page.locator(".tile.dim").count() > 0, "and dims the rest")
    check(page.locator("#rows tr").count() == 1, "and lists it")
    page.locator("#rows button").click()
    check(focused(page).startswith("needle.py"), "and leads to it: " + focused(page))
    page.fill("#search", "")
    page.locator("#found:empty").wait_for(state="attached")
    page.locator("#crumbs button").first.click()

    unzipped = tile(page, "zeros.json").get_attribute("aria-label")
    page.get_by_label("zipped", exact=True).check()
    zipped = tile(page, "zeros.json").get_attribute("aria-label")
    check("879 kB" in unzipped and " bytes" in zipped, f"zipped sizes redraw the map: {unzipped} -> {zipped}")
    page.get_by_label("unzipped", exact=True).check()

    page.locator("#kinds button", has_text="tests").click()
    check(page.inner_text("#found").startswith("1 file found"), "a kind can be looked at alone")
    page.locator("#kinds button", has_text="tests").click()

    page.locator("#rows button", has_text="one.zip").click()
    page.locator("#rows button", has_text="files of python/odd").click()
    listed = page.locator("#rows td:first-child").all_inner_texts()
    # What stands before a slash is a folder.
    check(sorted(listed) == sorted(name.split("/")[0] for name in HOSTILE), f"hostile names are text: {listed}")
    check(page.locator("img, iframe").count() == 0, "and nothing else")
    nameless = page.evaluate(
        "[...document.querySelectorAll('button, input')].filter((e) => !e.getAttribute('aria-label') && !e.innerText && !e.labels?.length"
        " && !e.hidden).length"
    )
    check(nameless == 0, "every control has a name")


def main() -> int:
    if not CHROMIUM:
        print("no Chromium on PATH: name one with CHROMIUM=")
        return 2
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = Path(scratch)
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        said: list[str] = []

        def opened(url: str, width: int = 1280, height: int = 900, scheme: str = "light") -> Page:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
            page.on("pageerror", lambda error: said.append(str(error)))
            page.on("console", lambda message: said.append(message.text))
            page.on("dialog", lambda dialog: said.append("a dialog"))
            page.on("request", lambda request: request.url == url or said.append("asks for " + request.url))
            page.goto(url)
            page.wait_for_selector(".tile")
            return page

        url = small(folder)
        behaviour(opened(url))
        for name, width, height in (("wide", 1280, 900), ("narrow", 400, 850)):
            grounds = set()
            for scheme in ("light", "dark"):
                page = opened(url, width, height, scheme)
                check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name}, {scheme}: nothing sticks out")
                grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
                if SHOTS:
                    SHOTS.mkdir(parents=True, exist_ok=True)
                    page.screenshot(path=SHOTS / f"{name}-{scheme}.png", full_page=True)
            check(len(grounds) == 2, f"{name}: dark mode is another ground: {sorted(grounds)}")

        url = large(folder)
        start = time.monotonic()
        page = opened(url)
        loaded = time.monotonic()
        check(page.locator(".tile").count() < 6_001, f"60,000 files: {page.locator('.tile').count()} tiles")
        page.fill("#search", "module_4711.py")
        page.locator("#found:not(:empty)").wait_for(state="attached")
        found = time.monotonic()
        check(page.inner_text("#found").startswith("1 file found"), "60,000 files: a search finds one")
        print(f"        drawn after {loaded - start:.2f} s, searched in {found - loaded:.2f} s")
        browser.close()
        check(not said, f"no errors, no requests: {said}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
