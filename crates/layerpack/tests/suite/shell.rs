//! Lines of shell as a user types them: with the command under test on PATH and nothing of this machine's settings.

use std::path::Path;
use std::process::Command;

use assert_cmd::cargo::cargo_bin;

use crate::support::Scratch;

/// What came out of a line: both streams, in the order in which they were written.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) text: String,
}

impl Said {
    /// Goes on only after exit 0.
    pub(crate) fn fine(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.text);
        self
    }
}

/// Runs lines of shell in a folder of the working folder.
pub(crate) fn shell(scratch: &Scratch, folder: &str, lines: &str, variables: &[(&str, &str)]) -> Said {
    let work = scratch.path("");
    let root = work.parent().expect("the working folder has one above it");
    let binary = cargo_bin("layerpack");
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/layerpack/tests/programs-gh");
    let built = binary.parent().expect("the binary lies in a folder");
    let output = Command::new("/bin/sh")
        .args(["-c", &format!("exec 2>&1\n{lines}")])
        .current_dir(scratch.path(folder))
        .env_clear()
        .env("PATH", format!("{}:{}:/usr/local/bin:/usr/bin:/bin", programs.display(), built.display()))
        .env("HOME", root.join("home"))
        .env("LAYERPACK_CACHE_DIR", root.join("cache"))
        .env("LAYERPACK_TODAY", "2026-11-22")
        .env("PIP_CONFIG_FILE", "/dev/null")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(variables.iter().copied())
        .output()
        .expect("there is a shell");
    Said {
        code: output.status.code().expect("the shell ends by itself"),
        text: String::from_utf8(output.stdout).expect("UTF-8"),
    }
}
