//! `--slim`, understood.

use layer_pack::{Slim, SlimRule};

use crate::args::{SlimArg, SlimArgs};

/// The rules that are asked for.
pub(crate) fn slim(args: &SlimArgs) -> Slim {
    let rule = |arg: &SlimArg| match arg {
        SlimArg::Tests => SlimRule::Tests.into(),
        SlimArg::Pyi => SlimRule::Pyi.into(),
        SlimArg::Headers => SlimRule::Headers.into(),
        SlimArg::Pycache => SlimRule::Pycache.into(),
        SlimArg::Docs => SlimRule::Docs.into(),
        SlimArg::All => Slim::all(),
    };
    args.slim.iter().map(rule).collect()
}
