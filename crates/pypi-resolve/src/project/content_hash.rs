//! Digests by which locks know the project file that they were made from, as Poetry and pipenv compute them.

use std::collections::BTreeMap;

use wheel_archive::Sha256;
use wheel_tags::DistName;

use super::Project;
use super::python_json::{PythonJson, Separators};

/// What Poetry takes from `[tool.poetry]`; the first four count as `null` where they are missing.
const POETRY_KEYS: [&str; 5] = ["dependencies", "source", "extras", "dev-dependencies", "group"];
/// What Poetry takes from `[project]`.
const PROJECT_KEYS: [&str; 3] = ["requires-python", "dependencies", "optional-dependencies"];
/// Tables of a Pipfile that are no category of packages.
const PIPFILE_TABLES: [&str; 9] =
    ["source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop"];

impl Project {
    /// The `content-hash`es that Poetry would give the file: from 2.3 on, from 2.0 on, and before. `None` where Python
    /// would write something of it in its own way.
    pub(crate) fn poetry_hashes(&self) -> Option<Vec<String>> {
        let document: toml::Table = self.source.toml().ok()?;
        let table = |parent: &toml::Table, key: &str| {
            parent.get(key).and_then(toml::Value::as_table).cloned().unwrap_or_default()
        };
        let project = table(&document, "project");
        let groups = table(&document, "dependency-groups");
        let poetry = table(&table(&document, "tool"), "poetry");

        let mut standard = BTreeMap::new();
        for key in PROJECT_KEYS {
            if let Some(value) = project.get(key) {
                standard.insert(key.to_owned(), PythonJson::of(value)?);
            }
        }
        let of_poetry = |with_null: bool| -> Option<BTreeMap<String, PythonJson>> {
            let mut relevant = BTreeMap::new();
            for key in POETRY_KEYS {
                match poetry.get(key) {
                    Some(value) => _ = relevant.insert(key.to_owned(), PythonJson::of(value)?),
                    None if with_null && key != "group" => _ = relevant.insert(key.to_owned(), PythonJson::Null),
                    None => {}
                }
            }
            Some(relevant)
        };
        let digest = |json: BTreeMap<String, PythonJson>| {
            Sha256::of(PythonJson::Table(json).dumps(Separators(", ", ": ")).as_bytes()).to_string()
        };
        let with_standard = |with_groups: bool| -> Option<String> {
            let with_groups = with_groups && !groups.is_empty();
            if standard.is_empty() && !with_groups {
                return Some(digest(of_poetry(true)?));
            }
            let mut relevant = BTreeMap::new();
            if !standard.is_empty() {
                relevant.insert("project".to_owned(), PythonJson::Table(standard.clone()));
            }
            if with_groups {
                relevant.insert("dependency-groups".to_owned(), PythonJson::of_table(&groups)?);
            }
            let poetry = BTreeMap::from([("poetry".to_owned(), PythonJson::Table(of_poetry(false)?))]);
            relevant.insert("tool".to_owned(), PythonJson::Table(poetry));
            Some(digest(relevant))
        };
        Some(vec![with_standard(true)?, with_standard(false)?, digest(of_poetry(true)?)])
    }
}

/// The digests that pipenv would give a Pipfile: with names as written, and normalised. `None` where it is no TOML, or
/// Python would write something of it in its own way.
pub(crate) fn pipfile_hashes(text: &str, default_source: &str) -> Option<Vec<String>> {
    let document: toml::Table = text.parse().ok()?;
    let normalised = |name: &str| name.parse().map_or_else(|_| name.to_owned(), |name: DistName| name.to_string());
    let section = |key: &str, normalise: bool| -> Option<PythonJson> {
        let Some(table) = document.get(key) else { return Some(PythonJson::Table(BTreeMap::new())) };
        match PythonJson::of(table)? {
            PythonJson::Table(entries) if normalise => {
                Some(PythonJson::Table(entries.into_iter().map(|(name, value)| (normalised(&name), value)).collect()))
            }
            other => Some(other),
        }
    };
    let sources = match document.get("source") {
        Some(sources) => PythonJson::of(sources)?,
        None => PythonJson::List(vec![PythonJson::Table(BTreeMap::from([
            ("name".to_owned(), PythonJson::Text("pypi".to_owned())),
            ("url".to_owned(), PythonJson::Text(default_source.trim_end_matches('/').to_owned())),
            ("verify_ssl".to_owned(), PythonJson::Bool(true)),
        ]))]),
    };
    let hash = |normalise: bool| -> Option<String> {
        let meta = BTreeMap::from([
            ("sources".to_owned(), sources.clone()),
            ("requires".to_owned(), section("requires", false)?),
        ]);
        let mut data = BTreeMap::from([
            ("_meta".to_owned(), PythonJson::Table(meta)),
            ("default".to_owned(), section("packages", normalise)?),
            ("develop".to_owned(), section("dev-packages", normalise)?),
        ]);
        for category in document.keys().filter(|key| !PIPFILE_TABLES.contains(&key.as_str())) {
            data.insert(category.clone(), section(category, normalise)?);
        }
        Some(Sha256::of(PythonJson::Table(data).dumps(Separators(",", ":")).as_bytes()).to_string())
    };
    Some(vec![hash(false)?, hash(true)?])
}
