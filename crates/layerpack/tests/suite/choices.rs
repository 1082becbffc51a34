//! Which versions are taken and which packages are left out, in the words of pip and uv.

use insta::assert_snapshot;
use testkit::FakeIndex;

use crate::support::{Ran, Scratch, pure, shop};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

fn resolve(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    scratch.layerpack(&format!("resolve src {TARGET} --format requirements {flags}")).index(index).run()
}

/// Names and versions alone.
fn pins(ran: &Ran) -> String {
    assert_eq!(ran.code, 0, "{ran}");
    let pin = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    ran.stdout.lines().map(pin).collect::<Vec<_>>().join(" ")
}

/// `web` and its `templates`, uploaded one month after the other.
fn dated() -> FakeIndex {
    shop()
        .upload_time("web-1.1-py3-none-any.whl", "2026-01-10T08:00:00.000000Z")
        .upload_time("web-1.2-py3-none-any.whl", "2026-11-10T08:00:00Z")
        .upload_time("templates-2.0-py3-none-any.whl", "2026-02-10T08:00:00Z")
        .upload_time("templates-2.1-py3-none-any.whl", "2026-11-20T08:00:00Z")
        .start()
}

#[test]
fn flags_and_variables_choose_alike() {
    let index = dated();
    let scratch = Scratch::with_requirements("web\n");
    scratch
        .write("over.txt", "templates==2.0\n")
        .write("limits.txt", "templates<2.1\n")
        .write("out.txt", "templates\n");
    let cases = [
        ("", "web==1.2"),
        ("--override over.txt", "templates==2.0 web==1.2"),
        ("--overrides over.txt", "templates==2.0 web==1.2"),
        ("--exclude templates", "web==1.2"),
        ("--exclude Templates,colours", "web==1.2"),
        ("--resolution lowest", "templates==2.0 web==1.1"),
        ("--resolution lowest-direct", "templates==2.1 web==1.1"),
        ("--resolution highest", "templates==2.1 web==1.2"),
        ("--exclude-newer 2026-11-19", "templates==2.0 web==1.2"),
        ("--exclude-newer 2026-11-20", "templates==2.1 web==1.2"),
        ("--exclude-newer 2026-11-20T08:00:00Z", "templates==2.0 web==1.2"),
        ("--exclude-newer P7D", "templates==2.0 web==1.2"),
        ("--exclude-newer 2weeks", "templates==2.0 web==1.1"),
        ("--uploaded-prior-to 2026-11-20", "templates==2.0 web==1.2"),
        ("--uploaded-prior-to 2026-11-21", "templates==2.1 web==1.2"),
        ("--exclude-newer 30d --exclude-newer-package templates=false", "templates==2.1 web==1.1"),
        ("--exclude-newer-package web=2026-06-01", "templates==2.1 web==1.1"),
    ];
    for (flags, expected) in cases {
        let expected = if flags.is_empty() { "templates==2.1 web==1.2" } else { expected };
        assert_eq!(pins(&resolve(&scratch, &index, flags)), expected, "{flags}");
    }
    let variables = [
        ("UV_OVERRIDE", "over.txt", "templates==2.0 web==1.2"),
        ("UV_CONSTRAINT", "limits.txt", "templates==2.0 web==1.2"),
        ("PIP_CONSTRAINT", "limits.txt", "templates==2.0 web==1.2"),
        ("UV_EXCLUDE", "out.txt", "web==1.2"),
        ("UV_RESOLUTION", "lowest-direct", "templates==2.1 web==1.1"),
        ("UV_EXCLUDE_NEWER", "2026-11-19", "templates==2.0 web==1.2"),
        ("PIP_UPLOADED_PRIOR_TO", "2026-11-20", "templates==2.0 web==1.2"),
    ];
    for (name, value, expected) in variables {
        let run = scratch.layerpack(&format!("resolve src {TARGET} --format requirements")).index(&index);
        assert_eq!(pins(&run.env(name, value).run()), expected, "{name}");
    }
}

#[test]
fn what_is_left_out_is_told_with_who_requires_it() {
    let index = shop().wheel(pure("page", "1.0").requires("templates>=1")).start();
    let scratch = Scratch::with_requirements("web\npage\n");
    assert_snapshot!(resolve(&scratch, &index, "--exclude templates --exclude nothing"), @"
    exit 0
    ----- stdout -----
    page==1.0 --hash=sha256:[SHA256]
    web==1.2 --hash=sha256:[SHA256]
    ----- stderr -----
    note[LP418]: left out templates, which page 1.0 and web 1.2 require
             help: another layer, the runtime or the function has to bring it, where it is used
    note[LP515]: nothing requires nothing, which --exclude names
    ");
    // Whatever is left out must not be missed where the layer is judged.
    scratch.layerpack(&format!("build src {TARGET} --exclude templates")).index(&index).run().fine();
    let zip = "dist/src-python3.12-x86_64.zip";
    assert_snapshot!(scratch.layerpack(&format!("check {zip} {TARGET}")).run(), @"
    exit 1
    ----- stdout -----
    error: dist/src-python3.12-x86_64.zip does not load on python3.12 · x86_64
      LP418  python/page-1.0.dist-info/METADATA: page 1.0 requires templates>=1; the layer has no templates
             help: pack it as well; layerpack build does
      LP418  python/web-1.2.dist-info/METADATA: web 1.2 requires templates>=2; the layer has no templates
             help: pack it as well; layerpack build does
    ");
    assert_snapshot!(scratch.layerpack(&format!("check {zip} {TARGET} --exclude templates")).run(), @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.zip loads on python3.12 · x86_64
      LP418  note: python/page-1.0.dist-info/METADATA: page 1.0 requires templates>=1; the layer has no templates, which was excluded
             help: another layer or the function has to bring it, where it is used
      LP418  note: python/web-1.2.dist-info/METADATA: web 1.2 requires templates>=2; the layer has no templates, which was excluded
             help: another layer or the function has to bring it, where it is used
    ");
}

#[test]
fn a_project_leaves_out_what_uv_would() {
    let index = shop().start();
    let scratch = Scratch::new();
    let project = "[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"web\"]\n";
    scratch.write("src/pyproject.toml", format!("{project}[tool.uv]\nexclude-dependencies = [\"templates\"]\n"));
    assert_eq!(pins(&resolve(&scratch, &index, "")), "web==1.2");
}

#[test]
fn a_lock_gives_up_what_is_left_out_and_keeps_to_the_date() {
    let index = dated();
    let scratch = Scratch::with_requirements("web\n");
    scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run().fine();
    assert_eq!(pins(&resolve(&scratch, &index, "--locked")), "templates==2.1 web==1.2");
    assert_eq!(pins(&resolve(&scratch, &index, "--locked --exclude templates")), "web==1.2");
    assert_eq!(pins(&resolve(&scratch, &index, "--frozen --exclude templates")), "web==1.2");
    assert_snapshot!(resolve(&scratch, &index, "--locked --exclude-newer 2026-11-19"), @"
    exit 1
    ----- stderr -----
    error[LP310]: src/pylock.toml has templates 2.1, uploaded 2026-11-20T08:00:00Z, too late for --exclude-newer 2026-11-19
      help: lock again with --exclude-newer 2026-11-19, or free the package: --exclude-newer-package templates=false
    ");
    // What a lock was made without, it need not have, and that is said.
    let lock = scratch.text("src/pylock.toml");
    scratch.layerpack(&format!("lock src {TARGET} --exclude templates")).index(&index).run().fine();
    assert_snapshot!(resolve(&scratch, &index, "--locked"), @"
    exit 0
    ----- stdout -----
    web==1.2 --hash=sha256:[SHA256]
    ----- stderr -----
    note[LP418]: src/pylock.toml was made without templates (--exclude)
             help: another layer, the runtime or the function has to bring it, where it is used
    ");
    scratch.write("src/requirements.txt", "web\ntemplates\n").write("src/pylock.toml", "");
    fs_err::remove_file(scratch.path("src/pylock.toml")).expect("a lock");
    scratch.layerpack(&format!("lock src {TARGET} --exclude templates")).index(&index).run().fine();
    assert_eq!(pins(&resolve(&scratch, &index, "--locked")), "web==1.2");
    scratch.write("src/requirements.txt", "web\n").write("src/pylock.toml", lock);
    // Nothing has changed only where the same is left out.
    let build = |flags: &str| {
        let ran = scratch.layerpack(&format!("build src {TARGET} {flags}")).index(&index).run().fine();
        ran.stderr.contains("nothing has changed")
    };
    assert!(!build(""));
    assert!(build(""));
    assert!(!build("--exclude templates"));
    assert!(build("--exclude templates"));
    assert!(!build(""));
}

#[test]
fn an_index_without_upload_times_says_so() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    assert_snapshot!(resolve(&scratch, &index, "--exclude-newer 2026-11-19"), @"
    exit 1
    ----- stderr -----
    error[LP302]: no version of web can be taken
      src/requirements.txt line 1 asks for web
      web has no upload time on its index, which --exclude-newer 2026-11-19 needs
      help: ask an index that gives upload times (PEP 700), or free this package: --exclude-newer-package web=false
    ");
}

#[test]
fn what_cannot_be_read_is_a_usage_error() {
    let index = dated();
    let scratch = Scratch::with_requirements("web\n");
    let mut said = String::new();
    for flags in ["--exclude-newer soon", "--exclude web>=1", "--exclude-newer-package web", "--override nowhere.txt"] {
        let ran = resolve(&scratch, &index, flags).refused();
        assert_eq!(ran.code, 2, "{ran}");
        said.push_str(&ran.stderr);
    }
    assert_snapshot!(said, @"
    error[LP501]: --exclude-newer is `soon`, which is no date, time or span
      help: write 2026-01-31, 2026-01-31T12:00:00Z, 7 days, 1 week or P7D; months and years are no fixed spans
    error[LP501]: --exclude `web>=1` is no name of a package
      help: write the name alone, without version or extras: --exclude boto3
    error[LP501]: --exclude-newer-package is `web`
      help: write NAME=DATE, NAME=SPAN or NAME=false: boto3=2026-01-31
    error[LP502]: nowhere.txt: no such file or folder
      help: check the path; it is relative to the working directory
    ");
}
