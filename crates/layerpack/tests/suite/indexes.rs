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

#[test]
fn a_pinned_package_comes_from_its_index_only() {
    let (all, own) = (with("9.0"), FakeIndex::builder().wheel(pure("thing", "1.0").requires("other")).start());
    all.change(|index| index.wheel(pure("other", "1.0")));
    own.change(|index| index.wheel(pure("other", "0.1")));
    let scratch = Scratch::new();
    let project = |tool: &str| format!("[project]\nname = \"a\"\nversion = \"1\"\ndependencies = [\"thing\"]\n{tool}");
    let uv = |explicit: bool, source: &str| {
        let (url, explicit) = (own.url(), if explicit { "explicit = true\n" } else { "" });
        project(&format!(
            "[[tool.uv.index]]\nname = \"own\"\nurl = \"{url}\"\n{explicit}[tool.uv.sources]\nthing = {source}\n"
        ))
    };
    let versions = |text: &str, flags: &[&str]| {
        scratch.write("src/pyproject.toml", text);
        let ran = resolve(&scratch).arguments(flags.iter().copied()).run().fine();
        let packages = ran.json()["packages"].as_array().expect("packages").clone();
        packages.iter().map(|p| p["version"].as_str().expect("a version").to_owned()).collect::<Vec<_>>().join(" ")
    };
    let flags = ["-i", &all.url()];
    assert_eq!(versions(&uv(true, "{ index = \"own\" }"), &flags), "1.0 1.0", "other is not pinned");
    assert_eq!(versions(&uv(false, "{ index = \"own\" }"), &flags), "1.0 1.0", "flags say which are asked");
    assert_eq!(
        versions(&uv(true, "[{ index = \"own\", marker = \"platform_machine == 'aarch64'\" }]"), &flags),
        "1.0 1.0"
    );
    assert_eq!(versions(&uv(true, "[{ index = \"own\", marker = \"platform_machine == 'x86_64'\" }]"), &flags), "9.0");
    assert_eq!(versions(&uv(true, "[{ index = \"own\", extra = \"x\" }]"), &flags), "9.0");
    let named = format!("own={}", own.url());
    let flagged = project("[tool.uv.sources]\nthing = { index = \"own\" }\n");
    assert_eq!(versions(&flagged, &["-i", &all.url(), "--index", &named]), "0.1 1.0", "other has a version there");
    let poetry = format!(
        "[tool.poetry]\nname = \"a\"\n[tool.poetry.dependencies]\nthing = {{ version = \"*\", source = \"Own\" }}\n\
         [[tool.poetry.source]]\nname = \"own\"\nurl = \"{}\"\npriority = \"explicit\"\n",
        own.url()
    );
    assert_eq!(versions(&poetry, &flags), "1.0 1.0");

    // The lock says where each came from, and is stale when a pin changes.
    let lock = |text: &str| {
        scratch.write("src/pyproject.toml", text);
        scratch.layerpack("lock src --runtime python3.12 --arch arm64").arguments(flags).run().fine();
        scratch.text("src/pylock.toml")
    };
    let locked = lock(&uv(true, "{ index = \"own\" }"));
    assert!(
        locked.contains(&format!("index = \"{}\"", own.url()))
            && locked.contains(&format!("index = \"{}\"", all.url())),
        "{locked}"
    );
    scratch.write("src/pyproject.toml", uv(true, "[]"));
    let ran = scratch.layerpack("build src --runtime python3.12 --arch arm64").arguments(flags).run();
    assert!(ran.code == 1 && ran.stderr.contains("LP310"), "{ran}");

    fs_err::remove_file(scratch.path("src/pylock.toml")).expect("it was written");
    scratch.write("src/pyproject.toml", &flagged);
    assert_snapshot!(scratch.layerpack("resolve src --runtime python3.12 --arch arm64").arguments(flags).run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: src/pyproject.toml line 6: thing comes from the index `own`, which has no URL
      help: name it beside the pin, as [[tool.uv.index]], or give --index own=URL
    ");
}

/// A pip.conf that overrides whatever this machine's own may say.
fn pip_conf(section: &str, index: &str) -> String {
    format!("[{section}]\nindex-url = {index}\nextra-index-url =\nfind-links =\nno-index = no\ntrusted-host =\n")
}

#[test]
fn uv_and_pip_are_configured_by_files() {
    let [user, project, pip, system] = ["1.0", "2.0", "3.0", "4.0"].map(with);
    let scratch = Scratch::with_requirements("thing\n");
    let run = || resolve(&scratch).env("PIP_CONFIG_FILE", "");
    let file = if cfg!(windows) { "pip.ini" } else { "pip.conf" };
    scratch.write(&format!("../home/.config/pip/{file}"), pip_conf("global", &pip.url()));
    assert_eq!(version(&run().run()), "3.0");
    scratch.write(&format!("venv/{file}"), pip_conf("install", &system.url()));
    assert_eq!(version(&run().env("VIRTUAL_ENV", &scratch.path("venv").display().to_string()).run()), "4.0");
    assert_eq!(version(&resolve(&scratch).env("PIP_CONFIG_FILE", &format!("venv/{file}")).run()), "4.0");
    scratch.write("../home/.config/uv/uv.toml", format!("[[index]]\nurl = \"{}\"\ndefault = true\n", user.url()));
    assert_eq!(version(&run().run()), "1.0", "uv's files come before pip's");
    scratch.write("pyproject.toml", format!("[tool.uv]\nindex-url = \"{}\"\n", project.url()));
    assert_eq!(version(&run().run()), "2.0", "the nearest above the source");
    scratch.write("uv.toml", format!("index-url = \"{}\"\n", pip.url()));
    assert_eq!(version(&run().run()), "3.0", "uv.toml before the project file beside it");
    assert_eq!(version(&run().env("UV_NO_CONFIG", "1").run()), "3.0");
    let config = scratch.path("../home/.config/uv/uv.toml").display().to_string();
    assert_eq!(version(&run().env("UV_CONFIG_FILE", &config).run()), "1.0");
    assert_eq!(version(&run().env("PIP_INDEX_URL", &system.url()).run()), "4.0", "variables come first");

    let ran = run().arguments(["-v"]).run();
    let (both, said) = (["work/uv.toml and ", "home/.config/uv/uv.toml"], ran.to_string());
    assert!(both.iter().all(|part| said.contains(part)), "it is said which place counts: {ran}");
}

#[test]
fn option_lines_join_configuration_files() {
    let (pip, line) = (with("1.0"), with("2.0"));
    let scratch = Scratch::new();
    scratch.write("pip.conf", pip_conf("global", &pip.url()));
    let version_with = |lines: &str| {
        scratch.write("src/requirements.txt", format!("{lines}\nthing\n"));
        version(&resolve(&scratch).env("PIP_CONFIG_FILE", "pip.conf").run())
    };
    assert_eq!(version_with(""), "1.0");
    assert_eq!(version_with(&format!("--extra-index-url {}", line.url())), "1.0", "it is asked after the other");
    assert_eq!(version_with(&format!("--index-url {}", line.url())), "2.0", "it replaces the other");
    scratch.wheel("house", &pure("thing", "7.0"));
    assert_eq!(version_with("--find-links ../house"), "7.0");
}

#[test]
fn a_folder_of_wheels_does_not_silence_an_index() {
    let (private, line) = (with("1.0"), with("2.0"));
    let scratch = Scratch::with_requirements("thing\nother\n");
    scratch.wheel("house", &pure("other", "1.0"));
    let run = || resolve(&scratch).arguments(["--find-links", "house"]);
    let versions = |ran: Ran| ran.fine().json()["packages"][1]["version"].as_str().map(str::to_owned);
    assert_eq!(versions(run().env("PIP_INDEX_URL", &private.url()).run()).as_deref(), Some("1.0"));
    scratch.write("src/requirements.txt", format!("--index-url {}\nthing\nother\n", line.url()));
    assert_eq!(versions(run().run()).as_deref(), Some("2.0"));
}

#[test]
fn a_configuration_file_that_cannot_be_read_is_named_with_its_line() {
    let scratch = Scratch::with_requirements("thing\n");
    let run = || scratch.layerpack("resolve src --runtime python3.12 --arch arm64");
    let said = |run: Run<'_>| {
        let ran = run.run();
        assert!(!ran.stderr.contains("s3cret"), "{ran}");
        ran.to_string()
    };
    scratch.write("pip.conf", pip_conf("global", "https://u:s3cret@/simple"));
    scratch.write("bad.conf", "https://u:s3cret@host/\n");
    scratch.write("bad.toml", "[[index]]\nurl = \"https://u:s3cret@h/\"\ndefault = \"https://u:s3cret@h/\"\n");
    let all = [
        said(run().env("PIP_CONFIG_FILE", "pip.conf")),
        said(run().env("PIP_CONFIG_FILE", "bad.conf")),
        said(run().env("UV_CONFIG_FILE", "bad.toml")),
        said(run().env("UV_CONFIG_FILE", "missing.toml")),
        said(run().env("UV_INDEX_STRATEGY", "best")),
        said(run().env("UV_KEYRING_PROVIDER", "native")),
        said(run().env("PIP_TRUSTED_HOST", "*")),
        said(run().env("PIP_TIMEOUT", "soon")),
    ];
    assert_snapshot!(all.concat(), @"
    exit 2
    ----- stderr -----
    error[LP501]: an index URL from pip.conf line 2 cannot be used: not a URL (empty host); an index is given as https://host/simple/
    exit 2
    ----- stderr -----
    error[LP504]: bad.conf line 1: an option before the first [section]
      help: layerpack reads the index settings of this file; mend the line, or name an index with --index-url
    exit 2
    ----- stderr -----
    error[LP504]: bad.toml line 3: invalid type: string …, expected a boolean
      help: layerpack reads the index settings of this file; mend the line, or name an index with --index-url
    exit 2
    ----- stderr -----
    error[LP502]: UV_CONFIG_FILE names missing.toml, which is not there
      help: correct the path, or unset UV_CONFIG_FILE
    exit 2
    ----- stderr -----
    error[LP501]: `best` is no index strategy
      help: layerpack knows first-index, unsafe-first-match and unsafe-best-match
    exit 2
    ----- stderr -----
    error[LP501]: `native` is no keyring provider
      help: layerpack knows subprocess and disabled
    exit 2
    ----- stderr -----
    error[LP501]: --trusted-host: not a host; it is given as host or host:port
    exit 2
    ----- stderr -----
    error[LP501]: the timeout `soon` is no whole number
    ");
}

#[test]
fn strategies_of_several_indexes() {
    let (first, second) = (with("1.0"), with("9.0"));
    first.change(|index| index.wheel(pure("thing", "2.0")));
    let scratch = Scratch::with_requirements("thing\n");
    let by = |strategy: &str, line: &str| {
        scratch.write("src/requirements.txt", line);
        let flags = ["-i", &first.url(), "--extra-index-url", &second.url(), "--index-strategy", strategy];
        version(&resolve(&scratch).arguments(flags).run())
    };
    assert_eq!(by("first-index", "thing"), "2.0");
    assert_eq!(by("unsafe-best-match", "thing"), "9.0");
    assert_eq!(by("unsafe-best-match", "thing<9"), "2.0");
    assert_eq!(by("unsafe-first-match", "thing"), "2.0");
    assert_eq!(by("unsafe-first-match", "thing>2"), "9.0", "only there is one that will do");

    // The lock names the index that a version came from.
    let flags = ["-i", &first.url(), "--extra-index-url", &second.url(), "--index-strategy", "unsafe-best-match"];
    scratch.write("src/requirements.txt", "thing\n");
    scratch.layerpack("lock src --runtime python3.12 --arch arm64").arguments(flags).run().fine();
    assert!(scratch.text("src/pylock.toml").contains(&format!("index = \"{}\"", second.url())));
}

#[test]
fn a_host_whose_certificate_is_not_checked_is_said() {
    let index = with("1.0");
    let scratch = Scratch::with_requirements("--trusted-host h.example:8443\nthing\n");
    let run = || scratch.layerpack("resolve src --runtime python3.12 --arch arm64").index(&index);
    assert_snapshot!(run().run(), @"
    exit 0
    ----- stdout -----
    thing  1.0  857 bytes
    ----- stderr -----
    warning[LP307]: the certificate of h.example:8443 is not checked: whoever answers in its name is believed
             help: name the CA that signed it with --cert instead, and leave --trusted-host out
    src: 1 package for python3.12 · arm64
    ");
    let ran = run().arguments(["--allow-insecure-host", "other.example"]).run();
    assert!(ran.stderr.contains("other.example") && !ran.stderr.contains("h.example:8443"), "{ran}");
}

#[test]
fn configuration_files_say_which_versions_will_do() {
    let index = FakeIndex::builder()
        .wheel(pure("thing", "1.0"))
        .upload_time("thing-1.0-py3-none-any.whl", "2026-01-01T00:00:00Z")
        .wheel(pure("thing", "2.0"))
        .upload_time("thing-2.0-py3-none-any.whl", "2026-06-01T00:00:00Z")
        .wheel(pure("thing", "3.0rc1"))
        .upload_time("thing-3.0rc1-py3-none-any.whl", "2026-07-01T00:00:00Z")
        .start();
    let scratch = Scratch::with_requirements("thing\n");
    let by_uv = |text: &str| {
        scratch.write("uv.toml", text);
        version(&resolve(&scratch).index(&index).run())
    };
    assert_eq!(by_uv(""), "2.0");
    assert_eq!(by_uv("prerelease = \"allow\"\n"), "3.0rc1");
    assert_eq!(by_uv("resolution = \"lowest\"\n"), "1.0");
    assert_eq!(by_uv("exclude-newer = \"2026-03-01\"\n"), "1.0");
    assert_eq!(by_uv(""), "2.0");
    let by_pip = |option: &str| {
        scratch.write("pip.conf", format!("{}{option}\n", pip_conf("global", &index.url())));
        resolve(&scratch).env("PIP_CONFIG_FILE", "pip.conf").run()
    };
    assert_eq!(version(&by_pip("pre = true")), "3.0rc1");
    assert_eq!(version(&by_pip("uploaded-prior-to = 2026-03-01")), "1.0");
    let ran = by_pip("require-hashes = yes");
    assert!(ran.code == 1 && ran.stderr.contains("--hash"), "{ran}");
    scratch.write("uv.toml", "prerelease = \"sometimes\"\n");
    assert_snapshot!(scratch.layerpack("resolve src --runtime python3.12 --arch arm64").run(), @"
    exit 2
    ----- stderr -----
    error[LP501]: prerelease of [TEMP]/work/uv.toml is `sometimes`
      help: layerpack knows allow, disallow, if-necessary-or-explicit
    ");
}
