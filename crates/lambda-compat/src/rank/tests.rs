use proptest::prelude::*;

use super::*;
use crate::finding::Finding;
use crate::profile::runtimes;

fn all_targets() -> impl Iterator<Item = Target> {
    runtimes().iter().flat_map(|runtime| Arch::ALL.map(|arch| Target { runtime, arch }))
}

fn target(runtime: &str, arch: Arch) -> Target {
    Target::new(runtime.parse().expect("a known runtime"), arch)
}

fn tags(text: &str) -> TagSet {
    text.parse().expect("tags")
}

/// What `packaging.tags.sys_tags()` yields on the target, best first, written down from its documentation.
fn sys_tags(target: &Target, origin: Origin) -> Vec<String> {
    let (_, minor) = target.runtime.name.python();
    let glibc = target.runtime.glibc.value.minor;
    let (arch, oldest) = match target.arch {
        Arch::X86_64 => ("x86_64", 5),
        Arch::Arm64 => ("aarch64", 17),
    };
    let mut platforms = Vec::new();
    for version in (oldest..=glibc).rev() {
        platforms.push(format!("manylinux_2_{version}_{arch}"));
        match version {
            17 => platforms.push(format!("manylinux2014_{arch}")),
            12 => platforms.push(format!("manylinux2010_{arch}")),
            5 => platforms.push(format!("manylinux1_{arch}")),
            _ => {}
        }
    }
    if origin == Origin::Unverified {
        platforms.push(format!("linux_{arch}"));
    }
    let pythons: Vec<_> = [format!("py3{minor}"), "py3".to_owned()]
        .into_iter()
        .chain((0..minor).rev().map(|m| format!("py3{m}")))
        .collect();

    let mut native = vec![format!("cp3{minor}-cp3{minor}"), format!("cp3{minor}-abi3"), format!("cp3{minor}-none")];
    native.extend((2..minor).rev().map(|m| format!("cp3{m}-abi3")));
    native.extend(pythons.iter().map(|python| format!("{python}-none")));
    let mut all: Vec<_> = native.iter().flat_map(|pair| platforms.iter().map(move |p| format!("{pair}-{p}"))).collect();
    all.push(format!("cp3{minor}-none-any"));
    all.extend(pythons.iter().map(|python| format!("{python}-none-any")));
    all
}

#[test]
fn every_tag_of_packaging_ranks_and_in_its_order() {
    for target in all_targets() {
        for origin in [Origin::PublicIndex, Origin::Unverified] {
            let ranks: Vec<_> = sys_tags(&target, origin)
                .iter()
                .map(|tag| target.rank(&tags(tag), origin).unwrap_or_else(|why| panic!("{tag} on {target}: {why:?}")))
                .collect();
            assert!(ranks.is_sorted_by(|better, worse| better > worse), "{target}");
        }
    }
}

fn members(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    proptest::sample::subsequence(of, 1..=3.min(of.len())).prop_shuffle().prop_map(|members| members.join("."))
}

const PYTHONS: &[&str] = &[
    "py3",
    "py2",
    "py30",
    "py38",
    "py310",
    "py311",
    "py312",
    "py313",
    "py316",
    "cp3",
    "cp31",
    "cp32",
    "cp36",
    "cp38",
    "cp39",
    "cp310",
    "cp311",
    "cp312",
    "cp313",
    "cp314",
    "cp315",
    "cp316",
    "pp310",
    "cp27",
    "graalpy312",
];
const ABIS: &[&str] = &[
    "none",
    "abi3",
    "abi3t",
    "cp38",
    "cp39",
    "cp310",
    "cp311",
    "cp311d",
    "cp312",
    "cp313",
    "cp313t",
    "cp314",
    "cp314t",
    "cp315",
    "cp38m",
    "cp27mu",
    "pypy310_pp73",
];
const PLATFORMS: &[&str] = &[
    "any",
    "linux_x86_64",
    "linux_aarch64",
    "linux_armv7l",
    "manylinux1_x86_64",
    "manylinux2010_x86_64",
    "manylinux2014_x86_64",
    "manylinux2014_aarch64",
    "manylinux1_aarch64",
    "manylinux2014_i686",
    "manylinux_2_4_x86_64",
    "manylinux_2_5_x86_64",
    "manylinux_2_16_aarch64",
    "manylinux_2_17_x86_64",
    "manylinux_2_17_aarch64",
    "manylinux_2_24_x86_64",
    "manylinux_2_26_aarch64",
    "manylinux_2_27_x86_64",
    "manylinux_2_28_x86_64",
    "manylinux_2_28_aarch64",
    "manylinux_2_34_aarch64",
    "manylinux_2_35_x86_64",
    "manylinux_3_0_x86_64",
    "musllinux_1_2_x86_64",
    "macosx_11_0_arm64",
    "win_amd64",
    "ios_13_0_arm64_iphoneos",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn sets_fit_where_packaging_has_one_of_their_tags_and_rank_by_the_best(
        sets in proptest::collection::vec((members(PYTHONS), members(ABIS), members(PLATFORMS)), 2),
        index in 0..16_usize,
        public in any::<bool>(),
    ) {
        let target = all_targets().nth(index).expect("8 runtimes on 2 architectures");
        let origin = if public { Origin::PublicIndex } else { Origin::Unverified };
        let order = sys_tags(&target, origin);
        let sets: Vec<_> = sets.iter().map(|(python, abi, platform)| tags(&format!("{python}-{abi}-{platform}"))).collect();
        let ranks: Vec<_> = sets.iter().map(|set| target.rank(set, origin)).collect();
        let places: Vec<_> = sets
            .iter()
            .map(|set| set.iter().filter_map(|tag| order.iter().position(|known| *known == tag.to_string())).min())
            .collect();
        for ((set, rank), place) in sets.iter().zip(&ranks).zip(&places) {
            prop_assert_eq!(rank.is_ok(), place.is_some(), "{} on {}", set, target);
            if let Err(mismatches) = rank {
                prop_assert!(!mismatches.is_empty(), "{} on {} fails for no reason", set, target);
            }
        }
        if let ([Ok(one), Ok(other)], [Some(place), Some(other_place)]) = (&ranks[..], &places[..]) {
            prop_assert_eq!(one.cmp(other), other_place.cmp(place));
        }
    }
}

#[test]
fn what_loads_where() {
    let loads = |runtime: &str, arch, text: &str| target(runtime, arch).rank(&tags(text), Origin::PublicIndex).is_ok();
    assert!(loads("python3.12", Arch::X86_64, "cp36-abi3-manylinux2014_x86_64"));
    assert!(!loads("python3.12", Arch::X86_64, "cp313-abi3-manylinux2014_x86_64"));
    assert!(loads("python3.15", Arch::X86_64, "cp315-abi3.abi3t-manylinux2014_x86_64"));
    assert!(!loads("python3.15", Arch::X86_64, "cp315-abi3t-manylinux2014_x86_64"));
    assert!(!loads("python3.13", Arch::X86_64, "cp313-cp313t-manylinux2014_x86_64"));
    assert!(loads("python3.11", Arch::Arm64, "cp311-cp311-manylinux_2_24_aarch64.manylinux_2_28_aarch64"));
    assert!(!loads("python3.11", Arch::Arm64, "cp311-cp311-manylinux_2_28_aarch64"));
    assert!(!loads("python3.8", Arch::X86_64, "cp38-cp38m-manylinux2014_x86_64"));
}

/// One line per reason, with its code.
fn reasons(runtime: &str, arch: Arch, text: &str, origin: Origin) -> String {
    let mismatches = target(runtime, arch).rank(&tags(text), origin).expect_err("it loads");
    assert!(mismatches.iter().all(|mismatch| mismatch.cited(Finding::error(mismatch.code(), "")).source.is_some()));
    mismatches.iter().map(|m| format!("{} {m}", m.code())).collect::<Vec<_>>().join("\n")
}

#[test]
fn reasons_are_those_that_block_and_no_others() {
    let public = |runtime, arch, text| reasons(runtime, arch, text, Origin::PublicIndex);
    let package2 = "cp311-cp311-manylinux_2_28_x86_64";
    insta::assert_snapshot!(public("python3.11", Arch::Arm64, package2), @r"
    LP102 built for x86_64; the target is arm64
    LP103 needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26
    ");
    insta::assert_snapshot!(public("python3.11", Arch::X86_64, package2), @"LP103 needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, package2), @"LP101 built for CPython 3.11; the target is python3.12");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "cp313-abi3-manylinux2014_x86_64"), @"LP101 built for CPython 3.13 or newer; the target is python3.12");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "py313-none-any"), @"LP101 built for Python 3.13 or newer; the target is python3.12");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "py2.pp310-none-any"), @"LP101 built for Python 2, pp310; the target is python3.12");
    insta::assert_snapshot!(public("python3.13", Arch::Arm64, "cp313-cp313t-manylinux2014_aarch64"), @"LP101 built for free-threaded Python; Lambda's has the global interpreter lock");
    insta::assert_snapshot!(public("python3.12", Arch::Arm64, "cp313-cp313t-manylinux2014_aarch64"), @r"
    LP101 built for CPython 3.13; the target is python3.12
    LP101 built for free-threaded Python; Lambda's has the global interpreter lock
    ");
    insta::assert_snapshot!(public("python3.15", Arch::Arm64, "cp315-abi3t-manylinux2014_aarch64"), @"LP101 built for free-threaded Python; Lambda's has the global interpreter lock");
    insta::assert_snapshot!(public("python3.12", Arch::Arm64, "cp312-cp312d-manylinux2014_aarch64"), @"LP101 its ABI cp312d is not that of python3.12");
    insta::assert_snapshot!(public("python3.12", Arch::Arm64, "cp312-cp312-any"), @"LP101 tagged for any platform though its ABI is cp312; installers know no such tag");
    insta::assert_snapshot!(public("python3.12", Arch::Arm64, "py3-none-linux_aarch64"), @"LP104 tagged linux_aarch64, which names no glibc and counts for local files and private indexes only");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "cp312-cp312-manylinux_2_4_x86_64"), @"LP104 built for manylinux_2_4_x86_64, which is none of Lambda's platforms");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "cp312-cp312-macosx_11_0_arm64"), @"LP104 built for macOS; Lambda runs on Linux");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "cp312-cp312-win_amd64"), @"LP104 built for Windows; Lambda runs on Linux");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "cp312-cp312-musllinux_1_2_x86_64"), @"LP104 built for musl, as in Alpine Linux; Lambda has glibc");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "cp312-cp312-manylinux2014_i686"), @"LP102 built for i686; the target is x86_64");
    insta::assert_snapshot!(public("python3.12", Arch::X86_64, "cp312-cp312-manylinux2014_aarch64"), @"LP102 built for arm64; the target is x86_64");
}

#[test]
fn of_several_platforms_the_nearest_is_named() {
    let set = "cp311-cp311-win_amd64.musllinux_1_2_x86_64.manylinux_2_28_x86_64.manylinux_2_27_x86_64";
    insta::assert_snapshot!(reasons("python3.11", Arch::X86_64, set, Origin::PublicIndex), @"LP103 needs glibc 2.27; python3.11 runs on Amazon Linux 2, which has 2.26");
}

#[test]
fn an_unverified_wheel_may_be_tagged_linux() {
    let tags = tags("cp312-cp312-linux_aarch64");
    let rank = |arch, origin| target("python3.12", arch).rank(&tags, origin);
    assert!(rank(Arch::Arm64, Origin::Unverified).is_ok());
    assert!(rank(Arch::Arm64, Origin::PublicIndex).is_err());
    assert!(rank(Arch::X86_64, Origin::Unverified).is_err());
}
