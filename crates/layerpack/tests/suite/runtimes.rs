//! `layerpack runtimes`: what is known of the runtimes, and what a probe says against it.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::Scratch;

fn said(arguments: &str) -> String {
    Scratch::new().layerpack(arguments).run().to_string()
}

fn document(arguments: &str) -> Value {
    Scratch::new().layerpack(arguments).run().fine().json()
}

/// The lines about what the text begins with, up to the next fact.
fn fact(text: &str, name: &str) -> String {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("  {name}")));
    let first = lines.next().unwrap_or_else(|| panic!("no fact {name} in {text}"));
    let more = lines.take_while(|line| line.starts_with("      "));
    std::iter::once(first).chain(more).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_runtime_on_a_line() {
    assert_snapshot!(said("runtimes"), @"
    exit 0
    ----- stdout -----
    runtime      Python    system               glibc  architectures   deprecation
    python3.8    3.8.20    Amazon Linux 2       2.26   arm64 x86_64    2024-10-14  past its deprecation date
    python3.9    3.9.23    Amazon Linux 2       2.26   arm64 x86_64    2025-12-15  past its deprecation date
    python3.10   3.10.20   Amazon Linux 2       2.26   arm64 x86_64    2026-10-31  past its deprecation date
    python3.11   3.11.15   Amazon Linux 2       2.26   arm64 x86_64    2027-06-30
    python3.12   3.12.13   Amazon Linux 2023    2.34   arm64 x86_64    2028-10-31
    python3.13   3.13.14   Amazon Linux 2023    2.34   arm64 x86_64    2029-06-30
    python3.14   3.14.6    Amazon Linux 2023    2.34   arm64 x86_64    2029-06-30
    python3.15   3.15.0    Amazon Linux 2023    2.34   arm64 x86_64                preview
    ");
    assert_snapshot!(said("runtimes ruby3.4"), @"
    exit 2
    ----- stderr -----
    error[LP507]: no Lambda runtime `ruby3.4`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8
    ");
}

#[test]
fn one_runtime_with_the_source_of_every_fact() {
    let text = said("runtimes 3.12");
    assert_snapshot!(text.lines().take(14).collect::<Vec<_>>().join("\n"), @"
    exit 0
    ----- stdout -----
    python3.12 (live)
      stage                  generally available
          endoflife-date/endoflife.date products/aws-lambda.md @a70eca337
          (2026-11-22)
      python                 3.12.13
          shogo82148/docker-lambda dockerfiles/python3.12/fs-x86_64.txt @9db92970
          (2026-11-22)
          exact: lib2to3/Grammar3.12.13.final.0.pickle is in the runtime; AWS raises
          the patch without notice
      operating system       Amazon Linux 2023
          https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html
          (2026-11-22)
    ");
    assert_snapshot!(fact(&text, "libstdc++ GLIBCXX"), @"
    libstdc++ GLIBCXX      3.4.29 everywhere, 3.4.33 on recent updates
        shogo82148/docker-lambda dockerfiles/base.al2023/fs-x86_64.txt @9db92970
        (2026-11-22)
        libstdc++.so.6.0.29 (gcc 11) until 2025-05, 6.0.33 (gcc 14) in every list
        since 2025-06-04; functions with manually managed runtime updates may
        still have the older
    ");
    assert_snapshot!(fact(&text, "LD_LIBRARY_PATH"), @"
    LD_LIBRARY_PATH        /var/lang/lib /lib64 /usr/lib64 /var/runtime
                           /var/runtime/lib /var/task /var/task/lib /opt/lib
        aws/aws-lambda-base-images Dockerfile.python3.12 @384f430c (2026-11-22)
        of the container image; a python3.14 function (ap-south-1, 2025-12-28)
        printed the same
    ");
    assert_snapshot!(fact(&text, "libcrypto.so.3 OPENSSL"), @"
    libcrypto.so.3 OPENSSL 3.0.8 everywhere, 3.5.0 on recent updates
        shogo82148/docker-lambda dockerfiles/base.al2023/packages-x86_64.txt
        @9db92970 (2026-11-22)
        OpenSSL 3.0.8 until 2025-06, 3.2.2 until 2026-05, 3.5.5 since; the symbols
        they have: openssl/openssl util/libcrypto.num
    ");
    let libraries: Vec<_> = text.lines().skip_while(|line| !line.starts_with("  libraries")).collect();
    assert_snapshot!(libraries.join("\n"), @"
    libraries              23 files on arm64, 25 files on x86_64 in /var/lang/lib
        listed from inside the function: shogo82148/docker-lambda
        dockerfiles/python3.12/fs-{arm64,x86_64}.txt @9db92970 (2026-11-22)
        listed 2026-07-24 from inside a python3.12 function, us-east-1
    libraries              1 file on arm64 in /lib
        listed in a runtime on the same system: shogo82148/docker-lambda
        dockerfiles/base.al2023/fs-{arm64,x86_64}.txt @9db92970 (2026-11-22)
        the loader itself: it is there before it looks for anything
    libraries              178 files on arm64, 180 files on x86_64 in /lib64
        listed in a runtime on the same system: shogo82148/docker-lambda
        dockerfiles/base.al2023/fs-{arm64,x86_64}.txt @9db92970 (2026-11-22)
        listed 2026-08-07 from inside a provided.al2023 function, us-east-1;
        /lib64 is a link to /usr/lib64; a file with its whole version in its name
        comes and goes with updates
    libraries missing      libodbc.so.2
        in no list, and reported missing:
        davidcomerford/pyodbc-mssql-lambda-layer#5 (2026-11-22)
        cannot open shared object file, on python3.12 (2025-09)
    libraries missing      libexpat.so.1
        in no list, and reported missing: developmentseed/eoapi-cdk#181;
        rasterio/rasterio-wheels#136;
        https://repost.aws/questions/QUKvip5FFLT3yM4VLwNRjYug (2026-11-22)
        cannot open shared object file, on python3.12 (2024-11, 2025-08) and
        python3.13; Python's own expat is inside pyexpat, so that import xml works
        says nothing
    libraries missing      libdb-5.3.so libpam.so.0
        in no list: shogo82148/docker-lambda
        dockerfiles/base.al2023/fs-{arm64,x86_64}.txt @9db92970 (2026-11-22)
        in the list of 2025-06-04 only, a release's mistake
    standard modules       300 names
        sys.stdlib_module_names of CPython 3.12.1 (2026-11-22)
    ");
}

#[test]
fn verbose_lists_every_name() {
    let text = said("runtimes 3.12 -v");
    assert_snapshot!(fact(&text, "libraries"), @"
    libraries              23 files on arm64, 25 files on x86_64 in /var/lang/lib:
                           libbz2.so libbz2.so.1 libbz2.so.1.0.8 libcrypt.so
                           libcrypt.so.1 (x86_64) libcrypt.so.1.1.0 (x86_64)
                           libcrypt.so.2 libcrypt.so.2.0.0 libgdbm.so.6
                           libgdbm.so.6.0.0 libgdbm_compat.so libgdbm_compat.so.4
                           libgdbm_compat.so.4.0.0 liblzma.so liblzma.so.5
                           liblzma.so.5.2.5 libpython3.12.so libpython3.12.so.1.0
                           libpython3.so libreadline.so libreadline.so.8
                           libreadline.so.8.1 libsqlite3.so libsqlite3.so.0
                           libsqlite3.so.0.8.6
        listed from inside the function: shogo82148/docker-lambda
        dockerfiles/python3.12/fs-{arm64,x86_64}.txt @9db92970 (2026-11-22)
        listed 2026-07-24 from inside a python3.12 function, us-east-1
    ");
    let words: Vec<_> = text.split_whitespace().collect();
    for name in ["libz.so.1", "libmvec.so.1", "p11-kit-proxy.so", "ld-linux-aarch64.so.1", "__future__", "zoneinfo"] {
        assert!(words.contains(&name), "{name}");
    }
    assert!(!said("runtimes 3.12").contains("p11-kit-proxy.so"));
}

#[test]
fn lines_fit_a_terminal_of_80_columns_unless_one_word_does_not() {
    for runtime in 8..=15 {
        for line in said(&format!("runtimes 3.{runtime} -v")).lines() {
            assert!(line.chars().count() <= 80 || line.split_whitespace().count() == 1, "{line}");
        }
    }
}

#[test]
fn every_fact_of_every_runtime_has_its_source_and_date() {
    let document = document("runtimes --format json");
    let runtimes = document["runtimes"].as_array().expect("runtimes");
    assert_eq!((&document["schema"], runtimes.len()), (&1.into(), 8));
    for runtime in runtimes {
        let facts = runtime["facts"].as_array().expect("facts");
        let libraries = runtime["libraries"].as_array().expect("libraries");
        for fact in facts.iter().chain(libraries).chain([&runtime["standard_modules"]]) {
            for field in ["source", "checked"] {
                assert!(fact[field].as_str().is_some_and(|text| !text.is_empty()), "{runtime}: {fact}");
            }
        }
        for fact in facts {
            assert!(
                ["fact", "value"].iter().all(|field| !fact[field].as_str().unwrap_or_default().is_empty()),
                "{fact}"
            );
        }
        for group in libraries {
            assert!(["availability", "grade"].iter().all(|field| group[field].is_string()), "{group}");
            assert_eq!(group["folder"].is_string(), group["availability"] == "present", "{group}");
            assert!(group["files"].as_object().is_some_and(|files| !files.is_empty()), "{group}");
        }
    }
}

/// What the probe function gives where everything lies as it is known, by folder.
fn as_known(runtime: &str, arch: &str) -> BTreeMap<String, Vec<String>> {
    let document = document(&format!("runtimes {runtime} --format json"));
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for group in document["runtimes"][0]["libraries"].as_array().expect("libraries") {
        let (Some(folder), Some(files)) = (group["folder"].as_str(), group["files"][arch].as_array()) else { continue };
        let names = files.iter().map(|file| file.as_str().expect("a name").to_owned());
        folders.entry(folder.to_owned()).or_default().extend(names);
    }
    folders.remove("/lib");
    folders
}

fn output(folders: &BTreeMap<String, Vec<String>>) -> String {
    json!({
        "layerpack-probe": 1, "date": "2026-11-20", "runtime": "AWS_Lambda_python3.13", "arch": "aarch64",
        "folders": folders,
    })
    .to_string()
}

#[test]
fn a_probe_says_what_differs() {
    let scratch = Scratch::new();
    let mut folders = as_known("python3.13", "arm64");
    scratch.write("same.json", format!("\u{feff}{}", output(&folders)));
    assert_snapshot!(scratch.layerpack("runtimes --from same.json").run(), @"
    exit 0
    ----- stdout -----
    python3.13 · arm64, probed 2026-11-20
      178 files in /lib64, 23 files in /var/lang/lib
      nothing differs from what layerpack knows
    ");

    let lib64 = folders.get_mut("/lib64").expect("a folder");
    lib64.retain(|name| !name.starts_with("libpsl"));
    lib64.push("libexpat.so.1".to_owned());
    folders.get_mut("/var/lang/lib").expect("a folder").push("libzstd.so.1".to_owned());
    scratch.write("newer.json", output(&folders));
    assert_snapshot!(scratch.layerpack("runtimes --from newer.json").run(), @"
    exit 0
    ----- stdout -----
    python3.13 · arm64, probed 2026-11-20
      177 files in /lib64, 24 files in /var/lang/lib
      library          your probe     layerpack
      libexpat.so.1    /lib64         not there
      libpsl.so.5      not there      /lib64
      libpsl.so.5.3.5  not there      /lib64
      libzstd.so.1     /var/lang/lib  /lib64
    ");

    let document = scratch.layerpack("runtimes --from newer.json --format json").run().fine().json();
    let probe = &document["probe"];
    assert_eq!(
        (&probe["runtime"], &probe["arch"], &probe["date"]),
        (&"python3.13".into(), &"arm64".into(), &"2026-11-20".into())
    );
    let first = &probe["differences"][0];
    assert_eq!((&first["file"], &first["shipped"]["grade"]), (&"libexpat.so.1".into(), &"reported".into()));
    assert_eq!((&first["probed"]["grade"], &first["probed"]["folder"]), (&"probed".into(), &"/lib64".into()));
}

#[test]
fn what_is_no_probe_is_refused() {
    let scratch = Scratch::new();
    scratch.write("probe.json", "{\"errorMessage\": \"Unable to import module 'probe'\"}");
    assert_snapshot!(scratch.layerpack("runtimes --from probe.json").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP504]: probe.json: line 1, column 15: unknown field `errorMessage`, expected one of `layerpack-probe`, `date`, `runtime`, `arch`, `folders`
      help: deploy the function of docs/probe.md with the runtime, and save what it returns
    ");
    scratch.write("probe.json", vec![b' '; 1024 * 1024 + 1]);
    assert_snapshot!(scratch.layerpack("runtimes --from probe.json").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP504]: probe.json: larger than 1 MB, which no listing is
      help: deploy the function of docs/probe.md with the runtime, and save what it returns
    ");
    scratch.write("probe.json", [0xff, 0xfe]);
    assert_snapshot!(scratch.layerpack("runtimes --from probe.json").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP504]: probe.json: not text in UTF-8
      help: deploy the function of docs/probe.md with the runtime, and save what it returns
    ");
    assert_snapshot!(scratch.layerpack("runtimes --from nosuch.json").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP502]: nosuch.json: no such file or folder
      help: check the path; it is relative to the working directory
    ");
    assert_snapshot!(scratch.layerpack("runtimes 3.13 --from probe.json").run().refused(), @"
    exit 2
    ----- stderr -----
    error: the argument '[NAME]' cannot be used with '--from <FILE>'

    Usage: layerpack runtimes <NAME>

    For more information, try '--help'.
    ");
}

/// The format as `docs/probe.md` shows it is the format that is read, and its function gives the same fields.
#[test]
fn the_documented_format_is_the_one_that_is_read() {
    let page = include_str!("../../../../docs/probe.md");
    let block = |language: &str| {
        let (_, rest) = page.split_once(&format!("```{language}\n")).expect("a block");
        rest.split_once("```").expect("its end").0
    };
    let scratch = Scratch::new();
    scratch.write("probe.json", block("json"));
    let document = scratch.layerpack("runtimes --from probe.json --format json").run().fine().json();
    assert_eq!(document["probe"]["runtime"], "python3.13");
    let sample: Value = serde_json::from_str(block("json")).expect("JSON");
    for field in sample.as_object().expect("an object").keys() {
        assert!(block("python").contains(&format!("\"{field}\": ")), "the function gives no {field}");
    }
}
