//! What a refusal (HTTP 401, 403, 407) says: with which credentials, and the next step.

use super::auth::Given;
use super::code_artifact::Repository;
use url::Url;

use super::IndexError;
use super::url::shown;

/// The error for a refused request. `keyring`: whether it may be asked.
pub(super) fn refusal(url: &Url, status: u16, sent: Option<Given>, keyring: bool) -> IndexError {
    let with = match sent {
        _ if status == 407 => "",
        None => " to a request without credentials",
        Some(Given::Index) => " for the credentials given",
        Some(Given::UserAlone) => " for the user name given, without a password",
        Some(Given::Netrc) => " for the credentials in .netrc",
        Some(Given::Keyring) => " for the credentials of keyring",
    };
    let help = match (Repository::of(url), sent) {
        _ if status == 407 => {
            "the proxy wants credentials: give them as --proxy http://user:password@host:port, or in HTTPS_PROXY"
                .to_owned()
        }
        (Some(repository), _) => repository.login_help(),
        (None, None | Some(Given::UserAlone)) => {
            let asked =
                if keyring { "keyring has none either" } else { "keyring is asked with --keyring-provider subprocess" };
            format!(
                "there are none in the index's URL or, for {}, in .netrc, and {asked}; a URL has them as \
                 https://user:password@host/simple/, a named index from UV_INDEX_<NAME>_USERNAME and _PASSWORD",
                url.host_str().unwrap_or_default()
            )
        }
        (None, Some(_)) => {
            "check that the user name and password or token are still valid and may read this project".to_owned()
        }
    };
    IndexError::Credentials { url: shown(url), status, with, help }
}
