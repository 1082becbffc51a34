use lambda_compat::Code;

use super::*;
use crate::UNZIPPED_LIMIT;

fn package(name: &str, version: &str, requires: Option<&[&str]>) -> Owner {
    Owner::Package {
        name: name.parse().expect("a name"),
        version: version.parse().expect("a version"),
        requires: requires.map(|lines| lines.iter().map(|line| (*line).to_owned()).collect()),
    }
}

/// Path, unzipped bytes, zipped bytes.
type File<'a> = (&'a str, u64, Option<u64>);

/// A part of groups, each with its files.
fn part(name: &str, kind: Layout, groups: &[(Owner, &[File<'_>])]) -> Part {
    let mut files = Vec::new();
    let groups = groups.iter().enumerate().map(|(group, (owner, of_group))| {
        let of_group: Vec<PartFile> = of_group
            .iter()
            .map(|(path, unzipped, zipped)| PartFile {
                path: LayerPath::from(path.parse::<wheel_archive::EntryPath>().expect("a path")),
                kind: FileKind::of(path, false),
                mass: Mass::of_file(*unzipped, *zipped),
                group,
                slim: None,
            })
            .collect();
        let mass = of_group.iter().map(|file| file.mass).collect();
        files.extend(of_group);
        Group { owner: owner.clone(), mass }
    });
    let groups = groups.collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Part { name: name.to_owned(), kind, zip: None, files, groups, names: Vec::new() }
}

fn layer(name: &str, owner: Owner, bytes: u64) -> Part {
    part(name, Layout::Layer, &[(owner, &[(&format!("python/{name}.py"), bytes, Some(bytes / 2))])])
}

fn codes(stack: &Stack) -> Vec<Code> {
    stack.findings(UNZIPPED_LIMIT).iter().map(|finding| finding.code).collect()
}

#[test]
fn everything_counts_together() {
    let reserve = |bytes| Reserved { name: "adapter".to_owned(), bytes };
    let parts = || {
        let function = Part { kind: Layout::Function, ..layer("b", package("b", "1", None), 100_000_000) };
        vec![layer("a", package("a", "1", None), 100_000_000), function]
    };
    let stack = |bytes| Stack { parts: parts(), reserved: vec![reserve(bytes)] };
    assert_eq!(codes(&stack(UNZIPPED_LIMIT - 200_000_000)), []);
    assert_eq!(codes(&stack(UNZIPPED_LIMIT - 199_999_999)), [Code::OverBudget]);
    let over = stack(100_000_000);
    assert_eq!(over.mass(), Mass { unzipped: 300_000_000, zipped: Some(100_000_000), files: 2 });
    assert_eq!(over.layers(), 2);
    let finding = over.findings(UNZIPPED_LIMIT).pop().expect("over the limit");
    insta::assert_snapshot!(finding.message, @"300000000 bytes unzipped against a limit of 262144000: 37856000 too many");
    insta::assert_snapshot!(finding.help.unwrap_or_default(), @"a 1 takes 95.4 MB (without it 190.7 MB), b 1 takes 95.4 MB (without it 190.7 MB); a container image may have 10 GB");
}

#[test]
fn five_layers_and_no_more() {
    let reserved = |count| vec![Reserved { name: "x".to_owned(), bytes: 1 }; count];
    let parts = vec![layer("a", package("a", "1", None), 1)];
    assert_eq!(codes(&Stack { parts: parts.clone(), reserved: reserved(4) }), []);
    assert_eq!(codes(&Stack { parts, reserved: reserved(5) }), [Code::TooManyLayers]);
}

#[test]
fn what_is_packed_twice() {
    let of = |versions: [&str; 2], kinds: [Layout; 2]| {
        let parts = versions.iter().zip(kinds).zip(["one", "two"]);
        let parts = parts.map(|((version, kind), name)| Part { kind, ..layer(name, package("x", version, None), 1) });
        let stack = Stack { parts: parts.collect(), reserved: Vec::new() };
        let mut findings = stack.findings(UNZIPPED_LIMIT);
        let finding = findings.pop().expect("a finding");
        assert!(findings.is_empty());
        let once = stack.savings().iter().any(|saving| saving.rule == SavingRule::SecondCopies);
        assert_eq!(once, versions[0] == versions[1]);
        assert_eq!(finding.code, Code::PackedTwice);
        format!("{}; {}", finding.message, finding.help.unwrap_or_default())
    };
    insta::assert_snapshot!([
        of(["1", "1"], [Layout::Layer; 2]), of(["1", "2"], [Layout::Layer; 2]), of(["1", "2"], [Layout::Layer, Layout::Function])
    ].join("\n"), @"
    x 1 is packed twice: in one and in two; leave it out of all but one: every copy counts against the limit
    x is packed twice: 1 in one, 2 in two; of the layers the last one wins, file by file; keep one of 1 and 2
    x is packed twice: 1 in one, 2 in two; the function's own is imported, whatever the layers have; keep one of 1 and 2
    ");
}

#[test]
fn a_file_of_which_the_zipped_bytes_are_not_known_leaves_the_sum_unknown() {
    let files: &[File<'_>] = &[("a.py", 4, Some(2)), ("b.pyi", 3, None), ("c.py", 9, Some(5))];
    let stack = Stack {
        parts: vec![part("p", Layout::Function, &[(Owner::Folder(String::new()), files)])],
        reserved: Vec::new(),
    };
    assert_eq!(stack.mass(), Mass { unzipped: 16, zipped: None, files: 3 });
    assert_eq!(
        stack.kinds(),
        [
            (FileKind::Python, Mass { unzipped: 13, zipped: Some(7), files: 2 }),
            (FileKind::TypeStub, Mass { unzipped: 3, zipped: None, files: 1 })
        ]
    );
    let largest: Vec<_> = stack.largest(2).iter().map(|(_, file)| file.path.as_str()).collect();
    assert_eq!(largest, ["c.py", "a.py"]);
    assert_eq!(stack.savings(), []);
}

#[test]
fn the_sdk_goes_with_what_only_it_needs() {
    let sdk = |other: Owner| {
        let owners = [
            package("boto3", "1", Some(&["botocore<2,>=1", "s3transfer"])),
            package("botocore", "1", Some(&["urllib3!=2.2.0,<3", "python-dateutil"])),
            package("s3transfer", "1", Some(&["botocore"])),
            package("urllib3", "2", Some(&[])),
            package("python-dateutil", "2", Some(&["six>=1.5"])),
            package("six", "1", Some(&[])),
            other,
        ];
        let parts = owners.into_iter().enumerate().map(|(number, owner)| layer(&format!("l{number}"), owner, 10));
        let stack = Stack { parts: parts.collect(), reserved: Vec::new() };
        let saving =
            stack.savings().into_iter().find(|saving| saving.rule == SavingRule::RuntimeSdk).expect("a saving");
        assert_eq!(saving.mass.unzipped, 10 * saving.packages.len() as u64);
        saving.packages.iter().map(DistName::as_str).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(sdk(package("own", "1", Some(&["boto3"]))), "boto3 botocore python-dateutil s3transfer six urllib3");
    assert_eq!(sdk(package("requests", "1", Some(&["urllib3 (<3)"]))), "boto3 botocore python-dateutil s3transfer six");
    assert_eq!(sdk(package("pandas", "1", Some(&["Python_Dateutil>=2"]))), "boto3 botocore s3transfer urllib3");
    assert_eq!(sdk(package("unknown", "1", None)), "boto3 botocore s3transfer");
    let none = Stack { parts: vec![layer("a", package("urllib3", "1", Some(&[])), 1)], reserved: Vec::new() };
    assert_eq!(none.savings(), []);
}
