//! How to choose among versions: from flags, then the environment, then the requirements file.

use clap::ValueEnum as _;
use lambda_compat::Code;
use pypi_resolve::requirements::RequirementsFile;
use pypi_resolve::resolve::{Policy, Prereleases};

use crate::args::{PrereleaseArg, ResolveArgs};
use crate::environment::Environment;
use crate::failure::Failure;

/// How to choose among versions: flags, then environment, then the requirements file.
pub(crate) fn policy(
    args: &ResolveArgs,
    environment: &Environment,
    file: &RequirementsFile,
) -> Result<Policy, Failure> {
    let prereleases = match (args.prerelease, environment.var("UV_PRERELEASE")) {
        (Some(flag), _) => flag.into(),
        (None, _) if args.pre => Prereleases::Allow,
        (None, Some(value)) => PrereleaseArg::from_str(value, true).map(Prereleases::from).map_err(|_| {
            Failure::new(Code::Usage, format!("UV_PRERELEASE is `{value}`"))
                .help("layerpack knows allow, disallow and if-necessary-or-explicit")
        })?,
        (None, None) if environment.flag("PIP_PRE") || file.options.pre.is_some() => Prereleases::Allow,
        (None, None) => Prereleases::default(),
    };
    let require_hashes =
        args.require_hashes || environment.flag("PIP_REQUIRE_HASHES") || file.hashes_required().is_some();
    Ok(Policy { prereleases, no_deps: args.no_deps, require_hashes })
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
