//! Needed libraries and their symbol versions: who brings them, as the loader searches.

use super::*;

const EXTENSION: &str = "a/_a.cpython-312-x86_64-linux-gnu.so";

fn cp312() -> Wheel {
    wheel("a-1-cp312-cp312-manylinux2014_x86_64.whl")
}

fn needing(library: &str) -> ElfBuilder {
    x86_64().needed(library)
}

fn on_312(wheel: &Wheel) -> String {
    wheel.on("python3.12", Arch::X86_64)
}

#[test]
fn a_library_that_the_runtime_lacks_is_an_error() {
    insta::assert_snapshot!(on_312(&cp312().elf(EXTENSION, &needing("libexpat.so.1"))), @"
    fails
    error LP131  a/_a.cpython-312-x86_64-linux-gnu.so: needs libexpat.so.1, which python3.12 lacks: `import a` fails
    help: no Lambda runtime loads this file. Put libexpat.so.1 into the layer, where Lambda looks for it: opt/lib/libexpat.so.1 in its source, built for x86_64 and glibc 2.34 or older
    ");
    insta::assert_snapshot!(
        on_312(&cp312().elf(EXTENSION, &needing("libGL.so.1").needed("libX11.so.6").needed("libz.so.1"))), @"
    fails
    error LP131  a/_a.cpython-312-x86_64-linux-gnu.so: needs libGL.so.1 and libX11.so.6, which python3.12 lacks: `import a` fails
    help: no Lambda runtime loads this file. Put libGL.so.1 and 1 more into the layer, where Lambda looks for them: opt/lib/libGL.so.1 in its source, built for x86_64 and glibc 2.34 or older
    ");
    assert_eq!(on_312(&cp312().elf(EXTENSION, &needing("libz.so.1").needed("libglib-2.0.so.0"))), "loads");
}

#[test]
fn the_runtimes_differ_in_what_they_have() {
    let abi3 = |library| wheel("a-1-cp38-abi3-manylinux2014_x86_64.whl").elf("a/_a.abi3.so", &needing(library));
    let expat = abi3("libexpat.so.1");
    assert_eq!(expat.on("python3.11", Arch::X86_64), "loads");
    insta::assert_snapshot!(expat.on("python3.9", Arch::X86_64), @"
    unknown
    warning LP132  a/_a.abi3.so: needs libexpat.so.1, and it is not known whether python3.9 has it
    ");
    insta::assert_snapshot!(expat.on("python3.13", Arch::X86_64), @"
    fails
    error LP131  a/_a.abi3.so: needs libexpat.so.1, which python3.13 lacks: `import a` fails
    help: loads on python3.11 · x86_64
    ");
    // In /var/lang/lib of x86_64 only.
    assert_eq!(abi3("libcrypt.so.1").on("python3.12", Arch::X86_64), "loads");
    let crypt = wheel("a-1-cp38-abi3-manylinux2014_aarch64.whl").elf("a/_a.abi3.so", &arm64().needed("libcrypt.so.1"));
    insta::assert_snapshot!(crypt.on("python3.12", Arch::Arm64), @"
    fails
    error LP131  a/_a.abi3.so: needs libcrypt.so.1, which python3.12 lacks: `import a` fails
    help: loads on python3.11 · arm64
    ");
    assert_eq!(crypt.on("python3.11", Arch::Arm64), "loads");
}

#[test]
fn bundled_libraries_are_found_by_the_search_path_of_the_file() {
    let bundled = |file: &ElfBuilder| {
        cp312().elf(EXTENSION, file).elf("a.libs/libgomp.so.1", &x86_64().soname("libgomp.so.1").provides("GOMP_4.5"))
    };
    let needs = || needing("libgomp.so.1").version("libgomp.so.1", "GOMP_4.5");
    assert_eq!(on_312(&bundled(&needs().runpath("$ORIGIN/../a.libs"))), "loads");
    assert_eq!(on_312(&bundled(&needs().rpath("${ORIGIN}/../a.libs:/nowhere"))), "loads");
    // Python may load it first: no path leads there, and that is no finding.
    assert_eq!(on_312(&bundled(&needs())), "loads");
    let newer = needs().version("libgomp.so.1", "GOMP_5.0").runpath("$ORIGIN/../a.libs");
    insta::assert_snapshot!(on_312(&bundled(&newer)), @"
    fails
    error LP133  a/_a.cpython-312-x86_64-linux-gnu.so: needs GOMP_5.0 of libgomp.so.1, and a.libs/libgomp.so.1 has not got it: `import a` fails
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
    // A library without versions serves any.
    let plain = cp312()
        .elf(EXTENSION, &needs().runpath("$ORIGIN/../a.libs"))
        .elf("a.libs/libgomp.so.1", &x86_64().soname("libgomp.so.1"));
    assert_eq!(on_312(&plain), "loads");
    // One for another processor is passed over.
    let foreign = cp312()
        .elf(EXTENSION, &needs().runpath("$ORIGIN/../a.libs"))
        .elf("a.libs/libgomp.so.1", &arm64().soname("libgomp.so.1"));
    insta::assert_snapshot!(on_312(&foreign), @"
    fails
    warning LP102  a.libs/libgomp.so.1: built for arm64; the target is x86_64; the wheel has files for several systems to choose from
    error LP131  a/_a.cpython-312-x86_64-linux-gnu.so: needs libgomp.so.1, which python3.12 lacks: `import a` fails
    help: no Lambda runtime loads this file. Put libgomp.so.1 into the layer, where Lambda looks for it: opt/lib/libgomp.so.1 in its source, built for x86_64 and glibc 2.34 or older
    ");
}

#[test]
fn the_runtimes_copy_comes_before_a_runpath_and_after_an_rpath() {
    let bundled = |file: &ElfBuilder| {
        let libstdcxx = x86_64().soname("libstdc++.so.6").provides("GLIBCXX_3.4.35");
        cp312().elf(EXTENSION, file).elf("a.libs/libstdc++.so.6", &libstdcxx)
    };
    let needs = || needing("libstdc++.so.6").version("libstdc++.so.6", "GLIBCXX_3.4.35");
    assert_eq!(on_312(&bundled(&needs().rpath("$ORIGIN/../a.libs"))), "loads");
    insta::assert_snapshot!(on_312(&bundled(&needs().runpath("$ORIGIN/../a.libs"))), @"
    loads
    warning LP106  a/_a.cpython-312-x86_64-linux-gnu.so: needs GLIBCXX_3.4.35 of libstdc++.so.6; python3.12 has GLIBCXX_3.4.33 at most, and its copy is found before the bundled one unless Python loads that first
    ");
    insta::assert_snapshot!(on_312(&cp312().elf(EXTENSION, &needs())), @"
    fails
    error LP106  a/_a.cpython-312-x86_64-linux-gnu.so: needs GLIBCXX_3.4.35 of libstdc++.so.6; python3.12 has GLIBCXX_3.4.33 at most
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
}

#[test]
fn another_wheel_may_bring_the_library() {
    let target = target("python3.12", Arch::X86_64);
    let solver = wheel("nv_solver-1-py3-none-manylinux2014_x86_64.whl").elf(
        "nv/solver/lib/libsolver.so.1",
        &needing("libblas.so.12").soname("libsolver.so.1").runpath("$ORIGIN:$ORIGIN/../../blas/lib"),
    );
    let blas = wheel("nv_blas-1-py3-none-manylinux2014_x86_64.whl")
        .elf("nv/blas/lib/libblas.so.12", &x86_64().soname("libblas.so.12"));
    assert_eq!(among(&[&solver, &blas], Given::default(), &target), "loads");
    // Alone, it may come with a package that was not given; in a finished layer nothing more comes.
    insta::assert_snapshot!(among(&[&solver], Given::default(), &target), @"
    unknown
    warning LP132  nv/solver/lib/libsolver.so.1: needs libblas.so.12, looked for in /opt/python/nv/blas/lib, which belongs to a package that was not given
    ");
    let complete = Given { complete: true, ..Given::default() };
    insta::assert_snapshot!(among(&[&solver], complete, &target), @"
    fails
    error LP131  nv/solver/lib/libsolver.so.1: needs libblas.so.12, which python3.12 lacks
    help: no Lambda runtime loads this file. Put libblas.so.12 into the layer, where Lambda looks for it: opt/lib/libblas.so.12 in its source, built for x86_64 and glibc 2.34 or older
    ");
    // A folder inside of a package that was given is that package's own.
    let inside = wheel("a-1-cp312-cp312-manylinux2014_x86_64.whl")
        .python("a/__init__.py", "from . import _a\n")
        .elf(EXTENSION, &needing("libGL.so.1").rpath("$ORIGIN/qt/lib:$ORIGIN/../../_build"));
    assert_eq!(inside.verdict("python3.12", Arch::X86_64), Verdict::Fails);
    // What the other brings has to load, too.
    let broken = wheel("nv_blas-1-py3-none-manylinux2014_x86_64.whl")
        .elf("nv/blas/lib/libblas.so.12", &needing("libgomp.so.1").soname("libblas.so.12"));
    insta::assert_snapshot!(among(&[&solver, &broken], Given::default(), &target), @"
    fails
    error LP131  nv/solver/lib/libsolver.so.1: needs nv/blas/lib/libblas.so.12, which does not load: needs libgomp.so.1, which python3.12 lacks
    help: no Lambda runtime loads this file. Put libgomp.so.1 into the layer, where Lambda looks for it: opt/lib/libgomp.so.1 in its source, built for x86_64 and glibc 2.34 or older
    ");
}

#[test]
fn whoever_asks_may_vouch_for_a_library() {
    let wheel = cp312().elf(EXTENSION, &needing("libodbc.so.2"));
    let given = Given { vouched: ["libodbc.so.2".to_owned()].into(), ..Given::default() };
    assert_eq!(among(&[&wheel], given, &target("python3.12", Arch::X86_64)), "loads");
}

#[test]
fn symbol_versions_of_the_runtimes_libraries_are_known_for_some() {
    let needs = |library, version| cp312().elf(EXTENSION, &needing(library).version(library, version));
    assert_eq!(on_312(&needs("libz.so.1", "ZLIB_1.2.9")), "loads");
    insta::assert_snapshot!(on_312(&needs("libz.so.1", "ZLIB_1.3.1")), @"
    fails
    error LP133  a/_a.cpython-312-x86_64-linux-gnu.so: needs ZLIB_1.3.1 of libz.so.1; python3.12 has ZLIB_1.2.9 at most
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
    assert_eq!(on_312(&needs("libssl.so.3", "OPENSSL_3.0.0")), "loads");
    insta::assert_snapshot!(on_312(&needs("libssl.so.3", "OPENSSL_3.2.0")), @"
    loads
    warning LP133  a/_a.cpython-312-x86_64-linux-gnu.so: needs OPENSSL_3.2.0 of libssl.so.3; functions on the newest update of python3.12 have it, those whose updates are managed by hand may have only OPENSSL_3.0.0
    ");
}

#[test]
fn segments_and_stacks() {
    insta::assert_snapshot!(on_312(&cp312().elf(EXTENSION, &x86_64().load_at(0x1_0010))), @"
    fails
    error LP111  a/_a.cpython-312-x86_64-linux-gnu.so: its segment at offset 0x0 has the address 0x10010: they disagree modulo 0x1000
    help: no Lambda runtime loads this file. Rebuild it for manylinux2014_x86_64
    ");
    insta::assert_snapshot!(on_312(&cp312().elf(EXTENSION, &x86_64().executable_stack())), @"
    loads
    note LP112  a/_a.cpython-312-x86_64-linux-gnu.so: asks for an executable stack, which glibc 2.41 and newer refuse
    ");
}

#[test]
fn extension_modules_are_named_for_a_python() {
    let strayed = cp312().elf("a/_a.cpython-311-x86_64-linux-gnu.so", &x86_64());
    insta::assert_snapshot!(on_312(&strayed), @"
    fails
    error LP110  a/_a.cpython-311-x86_64-linux-gnu.so: a._a is there for Python 3.11 only; the target is python3.12 · x86_64
    help: no Lambda runtime loads this file. Rebuild it for cp312 or abi3 on manylinux2014_x86_64
    ");
    for (beside, what) in [("_a.abi3.so", "a module for every Python"), ("_a.so", "another")] {
        let entry = format!("a/{beside}");
        let beside = cp312().elf("a/_a.cpython-311-x86_64-linux-gnu.so", &x86_64()).elf(&entry, &x86_64());
        assert_eq!(on_312(&beside), "loads", "{what}");
    }
    // Its source does as well.
    for source in ["a/_a.py", "a/_a/__init__.py"] {
        let beside = cp312().elf("a/_a.cpython-311-x86_64-linux-gnu.so", &x86_64()).python(source, "");
        assert_eq!(on_312(&beside), "loads", "{source}");
    }
    let misnamed = cp312().elf("a/_a.cpython-312-aarch64-linux-gnu.so", &x86_64());
    insta::assert_snapshot!(on_312(&misnamed), @"
    fails
    error LP110  a/_a.cpython-312-aarch64-linux-gnu.so: a._a is there for arm64 only; the target is python3.12 · x86_64
    help: no Lambda runtime loads this file. Rebuild it for cp312 or abi3 on manylinux2014_x86_64
    ");
    // The tags have said it.
    let tagged =
        wheel("a-1-cp311-cp311-manylinux2014_x86_64.whl").elf("a/_a.cpython-311-x86_64-linux-gnu.so", &x86_64());
    insta::assert_snapshot!(on_312(&tagged), @"
    fails
    error LP101  built for CPython 3.11; the target is python3.12
    help: loads on python3.11 · x86_64
    ");
    // What is only tried is no loss.
    let tried = strayed
        .python("a/__init__.py", "from . import _b\ntry:\n    from . import _a\nexcept ImportError:\n    _a = None\n")
        .elf("a/_b.cpython-312-x86_64-linux-gnu.so", &x86_64());
    insta::assert_snapshot!(on_312(&tried), @"
    loads
    warning LP110  a/_a.cpython-311-x86_64-linux-gnu.so: a._a is there for Python 3.11 only; the target is python3.12 · x86_64: fails when a._a is used
    ");
}
