//! Which index is asked: flags, variables in three spellings, option lines; and that a password goes nowhere else.

use insta::assert_snapshot;
use testkit::FakeIndex;

use crate::support::{Ran, Run, Scratch, pure, shop};

/// An index on which `thing` has this version only: who served it can be read from the pin.
fn with(version: &str) -> FakeIndex {
    FakeIndex::builder().wheel(pure("thing", version)).start()
}

fn resolve(scratch: &Scratch) -> Run<'_> {
    scratch.layerpack("resolve src --runtime python3.12 --arch arm64 --format json")
}

fn version(ran: &Ran) -> String {
    assert_eq!(ran.code, 0, "{ran}");
    ran.json()["packages"][0]["version"].as_str().expect("a version").to_owned()
}

#[test]
fn the_first_place_that_names_an_index_wins() {
    let names = ["1.0", "2.0", "3.0", "4.0", "5.0"];
    let [flag, own, uv, pip, line] = names.map(with);
    let scratch = Scratch::with_requirements(&format!("--index-url {}\nthing\n", line.url()));
    let all = |run: Run<'_>, from: usize| {
        let variables =
            [("LAYERPACK_INDEX_URL", own.url()), ("UV_DEFAULT_INDEX", uv.url()), ("PIP_INDEX_URL", pip.url())];
        let run = variables.iter().skip(from).fold(run, |run, (name, url)| run.env(name, url));
        version(&run.run())
    };
    assert_eq!(all(resolve(&scratch).index(&flag), 0), "1.0");
    assert_eq!(all(resolve(&scratch), 0), "2.0");
    assert_eq!(all(resolve(&scratch), 1), "3.0");
    assert_eq!(all(resolve(&scratch), 2), "4.0");
    assert_eq!(all(resolve(&scratch), 3), "5.0");
}

/// Flags, variables, and the version that only the index asked first has.
type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

#[test]
fn every_spelling_of_pip_and_uv_is_understood() {
    let (first, second) = (with("1.0"), with("2.0"));
    let empty = FakeIndex::start();
    let (first_url, second_url, empty_url) = (first.url(), second.url(), empty.url());
    let named = format!("mine={first_url}");
    let scratch = Scratch::with_requirements("thing\n");
    scratch.write("empty/requirements.txt", "").wheel("house", &pure("thing", "3.0"));
    let cases: [Case<'_>; 12] = [
        (&["-i", &first_url], &[], "1.0"),
        (&["--default-index", &first_url], &[], "1.0"),
        // pip's extra indexes come after the default one, uv's before it.
        (&["-i", &first_url, "--extra-index-url", &second_url], &[], "1.0"),
        (&["-i", &empty_url, "--extra-index-url", &second_url], &[], "2.0"),
        (&["-i", &first_url, "--index", &second_url], &[], "2.0"),
        (&["-i", &second_url, "--index", &named], &[], "1.0"),
        (&[], &[("UV_INDEX_URL", &first_url)], "1.0"),
        (&[], &[("UV_DEFAULT_INDEX", &first_url), ("UV_INDEX", &second_url)], "2.0"),
        (&[], &[("UV_DEFAULT_INDEX", &first_url), ("UV_EXTRA_INDEX_URL", &second_url)], "2.0"),
        (&[], &[("PIP_INDEX_URL", &first_url), ("PIP_EXTRA_INDEX_URL", &second_url)], "1.0"),
        (&[], &[("PIP_NO_INDEX", "1"), ("PIP_FIND_LINKS", "house")], "3.0"),
        (&[], &[("UV_NO_INDEX", "1"), ("UV_FIND_LINKS", "house")], "3.0"),
    ];
    for (flags, variables, expected) in cases {
        let run = resolve(&scratch).arguments(flags.iter().copied());
        let run = variables.iter().fold(run, |run, (name, value)| run.env(name, value));
        assert_eq!(version(&run.run()), expected, "{flags:?} {variables:?}");
    }
}

#[test]
fn a_project_of_two_indexes_comes_from_the_first_alone() {
    let (private, public) = (with("1.0"), with("9.0"));
    let scratch = Scratch::with_requirements("thing\n");
    let run = resolve(&scratch).index(&public).arguments(["--index", &private.url()]);
    assert_eq!(version(&run.run()), "1.0");
    assert_eq!(public.request_lines(), Vec::<String>::new(), "the second is not even asked");
}

#[test]
fn a_password_goes_to_its_index_and_nowhere_else() {
    let secret = "hunter2-s3cr3t";
    let index = shop().basic_auth("ci", secret).start();
    let url = index.url_with_credentials("ci", secret);
    let scratch = Scratch::with_requirements(&format!("--index-url {url}\nweb\n"));
    let target = "--runtime python3.12 --arch arm64";
    let nowhere = |ran: Ran| {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{ran}");
        ran
    };
    let ran = nowhere(scratch.layerpack(&format!("build src {target} -vv")).run()).fine();
    assert!(ran.stderr.contains("/simple/web/") && ran.stderr.contains("write_zip"), "requests and timings: {ran}");
    nowhere(scratch.layerpack(&format!("build src {target} --format json --out-dir json")).run()).fine();
    nowhere(scratch.layerpack(&format!("resolve src {target} --format json -v")).run()).fine();
    nowhere(scratch.layerpack(&format!("lock src {target}")).env("PIP_INDEX_URL", &url).run()).fine();
    assert!(!scratch.text("src/pylock.toml").contains(secret));

    // And when something is wrong.
    scratch.write("src/requirements.txt", format!("--index-url {url}\nweb==9\nnope\n"));
    let ran = nowhere(scratch.layerpack(&format!("resolve src {target} -vv --frozen --offline --refresh")).run());
    assert_eq!(ran.code, 2);
    fs_err::remove_file(scratch.path("src/pylock.toml")).expect("it was written");
    assert_eq!(nowhere(scratch.layerpack(&format!("build src {target} -vv")).run()).code, 1);
    let wrong = index.url_with_credentials("ci", &format!("{secret}-wrong"));
    scratch.write("src/requirements.txt", format!("--index-url {wrong}\nweb\n"));
    let ran = nowhere(scratch.layerpack(&format!("build src {target} --refresh")).run());
    assert_snapshot!(ran, @"
    exit 2
    ----- stderr -----
    error[LP309]: http://127.0.0.1:PORT/simple/web/ refuses access: HTTP 401 for the credentials given
      help: check that the user name and password or token are still valid and may read this project
    ");
    drop(index);
    nowhere(scratch.layerpack(&format!("build src {target} --refresh")).run());
    scratch.write("src/requirements.txt", format!("--index-url https://ci:{secret}@\nweb\n"));
    assert_snapshot!(nowhere(scratch.layerpack(&format!("build src {target}")).run()), @"
    exit 2
    ----- stderr -----
    error[LP501]: an index URL from the requirements file line 1 cannot be used: not a URL (empty host); an index is given as https://host/simple/
    ");

    // Nothing that was written has it, in name or content.
    for folder in ["dist", "json", "../cache", "../home"] {
        for line in testkit::Tree::snapshot(scratch.path(folder)).lines() {
            let path = line.splitn(4, ' ').nth(3).unwrap_or_default();
            assert!(!path.contains(secret), "{folder}/{path}");
            let bytes = scratch.read(&format!("{folder}/{path}"));
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{folder}/{path}");
        }
    }
}
