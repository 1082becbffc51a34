//! Which indexes are asked, how, and with which credentials.
//!
//! Of the places that may name indexes the first that does counts: flags, `LAYERPACK_*`, `UV_*`, `PIP_*`; where none of
//! these does, layerpack's configuration, then uv's files, then pip's, joined by the option lines of the requirements file. The places of `--find-links`
//! come from the first that names any, which may be another: they never keep a private index from being asked. How
//! indexes are asked (certificates, proxy, keyring) is settled option by option, in the same order.

mod files;
mod given;
mod login;
mod pip_conf;
mod place;
mod uv_toml;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lambda_compat::{Code, Finding};
use pypi_resolve::index::{FindLinks, IndexStrategy, IndexUrl, InvalidIndexUrl, ProxyUrl, Settings, TrustedHost};
use pypi_resolve::requirements::{IndexOptions, Located};
use wheel_archive::with_slashes;

use crate::args::{IndexArgs, LayerArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::Configured;
use crate::plan::layers::settled;
pub(crate) use place::Choosing;

use crate::plan::indexes::place::{Access, Link, Named, Place, Said};

/// The settings, and what to say about them.
pub(crate) struct Settled {
    pub(crate) settings: Settings,
    /// Flags or variables name an index or say `--no-index`: what files say of them does not count.
    pub(crate) by_user: bool,
    /// Every index that has a name, in any place: what packages are pinned to.
    pub(crate) named: BTreeMap<String, IndexUrl>,
    /// What configuration files say of versions.
    pub(crate) choosing: Choosing,
    /// The place that the indexes come from, in words.
    pub(crate) from: String,
    pub(crate) warnings: Vec<Finding>,
}

/// What flags, variables and configuration files say, read once.
pub(crate) struct Places<'a> {
    args: &'a IndexArgs,
    environment: &'a Environment,
    cache_dir: PathBuf,
    given: [Place; 4],
    configured: [Place; 3],
}

impl<'a> Places<'a> {
    /// `folder` is the source's, above which uv's files are looked for.
    pub(crate) fn read(
        args: &'a IndexArgs,
        configured: &Configured,
        environment: &'a Environment,
        folder: &Path,
    ) -> Result<Self, Failure> {
        Ok(Self {
            args,
            environment,
            cache_dir: cache_dir(args.cache_dir.as_deref(), environment)?,
            given: [
                given::by_flags(args),
                given::by_layerpack(environment),
                given::by_uv(environment),
                given::by_pip(environment),
            ],
            configured: [
                given::by_configuration(configured),
                files::by_uv_files(environment, folder)?,
                files::by_pip_files(environment)?.place(),
            ],
        })
    }

    pub(crate) fn cache_dir(&self) -> &Path {
        &self.cache_dir
    }
}

/// Puts the index settings together. `of_project`: the names that the project has for indexes.
pub(crate) fn settle_index(
    places: &Places<'_>,
    options: &IndexOptions,
    of_project: &[(String, Located<String>)],
) -> Result<Settled, Failure> {
    let Places { args, environment, cache_dir, given, configured } = places;
    let mut settings = Settings::new(cache_dir.clone(), environment.now);
    settings.offline = args.offline || environment.flag("LAYERPACK_OFFLINE") || environment.flag("UV_OFFLINE");
    settings.refresh = args.refresh;
    settings.system_certs = environment.system_certs();

    let (by_file, by_project) = (given::by_file(options), given::by_project(of_project));

    let mut warnings = Vec::new();
    let everywhere = given.iter().chain([&by_file]).chain(configured);
    let access = everywhere.clone().map(|place| place.access.clone()).reduce(Access::or).unwrap_or_default();
    settle_access(access, environment, &mut settings, &mut warnings)?;
    let named = named_indexes(everywhere.chain([&by_project]), environment)?;

    let names_indexes = |place: &&Place| !place.named.says_nothing();
    let names_links = |place: &&Place| !place.links.is_empty();
    let chosen = given.iter().find(names_indexes).cloned();
    let by_user = chosen.is_some();
    let chosen = chosen.unwrap_or_else(|| {
        let configured = configured.iter().find(names_indexes).cloned();
        joined(configured.unwrap_or_default(), by_file.clone())
    });
    let mut from = "nowhere".to_owned();
    if !chosen.named.says_nothing() {
        from.clone_from(&chosen.name);
        take(&chosen.name, &chosen.named, environment, &mut settings)?;
    }
    let of_files = || {
        let configured = configured.iter().find(names_links).map(|place| place.links.clone());
        configured.into_iter().flatten().chain(by_file.links.clone()).collect()
    };
    let links = given.iter().find(names_links).map_or_else(of_files, |place| place.links.clone());
    take_links(&links, &mut settings, &mut warnings)?;
    // Of one URL, the index with its name: it may have credentials.
    for index in &mut settings.indexes {
        if let Some(known) = named.values().find(|known| known.is_same(index) && index.name().is_none()) {
            *index = known.clone();
        }
    }
    let is_asked = |index: &&IndexUrl| settings.indexes.iter().any(|asked| asked.is_same(index));
    settings.explicit = named.values().filter(|index| !is_asked(index)).cloned().collect();
    let choosing = configured.iter().map(|place| place.choosing.clone()).reduce(Choosing::or).unwrap_or_default();
    Ok(Settled { settings, by_user, named, choosing, from, warnings })
}

fn joined(configured: Place, by_file: Place) -> Place {
    let name = match (configured.named.says_nothing(), by_file.named.says_nothing()) {
        (true, _) => by_file.name,
        (_, true) => configured.name,
        _ => format!("{} and {}", by_file.name, configured.name),
    };
    Place { name, named: configured.named.joined_by(by_file.named), ..Place::default() }
}

/// Every index with a name; of one name, the first.
fn named_indexes<'a>(
    places: impl Iterator<Item = &'a Place>,
    environment: &Environment,
) -> Result<BTreeMap<String, IndexUrl>, Failure> {
    let mut named = BTreeMap::new();
    for place in places {
        for said in place.named.all() {
            if let Some(name) = said.name.as_ref().filter(|name| !named.contains_key(*name)) {
                named.insert(name.clone(), said.index(&place.name, environment)?);
            }
        }
    }
    Ok(named)
}

/// The indexes of the place that counts.
fn take(place: &str, named: &Named, environment: &Environment, settings: &mut Settings) -> Result<(), Failure> {
    let all = |said: &[Said]| said.iter().map(|said| said.index(place, environment)).collect::<Result<Vec<_>, _>>();
    let public = std::mem::take(&mut settings.indexes);
    let default = named.default.as_ref().map(|said| said.index(place, environment)).transpose()?;
    let default = default.map_or(public, |default| vec![default]);
    // Two places may name the same one.
    for index in all(&named.before)?.into_iter().chain(default).chain(all(&named.after)?) {
        if !settings.indexes.iter().any(|known| known.is_same(&index)) {
            settings.indexes.push(index);
        }
    }
    settings.no_index = named.no_index;
    Ok(())
}

fn take_links(links: &[Link], settings: &mut Settings, warnings: &mut Vec<Finding>) -> Result<(), Failure> {
    for Link { text, place, forgiving } in links {
        let links: FindLinks = text
            .parse()
            .map_err(|e: InvalidIndexUrl| Failure::new(Code::Usage, format!("--find-links from {place}: {e}")))?;
        match &links {
            FindLinks::Local(path) if *forgiving && !path.exists() => {
                let message = format!("--find-links from {place} is skipped: there is no {}", with_slashes(path));
                warnings.push(Finding::warning(Code::Missing, message));
            }
            _ => settings.find_links.push(links),
        }
    }
    Ok(())
}

/// How indexes are asked.
fn settle_access(
    access: Access,
    environment: &Environment,
    settings: &mut Settings,
    warnings: &mut Vec<Finding>,
) -> Result<(), Failure> {
    settings.strategy = match access.strategy.as_deref() {
        None | Some("first-index") => IndexStrategy::FirstIndex,
        Some("unsafe-first-match" | "unsafe-any-match") => IndexStrategy::UnsafeFirstMatch,
        Some("unsafe-best-match") => IndexStrategy::UnsafeBestMatch,
        Some(other) => {
            return Err(Failure::new(Code::Usage, format!("`{other}` is no index strategy"))
                .help("layerpack knows first-index, unsafe-first-match and unsafe-best-match"));
        }
    };
    for host in &access.trusted_hosts {
        let host: TrustedHost = host.parse().map_err(|error: pypi_resolve::index::NotAHost| {
            Failure::new(Code::Usage, format!("--trusted-host: {error}"))
        })?;
        let message = format!("the certificate of {host} is not checked: whoever answers in its name is believed");
        warnings.push(
            Finding::warning(Code::Network, message)
                .help("name the CA that signed it with --cert instead, and leave --trusted-host out"),
        );
        settings.trusted_hosts.push(host);
    }
    let number = |text: &str, what: &str| {
        let wrong = |_| Failure::new(Code::Usage, format!("the {what} `{text}` is no whole number"));
        text.trim().parse::<u32>().map_err(wrong)
    };
    if let Some(text) = &access.timeout {
        settings.timeout = Duration::from_secs(number(text, "timeout")?.max(1).into());
    }
    if let Some(text) = &access.retries {
        settings.retries.again = number(text, "number of retries")?;
    }
    settings.cert = access.cert;
    settings.client_cert = access.client_cert;
    settings.proxy = access.proxy.map(ProxyUrl::new);
    if !settings.offline {
        settings.netrc = login::netrc(environment, warnings);
        settings.keyring = login::keyring(access.keyring.as_deref(), environment, warnings)?;
    }
    Ok(())
}

/// Where downloads are kept, of whatever layer.
pub(crate) fn run_cache_dir(
    flag: Option<&Path>,
    config: Option<&Config>,
    environment: &Environment,
) -> Result<PathBuf, Failure> {
    let mut args = LayerArgs::default();
    args.asking.index.cache_dir = flag.map(Path::to_path_buf);
    settled(&mut args, None, config, environment);
    cache_dir(args.asking.index.cache_dir.as_deref(), environment)
}

/// What was named, else where the environment has it.
fn cache_dir(named: Option<&Path>, environment: &Environment) -> Result<PathBuf, Failure> {
    named.map(Path::to_path_buf).or_else(|| environment.cache_dir()).ok_or_else(|| {
        Failure::new(Code::Usage, "there is no home folder to keep downloads in")
            .help("name a folder with --cache-dir, LAYERPACK_CACHE_DIR or cache-dir in layerpack.toml")
    })
}
