//! `keyring`, asked through its command line, as pip and uv do: the one program that is ever started, and only where the
//! settings name it. <https://github.com/jaraco/keyring#command-line-utility>

use std::path::Path;
use std::process::{Command, Stdio};

use url::Url;

use super::url::{Login, shown};

/// The credentials that the keyring has for an index: for its URL, else for its host. Without a user name both are
/// asked for (`--mode creds`, since keyring 25.2.1).
pub(super) fn ask(program: &Path, index: &Url, user: Option<&[u8]>) -> Option<Login> {
    let services = [Some(index.as_str().to_owned()), host(index)];
    // A name like an option would be read as one.
    if user.is_some_and(|user| user.starts_with(b"-")) {
        return None;
    }
    tracing::debug!(index = shown(index), "asking keyring");
    services.into_iter().flatten().find_map(|service| ask_for(program, &service, user))
}

/// The host, and the port where it is not the usual one.
fn host(index: &Url) -> Option<String> {
    let host = index.host_str()?;
    Some(index.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

/// What the program prints is never logged.
fn ask_for(program: &Path, service: &str, user: Option<&[u8]>) -> Option<Login> {
    let user = user.map(std::str::from_utf8).transpose().ok()?;
    let mut command = Command::new(program);
    match user {
        Some(user) => command.args(["get", service, user]),
        None => command.args(["--mode", "creds", "get", service]),
    };
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output();
    let output = output.inspect_err(|error| tracing::warn!("keyring cannot be started: {error}")).ok()?;
    if !output.status.success() {
        return None;
    }
    let printed = String::from_utf8(output.stdout).ok()?;
    let mut lines = printed.lines();
    let login = match user {
        Some(user) => Login { user: user.as_bytes().to_vec(), password: Some(lines.next()?.as_bytes().to_vec()) },
        None => Login { user: lines.next()?.as_bytes().to_vec(), password: Some(lines.next()?.as_bytes().to_vec()) },
    };
    login.password.as_ref().is_some_and(|password| !password.is_empty()).then_some(login)
}
