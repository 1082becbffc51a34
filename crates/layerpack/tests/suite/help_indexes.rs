//! What the command says of its options for indexes and resolution.

use insta::assert_snapshot;

use crate::help::{is_of_indexes, said, sections};

#[test]
fn help_on_indexes_and_resolution() {
    let theirs = sections(&said("build --help")).into_iter().filter(|section| is_of_indexes(section));
    assert_snapshot!(theirs.collect::<String>(), @"
    Resolution:
          --no-deps
              Take what is named and nothing that it requires

          --override <FILE>
              Requirements that stand in for all others of their packages (uv's overrides); repeatable

              [alias: --overrides]

          --exclude <NAME>
              Leave a package out, whoever requires it, and what only it needs; repeatable or
              comma-separated

          --resolution <WHICH>
              Which of the versions that will do is taken

              Possible values:
              - highest:       The newest
              - lowest:        The oldest
              - lowest-direct: The oldest of what is named, the newest of what that requires

          --pre
              Allow pre-releases (the same as --prerelease allow)

          --prerelease <WHEN>
              When a pre-release may be taken

              Possible values:
              - allow:                    Always
              - disallow:                 Never
              - if-necessary-or-explicit: Where a requirement names one, or a project has nothing else

          --exclude-newer <DATE|SPAN>
              Take nothing uploaded after a date (YYYY-MM-DD, that day included), a time (RFC 3339) or
              within a span back from now (`7 days`, `P7D`); without a zone it is UTC

          --exclude-newer-package <NAME=DATE|SPAN|false>
              The same for one package, or `false` to free it; repeatable

          --uploaded-prior-to <DATE|SPAN>
              As --exclude-newer, in pip's spelling: of a date, that day is not included

          --build <NAME>
              Have uv or pip build a package that has no wheel for the target, or `:all:` of them;
              repeatable or comma-separated

          --no-binary <NAME>
              Take a package from source though it has wheels (with --build); `:all:`, `:none:` or names

          --only-binary <NAME>
              Never build a package; `:all:`, `:none:` or names

          --require-hashes
              Demand a hash for every requirement
    Indexes:
      -i, --index-url <URL>
              The default index (Simple API, PEP 503 or 691)

              [alias: --default-index]

          --extra-index-url <URL>
              A further index; the first that knows a project serves it

          --index <[NAME=]URL>
              A further index, asked before the default one; named, packages can be pinned to it

          --index-strategy <HOW>
              What happens where several indexes know a project

              Possible values:
              - first-index:        The first that knows a project serves it, alone
              - unsafe-first-match: All are asked, earlier ones first: anyone can publish a private name
                on a public index
              - unsafe-best-match:  All are asked, the best version wins: anyone can publish a newer one
                on a public index

      -f, --find-links <PATH|URL>
              A folder or page of wheels that join whatever the index has

          --no-index
              Ask no index, only --find-links and local wheels

          --keyring-provider <WHO>
              Whether the program `keyring` is asked for credentials

              Possible values:
              - disabled:   It is not
              - subprocess: Through its command line, after a refusal or where a user name has no
                password

          --offline
              Open no socket; what is not in the cache is an error

          --refresh
              Ask again for everything that the cache has

          --cache-dir <FOLDER>
              Where downloads are kept

          --cert <FILE>
              Certificates (PEM) to trust besides the system's

          --client-cert <FILE>
              Client certificate and its key (PEM)

          --trusted-host <HOST[:PORT]>
              Do not check the certificate of this host: whoever answers in its name is believed

              [alias: --allow-insecure-host]

          --proxy <URL>
              Proxy for all requests

          --timeout <SECONDS>
              How long a server may stay silent, in seconds

          --retries <TIMES>
              How often a failed request is tried again
    ");
}
