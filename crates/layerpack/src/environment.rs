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
            // Windows knows them in any case, and writes `Path`.
            .map(|(name, value)| (if cfg!(windows) { name.to_uppercase() } else { name }, value))
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

    /// What stands in the place of the system's certificates, as OpenSSL and uv have it: a file, and folders.
    pub(crate) fn system_certs(&self) -> Vec<PathBuf> {
        let folders = self.var("SSL_CERT_DIR").map(|folders| std::env::split_paths(folders).collect::<Vec<_>>());
        let folders = folders.into_iter().flatten().filter(|folder| !folder.as_os_str().is_empty());
        self.var("SSL_CERT_FILE").map(PathBuf::from).into_iter().chain(folders).collect()
    }

    /// The user's folder.
    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.var("HOME").or_else(|| self.var("USERPROFILE")).map(PathBuf::from)
    }

    /// Where programs keep the user's settings: `$XDG_CONFIG_HOME`, `~/.config`, `%APPDATA%`.
    pub(crate) fn config_folder(&self) -> Option<PathBuf> {
        if cfg!(windows) {
            return self.var("APPDATA").map(PathBuf::from);
        }
        let xdg = self.var("XDG_CONFIG_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
        xdg.or_else(|| Some(self.home()?.join(".config")))
    }

    /// Where programs keep settings for everybody, the more important first.
    pub(crate) fn system_config_folders(&self) -> Vec<PathBuf> {
        if cfg!(windows) {
            return self.var("PROGRAMDATA").map(PathBuf::from).into_iter().collect();
        }
        let xdg = self.var("XDG_CONFIG_DIRS").unwrap_or("/etc/xdg").split(':').filter(|folder| !folder.is_empty());
        xdg.map(PathBuf::from).chain([PathBuf::from("/etc")]).collect()
    }

    /// pip's configuration files, the more important last: the system's, the user's and those of a virtual environment.
    /// <https://pip.pypa.io/en/stable/topics/configuration/#location>
    pub(crate) fn pip_files(&self, with_users: bool) -> Vec<PathBuf> {
        let name = if cfg!(windows) { "pip.ini" } else { "pip.conf" };
        let mut files: Vec<PathBuf> = Vec::new();
        if cfg!(target_os = "macos") {
            files.push(PathBuf::from("/Library/Application Support/pip/pip.conf"));
        }
        for folder in self.system_config_folders().into_iter().rev() {
            // `/etc/pip.conf` has no folder of its own.
            let of_etc = folder == Path::new("/etc");
            files.push(if of_etc { folder.join(name) } else { folder.join("pip").join(name) });
        }
        if with_users {
            let legacy = if cfg!(windows) { "pip" } else { ".pip" };
            files.extend(self.home().map(|home| home.join(legacy).join(name)));
            let own = self.home().map(|home| home.join("Library/Application Support/pip"));
            let own = own.filter(|folder| cfg!(target_os = "macos") && folder.is_dir());
            files.extend(own.or_else(|| Some(self.config_folder()?.join("pip"))).map(|folder| folder.join(name)));
        }
        files.extend(self.var("VIRTUAL_ENV").map(|folder| Path::new(folder).join(name)));
        files
    }

    /// The program of this name on `PATH`.
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        // Relative entries are left out: what is run must not depend on the working directory.
        let folders =
            std::env::split_paths(self.var("PATH")?).filter(|folder| folder.is_absolute()).collect::<Vec<_>>();
        folders.into_iter().map(|folder| folder.join(&name)).find(|file| file.is_file())
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
        if cfg!(target_os = "macos") {
            self.home().map(|home| home.join("Library/Caches/layerpack"))
        } else if cfg!(windows) {
            self.var("LOCALAPPDATA").map(|dir| PathBuf::from(dir).join("layerpack").join("cache"))
        } else {
            self.home().map(|home| home.join(".cache/layerpack"))
        }
    }
}
