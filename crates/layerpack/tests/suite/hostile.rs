//! Bytes that mean harm to whoever looks at them: what they make the terminal do, how long they keep it waiting.

use testkit::{FakeIndex, WheelBuilder};

use crate::support::{Scratch, pure};

const TARGET: &str = "--runtime python3.12 --arch arm64";
/// Sets a terminal's title, clears it, hides what follows, goes back over the line.
const EVIL: &str = "\u{1b}]0;title\u{7}\u{1b}[2J\u{1b}[8m\rfine";

/// What is printed with styles, without those.
fn printed(scratch: &Scratch, arguments: &str) -> String {
    let ran = scratch.layerpack(arguments).arguments(["--color", "always"]).run();
    let styles = ["0", "1", "2", "31", "32", "33", "36"];
    styles.iter().fold(ran.stdout + &ran.stderr, |text, style| text.replace(&format!("\u{1b}[{style}m"), ""))
}

#[test]
fn no_name_or_text_of_others_reaches_the_terminal_as_it_is() {
    let scratch = Scratch::new();
    let lock = format!("lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = {EVIL:?}\nversion = '1'\n");
    scratch
        .wheel("wheel", &pure("foo", "1.0").requires(&format!("bar{}", EVIL.replace('\r', ""))))
        .write("lock/pylock.toml", lock.replace("\\u{1b}", "\\u001b").replace("\\u{7}", "\\u0007"))
        .write("lines/requirements.txt", format!("foo @ {EVIL}"));
    for arguments in
        ["build wheel --no-index", "build lock --no-index", "check lock/pylock.toml", "build lines --no-index"]
    {
        let said = printed(&scratch, &format!("{arguments} {TARGET}"));
        assert!(said.contains("]0;title") || said.contains("bar"), "{arguments}: {said}");
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{arguments}: {said:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_wheels_place_keeps_nobody_waiting() {
    let scratch = Scratch::new();
    scratch.write("src/requirements.txt", "foo\n");
    let pipe = "mkfifo foo-1.0-py3-none-any.whl";
    let ran = scratch.layerpack(&format!("check foo-1.0-py3-none-any.whl {TARGET}")).after(pipe).run();
    assert_eq!((ran.code, ran.stderr.contains("is not a regular file")), (2, true), "{ran}");
    // Where fetch would put a wheel.
    let index = FakeIndex::builder().wheel(pure("foo", "1.0")).start();
    let fetch = format!("fetch src -o . {TARGET}");
    let ran = scratch.layerpack(&fetch).index(&index).run();
    assert_eq!((ran.code, ran.stderr.contains("is not a regular file")), (2, true), "{ran}");
    // And in the place of everything that the cache keeps.
    let build = format!("build src {TARGET}");
    scratch.layerpack(&build).index(&index).run().fine();
    let pipes = "for file in $(find ../cache -type f); do rm $file; mkfifo $file; done";
    let ran = scratch.layerpack(&build).index(&index).after(pipes).run();
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn metadata_with_more_requirements_than_anybody_has() {
    let scratch = Scratch::new();
    let wheel = (0..=20_000).fold(WheelBuilder::new("foo", "1.0"), |wheel, n| wheel.requires(&format!("p{n}")));
    scratch.wheel("src", &wheel);
    let ran = scratch.layerpack(&format!("build src --no-index {TARGET}")).run().refused();
    assert!(ran.stderr.contains("foo 1.0 has METADATA that cannot be used: more than 20000 requirements"), "{ran}");
}

#[test]
fn what_cannot_be_read_is_told_by_its_beginning() {
    let scratch = Scratch::new();
    let long = format!(">=3{}", ",x".repeat(50_000));
    scratch.wheel("src", &pure("foo", "1.0").requires_python(&long));
    scratch.wheel("deep", &pure("bar", "1.0").requires(&format!("a; {}", "(".repeat(5_000))));
    for source in ["src", "deep"] {
        let ran = scratch.layerpack(&format!("build {source} --no-index {TARGET}")).run();
        assert!(ran.stderr.len() < 1_000 && ran.stderr.contains('…'), "{ran}");
    }
}
