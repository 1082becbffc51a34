//! JSON to [`PipfileLock`].

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::{Origin, Package, PipfileLock, Source};
use crate::lock::entry::{Entry, unreadable};
use crate::lock::error::LockError;
use crate::source_text::{SourceText, TextFault};

/// The one version of the format that pipenv ever wrote since it was released.
const SPEC: u64 = 6;

impl PipfileLock {
    /// Reads a lock from its bytes; `file` is for messages and relative paths.
    ///
    /// # Errors
    ///
    /// When it is not UTF-8, not JSON, of another `pipfile-spec` than 6, or not a sound lock.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self, LockError> {
        let (source, fault) = SourceText::decode(file, bytes);
        if let Some(fault) = fault {
            return Err(unreadable(&source, fault));
        }
        let document: Map<String, Value> =
            serde_json::from_str(&source.text).map_err(|error| unreadable(&source, fault_of(&source, &error)))?;
        let top = Entry::top(&source);
        let meta =
            document.get("_meta").and_then(Value::as_object).ok_or_else(|| top.invalid("_meta", "is missing"))?;
        let spec = meta.get("pipfile-spec").unwrap_or(&Value::Null);
        if spec.as_u64() != Some(SPEC) {
            let place = source.place(source.text.find("\"pipfile-spec\"").unwrap_or_default());
            return Err(LockError::Version { place, key: "pipfile-spec", found: spec.to_string(), reads: "6" });
        }
        let places = Places::of(&source.text, &document);
        let mut categories = BTreeMap::new();
        for (category, packages) in document.iter().filter(|(key, _)| *key != "_meta") {
            let table = packages.as_object().ok_or_else(|| top.invalid("category", "is no table of packages"))?;
            let mut read = Vec::with_capacity(table.len());
            for (name, package) in table {
                let at = places.of_package(category, name);
                read.push(Entry { source: &source, at, package: Some(name.clone()) }.pipfile_package(name, package)?);
            }
            categories.insert(top.read("category", category)?, read);
        }
        let python = meta.get("requires").and_then(|requires| {
            let version = requires.get("python_version").or_else(|| requires.get("python_full_version"))?.as_str()?;
            Some(version.split('.').take(2).collect::<Vec<_>>().join("."))
        });
        let source_of = |value: &Value| {
            let text = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
            Some(Source { name: text("name").unwrap_or_default(), url: text("url")? })
        };
        let sources = meta.get("sources").and_then(Value::as_array).into_iter().flatten();
        Ok(Self {
            file: file.to_path_buf(),
            hash: meta.get("hash").and_then(|hash| hash.get("sha256")).and_then(Value::as_str).map(str::to_owned),
            python,
            sources: sources.filter_map(source_of).collect(),
            categories,
        })
    }
}

/// The place of a JSON error as an offset.
fn fault_of(source: &SourceText<'_>, error: &serde_json::Error) -> TextFault {
    let line_start = source.start_of(error.line());
    let message = error.to_string();
    let why = message.split(" at line ").next().unwrap_or_default().to_owned();
    TextFault { at: (line_start + error.column().saturating_sub(1)).min(source.text.len()), why }
}

impl Entry<'_> {
    fn pipfile_package(&self, name: &str, package: &Value) -> Result<Package, LockError> {
        let table = package.as_object().ok_or_else(|| self.invalid("package", "is no table"))?;
        let text = |key: &'static str| match table.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(self.invalid(key, "is no text")),
        };
        let texts = |key: &'static str| -> Result<Vec<String>, LockError> {
            let items = table.get(key).map_or(Some([].as_slice()), |value| value.as_array().map(Vec::as_slice));
            let items = items.and_then(|items| items.iter().map(|item| item.as_str().map(str::to_owned)).collect());
            items.ok_or_else(|| self.invalid(key, "is no list of texts"))
        };
        let mut origin = match (text("path")?, text("file")?) {
            (Some(path), _) => Origin::Path(path),
            (None, Some(file)) => Origin::File(file),
            (None, None) => Origin::Index,
        };
        for key in ["git", "hg", "svn", "bzr"] {
            if let Some(url) = text(key)? {
                origin = Origin::VersionControl(format!("{key} {url}"));
            }
        }
        Ok(Package {
            name: self.read("name", name)?,
            version: text("version")?,
            extras: self.names("extras", &texts("extras")?)?,
            hashes: texts("hashes")?,
            condition: self.condition("markers", text("markers")?.as_deref())?,
            index: text("index")?,
            origin,
            place: self.place(),
        })
    }
}

/// Where the packages of a lock stand in its text: JSON readers do not tell.
struct Places<'a>(BTreeMap<(&'a str, &'a str), usize>);

impl<'a> Places<'a> {
    /// Every key that is followed by a table, in the category that came last before it.
    fn of(text: &'a str, document: &Map<String, Value>) -> Self {
        let mut places = BTreeMap::new();
        let mut category = "";
        let mut at = 0;
        while let Some(start) = text.get(at..).and_then(|rest| rest.find('"')).map(|found| at + found) {
            let rest = text.get(start + 1..).unwrap_or_default();
            let Some(length) = rest.find('"') else { break };
            let (key, after) = rest.split_at(length);
            at = start + length + 2;
            let after = after.trim_start_matches('"').trim_start();
            if !after.strip_prefix(':').is_some_and(|after| after.trim_start().starts_with('{')) {
                continue;
            }
            if document.contains_key(key) {
                category = key;
            } else {
                places.entry((category, key)).or_insert(start);
            }
        }
        Self(places)
    }

    fn of_package(&self, category: &str, name: &str) -> usize {
        self.0.get(&(category, name)).copied().unwrap_or_default()
    }
}
