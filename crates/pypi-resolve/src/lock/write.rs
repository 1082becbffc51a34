//! [`PyLock`] to TOML, so that a change of one wheel is a change of one line.

use std::fmt::{self, Write as _};

use super::pylock::{LockedPackage, LockedWheel, PyLock, WheelPlace};

impl PyLock {
    /// The text of the lock: keys in the order of the specification, packages and wheels sorted, one wheel to a line.
    /// It depends on nothing but the lock.
    #[must_use]
    pub fn write(&self) -> String {
        self.to_string()
    }
}

/// What [`PyLock::write`] gives.
impl fmt::Display for PyLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lock-version = \"1.0\"")?;
        let mut environments: Vec<String> =
            self.environments.iter().filter_map(pep508_rs::MarkerTree::try_to_string).collect();
        environments.sort_unstable();
        if !environments.is_empty() {
            let quoted: Vec<String> = environments.iter().map(|marker| quoted(marker)).collect();
            writeln!(f, "environments = [{}]", quoted.join(", "))?;
        }
        if let Some(specifiers) = &self.requires_python {
            writeln!(f, "requires-python = {}", quoted(&spelt(specifiers)))?;
        }
        writeln!(f, "created-by = {}", quoted(&self.created_by))?;
        if self.packages.is_empty() {
            writeln!(f, "packages = []")?;
        }
        let mut packages: Vec<&LockedPackage> = self.packages.iter().collect();
        packages.sort_by_key(|package| (&package.name, &package.version, package.marker.try_to_string()));
        packages.into_iter().try_for_each(|package| write_package(f, package))?;
        write_tool(f, self)
    }
}

fn write_package(f: &mut fmt::Formatter<'_>, package: &LockedPackage) -> fmt::Result {
    writeln!(f, "\n[[packages]]\nname = {}", quoted(package.name.as_str()))?;
    if let Some(version) = &package.version {
        writeln!(f, "version = {}", quoted(&version.to_string()))?;
    }
    if let Some(marker) = package.marker.try_to_string() {
        writeln!(f, "marker = {}", quoted(&marker))?;
    }
    if let Some(specifiers) = &package.requires_python {
        writeln!(f, "requires-python = {}", quoted(&spelt(specifiers)))?;
    }
    let mut dependencies: Vec<_> = package.dependencies.iter().collect();
    dependencies.sort_unstable();
    dependencies.dedup();
    if !dependencies.is_empty() {
        writeln!(f, "dependencies = [")?;
        for dependency in dependencies {
            write!(f, "    {{ name = {}", quoted(dependency.name.as_str()))?;
            if let Some(version) = &dependency.version {
                write!(f, ", version = {}", quoted(&version.to_string()))?;
            }
            writeln!(f, " }},")?;
        }
        writeln!(f, "]")?;
    }
    if let Some(index) = &package.index {
        writeln!(f, "index = {}", quoted(index))?;
    }
    let mut wheels: Vec<&LockedWheel> = package.wheels.iter().collect();
    wheels.sort_by(|a, b| (a.filename.as_str(), &a.place).cmp(&(b.filename.as_str(), &b.place)));
    writeln!(f, "wheels = [")?;
    wheels.into_iter().try_for_each(|wheel| write_wheel(f, wheel))?;
    writeln!(f, "]")
}

fn write_wheel(f: &mut fmt::Formatter<'_>, wheel: &LockedWheel) -> fmt::Result {
    write!(f, "    {{ name = {}", quoted(wheel.filename.as_str()))?;
    if let Some(time) = &wheel.upload_time {
        write!(f, ", upload-time = {time}")?;
    }
    match &wheel.place {
        WheelPlace::Url(url) => write!(f, ", url = {}", quoted(url))?,
        WheelPlace::Path(path) => write!(f, ", path = {}", quoted(path))?,
    }
    if let Some(size) = wheel.size {
        write!(f, ", size = {size}")?;
    }
    writeln!(f, ", hashes = {{ sha256 = \"{}\" }} }},", wheel.sha256)
}

fn write_tool(f: &mut fmt::Formatter<'_>, lock: &PyLock) -> fmt::Result {
    if lock.targets.is_empty() && lock.digest.is_none() && lock.options.is_empty() {
        return Ok(());
    }
    let mut targets = lock.targets.clone();
    targets.sort_unstable();
    targets.dedup();
    writeln!(f, "\n[tool.layerpack]\ntargets = [")?;
    for target in targets {
        writeln!(f, "    {{ runtime = \"{}\", arch = \"{}\" }},", target.runtime.name, target.arch)?;
    }
    writeln!(f, "]")?;
    if let Some(digest) = &lock.digest {
        writeln!(f, "digest = {}", quoted(digest))?;
    }
    if lock.options.is_empty() {
        return Ok(());
    }
    let options: Vec<String> =
        lock.options.iter().map(|(key, value)| format!("{} = {}", key_of(key), quoted(value))).collect();
    writeln!(f, "options = {{ {} }}", options.join(", "))
}

/// `>=3.8,<4`, without the space that `pep440_rs` puts behind the comma.
fn spelt(specifiers: &pep440_rs::VersionSpecifiers) -> String {
    specifiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// A TOML key, bare where it can be.
fn key_of(text: &str) -> String {
    let bare = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if bare { text.to_owned() } else { quoted(text) }
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
