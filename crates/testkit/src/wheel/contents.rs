//! The text of a wheel's dist-info folder: METADATA, WHEEL, `entry_points.txt` and RECORD.

use std::{collections::BTreeMap, fmt::Write as _};

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest as _, Sha256};

use super::{RecordChange, WheelBuilder, WheelFile};

impl WheelBuilder {
    /// The bytes of METADATA, replaced ones if they were.
    #[must_use]
    pub fn metadata(&self) -> Vec<u8> {
        if let Some(bytes) = self.replaced.get("METADATA") {
            return bytes.clone();
        }
        let mut text = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", self.name, self.version);
        let mut line = |key: &str, value: &str| writeln!(text, "{key}: {value}").expect("writing to memory");
        if let Some(specifiers) = &self.requires_python {
            line("Requires-Python", specifiers);
        }
        for requirement in &self.requires {
            line("Requires-Dist", requirement);
        }
        for (extra, requirements) in &self.extras {
            line("Provides-Extra", extra);
            for requirement in requirements {
                line("Requires-Dist", &with_extra(requirement, extra));
            }
        }
        for header in &self.metadata_lines {
            text.push_str(header);
            text.push('\n');
        }
        text.into_bytes()
    }

    pub(super) fn all_files(&self) -> Vec<WheelFile> {
        let folder = self
            .dist_info
            .clone()
            .unwrap_or_else(|| format!("{}-{}.dist-info", self.escaped_name(), self.escaped_version()));
        let mut dist_info = BTreeMap::from([("METADATA", self.metadata()), ("WHEEL", self.wheel_file())]);
        if !self.scripts.is_empty() || !self.gui_scripts.is_empty() {
            dist_info.insert("entry_points.txt", self.entry_points());
        }
        for (file, bytes) in self.replaced.iter().filter(|(file, _)| *file != "RECORD") {
            dist_info.insert(file, bytes.clone());
        }

        let mut files = self.files.clone();
        for (file, bytes) in dist_info.into_iter().filter(|(file, _)| !self.dropped.contains(*file)) {
            files.push(WheelFile { path: format!("{folder}/{file}"), bytes, mode: 0o644 });
        }
        if !self.dropped.contains("RECORD") {
            let path = format!("{folder}/RECORD");
            let bytes = self.replaced.get("RECORD").cloned().unwrap_or_else(|| self.record(&files, &path));
            // The wheel project writes RECORD group-writable: a mode that a layer must not keep.
            files.push(WheelFile { path, bytes, mode: 0o664 });
        }
        files
    }

    fn record(&self, files: &[WheelFile], own_path: &str) -> Vec<u8> {
        let lines = files.iter().map(|file| {
            let digest = BASE64URL_NOPAD.encode(&Sha256::digest(&file.bytes));
            (file.path.as_str(), format!("{},sha256={digest},{}", csv_field(&file.path), file.bytes.len()))
        });
        let own = (own_path, format!("{},,", csv_field(own_path)));

        let mut changes = self.record.clone();
        let mut text = String::new();
        for (path, line) in lines.chain([own]) {
            match changes.remove(path) {
                Some(RecordChange::Absent) => continue,
                Some(RecordChange::Line(line)) => text.push_str(&line),
                None => text.push_str(&line),
            }
            text.push('\n');
        }
        for change in changes.into_values() {
            if let RecordChange::Line(line) = change {
                text.push_str(&line);
                text.push('\n');
            }
        }
        text.into_bytes()
    }

    fn wheel_file(&self) -> Vec<u8> {
        let pure = self.root_is_purelib.unwrap_or_else(|| self.tag.ends_with("-any"));
        let mut text = format!("Wheel-Version: {}\nGenerator: testkit\nRoot-Is-Purelib: {pure}\n", self.wheel_version);
        let mut parts = self.tag.splitn(3, '-').map(|part| part.split('.').collect::<Vec<_>>());
        let (pythons, abis, platforms) =
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        for python in &pythons {
            for abi in &abis {
                for platform in &platforms {
                    writeln!(text, "Tag: {python}-{abi}-{platform}").expect("writing to memory");
                }
            }
        }
        if let Some(build) = &self.build_tag {
            writeln!(text, "Build: {build}").expect("writing to memory");
        }
        text.into_bytes()
    }

    fn entry_points(&self) -> Vec<u8> {
        let groups = [("console_scripts", &self.scripts), ("gui_scripts", &self.gui_scripts)];
        let sections = groups.iter().filter(|(_, scripts)| !scripts.is_empty());
        let sections = sections.map(|(group, scripts)| format!("[{group}]\n{}\n", scripts.join("\n")));
        sections.collect::<Vec<_>>().join("\n").into_bytes()
    }
}

fn with_extra(requirement: &str, extra: &str) -> String {
    // The space ends a URL, which may itself hold a semicolon.
    match requirement.split_once(';') {
        Some((what, marker)) => format!("{} ; ({}) and extra == \"{extra}\"", what.trim(), marker.trim()),
        None => format!("{requirement} ; extra == \"{extra}\""),
    }
}

fn csv_field(path: &str) -> String {
    if path.contains([',', '"', '\n', '\r']) { format!("\"{}\"", path.replace('"', "\"\"")) } else { path.to_owned() }
}
