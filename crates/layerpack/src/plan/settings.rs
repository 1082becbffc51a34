//! Which indexes are asked and how: from the first place that says anything of it.
//!
//! Flags, `LAYERPACK_*`, `UV_*`, `PIP_*`; the option lines of a requirements file count where none of these is set.

use std::path::{Path, PathBuf};

use lambda_compat::{Code, Finding};
use pypi_resolve::index::{FindLinks, IndexUrl, InvalidIndexUrl, ProxyUrl, Settings};
use pypi_resolve::requirements::IndexOptions;

use crate::args::IndexArgs;
use crate::environment::Environment;
use crate::failure::Failure;

/// The settings, and what to say about them.
pub(crate) struct Settled {
    pub(crate) settings: Settings,
    /// Flags or variables name an index, `--find-links` or `--no-index`: what files say of them does not count.
    pub(crate) by_user: bool,
    pub(crate) warnings: Vec<Finding>,
}

/// What one place says of indexes. URLs are in the order of asking.
#[derive(Debug, Default, PartialEq, Eq)]
struct Named {
    /// Asked before the default index (uv's `--index`).
    before: Vec<String>,
    default: Option<String>,
    /// Asked after it (pip's `--extra-index-url`).
    after: Vec<String>,
    find_links: Vec<String>,
    no_index: bool,
    /// pip skips a `--find-links` folder of its environment that is not there.
    forgive_missing_links: bool,
}

impl Named {
    fn says_nothing(&self) -> bool {
        self.before.is_empty()
            && self.default.is_none()
            && self.after.is_empty()
            && self.find_links.is_empty()
            && !self.no_index
    }
}

/// Puts the index settings together.
pub(crate) fn settle_index(
    args: &IndexArgs,
    environment: &Environment,
    options: &IndexOptions,
) -> Result<Settled, Failure> {
    let cache_dir = cache_dir(args.cache_dir.as_deref(), environment)?;
    let mut settings = Settings::new(cache_dir, environment.now);
    settings.offline = args.offline || environment.flag("LAYERPACK_OFFLINE") || environment.flag("UV_OFFLINE");
    settings.refresh = args.refresh;
    settings.cert = args.cert.clone().or_else(|| {
        ["PIP_CERT", "REQUESTS_CA_BUNDLE"].iter().find_map(|name| environment.var(name)).map(PathBuf::from)
    });
    settings.system_certs =
        ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().filter_map(|name| environment.var(name)).map(PathBuf::from).collect();
    settings.proxy = args.proxy.clone().or_else(|| environment.var("PIP_PROXY").map(str::to_owned)).map(ProxyUrl::new);

    let places: [(&str, Named); 5] = [
        ("the command line", by_flags(args)),
        ("LAYERPACK_INDEX_URL and its like", by_layerpack(environment)),
        ("UV_DEFAULT_INDEX and its like", by_uv(environment)),
        ("PIP_INDEX_URL and its like", by_pip(environment)),
        (file_of(options), by_file(options)),
    ];
    let mut warnings = Vec::new();
    let last = places.len() - 1;
    let mut places = places.into_iter().enumerate();
    let Some((rank, (place, named))) = places.find(|(_, (_, named))| !named.says_nothing()) else {
        return Ok(Settled { settings, by_user: false, warnings });
    };
    let parse = |url: &String| {
        bare(url).parse::<IndexUrl>().map_err(|e: InvalidIndexUrl| {
            Failure::new(Code::Usage, format!("an index URL from {place} cannot be used: {e}"))
        })
    };
    settings.no_index = named.no_index;
    let default = named.default.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let default = if default.is_empty() { std::mem::take(&mut settings.indexes) } else { default };
    settings.indexes = named.before.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    settings.indexes.extend(default);
    for after in &named.after {
        settings.indexes.push(parse(after)?);
    }
    for text in &named.find_links {
        let links: FindLinks = text
            .parse()
            .map_err(|e: InvalidIndexUrl| Failure::new(Code::Usage, format!("--find-links from {place}: {e}")))?;
        match &links {
            FindLinks::Local(path) if named.forgive_missing_links && !path.exists() => {
                let message = format!("--find-links from {place} is skipped: there is no {}", path.display());
                warnings.push(Finding::warning(Code::Missing, message));
            }
            _ => settings.find_links.push(links),
        }
    }
    Ok(Settled { settings, by_user: rank < last, warnings })
}

/// `--cache-dir`, else where the environment has it.
pub(crate) fn cache_dir(flag: Option<&Path>, environment: &Environment) -> Result<PathBuf, Failure> {
    flag.map(Path::to_path_buf).or_else(|| environment.cache_dir()).ok_or_else(|| {
        Failure::new(Code::Usage, "there is no home folder to keep downloads in")
            .help("name a folder with --cache-dir or LAYERPACK_CACHE_DIR")
    })
}

fn by_flags(args: &IndexArgs) -> Named {
    Named {
        before: args.index.clone(),
        default: args.index_url.clone(),
        after: args.extra_index_url.clone(),
        find_links: args.find_links.clone(),
        no_index: args.no_index,
        forgive_missing_links: false,
    }
}

fn by_layerpack(environment: &Environment) -> Named {
    Named {
        before: Vec::new(),
        default: environment.var("LAYERPACK_INDEX_URL").map(str::to_owned),
        after: environment.list("LAYERPACK_EXTRA_INDEX_URL"),
        find_links: environment.list("LAYERPACK_FIND_LINKS"),
        no_index: environment.flag("LAYERPACK_NO_INDEX"),
        forgive_missing_links: false,
    }
}

fn by_uv(environment: &Environment) -> Named {
    // uv asks its extra indexes before the default one, in either spelling.
    let mut before = environment.list("UV_INDEX");
    before.extend(environment.list("UV_EXTRA_INDEX_URL"));
    Named {
        before,
        default: environment.var("UV_DEFAULT_INDEX").or_else(|| environment.var("UV_INDEX_URL")).map(str::to_owned),
        after: Vec::new(),
        find_links: environment.list("UV_FIND_LINKS"),
        no_index: environment.flag("UV_NO_INDEX"),
        forgive_missing_links: false,
    }
}

fn by_pip(environment: &Environment) -> Named {
    Named {
        before: Vec::new(),
        default: environment.var("PIP_INDEX_URL").map(str::to_owned),
        after: environment.list("PIP_EXTRA_INDEX_URL"),
        find_links: environment.list("PIP_FIND_LINKS"),
        no_index: environment.flag("PIP_NO_INDEX"),
        forgive_missing_links: true,
    }
}

fn by_file(options: &IndexOptions) -> Named {
    Named {
        before: options.first_index_urls.iter().map(|url| url.value.clone()).collect(),
        default: options.index_url.as_ref().map(|url| url.value.clone()),
        after: options.extra_index_urls.iter().map(|url| url.value.clone()).collect(),
        find_links: options.find_links.iter().map(|links| links.value.clone()).collect(),
        no_index: options.no_index.is_some(),
        forgive_missing_links: false,
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

/// `name=url`, as uv lets indexes be named: without the name.
fn bare(url: &str) -> &str {
    let is_name =
        |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    url.split_once('=').filter(|(name, _)| is_name(name)).map_or(url, |(_, url)| url)
}
