//! METADATA and wheels over HTTP: how little is fetched, what is checked, and what servers do wrong.

use std::path::Path;
use std::sync::Mutex;

use crate::machine::{Machine, files, first, name, requires, wanted};
use pypi_resolve::index::{FindLinks, IndexError, Progress, Wanted};
use testkit::{FakeIndex, FakeIndexBuilder, Fault, Response, WheelBuilder};
use wheel_archive::Sha256;

const WHEEL: &str = "foo-1.0-py3-none-any.whl";
const SIDECAR: &str = "foo-1.0-py3-none-any.whl.metadata";

/// Bytes that do not compress.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..bytes).map(step).collect()
}

fn small() -> WheelBuilder {
    WheelBuilder::new("foo", "1.0").requires("bar>=2").requires_python(">=3.8")
}

/// A wheel too large to be fetched whole for its METADATA.
fn large() -> WheelBuilder {
    small().stored().file("foo/data.bin", noise(600_000))
}

fn serve(wheel: &WheelBuilder) -> FakeIndexBuilder {
    FakeIndex::builder().wheel(wheel)
}

/// The bytes of ranges that were asked for.
fn ranges(index: &FakeIndex) -> Vec<String> {
    index.requests().iter().filter_map(|r| r.header("Range").map(str::to_owned)).collect()
}

fn bar() -> Vec<String> {
    vec!["bar>=2".to_owned()]
}

fn is_wheel(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|ending| ending == "whl")
}

#[test]
fn metadata_beside_the_wheel() {
    let index = serve(&large()).start();
    let machine = Machine::new(&[&index.url()]);
    assert_eq!(requires(&machine.index(), "foo"), Ok(bar()));
    assert_eq!(index.request_lines(), [format!("GET /files/{SIDECAR}"), "GET /simple/foo/".to_owned()]);
    index.forget_requests();
    assert_eq!(requires(&machine.index(), "foo"), Ok(bar()));
    assert_eq!(index.request_lines(), [""; 0], "a warm run asks nobody");
}

#[test]
fn metadata_by_ranges() {
    let index = serve(&large()).without_metadata_files().start();
    let machine = Machine::new(&[&index.url()]);
    assert_eq!(requires(&machine.index(), "foo"), Ok(bar()));
    assert_eq!(ranges(&index), ["bytes=-131093"], "the end of the wheel has it all");
    index.forget_requests();
    assert_eq!(requires(&machine.index(), "foo"), Ok(bar()));
    assert_eq!(index.request_lines(), [""; 0]);
}

#[test]
fn metadata_far_from_the_end() {
    let many = (0..800).fold(large(), |wheel, n| wheel.file(&format!("foo/a_module_with_a_long_name_{n}.py"), ""));
    let index = serve(&many).without_metadata_files().start();
    assert_eq!(requires(&Machine::new(&[&index.url()]).index(), "foo"), Ok(bar()));
    let ranges = ranges(&index);
    assert!((2..=4).contains(&ranges.len()), "{ranges:?}");
    assert!(!index.requests().iter().any(|r| is_wheel(&r.path) && r.header("Range").is_none()));
}

#[test]
fn small_wheels_are_fetched_whole_and_once() {
    let index = serve(&small()).without_metadata_files().start();
    let machine = Machine::new(&[&index.url()]);
    let client = machine.index();
    assert_eq!(requires(&client, "foo"), Ok(bar()));
    assert_eq!(ranges(&index), [""; 0]);
    let wheels = client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
    assert_eq!(wheels.len(), 1);
    assert_eq!(index.requests().len(), 2, "the page and the wheel");
}

#[test]
fn a_wheel_that_fits_into_the_first_range_is_kept() {
    let index = serve(&small()).without_metadata_files().edit(WHEEL, |file| file.size = None).start();
    let client = Machine::new(&[&index.url()]).index();
    assert_eq!(requires(&client, "foo"), Ok(bar()));
    client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
    assert_eq!(index.requests().len(), 2, "the page and one range");
}

#[test]
fn a_sidecar_that_is_missing_means_the_wheel() {
    for status in [404, 403, 410] {
        let index = serve(&large()).always(SIDECAR, Fault::Status(status)).start();
        assert_eq!(requires(&Machine::new(&[&index.url()]).index(), "foo"), Ok(bar()));
        assert_eq!(ranges(&index).len(), 1);
    }
}

#[test]
fn a_sidecar_with_the_wrong_hash() {
    let index = serve(&large()).edit(WHEEL, |file| file.metadata_sha256 = Some("0".repeat(64))).start();
    let error = requires(&Machine::new(&[&index.url()]).index(), "foo").expect_err("another hash");
    assert!(error.starts_with("LP306") && error.contains(SIDECAR), "{error}");
    // Some proxies announce the wheel's own hash for the sidecar.
    let index = serve(&large()).edit(WHEEL, |file| file.metadata_sha256 = file.hashes.get("sha256").cloned()).start();
    assert_eq!(requires(&Machine::new(&[&index.url()]).index(), "foo"), Ok(bar()));
}

#[test]
fn a_sidecar_that_lies_is_found_out() {
    let lie = WheelBuilder::new("foo", "1.0").requires("evil").metadata();
    let index = serve(&large())
        .edit(WHEEL, |file| {
            file.metadata = Some(lie);
            file.metadata_sha256 = None;
        })
        .start();
    let client = Machine::new(&[&index.url()]).index();
    assert_eq!(requires(&client, "foo"), Ok(vec!["evil".to_owned()]));
    let error = client.download(&[wanted(&client, "foo")], &()).expect_err("not what was promised");
    assert_eq!(error.code().to_string(), "LP308");
    assert!(error.to_string().contains("is not the one that the index serves beside it"), "{error}");
}

#[test]
fn metadata_of_another_project() {
    let index = serve(&large())
        .edit(WHEEL, |file| {
            file.metadata = Some(b"Metadata-Version: 2.1\nName: bar\nVersion: 1.0\n".to_vec());
            file.metadata_sha256 = None;
        })
        .start();
    let error = requires(&Machine::new(&[&index.url()]).index(), "foo").expect_err("of bar");
    assert!(error.contains("its METADATA is that of bar 1.0"), "{error}");
}

#[test]
fn servers_without_ranges() {
    let index = serve(&large()).without_metadata_files().without_ranges().start();
    let client = Machine::new(&[&index.url()]).index();
    assert_eq!(requires(&client, "foo"), Ok(bar()));
    client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
    assert_eq!(index.requests().len(), 2, "the page and the wheel, once");
}

#[test]
fn broken_ranges_mean_the_whole_wheel() {
    let replaced: Fault = Fault::Answer(std::sync::Arc::new(|_| {
        Response::new(206).with(206, vec![0; 10]).header("Content-Range", "bytes 0-9/10").header("ETag", "\"other\"")
    }));
    let faults: [(&str, &[Fault]); 5] = [
        ("another offset", &[Fault::WrongRange]),
        ("not satisfiable", &[Fault::Status(416)]),
        ("not implemented", &[Fault::Status(501)]),
        ("no range named", &[Fault::Answer(std::sync::Arc::new(|_| Response::new(206).with(206, vec![0; 10])))]),
        ("replaced in between", &[Fault::Pass, replaced]),
    ];
    let many = (0..800).fold(large(), |wheel, n| wheel.file(&format!("foo/a_module_with_a_long_name_{n}.py"), ""));
    for (what, sequence) in faults {
        let index = serve(&many).without_metadata_files();
        let index = sequence.iter().fold(index, |index, fault| index.fault(WHEEL, fault.clone())).start();
        assert_eq!(requires(&Machine::new(&[&index.url()]).index(), "foo"), Ok(bar()), "{what}");
        let whole = index.requests().iter().filter(|r| is_wheel(&r.path) && r.header("Range").is_none()).count();
        assert_eq!(whole, 1, "{what}");
    }
}

#[test]
fn a_wheel_replaced_without_etags_is_noticed() {
    let many = (0..800).fold(large(), |wheel, n| wheel.file(&format!("foo/a_module_with_a_long_name_{n}.py"), ""));
    let total_changed = Fault::Answer(std::sync::Arc::new(|_| {
        Response::new(206).with(206, vec![0; 10]).header("Content-Range", "bytes 0-9/11")
    }));
    let index = serve(&many).without_metadata_files().without_etags();
    let index = index.fault(WHEEL, Fault::Pass).fault(WHEEL, total_changed).start();
    assert_eq!(requires(&Machine::new(&[&index.url()]).index(), "foo"), Ok(bar()));
}

#[test]
fn no_wheel_at_all_behind_a_range() {
    let page = b"<html>".repeat(20_000);
    let index = FakeIndex::builder().file("foo", WHEEL, page).edit(WHEEL, |file| file.size = None).start();
    let error = requires(&Machine::new(&[&index.url()]).index(), "foo").expect_err("HTML");
    assert!(error.starts_with("LP514"), "{error}");
}

#[derive(Default)]
struct Told {
    calls: Mutex<Vec<String>>,
    bytes: Mutex<u64>,
}

impl Progress for Told {
    fn begin(&self, files: usize, bytes: Option<u64>) {
        self.calls.lock().expect("no panic").push(format!("begin {files} {bytes:?}"));
    }
    fn advance(&self, bytes: u64) {
        *self.bytes.lock().expect("no panic") += bytes;
    }
    fn finish(&self) {
        self.calls.lock().expect("no panic").push("finish".to_owned());
    }
}

fn many(count: usize) -> (FakeIndexBuilder, Vec<String>) {
    let names: Vec<String> = (0..count).map(|n| format!("pkg{n}")).collect();
    let index = names.iter().fold(FakeIndex::builder(), |index, name| {
        index.wheel(WheelBuilder::new(name, "1.0").file(&format!("{name}.bin"), noise(20_000)))
    });
    (index, names)
}

#[test]
fn wheels_come_in_the_order_they_are_named() {
    let (index, names) = many(24);
    let index = index.fault("pkg3-1.0-py3-none-any.whl", Fault::Reset(9_000)).start();
    let machine = Machine::new(&[&index.url()]);
    let client = machine.index();
    let wanted: Vec<Wanted> = names.iter().map(|name| wanted(&client, name)).collect();
    let told = Told::default();
    let wheels = client.download(&wanted, &told).expect("wheels");
    let got: Vec<_> = wheels.iter().map(|wheel| wheel.manifest.metadata.name.to_string()).collect();
    assert_eq!(got, names);
    let bytes = wanted.iter().filter_map(|w| w.size).sum::<u64>();
    assert_eq!(*told.calls.lock().expect("no panic"), [format!("begin 24 Some({bytes})"), "finish".to_owned()]);
    assert_eq!(*told.bytes.lock().expect("no panic"), bytes, "bytes that come twice count once");

    index.forget_requests();
    let told = Told::default();
    let mut offline = machine.settings.clone();
    offline.offline = true;
    let offline = pypi_resolve::index::Index::new(offline, machine.store());
    assert_eq!(offline.download(&wanted, &told).expect("wheels").len(), 24);
    assert_eq!(index.requests().len(), 0);
    assert!(told.calls.lock().expect("no panic").is_empty(), "nothing was missing");
}

#[test]
fn of_several_failures_the_first_is_told() {
    let (index, names) = many(8);
    let index = index
        .always("pkg5-1.0-py3-none-any.whl", Fault::Status(404))
        .always("pkg2-1.0-py3-none-any.whl", Fault::Slow(1_000, std::time::Duration::from_millis(1)))
        .edit("pkg2-1.0-py3-none-any.whl", |file| {
            file.hashes.insert("sha256".to_owned(), "0".repeat(64));
        })
        .start();
    for _ in 0..3 {
        let machine = Machine::new(&[&index.url()]);
        let client = machine.index();
        let wanted: Vec<Wanted> = names.iter().map(|name| wanted(&client, name)).collect();
        let error = client.download(&wanted, &()).expect_err("two failures");
        assert!(matches!(&error, IndexError::HashMismatch { url, .. } if url.contains("pkg2")), "{error}");
        assert!(!machine.store().wheel_path(&"0".repeat(64).parse().expect("a sha256")).exists());
    }
}

#[test]
fn a_body_that_breaks_off_is_fetched_again() {
    let faults = [Fault::Short(100), Fault::Reset(1_000), Fault::Status(503), Fault::Chunked(777), Fault::Gzip];
    for fault in faults {
        let index = serve(&large()).fault(WHEEL, fault).start();
        let client = Machine::new(&[&index.url()]).index();
        client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
    }
}

#[test]
fn wheels_are_fetched_as_they_are() {
    let index = serve(&large()).start();
    let client = Machine::new(&[&index.url()]).index();
    client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
    let requests = index.requests();
    let wheel = requests.iter().find(|r| is_wheel(&r.path)).expect("the wheel was fetched");
    assert_eq!(wheel.header("Accept-Encoding"), Some("identity"));
}

#[test]
fn a_malformed_wheel_is_told_with_its_findings() {
    let index = FakeIndex::builder().file("foo", WHEEL, b"<html>Sign in</html>").start();
    let client = Machine::new(&[&index.url()]).index();
    let error = client.download(&[wanted(&client, "foo")], &()).expect_err("HTML");
    assert!(matches!(&error, IndexError::Malformed { findings, .. } if !findings.is_empty()), "{error}");
    assert_eq!(error.code().to_string(), "LP514");
    assert!(error.to_string().contains("starts with `<html>Sign in</html>`"), "{error}");
    let help = "is the index or a proxy returning a login page? If not, tell the index's owner or the project, and pin \
                another version until then";
    assert_eq!(error.help().as_deref(), Some(help));
    index.forget_requests();
    assert!(client.download(&[wanted(&client, "foo")], &()).is_err());
    assert_eq!(index.requests().len(), 0, "it is not fetched again to be refused again");
}

#[test]
fn an_unsound_wheel_has_a_next_step() {
    let wheel = small().record_line("foo/__init__.py", "foo/__init__.py,sha256=AAAA,9");
    let index = serve(&wheel).start();
    let client = Machine::new(&[&index.url()]).index();
    let error = client.download(&[wanted(&client, "foo")], &()).expect_err("its RECORD is wrong");
    let help = "tell the index's owner or the project, and pin another version until then";
    assert_eq!(error.help().as_deref(), Some(help), "{error}");
}

#[test]
fn wheels_without_a_promised_hash() {
    let index = serve(&large()).without_hash(WHEEL).without_metadata_files().without_ranges().start();
    let mut machine = Machine::new(&[&index.url()]);
    let client = machine.index();
    assert_eq!(requires(&client, "foo"), Ok(bar()));
    client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
    assert_eq!(index.requests().len(), 2, "the page and the wheel, once");
    machine.settings.offline = true;
    index.forget_requests();
    let client = machine.index();
    client.download(&[wanted(&client, "foo")], &()).expect("the wheel of the last run");
    assert_eq!(index.requests().len(), 0);
}

#[test]
fn local_wheels() {
    let mut machine = Machine::new(&[]);
    let path = small().write_to(machine.folder.path());
    machine.settings.find_links = vec![FindLinks::Local(machine.folder.path().to_owned())];
    machine.settings.offline = true;
    let client = machine.index();
    assert_eq!(files(&client, "foo"), Ok(vec![WHEEL.to_owned()]));
    assert_eq!(requires(&client, "foo"), Ok(bar()));
    let told = Told::default();
    let wheels = client.download(&[wanted(&client, "foo")], &told).expect("a wheel");
    let bytes = fs_err::read(path).expect("the wheel");
    assert_eq!(wheels.iter().map(|w| w.manifest.size).collect::<Vec<_>>(), [bytes.len() as u64]);
    assert_eq!(*told.bytes.lock().expect("no panic"), bytes.len() as u64);
    let told = Told::default();
    client.download(&[wanted(&client, "foo")], &told).expect("a wheel");
    assert_eq!(*told.bytes.lock().expect("no panic"), 0, "not copied again");
}

/// Nobody promises the digest of a wheel in a folder: it is that of its bytes, so that it can be locked.
#[test]
fn local_wheels_have_the_digest_of_their_bytes() {
    let mut machine = Machine::new(&[]);
    let path = small().write_to(machine.folder.path());
    fs_err::write(machine.folder.path().join("foo-1.0.tar.gz"), "").expect("written");
    machine.settings.find_links = vec![FindLinks::Local(machine.folder.path().to_owned())];
    let digest = Sha256::of(&fs_err::read(&path).expect("the wheel"));
    let project = machine.index().files(&name("foo")).expect("two files");
    let digests: Vec<_> = project.files.iter().map(|file| (&*file.filename, file.sha256)).collect();
    assert_eq!(digests, [(WHEEL, Some(digest)), ("foo-1.0.tar.gz", None)]);

    let client = machine.index();
    let wanted = wanted(&client, "foo");
    assert_eq!(small().file("foo/more.py", "").write_to(machine.folder.path()), path);
    let error = client.download(&[wanted], &()).expect_err("replaced in between");
    assert_eq!(error.code().to_string(), "LP306");
}

#[test]
fn two_runs_at_once_download_once() {
    let index = serve(&large()).start();
    let machine = Machine::new(&[&index.url()]);
    let file = wanted(&machine.index(), "foo");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| machine.index().download(std::slice::from_ref(&file), &()).expect("a wheel"));
        }
    });
    let fetched = index.requests().iter().filter(|r| is_wheel(&r.path)).count();
    assert_eq!(fetched, 1);
}

#[test]
fn prefetched_metadata_is_fetched_once() {
    let index = serve(&large()).start();
    let client = Machine::new(&[&index.url()]).index();
    let file = first(&client, "foo");
    client.prefetch_metadata(&file);
    client.prefetch_metadata(&file);
    assert!(client.metadata(&file).is_ok());
    assert!(client.files(&name("foo")).is_ok());
    assert_eq!(index.requests().len(), 2);
}

#[test]
fn credentials_of_the_index_fetch_its_wheels() {
    let index = serve(&large()).basic_auth("me", "s3cret").without_metadata_files().start();
    let client = Machine::new(&[&index.url_with_credentials("me", "s3cret")]).index();
    assert_eq!(requires(&client, "foo"), Ok(bar()));
    assert!(!first(&client, "foo").url.contains("s3cret"));
    client.download(&[wanted(&client, "foo")], &()).expect("a wheel");
}
