//! pyproject.toml as a source of requirements.

use std::path::Path;

use insta::{assert_debug_snapshot, assert_snapshot};
use pypi_resolve::project::{IndexPin, Project};
use pypi_resolve::requirements::{Requirement, RequirementSource, RequirementsError};
use testkit::slashed;

use crate::make::{selection, target};

pub(crate) const PROJECT: &str = r#"[project]
name = "Shop"
requires-python = ">=3.10,<3.14"
dependencies = [
    "web[fast]>=1.2",
    "colours ; sys_platform == 'win32'",
]

[project.optional-dependencies]
net = ["wire<3"]
all = ["shop[net,Big_Data]", "extra-thing"]
big-data = ["tables"]

[dependency-groups]
test = ["testing", { include-group = "Type_Checks" }]
type-checks = ["checker==1.*"]
round = [{ include-group = "trip" }]
trip = [{ include-group = "round" }]
odd = [{ path = "." }]

[tool.uv]
constraint-dependencies = ["templates<3"]
override-dependencies = ["colours==0.5"]
no-index = false
extra-index-url = ["https://three.example/simple"]
find-links = ["wheels", "https://links.example/"]

[[tool.uv.index]]
name = "one"
url = "https://one.example/simple"

[[tool.uv.index]]
name = "pinned"
url = "https://pinned.example/simple"
explicit = true

[[tool.uv.index]]
url = "https://default.example/simple"
default = true
"#;

pub(crate) const POETRY: &str = r#"[tool.poetry]
name = "shop"

[tool.poetry.dependencies]
python = "~3.12"
web = "^1.2.3"
tables = { version = "~0.4", python = "<3.13", extras = ["fast"], markers = "platform_machine != 's390x'" }
wire = { version = "*", optional = true }
spread = [
    { version = "<2", python = "<3.12" },
    { version = ">=2,<2.2 || >2.2,<3", platform = "linux" },
]

[tool.poetry.extras]
net = ["wire"]

[tool.poetry.dev-dependencies]
testing = "9.*"

[tool.poetry.group.docs.dependencies]
writer = "*"

[[tool.poetry.source]]
name = "private"
url = "https://private.example/simple"
priority = "supplemental"
"#;

fn parse(text: &str) -> Result<Project, RequirementsError> {
    Project::parse(Path::new("app/pyproject.toml"), text.as_bytes())
}

fn failed(error: &RequirementsError) -> String {
    let help = error.help().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    format!("{}: {error}{help}", error.code())
}

fn shown(line: &Requirement) -> String {
    let source = match &line.source {
        RequirementSource::Index => String::new(),
        RequirementSource::Url { url, .. } => format!(" from {url}"),
        RequirementSource::Path(path) => format!(" from {}", slashed(&path.display().to_string())),
    };
    let marker = line.marker.try_to_string().map(|marker| format!(" ; {marker}")).unwrap_or_default();
    let extras: Vec<_> = line.extras.iter().map(ToString::to_string).collect();
    let specifiers: Vec<_> = line.specifiers.iter().map(ToString::to_string).collect();
    format!("{} [{}] {}{marker}{source}   ({})", line.name, extras.join(","), specifiers.join(","), line.place)
}

fn wants(text: &str, chosen: &str) -> String {
    let wants = parse(text).and_then(|project| project.wants(&selection(chosen)));
    match wants {
        Ok(wants) if !wants.unbuilt.is_empty() => wants.unbuilt.iter().map(failed).collect::<Vec<_>>().join("\n"),
        Ok(wants) => wants.file.requirements.iter().map(shown).collect::<Vec<_>>().join("\n"),
        Err(error) => failed(&error),
    }
}

#[test]
fn dependencies_extras_and_groups() {
    assert_snapshot!(wants(PROJECT, ""), @"
    web [fast] >=1.2   (app/pyproject.toml line 5)
    colours []  ; sys_platform == 'win32'   (app/pyproject.toml line 6)
    ");
    assert_snapshot!(wants(PROJECT, "+all @test"), @"
    web [fast] >=1.2   (app/pyproject.toml line 5)
    colours []  ; sys_platform == 'win32'   (app/pyproject.toml line 6)
    testing []    (app/pyproject.toml line 15)
    checker [] ==1.*   (app/pyproject.toml line 16)
    extra-thing []    (app/pyproject.toml line 11)
    wire [] <3   (app/pyproject.toml line 10)
    tables []    (app/pyproject.toml line 12)
    ");
}

#[test]
fn all_extras_and_groups() {
    assert_eq!(wants(PROJECT, "+*"), wants(PROJECT, "+all +big-data +net"));
    assert_eq!(wants(POETRY, "+* @*"), wants(POETRY, "+net @dev @docs"));
    assert_eq!(wants(POETRY, "@* -dev"), wants(POETRY, "@docs"));
}

#[test]
fn what_uv_says() {
    let wants = parse(PROJECT).and_then(|project| project.wants(&selection(""))).expect("a sound project");
    assert_eq!(
        wants.file.constraints.iter().map(shown).collect::<Vec<_>>(),
        ["templates [] <3   (app/pyproject.toml line 22)"]
    );
    assert_eq!(
        wants.overrides.iter().map(shown).collect::<Vec<_>>(),
        ["colours [] ==0.5   (app/pyproject.toml line 23)"]
    );
    let options = wants.file.options;
    let urls = |urls: &[pypi_resolve::requirements::Located<String>]| {
        urls.iter().map(|url| url.value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(urls(&options.first_index_urls), ["https://one.example/simple", "https://three.example/simple"]);
    assert_eq!(options.index_url.map(|url| url.value).as_deref(), Some("https://default.example/simple"));
    assert_eq!(urls(&options.find_links), ["app/wheels", "https://links.example/"]);
    assert_eq!(options.no_index, None);
}

#[test]
fn poetry_as_pep_508() {
    assert_snapshot!(wants(POETRY, ""), @"
    spread [] <2 ; python_full_version < '3.12'   (app/pyproject.toml line 9)
    spread [] >=2,!=2.2,<3 ; sys_platform == 'linux'   (app/pyproject.toml line 9)
    tables [fast] >=0.4,<0.5 ; python_full_version < '3.13' and platform_machine != 's390x'   (app/pyproject.toml line 7)
    web [] >=1.2.3,<2   (app/pyproject.toml line 6)
    ");
    assert_snapshot!(wants(POETRY, "+net @dev @docs").lines().skip(4).collect::<Vec<_>>().join("\n"), @"
    testing [] ==9.*   (app/pyproject.toml line 18)
    writer []    (app/pyproject.toml line 21)
    wire []    (app/pyproject.toml line 8)
    ");
    let options =
        parse(POETRY).and_then(|project| project.wants(&selection(""))).expect("a sound project").file.options;
    assert_eq!(options.index_url, None);
    assert_eq!(options.extra_index_urls.len(), 1);
}

#[test]
fn the_python_of_the_project() {
    let admits = |text: &str, on: &str| parse(text).and_then(|project| project.admits(&target(on)));
    assert!(admits(PROJECT, "python3.13 arm64").is_ok() && admits(POETRY, "python3.12 arm64").is_ok());
    let error = admits(PROJECT, "python3.9 arm64").expect_err("3.9 is too old");
    assert!(
        failed(&error).starts_with("LP105: app/pyproject.toml line 3: the project is not for Python 3.9."),
        "{error}"
    );
    let error = admits(POETRY, "python3.13 arm64").expect_err("3.13 is too new");
    assert!(failed(&error).contains("\n  python = \"~3.12\"\n           ^^^^^^^\n"), "{error}");
}

#[test]
fn sources_of_uv() {
    let with = |source: &str| wants(&format!("{PROJECT}\n[tool.uv.sources]\nWEB = {source}\n"), "");
    assert!(
        with("{ path = \"whl/web-1.2-py3-none-any.whl\" }")
            .starts_with("web [fast]  from app/whl/web-1.2-py3-none-any.whl")
    );
    assert!(
        with("[{ url = \"https://f.example/web-1.2-py3-none-any.whl\" }]")
            .starts_with("web [fast]  from https://f.example/web")
    );
    assert_snapshot!(with("{ git = \"https://git.example/web\" }"), @r#"
    LP506: app/pyproject.toml line 42: version control addresses are not supported in a layer
      WEB = { git = "https://git.example/web" }
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: build a wheel with `pip wheel --no-deps` and let the project name its path; or have uv or pip build it here: --build web
    "#);
    let refused = [
        ("{ path = \"../web\" }", "local project folders are not supported: layerpack builds nothing"),
        ("{ path = \"whl/other-1.2-py3-none-any.whl\" }", "the wheel is one of other, not of web"),
        ("{ url = \"https://f.example/web-1.2.tar.gz\" }", "the address is not that of a wheel"),
        ("{ workspace = true }", "web is a project of the workspace"),
        ("[{ index = \"a\", marker = \"x\" }, { index = \"b\" }]", "the source of web: "),
        ("{ path = \"x.whl\", extra = \"net\" }", "web has a source that holds only for an extra or a group"),
        ("[{ index = \"a\" }, 7]", "the source of web is a table"),
        ("7", "the source of web is a table"),
    ];
    for (source, why) in refused {
        let said = with(source);
        assert!(said.contains(&format!("app/pyproject.toml line 42: {why}")), "{source}: {said}");
    }
}

#[test]
fn a_source_that_holds_only_on_some_environments() {
    let sources = "[tool.uv.sources]\nWEB = { url = \"https://f.example/web-1.2-py3-none-any.whl\", marker = \"os_name == 'nt'\" }";
    let said = wants(&format!("{PROJECT}\n{sources}\n"), "");
    assert_snapshot!(said.lines().take(2).collect::<Vec<_>>().join("\n"), @"
    web [fast]  ; os_name == 'nt' from https://f.example/web-1.2-py3-none-any.whl   (app/pyproject.toml line 5)
    web [fast] >=1.2 ; os_name != 'nt'   (app/pyproject.toml line 5)
    ");
}

/// What comes from one index and no other: package, index and marker.
fn pins(text: &str, what: &str) -> Vec<String> {
    let wants = parse(text).and_then(|project| project.wants(&selection(what))).expect("a sound project");
    let named = |index: &str| wants.indexes.iter().find(|(name, _)| name == index).map(|(_, url)| url.value.clone());
    let shown = |pin: &IndexPin| {
        let marker = pin.marker.try_to_string().unwrap_or_default();
        let url = named(&pin.index).unwrap_or_default();
        format!("{} from {} {url} ; {marker}   ({})", pin.name, pin.index, pin.place)
    };
    wants.pins.iter().map(shown).collect()
}

#[test]
fn packages_that_are_pinned_to_an_index_of_uv() {
    let text = format!(
        "{PROJECT}\n[tool.uv.sources]\nWEB = {{ index = \"pinned\" }}\ntables = [{{ index = \"one\", marker = \
         \"platform_machine == 'x86_64'\" }}, {{ index = \"pinned\", extra = \"net\" }}]\n"
    );
    assert!(wants(&text, "").starts_with("web [fast] >=1.2"), "the requirement stays what it is");
    assert_debug_snapshot!(pins(&text, ""), @r#"
    [
        "web from pinned https://pinned.example/simple ;    (app/pyproject.toml line 42)",
        "tables from one https://one.example/simple ; platform_machine == 'x86_64'   (app/pyproject.toml line 43)",
    ]
    "#);
    assert_eq!(pins(&text, "+net").len(), 3);
}

#[test]
fn packages_that_are_pinned_to_a_source_of_poetry() {
    let text = "[tool.poetry]\nname = \"a\"\n[tool.poetry.dependencies]\nweb = { version = \"^1\", source = \"private\", \
                markers = \"sys_platform == 'linux'\" }\n[tool.poetry.group.dev.dependencies]\nthing = { version = \"*\", \
                source = \"PyPI\" }\n[[tool.poetry.source]]\nname = \"private\"\nurl = \"https://p.example/simple\"\n\
                priority = \"explicit\"\n[[tool.poetry.source]]\nname = \"pypi\"\n";
    assert_eq!(wants(text, "").lines().count(), 1);
    assert_debug_snapshot!(pins(text, ""), @r#"
    [
        "web from private https://p.example/simple ; sys_platform == 'linux'   (app/pyproject.toml line 4)",
        "thing from PyPI  ;    (app/pyproject.toml line 6)",
    ]
    "#);
}

#[test]
fn what_is_refused() {
    let dynamic = "[project]\nname = \"a\"\ndynamic = [\"version\", \"dependencies\"]\n";
    assert_snapshot!(wants(dynamic, ""), @r#"
    LP506: app/pyproject.toml line 3: the dependencies are dynamic, and only the project's build backend knows them
      dynamic = ["version", "dependencies"]
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^
      help: write them under [project], or lock them with `uv lock`: layerpack reads uv.lock
    "#);
    assert_snapshot!(wants(PROJECT, "@round"), @r#"
    LP504: app/pyproject.toml line 18: the group includes itself: round includes trip includes round
      trip = [{ include-group = "round" }]
              ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(wants(PROJECT, "@odd"), @r#"
    LP504: app/pyproject.toml line 19: a group holds requirements and { include-group = "NAME" }
      odd = [{ path = "." }]
             ^^^^^^^^^^^^^^
    "#);
    assert_snapshot!(wants(PROJECT, "@nope"), @"
    LP501: app/pyproject.toml: the project has no group `nope`
      help: it has odd, round, test, trip, type-checks
    ");
    assert_snapshot!(wants(PROJECT, "+nope"), @"
    LP316: app/pyproject.toml: the project has no extra `nope`
      help: it has all, big-data, net
    ");
    assert_snapshot!(wants(&PROJECT.replace("web[fast]>=1.2", "web >> 1"), ""), @"
    LP504: app/pyproject.toml line 5: `>> 1` is not a version specifier: no such comparison operator \">>\", must be one of ~= == != <= >= < > ===
      web >> 1
          ^^^^
    ");
    for (dependency, why) in [
        ("{ git = \"https://git.example/web\" }", "version control addresses are not supported"),
        ("\"^1 || ^4\"", "web may be of several ranges of versions"),
        ("\"banana\"", "web: `banana` is not a version constraint"),
        ("{ version = \"1\", markers = \"nonsense\" }", "web: the marker cannot be read"),
        ("{ path = \"../web\" }", "local project folders are not supported"),
        ("true", "web: a dependency is a version constraint or a table"),
    ] {
        let said = wants(&POETRY.replace("web = \"^1.2.3\"", &format!("web = {dependency}")), "");
        assert!(said.contains(&format!("app/pyproject.toml line 6: {why}")), "{dependency}: {said}");
    }
}

#[test]
fn what_cannot_be_read() {
    let said = |text: &[u8]| failed(&Project::parse(Path::new("pyproject.toml"), text).expect_err("not TOML"));
    assert_snapshot!(said(b"[project]\ndependencies = [\n  \"web\n"), @r#"
    LP504: pyproject.toml line 3: unclosed array, expected `]`
      "web
          ^
    "#);
    assert_snapshot!(said(b"[project]\ndependencies = \"web\"\n"), @r#"
    LP504: pyproject.toml line 2: invalid type: string "web", expected a sequence
      dependencies = "web"
                     ^
    "#);
    assert_snapshot!(said(b"[project]\nname = \"\xff\"\n"), @r#"
    LP504: pyproject.toml line 2: is not UTF-8
      name = "
              ^
    "#);
}
