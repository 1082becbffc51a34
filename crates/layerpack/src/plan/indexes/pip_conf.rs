//! pip's configuration files. <https://pip.pypa.io/en/stable/topics/configuration/>
//!
//! Parsing only; which files there are is in `files`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::plan::indexes::place::{Access, Choosing, FileOption, Link, Named, Place, Said};

/// The options of one or several files; what is read later counts.
#[derive(Default, Clone)]
pub(super) struct PipConf {
    /// By name with hyphens; a value with where it stands.
    options: BTreeMap<String, Value>,
    /// In the order of reading.
    files: Vec<String>,
}

#[derive(Default, Clone)]
struct Value {
    text: String,
    file: String,
    line: usize,
    /// `[global]` gives way to the sections of commands.
    section: Section,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    #[default]
    Global,
    Download,
    Install,
}

/// What cannot be read, without the text of the line, which may be a password.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) line: usize,
    pub(super) why: &'static str,
}

impl PipConf {
    /// Adds the options of a file to those before it.
    pub(super) fn read(&mut self, file: &str, text: &str) -> Result<(), Unreadable> {
        let own = parse(file, text)?;
        if !own.is_empty() {
            self.files.push(file.to_owned());
        }
        self.options.extend(own);
        Ok(())
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.options.get(name).map(|value| value.text.trim()).filter(|text| !text.is_empty())
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.text(name).into_iter().flat_map(str::split_whitespace).map(str::to_owned).collect()
    }

    fn said(&self, name: &str, url: &str) -> Said {
        let value = self.options.get(name);
        Said { file: value.map(|v| v.file.clone()), line: value.map(|v| v.line), ..Said::new(url) }
    }

    /// Whether a switch is on, in the words of pip.
    fn flag(&self, name: &str) -> bool {
        self.text(name)
            .is_some_and(|v| matches!(v.to_ascii_lowercase().as_str(), "1" | "true" | "yes" | "on" | "y" | "t"))
    }

    /// What it says of indexes.
    pub(super) fn place(&self) -> Place {
        let path = |name: &str| self.text(name).map(PathBuf::from);
        let text = |name: &str| self.text(name).map(str::to_owned);
        let name = self.files.join(" and ");
        Place {
            name: name.clone(),
            named: Named {
                default: self.text("index-url").map(|url| self.said("index-url", url)),
                after: self.list("extra-index-url").iter().map(|url| self.said("extra-index-url", url)).collect(),
                no_index: self.flag("no-index"),
                ..Named::default()
            },
            links: Link::all(self.list("find-links"), &name, true),
            access: Access {
                keyring: text("keyring-provider"),
                trusted_hosts: self.list("trusted-host"),
                cert: path("cert"),
                client_cert: path("client-cert"),
                proxy: text("proxy"),
                timeout: text("timeout").or_else(|| text("default-timeout")),
                retries: text("retries"),
                ..Access::default()
            },
            choosing: Choosing {
                pre: self.flag("pre"),
                require_hashes: self.flag("require-hashes"),
                uploaded_prior_to: self.options.get("uploaded-prior-to").filter(|v| !v.text.is_empty()).map(|value| {
                    FileOption { option: format!("uploaded-prior-to of {}", value.file), text: value.text.clone() }
                }),
                ..Choosing::default()
            },
        }
    }
}

/// The options of the sections that count, as Python's configparser reads them.
fn parse(file: &str, text: &str) -> Result<BTreeMap<String, Value>, Unreadable> {
    let mut options: BTreeMap<String, Value> = BTreeMap::new();
    // `None` before the first section; within, whether it counts.
    let mut section: Option<Option<Section>> = None;
    let mut last: Option<String> = None;
    for (line, raw) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let trimmed = raw.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if raw.starts_with([' ', '\t'])
            && let Some(name) = &last
        {
            if let Some(value) = options.get_mut(name).filter(|_| section.flatten().is_some()) {
                value.text.push('\n');
                value.text.push_str(trimmed);
            }
            continue;
        }
        if let Some(header) = trimmed.strip_prefix('[') {
            let Some((name, _)) = header.split_once(']') else {
                return Err(Unreadable { line, why: "a section that is not closed with `]`" });
            };
            section = Some(match name.trim() {
                "global" => Some(Section::Global),
                "download" => Some(Section::Download),
                "install" => Some(Section::Install),
                _ => None,
            });
            last = None;
            continue;
        }
        let Some(counts) = section else {
            return Err(Unreadable { line, why: "an option before the first [section]" });
        };
        let Some(at) = trimmed.find(['=', ':']) else {
            return Err(Unreadable { line, why: "neither `name = value` nor a [section]" });
        };
        let name = trimmed.get(..at).unwrap_or_default().trim().to_ascii_lowercase().replace('_', "-");
        let text = trimmed.get(at + 1..).unwrap_or_default().trim().to_owned();
        last = Some(name.clone());
        let Some(section) = counts else { continue };
        if options.get(&name).is_some_and(|known| known.section > section) {
            // What follows it would be taken for more of the other section's value.
            last = Some(String::new());
            continue;
        }
        options.insert(name, Value { text, file: file.to_owned(), line, section });
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conf(text: &str) -> PipConf {
        let mut conf = PipConf::default();
        conf.read("pip.conf", text).expect("a pip.conf");
        conf
    }

    #[test]
    fn sections_comments_and_several_lines() {
        let conf = conf(
            "# of the company\n[global]\nindex_url = https://a/simple\nEXTRA-INDEX-URL: https://b/simple\n\n    \
             https://c/simple ; kept\n  # not this\ntimeout = 60\n[list]\nindex-url = https://other/\n  more\n\
             [install]\nno-index = yes\ntimeout = 5\n[global]\ntimeout = 7\n 8\n",
        );
        assert_eq!(conf.text("index-url"), Some("https://a/simple"));
        assert_eq!(conf.list("extra-index-url"), ["https://b/simple", "https://c/simple", ";", "kept"]);
        assert!(conf.flag("no-index"));
        assert_eq!(conf.text("timeout"), Some("5"), "a command's section wins, wherever it stands");
        let place = conf.place();
        assert_eq!((place.name.as_str(), place.named.default.and_then(|d| d.line)), ("pip.conf", Some(3)));
    }

    #[test]
    fn later_files_win() {
        let mut conf = conf("[global]\nindex-url = https://a/\ncert = a.pem\n");
        conf.read("user.conf", "[global]\nindex-url = https://b/\n").expect("a pip.conf");
        conf.read("empty.conf", "\n").expect("a pip.conf");
        assert_eq!((conf.text("index-url"), conf.text("cert")), (Some("https://b/"), Some("a.pem")));
        assert_eq!(conf.place().name, "pip.conf and user.conf");
    }

    #[test]
    fn errors_name_the_line() {
        let error = |text: &str| PipConf::default().read("pip.conf", text).expect_err("an error").line;
        assert_eq!(error("index-url = https://a/\n"), 1);
        assert_eq!(error("[global]\nhttps"), 2);
        assert_eq!(error("\n[global\n"), 2);
    }
}
