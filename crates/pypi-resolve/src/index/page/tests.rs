use std::fmt::Write as _;

use proptest::prelude::*;

use super::super::simple_json::supported;
use super::*;

const EVERYTHING_JSON: &[u8] = include_bytes!("../../../../../testdata/index/everything.json");
const EVERYTHING_HTML: &[u8] = include_bytes!("../../../../../testdata/index/everything.html");
const HOSTILE_NAMES: &[u8] = include_bytes!("../../../../../testdata/index/hostile-names.json");
const LOGIN: &[u8] = include_bytes!("../../../../../testdata/index/login.html");

const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn read_as(project: &str, content_type: &str, body: &[u8]) -> Result<Vec<IndexFile>, PageError> {
    let url = Url::parse(&format!("https://index.example/simple/{project}/")).expect("a URL");
    let project = project.parse().expect("a name");
    read(&mut &*body, Some(content_type), &url, Some(&project), Origin::PublicIndex, usize::MAX)
}

/// One line per file, and one per thing that the page says of it.
fn listed(files: &[IndexFile]) -> String {
    let mut text = String::new();
    for file in files {
        let kind = match &file.kind {
            FileKind::Wheel(wheel) => format!("wheel {}", wheel.version),
            FileKind::Sdist { version } => format!("sdist {version}"),
            FileKind::Other { reason } => reason.clone(),
        };
        writeln!(text, "{} ({kind})\n  {}", file.filename, file.url).expect("a String takes all");
        let short = |sha256: Sha256| sha256.to_string().get(..4).unwrap_or_default().to_owned();
        let said = [
            file.sha256.map(|s| format!("sha256 {}", short(s))),
            file.size.map(|s| format!("size {s}")),
            file.requires_python.as_ref().map(|r| match &**r {
                Ok(specifiers) => format!("python {specifiers}"),
                Err(text) => format!("python unreadable: {text}"),
            }),
            file.yanked.as_ref().map(|y| format!("yanked {y:?}")),
            file.upload_time.as_ref().map(|t| format!("uploaded {t}")),
            file.metadata
                .as_ref()
                .map(|m| m.sha256.map_or("metadata".to_owned(), |s| format!("metadata {}", short(s)))),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        if !said.is_empty() {
            writeln!(text, "  {}", said.join("; ")).expect("a String takes all");
        }
    }
    text
}

#[test]
fn json_in_all_its_forms() {
    let files = read_as("holy-grail", JSON, EVERYTHING_JSON).expect("a page");
    insta::assert_snapshot!(listed(&files), @r#"
    holy_grail-1.0-py3-none-any.whl (wheel 1.0)
      https://files.example/holy_grail-1.0-py3-none-any.whl
      sha256 aaaa; size 1337; python >=3.8, <4; uploaded 2024-01-02T03:04:05.678901Z; metadata bbbb
    holy_grail-1.1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl (wheel 1.1)
      https://index.example/files/holy_grail-1.1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl
      yanked "the knights said ni"; metadata
    holy_grail-1.1-py2-none-any.whl (wheel 1.1)
      https://index.example/files/holy_grail-1.1-py2-none-any.whl
      sha256 bbbb; yanked ""; metadata aaaa
    holy-grail-1.1.tar.gz (sdist 1.1)
      https://other.example/holy-grail-1.1.tar.gz?signature=s3cret
      python unreadable: three; metadata
    holy_grail-1.1-py3.egg (neither a wheel nor a source distribution)
      https://index.example/simple/holy-grail/holy_grail-1.1-py3.egg
    holy_grail-1.1.whl (a wheel's file name has 5 to 7 parts between its dashes, name-version(-build)-python-abi-platform(-variant).whl, not 2)
      https://index.example/simple/holy-grail/holy_grail-1.1.whl
    other-1.1-py3-none-any.whl (a wheel of another project, other)
      https://index.example/simple/holy-grail/other-1.1-py3-none-any.whl
    "#);
}

#[test]
fn html_in_all_its_forms() {
    let files = read_as("holy-grail", "text/html; charset=utf-8", EVERYTHING_HTML).expect("a page");
    insta::assert_snapshot!(listed(&files), @r#"
    holy_grail-1.0-py3-none-any.whl (wheel 1.0)
      https://index.example/root/holy_grail-1.0-py3-none-any.whl
      sha256 aaaa; python >=3.8, <4; metadata bbbb
    holy_grail-1.1-py3-none-any.whl (wheel 1.1)
      https://index.example/files/holy_grail-1.1-py3-none-any.whl
      sha256 bbbb; yanked "the knights said 'ni'"; metadata
    holy_grail-1.2+cu121-py3-none-any.whl (wheel 1.2+cu121)
      https://cdn.example/holy_grail-1.2%2Bcu121-py3-none-any.whl
      yanked ""; uploaded 2024-01-02T03:04:05Z
    holy_grail-1.3-py3-none-any.whl (wheel 1.3)
      https://files.example/holy_grail-1.3-py3-none-any.whl?signature=x&y=z
      yanked ""
    holy-grail-1.0.zip (sdist 1.0)
      https://index.example/root/holy-grail-1.0.zip
    "#);
}

/// Names that leave a folder, URLs that read this machine's files.
#[test]
fn hostile_names_are_never_usable() {
    let files = read_as("foo", JSON, HOSTILE_NAMES).expect("a page");
    assert!(files.iter().all(|file| is_plain(&file.filename)));
    insta::assert_snapshot!(listed(&files), @r#"
    .._.._x-1-py3-none-any.whl (an unsafe file name)
      https://h/1
    .._x.whl (an unsafe file name)
      https://h/2
    a%2Fb.whl (a wheel's file name has no `%` in it)
      https://h/3
    _ (an unsafe file name)
      https://h/4
    _ (an unsafe file name)
      https://h/5
    foo-1-py3-none-any.whl_ (an unsafe file name)
      https://h/6
    C_foo-1-py3-none-any.whl (an unsafe file name)
      https://h/7
    foo-3-py3-none-any.whl (wheel 3)
      https://h/8
    "#);
    let html = br#"<a href="https://h/a/foo-1%252F..%252F-py3-none-any.whl">a</a><a href="https://h/..%5cfoo.whl">b</a>
                   <a href="https://h/foo-1-py3-none-any.whl%00">c</a><a href="https://h/a%2Fb.whl">d</a>"#;
    let files = read_as("foo", "text/html", html).expect("a page");
    assert!(files.iter().all(|f| is_plain(&f.filename) && matches!(f.kind, FileKind::Other { .. })), "{files:?}");
}

#[test]
fn the_form_follows_type_and_first_byte() {
    let json = br#" {"meta": {"api-version": "1.0"}, "name": "foo", "files": []}"#;
    for content_type in ["text/html", "text/plain", "application/json; charset=utf-8", JSON, "", "Text/HTML"] {
        assert_eq!(read_as("foo", content_type, json), Ok(Vec::new()), "{content_type}");
    }
    let bom = [b"\xef\xbb\xbf".as_slice(), json].concat();
    assert_eq!(read_as("foo", "application/json", &bom), Ok(Vec::new()));
    let html = b"<html><body><h1>Links for foo</h1></body></html>";
    for content_type in ["text/html", "text/plain", "application/vnd.pypi.simple.v1+html", ""] {
        assert_eq!(read_as("foo", content_type, html), Ok(Vec::new()), "{content_type}");
    }
    assert_eq!(read_as("foo", "text/html", b""), Ok(Vec::new()));
}

fn refused(content_type: &str, body: &[u8]) -> String {
    let error = read_as("foo", content_type, body).expect_err("no page of foo");
    format!("{}\n{}", error.why, error.help.unwrap_or_default())
}

#[test]
fn what_is_no_page_of_the_project() {
    let cases: [(&str, &[u8]); 10] = [
        ("text/html", LOGIN),
        ("text/html", b"<html><script>location = '/login'</script></html>"),
        ("image/png", b"\x89PNG"),
        ("text/plain", b"not found"),
        ("application/vnd.pypi.simple.v2+json", b"{}"),
        (JSON, br#"{"meta": {"api-version": "2.0"}, "projects": 3}"#),
        (JSON, br#"{"meta": {"api-version": "1.0"}, "name": "foo"}"#),
        (JSON, br#"{"meta": {"api-version": "1.0"}, "name": "bar", "files": []}"#),
        ("text/html", br#"<meta name="pypi:repository-version" content="2.0">"#),
        ("text/html", br#"<a href="bar-1-py3-none-any.whl">bar</a>"#),
    ];
    let texts: Vec<String> = cases.iter().map(|(content_type, body)| refused(content_type, body)).collect();
    insta::assert_snapshot!(texts.join("\n"), @r#"
    it is a web page for people, probably a login page, not an index page
    check the credentials in the index URL, and that it is the URL of a simple index (PEP 503)
    it is a web page for people, probably a login page, not an index page
    check the credentials in the index URL, and that it is the URL of a simple index (PEP 503)
    it is served as image/png, not as an index page
    check that the URL is that of a simple index (PEP 503), which usually ends in /simple/
    it is neither JSON nor HTML

    it is served as application/vnd.pypi.simple.v2+json, which this release does not know
    a newer layerpack may read it
    it is written in version 2.0 of the simple API; this release reads 1.x
    a newer layerpack may read it
    it is no JSON page: missing field `files` at line 1 column 47

    it is the page of `bar`, not of `foo`

    it is written in version 2.0 of the simple API; this release reads 1.x
    a newer layerpack may read it
    it is the page of `bar`, not of `foo`
    "#);
}

#[test]
fn versions_of_the_api() {
    assert!(supported("1.0").is_ok() && supported("1.99").is_ok() && supported("1").is_ok());
    assert!(supported("2.0").is_err() && supported("10.0").is_err() && supported("").is_err());
}

#[test]
fn a_base_cannot_turn_links_into_local_files() {
    let html = br#"<base href="file:///etc/"><a href="foo-1-py3-none-any.whl">x</a>"#;
    let files = read_as("foo", "text/html", html).expect("a page");
    assert_eq!(
        files.iter().map(|f| f.url.as_str()).collect::<Vec<_>>(),
        ["https://index.example/simple/foo/foo-1-py3-none-any.whl"]
    );
}

#[test]
fn deep_json_is_an_error_and_no_overflow() {
    let deep = format!(r#"{{"meta": {{"api-version": "1.0"}}, "x": {}"#, "[".repeat(100_000));
    assert!(read_as("foo", JSON, deep.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(body in any::<Vec<u8>>(), content_type in "(text/html|text/plain|application/json|)") {
        let _ = read_as("foo", &content_type, &body);
    }

    /// Pieces of markup in any order reach more states than bytes do.
    #[test]
    fn any_markup_is_read_or_refused(pieces in proptest::collection::vec(
        prop::sample::select(vec![
            "<a ", "href", "=", "\"", "'", ">", "</a>", "foo-1-py3-none-any.whl", "#sha256=", "&amp;", "&#0;", "&#x110000;",
            "<base ", "<!--", "-->", "<script>", "</script>", "data-yanked", "data-requires-python", "%2F", "\0", "http://[", "{", "é",
        ]), 0..60)) {
        for file in read_as("foo", "text/html", pieces.concat().as_bytes()).unwrap_or_default() {
            prop_assert!(is_plain(&file.filename));
        }
    }

    #[test]
    fn a_file_survives_being_a_row(
        size in any::<Option<u64>>(), yanked in any::<Option<String>>(), sha256 in any::<Option<[u8; 32]>>(),
        metadata in any::<Option<[u8; 32]>>(), beside in any::<bool>(), requires in "(>=3.8|three|)"
    ) {
        let project: DistName = "foo".parse().expect("a name");
        let row = Row {
            filename: "foo-1.0-py3-none-any.whl", url: "https://h/x", sha256, size, requires_python: Some(&requires),
            yanked: yanked.as_deref(), upload_time: None, metadata: beside.then_some(Sidecar { sha256: metadata }),
        };
        let mut files = Files::new(Some(&project), Origin::Unverified);
        files.add(row);
        let mut files = files.all();
        let file = files.pop().expect("one file");
        let mut again = Files::new(Some(&project), Origin::Unverified);
        again.add(file.row(Some(&requires), None));
        prop_assert_eq!(again.all(), vec![file]);
    }
}
