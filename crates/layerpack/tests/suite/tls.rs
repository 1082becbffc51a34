//! An index over TLS: certificates that are not to be trusted, those that somebody named, and those that the server wants
//! to see. Everything that goes wrong is told at the first attempt, in one line with its next step.

use insta::assert_snapshot;
use testkit::{Authority, FakeIndex, Fault, Tls};

use crate::support::{Run, Scratch, shop};

/// Where the index is, as its certificate has it.
const HOST: &str = "127.0.0.1";

fn resolve<'s>(scratch: &'s Scratch, index: &FakeIndex) -> Run<'s> {
    scratch.layerpack("resolve src --runtime python3.13 --arch arm64").index(index)
}

/// A project that wants `web`, and an authority's certificate beside it.
fn project(authority: &Authority) -> Scratch {
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("ca.pem", authority.pem());
    scratch
}

/// What a run says of an index with this certificate that trusts the authority; no request came through.
fn refused(authority: &Authority, tls: &Tls) -> String {
    let index = shop().start_tls(tls);
    let said = at_once(resolve(&project(authority), &index).arguments(["--cert", "ca.pem"]));
    assert_eq!(index.request_lines(), Vec::<String>::new());
    said
}

/// What a run says that fails without a second attempt.
fn at_once(run: Run<'_>) -> String {
    let ran = run.arguments(["-v"]).run().refused();
    assert_eq!(ran.stderr.matches("http: request url=").count(), 1, "{ran}");
    let lines = ran.to_string();
    lines.lines().filter(|line| !line.starts_with("DEBUG ")).collect::<Vec<_>>().join("\n")
}

#[test]
fn certificates_that_are_not_to_be_trusted() {
    let authority = Authority::new("Example CA");
    assert_snapshot!(refused(&authority, &Authority::new("Somebody else").server(&[HOST])), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: nobody that is trusted here has signed the certificate of 127.0.0.1
      help: if the index is your own or a company's proxy re-signs traffic, name the certificate (PEM) of the CA that signs there with --cert or SSL_CERT_FILE
    ");
    assert_snapshot!(refused(&authority, &authority.server(&["index.example", "www.index.example"])), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: the certificate of 127.0.0.1 is one for index.example, www.index.example
      help: name the index by a host that its certificate is for, or have 127.0.0.1 added to it; until then --trusted-host 127.0.0.1:PORT goes on without checking who answers
    ");
    assert_snapshot!(refused(&authority, &authority.as_server()), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: the certificate of 127.0.0.1 is an authority's own, which is not for servers
      help: have a server's certificate made by it, and name the authority's with --cert; until then --trusted-host 127.0.0.1:PORT goes on without checking who answers
    ");
    // Both say the day on which they were asked.
    let day = |text: String, word: &str| {
        let (before, after) = text.split_once("this machine has ").expect(word);
        format!("{before}this machine has [TODAY]{}", after.get("2026-11-30".len()..).expect("a day"))
    };
    assert_snapshot!(day(refused(&authority, &authority.expired_server(&[HOST])), "expired"), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: the certificate of 127.0.0.1 expired on 2009-12-31; this machine has [TODAY]
      help: set the clock if it is wrong, else have the owner of 127.0.0.1 renew the certificate; until then --trusted-host 127.0.0.1:PORT goes on without checking who answers
    ");
    assert_snapshot!(day(refused(&authority, &authority.future_server(&[HOST])), "not valid yet"), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: the certificate of 127.0.0.1 is valid from 2990-01-01 on; this machine has [TODAY]
      help: set the clock if it is wrong, else tell the owner of 127.0.0.1; until then --trusted-host 127.0.0.1:PORT goes on without checking who answers
    ");
}

#[test]
fn an_authority_can_be_named_in_every_way() {
    let authority = Authority::new("Example CA");
    let index = shop().start_tls(&authority.server(&[HOST]));
    let scratch = project(&authority);
    scratch.write("folder/0a1b2c3d.0", authority.pem()).write("folder/README", "no certificate\n");
    scratch.write("other.pem", Authority::new("Somebody else").pem());
    scratch.write("pip.conf", "[global]\ncert = ca.pem\n");
    scratch.write("empty/README", "no certificate\n");
    let fine = |run: Run<'_>| drop(run.arguments(["--refresh"]).run().fine());

    fine(resolve(&scratch, &index).arguments(["--cert", "ca.pem"]));
    fine(resolve(&scratch, &index).arguments(["--cert", "folder"]));
    for variable in ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"] {
        fine(resolve(&scratch, &index).env(variable, "ca.pem"));
    }
    let folders = std::env::join_paths(["empty", "folder"]).expect("no separator in them").into_string().expect("text");
    fine(resolve(&scratch, &index).env("SSL_CERT_DIR", &folders));
    fine(resolve(&scratch, &index).env("PIP_CONFIG_FILE", "pip.conf"));
    // What is named joins the system's, and what stands in the system's place.
    fine(resolve(&scratch, &index).env("SSL_CERT_FILE", "other.pem").arguments(["--cert", "ca.pem"]));
    scratch.write("layerpack.toml", "cert = \"ca.pem\"\n");
    fine(resolve(&scratch, &index));
}

#[test]
fn certificates_that_cannot_be_read() {
    let index = shop().start_tls(&Authority::new("Example CA").server(&[HOST]));
    let scratch = Scratch::with_requirements("web\n");
    scratch.write("text.pem", "no certificate\n").write("empty/README", "no certificate\n");
    scratch.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    scratch.write("locked.pem", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let said = |run: Run<'_>| {
        let ran = run.run().refused();
        ran.to_string().lines().find(|line| line.starts_with("error")).expect("an error").to_owned()
    };
    let texts = [
        said(resolve(&scratch, &index).arguments(["--cert", "text.pem"])),
        said(resolve(&scratch, &index).arguments(["--cert", "broken.pem"])),
        said(resolve(&scratch, &index).env("SSL_CERT_FILE", "text.pem")),
        said(resolve(&scratch, &index).env("SSL_CERT_FILE", "missing.pem")),
        said(resolve(&scratch, &index).env("SSL_CERT_DIR", "empty")),
        said(resolve(&scratch, &index).arguments(["--client-cert", "text.pem"])),
        said(resolve(&scratch, &index).arguments(["--client-cert", "locked.pem"])),
    ];
    assert_snapshot!(texts.join("\n"), @"
    error[LP307]: failed to set up HTTPS: text.pem holds no certificate in PEM form
    error[LP307]: failed to set up HTTPS: broken.pem holds no certificate in PEM form
    error[LP307]: failed to set up HTTPS: text.pem holds no certificate in PEM form
    error[LP307]: failed to set up HTTPS: failed to open file `missing.pem`: No such file or directory (os error N)
    error[LP307]: failed to set up HTTPS: there is no certificate in empty
    error[LP307]: failed to set up HTTPS: text.pem holds no client certificate with its key
    error[LP307]: failed to set up HTTPS: the key in locked.pem is encrypted; layerpack reads keys without a passphrase only
    ");
    assert_eq!(index.request_lines(), Vec::<String>::new());
}

#[test]
fn a_trusted_host_is_believed_and_nobody_else_is() {
    let bad = Authority::new("Somebody else").server(&["index.example"]);
    let files = shop().start_tls(&bad);
    let index = shop().start_tls(&bad);
    let scratch = Scratch::with_requirements("web\n");
    for host in [HOST.to_owned(), index.url().replace("https://", "").replace("/simple/", "")] {
        let ran = resolve(&scratch, &index).arguments(["--refresh", "--trusted-host", &host]).run().fine();
        assert!(ran.stderr.contains("warning[LP307]: the certificate of "), "{ran}");
    }

    // The port is part of what is trusted, and a redirect leads away from it.
    let host = index.url().replace("https://", "").replace("/simple/", "");
    index.change(|index| index.always("/simple/web/", Fault::Redirect(files.url_of("/simple/web/"))));
    let ran = resolve(&scratch, &index).arguments(["--refresh", "--trusted-host", &host]).run().refused();
    assert_snapshot!(ran, @"
    exit 2
    ----- stderr -----
    warning[LP307]: the certificate of 127.0.0.1:PORT is not checked: whoever answers in its name is believed
             help: name the CA that signed it with --cert instead, and leave --trusted-host out
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: nobody that is trusted here has signed the certificate of 127.0.0.1
      help: if the index is your own or a company's proxy re-signs traffic, name the certificate (PEM) of the CA that signs there with --cert or SSL_CERT_FILE
    ");
    assert_eq!(files.request_lines(), Vec::<String>::new());
}

#[test]
fn a_server_that_wants_to_see_a_certificate() {
    let authority = Authority::new("Example CA");
    let index = shop().start_tls(&authority.server(&[HOST]).wants_client_of(&authority));
    let scratch = project(&authority);
    scratch.write("client.pem", authority.client_pem("me"));
    scratch.write("stranger.pem", Authority::new("Somebody else").client_pem("me"));
    let resolve = || resolve(&scratch, &index).arguments(["--cert", "ca.pem"]);

    assert_snapshot!(at_once(resolve()), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: the server wants a client certificate
      help: name a PEM file that holds yours and its key with --client-cert, PIP_CLIENT_CERT or SSL_CLIENT_CERT
    ");
    assert_snapshot!(at_once(resolve().arguments(["--client-cert", "stranger.pem"])), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: the server does not take the client certificate (UnknownCA)
      help: check that --client-cert names the certificate that this index has given out, that it is valid, and that its issuer's follow it in the file
    ");
    assert_eq!(index.request_lines(), Vec::<String>::new());

    resolve().arguments(["--client-cert", "client.pem"]).run().fine();
    for variable in ["SSL_CLIENT_CERT", "PIP_CLIENT_CERT"] {
        resolve().env(variable, "client.pem").arguments(["--refresh"]).run().fine();
    }
}

#[test]
fn plain_http_where_tls_was_expected() {
    let index = shop().start();
    let scratch = Scratch::with_requirements("web\n");
    let url = index.url().replace("http://", "https://");
    let run = scratch.layerpack("resolve src --runtime python3.13 --arch arm64 --index-url").arguments([&*url]);
    assert_snapshot!(at_once(run), @"
    exit 2
    ----- stderr -----
    error[LP307]: failed to fetch https://127.0.0.1:PORT/simple/web/: the server does not speak TLS at this port
      help: if it serves plain HTTP, write its URL with http://; behind a proxy, check HTTPS_PROXY and --proxy
    ");
}

#[test]
fn no_secret_is_told() {
    let authority = Authority::new("Example CA");
    let index = shop().basic_auth("ci-user", "hunter2-s3cr3t").start_tls(&authority.server(&[HOST]));
    let scratch = project(&authority);
    let url = index.url_with_credentials("ci-user", "hunter2-s3cr3t");
    let resolve = || scratch.layerpack("resolve src --runtime python3.13 --arch arm64 -vv").arguments(["-i", &url]);
    let ran = resolve().run().refused();
    assert!(ran.stderr.contains(HOST) && !format!("{}{}", ran.stdout, ran.stderr).contains("s3cr3t"), "{ran}");
    let ran = resolve().arguments(["--cert", "ca.pem"]).run().fine();
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("s3cr3t"), "{ran}");
}
