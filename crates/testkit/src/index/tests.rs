use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use flate2::read::GzDecoder;
use insta::assert_snapshot;

use super::{FakeIndex, Fault, PageFormat};
use crate::{Response, WheelBuilder};

struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        format!("{}\n\n{}", self.head.replace('\r', ""), String::from_utf8_lossy(&self.body))
    }

    fn status(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

fn get(index: &FakeIndex, path: &str, headers: &str) -> Answer {
    let url = index.url_of("/");
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = TcpStream::connect(address).expect("the index listens");
    let request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).expect("the index reads");
    let mut bytes = Vec::new();
    // A reset is an ending that some tests ask for.
    drop(stream.read_to_end(&mut bytes));
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    Answer { head, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
}

const WHEEL: &str = "foo_bar-1.0+x-py3-none-any.whl";
const FILE: &str = "/files/foo_bar-1.0%2Bx-py3-none-any.whl";
const SDIST: &str = "foo_bar-1.0.tar.gz";
const JSON: &str = "Accept: application/vnd.pypi.simple.v1+json\r\n";

fn wheel() -> WheelBuilder {
    WheelBuilder::new("Foo.Bar", "1.0+x")
        .requires("baz>=1")
        .requires_python(">=3.8,<4")
        .file("foo.py", b"x = 1\n")
        .stored()
}

#[test]
fn html_pages_hold_every_attribute() {
    let index =
        FakeIndex::builder().wheel(wheel()).file("foo-bar", SDIST, b"sdist").yanked(WHEEL, "say \"no\"").start();
    assert_snapshot!(get(&index, "/simple/foo-bar/", "").text(), @r#"
    HTTP/1.1 200 OK
    Content-Type: application/vnd.pypi.simple.v1+html
    Vary: Accept
    ETag: "8248537c41d30f08"
    Content-Length: 737

    <!DOCTYPE html>
    <html><head><meta name="pypi:repository-version" content="1.1"><title>Links for foo-bar</title></head>
    <body><h1>Links for foo-bar</h1>
    <a href="../../files/foo_bar-1.0%2Bx-py3-none-any.whl#sha256=a7d6cf5f5236f04804e23eebaac7a52c590bc0d038397e4500344dbb86efd661" data-requires-python="&gt;=3.8,&lt;4" data-yanked="say &quot;no&quot;" data-dist-info-metadata="sha256=489f6229988b4a2a12f47c0a58afffc52fbd3576e4d3cc0eadd281ffa878d92e" data-core-metadata="sha256=489f6229988b4a2a12f47c0a58afffc52fbd3576e4d3cc0eadd281ffa878d92e">foo_bar-1.0+x-py3-none-any.whl</a><br/>
    <a href="../../files/foo_bar-1.0.tar.gz#sha256=714772a9f82b2aeb4fa5f7092d00fe4ac4c9cdeb6800840b6ed39ea64c4d785a">foo_bar-1.0.tar.gz</a><br/>
    </body></html>
    "#);
}

#[test]
fn json_pages_hold_every_member() {
    let index = FakeIndex::builder()
        .wheel(wheel())
        .file("foo-bar", SDIST, b"sdist")
        .yanked(WHEEL, "say \"no\"")
        .upload_time(WHEEL, "2024-05-06T07:08:09Z")
        .without_hash(SDIST)
        .cache_control("max-age=600")
        .start();
    assert_snapshot!(get(&index, "/simple/foo-bar/", JSON).text(), @r#"
    HTTP/1.1 200 OK
    Content-Type: application/vnd.pypi.simple.v1+json
    Vary: Accept
    Cache-Control: max-age=600
    ETag: "31d0b3f9c1d8e479"
    Content-Length: 580

    {"meta": {"api-version": "1.1"}, "name": "foo-bar", "files": [
    {"filename": "foo_bar-1.0+x-py3-none-any.whl", "url": "../../files/foo_bar-1.0%2Bx-py3-none-any.whl", "hashes": {"sha256": "a7d6cf5f5236f04804e23eebaac7a52c590bc0d038397e4500344dbb86efd661"}, "size": 967, "requires-python": ">=3.8,<4", "upload-time": "2024-05-06T07:08:09Z", "core-metadata": {"sha256": "489f6229988b4a2a12f47c0a58afffc52fbd3576e4d3cc0eadd281ffa878d92e"}, "yanked": "say \"no\""},
    {"filename": "foo_bar-1.0.tar.gz", "url": "../../files/foo_bar-1.0.tar.gz", "hashes": {}, "size": 5, "yanked": false}
    ]}
    "#);
    assert_snapshot!(get(&index, "/simple/", JSON).text(), @r#"
    HTTP/1.1 200 OK
    Content-Type: application/vnd.pypi.simple.v1+json
    Vary: Accept
    Cache-Control: max-age=600
    ETag: "7050c9bf85af2819"
    Content-Length: 67

    {"meta": {"api-version": "1.1"}, "projects": [{"name": "foo-bar"}]}
    "#);
}

#[test]
fn names_are_normalised_and_unknown_ones_are_404() {
    let index = FakeIndex::builder().wheel(wheel()).page_format(PageFormat::Json).start();
    let moved = get(&index, "/simple/Foo.Bar", "");
    assert_eq!((moved.status(), moved.header("Location")), ("301", Some("/simple/foo-bar/")));
    assert_eq!(get(&index, "/simple/foo/", "").status(), "404");
    assert_eq!(get(&index, "/files/foo-1.0-py3-none-any.whl", "").status(), "404");
    assert_eq!(get(&index, "/elsewhere", "").status(), "404");
    assert_eq!(index.request_lines()[2], "GET /simple/Foo.Bar");
}

#[test]
fn files_come_whole_in_ranges_and_with_metadata() {
    let index = FakeIndex::builder().wheel(wheel()).start();
    let bytes = wheel().build();
    let whole = get(&index, FILE, "");
    assert_eq!((whole.status(), &whole.body), ("200", &bytes));
    assert_eq!(get(&index, &format!("{FILE}.metadata"), "").body, wheel().metadata());

    let length = bytes.len();
    let part = |range: &str| {
        let answer = get(&index, FILE, &format!("Range: bytes={range}\r\n"));
        (answer.status().to_owned(), answer.header("Content-Range").map(str::to_owned), answer.body)
    };
    let expected = |first: usize, last: usize| {
        ("206".to_owned(), Some(format!("bytes {first}-{last}/{length}")), bytes[first..=last].to_vec())
    };
    assert_eq!(part("0-9"), expected(0, 9));
    assert_eq!(part("10-"), expected(10, length - 1));
    assert_eq!(part("-22"), expected(length - 22, length - 1));
    assert_eq!(part("5-99999999"), expected(5, length - 1));
    assert_eq!(part("99999999-"), ("416".to_owned(), Some(format!("bytes */{length}")), Vec::new()));
    assert_eq!(part("-0").0, "416");
    assert_eq!(part("0-1,4-5").0, "200");
}

#[test]
fn validators_are_honoured() {
    let index = FakeIndex::builder().wheel(wheel()).start();
    let page = get(&index, "/simple/foo-bar/", "");
    let etag = page.header("ETag").expect("pages have an ETag").to_owned();
    let again = get(&index, "/simple/foo-bar/", &format!("If-None-Match: {etag}\r\n"));
    assert_eq!((again.status(), again.body.len()), ("304", 0));
    index.change(|index| index.sdist("foo-bar", "2.0"));
    let changed = get(&index, "/simple/foo-bar/", &format!("If-None-Match: {etag}\r\n"));
    assert_eq!(changed.status(), "200");
    assert!(changed.text().contains(">foo_bar-2.0.tar.gz</a>"));

    let etag = get(&index, FILE, "").header("ETag").expect("files have an ETag").to_owned();
    assert_eq!(get(&index, FILE, &format!("Range: bytes=0-1\r\nIf-Range: {etag}\r\n")).status(), "206");
    assert_eq!(get(&index, FILE, "Range: bytes=0-1\r\nIf-Range: \"older\"\r\n").status(), "200");
}

#[test]
fn abilities_can_be_taken_away() {
    let index = FakeIndex::builder().wheel(wheel()).without_ranges().without_etags().without_metadata_files().start();
    let file = get(&index, FILE, "Range: bytes=0-1\r\n");
    assert_eq!((file.status(), file.header("ETag"), file.header("Accept-Ranges")), ("200", None, None));
    assert_eq!(get(&index, &format!("{FILE}.metadata"), "").status(), "404");
    assert!(!get(&index, "/simple/foo-bar/", JSON).text().contains("core-metadata"));
}

#[test]
fn credentials_are_asked_for() {
    let index = FakeIndex::builder().wheel(wheel()).basic_auth("user", "pass").start();
    let refused = get(&index, "/simple/foo-bar/", "");
    assert_eq!((refused.status(), refused.header("WWW-Authenticate")), ("401", Some("Basic realm=\"index\"")));
    assert_eq!(get(&index, "/simple/foo-bar/", "Authorization: Basic dXNlcjpwYXNz\r\n").status(), "200");
    assert!(index.url_with_credentials("user", "pass").starts_with("http://user:pass@127.0.0.1:"));
}

#[test]
fn faults_come_in_their_order_and_then_end() {
    let index = FakeIndex::builder()
        .wheel(wheel())
        .fault("/simple/foo-bar/", Fault::Status(500))
        .fault("/simple/foo-bar/", Fault::Pass)
        .fault("/simple/foo-bar/", Fault::RetryAfter(429, "3600".to_owned()))
        .start();
    let statuses = [(); 4].map(|()| get(&index, "/simple/foo-bar/", "").status().to_owned());
    assert_eq!(statuses, ["500", "200", "429", "200"]);
}

#[test]
fn each_fault_does_what_it_says() {
    let bytes = wheel().build();
    let length = bytes.len();
    let elsewhere = FakeIndex::start();
    let with = |fault: Fault| FakeIndex::builder().wheel(wheel()).always(WHEEL, fault).start();
    let ask = |fault: Fault, headers: &str| get(&with(fault), FILE, headers);

    assert_eq!(ask(Fault::Short(10), "").body, bytes[..10]);
    let cut = ask(Fault::Reset(10), "");
    assert!(cut.body.len() <= 10, "a reset may swallow what was sent");
    assert_eq!(ask(Fault::IgnoreRange, "Range: bytes=0-1\r\n").status(), "200");
    let shifted = ask(Fault::WrongRange, "Range: bytes=5-9\r\n");
    assert_eq!(shifted.header("Content-Range"), Some(&*format!("bytes 6-10/{length}")));
    assert_eq!(shifted.body, bytes[5..=9]);
    assert_eq!(ask(Fault::Slow(100, Duration::from_millis(1)), "").body, bytes);
    assert_eq!(ask(Fault::Chunked(100), "").header("Content-Length"), None);
    let moved = ask(Fault::Redirect(elsewhere.url_of(WHEEL)), "");
    assert_eq!((moved.status(), moved.header("Location")), ("302", Some(&*elsewhere.url_of(WHEEL))));
    let packed = ask(Fault::Gzip, "");
    let mut unpacked = Vec::new();
    GzDecoder::new(&*packed.body).read_to_end(&mut unpacked).expect("a gzip stream");
    assert_eq!(unpacked, bytes);

    let own = FakeIndex::builder().answer("/simple/own/", |request| {
        Response::ok("text/html", format!("<a href='{}x-1.tar.gz'>x</a>", request.path))
    });
    assert_eq!(get(&own.start(), "/simple/own/", "").body, b"<a href='/simple/own/x-1.tar.gz'>x</a>");
}
