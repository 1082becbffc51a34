//! The process's surroundings: environment variables, working directory, home and today's date. Nothing else in the
//! workspace reads them; everybody else is handed what it needs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use lambda_compat::{Code, Date};

use crate::failure::Failure;

/// A picture of the surroundings, taken once at the start.
#[derive(Debug, Clone)]
pub(crate) struct Environment {
    variables: BTreeMap<String, String>,
    /// When the run began.
    pub(crate) now: SystemTime,
}

impl Environment {
    /// The surroundings of this process. Variables that are not UTF-8 are left out: none that layerpack reads may be.
    pub(crate) fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { variables, now: SystemTime::now() }
    }

    /// A variable's value; an empty one counts as not set, as in pip and uv.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable's value, split at white space or commas as pip and uv do for lists.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        let separators = |c: char| c.is_whitespace() || c == ',';
        self.var(name)
            .map(|value| value.split(separators).filter(|part| !part.is_empty()).map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// Whether a switch like `PIP_NO_INDEX` is on.
    pub(crate) fn flag(&self, name: &str) -> bool {
        self.var(name).is_some_and(|v| !matches!(v.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off"))
    }

    /// The day to judge by: `LAYERPACK_TODAY`, which shows what will be live on a later day, else today in UTC.
    pub(crate) fn today(&self) -> Result<Date, Failure> {
        match self.var("LAYERPACK_TODAY") {
            Some(day) => day.parse().map_err(|_| {
                Failure::new(Code::Usage, format!("LAYERPACK_TODAY is `{day}`, which is no date"))
                    .help("write it as YYYY-MM-DD, or leave it unset for today")
            }),
            None => Ok(Date::from_unix(self.now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))),
        }
    }

    /// The cache folder: `LAYERPACK_CACHE_DIR`, `$XDG_CACHE_HOME/layerpack`, the platform's own; none without a home.
    pub(crate) fn cache_dir(&self) -> Option<PathBuf> {
        if let Some(dir) = self.var("LAYERPACK_CACHE_DIR") {
            return Some(PathBuf::from(dir));
        }
        // The XDG specification has relative paths ignored.
        if let Some(dir) = self.var("XDG_CACHE_HOME").map(Path::new).filter(|dir| dir.is_absolute()) {
            return Some(dir.join("layerpack"));
        }
        let home = || self.var("HOME").or_else(|| self.var("USERPROFILE")).map(PathBuf::from);
        if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library/Caches/layerpack"))
        } else if cfg!(windows) {
            self.var("LOCALAPPDATA").map(|dir| PathBuf::from(dir).join("layerpack").join("cache"))
        } else {
            home().map(|home| home.join(".cache/layerpack"))
        }
    }
}
