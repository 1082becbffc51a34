//! A run that is told to stop, and readers that go away: nothing is left half done.
#![cfg(unix)]

use std::fs::File;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use testkit::{FakeIndex, Fault};

use crate::support::{Scratch, pure, shop};

const BUILD: &str = "build src --runtime python3.12 --arch x86_64";

fn tell(child: &Child, signal: &str) {
    let told = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
    assert!(told.expect("kill starts").success());
}

#[test]
fn a_run_that_is_told_to_stop_clears_away_what_it_was_making() {
    let large = pure("large", "1.0").stored().file("large/data.bin", vec![7; 400_000]);
    for signal in ["INT", "TERM", "HUP"] {
        // A few seconds' worth, of which a fraction is waited for.
        let slow = Fault::Slow(1_000, Duration::from_millis(20));
        let index = shop().wheel(&large).always(&large.filename(), slow).start();
        let scratch = Scratch::with_requirements("large\n");
        scratch.write("dist/src-python3.12-x86_64.zip", "the old one");
        let mut child = scratch
            .layerpack(BUILD)
            .index(&index)
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("layerpack starts");
        scratch.until_it_stores();
        tell(&child, signal);
        let code = child.wait().expect("it ends").code();
        assert_eq!(code, Some(130), "{signal}");
        assert_eq!(scratch.temporaries(), 0, "{signal}");
        assert_eq!(scratch.names("dist"), ["src-python3.12-x86_64.zip"]);
        assert_eq!(scratch.text("dist/src-python3.12-x86_64.zip"), "the old one");
        // What was stopped can be run again.
        let index = shop().wheel(&large).start();
        scratch.layerpack(BUILD).index(&index).run().fine();
    }
}

fn output(scratch: &Scratch, index: &FakeIndex, arguments: &str, stdout: Stdio) -> (Option<i32>, String) {
    let mut command = scratch.layerpack(arguments).index(index).command();
    let child = command.stdout(stdout).stderr(Stdio::piped()).spawn().expect("layerpack starts");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), String::from_utf8(output.stderr).expect("text"))
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(writer)
    };
    let (code, stderr) = output(&scratch, &index, &format!("{BUILD} -q"), closed());
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert_eq!(scratch.names("dist").len(), 3, "what was asked for is done all the same");
    let check = "check dist/src-python3.12-x86_64.zip --format json -q";
    assert_eq!(output(&scratch, &index, check, closed()), (Some(0), String::new()));
}

#[test]
fn a_full_disk_behind_stdout_is_an_error() {
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    let (code, stderr) = output(&scratch, &index, &format!("{BUILD} -q"), full.into());
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.starts_with("error[LP509]: ") && stderr.contains("No space left on device"), "{stderr}");
}
