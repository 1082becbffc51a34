//! What these tests are made of: targets, an index in memory, and how a lock's answer is shown.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use lambda_compat::{Arch, Origin, Target};
use pypi_resolve::index::{IndexError, IndexFile, Project as Page, Source};
use pypi_resolve::lock::{LockError, LockedSet, Selection};
use pypi_resolve::resolve::{LocalWheel, Packages, Resolution};
use testkit::slashed;
use wheel_archive::{Metadata, Sha256};
use wheel_tags::DistName;

pub(crate) fn name(text: &str) -> DistName {
    text.parse().expect("a name")
}

/// `python3.12 x86_64`
pub(crate) fn target(text: &str) -> Target {
    let (runtime, arch) = text.split_once(' ').expect("a runtime and an architecture");
    let arch: Arch = arch.parse().expect("an architecture");
    Target::new(runtime.parse().expect("a runtime"), arch)
}

/// `+extra`, `@group`, `-group`, `=member`, separated by blanks; `+*` and `@*` are all that there are.
pub(crate) fn selection(text: &str) -> Selection {
    let mut selection = Selection::default();
    for part in text.split_whitespace() {
        let (kind, part) = part.split_at(1);
        match kind {
            "+" if part == "*" => selection.all_extras = true,
            "@" if part == "*" => selection.all_groups = true,
            "-" => _ = selection.without_groups.insert(name(part)),
            "+" => _ = selection.extras.insert(name(part)),
            "@" => _ = selection.groups.insert(name(part)),
            _ => selection.member = Some(name(part)),
        }
    }
    selection
}

/// The digest that a file of this name has in these tests.
pub(crate) fn digest(filename: &str) -> Sha256 {
    Sha256::of(filename.as_bytes())
}

/// A lock's text, in which `SHA(name)` stands for a digest.
pub(crate) fn with_digests(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("SHA(") {
        let (filename, after) = after.split_once(')').expect("SHA( is closed");
        out.push_str(before);
        out.push_str(&digest(filename).to_string());
        rest = after;
    }
    out + rest
}

/// A page for each project, with the files that are named.
#[derive(Default)]
pub(crate) struct Pages(BTreeMap<DistName, Vec<IndexFile>>);

impl Pages {
    pub(crate) fn of(filenames: &[&str]) -> Self {
        let mut pages = Self::default();
        for filename in filenames {
            let wheel: wheel_tags::WheelFilename = filename.parse().expect("a wheel's name");
            let url = format!("https://files.index.example/{filename}");
            let mut file = IndexFile::wheel(wheel.clone(), url, Origin::PublicIndex);
            file.sha256 = Some(digest(filename));
            pages.0.entry(wheel.name).or_default().push(file);
        }
        pages
    }

    /// Changes what the page says of a file.
    pub(crate) fn edit(mut self, filename: &str, change: impl FnOnce(&mut IndexFile)) -> Self {
        let mut files = self.0.values_mut().flatten();
        change(files.find(|file| *file.filename == *filename).expect("a file that was added"));
        self
    }
}

impl Packages for Pages {
    fn project(&self, name: &DistName) -> Result<Arc<Page>, IndexError> {
        let files = self.0.get(name).cloned();
        let files = files.ok_or_else(|| IndexError::UnknownProject { name: name.clone(), asked: Vec::new() })?;
        let from = Source::Index("https://index.example/simple/".to_owned());
        Ok(Arc::new(Page { name: name.clone(), files, from, earlier_first: false }))
    }

    fn metadata(&self, _: &IndexFile) -> Result<Arc<Metadata>, IndexError> {
        unreachable!("a lock needs no METADATA")
    }
}

/// Every pin with its wheel, where it comes from and the start of its digest; then the notes.
pub(crate) fn shown(resolution: &Resolution) -> String {
    let mut lines: Vec<String> = resolution
        .pins
        .iter()
        .map(|pin| {
            let known = pin.sha256 == Some(digest(pin.wheel.as_str()));
            let digest = if known { "" } else { " (another digest)" };
            let needs: Vec<&str> = pin.dependencies.iter().map(DistName::as_str).collect();
            let needs = if needs.is_empty() { String::new() } else { format!(" needs {}", needs.join(", ")) };
            format!("{}{digest}{needs}", pin.wheel)
        })
        .collect();
    lines.extend(resolution.notes.iter().map(|note| format!("{}: {}", note.severity, note.message)));
    lines.join("\n")
}

/// What a set comes to, or the error with its code and help.
pub(crate) fn outcome(set: Result<LockedSet, LockError>, pages: &Pages) -> String {
    match set.and_then(|set| set.resolution(pages)) {
        Ok(resolution) => shown(&resolution),
        Err(error) => failed(&error),
    }
}

pub(crate) fn failed(error: &LockError) -> String {
    let help = error.help().map(|help| format!("\n  help: {help}")).unwrap_or_default();
    slashed(&format!("{}: {error}{help}", error.code()))
}

/// A wheel on disk.
pub(crate) fn local(filename: &str, requires: &[&str]) -> LocalWheel {
    let wheel: wheel_tags::WheelFilename = filename.parse().expect("a wheel's name");
    let metadata = Metadata {
        name: wheel.name.clone(),
        version: wheel.version.clone(),
        requires_python: None,
        unreadable_requires_python: None,
        requires_dist: requires.iter().map(|&text| text.to_owned()).collect(),
        extras: Vec::new(),
    };
    LocalWheel {
        path: PathBuf::from("src").join(filename),
        sha256: digest(filename),
        size: 1000,
        metadata: Arc::new(metadata),
        filename: wheel,
    }
}
