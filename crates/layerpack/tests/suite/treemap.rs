//! The page of `build --emit html` in headless Chromium, where one is installed: a click and a search, by what then
//! stands in the page. Without one there is nothing to run; `scripts/size-page.sh` looks at far more.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Scratch, pure, shop};

/// Uses the page once it is drawn, and leaves what it saw in its title.
const USE: &str = r##"<script>
addEventListener("load", async () => {
  const said = [];
  const crumbs = () => [...document.querySelectorAll("#crumbs li")].map((li) => li.textContent.trim()).join(" > ");
  const tile = (label) => document.querySelector(`.tile[aria-label^="${label}"]`);
  const rest = () => new Promise((done) => setTimeout(done, 400));
  said.push(crumbs());
  tile("web 1.2, package").click();
  said.push(crumbs());
  document.querySelector("#crumbs button").click();
  const search = document.querySelector("#search");
  search.value = "NEEDLE";
  search.dispatchEvent(new Event("input", { bubbles: true }));
  await rest();
  said.push(document.querySelector("#found").textContent.split(",")[0]);
  said.push([...document.querySelectorAll("#rows td:first-child")].map((td) => td.textContent).join(","));
  document.querySelector("#rows button").click();
  said.push(crumbs());
  document.title = "said: " + said.join(" | ");
});
</script>"##;

fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.or_else(|| {
        let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
        let programs = ["chromium", "chromium-browser", "google-chrome"];
        programs.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
    })
}

/// The page after its scripts have run, as the browser writes it out.
fn drawn(chromium: &Path, page: &Path, profile: &Path) -> String {
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"])
        .args(["--window-size=1280,900", "--virtual-time-budget=5000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("Chromium starts");
    String::from_utf8(output.stdout).expect("a page is UTF-8")
}

#[test]
fn a_click_opens_a_package_and_a_search_finds_a_file() {
    let Some(chromium) = chromium() else { return };
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\nhay\n");
    let hay = pure("hay", "1.0").file("hay/deep/needle.py", "x = 1\n".repeat(3000));
    scratch.wheel("src", &hay);
    let build = "build src --runtime python3.12 --arch x86_64 --emit html";
    scratch.layerpack(build).index(&index).run().fine();
    let page = scratch.text("dist/src-python3.12-x86_64.html");
    let (head, rest) = page.split_once("<style>").expect("a style");
    scratch.write("used.html", format!("{head}{USE}<style>{rest}"));

    let drawn = drawn(&chromium, &scratch.path("used.html"), &scratch.path("profile"));
    let said = drawn.split_once("<title>said: ").and_then(|(_, rest)| rest.split_once("</title>"));
    let (said, _) = said.unwrap_or_else(|| panic!("the script has not come to its end:\n{drawn}"));
    insta::assert_snapshot!(said.replace("&gt;", ">").replace(" | ", "\n"), @"
    everything > src-python3.12-x86_64
    everything > src-python3.12-x86_64 > web 1.2
    1 file found: 18 kB unzipped
    src-python3.12-x86_64 › hay 1.0 › python/hay/deep/needle.py
    everything > src-python3.12-x86_64 > hay 1.0 > hay > deep
    ");
}
