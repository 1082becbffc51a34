//! Rules that need more than names and versions to be shown.

use std::sync::atomic::Ordering;

use lambda_compat::Code;
use pypi_resolve::requirements::HashDigest;
use pypi_resolve::resolve::{BelowMetadata, BelowPackage, PinSource, Policy, Wants, resolve};
use wheel_archive::Sha256;
use wheel_tags::DistName;

use crate::memory::{Memory, Release, lines, local, pins, target, wants};

fn native() -> Memory {
    let mut index = Memory::default();
    let tags = ["cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_28_x86_64", "cp312-cp312-win_amd64"];
    let wheels = Some(tags.map(str::to_owned).to_vec());
    index.add("a", "1.0", &Release { wheels: wheels.clone(), ..Release::default() });
    index.add("a", "1.1", &Release { wheels, requires: vec!["b".to_owned()], ..Release::default() });
    index.plain("b", "1.0", &[]);
    index
}

fn digest(filename: &str) -> HashDigest {
    HashDigest::Sha256(Sha256::of(filename.as_bytes()))
}

#[test]
fn a_line_with_hashes_takes_only_those_files() {
    let mut wants = wants(&["a", "b"]);
    wants.requirements[0].hashes = vec![digest("a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl")];
    let resolution = resolve(&wants, &target("python3.12 x86_64"), &native(), &Policy::default()).expect("a solution");
    assert_eq!(resolution.pins[0].wheel.to_string(), "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl");
    assert_eq!(pins(&resolution), "a 1.0, b 1.0");
}

#[test]
fn required_hashes_are_required_of_dependencies_too() {
    let policy = Policy { require_hashes: true, ..Policy::default() };
    let mut wants = wants(&["a==1.1"]);
    wants.requirements[0].hashes = vec![digest("a-1.1-cp312-cp312-manylinux_2_17_x86_64.whl")];
    let error = resolve(&wants, &target("python3.12 x86_64"), &native(), &policy).expect_err("b has no hash");
    assert_eq!(error.code(), Code::NoVersion);
    assert_eq!(
        error.to_string(),
        "no version of b can be taken\n  requirements.txt line 1 asks for a==1.1\n  a 1.1 needs b\n  \
         b has no --hash in the requirements, and every package must have one"
    );
    let help = format!(
        "--require-hashes, or the first --hash of a file, asks for one for every package, also for what others bring \
         in: add b==1.0 --hash={}",
        digest("b-1.0-py3-none-any.whl")
    );
    assert_eq!(error.help(), Some(help));
}

/// It once said "has none of the hashes", as where no hash was given at all, and to add one.
#[test]
fn a_wrong_hash_names_both_values_and_warns() {
    let wrong = digest("what was there before");
    let mut wants = wants(&["a==1.0"]);
    wants.requirements[0].hashes = vec![wrong.clone(), digest("another")];
    let error = resolve(&wants, &target("python3.12 x86_64"), &native(), &Policy::default()).expect_err("replaced");
    assert_eq!(error.code(), Code::NoVersion);
    let has = Sha256::of(b"a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl");
    let given = wants.requirements[0].hashes.iter().filter_map(HashDigest::sha256).min().expect("two digests");
    assert_eq!(
        error.to_string(),
        format!(
            "no version of a can be taken\n  requirements.txt line 1 asks for a==1.0\n  \
             a 1.0 has sha256 {has}; requirements.txt line 1 gives {given} and 1 more"
        )
    );
    let help = "the file may have been replaced since the hash was written down: find out why it differs before you \
                take the new one";
    assert_eq!(error.help().as_deref(), Some(help));
}

/// A lock offers every wheel of a pin: one that the lines do not allow must not get in that way.
#[test]
fn alternatives_keep_to_the_hashes() {
    let allowed = ["a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl", "a-1.0-cp312-cp312-win_amd64.whl"];
    let mut wants = wants(&["a==1.0"]);
    wants.requirements[0].hashes = allowed.map(digest).to_vec();
    let resolution = resolve(&wants, &target("python3.12 x86_64"), &native(), &Policy::default()).expect("a solution");
    let listed: Vec<_> = resolution.pins[0].alternatives.iter().map(|file| &*file.filename).collect();
    assert_eq!(listed, allowed);
}

#[test]
fn a_pin_says_all_that_a_lock_needs() {
    let mut wants = wants(&["a[x]<1.1"]);
    wants.local =
        vec![local("own-0.1-py3-none-any.whl", &Release { requires: vec!["a".to_owned()], ..Release::default() })];
    let resolution = resolve(&wants, &target("python3.12 x86_64"), &native(), &Policy::default()).expect("a solution");
    let [a, own] = resolution.pins.as_slice() else { panic!("{}", pins(&resolution)) };
    assert_eq!(a.wheel.to_string(), "a-1.0-cp312-cp312-manylinux_2_28_x86_64.whl");
    assert_eq!(a.source, PinSource::Index { url: format!("https://index.example/{}", a.wheel) });
    assert_eq!(a.sha256, Some(Sha256::of(a.wheel.to_string().as_bytes())));
    assert_eq!(a.alternatives.len(), 3);
    assert_eq!(a.extras.iter().map(DistName::as_str).collect::<Vec<_>>(), ["x"]);
    assert_eq!(own.source, PinSource::Path("whl/own-0.1-py3-none-any.whl".into()));
    assert_eq!(own.dependencies, std::slice::from_ref(&a.name));
    assert!(own.alternatives.is_empty() && own.size == Some(1000));
}

/// Asking an index for the name of a local wheel would tell it the name, and open the door to whoever registers it.
#[test]
fn the_index_never_hears_of_a_local_wheel() {
    let mut index = Memory::default();
    index.plain("a", "9.0", &["own"]);
    let wants = Wants {
        requirements: lines("requirements.txt", &["own", "a"]),
        local: vec![local("own-0.1-py3-none-any.whl", &Release::default())],
        ..Wants::default()
    };
    let resolution = resolve(&wants, &target("python3.12 x86_64"), &index, &Policy::default()).expect("a solution");
    assert_eq!(pins(&resolution), "a 9.0, own 0.1");
    assert!(!index.asked.lock().expect("not poisoned").contains(&"own".to_owned()));
}

/// Of 2,000 versions, only the METADATA of those that are tried is read.
#[test]
fn nothing_is_read_that_is_not_needed() {
    let mut index = Memory::default();
    for minor in 0..2000 {
        index.plain("a", &format!("1.{minor}"), &["b"]);
        index.plain("b", &format!("1.{minor}"), &[]);
    }
    let resolution =
        resolve(&wants(&["a"]), &target("python3.12 x86_64"), &index, &Policy::default()).expect("a solution");
    assert_eq!(pins(&resolution), "a 1.1999, b 1.1999");
    assert_eq!(index.read.load(Ordering::Relaxed), 2);
}

/// Each version of `a` needs the version of `b` of the same number, and only the oldest `b` can be had.
#[test]
fn a_long_way_back_is_walked() {
    let mut index = Memory::default();
    for minor in 0..1000 {
        index.plain("a", &format!("1.{minor}"), &[&format!("b==1.{minor}")]);
        index.plain("b", &format!("1.{minor}"), &[]);
    }
    let resolution = resolve(&wants(&["a", "b<1.1"]), &target("python3.12 x86_64"), &index, &Policy::default());
    assert_eq!(pins(&resolution.expect("a solution")), "a 1.0, b 1.0");
}

/// Where the newest version's extra cannot be had, its next version is tried, not the extra of every version.
#[test]
fn extras_are_read_of_the_chosen_version_only() {
    let mut index = Memory::default();
    for minor in 0..300 {
        let requires = vec![if minor == 299 { "b>=2; extra == 'x'" } else { "b; extra == 'x'" }.to_owned()];
        let release = Release { requires, extras: vec!["x".to_owned()], ..Release::default() };
        index.add("a", &format!("1.{minor}"), &release);
    }
    index.plain("b", "1.0", &[]);
    let resolution =
        resolve(&wants(&["a[x]"]), &target("python3.12 x86_64"), &index, &Policy::default()).expect("a solution");
    assert_eq!(pins(&resolution), "a 1.298, b 1.0");
    assert!(index.read.load(Ordering::Relaxed) <= 3, "{:?} were read", index.read);
}

/// The newest `date` fits `first` and none of the many versions of `last`: what `last` can have goes first.
#[test]
fn a_popular_new_version_does_not_drag_others_back() {
    let mut index = Memory::default();
    index.plain("first", "1.0", &["date>=2"]);
    index.plain("date", "2.9", &[]);
    index.plain("date", "4.0", &[]);
    index.plain("middle", "1.0", &["last"]);
    for minor in 0..600 {
        index.plain("last", &format!("1.{minor}"), &["date<3"]);
    }
    let resolution =
        resolve(&wants(&["first", "date", "middle"]), &target("python3.12 x86_64"), &index, &Policy::default());
    assert_eq!(pins(&resolution.expect("a solution")), "date 2.9, first 1.0, last 1.599, middle 1.0");
    assert!(index.read.load(Ordering::Relaxed) < 20, "{:?} were read", index.read);
}

#[test]
fn a_preferred_version_is_taken_where_it_may_be() {
    let mut index = Memory::default();
    for version in ["1.0", "1.1", "2.0", "3.0rc1"] {
        index.plain("a", version, &[]);
    }
    index.add("a", "1.2", &Release { yanked: Some(String::new()), ..Release::default() });
    let taken = |line: &str, preferred: &str| {
        let preferences = [("a".parse().expect("a name"), preferred.parse().expect("a version"))].into();
        let wants = Wants { preferences, ..wants(&[line]) };
        let resolved = resolve(&wants, &target("python3.12 x86_64"), &index, &Policy::default());
        pins(&resolved.expect("it can be met"))
    };
    assert_eq!(taken("a", "1.1"), "a 1.1");
    assert_eq!(taken("a", "3.0rc1"), "a 3.0rc1", "it was allowed when it was locked");
    assert_eq!(taken("a<1.1", "1.1"), "a 1.0", "the lines exclude it");
    assert_eq!(taken("a", "1.2"), "a 2.0", "it is yanked");
    assert_eq!(taken("a", "1.5"), "a 2.0", "there is none");
}

fn below(name: &str, version: &str, metadata: BelowMetadata) -> BelowPackage {
    let (name, version) = (name.parse().expect("a name"), version.parse().expect("a version"));
    BelowPackage { name, version, metadata, layer: "the layer base".to_owned() }
}

#[test]
fn what_is_below_is_settled_and_not_taken() {
    let mut index = Memory::default();
    index.plain("app", "1.0", &["web>=1", "tool"]);
    index.plain("tool", "1.0", &["web<3"]);
    // Nobody asks an index for what is below, nor what it requires.
    let mut wants = wants(&["app", "web; python_version > '3'"]);
    wants.below = vec![below("web", "2.0", BelowMetadata::Unknown)];
    let resolution = resolve(&wants, &target("python3.12 x86_64"), &index, &Policy::default()).expect("a solution");
    assert_eq!(pins(&resolution), "app 1.0, tool 1.0");
    assert_eq!(resolution.below.iter().map(|(name, at)| format!("{name} {at}")).collect::<Vec<_>>(), ["web 2.0"]);
    assert!(resolution.pins.iter().all(|pin| pin.dependencies.iter().all(|name| name.as_str() != "web")));
    assert!(resolution.links.iter().all(|link| link.to.as_str() != "web"));

    wants.below = vec![below("web", "3.0", BelowMetadata::Unknown)];
    let error = resolve(&wants, &target("python3.12 x86_64"), &index, &Policy::default()).expect_err("a clash");
    assert_eq!(error.code(), Code::Conflict);
    let said = error.to_string();
    assert!(said.starts_with("the layer base, below, has web 3.0, and another version is asked for"), "{said}");
    assert!(said.contains("tool 1.0 needs web<3"), "{said}");
}
