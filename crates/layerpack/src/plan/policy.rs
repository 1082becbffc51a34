//! How to choose among versions: from flags, then the environment, then the requirements file, then uv's and pip's
//! configuration.

use lambda_compat::Code;
use pypi_resolve::requirements::RequirementsFile;
use pypi_resolve::resolve::{BareDate, Cutoff, Cutoffs, Moment, Policy, Preference, Prereleases};
use wheel_tags::DistName;

use crate::args::{PrereleaseArg, ResolutionArg, ResolveArgs};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::plan::Choosing;

/// How to choose among versions: flags, then environment, then the requirements file, then configuration.
pub(crate) fn policy(
    args: &ResolveArgs,
    environment: &Environment,
    file: &RequirementsFile,
    configured: &Choosing,
) -> Result<Policy, Failure> {
    let prereleases = match (args.prerelease, environment.var("UV_PRERELEASE")) {
        (Some(flag), _) => flag.into(),
        (None, _) if args.pre => Prereleases::Allow,
        (None, Some(value)) => named::<PrereleaseArg>("UV_PRERELEASE", value)?.into(),
        (None, None) if environment.flag("PIP_PRE") || file.options.pre.is_some() => Prereleases::Allow,
        (None, None) => match &configured.prerelease {
            Some(said) => named::<PrereleaseArg>(&said.option, &said.text)?.into(),
            None if configured.pre => Prereleases::Allow,
            None => Prereleases::default(),
        },
    };
    let preference = match (args.resolution, environment.var("UV_RESOLUTION")) {
        (Some(flag), _) => flag.into(),
        (None, Some(value)) => named::<ResolutionArg>("UV_RESOLUTION", value)?.into(),
        (None, None) => match &configured.resolution {
            Some(said) => named::<ResolutionArg>(&said.option, &said.text)?.into(),
            None => Preference::default(),
        },
    };
    let require_hashes = args.require_hashes
        || environment.flag("PIP_REQUIRE_HASHES")
        || file.hashes_required().is_some()
        || configured.require_hashes;
    let cutoffs = cutoffs(args, environment, configured)?;
    Ok(Policy { prereleases, preference, cutoffs, no_deps: args.no_deps, require_hashes })
}

/// A word from a variable that only a few may be.
fn named<T: clap::ValueEnum>(variable: &str, value: &str) -> Result<T, Failure> {
    T::from_str(value, true).map_err(|_| {
        let words = T::value_variants().iter().filter_map(clap::ValueEnum::to_possible_value);
        let words: Vec<String> = words.map(|word| word.get_name().to_owned()).collect();
        Failure::new(Code::Usage, format!("{variable} is `{value}`"))
            .help(format!("layerpack knows {}", words.join(", ")))
    })
}

/// What is too new: the first of the flags and the variables of uv and pip that is set, and the packages of their own.
fn cutoffs(args: &ResolveArgs, environment: &Environment, configured: &Choosing) -> Result<Cutoffs, Failure> {
    let (of_uv, of_pip) = (configured.exclude_newer.as_ref(), configured.uploaded_prior_to.as_ref());
    let places = [
        ("--exclude-newer", args.exclude_newer.as_deref(), BareDate::Included),
        ("--uploaded-prior-to", args.uploaded_prior_to.as_deref(), BareDate::Excluded),
        ("UV_EXCLUDE_NEWER", environment.var("UV_EXCLUDE_NEWER"), BareDate::Included),
        ("PIP_UPLOADED_PRIOR_TO", environment.var("PIP_UPLOADED_PRIOR_TO"), BareDate::Excluded),
        (of_uv.map_or("", |said| &said.option), of_uv.map(|said| said.text.as_str()), BareDate::Included),
        (of_pip.map_or("", |said| &said.option), of_pip.map(|said| said.text.as_str()), BareDate::Excluded),
    ];
    let said = places.into_iter().find_map(|(option, text, bare)| Some((option, text?, bare)));
    let mut cutoffs = Cutoffs::default();
    if let Some((option, text, bare)) = said {
        cutoffs.all = Some(cutoff(option, text, bare, environment)?);
    }
    // Of one package the last counts: files before flags.
    let by_files = configured.exclude_newer_package.iter().rev().map(|said| (said.option.as_str(), &said.text));
    let by_flags = args.exclude_newer_package.iter().map(|text| ("--exclude-newer-package", text));
    for (option, text) in by_files.chain(by_flags) {
        let parts = text.split_once('=').and_then(|(name, when)| Some((name.trim().parse::<DistName>().ok()?, when)));
        let Some((name, when)) = parts else {
            return Err(Failure::new(Code::Usage, format!("{option} is `{text}`"))
                .help("write NAME=DATE, NAME=SPAN or NAME=false: boto3=2026-01-31"));
        };
        let of_name = match when.trim() {
            "false" => None,
            when => Some(cutoff(&format!("{option} {name}="), when, BareDate::Included, environment)?),
        };
        cutoffs.by_name.insert(name, of_name);
    }
    Ok(cutoffs)
}

fn cutoff(option: &str, text: &str, bare: BareDate, environment: &Environment) -> Result<Cutoff, Failure> {
    Cutoff::parse(option, text, now(environment)?, bare).ok_or_else(|| {
        Failure::new(Code::Usage, format!("{option} is `{text}`, which is no date, time or span"))
            .help("write 2026-01-31, 2026-01-31T12:00:00Z, 7 days, 1 week or P7D; months and years are no fixed spans")
    })
}

/// What spans are counted back from: now, or the beginning of the day that `LAYERPACK_TODAY` sets.
fn now(environment: &Environment) -> Result<Moment, Failure> {
    if environment.var("LAYERPACK_TODAY").is_some() {
        return Ok(Moment::of_date(environment.today()?));
    }
    let since = environment.now.duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Ok(Moment::from_unix(i64::try_from(since).unwrap_or(i64::MAX)))
}

impl From<PrereleaseArg> for Prereleases {
    fn from(arg: PrereleaseArg) -> Self {
        match arg {
            PrereleaseArg::Allow => Self::Allow,
            PrereleaseArg::Disallow => Self::Disallow,
            PrereleaseArg::IfNecessaryOrExplicit => Self::IfNecessaryOrExplicit,
        }
    }
}

impl From<ResolutionArg> for Preference {
    fn from(arg: ResolutionArg) -> Self {
        match arg {
            ResolutionArg::Highest => Self::Highest,
            ResolutionArg::Lowest => Self::Lowest,
            ResolutionArg::LowestDirect => Self::LowestDirect,
        }
    }
}
