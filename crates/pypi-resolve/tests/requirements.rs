//! Requirement files of `testdata/requirements`, read and rendered; and properties that hold for any bytes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use lambda_compat::Code;
use proptest::prelude::*;
use pypi_resolve::index::IndexError;
use pypi_resolve::requirements::{
    DirectUrl, Disk, Located, Location, Place, ReadText, Reader, Requirement, RequirementSource, RequirementsErrors,
    RequirementsFile, SourceRequirement, read_requirements,
};
use testkit::slashed;
use wheel_tags::DistName;

/// Files in memory.
struct Files(BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    fn one(bytes: &[u8]) -> Self {
        Self(BTreeMap::from([(PathBuf::from("requirements.txt"), bytes.to_vec())]))
    }
}

impl ReadText for Files {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        // As a file system would: `a/../b` is `b`.
        let mut plain = PathBuf::new();
        for part in path.components() {
            match part {
                std::path::Component::CurDir => {}
                std::path::Component::ParentDir => _ = plain.pop(),
                other => plain.push(other),
            }
        }
        self.0.get(&plain).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn fetch(&self, url: &DirectUrl, limit: u64) -> Result<Vec<u8>, IndexError> {
        assert_eq!(limit, 8 << 20);
        let found = self.0.get(Path::new(url.as_str())).cloned();
        found.ok_or_else(|| IndexError::NotCached { what: url.to_string() })
    }

    fn stdin(&self) -> io::Result<Vec<u8>> {
        self.0.get(Path::new("-")).cloned().ok_or_else(|| io::ErrorKind::Unsupported.into())
    }
}

fn read_with_variables(path: &Path, files: &Files, builds: bool) -> Result<RequirementsFile, RequirementsErrors> {
    Reader { files, variable: &variable, builds }.read(&Location::of_argument(path).expect("a place"))
}

fn variable(name: &str) -> Option<String> {
    match name {
        "TOKEN" => Some("s3cret".to_owned()),
        "HOME" => Some("/home/me".to_owned()),
        _ => None,
    }
}

fn testdata(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/requirements").join(folder);
    let mut cases: Vec<(String, String)> = fs_err::read_dir(root)
        .expect("testdata is there")
        .map(|entry| {
            let path = entry.expect("a folder that can be listed").path();
            let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
            (name, fs_err::read_to_string(path).expect("a text file"))
        })
        .collect();
    // On Windows a `file:` address names a drive or a server: windows.rs has such.
    cases.retain(|(_, text)| !(cfg!(windows) && text.contains("file://")));
    cases.sort();
    cases
}

fn snapshot(name: &str, rendered: &str) {
    insta::with_settings!({
        snapshot_path => "../../../testdata/requirements/expected",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, rendered);
    });
}

#[test]
fn files() {
    for (name, text) in testdata("files") {
        let mut files = BTreeMap::new();
        let mut first = None;
        for section in text.split("-- ").filter(|section| section.contains(" --\n")) {
            let (path, content) = section.split_once(" --\n").expect("a header line");
            first.get_or_insert_with(|| PathBuf::from(path));
            files.insert(PathBuf::from(path), content.as_bytes().to_vec());
        }
        let first = first.expect("at least one file");
        let builds = name.starts_with("builds-");
        snapshot(&name, &rendered(read_with_variables(&first, &Files(files), builds)));
    }
}

#[test]
fn lines() {
    for (name, text) in testdata("lines") {
        let mut all = String::new();
        for line in text.lines() {
            if line.starts_with("#!") {
                writeln!(all, "{line}\n").expect("a string");
                continue;
            }
            let files = Files(BTreeMap::from([("r.txt".into(), line.into())]));
            let read = read_with_variables(Path::new("r.txt"), &files, name.starts_with("builds-"));
            writeln!(all, "{line}\n{}", indented(&rendered(read))).expect("a string");
        }
        snapshot(&name, &all);
    }
}

/// They once were `src/./house/…` in every message.
#[test]
fn named_paths_are_shown_plainly() {
    let paths = |text: &str| -> Vec<String> {
        let files = Files(BTreeMap::from([("src/requirements.txt".into(), text.into())]));
        let read = read_requirements(Path::new("./src/requirements.txt"), &files).expect("sound lines");
        let wheels = read.requirements.into_iter().map(|requirement| match requirement.source {
            RequirementSource::Path(path) => slashed(&path.display().to_string()),
            other => panic!("{other:?}"),
        });
        wheels.chain(read.options.find_links.into_iter().map(|place| place.value)).collect()
    };
    let text =
        "./house/a-1-py3-none-any.whl\nhouse/./b-1-py3-none-any.whl\n../c-1-py3-none-any.whl\n-f ./house\n-f .\n";
    let expected = [
        "src/house/a-1-py3-none-any.whl",
        "src/house/b-1-py3-none-any.whl",
        "src/../c-1-py3-none-any.whl",
        "src/house",
        "src",
    ];
    assert_eq!(paths(text), expected);

    let here = Files(BTreeMap::from([("requirements.txt".into(), "-f .\n".into())]));
    let read = read_requirements(Path::new("requirements.txt"), &here).expect("a sound line");
    assert_eq!(read.options.find_links[0].value, ".", "a path is never empty");
}

fn indented(text: &str) -> String {
    text.lines().flat_map(|line| ["    ", line, "\n"]).collect()
}

fn rendered(read: Result<RequirementsFile, RequirementsErrors>) -> String {
    let file = match read {
        Ok(file) => file,
        Err(errors) => {
            let with_help = errors.iter().map(|error| {
                let help = error.help().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
                format!("{} {error}{help}\n", error.code())
            });
            return with_help.collect();
        }
    };
    let mut out = String::new();
    for requirement in &file.requirements {
        out += &render_requirement("", requirement);
    }
    for constraint in &file.constraints {
        out += &render_requirement("constraint ", constraint);
    }
    for source in &file.sources {
        out += &render_source(source);
    }
    let options = &file.options;
    let mut option = |name: &str, located: &Located<String>| {
        writeln!(out, "{name} {}   ({})", located.value, located.place).expect("a string");
    };
    options.index_url.iter().for_each(|url| option("index", url));
    options.extra_index_urls.iter().for_each(|url| option("extra index", url));
    options.find_links.iter().for_each(|url| option("find links", url));
    options.trusted_hosts.iter().for_each(|host| option("trusted host", host));
    for (name, place) in
        [("no index", &options.no_index), ("pre", &options.pre), ("require hashes", &options.require_hashes)]
    {
        if let Some(place) = place {
            writeln!(out, "{name}   ({place})").expect("a string");
        }
    }
    for ignored in &file.ignored {
        writeln!(out, "ignored {}: {}   ({})", ignored.option, ignored.reason, ignored.place).expect("a string");
    }
    if let Some(place) = file.hashes_required() {
        writeln!(out, "hashes required by {place}").expect("a string");
    }
    out
}

fn render_source(source: &SourceRequirement) -> String {
    let name = source.name.as_ref().map_or("?", DistName::as_str);
    let extras: Vec<&str> = source.extras.iter().map(DistName::as_str).collect();
    let marker = source.marker.try_to_string().map(|marker| format!(" where {marker}")).unwrap_or_default();
    format!("build {name} {extras:?} {}{marker}   ({})\n", slashed(&format!("{:?}", source.tree)), source.place)
}

fn render_requirement(kind: &str, requirement: &Requirement) -> String {
    let extras: Vec<&str> = requirement.extras.iter().map(DistName::as_str).collect();
    let extras = if extras.is_empty() { String::new() } else { format!("[{}]", extras.join(",")) };
    let source = match &requirement.source {
        RequirementSource::Index => String::new(),
        RequirementSource::Path(path) => format!(" from {}", slashed(&path.display().to_string())),
        RequirementSource::Url { url, .. } => {
            format!(" from {url}{}", if url.login().is_some() { " with credentials" } else { "" })
        }
    };
    let marker = requirement.marker.try_to_string().map(|marker| format!(" where {marker}")).unwrap_or_default();
    let mut out = format!(
        "{kind}{}{extras} {}{source}{marker}   ({})\n",
        requirement.name, requirement.specifiers, requirement.place
    );
    for hash in &requirement.hashes {
        writeln!(out, "    {hash}").expect("a string");
    }
    out
}

#[test]
fn encodings() {
    let read = |bytes: &[u8]| rendered(read_requirements(Path::new("requirements.txt"), &Files::one(bytes)));
    let six = "six    (requirements.txt line 2)\n";
    assert_eq!(read(b"\xef\xbb\xbf#\nsix\r\n"), six);
    assert_eq!(read(b"\xff\xfe#\0\r\0\n\0s\0i\0x\0"), six);
    assert_eq!(read(b"# coding: latin-1 \xe9\nsix"), six);
    insta::assert_snapshot!(read(b"six\n# caf\xe9\n"), @"
    LP504 requirements.txt line 2: is not UTF-8: byte 0xe9 in column 6
    help: save the file as UTF-8
    ");
    insta::assert_snapshot!(read(b"s\0i\0x\0"), @"
    LP504 requirements.txt line 1: contains a NUL character
    help: save the file as UTF-8
    ");
}

#[test]
fn what_cannot_be_opened() {
    let missing = read_requirements(Path::new("nowhere.txt"), &Files(BTreeMap::new())).expect_err("it is not there");
    assert_eq!((missing.first().code(), missing.first().place()), (Code::Missing, &Place::new("nowhere.txt", 0)));
    assert_eq!(missing.to_string(), "nowhere.txt: no such file: nowhere.txt");

    let folder = tempfile::tempdir().expect("a temporary folder");
    assert_eq!(read_requirements(folder.path(), &Disk).expect_err("a folder").first().code(), Code::Io);
    let huge = folder.path().join("huge.txt");
    fs_err::File::create(&huge).and_then(|file| file.set_len(1 << 40)).expect("a sparse file");
    let error = read_requirements(&huge, &Disk).expect_err("too large");
    assert!(error.to_string().ends_with("is larger than 8 MB"), "{error}");
    let file = folder.path().join("requirements.txt");
    fs_err::write(&file, "six\n./a-1-py3-none-any.whl").expect("a writable folder");
    let read = read_requirements(&file, &Disk).expect("two lines");
    let paths: Vec<_> = read.requirements.iter().map(|requirement| &requirement.source).collect();
    assert_eq!(
        paths,
        [&RequirementSource::Index, &RequirementSource::Path(folder.path().join("./a-1-py3-none-any.whl"))]
    );
}

#[test]
fn includes_are_bounded() {
    // Each file includes the next one twice: 2^40 readings if nobody counted.
    let bomb =
        (0..40).map(|n| (PathBuf::from(format!("{n}.txt")), format!("-r {0}.txt\n-r {0}.txt", n + 1).into_bytes()));
    let error = read_requirements(Path::new("0.txt"), &Files(bomb.collect())).expect_err("a bomb");
    assert!(error.to_string().contains("more than 32 files inside each other"), "{error}");
    let wide =
        (0..20).map(|n| (PathBuf::from(format!("{n}.txt")), format!("-r {0}.txt\n-r {0}.txt", n + 1).into_bytes()));
    let wide = wide.chain([(PathBuf::from("20.txt"), Vec::new())]);
    let error = read_requirements(Path::new("0.txt"), &Files(wide.collect())).expect_err("2^20 files");
    assert!(error.to_string().contains("1000 in all"), "{error}");
}

#[test]
fn an_address_that_is_taken_for_a_path_keeps_its_secret() {
    for line in ["-r file:https://u:p@h/six", "-r https:/u:p@h/six", "-c HTTPS:/u:p@h/six"] {
        let error =
            read_requirements(Path::new("requirements.txt"), &Files::one(line.as_bytes())).expect_err("no file");
        assert!(!format!("{error} {error:?}").contains("u:p@"), "{error:?}");
    }
}

#[test]
fn lines_and_what_is_in_them_are_bounded() {
    let said = |text: String| {
        let files = Files([(PathBuf::from("r.txt"), text.into_bytes())].into());
        let error = read_requirements(Path::new("r.txt"), &files).expect_err("too much");
        error.to_string().lines().next().expect("a line").to_owned()
    };
    let many = |count: usize, line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<Vec<_>>();
    let texts = [
        said(many(257, &|n| format!("foo!={n}")).join("\n")),
        said(many(20_001, &|n| format!("foo{n}")).join("\n")),
        said(format!("foo[{}]", many(257, &|n| format!("x{n}")).join(","))),
    ];
    insta::assert_snapshot!(texts.join("\n"), @"
    r.txt line 257: more than 256 lines ask for `foo`
    r.txt line 20001: more than 20000 requirements in all
    r.txt line 1: more than 256 extras
    ");
    // A version of ten thousand digits is not repeated whole.
    let long = said(format!("foo=={}", "9".repeat(10_000)));
    assert!(long.chars().count() < 1000, "{long}");
    let fine =
        many(256, &|n| format!("foo!={n}")).join("\n") + "\nbar[" + &many(256, &|n| format!("x{n}")).join(",") + "]";
    let files = Files([(PathBuf::from("r.txt"), fine.into_bytes())].into());
    assert_eq!(read_requirements(Path::new("r.txt"), &files).expect("not too much").requirements.len(), 257);
}

#[test]
fn requires_dist_of_old_tools() {
    let read = |text: &str| match Requirement::parse_dist(text) {
        Ok(requirement) => render_requirement("", &requirement),
        Err(why) => format!("error: {why}\n"),
    };
    let all: Vec<String> = [
        "certifi>=2017.4.17",
        "PySocks!=1.5.7,>=1.5.6; extra == 'socks'",
        "zope.interface (>=4.1.0) ; python_version<'3'",
        "elasticsearch-dsl (>=7.2.0<8.0.0)",
        "torch (>=1.9.*)",
        "pyzmq >=3.6,",
        "botocore>=1.3.0,<1.4.0',",
        "kombu (>dev)",
        "numpy \">=1.19\"; python_version >= \"3.7\"",
        "jupyter-core (!=~5.0,>=4.12)",
        "a ; python_version > 'banana'",
        "pip @ https://user:pw@files.example/pip-1.0-py3-none-any.whl#sha256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ; os_name == 'nt'",
        "x @ git+https://git.example/x.git",
        "foo (1.0)",
        "foo @ not a url",
        "",
        "[x]",
    ]
    .iter()
    .map(|text| format!("{text}\n  {}", read(text)))
    .collect();
    insta::assert_snapshot!(all.concat(), @r#"
    certifi>=2017.4.17
      certifi >=2017.4.17   ()
    PySocks!=1.5.7,>=1.5.6; extra == 'socks'
      pysocks >=1.5.6, !=1.5.7 where extra == 'socks'   ()
    zope.interface (>=4.1.0) ; python_version<'3'
      zope-interface >=4.1.0 where python_full_version < '3'   ()
    elasticsearch-dsl (>=7.2.0<8.0.0)
      elasticsearch-dsl >=7.2.0, <8.0.0   ()
    torch (>=1.9.*)
      torch >=1.9   ()
    pyzmq >=3.6,
      pyzmq >=3.6   ()
    botocore>=1.3.0,<1.4.0',
      botocore >=1.3.0, <1.4.0   ()
    kombu (>dev)
      kombu >0.0.0.dev0   ()
    numpy ">=1.19"; python_version >= "3.7"
      numpy >=1.19 where python_full_version >= '3.7'   ()
    jupyter-core (!=~5.0,>=4.12)
      jupyter-core >=4.12, !=5.0.*   ()
    a ; python_version > 'banana'
      a    ()
    pip @ https://user:pw@files.example/pip-1.0-py3-none-any.whl#sha256=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ; os_name == 'nt'
      pip  from https://files.example/pip-1.0-py3-none-any.whl with credentials where os_name == 'nt'   ()
    x @ git+https://git.example/x.git
      x  from git+https://git.example/x.git   ()
    foo (1.0)
      error: `1.0` is not a version specifier: unexpected end of version specifier, expected operator
    foo @ not a url
      error: not a URL: relative URL without a base

      error: a requirement is missing
    [x]
      error: a requirement begins with a name, not with '['
    "#);
}

#[test]
fn long_texts_are_read_in_one_pass() {
    // Each would run for minutes if reading it were quadratic.
    let clauses = (0..3_000).map(|n| format!("!=1.{n}")).collect::<Vec<_>>().join(",");
    assert!(Requirement::parse_dist(&format!("six ({clauses},)")).is_ok());
    let hash = "==1.0 \\\n  --hash=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n";
    let many = (0..20_000).map(|n| format!("six{n}{hash}")).collect::<Vec<_>>().concat();
    assert!(read_requirements(Path::new("requirements.txt"), &Files::one(many.as_bytes())).is_ok());
    let one_line = format!("six==1.0{}", " \\\n".repeat(200_000));
    assert!(read_requirements(Path::new("requirements.txt"), &Files::one(one_line.as_bytes())).is_ok());
}

/// Text out of the pieces that requirement files are made of: it gets deeper than random bytes.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "six",
        "a.",
        "-r ",
        "-e ",
        "--hash=sha256:",
        "--pre",
        "-i ",
        "https://u:p@h/",
        "file:",
        "./a-1-py3-none-any.whl",
        "git+",
        "[",
        "]",
        "(",
        ")",
        ">=",
        "==1.*",
        "1.0",
        ",",
        ";",
        " ; ",
        "python_version",
        " in ",
        " and ",
        " or ",
        "'3'",
        "\"",
        "'",
        "os_name",
        "extra",
        " ",
        "\t",
        "\\",
        "\\\n",
        "\n",
        "\r",
        " #",
        "#",
        "@",
        "${X}",
        "${TOKEN}",
        "é",
        "\u{2028}",
        "\u{0}",
        "ſ",
        "~=",
        "===",
        "+",
        "!",
        "-",
        "_",
        "requirements.txt",
        "*",
        "//",
        "漢",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_bytes_panic_and_every_error_names_a_line(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check_reading(&bytes)?;
    }

    #[test]
    fn no_text_panics_and_every_error_names_a_line(text in pieces()) {
        check_reading(text.as_bytes())?;
        let _ = Requirement::parse_dist(&text);
        let _ = Requirement::parse(&text, &Place::new("pyproject.toml", 3), Path::new("x"));
    }

    #[test]
    fn what_is_read_is_found_at_its_line(names in prop::collection::vec("[a-z]([a-z0-9]{0,5})", 1..20), gap in 0_usize..4) {
        let remarks = "# remark\n\n".repeat(gap);
        let text: String = names.iter().flat_map(|name| [&remarks, name.as_str(), " \\\n  >=1 # why\n"]).collect();
        let file = read_requirements(Path::new("requirements.txt"), &Files::one(text.as_bytes())).expect("sound lines");
        let found: Vec<(String, usize)> = file.requirements.iter().map(|r| (r.name.to_string(), r.place.line)).collect();
        let expected: Vec<(String, usize)> = names.iter().enumerate().map(|(n, name)| (name.clone(), (n + 1) * 2 * gap + 2 * n + 1)).collect();
        prop_assert_eq!(found, expected);
    }
}

fn check_reading(bytes: &[u8]) -> Result<(), TestCaseError> {
    let lines = bytes.split(|b| *b == b'\n').count();
    let read = read_with_variables(Path::new("requirements.txt"), &Files::one(bytes), true);
    let _ = read_with_variables(Path::new("requirements.txt"), &Files::one(bytes), false);
    for error in read.as_ref().err().into_iter().flat_map(RequirementsErrors::iter) {
        prop_assert_eq!(&error.place().file, "requirements.txt");
        // A line that Python's splitlines knows and `\n` does not can only add to the count.
        prop_assert!(error.place().line >= 1 || error.to_string().contains("UTF-"), "{}", error);
        prop_assert!(error.place().line <= lines + bytes.len());
        let shown = error.to_string();
        prop_assert!(!shown.contains("u:p@"), "{}", shown);
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", shown);
    }
    Ok(())
}
