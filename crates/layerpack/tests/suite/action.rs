//! The steps of the GitHub Action (action/*.sh), run as a runner does: in a shallow checkout of a pull request, with a
//! `gh` that writes down what it is asked for.

use std::path::Path;

use insta::assert_snapshot;
use testkit::FakeIndex;

use crate::pages::root;
use crate::shell::{Said, shell};
use crate::support::{Scratch, filtered, shop};

/// A repository whose first commit has these layers, and whose second has others; checked out as a runner does, without
/// the first.
struct PullRequest {
    scratch: Scratch,
    index: FakeIndex,
    base: String,
}

impl PullRequest {
    fn new(base: &[(&str, &str)], head: &[(&str, &str)]) -> Self {
        let scratch = Scratch::new();
        let git = "git -c user.name=a -c user.email=a@example.com -c init.defaultBranch=main";
        let commit = |files: &[(&str, &str)]| {
            for (path, text) in files {
                scratch.write(&format!("upstream/{path}"), text);
            }
            let lines =
                format!("set -e\ngit init -q . \n{git} add --all .\n{git} commit -qm changes\ngit rev-parse HEAD");
            shell(&scratch, "upstream", &lines, &[]).fine().text.trim().to_owned()
        };
        let base = commit(base);
        fs_err::remove_dir_all(scratch.path("upstream/src")).expect("the base has layers");
        commit(head);
        for name in ["output", "summary", "comments", "calls"] {
            scratch.write(name, "");
        }
        fs_err::create_dir(scratch.path("temp")).expect("a new folder");
        let clone = format!("git clone -q --depth=1 file://{} checkout", scratch.path("upstream").display());
        shell(&scratch, ".", &clone, &[]).fine();
        Self { scratch, index: shop().start(), base }
    }

    /// Runs one step in the checkout.
    fn step(&self, script: &str, variables: &[(&str, &str)]) -> Said {
        let at = |name: &str| self.scratch.path(name).display().to_string();
        let index = self.index.url();
        let (output, summary, temp) = (at("output"), at("summary"), at("temp"));
        let (comments, calls, path) = (at("comments"), at("calls"), at("path"));
        let mut all = vec![
            ("GITHUB_OUTPUT", output.as_str()),
            ("GITHUB_STEP_SUMMARY", &summary),
            ("GITHUB_PATH", &path),
            ("GITHUB_REPOSITORY", "owner/app"),
            ("RUNNER_TEMP", &temp),
            ("GH_COMMENTS", &comments),
            ("GH_CALLS", &calls),
            ("PIP_INDEX_URL", &index),
        ];
        all.extend_from_slice(variables);
        shell(&self.scratch, "checkout", &format!("{}/action/{script}", root().display()), &all)
    }

    fn build(&self, variables: &[(&str, &str)]) -> Said {
        let mut all =
            vec![("RUNTIME", "python3.12"), ("ARCH", "arm64"), ("OUT_DIR", "dist"), ("BASE", self.base.as_str())];
        all.extend_from_slice(variables);
        self.step("build.sh", &all)
    }

    /// What a step has handed over under a name, of one line.
    fn output(&self, name: &str) -> String {
        let text = self.scratch.text("output");
        let value = text.lines().rev().find_map(|line| line.strip_prefix(&format!("{name}=")));
        value.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
    }

    fn report(&self) -> String {
        let report = fs_err::read_to_string(self.output("report")).expect("the report");
        filtered(&report, Path::new("/no/folder"))
    }

    fn comment(&self, token: &str) -> Said {
        let (report, changed) = (self.output("report"), self.output("changed"));
        self.step("comment.sh", &[("NUMBER", "7"), ("GH_TOKEN", token), ("REPORT", &report), ("CHANGED", &changed)])
    }
}

const PYPI: &str = "src/layers/pypi/requirements.txt";

#[test]
fn a_pull_request_is_told_what_it_changes_and_what_that_weighs() {
    let request =
        PullRequest::new(&[(PYPI, "web==1.1\n")], &[(PYPI, "web==1.2\n"), ("src/layers/new/python/n.py", "")]);
    request.step("install.sh", &[("VERSION", "")]).fine();
    assert_eq!(request.output("cache-dir"), request.scratch.cache().display().to_string());
    request.build(&[("SOURCES", "src/layers/pypi\n src/layers/new")]).fine();
    assert_eq!(request.output("changed"), "true");
    assert!(request.scratch.text("output").contains(
        "zips<<layerpack-end\ndist/new-python3.12-arm64.zip\ndist/pypi-python3.12-arm64.zip\nlayerpack-end\n"
    ));
    assert_snapshot!(request.report(), @r"
    ### Lambda layers

    #### new-python3.12-arm64

    This layer is new.

    #### pypi-python3.12-arm64

    **1 package changed · 8 files differ** · 845 bytes → 2 kB unzipped (+582 bytes) · 2 kB → 3 kB zipped (+628 bytes)

    | package | before | after | unzipped | zipped |
    | --- | --- | --- | ---: | ---: |
    | web | 1.1 | 1.2 | +582 bytes | +628 bytes |

    <details><summary>8 files</summary>

    | file | | bytes |
    | --- | --- | ---: |
    | python/web-1.2.dist-info/RECORD | added | +409 bytes |
    | python/bin/web | added | +259 bytes |
    | python/web-1.1.dist-info/RECORD | removed | -256 bytes |
    | python/web-1.2.dist-info/METADATA | added | +203 bytes |
    | python/web-1.1.dist-info/WHEEL | removed | -78 bytes |
    | python/web-1.2.dist-info/WHEEL | added | +78 bytes |
    | python/web-1.1.dist-info/METADATA | removed | -70 bytes |
    | python/web-1.2.dist-info/entry\_points.txt | added | +37 bytes |

    </details>

    <details><summary>Weight of all layers together, python3.12-arm64: 2 kB of 250.0 MB unzipped · 3 kB zipped · 2 of 5 layers</summary>

    ```
    dist/new-python3.12-arm64.zip   layer  0 bytes unzipped  120 bytes zipped                1 file
    dist/pypi-python3.12-arm64.zip  layer     2 kB unzipped       3 kB zipped  2 packages  10 files

    2 kB of 250.0 MB unzipped · 3 kB zipped · 2 of 5 layers
    1427 of 262144000 bytes, 0.0 %; 250.0 MB left

    packages
      web 1.2           999 bytes  70.0 %       2 kB zipped  dist/pypi-python3.12-arm64.zip
      templates 2.1     428 bytes  30.0 %  931 bytes zipped  dist/pypi-python3.12-arm64.zip
      files of python/    0 bytes   0.0 %   98 bytes zipped  dist/new-python3.12-arm64.zip

    kinds of file
      metadata       2 kB  79.6 %       2 kB zipped
      other     259 bytes  18.1 %  262 bytes zipped
      Python     32 bytes   2.2 %  386 bytes zipped
    ```

    </details>
    ");
    assert_eq!(request.scratch.text("summary"), fs_err::read_to_string(request.output("report")).expect("the report"));

    request.comment("token").fine();
    let calls = request.scratch.text("calls");
    assert!(
        calls.starts_with("POST repos/owner/app/issues/7/comments\n<!-- layerpack -->\n### Lambda layers\n"),
        "{calls}"
    );
    // The next push writes it again.
    request.scratch.write("calls", "").write("comments", "41\n42\n");
    request.comment("token").fine();
    let calls = request.scratch.text("calls");
    assert!(calls.starts_with("PATCH repos/owner/app/issues/comments/41\n<!-- layerpack -->\n"), "{calls}");
    // A pull request from a fork has a token that only reads.
    let refused = request.comment("refused").fine();
    assert!(refused.text.contains("::warning::the comment could not be written"), "{}", refused.text);
}

#[test]
fn a_pull_request_that_changes_no_layer_gets_no_comment() {
    let request = PullRequest::new(&[(PYPI, "web==1.2\n")], &[(PYPI, "web==1.2\n"), ("README.md", "new")]);
    request.build(&[("SOURCES", "src/layers/pypi")]).fine();
    assert_eq!(request.output("changed"), "false");
    request.comment("token").fine();
    assert_eq!(request.scratch.text("calls"), "");
    // One that did before says so no longer.
    request.scratch.write("comments", "41\n");
    request.comment("token").fine();
    assert!(request.scratch.text("calls").starts_with("PATCH "));
}

#[test]
fn a_base_that_does_not_build_is_no_fault_of_the_pull_request() {
    let request = PullRequest::new(&[(PYPI, "nosuch\n")], &[(PYPI, "web==1.2\n")]);
    request.build(&[("SOURCES", "src/layers/pypi")]).fine();
    assert_eq!(request.output("changed"), "");
    let report = request.report();
    assert!(report.contains("could not be built, so there is no comparison"), "{report}");
    assert!(report.contains("LP301"), "{report}");
}

#[test]
fn what_does_not_build_or_weighs_too_much_fails_the_job() {
    let request = PullRequest::new(&[(PYPI, "web==1.1\n")], &[(PYPI, "nosuch\n")]);
    let said = request.build(&[("SOURCES", "src/layers/pypi")]);
    assert_eq!(said.code, 1, "{}", said.text);
    assert!(said.text.contains("::error title=LP301"), "{}", said.text);
    let said = request.build(&[("SOURCES", "src/layers/gone")]);
    assert_eq!(said.code, 2, "{}", said.text);
    assert!(said.text.contains("::error::there is no src/layers/gone"), "{}", said.text);
}

#[test]
fn outside_pull_requests_there_is_no_comparison() {
    let request = PullRequest::new(&[(PYPI, "web==1.1\n")], &[(PYPI, "web==1.2\n")]);
    request.build(&[("SOURCES", "src/layers/pypi"), ("BASE", ""), ("ARGS", "--emit zip\n--budget 1MB")]).fine();
    assert_eq!(request.output("changed"), "");
    assert_eq!(request.scratch.names("checkout/dist"), ["pypi-python3.12-arm64.zip"]);
}

#[test]
fn check_makes_annotations() {
    let request = PullRequest::new(&[(PYPI, "web==1.1\n")], &[(PYPI, "tables==2.0\n")]);
    let target = [("RUNTIME", "python3.12"), ("ARCH", "x86_64")];
    let check = |paths: &str| request.step("check.sh", &[&target[..], &[("CHECK", paths)]].concat());
    let said = check("src/layers/*/requirements.txt");
    assert_eq!(said.code, 1, "{}", said.text);
    assert!(said.text.contains("::error"), "{}", said.text);
    assert_eq!(check("src/layers/*/*.whl").code, 2);
}
