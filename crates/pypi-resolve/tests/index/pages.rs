//! Pages of indexes over HTTP: which index serves a project, what is cached, and what servers do wrong.

use std::path::Path;
use std::sync::Arc;

use crate::machine::{Machine, at, files, name};
use pypi_resolve::index::{FindLinks, IndexError, IndexStrategy, Source};
use testkit::{FakeIndex, FakeIndexBuilder, Fault, PageFormat, Response, WheelBuilder};

const WHEEL: &str = "foo-1.0-py3-none-any.whl";

fn foo() -> FakeIndexBuilder {
    FakeIndex::builder().wheel(WheelBuilder::new("foo", "1.0"))
}

/// An error's text with the port of the fake index taken out.
fn text(error: &str, index: &FakeIndex) -> String {
    error.replace(index.url().trim_end_matches("/simple/"), "http://index")
}

#[test]
fn json_and_html_say_the_same() {
    for format in [PageFormat::Json, PageFormat::Html, PageFormat::Negotiated] {
        let index =
            foo().sdist("foo", "1.0").requires_python(WHEEL, ">=3.8").yanked(WHEEL, "old").page_format(format).start();
        let machine = Machine::new(&[&index.url()]);
        let project = machine.index().files(&name("Foo")).expect("a page");
        assert_eq!(project.from, Source::Index(index.url()));
        let [wheel, sdist] = project.files.as_slice() else { panic!("two files, not {:?}", project.files) };
        assert_eq!((&*wheel.filename, wheel.yanked.as_deref()), (WHEEL, Some("old")));
        assert_eq!(
            wheel.requires_python.as_deref().map(|r| r.as_ref().map(ToString::to_string)),
            Some(Ok(">=3.8".into()))
        );
        assert!(wheel.sha256.is_some() && wheel.metadata.is_some());
        assert_eq!(sdist.version().map(ToString::to_string).as_deref(), Some("1.0"));
    }
}

#[test]
fn the_first_index_that_knows_the_name_serves_it() {
    let private = FakeIndex::builder().wheel(WheelBuilder::new("foo", "1.0")).start();
    let public =
        FakeIndex::builder().wheel(WheelBuilder::new("foo", "9.0")).wheel(WheelBuilder::new("bar", "1.0")).start();
    let machine = Machine::new(&[&private.url(), &public.url()]);
    let index = machine.index();
    assert_eq!(files(&index, "foo"), Ok(vec![WHEEL.to_owned()]));
    assert_eq!(files(&index, "bar"), Ok(vec!["bar-1.0-py3-none-any.whl".to_owned()]));
    assert_eq!(public.request_lines(), ["GET /simple/bar/"], "a private name is never asked for in public");
    let error = index.files(&name("nobody")).expect_err("no such project");
    assert!(matches!(error, IndexError::UnknownProject { .. }));
    assert_eq!(error.to_string(), format!("no index knows `nobody`: asked {}, {}", private.url(), public.url()));
    assert_eq!(error.code().to_string(), "LP301");
}

#[test]
fn refused_access_is_not_absence() {
    let public = foo().start();
    for status in [401, 403] {
        let private = FakeIndex::builder().always("/simple/foo/", Fault::Status(status)).start();
        let machine = Machine::new(&[&private.url(), &public.url()]);
        let error = machine.index().files(&name("foo")).expect_err("refused");
        assert_eq!(error.code().to_string(), "LP309");
        assert_eq!(
            text(&error.to_string(), &private),
            format!("http://index/simple/foo/ refuses access: HTTP {status} to a request without credentials")
        );
        assert!(error.help().is_some_and(|help| help.contains(".netrc has any for 127.0.0.1")));
    }
    assert_eq!(public.request_lines(), [""; 0]);
}

#[test]
fn refused_access_is_absence_where_the_index_says_so() {
    let public = foo().start();
    let private = FakeIndex::builder().always("/simple/foo/", Fault::Status(403)).start();
    let mut machine = Machine::new(&[&private.url(), &public.url()]);
    machine.settings.indexes = vec![private.url().parse().expect("a URL"), public.url().parse().expect("a URL")];
    machine.settings.indexes[0] = machine.settings.indexes[0].clone().passing_over(vec![403]);
    assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]));
}

#[test]
fn unsafe_strategies_ask_everybody() {
    let public = foo().start();
    let private = FakeIndex::builder().file("foo", "foo-9-py3-none-any.whl", b"").start();
    let locked = foo().basic_auth("me", "s3cret").start();
    let mut machine = Machine::new(&[&locked.url(), &private.url(), &public.url()]);
    machine.settings.strategy = IndexStrategy::UnsafeBestMatch;
    let project = machine.index().files(&name("foo")).expect("a page");
    let ranked: Vec<_> = project.files.iter().map(|file| (file.rank, &*file.filename)).collect();
    assert_eq!(ranked, [(1, "foo-9-py3-none-any.whl"), (2, WHEEL)]);
    assert_eq!(project.from.to_string(), private.url());

    let alone = Machine::new(&[&locked.url()]);
    assert!(files(&alone.index(), "foo").is_err_and(|error| error.starts_with("LP309")), "nobody else knows it");
}

#[test]
fn a_pinned_project_is_asked_from_its_index_only() {
    let (first, pinned) = (foo().start(), FakeIndex::builder().file("foo", "foo-9-py3-none-any.whl", b"").start());
    let machine = Machine::new(&[&first.url()]);
    let (client, url) = (machine.index(), pinned.url().parse().expect("a URL"));
    let project = client.files_from(&name("foo"), &url).expect("a page");
    assert_eq!(project.files.iter().map(|file| &*file.filename).collect::<Vec<_>>(), ["foo-9-py3-none-any.whl"]);
    assert_eq!(first.request_lines(), [""; 0]);
    let error = client.files_from(&name("bar"), &url).expect_err("not there");
    assert_eq!(error.to_string(), format!("no index knows `bar`: asked {}", pinned.url()));
    assert_eq!(files(&client, "foo"), Ok(vec![WHEEL.to_owned()]), "two pages of one name are kept apart");
}

/// Everything that layerpack wrote, as text: names and contents.
fn written(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs_err::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        text.push_str(&path.to_string_lossy());
        if path.is_dir() {
            text.push_str(&written(&path));
        } else {
            text.push_str(&String::from_utf8_lossy(&fs_err::read(&path).expect("a file")));
        }
    }
    text
}

#[test]
fn credentials_are_sent_and_never_shown() {
    let index = foo().basic_auth("me", "s3cret").start();
    let machine = Machine::new(&[&index.url_with_credentials("me", "s3cret")]);
    let client = machine.index();
    let project = client.files(&name("foo")).expect("a page");
    client.download(&[crate::machine::wanted(&client, "foo")], &()).expect("a wheel");
    let shown = format!("{project:?} {:?} {}", machine.settings, written(machine.folder.path()));
    assert!(shown.contains("127.0.0.1") && !shown.contains("s3cret"), "{shown}");
    assert!(!shown.contains("bWU6czNjcmV0"), "nor the Basic header: {shown}");

    let wrong = Machine::new(&[&index.url_with_credentials("me", "wr0ng")]);
    let error = wrong.index().files(&name("foo")).expect_err("refused");
    let shown = format!("{error} {error:?} {:?}", error.help());
    assert!(shown.contains("for the credentials given") && !shown.contains("wr0ng"), "{shown}");
    let unknown = Machine::new(&[&FakeIndex::start().url_with_credentials("me", "s3cret")]);
    let error = unknown.index().files(&name("foo")).expect_err("nobody is there");
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[test]
fn nothing_secret_is_logged() {
    let index = foo()
        .basic_auth("me", "s3cret")
        .fault("/simple/foo/", Fault::Status(500))
        .edit(WHEEL, |file| file.url = Some(format!("/files/{WHEEL}?signature=t0ken")))
        .without_metadata_files()
        .start();
    let machine = Machine::new(&[&index.url_with_credentials("me", "s3cret")]);
    let path = machine.folder.path().join("log");
    let log = Arc::new(fs_err::File::create(&path).expect("a file"));
    // For the whole process, since one of a thread misses what other tests' threads met first.
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log).init();
    assert!(crate::machine::requires(&machine.index(), "foo").is_ok());
    let log = fs_err::read_to_string(path).expect("a log");
    assert!(log.contains(&format!("{}foo/: HTTP 500", index.url())) && log.contains("?…"), "{log}");
    for secret in ["s3cret", "t0ken", "bWU6czNjcmV0"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn no_credentials_after_a_redirect_elsewhere() {
    let mirror = foo().start();
    let target = mirror.url_of("/simple/foo/").replace("http://", "http://you:theirs@");
    let index = FakeIndex::builder().always("/simple/foo/", Fault::Redirect(target)).start();
    let machine = Machine::new(&[&index.url_with_credentials("me", "s3cret")]);
    assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]));
    assert!(index.requests().iter().all(|r| r.header("Authorization").is_some()));
    assert!(mirror.requests().iter().all(|r| r.header("Authorization").is_none()), "another port is another origin");
    assert_eq!(mirror.requests().len(), 1);
}

#[test]
fn redirects_end() {
    let index = FakeIndex::builder()
        .always("/simple/foo/", Fault::Redirect("/simple/foo/".to_owned()))
        .always("/simple/bar/", Fault::Redirect("ftp://host/".to_owned()))
        .start();
    let client = Machine::new(&[&index.url()]).index();
    let error = files(&client, "foo").expect_err("a loop");
    assert_eq!(
        text(&error, &index),
        "LP308 the answer of http://index/simple/foo/ cannot be used: it redirects more than 10 times"
    );
    assert_eq!(index.requests().len(), 11);
    let error = files(&client, "bar").expect_err("another scheme");
    assert_eq!(
        text(&error, &index),
        "LP308 the answer of http://index/simple/bar/ cannot be used: it redirects from http to ftp://host/"
    );
}

#[test]
fn failures_that_pass_are_tried_again() {
    let faults: [&[Fault]; 6] = [
        &[Fault::Status(500), Fault::Status(503)],
        &[Fault::Reset(0)],
        &[Fault::Reset(20), Fault::Short(30)],
        &[Fault::Status(429), Fault::Status(408)],
        &[Fault::RetryAfter(429, "0".to_owned())],
        &[Fault::RetryAfter(503, "Wed, 21 Oct 2015 07:28:00 GMT".to_owned())],
    ];
    for sequence in faults {
        let index = sequence.iter().fold(foo(), |index, fault| index.fault("/simple/foo/", fault.clone())).start();
        let machine = Machine::new(&[&index.url()]);
        assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]));
        assert_eq!(index.requests().len(), sequence.len() + 1);
    }
}

#[test]
fn failures_that_stay_say_how_often_it_was_tried() {
    let index = foo()
        .always("/simple/foo/", Fault::Status(500))
        .always("/simple/slow/", Fault::RetryAfter(429, "3600".to_owned()))
        .always("/simple/short/", Fault::Short(7))
        .project("short")
        .always("/simple/gone/", Fault::Status(451))
        .start();
    let client = Machine::new(&[&index.url()]).index();
    let errors: Vec<String> = ["foo", "slow", "short", "gone"]
        .iter()
        .map(|project| text(&files(&client, project).expect_err("no answer"), &index))
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    LP307 failed to fetch http://index/simple/foo/: HTTP 500 Internal Server Error (tried 3 times)
    LP307 failed to fetch http://index/simple/slow/: HTTP 429 Too Many Requests (tried 3 times; the server asks to wait 3600s, layerpack waits 5ms at most)
    LP307 failed to fetch http://index/simple/short/: the answer broke off after 7 bytes: end of file before message length reached (tried 3 times)
    LP308 the answer of http://index/simple/gone/ cannot be used: HTTP 451 Unavailable For Legal Reasons
    "#);
}

#[test]
fn nobody_there() {
    let url = FakeIndex::start().url();
    let error = Machine::new(&[&url]).index().files(&name("foo")).expect_err("the index has stopped");
    assert_eq!(error.code().to_string(), "LP307");
    assert!(error.to_string().contains("cannot connect: ") && error.to_string().contains("(tried 3 times)"), "{error}");
}

#[test]
fn pages_without_end_are_given_up() {
    let index = foo().always("/simple/foo/", Fault::Endless).start();
    let error = files(&Machine::new(&[&index.url()]).index(), "foo").expect_err("too long");
    // What follows a whole page is not waited for.
    assert!(error.contains("it is no JSON page: trailing characters"), "{error}");
}

#[test]
fn compressed_pages_are_read_and_bombs_are_not() {
    let index = foo().always("/simple/foo/", Fault::Gzip).start();
    assert_eq!(files(&Machine::new(&[&index.url()]).index(), "foo"), Ok(vec![WHEEL.to_owned()]));
}

#[test]
fn what_is_no_page() {
    let login = include_bytes!("../../../../testdata/index/login.html");
    let index = FakeIndex::builder()
        .answer("/simple/login/", move |_| Response::ok("text/html", login))
        .answer("/simple/two/", |_| Response::ok("application/vnd.pypi.simple.v2+json", "{}"))
        .answer("/simple/bar/", |_| {
            Response::ok("application/json", r#"{"meta": {"api-version": "1.1"}, "name": "baz", "files": []}"#)
        })
        .start();
    let client = Machine::new(&[&index.url()]).index();
    let errors: Vec<String> = ["login", "two", "bar"]
        .iter()
        .map(|project| text(&files(&client, project).expect_err("no page"), &index))
        .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    LP308 the answer of http://index/simple/login/ cannot be used: it is a web page for people, probably a login page, not an index page
    LP308 the answer of http://index/simple/two/ cannot be used: it is served as application/vnd.pypi.simple.v2+json, which this release does not know
    LP308 the answer of http://index/simple/bar/ cannot be used: it is the page of `baz`, not of `bar`
    "#);
}

#[test]
fn json_under_the_name_of_html() {
    let page = r#"{"meta": {"api-version": "1.1"}, "name": "foo", "files": [{"filename": "foo-1.0-py3-none-any.whl", "url": "x/foo-1.0-py3-none-any.whl", "hashes": {}}]}"#;
    let index = FakeIndex::builder().answer("/simple/foo/", move |_| Response::ok("text/html", page)).start();
    assert_eq!(files(&Machine::new(&[&index.url()]).index(), "foo"), Ok(vec![WHEEL.to_owned()]));
}

#[test]
fn a_fresh_page_is_not_asked_for() {
    let index = foo().start();
    let mut machine = Machine::new(&[&index.url()]);
    let cold = machine.index().files(&name("foo")).expect("a page");
    for (seconds, requests) in [(0, 1), (599, 1), (600, 2), (1199, 2)] {
        machine.settings.now = at(seconds);
        let warm = machine.index().files(&name("foo")).expect("a page");
        assert_eq!(*warm, *cold);
        assert_eq!(index.requests().len(), requests, "after {seconds} s");
    }
    let confirmed = index.requests();
    let confirmed = confirmed.last().expect("a second request");
    assert!(confirmed.header("If-None-Match").is_some(), "the old page is confirmed, not fetched again");
}

#[test]
fn the_server_says_how_long_a_page_is_fresh() {
    for (cache_control, requests) in [("max-age=5", 2), ("max-age=100", 1), ("no-cache", 2), ("no-store", 2)] {
        let index = foo().cache_control(cache_control).start();
        let mut machine = Machine::new(&[&index.url()]);
        for seconds in [0, 50] {
            machine.settings.now = at(seconds);
            assert!(files(&machine.index(), "foo").is_ok());
        }
        assert_eq!(index.requests().len(), requests, "{cache_control}");
    }
}

#[test]
fn refresh_asks_again_and_sees_what_is_new() {
    let index = foo().start();
    let mut machine = Machine::new(&[&index.url()]);
    assert!(files(&machine.index(), "foo").is_ok());
    index.change(|index| index.wheel(WheelBuilder::new("foo", "2.0")));
    assert_eq!(files(&machine.index(), "foo").map(|f| f.len()), Ok(1));
    machine.settings.refresh = true;
    assert_eq!(files(&machine.index(), "foo").map(|f| f.len()), Ok(2));
}

#[test]
fn offline_opens_no_socket() {
    let first = FakeIndex::start();
    let second = foo().start();
    let mut machine = Machine::new(&[&first.url(), &second.url()]);
    machine.settings.offline = true;
    let error = machine.index().files(&name("foo")).expect_err("nothing is cached");
    assert_eq!(error.code().to_string(), "LP312");
    assert!(!machine.cache().exists(), "nothing was written");
    machine.settings.offline = false;
    assert!(files(&machine.index(), "foo").is_ok());
    first.forget_requests();
    second.forget_requests();
    machine.settings.offline = true;
    machine.settings.now = at(1_000_000_000);
    assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]), "cached pages serve at any age");
    assert_eq!(first.requests().len() + second.requests().len(), 0);
}

#[test]
fn a_name_that_was_unknown_is_asked_for_again() {
    let index = FakeIndex::start();
    let machine = Machine::new(&[&index.url()]);
    assert!(files(&machine.index(), "foo").is_err());
    index.change(|index| index.wheel(WheelBuilder::new("foo", "1.0")));
    assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]));
}

#[test]
fn damaged_pages_are_fetched_again() {
    let index = foo().start();
    let machine = Machine::new(&[&index.url()]);
    assert!(files(&machine.index(), "foo").is_ok());
    let pages = machine.cache().join("pages-v1");
    let page = fs_err::read_dir(&pages).expect("pages").next().expect("a page").expect("an entry").path();
    let good = fs_err::read(&page).expect("a page");
    let mut flipped = good.clone();
    flipped[good.len() / 2] ^= 4;
    for damaged in [&b""[..], &good[..good.len() / 2], &flipped, &[0xff; 64]] {
        fs_err::write(&page, damaged).expect("written");
        index.forget_requests();
        assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]));
        assert_eq!(index.requests().len(), 1);
        assert_eq!(fs_err::read(&page).expect("a page"), good, "made again, byte for byte");
    }
    fs_err::remove_file(&page).expect("removed");
    fs_err::create_dir(&page).expect("a folder in its place");
    assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]), "what cannot be cached is still served");
}

#[test]
fn one_request_however_many_ask() {
    let index = foo().start();
    let client = Machine::new(&[&index.url()]).index();
    client.prefetch(&name("foo"));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert!(client.files(&name("foo")).is_ok()));
        }
    });
    assert_eq!(index.requests().len(), 1);
}

#[test]
fn links_join_whichever_index_won() {
    let index = foo().start();
    let mut machine = Machine::new(&[&index.url()]);
    let wheels = machine.folder.path().join("wheels");
    fs_err::create_dir(&wheels).expect("a folder");
    for wheel in [WheelBuilder::new("foo", "2.0"), WheelBuilder::new("local", "1.0")] {
        assert!(wheel.write_to(&wheels).is_file());
    }
    fs_err::write(wheels.join("foo-2-2.tar.gz"), "").expect("written");
    fs_err::write(wheels.join("README.txt"), "").expect("written");
    machine.settings.find_links = vec![FindLinks::Local(wheels)];
    let client = machine.index();
    assert_eq!(
        files(&client, "foo"),
        Ok(vec![WHEEL.to_owned(), "foo-2-2.tar.gz".to_owned(), "foo-2.0-py3-none-any.whl".to_owned()])
    );
    assert_eq!(files(&client, "foo-2"), Ok(vec!["foo-2-2.tar.gz".to_owned()]));
    let local = client.files(&name("local")).expect("a local wheel");
    assert_eq!(local.from, Source::FindLinks);
    machine.settings.no_index = true;
    index.forget_requests();
    let client = machine.index();
    assert!(files(&client, "local").is_ok());
    let error = files(&client, "nobody").expect_err("no such wheel");
    assert!(error.starts_with("LP301 no index knows `nobody`: asked "), "{error}");
    assert_eq!(index.requests().len(), 0);
}

#[test]
fn pages_of_links() {
    let page = include_bytes!("../../../../testdata/index/links.html");
    let index = FakeIndex::builder().answer("/links/", move |_| Response::ok("text/html", page)).start();
    let mut machine = Machine::new(&[]);
    machine.settings.find_links = vec![index.url_of("/links/").parse().expect("a place")];
    let client = machine.index();
    assert_eq!(files(&client, "foo").map(|f| f.len()), Ok(2));
    assert_eq!(files(&client, "foo-2"), Ok(vec!["foo-2-2.tar.gz".to_owned()]));
    let bar = client.files(&name("bar")).expect("a link");
    let urls: Vec<_> = bar.files.iter().map(|file| file.url.clone()).collect();
    assert_eq!(urls, [index.url_of("/links/wheels/bar-2.0-py3-none-any.whl")]);
    assert_eq!(index.requests().len(), 1);

    let saved = machine.folder.path().join("links.html");
    fs_err::write(&saved, page).expect("written");
    machine.settings.find_links = vec![FindLinks::Local(saved)];
    assert_eq!(files(&machine.index(), "bar"), Ok(vec!["bar-2.0-py3-none-any.whl".to_owned()]));
}

#[test]
fn a_place_that_is_not_there() {
    let mut machine = Machine::new(&[]);
    machine.settings.find_links = vec![FindLinks::Local(machine.folder.path().join("nowhere"))];
    let error = machine.index().files(&name("foo")).expect_err("no such folder");
    assert_eq!(error.code().to_string(), "LP502");
}

#[test]
fn an_unreadable_certificate_is_named() {
    let index = foo().start();
    for content in [None, Some("no certificate")] {
        let mut machine = Machine::new(&[&index.url()]);
        let path = machine.folder.path().join("ca.pem");
        if let Some(content) = content {
            fs_err::write(&path, content).expect("written");
        }
        machine.settings.cert = Some(path);
        let error = machine.index().files(&name("foo")).expect_err("no certificates");
        assert!(error.code().to_string() == "LP307" && error.to_string().contains("ca.pem"), "{error}");
    }
    assert_eq!(index.requests().len(), 0);
}
