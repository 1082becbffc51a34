//! A small project as uv, Poetry and pipenv would lock it, each in its own words: the same versions, the same files.

use testkit::{FakeIndex, FakeIndexBuilder, Machine, WheelBuilder};
use wheel_archive::Sha256;

use crate::support::{Ran, Scratch, native, pure};

pub(crate) const TARGET: &str = "--runtime python3.12 --arch x86_64";

/// What the locks of these tests lock: `web` needs `templates` and, as its extra, `loop`; `colours` is for Windows.
pub(crate) fn wheels() -> Vec<WheelBuilder> {
    vec![
        pure("web", "1.2").requires("templates>=2").extra("fast", &["loop"]),
        pure("templates", "2.0"),
        pure("templates", "2.1"),
        pure("colours", "0.4"),
        pure("testing", "9.0"),
        native("loop", "0.9", Machine::X86_64, "2.17"),
        native("loop", "0.9", Machine::Aarch64, "2.17"),
    ]
}

pub(crate) fn start() -> FakeIndex {
    wheels().iter().fold(FakeIndex::builder(), FakeIndexBuilder::wheel).start()
}

/// A lock's text: `SHA(NAME)` stands for the sha256 of that wheel, `INDEX` for the index.
pub(crate) fn written(text: &str, index: &FakeIndex) -> String {
    let base = index.url().trim_end_matches("/simple/").trim_end_matches('/').to_owned();
    let text = wheels().iter().fold(text.replace("INDEX", &base), |text, wheel| {
        text.replace(&format!("SHA({})", wheel.filename()), &Sha256::of(&wheel.build()).to_string())
    });
    assert!(!text.contains("SHA("), "every digest is known: {text}");
    text
}

pub(crate) const PROJECT: &str = r#"[project]
name = "shop"
requires-python = ">=3.10"
dependencies = ["web[fast]>=1", "colours ; sys_platform == 'win32'"]
[project.optional-dependencies]
extra = ["colours"]
[dependency-groups]
dev = ["testing"]
"#;

pub(crate) const UV: &str = r#"version = 1
revision = 3
requires-python = ">=3.10"

[[package]]
name = "colours"
version = "0.4"
source = { registry = "INDEX/simple" }
wheels = [{ url = "INDEX/files/colours-0.4-py3-none-any.whl", hash = "sha256:SHA(colours-0.4-py3-none-any.whl)" }]

[[package]]
name = "loop"
version = "0.9"
source = { registry = "INDEX/simple" }
wheels = [
    { url = "INDEX/files/loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl", hash = "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl)" },
    { url = "INDEX/files/loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl)" },
]

[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "colours", marker = "sys_platform == 'win32'" },
    { name = "web", extra = ["fast"] },
]

[package.optional-dependencies]
extra = [{ name = "colours" }]

[package.dev-dependencies]
dev = [{ name = "testing" }]

[package.metadata]
requires-dist = [
    { name = "colours", marker = "sys_platform == 'win32'" },
    { name = "colours", marker = "extra == 'extra'" },
    { name = "web", extras = ["fast"], specifier = ">=1" },
]
provides-extras = ["extra"]

[package.metadata.requires-dev]
dev = [{ name = "testing" }]

[[package]]
name = "templates"
version = "2.0"
source = { registry = "INDEX/simple" }
wheels = [{ url = "INDEX/files/templates-2.0-py3-none-any.whl", hash = "sha256:SHA(templates-2.0-py3-none-any.whl)" }]

[[package]]
name = "testing"
version = "9.0"
source = { registry = "INDEX/simple" }
wheels = [{ url = "INDEX/files/testing-9.0-py3-none-any.whl", hash = "sha256:SHA(testing-9.0-py3-none-any.whl)" }]

[[package]]
name = "web"
version = "1.2"
source = { registry = "INDEX/simple" }
dependencies = [{ name = "templates" }]
wheels = [{ url = "INDEX/files/web-1.2-py3-none-any.whl", hash = "sha256:SHA(web-1.2-py3-none-any.whl)" }]

[package.optional-dependencies]
fast = [{ name = "loop" }]
"#;

pub(crate) const POETRY: &str = r#"[[package]]
name = "colours"
version = "0.4"
optional = false
python-versions = "*"
groups = ["main"]
markers = "sys_platform == \"win32\""
files = [{file = "colours-0.4-py3-none-any.whl", hash = "sha256:SHA(colours-0.4-py3-none-any.whl)"}]

[package.source]
type = "legacy"
url = "INDEX/simple"
reference = "shop"

[[package]]
name = "loop"
version = "0.9"
optional = false
python-versions = "*"
groups = ["main"]
files = [
    {file = "loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl", hash = "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl)"},
    {file = "loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl", hash = "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl)"},
]

[package.source]
type = "legacy"
url = "INDEX/simple"
reference = "shop"

[[package]]
name = "templates"
version = "2.0"
optional = false
python-versions = "*"
groups = ["main"]
files = [{file = "templates-2.0-py3-none-any.whl", hash = "sha256:SHA(templates-2.0-py3-none-any.whl)"}]

[package.source]
type = "legacy"
url = "INDEX/simple"
reference = "shop"

[[package]]
name = "testing"
version = "9.0"
optional = false
python-versions = "*"
groups = ["dev"]
files = [{file = "testing-9.0-py3-none-any.whl", hash = "sha256:SHA(testing-9.0-py3-none-any.whl)"}]

[package.source]
type = "legacy"
url = "INDEX/simple"
reference = "shop"

[[package]]
name = "web"
version = "1.2"
optional = false
python-versions = "*"
groups = ["main"]
files = [{file = "web-1.2-py3-none-any.whl", hash = "sha256:SHA(web-1.2-py3-none-any.whl)"}]

[package.source]
type = "legacy"
url = "INDEX/simple"
reference = "shop"

[metadata]
lock-version = "2.1"
python-versions = ">=3.10"
"#;

pub(crate) const PIPFILE: &str = r#"{
    "_meta": {
        "pipfile-spec": 6,
        "requires": {},
        "sources": [{"name": "shop", "url": "INDEX/simple", "verify_ssl": true}]
    },
    "default": {
        "colours": {"hashes": ["sha256:SHA(colours-0.4-py3-none-any.whl)"], "markers": "sys_platform == 'win32'", "version": "==0.4"},
        "loop": {"hashes": ["sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_aarch64.whl)", "sha256:SHA(loop-0.9-cp312-cp312-manylinux_2_17_x86_64.whl)"], "version": "==0.9"},
        "templates": {"hashes": ["sha256:SHA(templates-2.0-py3-none-any.whl)"], "version": "==2.0"},
        "web": {"extras": ["fast"], "hashes": ["sha256:SHA(web-1.2-py3-none-any.whl)"], "index": "shop", "version": "==1.2"}
    },
    "develop": {
        "testing": {"hashes": ["sha256:SHA(testing-9.0-py3-none-any.whl)"], "version": "==9.0"}
    }
}
"#;

pub(crate) const LOCKS: [(&str, &str); 3] = [("uv.lock", UV), ("poetry.lock", POETRY), ("Pipfile.lock", PIPFILE)];

/// A folder `src` with these files.
pub(crate) fn source(index: &FakeIndex, files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    for (name, text) in files {
        scratch.write(&format!("src/{name}"), written(text, index));
    }
    scratch
}

pub(crate) fn zip(scratch: &Scratch, target: &str) -> Vec<u8> {
    scratch.read(&format!("dist/src-{target}.zip"))
}

pub(crate) fn names(ran: &Ran) -> Vec<String> {
    let packages = ran.json()["packages"].as_array().expect("packages").clone();
    packages.iter().map(|package| package["name"].as_str().expect("a name").to_owned()).collect()
}
