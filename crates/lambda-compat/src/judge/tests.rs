mod imports;
mod libraries;

use std::borrow::Cow;
use std::collections::BTreeMap;

use testkit::{ElfBuilder, MACHO_64, Machine, PE};
use wheel_tags::{VersionSpecifiers, WheelFilename};

use super::*;
use crate::elf::{Binary, read};
use crate::finding::{Verdict, verdict_of};
use crate::layer::{Contents, Given, PYTHON, PlacedFile};
use crate::profile::{Date, runtimes};
use crate::rank::Origin;
use crate::target::Arch;

/// A wheel as a test describes it.
struct Wheel {
    filename: WheelFilename,
    requires_python: Option<VersionSpecifiers>,
    /// Path, native code, and the bytes where somebody may read them.
    files: Vec<(String, Option<Binary>, Vec<u8>)>,
}

/// The bytes of some wheels' files.
struct Texts(BTreeMap<String, Vec<u8>>);

impl Contents for Texts {
    fn read(&self, place: &str) -> Option<Vec<u8>> {
        self.0.get(place).cloned()
    }
}

fn wheel(filename: &str) -> Wheel {
    Wheel { filename: filename.parse().expect("a wheel's name"), requires_python: None, files: Vec::new() }
}

fn place(entry: &str) -> String {
    format!("{PYTHON}/{entry}")
}

impl Wheel {
    fn requires(mut self, specifiers: &str) -> Self {
        self.requires_python = Some(specifiers.parse().expect("specifiers"));
        self
    }

    fn holds(mut self, entry: &str, bytes: &[u8]) -> Self {
        let binary = read(&mut &*bytes).expect("native code");
        self.files.push((entry.to_owned(), Some(binary), Vec::new()));
        self
    }

    fn elf(self, entry: &str, file: &ElfBuilder) -> Self {
        self.holds(entry, &file.build())
    }

    fn python(mut self, entry: &str, source: &str) -> Self {
        self.files.push((entry.to_owned(), None, source.as_bytes().to_vec()));
        self
    }

    fn facts(&self) -> WheelFacts<'_> {
        let files = self.files.iter().map(|(entry, binary, text)| PlacedFile {
            entry,
            place: place(entry).into(),
            mode: None,
            binary: binary.as_ref(),
            opens_libraries: String::from_utf8_lossy(text).contains("dlopen")
                || String::from_utf8_lossy(text).contains("CDLL"),
        });
        WheelFacts {
            name: &self.filename.name,
            version: &self.filename.version,
            tags: Cow::Borrowed(&self.filename.tags),
            variant: self.filename.variant.as_deref(),
            origin: Origin::Unverified,
            requires_python: self.requires_python.as_ref(),
            requires_dist: &[],
            files: files.collect(),
        }
    }

    fn texts(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        self.files.iter().map(|(entry, _, text)| (place(entry), text.clone()))
    }

    /// Judged alone.
    fn alone<T>(&self, judged: impl FnOnce(&Layer<'_>, &WheelFacts<'_>) -> T) -> T {
        let texts = Texts(self.texts().collect());
        let layer = Layer::new(vec![self.facts()], Vec::new(), &texts, Given::default());
        judged(&layer, &layer.wheels()[0])
    }

    fn findings(&self, target: &Target) -> Vec<Finding> {
        self.alone(|layer, wheel| judge(layer, wheel, target))
    }

    fn advice(&self, target: &Target) -> Option<String> {
        self.alone(|layer, wheel| advise(layer, wheel, target, today()))
    }

    fn verdict(&self, runtime: &str, arch: Arch) -> Verdict {
        verdict_of(&self.findings(&target(runtime, arch)))
    }

    /// The verdict, a line per finding, and the advice.
    fn on(&self, runtime: &str, arch: Arch) -> String {
        self.alone(|layer, wheel| said(layer, wheel, &target(runtime, arch)))
    }
}

/// The verdict, a line per finding, and the advice.
fn said(layer: &Layer<'_>, wheel: &WheelFacts<'_>, target: &Target) -> String {
    let findings = judge(layer, wheel, target);
    assert!(findings.is_sorted(), "{findings:?}");
    let mut lines = vec![verdict_of(&findings).to_string()];
    for finding in &findings {
        assert!(finding.source.as_ref().is_some_and(|source| !source.is_empty()), "{finding:?}");
        let entry = finding.entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
        lines.push(format!("{} {}  {entry}{}", finding.severity, finding.code, finding.message));
    }
    lines.extend(advise(layer, wheel, target, today()).map(|help| format!("help: {help}")));
    lines.join("\n")
}

/// What is said of the first of several wheels that are judged together.
fn among(wheels: &[&Wheel], given: Given, target: &Target) -> String {
    let texts = Texts(wheels.iter().flat_map(|wheel| wheel.texts()).collect());
    let layer = Layer::new(wheels.iter().map(|wheel| wheel.facts()).collect(), Vec::new(), &texts, given);
    said(&layer, &layer.wheels()[0], target)
}

fn target(runtime: &str, arch: Arch) -> Target {
    Target::new(runtime.parse().expect("a known runtime"), arch)
}

fn today() -> Date {
    "2026-11-22".parse().expect("a date")
}

fn x86_64() -> ElfBuilder {
    ElfBuilder::shared(Machine::X86_64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.17")
}

fn arm64() -> ElfBuilder {
    ElfBuilder::shared(Machine::Aarch64).needed("libc.so.6").version("libc.so.6", "GLIBC_2.17")
}

fn package2() -> Wheel {
    wheel("local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl")
        .elf("local_package2/_native.so", &x86_64().version("libc.so.6", "GLIBC_2.28"))
}

#[test]
fn a_wheel_for_another_processor_and_a_newer_glibc() {
    insta::assert_snapshot!(package2().on("python3.11", Arch::Arm64), @r"
    fails
    error LP102  built for x86_64; the target is arm64
    error LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26
    help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_aarch64, or for cp312 or abi3 on aarch64 and use python3.12 or newer (glibc 2.34)
    ");
    insta::assert_snapshot!(package2().on("python3.11", Arch::X86_64), @r"
    fails
    error LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26
    help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_x86_64, or for cp312 or abi3 on x86_64 and use python3.12 or newer (glibc 2.34)
    ");
    insta::assert_snapshot!(package2().on("python3.12", Arch::X86_64), @r"
    fails
    error LP101  built for CPython 3.11; the target is python3.12
    help: no Lambda runtime loads this file: cp311 runs on python3.11 only, which has glibc 2.26. Rebuild it for cp312 or abi3 on manylinux2014_x86_64
    ");
}

#[test]
fn a_wheel_that_loads_says_nothing() {
    let pure = wheel("local_package1-0.1.0-py3-none-any.whl");
    insta::assert_snapshot!(pure.on("python3.11", Arch::Arm64), @"loads");
    let native = wheel("a-1-cp312-abi3-manylinux2014_aarch64.whl").elf("a/_a.abi3.so", &arm64());
    insta::assert_snapshot!(native.on("python3.13", Arch::Arm64), @"loads");
}

#[test]
fn advice_names_the_runtimes_that_load_the_wheel() {
    let abi3 = |tag| wheel(&format!("a-1-cp312-abi3-{tag}.whl"));
    insta::assert_snapshot!(abi3("manylinux_2_28_aarch64").on("python3.11", Arch::Arm64), @r"
    fails
    error LP101  built for CPython 3.12 or newer; the target is python3.11
    error LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26
    help: loads on python3.12 and newer · arm64
    ");
    insta::assert_snapshot!(abi3("manylinux2014_x86_64").on("python3.13", Arch::Arm64), @r"
    fails
    error LP102  built for x86_64; the target is arm64
    help: loads on python3.13 and newer · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64
    ");
    let excluded = abi3("manylinux2014_x86_64").requires(">=3.12");
    insta::assert_snapshot!(excluded.on("python3.11", Arch::Arm64), @r"
    fails
    error LP101  built for CPython 3.12 or newer; the target is python3.11
    error LP102  built for x86_64; the target is arm64
    error LP105  requires Python >=3.12; python3.11 has 3.11.15
    help: loads on python3.12 and newer · x86_64
    ");
    insta::assert_snapshot!(wheel("a-1-cp312-cp312-manylinux2014_x86_64.whl").on("python3.14", Arch::X86_64), @r"
    fails
    error LP101  built for CPython 3.12; the target is python3.14
    help: loads on python3.12 · x86_64
    ");
    insta::assert_snapshot!(wheel("a-1-cp313-cp313-manylinux2014_x86_64.whl").on("python3.11", Arch::X86_64), @r"
    fails
    error LP101  built for CPython 3.13; the target is python3.11
    help: loads on python3.13 · x86_64
    ");
    insta::assert_snapshot!(wheel("a-1-cp314-abi3-manylinux2014_x86_64.whl").on("python3.11", Arch::X86_64), @r"
    fails
    error LP101  built for CPython 3.14 or newer; the target is python3.11
    help: loads on python3.14 · x86_64
    ");
    insta::assert_snapshot!(wheel("a-1-py3-none-any.whl").requires(">=3.12").on("python3.11", Arch::X86_64), @r"
    fails
    error LP105  requires Python >=3.12; python3.11 has 3.11.15
    help: loads on python3.12 and newer · x86_64
    ");
    insta::assert_snapshot!(wheel("a-1-py3-none-any.whl").requires("<3.13").on("python3.14", Arch::X86_64), @r"
    fails
    error LP105  requires Python <3.13; python3.14 has 3.14.6
    help: loads on python3.12, python3.11 · x86_64
    ");
}

#[test]
fn advice_says_what_to_rebuild_for_where_nothing_loads_the_wheel() {
    insta::assert_snapshot!(wheel("a-1-cp313-cp313t-manylinux2014_x86_64.whl").on("python3.13", Arch::X86_64), @r"
    fails
    error LP101  built for free-threaded Python; Lambda's has the global interpreter lock
    help: no Lambda runtime loads this file. Rebuild it for cp313 or abi3 on manylinux2014_x86_64
    ");
    insta::assert_snapshot!(wheel("a-1-cp312-cp312-musllinux_1_2_aarch64.whl").on("python3.12", Arch::Arm64), @r"
    fails
    error LP104  built for musl, as in Alpine Linux; Lambda has glibc
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");
    insta::assert_snapshot!(wheel("a-1-cp37-cp37m-manylinux2014_x86_64.whl").on("python3.12", Arch::X86_64), @r"
    fails
    error LP101  built for CPython 3.7; the target is python3.12
    help: no Lambda runtime loads this file. Rebuild it for cp312 or abi3 on manylinux2014_x86_64
    ");
    insta::assert_snapshot!(wheel("a-1-py2-none-any.whl").on("python3.12", Arch::X86_64), @r"
    fails
    error LP101  built for Python 2; the target is python3.12
    help: no Lambda runtime loads this file. Rebuild it for Python 3
    ");
    insta::assert_snapshot!(wheel("a-1-cp39-cp39-manylinux2014_aarch64.whl").on("python3.12", Arch::Arm64), @r"
    fails
    error LP101  built for CPython 3.9; the target is python3.12
    help: no live Lambda runtime loads this file; python3.9 · arm64, deprecated since 2025-12-15, does. Rebuild it for cp312 or abi3 on manylinux2014_aarch64
    ");
    insta::assert_snapshot!(wheel("a-1-cp315-cp315-manylinux2014_aarch64.whl").on("python3.12", Arch::Arm64), @r"
    fails
    error LP101  built for CPython 3.15; the target is python3.12
    help: no live Lambda runtime loads this file; python3.15 · arm64, a preview, does. Rebuild it for cp312 or abi3 on manylinux2014_aarch64
    ");
    insta::assert_snapshot!(wheel("a-1-py3-none-any.whl").requires("<3.8").on("python3.12", Arch::Arm64), @r"
    fails
    error LP105  requires Python <3.8; python3.12 has 3.12.13
    help: no Lambda runtime loads this file. Take another version of a
    ");
    insta::assert_snapshot!(wheel("a-1-cp312-cp312-manylinux_2_39_aarch64.whl").on("python3.12", Arch::Arm64), @r"
    fails
    error LP103  needs glibc 2.39; python3.12 runs on Amazon Linux 2023, which has 2.34
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");
}

#[test]
fn advice_never_names_a_target_that_the_judge_has_not_passed() {
    let wheels = [
        package2(),
        wheel("a-1-cp312-abi3-manylinux_2_28_aarch64.whl"),
        wheel("a-1-cp310-cp310-manylinux2014_x86_64.whl").requires(">=3.9"),
        wheel("a-1-cp39-abi3-manylinux2014_x86_64.whl").requires("!=3.12.*"),
        wheel("a-1-py3-none-any.whl").elf("a/a.so", &x86_64().version("libc.so.6", "GLIBC_2.30")),
        wheel("a-1-cp314-cp314-manylinux2014_aarch64.whl").elf("a/a.so", &x86_64()),
    ];
    let mut count = 0;
    for wheel in wheels {
        for (runtime, arch) in runtimes().iter().flat_map(|runtime| Arch::ALL.map(|arch| (runtime, arch))) {
            let Some(advice) = wheel.advice(&Target { runtime, arch }) else { continue };
            let Some(loads_on) = advice.strip_prefix("loads on ") else { continue };
            let (names, arch) =
                loads_on.split(';').next().unwrap_or_default().split_once(" · ").expect("an architecture");
            let arch = arch.parse().expect("an architecture");
            let first = names.split([',', ' ']).next().unwrap_or_default();
            let mut promised: Vec<_> = names.trim_end_matches(" and newer").split(", ").map(str::to_owned).collect();
            if names.ends_with(" and newer") {
                let all = runtimes().iter().map(|runtime| runtime.name.to_string());
                promised = all.skip_while(|name| name != first).collect();
            }
            for name in promised {
                assert_eq!(wheel.verdict(&name, arch), Verdict::Loads, "{} on {name}: {advice}", wheel.filename);
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn requires_python_is_held_against_the_runtimes_newest_patch() {
    let pure = |specifiers| wheel("a-1-py3-none-any.whl").requires(specifiers);
    assert_eq!(pure(">=3.11.5").verdict("python3.11", Arch::Arm64), Verdict::Loads);
    assert_eq!(pure(">=3.15").verdict("python3.15", Arch::Arm64), Verdict::Loads);
    assert_eq!(pure("==3.12.*").verdict("python3.12", Arch::Arm64), Verdict::Loads);
    insta::assert_snapshot!(pure(">=3.9, <3.12").on("python3.12", Arch::Arm64), @r"
    fails
    error LP105  requires Python >=3.9, <3.12; python3.12 has 3.12.13
    help: loads on python3.11 · arm64
    ");
}

#[test]
fn bytes_are_believed_over_tags() {
    let lying = wheel("a-1-cp312-cp312-manylinux2014_x86_64.whl")
        .elf("a/_b.so", &x86_64().version("libc.so.6", "GLIBC_2.28"))
        .elf("a/_a.so", &x86_64().version("libm.so.6", "GLIBC_2.34"))
        .elf("a/_c.so", &x86_64());
    insta::assert_snapshot!(lying.on("python3.12", Arch::X86_64), @r"
    loads
    warning LP108  a/_a.so: its tag promises glibc 2.17, yet it needs 2.34 (GLIBC_2.34); 1 more file too
    ");

    let local = wheel("a-1-py3-none-linux_x86_64.whl").elf("a/_a.so", &x86_64().version("libc.so.6", "GLIBC_2.35"));
    insta::assert_snapshot!(local.on("python3.12", Arch::X86_64), @"
    fails
    error LP103  a/_a.so: needs glibc 2.35 (GLIBC_2.35); python3.12 runs on Amazon Linux 2023, which has 2.34
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
    insta::assert_snapshot!(local.on("python3.12", Arch::Arm64), @"
    fails
    error LP102  built for x86_64; the target is arm64
    error LP103  a/_a.so: needs glibc 2.35 (GLIBC_2.35); python3.12 runs on Amazon Linux 2023, which has 2.34
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");

    let mistagged =
        wheel("a-1-cp311-cp311-manylinux2014_x86_64.whl").elf("a/_a.so", &x86_64().version("libc.so.6", "GLIBC_2.28"));
    insta::assert_snapshot!(mistagged.on("python3.11", Arch::X86_64), @"
    fails
    error LP103  a/_a.so: needs glibc 2.28 (GLIBC_2.28), though its tag promises 2.17; python3.11 runs on Amazon Linux 2, which has 2.26
    help: no Lambda runtime loads this file: cp311 runs on python3.11 only. Rebuild it for manylinux2014_x86_64, or for cp312 or abi3 on x86_64 and use python3.12 or newer (glibc 2.34)
    ");
}

#[test]
fn weak_versions_keep_nothing_from_loading() {
    let weak = wheel("a-1-cp312-cp312-linux_x86_64.whl").elf("a.so", &x86_64().weak_version("libc.so.6", "GLIBC_2.38"));
    assert_eq!(weak.on("python3.12", Arch::X86_64), "loads");
}

#[test]
fn many_files_make_one_finding() {
    const ENTRIES: [&str; 4] = ["a/_d.so", "a/_b.so", "a/_c.so", "a/_a.so"];
    let all = ENTRIES.into_iter().fold(wheel("a-1-py3-none-any.whl"), |wheel, entry| wheel.elf(entry, &x86_64()));
    insta::assert_snapshot!(all.on("python3.12", Arch::Arm64), @"
    fails
    error LP102  a/_a.so: built for x86_64; the target is arm64; 3 more files too
    help: loads on python3.12 and newer · x86_64; to stay on arm64, rebuild it for manylinux2014_aarch64
    ");
    insta::assert_snapshot!(all.elf("a/_e.so", &arm64()).on("python3.12", Arch::Arm64), @"
    loads
    warning LP102  a/_a.so: built for x86_64; the target is arm64; 3 more files too; other native files of the wheel load
    ");
}

#[test]
fn the_cxx_runtime_may_be_newer_than_the_runtimes() {
    let needs = |library, version| {
        wheel("a-1-cp312-cp312-linux_x86_64.whl").elf("a/_a.so", &x86_64().needed(library).version(library, version))
    };
    let gcc13 = needs("libstdc++.so.6", "GLIBCXX_3.4.32");
    insta::assert_snapshot!(gcc13.on("python3.12", Arch::X86_64), @r"
    loads
    warning LP106  a/_a.so: needs GLIBCXX_3.4.32 of libstdc++.so.6; functions on the newest update of python3.12 have it, those whose updates are managed by hand may have only GLIBCXX_3.4.29
    ");
    insta::assert_snapshot!(needs("libstdc++.so.6", "GLIBCXX_3.4.34").on("python3.12", Arch::X86_64), @"
    fails
    error LP106  a/_a.so: needs GLIBCXX_3.4.34 of libstdc++.so.6; python3.12 has GLIBCXX_3.4.33 at most
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
    insta::assert_snapshot!(needs("libstdc++.so.6", "CXXABI_1.3.16").on("python3.12", Arch::X86_64), @"
    fails
    error LP106  a/_a.so: needs CXXABI_1.3.16 of libstdc++.so.6; python3.12 has CXXABI_1.3.15 at most
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
    insta::assert_snapshot!(needs("libgcc_s.so.1", "GCC_12.0.0").on("python3.12", Arch::X86_64), @r"
    loads
    warning LP106  a/_a.so: needs GCC_12.0.0 of libgcc_s.so.1; functions on the newest update of python3.12 have it, those whose updates are managed by hand may have only GCC_7.0.0
    ");
    for version in ["GLIBCXX_3.4.29", "CXXABI_FLOAT128"] {
        assert_eq!(needs("libstdc++.so.6", version).on("python3.12", Arch::X86_64), "loads", "{version}");
    }
    let bundled = "libstdc++-0fe8a0d4.so.6.0.35";
    let own = needs(bundled, "GLIBCXX_3.4.35").elf(&format!("a.libs/{bundled}"), &x86_64());
    assert_eq!(own.on("python3.12", Arch::X86_64), "loads");
}

#[test]
fn damaged_files_are_named() {
    let half = &x86_64().build()[..100];
    let one = wheel("a-1-cp312-cp312-manylinux2014_x86_64.whl").holds("a/_a.so", half);
    insta::assert_snapshot!(one.on("python3.12", Arch::X86_64), @"
    fails
    error LP107  a/_a.so: damaged: it is cut off
    help: no Lambda runtime loads this file. Download or build it again
    ");
    insta::assert_snapshot!(one.elf("a/_b.so", &x86_64()).on("python3.12", Arch::X86_64), @"
    fails
    error LP107  a/_a.so: damaged: it is cut off
    help: no Lambda runtime loads this file. Download or build it again
    ");
    let data = wheel("a-1-py3-none-any.whl").holds("a/tests/data/corrupt.bin", half);
    insta::assert_snapshot!(data.on("python3.12", Arch::X86_64), @r"
    loads
    warning LP107  a/tests/data/corrupt.bin: damaged: it is cut off; a program or data, not a library
    ");
}

#[test]
fn files_for_other_systems_are_no_error_where_the_package_can_choose() {
    let any = || wheel("a-1-py3-none-any.whl");
    insta::assert_snapshot!(any().holds("a/_a.so", MACHO_64).on("python3.12", Arch::Arm64), @"
    fails
    error LP104  a/_a.so: built for macOS; Lambda runs on Linux
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");
    insta::assert_snapshot!(any().holds("a/_a.pyd", PE).on("python3.12", Arch::Arm64), @r"
    fails
    error LP104  a/_a.pyd: built for Windows; Lambda runs on Linux
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_aarch64
    ");
    // As setuptools and pip carry.
    assert_eq!(any().holds("setuptools/cli-64.exe", PE).on("python3.12", Arch::Arm64), "loads");
    // As debugpy: a helper per system, none for arm64.
    let helpers =
        any().elf("a/attach_linux_amd64.so", &x86_64()).holds("a/attach.dylib", MACHO_64).holds("a/attach.dll", PE);
    insta::assert_snapshot!(helpers.on("python3.12", Arch::Arm64), @"
    loads
    warning LP102  a/attach_linux_amd64.so: built for x86_64; the target is arm64; the wheel has files for several systems to choose from
    note LP104  a/attach.dylib: built for macOS; Lambda runs on Linux; the wheel has files for several systems to choose from
    ");
    insta::assert_snapshot!(helpers.on("python3.12", Arch::X86_64), @"
    loads
    note LP104  a/attach.dylib: built for macOS; Lambda runs on Linux; other native files of the wheel load
    ");
    // As selenium: programs.
    let program = any().elf("a/manager", &ElfBuilder::executable(Machine::X86_64, "/lib64/ld-linux-x86-64.so.2"));
    insta::assert_snapshot!(program.on("python3.12", Arch::Arm64), @r"
    loads
    warning LP102  a/manager: built for x86_64; the target is arm64; a program or data, not a library
    ");
}

#[test]
fn object_files_are_not_judged() {
    let object = wheel("a-1-py3-none-any.whl").elf("a/program.bpf.o", &ElfBuilder::shared(Machine::Other(247)).kind(1));
    assert_eq!(object.on("python3.12", Arch::Arm64), "loads");
}

#[test]
fn musl_shows_in_the_bytes() {
    let musl = ElfBuilder::shared(Machine::X86_64).needed("libc.musl-x86_64.so.1");
    let wheel = wheel("a-1-cp312-cp312-linux_x86_64.whl").elf("a/_a.so", &musl);
    insta::assert_snapshot!(wheel.on("python3.12", Arch::X86_64), @"
    fails
    error LP104  a/_a.so: built for musl, as in Alpine Linux; Lambda has glibc
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
}

#[test]
fn a_variant_cannot_be_judged() {
    let variant = wheel("numpy-2.3.2-cp313-cp313-manylinux2014_x86_64-x86_64_v3.whl");
    insta::assert_snapshot!(variant.on("python3.13", Arch::X86_64), @r"
    unknown
    warning LP109  wheel variant x86_64_v3: whether Lambda's processors have what it needs cannot be told
    ");
    insta::assert_snapshot!(variant.on("python3.13", Arch::Arm64), @r"
    fails
    error LP102  built for x86_64; the target is arm64
    warning LP109  wheel variant x86_64_v3: whether Lambda's processors have what it needs cannot be told
    help: no Lambda runtime is known to load this file. Rebuild it for manylinux2014_aarch64
    ");
    assert_eq!(wheel("numpy-2.3.2-cp313-cp313-manylinux2014_x86_64-null.whl").on("python3.13", Arch::X86_64), "loads");
}
