//! A private index that asks for credentials and sends downloads to another server: with credentials from every place
//! it works, and no secret is seen where it does not belong.

use insta::assert_snapshot;
use testkit::{FakeIndex, Fault, Tree};

use crate::support::{Ran, Run, Scratch, shop};

const USER: &str = "ci-user";
const SECRET: &str = "hunter2-s3cr3t";

/// An index that wants credentials and redirects every download to a second server, which wants none.
struct Private {
    index: FakeIndex,
    files: FakeIndex,
}

impl Private {
    fn start() -> Self {
        let files = shop().start();
        let names = ["web-1.2-py3-none-any.whl", "templates-2.1-py3-none-any.whl"];
        let redirecting = names.iter().fold(shop().basic_auth(USER, SECRET), |index, name| {
            let redirect = |place: &str| Fault::Redirect(files.url_of(place));
            let metadata = format!("{name}.metadata");
            index.always(name, redirect(name)).always(&metadata, redirect(&metadata))
        });
        Self { index: redirecting.start(), files }
    }

    fn host_and_port(&self) -> String {
        let url = self.index.url();
        url.trim_start_matches("http://").trim_end_matches("/simple/").to_owned()
    }

    /// The wheel was had from the second server, and it saw no credentials.
    fn no_secret_went_elsewhere(&self) {
        let seen = self.files.requests();
        assert!(seen.iter().any(|request| request.path.contains("-any.whl")), "{seen:?}");
        for request in seen {
            assert_eq!(request.header("Authorization"), None, "{request:?}");
            let headers = format!("{request:?}");
            assert!(!headers.contains(SECRET) && !headers.contains(&encoded()), "{headers}");
        }
        let asked = self.index.requests();
        assert!(asked.iter().any(|request| request.header("Authorization").is_some()), "{asked:?}");
    }
}

/// The secret as a Basic header has it.
fn encoded() -> String {
    data_encoding::BASE64.encode(format!("{USER}:{SECRET}").as_bytes())
}

/// Neither output nor anything that was written has the secret, in name or content.
fn nowhere(ran: Ran, scratch: &Scratch) -> Ran {
    let secrets = [SECRET.to_owned(), encoded(), SECRET.replace('-', "%2D")];
    for secret in &secrets {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret), "{ran}");
    }
    for folder in ["dist", "../cache", "src"] {
        if !scratch.path(folder).exists() {
            continue;
        }
        for line in Tree::snapshot(scratch.path(folder)).lines() {
            let path = line.splitn(4, ' ').nth(3).unwrap_or_default();
            // The test itself wrote it there.
            if path == "requirements.txt" {
                continue;
            }
            let bytes = scratch.read(&format!("{folder}/{path}"));
            for secret in &secrets {
                let inside = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!inside && !path.contains(secret), "{folder}/{path}");
            }
        }
    }
    ran
}

/// `resolve`, `lock` and `build` with credentials from one place.
fn works(private: &Private, scratch: &Scratch, with: &dyn Fn(Run<'_>) -> Run<'_>) {
    for command in
        ["resolve src --format json", "lock src", "build src", "build src --format json --out-dir dist/again"]
    {
        let run = scratch.layerpack(&format!("{command} -vv --runtime python3.12 --arch arm64"));
        nowhere(with(run).run(), scratch).fine();
    }
    assert!(scratch.text("src/pylock.toml").contains(&private.index.url()));
    private.no_secret_went_elsewhere();
}

#[test]
fn credentials_in_the_url() {
    let private = Private::start();
    let scratch = Scratch::with_requirements("web\n");
    let url = private.index.url_with_credentials(USER, SECRET);
    works(&private, &scratch, &|run| run.env("PIP_INDEX_URL", &url));
}

#[test]
fn credentials_in_netrc() {
    let private = Private::start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("../home/.netrc", format!("machine 127.0.0.1\n  login {USER}\n  password {SECRET}\n"));
    works(&private, &scratch, &|run| run.index(&private.index));

    // A file of another name, and a user name in the URL.
    let scratch = Scratch::with_requirements("web\n");
    let netrc = format!("machine 127.0.0.1 login other password no\ndefault login {USER} password x\n");
    scratch.write("logins", netrc + &format!("machine 127.0.0.1 login {USER} password \"{SECRET}\"\n"));
    scratch.write("src/requirements.txt", format!("-i http://{USER}@{}/simple/\nweb\n", private.host_and_port()));
    works(&private, &scratch, &|run| run.env("NETRC", "logins"));
}

#[test]
fn credentials_for_pages_of_links() {
    let private = Private::start();
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("../home/.netrc", format!("default login {USER} password {SECRET}\n"));
    let links = ["web", "templates"].map(|name| private.index.url_of(&format!("/simple/{name}/")));
    let run = scratch.layerpack("build src --runtime python3.12 --arch arm64 -vv --no-index");
    let ran = run.arguments(["--find-links", &links[0], "--find-links", &links[1]]).run();
    nowhere(ran, &scratch).fine();
    private.no_secret_went_elsewhere();
}

#[test]
fn credentials_in_variables_of_a_named_index() {
    let private = Private::start();
    let scratch = Scratch::with_requirements("web\n");
    let named = format!("my-own={}", private.index.url());
    works(&private, &scratch, &|run| {
        run.env("UV_DEFAULT_INDEX", &named)
            .env("UV_INDEX_MY_OWN_USERNAME", USER)
            .env("UV_INDEX_MY_OWN_PASSWORD", SECRET)
    });
}

/// A `keyring` that knows one index, and writes down what it was asked.
#[cfg(unix)]
fn keyring(scratch: &Scratch, private: &Private) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> \"{}\"\ncase \"$*\" in\n\
         'get {url} {USER}') echo {SECRET};;\n'--mode creds get {url}') echo {USER}; echo {SECRET};;\n\
         *) echo {SECRET} >&2; exit 1;;\nesac\n",
        scratch.path("asked").display(),
        url = private.index.url(),
    );
    scratch.write("bin/keyring", script);
    let program = scratch.path("bin/keyring");
    fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a file of ours");
    scratch.path("bin").display().to_string()
}

#[test]
#[cfg(unix)]
fn credentials_of_keyring() {
    let private = Private::start();
    let scratch = Scratch::with_requirements("web\n");
    let path = keyring(&scratch, &private);
    works(&private, &scratch, &|run| {
        run.index(&private.index).env("PATH", &path).env("UV_KEYRING_PROVIDER", "subprocess")
    });
    let asked = scratch.text("asked");
    assert_eq!(asked.lines().next(), Some(format!("--mode creds get {}", private.index.url()).as_str()));

    // Once in a run, however many pages and files there are.
    let scratch = Scratch::with_requirements("web\n");
    let path = keyring(&scratch, &private);
    let url = format!("http://{USER}@{}/simple/", private.host_and_port());
    let run = scratch.layerpack("build src --runtime python3.12 --arch arm64 --keyring-provider subprocess");
    nowhere(run.arguments(["-i", &url]).env("PATH", &path).run(), &scratch).fine();
    assert_eq!(scratch.text("asked"), format!("get {} {USER}\n", private.index.url()));
}

#[test]
#[cfg(unix)]
fn keyring_is_not_asked_unless_it_is_wanted_and_needed() {
    let private = Private::start();
    let scratch = Scratch::with_requirements("web\n");
    let path = keyring(&scratch, &private);
    let resolve = || scratch.layerpack("resolve src --runtime python3.12 --arch arm64").env("PATH", &path);
    assert_eq!(resolve().index(&private.index).run().code, 2);
    let open = shop().start();
    resolve().index(&open).arguments(["--keyring-provider", "subprocess"]).run().fine();
    let url = private.index.url_with_credentials(USER, "wrong");
    let run = resolve().arguments(["-i", &url, "--keyring-provider", "subprocess"]);
    assert_eq!(run.run().code, 2, "credentials that are given are those that are meant");
    assert!(!scratch.path("asked").exists());

    // It knows nothing of this one; what it prints is not shown.
    let other = shop().basic_auth(USER, SECRET).start();
    let ran = resolve().index(&other).arguments(["--keyring-provider", "subprocess", "-vv"]).run();
    let ran = nowhere(ran, &scratch);
    assert!(ran.code == 2 && ran.stderr.contains("keyring has none for it"), "{ran}");
}

#[test]
fn without_credentials_the_next_step_is_said() {
    let private = Private::start();
    let scratch = Scratch::with_requirements("web\n");
    let resolve = || scratch.layerpack("resolve src --runtime python3.12 --arch arm64").index(&private.index);
    assert_snapshot!(resolve().run(), @"
    exit 2
    ----- stderr -----
    error[LP309]: http://127.0.0.1:PORT/simple/web/ refuses access: HTTP 401 to a request without credentials
      help: neither the index's URL nor .netrc has any for 127.0.0.1: give them as https://user:password@127.0.0.1/…, as `machine 127.0.0.1` in ~/.netrc, or as UV_INDEX_<NAME>_USERNAME and _PASSWORD for a named index, or add --keyring-provider subprocess
    ");
    scratch.write("../home/.netrc", format!("machine 127.0.0.1\nlogin {USER}\npass {SECRET}\n"));
    assert_snapshot!(nowhere(resolve().arguments(["--keyring-provider", "subprocess"]).run(), &scratch), @"
    exit 2
    ----- stderr -----
    warning[LP504]: [TEMP]/home/.netrc line 3: a word that is none of machine, default, login, password, account and macdef; the file is not used
             help: mend the line: curl, pip and uv stumble over it too
    warning[LP309]: keyring is not asked for credentials: there is no program `keyring` on PATH
             help: install it, for example with uv tool install keyring, or leave --keyring-provider out
    error[LP309]: http://127.0.0.1:PORT/simple/web/ refuses access: HTTP 401 to a request without credentials
      help: neither the index's URL nor .netrc has any for 127.0.0.1: give them as https://user:password@127.0.0.1/…, as `machine 127.0.0.1` in ~/.netrc, or as UV_INDEX_<NAME>_USERNAME and _PASSWORD for a named index, or add --keyring-provider subprocess
    ");
    scratch.write("../home/.netrc", format!("machine 127.0.0.1\nlogin {USER}\npassword old-{SECRET}\n"));
    assert_snapshot!(nowhere(resolve().run(), &scratch), @"
    exit 2
    ----- stderr -----
    error[LP309]: http://127.0.0.1:PORT/simple/web/ refuses access: HTTP 401 for the credentials in .netrc
      help: check that the user name and password or token are still valid and may read this project
    ");
    let user = format!("http://{USER}@{}/simple/", private.host_and_port());
    scratch.write("src/requirements.txt", format!("-i {user}\nweb\n"));
    scratch.write("../home/.netrc", "");
    assert_snapshot!(scratch.layerpack("resolve src --runtime python3.12 --arch arm64").run(), @"
    exit 2
    ----- stderr -----
    error[LP309]: http://127.0.0.1:PORT/simple/web/ refuses access: HTTP 401 for the user name given, without a password
      help: neither the index's URL nor .netrc has any for 127.0.0.1: give them as https://user:password@127.0.0.1/…, as `machine 127.0.0.1` in ~/.netrc, or as UV_INDEX_<NAME>_USERNAME and _PASSWORD for a named index, or add --keyring-provider subprocess
    ");
}

#[test]
fn a_refusing_codeartifact_says_how_to_log_in() {
    // The proxy answers for every host.
    let proxy = FakeIndex::builder().basic_auth(USER, SECRET).start();
    let scratch = Scratch::with_requirements("web\n");
    let repository =
        "http://aws:stale-token@team-111122223333.d.codeartifact.eu-west-1.amazonaws.com/pypi/libs/simple/";
    let resolve = || scratch.layerpack("resolve src --runtime python3.12 --arch arm64");
    let run = resolve().env("PIP_INDEX_URL", repository).env("PIP_PROXY", proxy.url().trim_end_matches("/simple/"));
    assert_snapshot!(run.run(), @"
    exit 2
    ----- stderr -----
    error[LP309]: http://team-111122223333.d.codeartifact.eu-west-1.amazonaws.com/pypi/libs/simple/web/ refuses access: HTTP 401 for the credentials given
      help: CodeArtifact tokens last 12 hours at most: run `aws codeartifact login --tool pip --domain team --domain-owner 111122223333 --repository libs --region eu-west-1`, which writes pip.conf, or put what `aws codeartifact get-authorization-token` prints into the URL, https://aws:TOKEN@…
    ");

    let empty = FakeIndex::start();
    let run = resolve().env("PIP_INDEX_URL", repository).env("PIP_PROXY", empty.url().trim_end_matches("/simple/"));
    assert_snapshot!(run.run(), @"
    exit 1
    ----- stderr -----
    error[LP301]: no index knows `web`
      src/requirements.txt line 1 asks for web
      asked: http://team-111122223333.d.codeartifact.eu-west-1.amazonaws.com/pypi/libs/simple/
      help: check the spelling; the CodeArtifact repository libs has what was published to it, and the public index's projects only through an upstream or external connection (public:pypi)
    ");
}

#[test]
fn credentials_of_a_proxy_and_of_links_are_shown_nowhere() {
    let scratch = Scratch::with_requirements("web\n");
    let login = format!("{USER}:{SECRET}@127.0.0.1:1");
    let build = "build src --runtime python3.12 --arch arm64 -vv --retries 0";
    let elsewhere = ["--index-url", "http://index.example/simple/"];
    // Nobody listens there, so that all is said that can be said.
    let proxied =
        scratch.layerpack(build).arguments(elsewhere).arguments(["--proxy", &format!("http://{login}")]).run();
    assert_eq!(nowhere(proxied, &scratch).code, 2);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
        let run = scratch.layerpack(build).arguments(elsewhere).env(variable, &format!("http://{login}"));
        assert_eq!(nowhere(run.run(), &scratch).code, 2);
    }
    let links = format!("http://{login}/links/?token={SECRET}");
    let linked = scratch.layerpack(build).arguments(["--no-index", "--find-links", &links]).run();
    assert_eq!(nowhere(linked, &scratch).code, 2);
    let address = format!("web @ http://{login}/web-1.2-py3-none-any.whl?signature={SECRET}\n");
    scratch.write("src/requirements.txt", address);
    assert_eq!(nowhere(scratch.layerpack(build).arguments(["--no-index"]).run(), &scratch).code, 2);
    // The proxy that a build goes through sees no credentials that are not its own.
    let private = Private::start();
    scratch.write("src/requirements.txt", "web\n");
    let run = scratch.layerpack(build).arguments(["--index-url", &private.index.url_with_credentials(USER, SECRET)]);
    nowhere(run.env("NO_PROXY", "127.0.0.1").env("HTTP_PROXY", &format!("http://{login}")).run(), &scratch).fine();
    private.no_secret_went_elsewhere();
}
