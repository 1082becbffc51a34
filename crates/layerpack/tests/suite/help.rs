//! What the command says of itself.

use insta::assert_snapshot;

use crate::support::Scratch;

pub(crate) fn said(arguments: &str) -> String {
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
      build        Resolve, download, check, pack and weigh a layer
      check        Say whether wheels load on Lambda, and what to do where they do not
      resolve      Print what build would take
      lock         Write pylock.toml (PEP 751) beside the source
      fetch        Download the target's wheels into a folder
      size         Weigh layers and the function together against Lambda's limits
      runtimes     Print what the Lambda runtimes offer, every fact with its source
      explain      Say what a finding, or a line from CloudWatch, means and how to fix it
      diff         Say what changed from one layer or lock to another: packages, versions, files, bytes,
                   findings
      cache        Show, clear and check what is kept from run to run
      init         Write layerpack.toml from what the project's files say of its layers
      completions  Print what a shell needs to complete the command line

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Configuration:
          --config <FILE>  Read this layerpack.toml or pyproject.toml, and not the nearest one
          --no-config      Read no layerpack.toml, and no [tool.layerpack] of pyproject.toml

    Printing:
          --format <FORMAT>  What to print on stdout [default: text] [possible values: text, json,
                             github, requirements, markdown, terraform]
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
    error[LP501]: no PATH is named
      help: name wheels, layer and function zips, unpacked trees or requirement files, or configure layers in layerpack.toml
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
pub(crate) fn sections(help: &str) -> Vec<String> {
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
      build        Resolve, download, check, pack and weigh a layer
      check        Say whether wheels load on Lambda, and what to do where they do not
      resolve      Print what build would take
      lock         Write pylock.toml (PEP 751) beside the source
      fetch        Download the target's wheels into a folder
      size         Weigh layers and the function together against Lambda's limits
      runtimes     Print what the Lambda runtimes offer, every fact with its source
      explain      Say what a finding, or a line from CloudWatch, means and how to fix it
      diff         Say what changed from one layer or lock to another: packages, versions, files, bytes,
                   findings
      cache        Show, clear and check what is kept from run to run
      init         Write layerpack.toml from what the project's files say of its layers
      completions  Print what a shell needs to complete the command line

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Configuration:
          --config <FILE>
              Read this layerpack.toml or pyproject.toml, and not the nearest one

          --no-config
              Read no layerpack.toml, and no [tool.layerpack] of pyproject.toml

    Printing:
          --format <FORMAT>
              What to print on stdout

              Possible values:
              - text:         For people
              - json:         One JSON document, `"schema": 1`
              - github:       Annotations of GitHub Actions
              - requirements: Pinned requirement lines (resolve only)
              - markdown:     For pull requests (diff only)
              - terraform:    Flat strings, for Terraform's data source `external` (build only)

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

fn is_of_packages(section: &str) -> bool {
    section.starts_with("Packages:")
}

#[test]
fn help_of_packages() {
    let own = sections(&said("build --help")).into_iter().filter(|section| is_of_packages(section));
    assert_snapshot!(own.collect::<String>(), @"
    Packages:
          --from <FILE>
              Take the packages from this file of SOURCE, and not from the first of pylock.toml,
              uv.lock, poetry.lock, Pipfile.lock, requirements.txt and pyproject.toml

          --extra <NAME>
              An extra of the project or lock; repeatable or comma-separated

          --all-extras
              Every extra of the project or lock

          --group <NAME>
              A dependency group of the project or lock; without it none is taken

          --all-groups
              Every dependency group of the project or lock

          --no-group <NAME>
              Not this dependency group, with --all-groups

          --package <NAME>
              The member of a uv workspace whose packages are wanted

          --exclude-runtime-sdk
              Leave boto3 and what only it needs to the runtime, in the versions that it has (AWS
              advises against it)
    ");
}

#[test]
fn help_of_build() {
    // Those of every command are in the help of all.
    let of_all = |section: &str| section.starts_with("Configuration:") || section.starts_with("Printing:");
    let elsewhere = [is_of_packages, is_of_indexes, is_of_what_is_written, of_all];
    let own = sections(&said("build --help")).into_iter().filter(|section| !elsewhere.iter().any(|is| is(section)));
    assert_snapshot!(own.collect::<String>(), @r#"
    exit 0
    ----- stdout -----
    Resolve, download, check, pack and weigh a layer

    Usage: layerpack build [OPTIONS] [SOURCE]...
    Arguments:
      [SOURCE]...
              Folder with a requirement or lock file and/or *.whl, such a file, wheels (named together:
              one layer), or the name of a configured layer; without any, all layers of the
              configuration
    Options:
      -r, --requirement <FILE>
              A requirements file (as SOURCE, in pip's spelling)

      -c, --constraint <FILE>
              Restrict versions by this constraints file

      -h, --help
              Print help (see a summary with '-h')
    Target:
          --runtime <RUNTIME>
              Lambda runtime, `python3.12`; repeatable or comma-separated

          --python-version <X.Y>
              The same as --runtime, in pip's and uv's spelling: `3.12`

          --arch <ARCH>
              `arm64` or `x86_64`; repeatable or comma-separated

          --platform <PLATFORM>
              pip's and uv's name of the platform, where it is one of Lambda's: `manylinux2014_aarch64`
    Layers below:
          --on-top-of <LAYER>
              A layer that the function has below this one: a zip, an unpacked tree, a report of build,
              or (where layers are built) a SOURCE or a configured layer by its name. Its versions hold,
              and nothing of it is packed again; repeatable, the lowest first
    Judging:
          --provides <SONAME>
              A shared library that is known to be there: `libgomp.so.1`; repeatable or comma-separated

          --ignore <CODE[:PACKAGE]>
              Leave findings out, of all packages or of one: `LP131`, `LP131:numba`; repeatable or
              comma-separated
    Lock:
          --locked
              Refuse where there is no lock that satisfies the source

          --frozen
              Take the lock as it is, without looking at the source
    Work:
      -j, --jobs <N>
              Threads at most, for fetching, checking and copying, and layers at once (where not given
              one for each core, 16 for downloads, and 8 layers)
    "#);
}

#[test]
fn help_of_what_build_writes() {
    let own = sections(&said("build --help")).into_iter().filter(|section| is_of_what_is_written(section));
    assert_snapshot!(own.collect::<String>(), @"
    Output:
          --slim <RULE>
              Leave out files that no function needs, but for those that something reads; repeatable or
              comma-separated

              [possible values: tests, pyi, headers, pycache, docs, all]

          --out-dir <FOLDER>
              Folder for everything that is built (dist, where not given)

      -o, --output <PATH>
              This one zip (X.zip), or this folder as the layer's root

          --emit <EMIT>
              What to write into --out-dir (zip, tree and report, where not given)

              Possible values:
              - zip:    `<name>-<runtime>-<arch>.zip`
              - tree:   `<name>-<runtime>-<arch>/python/…`
              - report: `<name>-<runtime>-<arch>.json`
              - html:   `<name>-<runtime>-<arch>.html`: a treemap of what the layer holds, as `size
                --html` draws it
              - sbom:   `<name>-<runtime>-<arch>.cdx.json`: `CycloneDX`, without any time

          --name <NAME>
              The layer's name (the source folder's, where not given)

          --budget <SIZE>
              Unzipped limit in bytes, or with k, M or G (1,024 each)

          --reserve <NAME=SIZE>
              Set weight and a layer's slot aside for what else the function has: `Lambda Web
              Adapter=5MB`; repeatable

          --dry-run
              Say what would be written, with the zip's sha256, and write nothing. Wheels that the cache
              has not got are still downloaded into it, unless --offline
    Function:
          --flat
              Make a function's zip: packages at its root, without python/

          --include <FOLDER>
              Pack what is in this folder too, code and data: below python/, with --flat at the
              function's root; repeatable
    ");
}

fn is_of_what_is_written(section: &str) -> bool {
    section.starts_with("Output:") || section.starts_with("Function:")
}

pub(crate) fn is_of_indexes(section: &str) -> bool {
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

    Usage: layerpack check [OPTIONS] [PATH]...
    Arguments:
      [PATH]...
              Wheels, folders that have wheels directly in them, layer and function zips, unpacked
              trees, requirement files, configured layers by their names; without any, the sources of
              all layers of the configuration
    Options:
          --together
              Judge all PATHs as one function, merged in this order

          --lock <FILE>
              Prove that every file of the one layer or function named comes from the wheels of this
              lock

      -h, --help
              Print help (see a summary with '-h')
    Judging:
          --provides <SONAME>
              A shared library that is known to be there: `libgomp.so.1`; repeatable or comma-separated

          --ignore <CODE[:PACKAGE]>
              Leave findings out, of all packages or of one: `LP131`, `LP131:numba`; repeatable or
              comma-separated

          --strict
              Count warnings as errors
    Requirement and lock files:
          --deep
              Download the wheels and judge their bytes too

          --if-possible
              Warn and pass where a file cannot be checked for want of a network

      -c, --constraint <FILE>
              Restrict versions by this constraints file
    exit 0
    ----- stdout -----
    Print what build would take

    Usage: layerpack resolve [OPTIONS] [SOURCE]...
    Views:
          --tree
              Print what requires what below each requirement line, with the sizes of the wheels

          --why <NAME>
              Print every way from the requirement lines to a package
    exit 0
    ----- stdout -----
    Write pylock.toml (PEP 751) beside the source

    Usage: layerpack lock [OPTIONS] [SOURCE]...
    Lock:
      -U, --upgrade
              Take the newest versions, whatever the lock has

      -P, --upgrade-package <NAME[==VERSION]>
              Take the newest version of this package, or the one named; repeatable or comma-separated

          --same-versions
              Refuse where no single version of a package fits all targets

          --check
              Write nothing; exit 1 if the lock would change

          --dry-run
              Write nothing; say what would change
    exit 0
    ----- stdout -----
    Download the target's wheels into a folder

    Usage: layerpack fetch [OPTIONS] --output <FOLDER> [SOURCE]...
    Output:
      -o, --output <FOLDER>
              Folder for the wheels; it is made if missing
    exit 0
    ----- stdout -----
    Print what the Lambda runtimes offer, every fact with its source

    Usage: layerpack runtimes [OPTIONS] [NAME]
    Arguments:
      [NAME]
              One runtime, all its facts; with -v every name
    Options:
          --from <FILE>
              What a function of yours lists (see docs/probe.md): print what differs

      -h, --help
              Print help (see a summary with '-h')
    ");
}
