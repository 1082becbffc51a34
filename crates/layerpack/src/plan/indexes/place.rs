//! What one place says of indexes and how they are asked, before it is known which place counts.

use std::path::PathBuf;

use lambda_compat::Code;
use pypi_resolve::index::{Authenticate, IndexUrl, InvalidIndexUrl};

use crate::environment::Environment;
use crate::failure::Failure;

/// A place that may say something: the command line, variables of one spelling, a file.
#[derive(Default, Clone)]
pub(super) struct Place {
    /// In words, for messages.
    pub(super) name: String,
    pub(super) named: Named,
    pub(super) links: Vec<Link>,
    pub(super) access: Access,
    pub(super) choosing: Choosing,
}

/// Which versions will do, as configuration files say it. Texts are as they were given, with the file.
#[derive(Default, Clone)]
pub(crate) struct Choosing {
    /// uv's `prerelease`.
    pub(crate) prerelease: Option<FileOption>,
    /// pip's `pre`.
    pub(crate) pre: bool,
    /// uv's `resolution`.
    pub(crate) resolution: Option<FileOption>,
    /// uv's `exclude-newer`.
    pub(crate) exclude_newer: Option<FileOption>,
    /// uv's `exclude-newer-package`, each as the flag spells it; of one package, the first counts.
    pub(crate) exclude_newer_package: Vec<FileOption>,
    /// pip's `uploaded-prior-to`.
    pub(crate) uploaded_prior_to: Option<FileOption>,
    /// pip's `require-hashes`.
    pub(crate) require_hashes: bool,
}

/// An option of a file.
#[derive(Clone)]
pub(crate) struct FileOption {
    /// `prerelease of uv.toml`.
    pub(crate) option: String,
    pub(crate) text: String,
}

impl Choosing {
    /// What a file that comes later says of what this one leaves open.
    pub(super) fn or(self, later: Self) -> Self {
        Self {
            prerelease: self.prerelease.or(later.prerelease),
            pre: self.pre || later.pre,
            resolution: self.resolution.or(later.resolution),
            exclude_newer: self.exclude_newer.or(later.exclude_newer),
            exclude_newer_package: [self.exclude_newer_package, later.exclude_newer_package].concat(),
            uploaded_prior_to: self.uploaded_prior_to.or(later.uploaded_prior_to),
            require_hashes: self.require_hashes || later.require_hashes,
        }
    }
}

/// Which indexes. URLs are in the order of asking.
#[derive(Default, Clone)]
pub(super) struct Named {
    /// Asked before the default index (uv's `--index`).
    pub(super) before: Vec<Said>,
    pub(super) default: Option<Said>,
    /// Asked after it (pip's `--extra-index-url`).
    pub(super) after: Vec<Said>,
    /// Asked for packages that are pinned to them only.
    pub(super) explicit: Vec<Said>,
    pub(super) no_index: bool,
}

/// A place of `--find-links`.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) text: String,
    /// Who named it, in words.
    pub(super) place: String,
    /// pip skips a folder of its environment, its files and requirement files that is not there.
    pub(super) forgiving: bool,
}

impl Link {
    pub(super) fn all(texts: Vec<String>, place: &str, forgiving: bool) -> Vec<Self> {
        texts.into_iter().map(|text| Self { text, place: place.to_owned(), forgiving }).collect()
    }
}

/// How they are asked. Texts are as they were given.
#[derive(Default, Clone)]
pub(super) struct Access {
    pub(super) strategy: Option<String>,
    pub(super) keyring: Option<String>,
    pub(super) trusted_hosts: Vec<String>,
    pub(super) cert: Option<PathBuf>,
    pub(super) client_cert: Option<PathBuf>,
    pub(super) proxy: Option<String>,
    pub(super) timeout: Option<String>,
    pub(super) retries: Option<String>,
}

/// An index as it was named.
#[derive(Default, Clone)]
pub(super) struct Said {
    pub(super) url: String,
    pub(super) name: Option<String>,
    pub(super) authenticate: Authenticate,
    /// uv's `ignore-error-codes`.
    pub(super) passed_over: Vec<u16>,
    /// The file, where the place has several.
    pub(super) file: Option<String>,
    /// The line in it.
    pub(super) line: Option<usize>,
}

impl Said {
    /// A URL, or `name=url`, as uv lets indexes be named.
    pub(super) fn new(text: &str) -> Self {
        let is_name =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        let (name, url) = match text.split_once('=').filter(|(name, _)| is_name(name)) {
            Some((name, url)) => (Some(name.to_owned()), url),
            None => (None, text),
        };
        Self { url: url.to_owned(), name, ..Self::default() }
    }

    pub(super) fn all(texts: &[String]) -> Vec<Self> {
        texts.iter().map(|text| Self::new(text)).collect()
    }

    /// The index, with the credentials that `UV_INDEX_<NAME>_USERNAME` and `_PASSWORD` have for its name, or
    /// `POETRY_HTTP_BASIC_<NAME>_USERNAME` and `_PASSWORD`.
    pub(super) fn index(&self, place: &str, environment: &Environment) -> Result<IndexUrl, Failure> {
        let index = self.url.parse::<IndexUrl>().map_err(|error: InvalidIndexUrl| {
            let place = self.file.as_deref().unwrap_or(place);
            let line = self.line.map(|line| format!(" line {line}")).unwrap_or_default();
            Failure::new(Code::Usage, format!("an index URL from {place}{line} cannot be used: {error}"))
        })?;
        let index = index.authenticating(self.authenticate).passing_over(self.passed_over.clone());
        let Some(name) = &self.name else { return Ok(index) };
        let variable = |what: &str| {
            let upper = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
            let name: String = name.chars().map(upper).collect();
            let of_poetry = || environment.var(&format!("POETRY_HTTP_BASIC_{name}_{what}"));
            environment.var(&format!("UV_INDEX_{name}_{what}")).or_else(of_poetry)
        };
        Ok(index.named(name).with_login(variable("USERNAME"), variable("PASSWORD")))
    }

    /// What an index of the same URL among these says of it beyond the URL.
    fn with_what_is_known(self, known: &[Self]) -> Self {
        let plain = |said: &Self| said.url.trim_end_matches('/').to_owned();
        known.iter().find(|other| plain(other) == plain(&self)).cloned().unwrap_or(self)
    }
}

impl Named {
    pub(super) fn says_nothing(&self) -> bool {
        self.before.is_empty() && self.default.is_none() && self.after.is_empty() && !self.no_index
    }

    /// Every index, the explicit ones too.
    pub(super) fn all(&self) -> impl Iterator<Item = &Said> {
        self.before.iter().chain(&self.default).chain(&self.after).chain(&self.explicit)
    }

    /// With the option lines of a file, which pip holds so: `--index-url` and `--no-index` replace what configuration
    /// says, the others add to it.
    pub(super) fn joined_by(self, file: Self) -> Self {
        let known: Vec<Said> = self.all().cloned().collect();
        let named = |said: Vec<Said>| said.into_iter().map(|said| said.with_what_is_known(&known)).collect::<Vec<_>>();
        let replaced = file.default.is_some() || file.no_index;
        let mut joined =
            if replaced { Self { before: Vec::new(), default: None, after: Vec::new(), ..self } } else { self };
        if let Some(default) = file.default {
            joined.default = Some(default.with_what_is_known(&known));
        }
        joined.before.splice(0..0, named(file.before));
        joined.after.extend(named(file.after));
        joined.no_index |= file.no_index;
        joined
    }
}

impl Access {
    /// What a place that comes later says of what this one leaves open.
    pub(super) fn or(self, later: Self) -> Self {
        Self {
            strategy: self.strategy.or(later.strategy),
            keyring: self.keyring.or(later.keyring),
            trusted_hosts: if self.trusted_hosts.is_empty() { later.trusted_hosts } else { self.trusted_hosts },
            cert: self.cert.or(later.cert),
            client_cert: self.client_cert.or(later.client_cert),
            proxy: self.proxy.or(later.proxy),
            timeout: self.timeout.or(later.timeout),
            retries: self.retries.or(later.retries),
        }
    }
}
