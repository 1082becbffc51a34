//! Disks that are full, processes that are killed, many at once, odd clocks and arguments: the outputs are the old or the
//! new ones, and a plain run afterwards gives what it always gave. `scripts/faults.py` does the same from outside, at
//! every call.
#![cfg(unix)]

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use insta::assert_snapshot;
use testkit::{FakeIndex, Fault};

use crate::support::{Scratch, filtered, pure, shop};

const BUILD: &str = "build src --runtime python3.12 --arch x86_64 --emit zip,tree,report";
const STEM: &str = "dist/src-python3.12-x86_64";

/// A shop with one package of some hundred kilobytes.
fn with_large() -> testkit::FakeIndexBuilder {
    shop().wheel(pure("large", "1.0").stored().file("large/data.bin", vec![7; 300_000]))
}

fn zip(scratch: &Scratch) -> Vec<u8> {
    scratch.read(&format!("{STEM}.zip"))
}

/// The zip of an undisturbed build of these lines.
fn undisturbed(lines: &str, index: &FakeIndex) -> Vec<u8> {
    let scratch = Scratch::with_requirements(lines);
    scratch.layerpack(BUILD).index(index).run().fine();
    zip(&scratch)
}

#[test]
fn a_full_disk_leaves_the_old_outputs_and_a_sound_store() {
    let index = with_large().start();
    let expected = undisturbed("web\nlarge\n", &index);
    let scratch = Scratch::with_requirements("web\n");
    scratch.layerpack(BUILD).index(&index).run().fine();
    let old = zip(&scratch);
    scratch.write("src/requirements.txt", "web\nlarge\n");
    // No file may grow beyond 64 kB: first the wheel cannot be kept, then, with a warm cache, the zip not be written.
    let full = "trap '' XFSZ; ulimit -f 128";
    let ran = scratch.layerpack(BUILD).index(&index).after(full).run();
    assert_snapshot!(ran, @"
    exit 2
    ----- stderr -----
    error[LP509]: failed to write to the store: File too large (os error N)
      help: check that the disk has space and that the cache folder belongs to you, or use --cache-dir
    ");
    assert_eq!((scratch.temporaries(), zip(&scratch) == old), (0, true));

    let other = Scratch::with_requirements("large\n");
    other.layerpack(&format!("{BUILD} --cache-dir ../shared")).index(&index).run().fine();
    let warm = format!("{BUILD} --cache-dir {}", other.path("../shared").display());
    let ran = scratch.layerpack(&warm).index(&index).after(full).run();
    assert_snapshot!(ran, @"
    exit 2
    ----- stderr -----
    error[LP509]: could not write dist/src-python3.12-x86_64.zip: File too large (os error N)
    ");
    assert!(zip(&scratch) == old);

    scratch.layerpack(BUILD).index(&index).run().fine();
    assert!(zip(&scratch) == expected);
}

#[test]
fn a_killed_run_is_made_good_by_the_next() {
    let wheel = pure("large", "1.0").stored().file("large/data.bin", vec![7; 300_000]);
    let index = with_large().start();
    let expected = undisturbed("web\nlarge\n", &index);
    let slow = Fault::Slow(1_000, Duration::from_millis(20));
    let index = with_large().fault(&wheel.filename(), slow).start();
    let scratch = Scratch::with_requirements("web\nlarge\n");
    let mut child = scratch
        .layerpack(BUILD)
        .index(&index)
        .command()
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("layerpack starts");
    scratch.until_it_stores();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(scratch.names("dist"), [""; 0]);
    scratch.layerpack(BUILD).index(&index).run().fine();
    assert!(zip(&scratch) == expected);
}

#[test]
fn many_runs_on_one_cold_cache_agree_and_fetch_each_wheel_once() {
    // A server without ranges sends the whole wheel to whoever only wants to read its METADATA.
    for index in [with_large(), with_large().without_metadata_files().without_ranges()] {
        let index = index.start();
        let expected = undisturbed("web\nlarge\n", &index);
        index.forget_requests();
        let scratch = Scratch::with_requirements("web\nlarge\n");
        let children: Vec<_> = (0..6)
            .map(|number| {
                let run = scratch.layerpack(&format!("{BUILD} --out-dir out{number}")).index(&index);
                run.command().stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("layerpack starts")
            })
            .collect();
        for (number, child) in children.into_iter().enumerate() {
            let output = child.wait_with_output().expect("it ends");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(scratch.read(&format!("out{number}/src-python3.12-x86_64.zip")) == expected);
        }
        let mut fetched: Vec<String> = index.request_lines();
        fetched.retain(|line| line.ends_with("-any.whl"));
        fetched.sort();
        let once: std::collections::BTreeSet<&String> = fetched.iter().collect();
        assert_eq!(once.len(), fetched.len(), "{fetched:?}");
    }
}

#[test]
fn outputs_may_not_lie_in_what_is_packed() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("src/python/own.py", "own = 1\n").write("src/opt/bin/start", "#!/bin/sh\n");
    let said =
        ["--out-dir src/python/dist", "-o src/opt/x.zip", "-o src/python", "-o src/../src/python/own"].map(|flags| {
            let ran =
                scratch.layerpack(&format!("build src --runtime python3.12 {flags}")).index(&index).run().refused();
            format!("# {flags}\n{ran}\n")
        });
    assert_snapshot!(said.concat(), @"
    # --out-dir src/python/dist
    exit 2
    ----- stderr -----
    warning[LP510]: nobody named an architecture: this is for python3.12 · x86_64; pin it with --arch
    error[LP501]: src/python/dist/src-python3.12-x86_64.json lies in src/python, which is packed
      help: name another place for the output

    # -o src/opt/x.zip
    exit 2
    ----- stderr -----
    warning[LP510]: nobody named an architecture: this is for python3.12 · x86_64; pin it with --arch
    error[LP501]: src/opt/x.zip lies in src/opt, which is packed
      help: name another place for the output

    # -o src/python
    exit 2
    ----- stderr -----
    warning[LP510]: nobody named an architecture: this is for python3.12 · x86_64; pin it with --arch
    error[LP501]: src/python lies in src/python, which is packed
      help: name another place for the output

    # -o src/../src/python/own
    exit 2
    ----- stderr -----
    warning[LP510]: nobody named an architecture: this is for python3.12 · x86_64; pin it with --arch
    error[LP501]: src/../src/python/own lies in src/python, which is packed
      help: name another place for the output
    ");
    // Beside them is where many have it.
    scratch.layerpack("build src --runtime python3.12 --out-dir src/dist").index(&index).run().fine();
    scratch.layerpack("build src --runtime python3.12 -o new/folder/x.zip").index(&index).run().fine();
}

#[test]
fn times_of_files_do_not_count() {
    let index = shop().start();
    let built = |time: SystemTime| {
        let scratch = Scratch::with_requirements("web\n");
        scratch.write("src/python/own.py", "own = 1\n");
        let file = fs_err::File::options().write(true).open(scratch.path("src/python/own.py")).expect("a file");
        file.set_modified(time).expect("a time");
        scratch.layerpack(BUILD).index(&index).run().fine();
        zip(&scratch)
    };
    // The second is past what the format of zip can say.
    let ages = [SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH + Duration::from_secs(4_400_000_000)];
    assert!(built(ages[0]) == built(ages[1]));
}

#[test]
fn arguments_that_are_not_utf_8() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    let odd = OsStr::from_bytes(b"s\xffc");
    let run = |arguments: &[&OsStr]| {
        let mut command = scratch.layerpack("").command();
        let output = command.args(arguments).output().expect("layerpack starts");
        let text =
            |bytes: Vec<u8>| filtered(&String::from_utf8(bytes).expect("layerpack prints UTF-8"), &scratch.path(".."));
        format!("{:?}\n{}{}\n", output.status.code(), text(output.stdout), text(output.stderr))
    };
    let said = [
        run(&["build".as_ref(), odd]),
        run(&["check".as_ref(), odd]),
        run(&["explain".as_ref(), odd]),
        run(&["build".as_ref(), "src".as_ref(), "--index-url".as_ref(), odd]),
        run(&[odd]),
    ];
    assert_snapshot!(said.concat(), @"
    Some(2)
    error[LP502]: s�c: no such file or folder
      help: check the path; it is relative to the working directory

    Some(2)
    error[LP502]: s�c: no such file or folder
      help: check the path; it is relative to the working directory

    Some(2)
    error: invalid UTF-8 was detected in one or more arguments

    Usage: layerpack explain [OPTIONS] [CODE|LINE]...

    For more information, try '--help'.

    Some(2)
    error: invalid UTF-8 was detected in one or more arguments

    Usage: layerpack build [OPTIONS] [SOURCE]...

    For more information, try '--help'.

    Some(2)
    error: unrecognized subcommand 's�c'

    Usage: layerpack [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");

    // A folder may have such a name; what it is called in the output is another matter.
    if fs_err::rename(scratch.path("src"), scratch.path(".").join(odd)).is_err() {
        return;
    }
    let url = index.url();
    let target = ["--runtime", "python3.12", "--name", "layer", "--index-url", &url].map(OsStr::new);
    let ran = run(&[&[OsStr::new("build"), odd], &target[..]].concat());
    assert!(ran.starts_with("Some(0)\ndist/layer-python3.12-x86_64.zip"), "{ran}");
}
