//! `layerpack diff`: what changed from one layer or lock to another.
//!
//! `input` reads whatever is named; `layer-pack` compares; `report` prints.

mod input;

use lambda_compat::{Code, Target};
use layer_pack::diff::{Snapshot, diff};
use pypi_resolve::lock::LockKind;

use crate::args::{DiffArgs, Format};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::one_target;
use crate::report::{Compared, Console, DiffDocument, diff_markdown, diff_text};
use input::Input;

pub(crate) fn run(args: &DiffArgs, environment: &Environment, console: &mut Console) -> Result<Exit, Failure> {
    let stdin = |path: &std::path::Path| path.as_os_str() == "-";
    if stdin(&args.old) && stdin(&args.new) {
        return Err(Failure::new(Code::Usage, "OLD and NEW cannot both be stdin").help("name one of them as a file"));
    }
    let named = one_target(&args.target)?;
    let (old, new) = (Input::read(&args.old)?, Input::read(&args.new)?);
    let target = target(named, &old, &new)?;
    let kinds = (old.lock_kind(), new.lock_kind());
    if target.is_none() && (old.is_conditional() || new.is_conditional()) {
        console.summary("all that is locked, for any target: choose one with --runtime and --arch");
    }
    let same_kind = kinds.0.is_some() && kinds.0 == kinds.1;
    let snapshot =
        |input: &Input| -> Result<Snapshot, Failure> { input.snapshot(target.as_ref(), same_kind, environment) };
    let difference = diff(&snapshot(&old)?, &snapshot(&new)?);
    let compared = Compared { old: old.side(), new: new.side(), target, difference: &difference };
    match console.format {
        Format::Json => console.document(&DiffDocument::new(&compared))?,
        Format::Markdown => console.result(&diff_markdown(&compared, args.files))?,
        Format::Text | Format::Github | Format::Requirements | Format::Terraform => {
            for line in diff_text(&compared, args.files) {
                console.prose(&line)?;
            }
        }
    }
    Ok(if args.exit_code && !difference.is_empty() { Exit::Findings } else { Exit::Fine })
}

/// The target that locks are taken for: the one that was named, or that of a report on the other side.
fn target(named: Option<Target>, old: &Input, new: &Input) -> Result<Option<Target>, Failure> {
    let locks: Vec<LockKind> = [old, new].iter().filter_map(|input| input.lock_kind()).collect();
    if named.is_some() && locks.is_empty() {
        return Err(Failure::new(
            Code::Usage,
            "--runtime and --arch choose from locks, and neither OLD nor NEW is one",
        )
        .help("leave them out: zips, folders and reports are for one target already"));
    }
    Ok(named.or_else(|| (locks.len() == 1).then(|| old.target().or_else(|| new.target())).flatten()))
}
