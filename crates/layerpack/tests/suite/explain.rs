//! `explain`: codes, and the lines that other programs show.

use std::process::{Command, Stdio};

use insta::assert_snapshot;

use crate::support::Scratch;

fn said(arguments: &[&str]) -> String {
    Scratch::new().layerpack("explain").arguments(arguments.iter().copied()).run().to_string()
}

#[test]
fn a_code() {
    assert_snapshot!(said(&["LP131"]), @"
    exit 0
    ----- stdout -----
    LP131  a shared library is missing
    Native code needs a shared library that neither the runtime, nor the wheel, nor
    anything else that was judged with it has.

    Why
      Lambda's systems are small: no libGL, libX11, libgomp, libexpat, libodbc or
      libpq. manylinux allows a wheel to rely on some of them (libGL, libX11,
      libexpat, libglib-2.0), since desktops have them; so a wheel can be correct
      and still not load here. The container image of a runtime is no guide for the
      zip: what is installed into it is not in the managed runtime. layerpack looks
      where the loader looks: the file's RPATH and RUNPATH with `$ORIGIN`,
      `/var/lang/lib`, `/lib64`, `/opt/lib`, and what other wheels of the layer
      bring.

    What to do
      - Look for a build without the dependency: `opencv-python-headless` in place
        of `opencv-python`, `psycopg2-binary` in place of `psycopg2`.
      - Or bring the library: put `libgomp.so.1`, built for Amazon Linux, into
        `opt/lib` of the layer's source. It becomes `/opt/lib/libgomp.so.1`, where
        the loader looks.
      - Or use a wheel that bundles it (`auditwheel repair`).
      - If you know that it is there, from another layer: `--provides libgomp.so.1`.

    Lines that may mean it
      ImportError: libpython3.10.so.1.0: cannot open shared object file: No such
        file or directory
      ImportError: libGL.so.1: cannot open shared object file: No such file or
        directory

    What layerpack prints
      error: lightgbm-4.7.0-py3-none-manylinux_2_28_x86_64.whl does not load
          on python3.12 · x86_64
        LP131  lightgbm/lib/lib_lightgbm.so: needs libgomp.so.1, which
               python3.12 lacks
        help: no Lambda runtime loads this file. Put libgomp.so.1 into the
              layer, where Lambda looks for it: opt/lib/libgomp.so.1 in its
              source, built for x86_64 and glibc 2.34 or older

    More
      https://man7.org/linux/man-pages/man8/ld.so.8.html
    ");
    for spelling in ["lp131", "131", "Lp131"] {
        assert_eq!(said(&[spelling]), said(&["LP131"]), "{spelling}");
    }
    let two = said(&["131", "LP103"]);
    assert!(two.contains("\nLP131  ") && two.contains("\n\nLP103  "), "{two}");
}

#[test]
fn all_codes() {
    let list = said(&[]);
    assert_eq!(list.lines().filter(|line| line.starts_with("  LP")).count(), lambda_compat::Code::ALL.len());
    assert!(list.contains("  LP131  a shared library is missing\n"), "{list}");
}

#[test]
fn a_line_with_one_finding_behind_it() {
    let line = "/lib64/libc.so.6: version `GLIBC_2.28' not found (required by /opt/python/x.so)";
    let text = said(&[line]);
    assert_snapshot!(text.lines().take(8).collect::<Vec<_>>().join("\n"), @"
    exit 0
    ----- stdout -----
    CloudWatch: The dynamic loader found the C library, but a file needs a newer one
    than the runtime has.
      version: 2.28

    LP103  needs a newer glibc
    Native code that needs a newer glibc than the runtime has: by its manylinux tag,
    ");
    // Words that a shell has split are put together again.
    assert_eq!(said(&line.split(' ').collect::<Vec<_>>()), text);
}

#[test]
fn a_line_with_several() {
    assert_snapshot!(said(&["Unable to import module 'main': No module named 'pydantic_core._pydantic_core'"]), @"
    exit 0
    ----- stdout -----
    CloudWatch: The package is there, its extension module is not, or it has a file
    name that this Python passes over: file names say for which Python and processor
    they are.

    It may be one of 3, most likely first:

    LP110  an extension module for another Python
      An extension module is there, but only under file names that the runtime's
      Python passes over.
      what to do:
      - Build the layer for the function's runtime and architecture: `layerpack
        build SOURCE --runtime python3.12 --arch x86_64`.
      - Do not use one layer for several Python versions if it holds native code:
        build one for each.

    LP102  built for another architecture
      Native code for another processor: built for x86_64 where the function is
      arm64, the other way round, or for neither.
      what to do:
      - Give the function the architecture of its wheels, or build the layer for the
        function's: `layerpack build SOURCE --arch arm64`.
      - In CDK it is `architecture: Architecture.ARM_64`, in SAM and CloudFormation
        `Architectures: [arm64]`.
      - For wheels of your own: build on the architecture, or in an image for it;
        cibuildwheel does both.

    LP101  built for another Python
      The wheel is built for another Python than the runtime's: none of the python
      and ABI tags in its name fits.
      what to do:
      - Use the runtime that the wheel is for: layerpack names it where there is
        one.
      - Or take or build the wheel for this runtime: `layerpack fetch SOURCE
        --runtime python3.13 -o FOLDER` downloads what fits.
      - For wheels of your own: build with the runtime's Python, or for the stable
        ABI (`abi3`), which later versions load too.

    `layerpack check FILE` says which of them it is; `layerpack explain LP110` says
    more of one.
    ");
}

#[test]
fn what_is_not_known() {
    assert_snapshot!(said(&["LP999"]), @"
    exit 2
    ----- stderr -----
    error[LP501]: no finding has the code `LP999`; codes look like LP102
      help: layerpack explain lists the codes. Of a log, pass the line that names a file, library, module or size; or let layerpack check look at the wheels, the layer or the function itself
    ");
    assert_snapshot!(said(&["the", "weather", "is", "fine"]), @"
    exit 2
    ----- stderr -----
    error[LP501]: no finding is known that shows this line
      help: layerpack explain lists the codes. Of a log, pass the line that names a file, library, module or size; or let layerpack check look at the wheels, the layer or the function itself
    ");
    // A line of layerpack's own is known by its code.
    assert!(said(&["  LP103  needs glibc 2.28"]).contains("LP103  needs a newer glibc"));
}

#[test]
fn a_line_on_stdin() {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("layerpack"))
        .args(["explain", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("layerpack starts");
    let line = b"[ERROR] ImportError: libGL.so.1: cannot open shared object file: No such file or directory\n\xff";
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), line).expect("layerpack reads");
    let output = child.wait_with_output().expect("layerpack ends");
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(document["codes"][0]["code"], "LP131");
    assert_eq!(document["line"]["words"][0]["value"], "libGL.so.1");
}
