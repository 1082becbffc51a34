//! `layerpack size`: what layers and the function weigh together. Opens no socket, and inflates no zip.
//!
//! `inputs` says what each path is, `read` makes a part of the stack of it.

mod inputs;
mod read;

use std::path::Path;

use lambda_compat::{Code, Finding, Severity};
use layer_pack::{Layout, Part, Stack, UNZIPPED_LIMIT, write_file};
use rayon::prelude::*;
use wheel_archive::with_slashes;

use crate::args::{Format, SizeArgs};
use crate::config::Config;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::{existing, parse_reserved, parse_size, plan_sizes};
use crate::report::{Console, SizeDocument, size_page, size_text};
use inputs::{read_inputs, read_path};
use read::read;

pub(crate) fn run(
    args: &SizeArgs,
    config: Option<&Config>,
    environment: &Environment,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let args = &plan_sizes(args, config, environment)?;
    let reserved = args.reserve.iter().map(|text| parse_reserved(text)).collect::<Result<_, _>>()?;
    let limit = args.budget.as_deref().map_or(Ok(UNZIPPED_LIMIT), parse_size)?;
    let mut inputs = read_inputs(&args.paths, args.function.as_deref())?;
    for below in &args.below.on_top_of {
        inputs.push(read_path(existing(below.clone())?, Some(Layout::Layer))?);
    }
    let parts = inputs.par_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let stack = Stack { parts, reserved };
    one_function(&stack)?;

    let mut findings = stack.findings(limit);
    findings.extend(above_the_limit(args.budget.as_deref(), limit));
    if let Some(path) = &args.html {
        write_file(path, size_page(&stack, limit)?.as_bytes())?;
    }
    if console.format == Format::Json {
        console.document(&SizeDocument::new(&stack, limit, &findings, args.files, args.html.as_deref()))?;
    } else {
        size_text(&stack, limit, args.files, console)?;
        if let Some(path) = &args.html {
            console.result(&with_slashes(path))?;
        }
        for finding in &findings {
            console.finding(finding);
        }
    }
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    Ok(if findings.iter().any(is_error) { Exit::Findings } else { Exit::Fine })
}

/// One path as a part of a stack.
pub(super) fn part_of(path: &Path, kind: Option<Layout>) -> Result<Part, Failure> {
    read(&read_path(path.to_path_buf(), kind)?)
}

/// Each function has limits of its own.
fn one_function(stack: &Stack) -> Result<(), Failure> {
    let functions: Vec<&str> =
        stack.parts.iter().filter(|part| part.kind == Layout::Function).map(|part| part.name.as_str()).collect();
    if functions.len() < 2 {
        return Ok(());
    }
    let message =
        format!("{} look like functions by what they hold; one is weighed at a time", functions.join(" and "));
    Err(Failure::new(Code::Usage, message).help(
        "say which one is the function with --function PATH (the others are layers then), or weigh them one by one",
    ))
}

fn above_the_limit(text: Option<&str>, limit: u64) -> Option<Finding> {
    let text = text.filter(|_| limit > UNZIPPED_LIMIT)?;
    let message = format!(
        "--budget {text} is above Lambda's limit of {UNZIPPED_LIMIT} bytes unzipped: Lambda will refuse what is larger"
    );
    Some(Finding::warning(Code::OverBudget, message))
}
