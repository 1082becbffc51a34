//! `--platform`, `--python-platform`, `--abi` and `--implementation`: what pip and uv call a target. Here a target is a
//! runtime and an architecture, so these either name the architecture, or say what the runtime is anyway, or are refused.

use lambda_compat::{Arch, Code, Finding, Severity, Target};
use wheel_tags::{AbiTag, Cpu, PlatformTag};

use crate::args::TargetArgs;
use crate::failure::Failure;

/// The architectures that `--platform` and `--python-platform` name.
pub(super) fn platform_arches(args: &TargetArgs) -> Result<Vec<Arch>, Failure> {
    let named = args.platform.iter().filter(|text| *text != "any");
    named.map(|text| Ok(read(text)?.0)).collect()
}

/// What is said of the platforms that were named, and of the ABIs, implementations and architectures beside them.
///
/// # Errors
///
/// Where they name something that the targets are not.
pub(crate) fn platform_notes(args: &TargetArgs, targets: &[Target]) -> Result<Vec<Finding>, Failure> {
    let arches = platform_arches(args)?;
    if let Some(other) =
        targets.iter().map(|target| target.arch).find(|arch| !arches.is_empty() && !arches.contains(arch))
    {
        return Err(Failure::new(Code::Usage, format!("--platform names no platform for {other}, and --arch does"))
            .help("name one of them only"));
    }
    for abi in &args.abi {
        check_abi(abi, targets)?;
    }
    if let Some(other) = args.implementation.as_deref().filter(|name| !matches!(*name, "cp" | "py")) {
        return Err(Failure::new(Code::Usage, format!("--implementation {other}: Lambda's runtimes are CPython"))
            .help("leave it out"));
    }
    let mut notes: Vec<Finding> = Vec::new();
    for text in args.platform.iter().filter(|text| *text != "any") {
        let (arch, glibc) = read(text)?;
        for target in targets.iter().filter(|target| target.arch == arch) {
            let own = &target.runtime.glibc;
            let has = (own.value.major, own.value.minor);
            let what = match glibc {
                Some(named) if named > has => "wheels for a newer glibc than it has are not taken",
                Some(named) if named < has => "wheels for any glibc up to that are taken",
                _ => continue,
            };
            let message = format!("--platform {text}: {} has glibc {}; {what}", target.runtime.name, own.value);
            let note = Finding::new(Code::UnknownOption, Severity::Note, message).evidence(own);
            if !notes.iter().any(|known| known.message == note.message) {
                notes.push(note);
            }
        }
    }
    Ok(notes)
}

/// The architecture that a platform names, and its glibc.
fn read(text: &str) -> Result<(Arch, Option<(u16, u16)>), Failure> {
    let lower = text.to_ascii_lowercase();
    // uv writes the processor first.
    let turned = lower.split_once('-').map(|(cpu, rest)| match rest {
        "unknown-linux-gnu" => format!("linux_{cpu}"),
        "unknown-linux-musl" => format!("musllinux_1_2_{cpu}"),
        rest if rest.contains("darwin") => format!("macosx_11_0_{cpu}"),
        rest if rest.contains("windows") => format!("win_{cpu}"),
        rest => format!("{rest}_{cpu}"),
    });
    let tag: PlatformTag = match lower.as_str() {
        "linux" => PlatformTag::Linux(Cpu::X86_64),
        "macos" => PlatformTag::MacOs { major: 11, minor: 0, arch: "arm64".to_owned() },
        "windows" => PlatformTag::Windows(Cpu::X86_64),
        lower => turned.as_deref().unwrap_or(lower).parse().unwrap_or_else(|never| match never {}),
    };
    let refused = |why: &str, cpu: Option<&Cpu>| {
        let named = cpu.and_then(arch_of).map_or("arm64 or --arch x86_64".to_owned(), |arch| arch.to_string());
        Failure::new(Code::Usage, format!("--platform {text}: {why}")).help(format!("use --arch {named}"))
    };
    let on_lambda = |cpu: &Cpu| arch_of(cpu).ok_or_else(|| refused("Lambda runs arm64 and x86_64 only", None));
    match &tag {
        PlatformTag::Linux(cpu) => Ok((on_lambda(cpu)?, None)),
        PlatformTag::Manylinux { major, minor, cpu, .. } => Ok((on_lambda(cpu)?, Some((*major, *minor)))),
        PlatformTag::Musllinux { cpu, .. } => {
            Err(refused("Lambda runs Amazon Linux, which has glibc and no musl", Some(cpu)))
        }
        PlatformTag::MacOs { .. } | PlatformTag::Windows(_) => {
            Err(refused("Lambda runs Amazon Linux: a layer for another system would not load", None))
        }
        PlatformTag::Any | PlatformTag::Other(_) => Err(refused("no platform that layerpack knows", None)),
    }
}

fn arch_of(cpu: &Cpu) -> Option<Arch> {
    Arch::ALL.into_iter().find(|arch| arch.cpu() == *cpu)
}

/// An ABI that some of the targets load: which wheels that leaves is for the runtime to say.
fn check_abi(text: &str, targets: &[Target]) -> Result<(), Failure> {
    let abi: AbiTag = text.parse().unwrap_or_else(|never| match never {});
    let loads = match &abi {
        AbiTag::None | AbiTag::Abi3 => true,
        AbiTag::CPython { major, minor, flags } => {
            !flags.free_threaded
                && !flags.debug
                && targets.iter().any(|target| target.runtime.name.python() == (*major, *minor))
        }
        AbiTag::Abi3t | AbiTag::Other(_) => false,
    };
    if loads {
        return Ok(());
    }
    let runtimes: Vec<String> = targets.iter().map(|target| target.runtime.name.to_string()).collect();
    Err(Failure::new(Code::Usage, format!("--abi {text} is not that of {}", runtimes.join(", ")))
        .help("leave it out: the runtime says which ABIs load; another one is named with --runtime"))
}
