//! The programs that are started: uv or pip for wheels, git for repositories. No shell is, and no option comes from
//! outside.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lambda_compat::Code;
use pypi_resolve::requirements::{DirectUrl, mask};

use crate::failure::Failure;
use crate::source_build::tree::Tree;

/// Lines of a failed program's output that are shown: the end, where the reason stands.
const SHOWN: usize = 40;
/// 1980-01-01, the time that a layer's files have: two builds of one source give one wheel where the backend allows.
const EPOCH: &str = "315532800";
/// What would turn a build into something else, or into one of another Python's packages.
const NOT_PASSED: [&str; 8] = [
    "PIP_TARGET",
    "PIP_PREFIX",
    "PIP_PLATFORM",
    "PIP_PYTHON_VERSION",
    "PIP_ONLY_BINARY",
    "PIP_REQUIRE_HASHES",
    "PYTHONPATH",
    "PYTHONHOME",
];

/// What builds wheels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    Uv,
    Pip(&'static str),
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uv => f.write_str("uv"),
            Self::Pip(_) => f.write_str("pip"),
        }
    }
}

impl Tool {
    fn command(self, source: &OsStr, out: &Path, offline: bool, variables: &[(&'static str, String)]) -> Command {
        let mut command;
        match self {
            Self::Uv => {
                command = Command::new("uv");
                command.args(["build", "--wheel", "--out-dir"]).arg(out);
                command.args(offline.then_some("--offline"));
            }
            Self::Pip(python) => {
                command = Command::new(python);
                command.args(["-m", "pip", "wheel", "--no-deps", "--no-input", "--disable-pip-version-check"]);
                command.arg("--wheel-dir").arg(out);
                command.args(offline.then_some("--no-index"));
            }
        }
        command.arg("--").arg(source);
        for name in NOT_PASSED {
            command.env_remove(name);
        }
        let variables = variables.iter().map(|(name, value)| (name, value));
        command.envs(variables).env("SOURCE_DATE_EPOCH", EPOCH).current_dir(out);
        command
    }
}

/// Builds one wheel out of a folder or source archive, with the first tool that can be started. Of an archive in which the
/// project has a folder of its own only pip knows.
pub(super) fn build_wheel(
    tree: &Tree,
    out: &Path,
    from: &str,
    (offline, variables): (bool, &[(&'static str, String)]),
) -> Result<(PathBuf, Tool), Failure> {
    let source = fs_err::canonicalize(&tree.path)?;
    let inside = tree
        .subdirectory
        .as_ref()
        .and_then(|folder| Some(format!("{}#subdirectory={folder}", DirectUrl::of_file(&source)?.as_str()).into()));
    let source: OsString = inside.unwrap_or_else(|| source.into_os_string());
    let tools = [Tool::Uv, Tool::Pip("python3"), Tool::Pip("python")];
    for tool in tools.into_iter().filter(|tool| tree.subdirectory.is_none() || *tool != Tool::Uv) {
        let output = match run(tool.command(&source, out, offline, variables)) {
            Ok(output) => output,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::new(Code::Unsupported, format!("{tool} could not be started: {error}"))),
        };
        if !output.status.success() {
            let message = format!("{tool} could not build a wheel from {from}\n{}", end_of(&output));
            return Err(Failure::new(Code::OnlySdists, message)
                .help("mend what it says, or build the wheel where it builds and put it beside the requirements"));
        }
        return Ok((only_wheel(out, tool, from)?, tool));
    }
    let (tools, install) = match tree.subdirectory {
        None => ("neither uv nor pip can", "uv, or Python with pip"),
        Some(_) => ("pip cannot", "Python with pip"),
    };
    Err(Failure::new(Code::Unsupported, format!("{from} has to be built, and {tools} be started"))
        .help(format!("install {install}; or build the wheel elsewhere and put it beside the requirements")))
}

fn only_wheel(out: &Path, tool: Tool, from: &str) -> Result<PathBuf, Failure> {
    let mut wheels = Vec::new();
    for entry in fs_err::read_dir(out)? {
        let path = entry?.path();
        if crate::plan::is_wheel(&path) {
            wheels.push(path);
        }
    }
    match wheels.as_slice() {
        [wheel] => Ok(wheel.clone()),
        several => {
            let message = format!("{tool} built {} wheels from {from}, where one was expected", several.len());
            Err(Failure::new(Code::OnlySdists, message))
        }
    }
}

/// Runs git in a folder and gives what it prints. `shown` stands in messages for what is done.
pub(super) fn git(folder: &Path, arguments: &[&str], shown: &str) -> Result<String, Failure> {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder).env("GIT_TERMINAL_PROMPT", "0");
    let output = run(command).map_err(|error| {
        Failure::new(Code::Unsupported, format!("{shown}: git could not be started: {error}"))
            .help("install git, or build the wheel elsewhere and put it beside the requirements")
    })?;
    if !output.status.success() {
        let message = format!("{shown}: git failed\n{}", end_of(&output));
        return Err(Failure::new(Code::Network, message).help("check the address, the revision and the credentials"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn run(mut command: Command) -> io::Result<Output> {
    command.stdin(Stdio::null()).output()
}

/// The last lines that a program printed, without what addresses hide and what would write on the terminal.
fn end_of(output: &Output) -> String {
    let printed = [output.stdout.as_slice(), output.stderr.as_slice()].map(String::from_utf8_lossy).join("\n");
    let lines: Vec<&str> = printed.lines().filter(|line| !line.trim().is_empty()).collect();
    let end = lines.get(lines.len().saturating_sub(SHOWN)..).unwrap_or_default();
    let plain = |line: &&str| -> String {
        let visible = anstream::adapter::strip_str(line).to_string();
        mask(&visible).chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
    };
    end.iter().map(|line| format!("    {}", plain(line))).collect::<Vec<_>>().join("\n")
}
