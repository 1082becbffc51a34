//! What flags, variables and the option lines of requirement files say.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pypi_resolve::requirements::{IndexOptions, Located};
use wheel_archive::with_slashes;

use crate::args::IndexArgs;
use crate::environment::Environment;
use crate::plan::Configured;
use crate::plan::indexes::place::{Access, Choosing, FileOption, Link, Named, Place, Said};

pub(super) fn by_flags(args: &IndexArgs) -> Place {
    by_args(args, "the command line")
}

/// What layerpack's own configuration file says, of versions too.
pub(super) fn by_configuration(configured: &Configured) -> Place {
    let Some(file) = &configured.file else { return Place::default() };
    let (name, resolve) = (with_slashes(file), &configured.asking.resolve);
    let option =
        |key: &str, text: Option<String>| text.map(|text| FileOption { option: format!("{key} of {name}"), text });
    let choosing = Choosing {
        prerelease: option("prerelease", spelt(resolve.prerelease)),
        resolution: option("resolution", spelt(resolve.resolution)),
        exclude_newer: option("exclude-newer", resolve.exclude_newer.clone()),
        require_hashes: resolve.require_hashes,
        ..Choosing::default()
    };
    Place { choosing, ..by_args(&configured.asking.index, &name) }
}

/// A word as it is written.
fn spelt(value: Option<impl ValueEnum>) -> Option<String> {
    value?.to_possible_value().map(|word| word.get_name().to_owned())
}

fn by_args(args: &IndexArgs, name: &str) -> Place {
    Place {
        name: name.to_owned(),
        named: Named {
            before: Said::all(&args.index),
            default: args.index_url.as_deref().map(Said::new),
            after: Said::all(&args.extra_index_url),
            no_index: args.no_index,
            ..Named::default()
        },
        links: Link::all(args.find_links.clone(), name, false),
        access: Access {
            strategy: spelt(args.index_strategy),
            keyring: spelt(args.keyring_provider),
            trusted_hosts: args.trusted_host.clone(),
            cert: args.cert.clone(),
            client_cert: args.client_cert.clone(),
            proxy: args.proxy.clone(),
            timeout: args.timeout.map(|seconds| seconds.to_string()),
            retries: args.retries.map(|times| times.to_string()),
        },
        ..Place::default()
    }
}

pub(super) fn by_layerpack(environment: &Environment) -> Place {
    let name = "LAYERPACK_INDEX_URL and its like";
    Place {
        name: name.to_owned(),
        named: Named {
            default: environment.var("LAYERPACK_INDEX_URL").map(Said::new),
            after: Said::all(&environment.list("LAYERPACK_EXTRA_INDEX_URL")),
            no_index: environment.flag("LAYERPACK_NO_INDEX"),
            ..Named::default()
        },
        links: Link::all(environment.list("LAYERPACK_FIND_LINKS"), name, false),
        access: Access::default(),
        ..Place::default()
    }
}

pub(super) fn by_uv(environment: &Environment) -> Place {
    let text = |name: &str| environment.var(name).map(str::to_owned);
    // uv asks its extra indexes before the default one, in either spelling.
    let mut before = Said::all(&environment.list("UV_INDEX"));
    before.extend(Said::all(&environment.list("UV_EXTRA_INDEX_URL")));
    let name = "UV_DEFAULT_INDEX and its like";
    Place {
        name: name.to_owned(),
        named: Named {
            before,
            default: environment.var("UV_DEFAULT_INDEX").or_else(|| environment.var("UV_INDEX_URL")).map(Said::new),
            no_index: environment.flag("UV_NO_INDEX"),
            ..Named::default()
        },
        links: Link::all(environment.list("UV_FIND_LINKS"), name, false),
        access: Access {
            strategy: text("UV_INDEX_STRATEGY"),
            keyring: text("UV_KEYRING_PROVIDER"),
            trusted_hosts: environment.list("UV_INSECURE_HOST"),
            client_cert: text("SSL_CLIENT_CERT").map(PathBuf::from),
            timeout: text("UV_HTTP_TIMEOUT").or_else(|| text("UV_REQUEST_TIMEOUT")),
            retries: text("UV_HTTP_RETRIES"),
            ..Access::default()
        },
        ..Place::default()
    }
}

pub(super) fn by_pip(environment: &Environment) -> Place {
    let text = |name: &str| environment.var(name).map(str::to_owned);
    let name = "PIP_INDEX_URL and its like";
    Place {
        name: name.to_owned(),
        named: Named {
            default: environment.var("PIP_INDEX_URL").map(Said::new),
            after: Said::all(&environment.list("PIP_EXTRA_INDEX_URL")),
            no_index: environment.flag("PIP_NO_INDEX"),
            ..Named::default()
        },
        links: Link::all(environment.list("PIP_FIND_LINKS"), name, true),
        access: Access {
            keyring: text("PIP_KEYRING_PROVIDER"),
            trusted_hosts: environment.list("PIP_TRUSTED_HOST"),
            cert: ["PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"].into_iter().find_map(text).map(PathBuf::from),
            client_cert: text("PIP_CLIENT_CERT").map(PathBuf::from),
            proxy: text("PIP_PROXY"),
            timeout: text("PIP_TIMEOUT").or_else(|| text("PIP_DEFAULT_TIMEOUT")),
            retries: text("PIP_RETRIES"),
            ..Access::default()
        },
        ..Place::default()
    }
}

/// The option lines of a requirements file, and what a project says.
pub(super) fn by_file(options: &IndexOptions) -> Place {
    let said = |located: &Located<String>| Said { line: Some(located.place.line), ..Said::new(&located.value) };
    // pip goes on without a folder that a requirements file names and that is not there.
    let link =
        |links: &Located<String>| Link { text: links.value.clone(), place: links.place.to_string(), forgiving: true };
    Place {
        name: file_of(options).to_owned(),
        named: Named {
            before: options.first_index_urls.iter().map(said).collect(),
            default: options.index_url.as_ref().map(said),
            after: options.extra_index_urls.iter().map(said).collect(),
            no_index: options.no_index.is_some(),
            ..Named::default()
        },
        links: options.find_links.iter().map(link).collect(),
        access: Access {
            trusted_hosts: options.trusted_hosts.iter().map(|host| host.value.clone()).collect(),
            ..Access::default()
        },
        ..Place::default()
    }
}

/// The names that a project has for indexes: they are asked for what is pinned to them, whoever else is asked.
pub(super) fn by_project(indexes: &[(String, Located<String>)]) -> Place {
    let said = indexes.iter().map(|(name, url)| Said {
        url: url.value.clone(),
        name: Some(name.clone()),
        line: Some(url.place.line),
        ..Said::default()
    });
    Place {
        name: "pyproject.toml".to_owned(),
        named: Named { explicit: said.collect(), ..Named::default() },
        ..Place::default()
    }
}

/// The file that the option lines stand in, in words.
fn file_of(options: &IndexOptions) -> &'static str {
    let places = options.index_url.iter().chain(&options.first_index_urls).chain(&options.extra_index_urls);
    let mut places = places.chain(&options.find_links).map(|located| &located.place.file);
    if places.any(|file| Path::new(file).extension().is_some_and(|ending| ending == "toml")) {
        "pyproject.toml"
    } else {
        "the requirements file"
    }
}
