//! Everything that can be said of one layer: what was typed, or what the configuration file says in its place.

use crate::args::{
    AskingArgs, BuildArgs, BuildOutputArgs, CheckArgs, FetchArgs, FunctionArgs, JudgingArgs, LockArgs,
    ResolveCommandArgs, RuntimeSdkArgs, SlimArgs, SourceArgs,
};

/// What is said of one layer. What was not said is empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct LayerArgs {
    pub(crate) source: SourceArgs,
    pub(crate) asking: AskingArgs,
    pub(crate) output: BuildOutputArgs,
    pub(crate) judging: JudgingArgs,
    pub(crate) sdk: RuntimeSdkArgs,
    pub(crate) slim: SlimArgs,
    pub(crate) function: FunctionArgs,
}

impl From<&BuildArgs> for LayerArgs {
    fn from(args: &BuildArgs) -> Self {
        Self {
            source: args.source.clone(),
            asking: args.asking.clone(),
            output: args.output.clone(),
            judging: args.judging.clone(),
            sdk: args.sdk.clone(),
            slim: args.slim.clone(),
            function: args.function.clone(),
        }
    }
}

/// What is said of each requirement or lock file that is checked.
impl From<&CheckArgs> for LayerArgs {
    fn from(args: &CheckArgs) -> Self {
        let requirements = &args.requirements;
        Self {
            source: SourceArgs { constraint: requirements.constraint.clone(), ..SourceArgs::default() },
            asking: AskingArgs {
                target: args.target.clone(),
                resolve: requirements.resolve.clone(),
                index: requirements.index.clone(),
                ..AskingArgs::default()
            },
            judging: args.judging.clone(),
            ..Self::default()
        }
    }
}

/// Of commands that write no layer.
macro_rules! from_source_and_asking {
    ($($args:ty),+) => {$(
        impl From<&$args> for LayerArgs {
            fn from(args: &$args) -> Self {
                let (source, asking, sdk) = (args.source.clone(), args.asking.clone(), args.sdk.clone());
                Self { source, asking, sdk, ..Self::default() }
            }
        }
    )+};
}

from_source_and_asking!(ResolveCommandArgs, LockArgs, FetchArgs);
