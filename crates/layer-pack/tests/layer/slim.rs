//! Slimming: what goes, what stays and why, and that `size` promises the very same.

use std::collections::BTreeMap;

use layer_pack::{
    EXCEPTIONS, LayerPlan, Layout, Part, PlanOptions, SavingRule, Slim, SlimRule, Stack, list_held, plan, read_held,
    write_tree, write_zip,
};
use testkit::WheelBuilder;

use crate::support::{Wheel, inputs, jobs, local, wheels};

const TEST: &str = "import pytest\n\ndef test_it():\n    assert True\n";

/// Packages with files that a rule has, and with such as only look like it.
fn traps() -> Vec<Wheel> {
    wheels(&[
        // Plain: all of it goes.
        WheelBuilder::new("plain", "1.0")
            .file("plain/__init__.py", "x = 1\n")
            .file("plain/__init__.pyi", "x: int\n")
            .file("plain/py.typed", "")
            .file("plain/include/plain.h", "int x;\n")
            .file("plain/docs/guide.html", "<p>\n")
            .file("plain/README.md", "# plain\n")
            .file("plain/conftest.py", TEST)
            .file("plain/test_plain.py", TEST)
            .file("plain/tests/__init__.py", "")
            .file("plain/tests/test_plain.py", TEST)
            .file("plain/tests/data/table.csv", "1,2\n")
            .file("plain/__pycache__/__init__.cpython-312.pyc", "bytecode")
            .file("plain/old.py", "")
            .file("plain/old.pyc", "bytecode")
            .file("tests/__init__.py", TEST),
        // Its code imports from its tests, in a function and by name; what that reads and imports stays too.
        WheelBuilder::new("helped", "1.0")
            .file("helped/__init__.py", "")
            .file("helped/testing.py", "def check():\n    from helped.tests.support import run\n    return run()\n")
            .file("helped/plugin.py", "import importlib\nimportlib.import_module('helped.tests.plugin')\n")
            .file("helped/tests/__init__.py", "")
            .file("helped/tests/support.py", "from . import base\nHERE = __file__\n")
            .file("helped/tests/base.py", "")
            .file("helped/tests/plugin.py", "")
            .file("helped/tests/entry.py", "")
            .file("helped/tests/test_helped.py", TEST)
            .file("helped/tests/data/x.json", "{}\n")
            .file("helped-1.0.dist-info/entry_points.txt", "[helped.things]\nentry = helped.tests.entry:Thing\n"),
        // Names that only sound like tests.
        WheelBuilder::new("stats", "1.0")
            .file("stats/__init__.py", "")
            .file("stats/ab_test.py", "def ab_test(a, b):\n    return a - b\n")
            .file("stats/test_attributes.py", "TEST = 'test.name'\n")
            .file("stats/test/__init__.py", "")
            .file("stats/test/ttest.py", "def t(): ...\n"),
        // Nothing else: it is what the package is for.
        WheelBuilder::new("suite", "1.0").file("tests/test_all.py", TEST).file("tests/helpers.py", ""),
        // lazy_loader reads the stub of the module that hands itself over, and no other.
        WheelBuilder::new("lazy", "1.0")
            .file("lazy/__init__.py", "from loader import attach_stub\n__getattr__ = attach_stub(__name__, __file__)\n")
            .file("lazy/__init__.pyi", "from .core import f\n")
            .file("lazy/core.py", "def f(): ...\n")
            .file("lazy/core.pyi", "def f(): ...\n"),
        // Its code names what it reads.
        WheelBuilder::new("described", "1.0")
            .file("described/__init__.py", "def load(name):\n    return read(name + '.rst'), read('read.h')\n")
            .file("described/descr/iris.rst", "iris\n")
            .file("described/NEWS", "none\n")
            .file("described/read.h", "x\n")
            .file("described/other.h", "x\n")
            .file("described/guide.md", "# guide\n"),
        // Compiled modules without a source are the modules.
        WheelBuilder::new("compiled", "1.0")
            .file("compiled/__init__.pyc", "bytecode")
            .file("compiled/a.pyc", "bytecode"),
        // In the table of exceptions.
        WheelBuilder::new("pybind11", "3.0")
            .file("pybind11/__init__.py", "")
            .file("pybind11/include/pybind11.h", "x\n"),
    ])
}

fn slimmed(wheels: &[Wheel], rules: Slim) -> LayerPlan<'_> {
    let own = vec![local("python/own/tests/test_own.py", TEST.as_bytes()), local("python/own/README.md", b"# own\n")];
    let options = PlanOptions { slim: rules, ..PlanOptions::default() };
    plan(&inputs(wheels), &own, &options).expect("a plan")
}

#[test]
fn what_goes_and_what_stays() {
    let wheels = traps();
    let whole = slimmed(&wheels, Slim::default());
    let slim = slimmed(&wheels, Slim::all());
    let stays: Vec<&str> = slim.entries().iter().map(|entry| entry.path.as_str()).collect();
    let gone = whole.entries().iter().map(|entry| entry.path.as_str()).filter(|path| !stays.contains(path));
    insta::assert_snapshot!(gone.collect::<Vec<_>>().join("\n"), @"
    python/described/NEWS
    python/described/guide.md
    python/described/other.h
    python/helped/tests/test_helped.py
    python/lazy/core.pyi
    python/plain/README.md
    python/plain/__init__.pyi
    python/plain/__pycache__/__init__.cpython-312.pyc
    python/plain/conftest.py
    python/plain/docs/guide.html
    python/plain/include/plain.h
    python/plain/old.pyc
    python/plain/py.typed
    python/plain/test_plain.py
    python/plain/tests/__init__.py
    python/plain/tests/data/table.csv
    python/plain/tests/test_plain.py
    python/tests/__init__.py
    ");
    let kept = slim.slimmed().kept.iter();
    let kept = kept.map(|kept| format!("{} {} {}: {}", kept.package, kept.rule, kept.files, kept.reason));
    insta::assert_snapshot!(kept.collect::<Vec<_>>().join("\n"), @"
    compiled pycache 2: they are the modules: there is no source beside them
    described headers 1: the package's code names such files
    described docs 1: the package's code names such files
    helped tests 6: an entry point in helped-1.0.dist-info/entry_points.txt names helped.tests.entry
    lazy pyi 1: lazy_loader reads them when the package is imported
    pybind11 headers 1: the package is its headers
    stats tests 4: nothing in them tests anything
    suite tests 2: all of its code is in them
    ");
    assert!(whole.slimmed().removed.is_empty() && whole.slimmed().kept.is_empty());
}

#[test]
fn a_slim_layer_says_what_it_holds() {
    let wheels = traps();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let zip = folder.path().join("layer.zip");
    write_zip(&slimmed(&wheels, Slim::all()), &zip, jobs(2)).expect("written");
    let held = read_held(&zip, None).expect("readable").expect("sound");
    assert_eq!(held.findings(), []);
    for distribution in held.distributions() {
        let record = format!("{}/RECORD", distribution.dist_info);
        let rows = read_entry(&zip, &record);
        let mut rows: Vec<String> =
            rows.lines().map(|row| format!("python/{}", row.split(',').next().unwrap_or_default())).collect();
        rows.sort();
        let files: Vec<String> = held.files_of(distribution).map(|file| file.path.to_string()).collect();
        assert_eq!(rows, files, "{record}");
        for name in ["METADATA", "WHEEL"] {
            assert!(files.contains(&format!("{}/{name}", distribution.dist_info)), "{name} of {record}");
        }
    }
    assert!(held.file("python/helped-1.0.dist-info/entry_points.txt").is_some());
}

fn read_entry(zip: &std::path::Path, name: &str) -> String {
    use std::io::Read as _;
    let mut archive = zip::ZipArchive::new(fs_err::File::open(zip).expect("there")).expect("a zip");
    let mut text = String::new();
    archive.by_name(name).expect(name).read_to_string(&mut text).expect("text");
    text
}

/// Bytes and files by rule.
type ByRule = BTreeMap<SlimRule, (u64, u64)>;

fn promised(part: Part) -> ByRule {
    let stack = Stack { parts: vec![part], reserved: Vec::new() };
    let savings = stack.savings().into_iter();
    savings
        .filter_map(|saving| match saving.rule {
            SavingRule::Slim(rule) => Some((rule, (saving.mass.unzipped, saving.mass.files))),
            SavingRule::RuntimeSdk | SavingRule::SecondCopies => None,
        })
        .collect()
}

#[test]
fn size_promises_what_slim_removes() {
    let wheels = traps();
    let whole = slimmed(&wheels, Slim::default());
    let removed_by = |rules: Slim| -> ByRule {
        let plan = slimmed(&wheels, rules);
        let removed = plan.slimmed().removed.iter();
        removed
            .filter(|(_, tally)| tally.unzipped > 0)
            .map(|(rule, tally)| (*rule, (tally.unzipped, tally.files)))
            .collect()
    };
    let all = removed_by(Slim::all());
    assert_eq!(all.len(), SlimRule::ALL.len(), "{all:?}");
    for rule in SlimRule::ALL {
        assert_eq!(removed_by(rule.into()).get(&rule), all.get(&rule), "{rule} hangs on no other rule");
    }
    let difference = |plan: &LayerPlan<'_>| plan.entries().iter().map(|entry| entry.content.size()).sum::<u64>();
    let records = |plan: &LayerPlan<'_>| {
        let records = plan.entries().iter().filter(|entry| entry.path.as_str().ends_with("/RECORD"));
        records.map(|entry| entry.content.size()).sum::<u64>()
    };
    let slim = slimmed(&wheels, Slim::all());
    let bytes: u64 = all.values().map(|(bytes, _)| bytes).sum();
    assert_eq!(difference(&whole) - records(&whole) - bytes, difference(&slim) - records(&slim));

    let folder = tempfile::tempdir().expect("a temporary folder");
    let (zip, tree) = (folder.path().join("layer.zip"), folder.path().join("layer"));
    write_zip(&whole, &zip, jobs(2)).expect("written");
    write_tree(&whole, &tree, &std::collections::BTreeSet::new(), jobs(2)).expect("written");
    assert_eq!(promised(Part::of_plan("wheels", &whole).expect("readable")), all);
    for path in [&zip, &tree] {
        let listed = list_held(path, None).expect("readable").expect("sound");
        assert_eq!(promised(Part::of_listed("held", &listed)), all, "{}", path.display());
    }
    assert_eq!(promised(Part::of_plan("slim", &slim).expect("readable")), ByRule::new());
}

#[test]
fn a_function_has_its_packages_at_the_root() {
    let wheels = wheels(&[WheelBuilder::new("web", "1.0")
        .file("web/__init__.py", "")
        .data_file("scripts/tool", "#!python\n")
        .data_file("headers/web.h", "x\n")
        .script("web", "web:main")]);
    let own = vec![local("app.py", b"import web\n"), local("run.sh", b"#!/bin/bash\n"), local("bin/own", b"x")];
    let options = PlanOptions { layout: Layout::Function, ..PlanOptions::default() };
    let function = plan(&inputs(&wheels), &own, &options).expect("a plan");
    insta::assert_snapshot!(crate::support::paths(&function), @"
    644 app.py
    755 bin/own
    755 bin/tool
    755 bin/web
    644 include/python/web/web.h
    755 run.sh
    644 web-1.0.dist-info/METADATA
    644 web-1.0.dist-info/RECORD
    644 web-1.0.dist-info/WHEEL
    644 web-1.0.dist-info/entry_points.txt
    644 web/__init__.py
    ");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let zip = folder.path().join("function.zip");
    write_zip(&function, &zip, jobs(1)).expect("written");
    let held = read_held(&zip, None).expect("readable").expect("sound");
    assert_eq!((held.kind(), held.distributions().len()), (Layout::Function, 1));
    let part = Part::of_plan("f", &function).expect("readable");
    assert_eq!((part.kind, part.packages()), (Layout::Function, 1));
}

#[test]
fn the_page_has_the_table_of_exceptions() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/slimming.md");
    let page = fs_err::read_to_string(page).expect("the page");
    let (_, table) = page.split_once("| package | rule | why it stays |\n| --- | --- | --- |\n").expect("the table");
    let rows = table.lines().take_while(|line| line.starts_with('|')).flat_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [packages, rule, why] = cells.as_slice() else { panic!("three cells: {line}") };
        packages.split(", ").map(|package| format!("{package} {rule}: {why}")).collect::<Vec<_>>()
    });
    let exceptions = EXCEPTIONS.iter().map(|row| format!("{} {}: {}", row.package, row.rule, row.reason));
    assert_eq!(rows.collect::<Vec<_>>(), exceptions.collect::<Vec<_>>());
    assert!(EXCEPTIONS.is_sorted_by_key(|row| (row.package, row.rule)));
    assert!(
        EXCEPTIONS
            .iter()
            .all(|row| row.package.parse::<wheel_tags::DistName>().is_ok_and(|n| n.as_str() == row.package))
    );
}
