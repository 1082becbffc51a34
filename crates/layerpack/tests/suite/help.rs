//! What the command says of itself.

use insta::assert_snapshot;

use crate::support::Scratch;

fn said(arguments: &str) -> String {
    let text = Scratch::new().layerpack(arguments).env("COLUMNS", "100").run().to_string();
    // clap leaves blanks on empty lines.
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn version_and_no_arguments() {
    assert_snapshot!(said("--version"), @"
    exit 0
    ----- stdout -----
    layerpack 0.1.0
    ");
    assert_snapshot!(said(""), @"
    exit 2
    ----- stderr -----
    Turn requirements.txt into an AWS Lambda layer, and check that its wheels load there: no Docker, no
    Python

    Usage: layerpack [OPTIONS] <COMMAND>

    Commands:
      build     Resolve, download, check, pack and weigh a layer
      check     Say whether wheels load on Lambda, and what to do where they do not
      resolve   Print what build would take
      lock      Write pylock.toml (PEP 751) beside the source
      fetch     Download the target's wheels into a folder
      runtimes  Print what the Lambda runtimes offer, every fact with its source

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Printing:
          --format <FORMAT>  What to print on stdout [default: text] [possible values: text, json,
                             requirements]
      -q, --quiet            Print errors only
      -v, --verbose...       Print more on stderr; twice for requests and timings
          --color <COLOR>    When to colour [default: auto] [possible values: auto, always, never]
    ");
    assert_snapshot!(said("biuld src"), @"
    exit 2
    ----- stderr -----
    error: unrecognized subcommand 'biuld'

      tip: a similar subcommand exists: 'build'

    Usage: layerpack [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(said("check"), @"
    exit 2
    ----- stderr -----
    error: the following required arguments were not provided:
      <PATH>...

    Usage: layerpack check <PATH>...

    For more information, try '--help'.
    ");
    assert_snapshot!(said("build src --runtim 3.12"), @"
    exit 2
    ----- stderr -----
    error: unexpected argument '--runtim' found

      tip: a similar argument exists: '--runtime'

    Usage: layerpack build --runtime <RUNTIME> <SOURCE>...

    For more information, try '--help'.
    ");
}

/// The parts of a help text, each from its heading on.
fn sections(help: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    for line in help.lines() {
        if line.ends_with(':') && !line.starts_with(' ') {
            sections.push(String::new());
        }
        let section = sections.last_mut().expect("there is one");
        section.push_str(line);
        section.push('\n');
    }
    sections.iter().map(|section| section.trim_end().to_owned() + "\n").collect()
}

#[test]
fn help() {
    assert_snapshot!(said("--help"), @r#"
    exit 0
    ----- stdout -----
    Turn requirements.txt into an AWS Lambda layer, and check that its wheels load there: no Docker, no
    Python

    Usage: layerpack [OPTIONS] <COMMAND>

    Commands:
      build     Resolve, download, check, pack and weigh a layer
      check     Say whether wheels load on Lambda, and what to do where they do not
      resolve   Print what build would take
      lock      Write pylock.toml (PEP 751) beside the source
      fetch     Download the target's wheels into a folder
      runtimes  Print what the Lambda runtimes offer, every fact with its source

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Printing:
          --format <FORMAT>
              What to print on stdout

              Possible values:
              - text:         For people
              - json:         One JSON document, `"schema": 1`
              - requirements: Pinned requirement lines (resolve only)

              [default: text]

      -q, --quiet
              Print errors only

      -v, --verbose...
              Print more on stderr; twice for requests and timings

          --color <COLOR>
              When to colour

              [default: auto]
              [possible values: auto, always, never]
    "#);
}

#[test]
fn help_of_build() {
    let own = sections(&said("build --help")).into_iter().filter(|section| !is_of_indexes(section));
    assert_snapshot!(own.collect::<String>(), @r#"
    exit 0
    ----- stdout -----
    Resolve, download, check, pack and weigh a layer

    Usage: layerpack build [OPTIONS] [SOURCE]...
    Arguments:
      [SOURCE]...
              Folder with a requirement or lock file and/or *.whl, such a file, or wheels (named
              together: one layer)
    Options:
      -r, --requirement <FILE>
              A requirements file (as SOURCE, in pip's spelling)

      -c, --constraint <FILE>
              Restrict versions by this constraints file

      -h, --help
              Print help (see a summary with '-h')
    Packages:
          --from <FILE>
              Take the packages from this file of SOURCE, and not from the first of pylock.toml,
              uv.lock, poetry.lock, Pipfile.lock, requirements.txt and pyproject.toml

          --extra <NAME>
              An extra of the project or lock; repeatable or comma-separated

          --group <NAME>
              A dependency group of the project or lock; without it none is taken

          --package <NAME>
              The member of a uv workspace whose packages are wanted
    Target:
          --runtime <RUNTIME>
              Lambda runtime, `python3.12`; repeatable or comma-separated

          --python-version <X.Y>
              The same as --runtime, in pip's and uv's spelling: `3.12`

          --arch <ARCH>
              `arm64` or `x86_64`; repeatable or comma-separated
    Output:
          --out-dir <FOLDER>
              Folder for everything that is built

              [default: dist]

      -o, --output <PATH>
              This one zip (X.zip), or this folder as the layer's root

          --emit <EMIT>
              What to write into --out-dir

              Possible values:
              - zip:    `<name>-<runtime>-<arch>.zip`
              - tree:   `<name>-<runtime>-<arch>/python/…`
              - report: `<name>-<runtime>-<arch>.json`

              [default: zip tree report]

          --name <NAME>
              The layer's name (the source folder's, where not given)

          --budget <SIZE>
              Unzipped limit in bytes, or with k, M or G (1,024 each)

      -j, --jobs <N>
              Threads for checking and copying (all cores, where not given)
    Lock:
          --locked
              Refuse where there is no lock that satisfies the source

          --frozen
              Take the lock as it is, without looking at the source
    Printing:
          --format <FORMAT>
              What to print on stdout

              Possible values:
              - text:         For people
              - json:         One JSON document, `"schema": 1`
              - requirements: Pinned requirement lines (resolve only)

              [default: text]

      -q, --quiet
              Print errors only

      -v, --verbose...
              Print more on stderr; twice for requests and timings

          --color <COLOR>
              When to colour

              [default: auto]
              [possible values: auto, always, never]
    "#);
}

#[test]
fn help_on_indexes_and_resolution() {
    let theirs = sections(&said("build --help")).into_iter().filter(|section| is_of_indexes(section));
    assert_snapshot!(theirs.collect::<String>(), @"
    Resolution:
          --no-deps
              Take what is named and nothing that it requires

          --pre
              Allow pre-releases (the same as --prerelease allow)

          --prerelease <WHEN>
              When a pre-release may be taken

              Possible values:
              - allow:                    Always
              - disallow:                 Never
              - if-necessary-or-explicit: Where a requirement names one, or a project has nothing else

          --require-hashes
              Demand a hash for every requirement
    Indexes:
      -i, --index-url <URL>
              The default index (Simple API, PEP 503 or 691)

              [alias: --default-index]

          --extra-index-url <URL>
              A further index; the first that knows a project serves it

          --index <URL>
              A further index, asked before the default one

      -f, --find-links <PATH|URL>
              A folder or page of wheels that join whatever the index has

          --no-index
              Ask no index, only --find-links and local wheels

          --offline
              Open no socket; what is not in the cache is an error

          --refresh
              Ask again for everything that the cache has

          --cache-dir <FOLDER>
              Where downloads are kept

          --cert <FILE>
              Certificates (PEM) to trust besides the system's

          --proxy <URL>
              Proxy for all requests
    ");
}

fn is_of_indexes(section: &str) -> bool {
    section.starts_with("Resolution:") || section.starts_with("Indexes:")
}

#[test]
fn help_of_the_other_commands_where_it_is_not_that_of_build() {
    let build = sections(&said("build --help"));
    let mut own = String::new();
    for command in ["check", "resolve", "lock", "fetch", "runtimes"] {
        let help = sections(&said(&format!("{command} --help")));
        own.extend(help.into_iter().filter(|section| !build.contains(section)));
    }
    assert_snapshot!(own, @"
    exit 0
    ----- stdout -----
    Say whether wheels load on Lambda, and what to do where they do not

    Usage: layerpack check [OPTIONS] <PATH>...
    Arguments:
      <PATH>...
              Wheels, or folders that have wheels directly in them
    Options:
          --strict
              Count warnings as errors

      -h, --help
              Print help (see a summary with '-h')
    exit 0
    ----- stdout -----
    Print what build would take

    Usage: layerpack resolve [OPTIONS] [SOURCE]...
    exit 0
    ----- stdout -----
    Write pylock.toml (PEP 751) beside the source

    Usage: layerpack lock [OPTIONS] [SOURCE]...
    exit 0
    ----- stdout -----
    Download the target's wheels into a folder

    Usage: layerpack fetch [OPTIONS] --output <FOLDER> [SOURCE]...
    Indexes:
      -i, --index-url <URL>
              The default index (Simple API, PEP 503 or 691)

              [alias: --default-index]

          --extra-index-url <URL>
              A further index; the first that knows a project serves it

          --index <URL>
              A further index, asked before the default one

      -f, --find-links <PATH|URL>
              A folder or page of wheels that join whatever the index has

          --no-index
              Ask no index, only --find-links and local wheels

          --offline
              Open no socket; what is not in the cache is an error

          --refresh
              Ask again for everything that the cache has

          --cache-dir <FOLDER>
              Where downloads are kept

          --cert <FILE>
              Certificates (PEM) to trust besides the system's

          --proxy <URL>
              Proxy for all requests

      -o, --output <FOLDER>
              Folder for the wheels; it is made if missing
    exit 0
    ----- stdout -----
    Print what the Lambda runtimes offer, every fact with its source

    Usage: layerpack runtimes [OPTIONS] [NAME]
    Arguments:
      [NAME]
              One runtime, all its facts
    Options:
      -h, --help
              Print help (see a summary with '-h')
    ");
}

#[test]
fn runtimes() {
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
    let facts = said("runtimes 3.12");
    assert_snapshot!(facts.lines().take(16).collect::<Vec<_>>().join("\n"), @"
    exit 0
    ----- stdout -----
    python3.12 (live)
      stage                  generally available
                               endoflife-date/endoflife.date products/aws-lambda.md @a70eca337 (2026-11-22)
      python                 3.12.13
                               shogo82148/docker-lambda dockerfiles/python3.12/fs-x86_64.txt @9db92970 (2026-11-22)
                               exact: lib2to3/Grammar3.12.13.final.0.pickle is in the runtime; AWS raises the patch without notice
      operating system       Amazon Linux 2023
                               https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html (2026-11-22)
      glibc                  2.34
                               aws/aws-lambda-builders aws_lambda_builders/workflows/python_pip/packager.py @cd41bcf1 (2026-11-22)
                               glibc-2.34-231 in shogo82148/docker-lambda dockerfiles/base.al2023/packages-x86_64.txt @9db92970
      libstdc++ GLIBCXX      3.4.29 everywhere, 3.4.33 on recent updates
                               shogo82148/docker-lambda dockerfiles/base.al2023/fs-x86_64.txt @9db92970 (2026-11-22)
                               libstdc++.so.6.0.29 (gcc 11) until 2025-05, 6.0.33 (gcc 14) in every list since 2025-06-04; functions with manually managed runtime updates may still have the older
    ");
    assert_snapshot!(said("runtimes ruby3.4"), @"
    exit 2
    ----- stderr -----
    error[LP507]: no Lambda runtime `ruby3.4`; known are python3.15, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8
    ");
}

#[test]
fn every_fact_of_every_runtime_has_its_source_and_date() {
    let ran = Scratch::new().layerpack("runtimes --format json").run().fine();
    let document = ran.json();
    let runtimes = document["runtimes"].as_array().expect("runtimes");
    assert_eq!((&document["schema"], runtimes.len()), (&1.into(), 8));
    for runtime in runtimes {
        for fact in runtime["facts"].as_array().expect("facts") {
            for field in ["fact", "value", "source", "checked"] {
                assert!(fact[field].as_str().is_some_and(|text| !text.is_empty()), "{runtime}: {fact}");
            }
        }
    }
}
