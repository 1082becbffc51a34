//! A server that means harm, or is in a bad way: bombs, trickles, odd headers, a clock that is wrong.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flate2::{Compression, write::GzEncoder};
use pypi_resolve::index::PageLimits;
use testkit::{FakeIndex, FakeIndexBuilder, Fault, Response, WheelBuilder};

use crate::machine::{Machine, files, wanted};

const WHEEL: &str = "foo-1.0-py3-none-any.whl";
const JSON: &str = "application/vnd.pypi.simple.v1+json";

fn foo() -> FakeIndexBuilder {
    FakeIndex::builder().wheel(WheelBuilder::new("foo", "1.0"))
}

/// This many MiB of blanks, gzipped to a thousandth.
fn bomb(mebibytes: usize) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let blanks = vec![b' '; 1 << 20];
    for _ in 0..mebibytes {
        gzip.write_all(&blanks).expect("memory takes it");
    }
    gzip.finish().expect("memory takes it")
}

/// A machine that reads pages of 8 MiB and a thousand files at most.
fn short_pages(index: &FakeIndex) -> Machine {
    let mut machine = Machine::new(&[&index.url()]);
    machine.settings.page_limits = PageLimits { bytes: 8 << 20, files: 1000 };
    machine
}

#[test]
fn pages_may_be_long() {
    let PageLimits { bytes, files } = PageLimits::default();
    assert_eq!((bytes, files), (128 << 20, 250_000));
}

#[test]
fn a_page_that_decodes_to_more_than_any_page_has_is_given_up() {
    let body = bomb(9);
    let index = FakeIndex::builder()
        .answer("/simple/foo/", move |_| Response::ok(JSON, &body).header("Content-Encoding", "gzip"))
        .start();
    let error = files(&short_pages(&index).index(), "foo").expect_err("a bomb");
    assert!(error.starts_with("LP308") && error.ends_with("it is longer than 8388608 bytes"), "{error}");
    assert_eq!(index.requests().len(), 1, "it would be no shorter the next time");
}

/// A page that begins like this and goes on with this again and again, and what is said of it.
fn endless(media: &'static str, begin: &str, again: &str) -> String {
    let body = begin.to_owned() + &again.repeat((1 << 18) / again.len());
    let begin = begin.len();
    let index =
        FakeIndex::builder().answer("/simple/foo/", move |_| Response::ok(media, &body).endless_after(begin)).start();
    let error = files(&short_pages(&index).index(), "foo").expect_err("it has no end");
    assert_eq!(index.requests().len(), 1, "it would be no shorter the next time");
    error.replace(&index.url(), "http://index/simple/")
}

#[test]
fn a_page_without_end_is_given_up() {
    let begin = r#"{"meta": {"api-version": "1.1"}, "name": "foo", "files": ["#;
    insta::assert_snapshot!(
        [
            // Every file is kept, so that their number counts, not their bytes.
            endless(JSON, begin, r#"{"filename":"a","url":"b"},"#),
            endless("text/html", "<html>", "<a href=a>b</a>"),
            // Of these nothing is kept, or one text.
            endless(JSON, begin, "          "),
            endless(JSON, r#"{"name": ""#, "abcdefghij"),
            endless("text/html", "<html>", "&amp;"),
            endless("text/html", "<a href=a>b</a><a data-yanked=\"", "&sz"),
        ]
        .join("\n"),
        @"
        LP308 the answer of http://index/simple/foo/ cannot be used: it lists more than 1000 files
        LP308 the answer of http://index/simple/foo/ cannot be used: it lists more than 1000 files
        LP308 the answer of http://index/simple/foo/ cannot be used: it is longer than 8388608 bytes
        LP308 the answer of http://index/simple/foo/ cannot be used: it is longer than 8388608 bytes
        LP308 the answer of http://index/simple/foo/ cannot be used: it has 4194304 bytes in a row that link to no file
        LP308 the answer of http://index/simple/foo/ cannot be used: it has 4194304 bytes in a row that link to no file
        "
    );
}

#[test]
fn attributes_without_end_are_not_kept() {
    let page = "<a ".to_owned() + &"a b c ".repeat(100_000) + "href=foo-1.0-py3-none-any.whl href=bar>foo</a>";
    let index = FakeIndex::builder().answer("/simple/foo/", move |_| Response::ok("text/html", &page)).start();
    assert_eq!(files(&Machine::new(&[&index.url()]).index(), "foo"), Ok(vec![WHEEL.to_owned()]));
}

#[test]
fn the_body_of_a_redirect_is_not_read() {
    let body = bomb(300);
    let target = foo().start();
    let place = target.url_of("/simple/foo/");
    let index = FakeIndex::builder()
        .answer("/simple/foo/", move |_| {
            let redirect = Response::redirect(&place).header("Content-Encoding", "gzip");
            redirect.with(302, &body).endless()
        })
        .start();
    assert_eq!(files(&Machine::new(&[&index.url()]).index(), "foo"), Ok(vec![WHEEL.to_owned()]));
}

#[test]
fn a_trickle_is_given_up_and_tried_again() {
    // A hundred bytes a second for half a minute, and no single wait is long.
    let page = format!(r#"{{"meta": {{"api-version": "1.1"}}, "name": "foo", "files": []{}}}"#, " ".repeat(3_000));
    let slow = move |_: &testkit::Request| Response::ok(JSON, &page).trickle(10, Duration::from_millis(100));
    let index = FakeIndex::builder().answer("/simple/foo/", slow).start();
    let mut machine = Machine::new(&[&index.url()]);
    machine.settings.timeout = Duration::from_millis(900);
    machine.settings.retries.again = 1;
    let error = files(&machine.index(), "foo").expect_err("too slow");
    assert!(error.starts_with("LP307") && error.contains("the answer comes too slowly: "), "{error}");
    assert!(error.ends_with("bytes in 1 s (tried twice)") || error.ends_with("(tried 2 times)"), "{error}");
    assert_eq!(index.requests().len(), 2);
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let silent = |_: &testkit::Request| {
        std::thread::sleep(Duration::from_millis(700));
        Response::new(200)
    };
    let index = FakeIndex::builder().answer("/simple/foo/", silent).start();
    let mut machine = Machine::new(&[&index.url()]);
    machine.settings.timeout = Duration::from_millis(100);
    machine.settings.retries.again = 1;
    let error = files(&machine.index(), "foo").expect_err("no answer");
    assert!(error.starts_with("LP307") && error.contains("no answer within "), "{error}");
}

#[test]
fn the_server_has_no_say_in_where_a_wheel_is_kept() {
    let bytes = WheelBuilder::new("foo", "1.0").build();
    let index = foo()
        .always(
            WHEEL,
            Fault::Answer(Arc::new(move |_| {
                Response::ok("application/octet-stream", &bytes)
                    .header("Content-Disposition", "attachment; filename=\"../../../evil.py\"")
            })),
        )
        .start();
    let machine = Machine::new(&[&index.url()]);
    let client = machine.index();
    let wheel = client.download(&[wanted(&client, "foo")], &()).expect("a wheel").remove(0);
    assert_eq!(wheel.path, machine.store().wheel_path(&wheel.manifest.sha256));
    let mut folders = vec![machine.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            assert!(!entry.file_name().to_string_lossy().contains("evil"));
            if entry.path().is_dir() {
                folders.push(entry.path());
            }
        }
    }
}

#[test]
fn a_hash_on_one_file_says_nothing_of_the_other() {
    // An index with a digest for one file of two: that one is enforced, the other is taken as it is.
    let index = foo()
        .wheel(WheelBuilder::new("bar", "1.0"))
        .without_hash("bar-1.0-py3-none-any.whl")
        .edit(WHEEL, |file| drop(file.hashes.insert("sha256".to_owned(), "0".repeat(64))))
        .start();
    let machine = Machine::new(&[&index.url()]);
    let client = machine.index();
    client.download(&[wanted(&client, "bar")], &()).expect("no digest to hold it against");
    let error = client.download(&[wanted(&client, "foo")], &()).expect_err("another digest");
    assert_eq!(error.code().to_string(), "LP306");
    assert_eq!(client.download(&[wanted(&client, "bar")], &()).expect("still there").len(), 1);
}

#[test]
fn a_clock_that_is_wrong_changes_nothing() {
    let index = foo().start();
    let far = SystemTime::UNIX_EPOCH + Duration::from_secs(4_400_000_000);
    for now in [SystemTime::UNIX_EPOCH, far] {
        let mut machine = Machine::new(&[&index.url()]);
        machine.settings.now = now;
        for _ in 0..2 {
            let store = machine.store().at(now);
            let client = pypi_resolve::index::Index::new(machine.settings.clone(), store);
            assert_eq!(files(&client, "foo"), Ok(vec![WHEEL.to_owned()]));
            client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
        }
        // And back: what comes from the future is asked for again.
        machine.settings.now = SystemTime::UNIX_EPOCH + Duration::from_secs(5);
        assert_eq!(files(&machine.index(), "foo"), Ok(vec![WHEEL.to_owned()]));
    }
}
