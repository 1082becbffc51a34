//! What a build leaves out where it is asked to: `--slim` and `--exclude-runtime-sdk`.

use insta::assert_snapshot;
use testkit::{FakeIndex, WheelBuilder};

use crate::support::{Scratch, pure};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

fn engine() -> WheelBuilder {
    pure("engine", "1.0")
        .file("engine/tests/test_engine.py", "def test_it(): ...\n".repeat(100))
        .file("engine/tests/support.py", "x = 1\n")
        .file("engine/testing.py", "from engine.tests import support\n")
        .file("engine/engine.pyi", "x: int\n".repeat(10))
        .file("engine/engine.h", "int x;\n")
}

#[test]
fn slim_says_what_went_and_why_some_stayed() {
    let scratch = Scratch::new();
    scratch.wheel("src", &engine());
    let ran = scratch.layerpack(&format!("build src {TARGET} --offline --slim tests,pyi --slim docs -v")).run().fine();
    let said = ran.stderr.lines().filter(|line| !line.starts_with("DEBUG")).collect::<Vec<_>>().join("\n");
    assert_snapshot!(said, @"
    src   python3.12 · x86_64
    1 package
    674 bytes of 250.0 MB unzipped · 2 kB zipped
    slimmed by 2 kB: tests 2 kB (1 file), pyi 70 bytes (1 file)
      engine keeps 1 file of tests: engine/testing.py imports engine.tests.support
    aws lambda publish-layer-version --layer-name src --zip-file fileb://dist/src-python3.12-x86_64.zip --compatible-runtimes python3.12 --compatible-architectures x86_64
    ");
    let report: serde_json::Value =
        serde_json::from_slice(&scratch.read("dist/src-python3.12-x86_64.json")).expect("a report");
    assert_snapshot!(serde_json::to_string_pretty(&(&report["slimmed"], &report["kept"])).expect("JSON"), @r#"
    [
      [
        {
          "files": 1,
          "rule": "tests",
          "unzipped": 1900,
          "zipped": 188
        },
        {
          "files": 1,
          "rule": "pyi",
          "unzipped": 70,
          "zipped": 136
        },
        {
          "files": 0,
          "rule": "docs",
          "unzipped": 0,
          "zipped": 0
        }
      ],
      [
        {
          "files": 1,
          "package": "engine",
          "reason": "engine/testing.py imports engine.tests.support",
          "rule": "tests"
        }
      ]
    ]
    "#);
    let json = scratch.layerpack(&format!("build src {TARGET} --offline --slim all --format json")).run().fine().json();
    assert_eq!(json["slimmed"].as_array().map(Vec::len), Some(5), "{json}");
    assert_eq!(json["kept"][0]["package"], "engine", "{json}");
}

#[test]
fn a_locked_build_knows_that_it_was_slim() {
    let index = FakeIndex::builder().wheel(engine()).start();
    let scratch = Scratch::with_requirements("engine\n");
    scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run().fine();
    let build = |flags: &str| {
        scratch.layerpack(&format!("build src {TARGET} {flags} -o layer.zip")).index(&index).run().fine().stderr
    };
    assert!(!build("").contains("nothing has changed"));
    let slim = build("--slim all");
    assert!(slim.contains("slimmed by") && !slim.contains("nothing has changed"), "{slim}");
    let again = build("--slim all");
    assert!(again.contains("slimmed by") && again.contains("nothing has changed"), "{again}");
}

#[test]
fn an_unknown_rule_is_refused() {
    let scratch = Scratch::new();
    assert_snapshot!(scratch.layerpack("build src --slim test").run().refused(), @"
    exit 2
    ----- stderr -----
    error: invalid value 'test' for '--slim <RULE>'
      [possible values: tests, pyi, headers, pycache, docs, all]

      tip: a similar value exists: 'tests'

    For more information, try '--help'.
    ");
}

/// boto3 as it is, and what requires parts of it.
fn cloud() -> FakeIndex {
    FakeIndex::builder()
        .wheel(pure("boto3", "1.42.99").requires("botocore>=1.42.97,<1.43").requires("s3transfer>=0.16"))
        .wheel(pure("botocore", "1.42.99").requires("jmespath<2").requires("python-dateutil").requires("urllib3<3"))
        .wheel(pure("s3transfer", "0.16.2").requires("botocore"))
        .wheel(pure("jmespath", "1.1.0"))
        .wheel(pure("python-dateutil", "2.9.0").requires("six"))
        .wheel(pure("six", "1.17.0"))
        .wheel(pure("urllib3", "2.5.0"))
        .wheel(pure("requests", "2.32.0").requires("urllib3<3"))
        .wheel(pure("xray", "2.14.0").requires("botocore>=1.11"))
        .wheel(pure("aio", "1.0").requires("botocore<1.40"))
        .wheel(pure("botocore", "1.39.0").requires("jmespath<2"))
        .start()
}

#[test]
fn the_sdk_is_left_to_the_runtime() {
    let index = cloud();
    let scratch = Scratch::with_requirements("boto3\nrequests\nxray\n");
    let ran = scratch.layerpack(&format!("build src {TARGET} --exclude-runtime-sdk --emit report")).index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    dist/src-python3.12-x86_64.json   sha256 [SHA256]
    ----- stderr -----
    note[LP422]: left to python3.12, which has boto3 1.42.97, botocore 1.42.97, jmespath 1.0.1, python-dateutil 2.9.0.post0, s3transfer 0.16.0, six 1.17.0 (needed by src/requirements.txt line 1, xray 2.14.0)
             help: AWS changes these versions without notice and recommends packing the SDK; to do so, leave --exclude-runtime-sdk out
    src   python3.12 · x86_64
    3 packages
    2 kB of 250.0 MB unzipped · 3 kB zipped
    ");
    let report: serde_json::Value =
        serde_json::from_slice(&scratch.read("dist/src-python3.12-x86_64.json")).expect("a report");
    let left = report["left_to_runtime"].as_array().expect("a list");
    assert_snapshot!(serde_json::to_string_pretty(&left[..2]).expect("JSON"), @r#"
    [
      {
        "name": "boto3",
        "needed_by": [
          "src/requirements.txt line 1"
        ],
        "runtime_version": "1.42.97",
        "version": "1.42.99"
      },
      {
        "name": "botocore",
        "needed_by": [
          "xray 2.14.0"
        ],
        "runtime_version": "1.42.97",
        "version": "1.42.99"
      }
    ]
    "#);

    // The same packages as size promises.
    scratch.layerpack(&format!("build src {TARGET} -o whole.zip")).index(&index).run().fine();
    let size = scratch.layerpack("size whole.zip --format json").run().fine().json();
    let saving = size["savings"].as_array().into_iter().flatten().find(|saving| saving["rule"] == "runtime-sdk");
    let promised: Vec<&str> = saving.expect("a saving")["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str())
        .collect();
    let gone: Vec<&str> = left.iter().filter_map(|left| left["name"].as_str()).collect();
    assert_eq!(promised, gone);

    let resolved = scratch.layerpack(&format!("resolve src {TARGET} --exclude-runtime-sdk")).index(&index).run().fine();
    assert_snapshot!(resolved, @"
    exit 0
    ----- stdout -----
    requests  2.32.0  931 bytes
    urllib3   2.5.0   891 bytes
    xray      2.14.0  897 bytes
    ----- stderr -----
    note[LP422]: left to python3.12, which has boto3 1.42.97, botocore 1.42.97, jmespath 1.0.1, python-dateutil 2.9.0.post0, s3transfer 0.16.0, six 1.17.0 (needed by src/requirements.txt line 1, xray 2.14.0)
             help: AWS changes these versions without notice and recommends packing the SDK; to do so, leave --exclude-runtime-sdk out
    src: 3 packages for python3.12 · x86_64
    ");
}

#[test]
fn a_lock_keeps_the_sdk_and_a_build_from_it_does_not() {
    let index = cloud();
    let scratch = Scratch::with_requirements("boto3\nrequests\n");
    let locked = scratch.layerpack(&format!("lock src {TARGET} --exclude-runtime-sdk")).index(&index).run().fine();
    assert!(locked.stderr.contains("the lock has the SDK all the same"), "{locked}");
    assert!(scratch.text("src/pylock.toml").contains("name = \"botocore\""));
    let ran = scratch.layerpack(&format!("build src {TARGET} --exclude-runtime-sdk -o layer.zip")).index(&index).run();
    assert_snapshot!(ran, @"
    exit 0
    ----- stdout -----
    layer.zip   sha256 [SHA256]
    ----- stderr -----
    note[LP422]: left to python3.12, which has boto3 1.42.97, botocore 1.42.97, jmespath 1.0.1, python-dateutil 2.9.0.post0, s3transfer 0.16.0, six 1.17.0 (needed by src/requirements.txt line 1)
             help: AWS changes these versions without notice and recommends packing the SDK; to do so, leave --exclude-runtime-sdk out
    src   python3.12 · x86_64   (src/pylock.toml)
    2 packages
    883 bytes of 250.0 MB unzipped · 2 kB zipped
    ");
}

#[test]
fn another_sdk_than_the_runtimes_is_named() {
    let index = cloud();
    let scratch = Scratch::with_requirements("aio\n");
    let build = format!("build src {TARGET} --exclude-runtime-sdk");
    assert_snapshot!(scratch.layerpack(&build).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP418]: aio 1.0 requires botocore<1.40; python3.12 has botocore 1.42.97
      help: pack the SDK: leave --exclude-runtime-sdk out
    ");
    // From a lock, which does not say which versions are required, the packages themselves tell.
    scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run().fine();
    assert_snapshot!(scratch.layerpack(&build).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    note[LP422]: left to python3.12, which has botocore 1.42.97, jmespath 1.0.1 (needed by aio 1.0)
             help: AWS changes these versions without notice and recommends packing the SDK; to do so, leave --exclude-runtime-sdk out
    error[LP418]: aio 1.0 requires botocore<1.40; the layer has no botocore, and the runtime's own is 1.42.97
      help: pack the SDK: leave --exclude-runtime-sdk out
    ");

    let scratch = Scratch::with_requirements("boto3==1.42.99\nrequests\n");
    assert_snapshot!(scratch.layerpack(&build).index(&index).run().refused(), @"
    exit 1
    ----- stderr -----
    error[LP418]: src/requirements.txt line 1 requires boto3==1.42.99; python3.12 has boto3 1.42.97
      help: pack the SDK: leave --exclude-runtime-sdk out
    ");
    let scratch = Scratch::with_requirements("boto3\n");
    assert_snapshot!(scratch.layerpack(&build).index(&index).run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP503]: src names nothing but the AWS SDK, which python3.12 has
      help: leave --exclude-runtime-sdk out to pack it, or attach no layer
    ");
    let scratch = Scratch::with_requirements("requests\n");
    let none = scratch.layerpack(&build).index(&index).run().fine();
    assert!(none.stderr.contains("boto3 is not among the packages"), "{none}");
}

#[test]
fn over_budget_names_what_the_flags_would_leave() {
    let scratch = Scratch::new();
    scratch.wheel("src", &engine());
    let ran = scratch.layerpack(&format!("build src {TARGET} --offline --budget 2k")).run();
    assert_snapshot!(ran.refused(), @"
    exit 1
    ----- stderr -----
    error[LP401]: the layer has 2800 bytes unzipped against a limit of 2048: 752 too many
      help: engine 1.0 takes 3 kB (without it 0 bytes); --slim tests,pyi would leave 830 bytes, which fits; a container image may have 10 GB
    ");
}

#[test]
fn the_configuration_says_it_as_well() {
    let index = cloud();
    let scratch = Scratch::with_requirements("boto3\nrequests\nxray\n");
    scratch.write("code/app.py", "x = 1\n").write(
        "layerpack.toml",
        "runtime = \"python3.12\"\nslim = \"all\"\nexclude-runtime-sdk = true\n\
             [layers.app]\nsource = \"src\"\nflat = true\ninclude = \"code\"\n",
    );
    let ran = scratch.layerpack("build").index(&index).run().fine();
    let listing = testkit::zip_listing(&scratch.read("dist/app-python3.12-x86_64.zip"));
    let paths: Vec<&str> = listing.lines().filter_map(|line| line.rsplit(' ').next()).collect();
    assert!(paths.contains(&"app.py") && paths.contains(&"requests/__init__.py"), "{paths:?}");
    assert!(!paths.iter().any(|path| path.starts_with("boto")), "{paths:?}");
    assert!(ran.stderr.contains("there was nothing to leave out") && ran.stderr.contains("   function"), "{ran}");
}
