//! uv's configuration: `uv.toml`, and `[tool.uv]` of `pyproject.toml`.
//! <https://docs.astral.sh/uv/reference/settings/>
//!
//! Parsing only; which files there are is in `files`.

use std::collections::BTreeMap;
use std::path::Path;

use pypi_resolve::index::Authenticate;
use serde::Deserialize;
use toml::Spanned;
use wheel_archive::with_slashes;

use crate::plan::indexes::place::{Access, Choosing, FileOption, Link, Named, Place, Said};

/// What is read of it. Other settings are left alone.
#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Options {
    index: Vec<Spanned<Index>>,
    index_url: Option<Spanned<String>>,
    extra_index_url: Vec<Spanned<String>>,
    find_links: Vec<String>,
    no_index: bool,
    index_strategy: Option<String>,
    keyring_provider: Option<String>,
    allow_insecure_host: Vec<String>,
    prerelease: Option<String>,
    resolution: Option<String>,
    exclude_newer: Option<String>,
    /// By package: a date or span, or `false`.
    exclude_newer_package: BTreeMap<String, toml::Value>,
    /// uv has these on its top level and, as an alias of old, below `pip`.
    pip: Option<Pip>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "kebab-case", default)]
struct Pip {
    index: Vec<Spanned<Index>>,
    index_url: Option<Spanned<String>>,
    extra_index_url: Vec<Spanned<String>>,
    find_links: Vec<String>,
    no_index: bool,
    index_strategy: Option<String>,
    keyring_provider: Option<String>,
    prerelease: Option<String>,
    resolution: Option<String>,
    exclude_newer: Option<String>,
    exclude_newer_package: BTreeMap<String, toml::Value>,
}

/// An entry of `[[index]]`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Index {
    url: String,
    name: Option<String>,
    #[serde(default)]
    explicit: bool,
    #[serde(default)]
    default: bool,
    #[serde(default)]
    authenticate: When,
    #[serde(default)]
    ignore_error_codes: Vec<u16>,
    format: Option<String>,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum When {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct PyProject {
    tool: Tools,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tools {
    uv: Option<Options>,
}

/// What cannot be read, without any value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) line: usize,
    pub(super) why: String,
}

/// What a file says, `None` for a `pyproject.toml` without `[tool.uv]`.
pub(super) fn read(file: &Path, text: &str) -> Result<Option<Place>, Unreadable> {
    let unreadable = |error: toml::de::Error| {
        let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or(text);
        Unreadable { line: before.matches('\n').count() + 1, why: without_values(error.message()) }
    };
    let options = if file.file_name().is_some_and(|name| name == "pyproject.toml") {
        toml::from_str::<PyProject>(text).map_err(unreadable)?.tool.uv
    } else {
        Some(toml::from_str(text).map_err(unreadable)?)
    };
    Ok(options.map(|options| options.place(file, text)))
}

impl Options {
    fn place(self, file: &Path, text: &str) -> Place {
        let pip = self.pip.unwrap_or_default();
        let line = |at: usize| Some(text.get(..at).unwrap_or(text).matches('\n').count() + 1);
        let shown = with_slashes(file);
        let url = |url: &Spanned<String>| Said {
            file: Some(shown.clone()),
            line: line(url.span().start),
            ..Said::new(url.get_ref())
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        let links = |links: &String| {
            let is_url = links.contains("://") || links.starts_with("file:");
            if is_url { links.clone() } else { with_slashes(folder.join(links)) }
        };
        let mut named = Named {
            default: self.index_url.as_ref().or(pip.index_url.as_ref()).map(url),
            no_index: self.no_index || pip.no_index,
            ..Named::default()
        };
        let mut find_links: Vec<String> = self.find_links.iter().chain(&pip.find_links).map(links).collect();
        for entry in self.index.iter().chain(&pip.index) {
            let index = entry.get_ref();
            let said = Said {
                url: index.url.clone(),
                name: index.name.clone(),
                authenticate: match index.authenticate {
                    When::Auto => Authenticate::Auto,
                    When::Always => Authenticate::Always,
                    When::Never => Authenticate::Never,
                },
                passed_over: index.ignore_error_codes.clone(),
                file: Some(shown.clone()),
                line: line(entry.span().start),
            };
            if index.format.as_deref() == Some("flat") {
                find_links.push(links(&index.url));
            } else if index.explicit {
                named.explicit.push(said);
            } else if index.default {
                named.default = Some(said);
            } else {
                named.before.push(said);
            }
        }
        // uv asks its extra indexes before the default one.
        named.before.extend(self.extra_index_url.iter().chain(&pip.extra_index_url).map(url));
        let access = Access {
            strategy: self.index_strategy.or(pip.index_strategy),
            keyring: self.keyring_provider.or(pip.keyring_provider),
            trusted_hosts: self.allow_insecure_host,
            ..Access::default()
        };
        let option = |name: &str, text: Option<String>| {
            text.map(|text| FileOption { option: format!("{name} of {shown}"), text })
        };
        let choosing = Choosing {
            prerelease: option("prerelease", self.prerelease.or(pip.prerelease)),
            resolution: option("resolution", self.resolution.or(pip.resolution)),
            exclude_newer: option("exclude-newer", self.exclude_newer.or(pip.exclude_newer)),
            exclude_newer_package: self
                .exclude_newer_package
                .into_iter()
                .chain(pip.exclude_newer_package)
                .map(|(name, when)| FileOption {
                    option: format!("exclude-newer-package of {shown}"),
                    text: format!("{name}={}", when.as_str().map_or_else(|| when.to_string(), str::to_owned)),
                })
                .collect(),
            ..Choosing::default()
        };
        Place { links: Link::all(find_links, &shown, false), name: shown, named, access, choosing }
    }
}

/// The message of the TOML reader without what it quotes, which may be a URL with a password.
fn without_values(message: &str) -> String {
    let mut parts = message.lines().next().unwrap_or_default().split('"');
    let first = parts.next().unwrap_or_default();
    match parts.next_back() {
        None => first.to_owned(),
        Some(last) => format!("{first}…{last}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: &str, text: &str) -> Place {
        read(Path::new(file), text).expect("TOML").expect("[tool.uv]")
    }

    #[test]
    fn indexes_by_their_roles() {
        let text = "index-strategy = \"unsafe-best-match\"\nallow-insecure-host = [\"h:8080\"]\nfind-links = [\"wheels\"]\n\
            extra-index-url = [\"https://e/\"]\nunknown = 1\n[[index]]\nname = \"a\"\nurl = \"https://a/\"\n\
            authenticate = \"always\"\nignore-error-codes = [403]\n[[index]]\nurl = \"https://d/\"\ndefault = true\n\
            [[index]]\nname = \"x\"\nurl = \"https://x/\"\nexplicit = true\n[[index]]\nurl = \"flat\"\nformat = \"flat\"\n\
            [pip]\nkeyring-provider = \"subprocess\"\n";
        let place = place("etc/uv.toml", text);
        let urls = |said: &[Said]| said.iter().map(|s| s.url.clone()).collect::<Vec<_>>();
        assert_eq!(urls(&place.named.before), ["https://a/", "https://e/"]);
        assert_eq!(place.named.default.map(|d| d.url).as_deref(), Some("https://d/"));
        assert_eq!(urls(&place.named.explicit), ["https://x/"]);
        let links: Vec<String> = place.links.iter().map(|link| link.text.replace('\\', "/")).collect();
        assert_eq!(links, ["etc/wheels", "etc/flat"]);
        let first = &place.named.before[0];
        assert_eq!((first.name.as_deref(), first.authenticate), (Some("a"), Authenticate::Always));
        assert_eq!((first.passed_over.as_slice(), first.line), (&[403][..], Some(6)));
        assert_eq!(place.access.keyring.as_deref(), Some("subprocess"));
        assert_eq!(place.access.trusted_hosts, ["h:8080"]);
    }

    #[test]
    fn a_project_without_uv_is_passed_over() {
        let read = |text: &str| read(Path::new("pyproject.toml"), text).expect("TOML").is_some();
        assert!(!read("[project]\nname = \"x\"\n"));
        assert!(read("[tool.uv]\n"));
    }

    #[test]
    fn errors_name_the_line_and_no_value() {
        let error = read(Path::new("uv.toml"), "\nno-index = \"https://u:s3cret@h/\"\n").err().expect("wrong");
        assert_eq!(error.line, 2);
        assert!(!error.why.contains("s3cret") && error.why.contains("expected a boolean"), "{}", error.why);
        let error = read(Path::new("uv.toml"), "[[index]]\nurl = \"https://u:s3cret@h/\n").err().expect("wrong");
        assert!(error.line == 2 && !error.why.contains("s3cret"), "{error:?}");
    }
}
