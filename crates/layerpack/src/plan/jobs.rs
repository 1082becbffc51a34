//! How much is done at once: `--jobs`, else `LAYERPACK_JOBS`, else what the machine has.

use std::num::NonZeroUsize;
use std::thread;

use lambda_compat::Code;

use crate::args::{JobsArgs, MOST_JOBS};
use crate::environment::Environment;
use crate::failure::Failure;

const VARIABLE: &str = "LAYERPACK_JOBS";

/// Layers that are worked on at once where nobody says how many: most of their time they wait for an index.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(8).expect("above zero");

/// How uv and build backends are told how much to do at once.
const OF_TOOLS: [&str; 5] = [
    "UV_CONCURRENT_BUILDS",
    "UV_CONCURRENT_DOWNLOADS",
    "UV_CONCURRENT_INSTALLS",
    "CMAKE_BUILD_PARALLEL_LEVEL",
    "CARGO_BUILD_JOBS",
];

/// How much is done at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Jobs {
    asked: Option<NonZeroUsize>,
}

impl Jobs {
    pub(crate) fn read(args: JobsArgs, environment: &Environment) -> Result<Self, Failure> {
        let wrong = |text: &str| {
            Failure::new(Code::Usage, format!("{VARIABLE} is `{text}`, which is no number of threads"))
                .help(format!("write a whole number from 1 to {MOST_JOBS}, or leave it unset"))
        };
        let by_variable = || {
            let Some(text) = environment.var(VARIABLE) else { return Ok(None) };
            let number = text.trim().parse::<u16>().ok().filter(|jobs| (1..=MOST_JOBS).contains(&i64::from(*jobs)));
            number.map(Some).ok_or_else(|| wrong(text))
        };
        let jobs = args.jobs.map_or_else(by_variable, |jobs| Ok(Some(jobs)))?;
        Ok(Self { asked: jobs.and_then(|jobs| NonZeroUsize::new(usize::from(jobs))) })
    }

    /// The most of anything, where somebody says so.
    pub(crate) fn asked(self) -> Option<NonZeroUsize> {
        self.asked
    }

    /// Threads for what keeps a processor busy.
    pub(crate) fn threads(self) -> NonZeroUsize {
        self.asked.unwrap_or_else(|| thread::available_parallelism().unwrap_or(NonZeroUsize::MIN))
    }

    /// Layers that are worked on at once.
    pub(crate) fn layers(self) -> NonZeroUsize {
        self.asked.unwrap_or_else(|| AT_ONCE.max(self.threads()))
    }

    /// What a program that builds wheels is told, but for what the user tells it.
    pub(crate) fn of_tools(self, environment: &Environment) -> Vec<(&'static str, String)> {
        let unset = OF_TOOLS.into_iter().filter(|name| environment.var(name).is_none());
        self.asked.iter().flat_map(|jobs| unset.clone().map(move |name| (name, jobs.to_string()))).collect()
    }
}
