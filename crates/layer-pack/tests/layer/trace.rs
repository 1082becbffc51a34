//! Finished layers held against the wheels that they should be made of.

use layer_pack::{Held, Layout, PlanOptions, plan, read_held, read_held_zip, write_tree, write_zip};
use testkit::{WheelBuilder, ZipBuilder, ZipEntry};

use crate::support::{Wheel, inputs, jobs, local, planned, read_zip, wheels};

fn two() -> Vec<Wheel> {
    let one = WheelBuilder::new("foo", "1.0").file("foo/__init__.py", "x = 1\n").script("foo", "foo:main");
    let two = WheelBuilder::new("bar", "2.0").file("bar/__init__.py", "y = 2\n").file("bar/tests/data", "z");
    wheels([&one, &two])
}

/// The files of the layer that these wheels give.
fn files(wheels: &[Wheel]) -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("layer.zip");
    write_zip(&planned(wheels, &[]).expect("a plan"), &path, jobs(1)).expect("a zip");
    read_zip(&path).into_iter().map(|(name, _, contents)| (name, contents)).collect()
}

fn zip_of(files: &[(String, Vec<u8>)]) -> Held {
    let zip = files.iter().fold(ZipBuilder::new(), |zip, (name, bytes)| zip.entry(ZipEntry::deflated(name, bytes)));
    read_held_zip(Box::new(zip.build()), None).expect("memory can be read").expect("a sound zip")
}

/// How many files were traced, and what is said of the others.
fn trace(held: &Held, wheels: &[Wheel]) -> (usize, Vec<String>) {
    let options = PlanOptions { layout: held.kind(), ..PlanOptions::default() };
    let plan = plan(&inputs(wheels), &[local("opt.txt", b"own")], &options).expect("a plan");
    let trace = held.trace(&plan).expect("it can be read");
    let said = trace.findings.iter().map(|finding| {
        let entry = finding.entry.as_ref().map(|entry| format!("{entry}: ")).unwrap_or_default();
        let message: String = finding.message.chars().take(70).collect();
        format!("{} {} {entry}{message}", finding.code, finding.severity)
    });
    (trace.traced, said.collect())
}

/// What is said once a layer's files were changed so.
fn said(change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<String> {
    let wheels = two();
    let mut files = files(&wheels);
    change(&mut files);
    trace(&zip_of(&files), &wheels).1
}

fn bytes<'f>(files: &'f mut [(String, Vec<u8>)], path: &str) -> &'f mut Vec<u8> {
    &mut files.iter_mut().find(|(name, _)| name == path).expect(path).1
}

const RECORD: &str = "python/bar-2.0.dist-info/RECORD";

/// Takes a file out of a layer and of its package's RECORD.
fn slim(files: &mut Vec<(String, Vec<u8>)>, path: &str) {
    files.retain(|(name, _)| name != path);
    let record = String::from_utf8(bytes(files, RECORD).clone()).expect("text");
    let below = path.strip_prefix("python/").expect("below python/");
    let kept = record.lines().filter(|line| !line.starts_with(below)).map(|line| format!("{line}\n"));
    *bytes(files, RECORD) = kept.collect::<String>().into_bytes();
}

#[test]
fn every_file_goes_back_to_its_wheel() {
    let wheels = two();
    let laid = files(&wheels);
    assert_eq!(trace(&zip_of(&laid), &wheels), (laid.len(), vec![]));

    let folder = tempfile::tempdir().expect("a folder");
    let plan = planned(&wheels, &[local("opt.txt", b"own")]).expect("a plan");
    write_tree(&plan, &folder.path().join("tree"), &std::collections::BTreeSet::new(), jobs(1)).expect("a tree");
    let tree = read_held(&folder.path().join("tree"), None).expect("it can be read").expect("sound");
    assert_eq!(trace(&tree, &wheels), (laid.len() + 1, vec![]), "with the file of the layer's source");

    // A function has its packages at the root, and an installer for one Python in a folder of its own.
    let below = |prefix: &str| -> Vec<(String, Vec<u8>)> {
        let moved = laid.iter().map(|(name, bytes)| (name.replacen("python/", prefix, 1), bytes.clone()));
        moved.collect()
    };
    let function = zip_of(&below(""));
    assert_eq!(function.kind(), Layout::Function);
    assert_eq!(trace(&function, &wheels), (laid.len(), vec![]));
    assert_eq!(trace(&zip_of(&below("python/lib/python3.12/site-packages/")), &wheels), (laid.len(), vec![]));
}

#[test]
fn what_somebody_put_there_changed_or_removed_is_found() {
    let evil =
        |files: &mut Vec<(String, Vec<u8>)>| files.push(("python/sitecustomize.py".to_owned(), b"evil".to_vec()));
    assert_eq!(
        said(evil),
        ["LP430 error python/sitecustomize.py: this file comes from no wheel of the lock, and not from the layer's so"]
    );
    assert_eq!(
        said(|files| files.push(("bin/tool".to_owned(), b"evil".to_vec()))),
        ["LP430 error bin/tool: this file comes from no wheel of the lock, and not from the layer's so"]
    );
    let changed = ["LP431 error python/foo/__init__.py: not the file of foo: it has the sha256 "];
    let starts = |said: Vec<String>, expected: &[&str]| {
        assert_eq!(said.len(), expected.len(), "{said:?}");
        assert!(said.iter().zip(expected).all(|(said, expected)| said.starts_with(expected)), "{said:?}");
    };
    starts(said(|files| bytes(files, "python/foo/__init__.py").push(b'#')), &changed);
    starts(
        said(|files| bytes(files, "python/bin/foo").push(b'#')),
        &["LP431 error python/bin/foo: not the file of foo"],
    );
    starts(
        said(|files| files.retain(|(name, _)| name != "python/bar/__init__.py")),
        &["LP432 error python/bar/__init__.py: bar has this file, and it is missing"],
    );
    starts(
        said(|files| files.retain(|(name, _)| !name.contains("/bar"))),
        &["LP432 error bar is locked, and nothing of it is there"],
    );

    let link = read_held_zip(
        Box::new(ZipBuilder::new().entry(ZipEntry::symlink("python/foo/__init__.py", "/tmp/x")).build()),
        Some(Layout::Layer),
    );
    let link = link.expect("memory can be read").expect("sound");
    let said = trace(&link, &two()).1;
    assert!(
        said.contains(&"LP431 error python/foo/__init__.py: a link to `/tmp/x`, and foo has a file here".to_owned())
    );
}

#[test]
fn a_record_of_anothers_making_must_be_true() {
    // Taken out on purpose.
    assert_eq!(
        said(|files| slim(files, "python/bar/tests/data")),
        ["LP432 warning python/bar/tests/data: a file of bar left out, as its RECORD says too"]
    );
    // A RECORD that was changed along with the file does not make it the wheel's.
    let both = said(|files| {
        bytes(files, "python/bar/__init__.py").push(b'#');
        let digest = wheel_archive::Sha256::of(b"y = 2\n#").record();
        let record = String::from_utf8(bytes(files, RECORD).clone()).expect("text");
        let lines = record.lines().map(|line| {
            if line.starts_with("bar/__init__") { format!("bar/__init__.py,{digest},7\n") } else { format!("{line}\n") }
        });
        *bytes(files, RECORD) = lines.collect::<String>().into_bytes();
    });
    assert_eq!(both.len(), 1, "{both:?}");
    assert!(both[0].starts_with("LP431 error python/bar/__init__.py"), "{both:?}");

    let record = |change: &dyn Fn(String) -> String| {
        said(|files| {
            let text = String::from_utf8(bytes(files, RECORD).clone()).expect("text");
            *bytes(files, RECORD) = change(text).into_bytes();
        })
    };
    assert_eq!(
        record(&|text| text + "bar/gone.py,,\n"),
        ["LP224 error python/bar/gone.py: RECORD lists this file, and it is not there"]
    );
    assert_eq!(
        record(&|text| text.replace("bar/tests/data,sha256=", "bar/tests/data,sha256=A")),
        ["LP225 error python/bar/tests/data: the file is not the one that its RECORD lists: size or digest differ"]
    );
    assert_eq!(
        record(&|text| text.replace("bar/tests/data", "foo/__init__.py")),
        [
            "LP224 error python/bar/tests/data: the RECORD of bar does not list this file, which is there",
            "LP225 error python/foo/__init__.py: the file is not the one that its RECORD lists: size or digest differ",
        ]
    );
    assert_eq!(
        record(&|text| text + "/etc/passwd,,\n"),
        ["LP224 error python/bar-2.0.dist-info/RECORD: RECORD lists `/etc/passwd`, which lies outside of the layer"]
    );
    assert_eq!(record(&|_| "\"".to_owned()).len(), 1, "LP223");
}

#[test]
fn what_installers_write_and_a_functions_own_code() {
    let pip = said(|files| {
        for name in ["INSTALLER", "REQUESTED", "direct_url.json"] {
            files.push((format!("python/foo-1.0.dist-info/{name}"), b"pip\n".to_vec()));
        }
    });
    assert_eq!(pip, [""; 0]);
    let nobodys = said(|files| files.push(("python/baz-1.0.dist-info/INSTALLER".to_owned(), b"pip\n".to_vec())));
    assert!(nobodys[0].starts_with("LP430 error python/baz-1.0.dist-info/INSTALLER"), "{nobodys:?}");

    let own = said(|files| {
        for (name, _) in files.iter_mut() {
            *name = name.replacen("python/", "", 1);
        }
        files.push(("app.py".to_owned(), b"import foo\n".to_vec()));
        files.push(("lib/more.py".to_owned(), b"".to_vec()));
    });
    assert_eq!(own, ["LP430 warning app.py: 2 files that no wheel of the lock has: a function's own code, which a "]);
}
