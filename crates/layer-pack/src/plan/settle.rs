//! Two packages, one path.

use lambda_compat::{Code, Finding};
use wheel_tags::DistName;

use super::error::bring;
use super::{Entry, PlanError};
use crate::{LayerPath, Layout};

/// Who has the path.
pub(super) struct Settled<'a> {
    pub(super) entry: Entry<'a>,
    /// The packages, beside the entry's own, whose file this is as well: it stands in the RECORD of each.
    pub(super) others: Vec<&'a DistName>,
    pub(super) finding: Option<Box<Finding>>,
}

/// Settles all claims, which come sorted by path, and those to one path in this order: the layer's source, then the
/// packages by name.
pub(super) fn settle(claims: Vec<Entry<'_>>, layout: Layout) -> Result<Vec<Settled<'_>>, PlanError> {
    let mut settled: Vec<Settled<'_>> = Vec::with_capacity(claims.len());
    let mut claims = claims.into_iter().peekable();
    while let Some(first) = claims.next() {
        let rivals: Vec<Entry<'_>> = std::iter::from_fn(|| claims.next_if(|claim| claim.path == first.path)).collect();
        settled.push(settle_one(first, rivals, layout)?);
    }
    Ok(settled)
}

/// Settles the claims to one path.
///
/// Identical bytes are one file. Different bytes are an error where one of the two would be imported in place of the
/// other; elsewhere (licences, READMEs, tests, documentation) the first wins, and that is said. So it is for two
/// `__init__.py` that both do nothing but declare a namespace, which old packages (`google`, `azure`, `zope`) spell in
/// many ways: either serves both.
fn settle_one<'a>(first: Entry<'a>, rivals: Vec<Entry<'a>>, layout: Layout) -> Result<Settled<'a>, PlanError> {
    let mut others: Vec<&DistName> = Vec::new();
    let mut losers = Vec::new();
    for claim in rivals {
        if claim.content.sha256() == first.content.sha256() {
            others.extend(claim.package.filter(|package| Some(*package) != first.package));
        } else if is_importable(&first.path, layout) && !(declares_namespace(&first)? && declares_namespace(&claim)?) {
            return Err(PlanError::Conflict {
                path: first.path.clone(),
                first: first.owner(layout),
                second: claim.owner(layout),
            });
        } else {
            losers.push(claim.owner(layout));
        }
    }
    others.dedup();
    let finding = (!losers.is_empty()).then(|| {
        let owner = first.owner(layout);
        let message =
            format!("{} here; the {} holds that of {owner}", bring(&owner, &losers.join(", ")), layout.word());
        Box::new(Finding::warning(Code::PathConflict, message).at(first.path.as_str()))
    });
    Ok(Settled { entry: first, others, finding })
}

/// Code that `import` may find, outside of folders that nobody imports in a function.
fn is_importable(path: &LayerPath, layout: Layout) -> bool {
    const ASIDE: [&str; 6] = ["test", "tests", "doc", "docs", "example", "examples"];
    const NO_PACKAGES: [&str; 2] = ["bin/", "include/"];
    let Some(below) = path.below_sys_path(layout) else { return false };
    let name = path.file_name();
    let is_code = [".py", ".pyc", ".so", ".pyd"].iter().any(|suffix| name.ends_with(suffix)) || name.contains(".so.");
    is_code
        && !NO_PACKAGES.iter().any(|folder| below.starts_with(folder))
        && !below.split('/').any(|component| ASIDE.contains(&component.to_ascii_lowercase().as_str()))
}

/// An `__init__.py` whose every statement makes its package a namespace in one of the two ways from before PEP 420:
/// <https://packaging.python.org/en/latest/guides/packaging-namespace-packages/>.
fn declares_namespace(entry: &Entry<'_>) -> Result<bool, PlanError> {
    /// Bytes of an `__init__.py` that may be nothing but a declaration.
    const LONGEST: u64 = 4096;
    if entry.path.file_name() != "__init__.py" || entry.content.size() > LONGEST {
        return Ok(false);
    }
    let bytes = entry.content.read()?;
    let mut declares = false;
    for line in String::from_utf8_lossy(&bytes).lines().map(str::trim) {
        let is_declaration =
            ["declare_namespace(__name__)", "extend_path(__path__, __name__)"].iter().any(|call| line.ends_with(call));
        let is_beside = line.is_empty()
            || line.starts_with('#')
            || [
                "try:",
                "except ImportError:",
                "import pkg_resources",
                "import pkgutil",
                "from pkgutil import extend_path",
            ]
            .contains(&line);
        if !is_declaration && !is_beside {
            return Ok(false);
        }
        declares |= is_declaration;
    }
    Ok(declares)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wheel_archive::EntryPath;

    #[test]
    fn code_counts_outside_of_tests_docs_and_examples() {
        let importable = |path: &str| {
            let path: EntryPath = path.parse().expect("a plain path");
            is_importable(&path.into(), Layout::Layer)
        };
        for path in
            ["python/a/__init__.py", "python/a.cpython-312.so", "python/a.libs/libx-1.so.3", "python/testing.py"]
        {
            assert!(importable(path), "{path}");
        }
        for path in [
            "python/tests/__init__.py",
            "python/a/Tests/x.py",
            "python/docs/conf.py",
            "python/examples/x.py",
            "python/LICENSE",
            "python/a/py.typed",
            "python/bin/tool.py",
            "python/include/python/a/a.py",
            "lib/libgomp.so.1",
        ] {
            assert!(!importable(path), "{path}");
        }
    }
}
