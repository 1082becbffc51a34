//! Where a module stands: its dotted name, which relative imports start from, and the Python that imports it.

/// Where a module stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Its dotted name, `numpy._core.multiarray`.
    pub name: &'a str,
    /// It is a package's `__init__`.
    pub package: bool,
    /// The Python that imports it, `(3, 12)`.
    pub python: (u8, u8),
}

impl Place<'_> {
    /// `__package__`.
    pub(super) fn package_name(&self) -> &str {
        if self.package { self.name } else { self.name.rsplit_once('.').map_or("", |(package, _)| package) }
    }

    /// The absolute name of a module imported with this many leading dots; `None` where they lead out of the package.
    pub(super) fn resolve(&self, level: u32, name: &str) -> Option<String> {
        match level {
            0 => Some(name.to_owned()),
            _ => relative(self.package_name(), usize::try_from(level).ok()?, name),
        }
    }
}

/// The absolute name of a module below a package, or below one of its parents for each dot after the first.
pub(super) fn relative(package: &str, level: usize, name: &str) -> Option<String> {
    let mut base = package;
    for _ in 1..level {
        base = base.rsplit_once('.')?.0;
    }
    match (base, name) {
        ("", _) => None,
        (base, "") => Some(base.to_owned()),
        (base, name) => Some(format!("{base}.{name}")),
    }
}
