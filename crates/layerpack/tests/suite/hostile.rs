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

/// Lines that a runner of GitHub Actions would take for commands, but for annotations of the program.
fn commands(text: &str) -> Vec<&str> {
    let own = |line: &str| ["::error ", "::warning ", "::notice "].iter().any(|own| line.starts_with(own));
    text.lines().filter(|line| (line.trim_start().starts_with("::") && !own(line)) || line.contains("##[")).collect()
}

#[test]
fn no_text_of_others_is_a_command_to_a_job() {
    let scratch = Scratch::new();
    scratch
        .write("lines/requirements.txt", "::set-env name=PATH::/evil\n  ::add-mask::a\nfoo ##[error]\n")
        .write("lock/pylock.toml", "lock-version = '1.0'\ncreated-by = 'x'\n  ::stop-commands::x ##[group]\n")
        .write("layerpack.toml", "::set-output name=a::b\n")
        .wheel("wheel", &pure("foo", "1.0").requires("bar ##[error]\n ::error::x"));
    if cfg!(unix) {
        scratch.write("\n::error::x.whl", "");
    }
    for arguments in [
        "build lines --no-index",
        "build lock --no-index",
        "check lock/pylock.toml",
        "check lines/requirements.txt",
        "build wheel --no-index",
        "check --no-config .",
        "runtimes --config layerpack.toml",
        "build",
    ] {
        for format in ["text", "json", "github"] {
            let line = format!("{arguments} -v --format {format} --color never");
            let ran = scratch.layerpack(&line).run();
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert_eq!(commands(&said), Vec::<&str>::new(), "{line}: {said}");
        }
    }
    for argument in ["\n::error::x", "--\n::error::x", "\n::error::x.whl"] {
        let ran = scratch.layerpack("check --no-config").arguments([argument]).run();
        assert_eq!(commands(&format!("{}{}", ran.stdout, ran.stderr)), Vec::<&str>::new(), "{ran}");
        assert!(ran.code > 0 && ran.to_string().contains(":�error"), "{ran}");
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

/// What the user names is read to an end that has a name, also where the file has none.
#[cfg(unix)]
#[test]
fn files_without_end_are_given_up() {
    let index = FakeIndex::start();
    let scratch = Scratch::with_requirements("foo\n");
    let large = "truncate -s 4G .python-version uv.toml .netrc pip.conf";
    let build = format!("build src {TARGET}");
    for (arguments, code) in [
        (format!("{build} --cert /dev/zero"), "LP307"),
        (format!("{build} --client-cert /dev/zero"), "LP307"),
        (format!("{build} -r /dev/zero"), "LP504"),
        (format!("{build} --config large.toml"), "LP520"),
    ] {
        let ran = scratch.layerpack(&arguments).index(&index).after("truncate -s 4G large.toml").run();
        assert_eq!((ran.code, ran.stderr.contains(&format!("[{code}]"))), (2, true), "{arguments}: {ran}");
        assert!(ran.stderr.contains("larger than"), "{arguments}: {ran}");
    }
    for (variable, value) in
        [("SSL_CERT_FILE", "/dev/zero"), ("UV_CONFIG_FILE", "uv.toml"), ("PIP_CONFIG_FILE", "pip.conf")]
    {
        let ran = scratch.layerpack(&build).index(&index).env(variable, value).after(large).run();
        assert_eq!((ran.code, ran.stderr.contains("larger than")), (2, true), "{variable}: {ran}");
    }
    let ran = scratch.layerpack("build src").index(&index).after("rm uv.toml").run();
    assert_eq!((ran.code, ran.stderr.contains(".python-version is larger than 1 MB")), (2, true), "{ran}");
    let ran = scratch.layerpack(&build).index(&index).env("NETRC", ".netrc").run();
    assert!(ran.stderr.contains(".netrc is larger than 1 MB") && ran.stderr.contains("it is not used"), "{ran}");
}

#[test]
fn nothing_of_a_file_is_told_that_is_not_the_locked_one() {
    let scratch = Scratch::new();
    let lock = "lock-version = '1.0'\ncreated-by = 'x'\n[[packages]]\nname = 'foo'\nversion = '1.0'\n\
                wheels = [{ name = 'foo-1.0-py3-none-any.whl', path = 'passwd', hashes = { sha256 = 'HASH' } }]\n";
    scratch.write("lock/pylock.toml", lock.replace("HASH", &"0".repeat(64))).write("lock/passwd", "root:x:0:0");
    for arguments in ["build lock --no-index", "check lock/pylock.toml --deep --no-index"] {
        let ran = scratch.layerpack(&format!("{arguments} {TARGET}")).run();
        let said = ran.to_string();
        assert!(
            said.contains("LP306") && said.contains(" is locked") && !said.contains("root:"),
            "{arguments}: {said}"
        );
    }
}

#[test]
fn messages_that_nobody_would_read_to_their_end_are_cut() {
    let many = 0..600;
    let scratch = Scratch::new();
    let named = |n| format!("{{ name = \"package{n}\" }}, ");
    let source = format!(
        "source = {{ registry = \"http://127.0.0.1:1/\" }}\nsdist = {{ url = \"http://127.0.0.1:1/a.tar.gz\", hash = \"sha256:{}\" }}",
        "0".repeat(64)
    );
    let entry = |n| format!("[[package]]\nname = \"package{n}\"\nversion = \"1\"\n{source}\n");
    let lock = format!(
        "version = 1\nrequires-python = \">=3.12\"\n[[package]]\nname = \"root\"\nversion = \"0\"\n\
         source = {{ virtual = \".\" }}\ndependencies = [{}]\n{}",
        many.clone().map(named).collect::<String>(),
        many.clone().map(entry).collect::<String>(),
    );
    let wanted: Vec<String> = many.clone().map(|n| format!("\"package{n}\"")).collect();
    let project = format!(
        "[project]\nname = \"root\"\nversion = \"0\"\nrequires-python = \">=3.12\"\ndependencies = [{}]\n",
        wanted.join(",")
    );
    let excluded: Vec<String> = many.map(|n| format!("!=1.{n}")).collect();
    scratch
        .write("lock/uv.lock", lock)
        .write("lock/pyproject.toml", project)
        .write("lines/requirements.txt", format!("foo{}\n", excluded.join(",")));
    for (source, code, more) in [("lock", "LP305", ", and 5"), ("lines", "LP301", ",and 4")] {
        let arguments = format!("build {source} --no-index --no-config {TARGET}");
        let ran = scratch.layerpack(&arguments).run().refused();
        assert!(ran.stderr.len() < 1_500 && ran.stderr.contains(code) && ran.stderr.contains(more), "{ran}");
        let json = scratch.layerpack(&format!("{arguments} --format json")).run().json().to_string();
        assert!(json.contains("599"), "{json}");
    }
    let ran = scratch.layerpack("explain").arguments([&*"x".repeat(20_000)]).run().refused();
    assert!(ran.stderr.len() < 1_500 && ran.stderr.contains("letters more"), "{ran}");
}
