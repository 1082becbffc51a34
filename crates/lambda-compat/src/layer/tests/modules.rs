use super::*;

const CP312: &str = "cp312-cp312-manylinux2014_aarch64";

#[test]
fn a_module_that_is_there_for_another_python_only() {
    let files = ["python/a/__init__.py", "python/a/_a.cpython-311-aarch64-linux-gnu.so"];
    let mistagged = layer().wheel("a", "1", "py3-none-any", &files);
    insta::assert_snapshot!(mistagged.said(), @"error LP110 python/a/_a.cpython-311-aarch64-linux-gnu.so: a._a is there for Python 3.11 only; the target is python3.12 · arm64");
    assert_eq!(mistagged.on("python3.11", Arch::Arm64), "");
    insta::assert_snapshot!(mistagged.on("python3.11", Arch::X86_64), @"error LP110 python/a/_a.cpython-311-aarch64-linux-gnu.so: a._a is there for arm64 only; the target is python3.11 · x86_64");
    insta::assert_snapshot!(layer().files(&files).said(), @"error LP110 python/a/_a.cpython-311-aarch64-linux-gnu.so: a._a is there for Python 3.11 only; the target is python3.12 · arm64");
    let in_site = layer().file("python/lib/python3.12/site-packages/a.cpython-312-darwin.so");
    insta::assert_snapshot!(in_site.said(), @"error LP110 python/lib/python3.12/site-packages/a.cpython-312-darwin.so: a is there for macOS only; the target is python3.12 · arm64");
}

#[test]
fn one_file_that_fits_is_enough() {
    let stray = "python/a/_a.cpython-311-aarch64-linux-gnu.so";
    for fitting in ["_a.cpython-312-aarch64-linux-gnu.so", "_a.abi3.so", "_a.so", "_a.py", "_a/__init__.py"] {
        assert_eq!(layer().files(&[stray, &format!("python/a/{fitting}")]).said(), "", "{fitting}");
    }
    // A library beside it is no module, and neither is what lies in a folder that cannot be imported.
    for unfitting in ["lib_a.so.1", "_b.so", "x-y/_a.so"] {
        assert_ne!(layer().files(&[stray, &format!("python/a/{unfitting}")]).said(), "", "{unfitting}");
    }
    // Where no import looks, nothing is missed.
    let elsewhere = ["lib/_a.cpython-311-aarch64-linux-gnu.so", "python/a-b/_a.cpython-311-aarch64-linux-gnu.so"];
    assert_eq!(layer().files(&elsewhere).said(), "");
}

#[test]
fn many_modules_make_one_finding() {
    let all = layer().files(&[
        "python/a/_b.cpython-310-aarch64-linux-gnu.so",
        "python/a/_a.cpython-311-aarch64-linux-gnu.so",
        "python/a/_a.cpython-310-aarch64-linux-gnu.so",
        "python/a/_c.abi3t.so",
        "python/b/_a.pypy310-pp73-aarch64-linux-gnu.so",
    ]);
    insta::assert_snapshot!(all.said(), @r"
    error LP110 python/a/_a.cpython-310-aarch64-linux-gnu.so: a._a is there for Python 3.10, Python 3.11 only; the target is python3.12 · arm64; 2 more modules too
    error LP110 python/b/_a.pypy310-pp73-aarch64-linux-gnu.so: b._a is there for PyPy only; the target is python3.12 · arm64
    ");
}

#[test]
fn a_package_may_choose_among_modules() {
    let chosen = layer().wheel(
        "a",
        "1",
        CP312,
        &["python/a/py311/_a.cpython-311-aarch64-linux-gnu.so", "python/a/py312/_a.cpython-312-aarch64-linux-gnu.so"],
    );
    insta::assert_snapshot!(chosen.said(), @"warning LP110 python/a/py311/_a.cpython-311-aarch64-linux-gnu.so: a.py311._a is there for Python 3.11 only; the target is python3.12 · arm64; other modules of the package are for this one");
}

#[test]
fn what_the_tags_say_need_not_be_said_of_every_file() {
    let files = ["python/a/_a.cpython-312-aarch64-linux-gnu.so"];
    let tagged = layer().wheel("a", "1", CP312, &files);
    assert_eq!(tagged.on("python3.13", Arch::Arm64), "");
    assert_eq!(tagged.on("python3.12", Arch::X86_64), "");
}

#[test]
fn what_mypyc_shares_is_not_missed_where_the_sources_are() {
    let compiled = [
        "python/a.py",
        "python/a.cpython-311-aarch64-linux-gnu.so",
        "python/81d2__mypyc.cpython-311-aarch64-linux-gnu.so",
    ];
    assert_eq!(layer().files(&compiled).said(), "");
}

#[test]
fn a_module_that_hides_one_of_the_standard_library() {
    insta::assert_snapshot!(layer().file("python/random.py").said(), @"error LP416 python/random.py: random hides the random of python3.12's standard library, which Lambda's runtime uses itself");
    insta::assert_snapshot!(function().files(&["app.py", "typing/__init__.py"]).said(), @"warning LP416 typing/__init__.py: typing hides the typing of python3.12's standard library");
    let backport = layer().wheel("enum34", "1.1.10", "py3-none-any", &["python/enum/__init__.py"]);
    insta::assert_snapshot!(backport.said(), @"error LP416 python/enum/__init__.py: enum of enum34 1.1.10 hides the enum of python3.12's standard library, which Lambda's runtime uses itself");
    let extension = "python/math.cpython-312-aarch64-linux-gnu.so";
    insta::assert_snapshot!(layer().file(extension).said(), @"error LP416 python/math.cpython-312-aarch64-linux-gnu.so: math hides the math of python3.12's standard library, which Lambda's runtime uses itself");
}

#[test]
fn what_hides_nothing() {
    for harmless in [
        "python/a/random.py",
        "python/randomly.py",
        // A namespace: the import system goes on to the real one.
        "python/asyncio/extra.py",
        "python/asyncio/sub/__init__.py",
        "random.py",
        "lib/random.py",
        "bin/random.py",
        // Found before any folder is looked into.
        "python/time.py",
        // Python's own tests.
        "python/test/__init__.py",
        "python/lib/python3.12/random.py",
    ] {
        let found = layer().files(&["python/a/__init__.py", harmless]).said();
        assert!(!found.contains("LP416"), "{harmless}: {found}");
    }
}
