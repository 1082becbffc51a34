//! A configuration, as text that teaches.

use std::fmt::{Display, Write as _};

use lambda_compat::{Arch, default_runtime};

use super::{FoundStack, Project, Said};

/// What goes before everything else.
const HEAD: &str = "# The layers of this project: `layerpack build` builds all of them, `layerpack build NAME` one. Flags win over what
# stands here. Every key: docs/configuration.md of layerpack.

# What the layers run on: a Lambda runtime, and arm64 or x86_64. A list builds for each of them.
";

/// What a new layer looks like.
const TAIL: &str = "
# Further keys of a layer, or for all of them at the top:
#   exclude = [\"boto3\"]            # left out, with what only it needs
#   budget = \"200MB\"               # unzipped, below Lambda's 250 MB
#
# Findings that you know about are left out with a reason:
#   [[ignore]]
#   code = \"LP131\"
#   package = \"numba\"
#   reason = \"no threading layer used\"
";

/// The configuration for what was found.
pub(crate) fn configuration(project: &Project) -> String {
    let newest = default_runtime().name;
    let runtime =
        project.runtime().unwrap_or(Said { value: newest, by: "the newest runtime; nothing names one".to_owned() });
    let arch =
        project.arch().unwrap_or(Said { value: Arch::X86_64, by: "Lambda's default; nothing names one".to_owned() });
    let mut text = HEAD.to_owned();
    push(&mut text, "runtime", &quoted(runtime.value), &runtime.by);
    push(&mut text, "arch", &quoted(arch.value), &arch.by);
    for layer in &project.layers {
        let _ = write!(text, "\n[layers.{}]\n", key(&layer.name));
        push(&mut text, "source", &quoted(&layer.source), &layer.by);
        let below = project.below(layer);
        if !below.is_empty() {
            let _ = writeln!(text, "on-top-of = [{}]", list(&below));
        }
        // Several are what a layer is offered to, and all are built: what it is for is said by the functions.
        if let Some(own) = other(&layer.runtimes, runtime.value) {
            let _ = writeln!(text, "runtime = {own}");
        }
        if let Some(own) = other(&layer.arches, arch.value) {
            let _ = writeln!(text, "arch = {own}");
        }
    }
    for stack in &project.stacks() {
        push_stack(&mut text, stack);
    }
    text.push_str(TAIL);
    text
}

/// What functions have together. What is not built here has a weight that no file tells: whoever knows it writes it down.
fn push_stack(text: &mut String, stack: &FoundStack) {
    let _ = write!(text, "\n[stacks.{}]\n", key(&stack.name));
    push(text, "layers", &format!("[{}]", list(&stack.layers)), &stack.by);
    if let Some(function) = &stack.function {
        let _ = writeln!(text, "function = {}", quoted(function));
    }
    if !stack.others.is_empty() {
        let other = |name: &String| format!("{{ name = {}, size = \"…MB\" }}", quoted(name));
        let others = stack.others.iter().map(other).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "# others = [{others}]   # with its size unzipped");
    }
}

/// A line with where it comes from.
fn push(text: &mut String, key: &str, value: &str, by: &str) {
    let line = format!("{key} = {value}");
    let _ = writeln!(text, "{line:<36}  # {by}");
}

/// What a layer says of itself where that is not what holds for all.
fn other<T: PartialEq + Copy + Display>(own: &[T], of_all: T) -> Option<String> {
    match own {
        [] => None,
        [only] if *only == of_all => None,
        [only] => Some(quoted(only)),
        several => Some(format!("[{}]", list(several))),
    }
}

/// The items of a list.
fn list<T: Display>(items: &[T]) -> String {
    items.iter().map(quoted).collect::<Vec<_>>().join(", ")
}

fn quoted(value: impl Display) -> String {
    toml::Value::String(value.to_string()).to_string()
}

/// A key of TOML, bare where it may be.
fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_bare { name.to_owned() } else { quoted(name) }
}
