//! One input gives one zip, byte for byte, wherever and however it is built.

use testkit::FakeIndex;

use crate::support::{Run, Scratch, shop};

const LINES: &str = "web[fast]\ntables\n";

/// A source with something of everything that a layer can hold.
fn source() -> Scratch {
    let scratch = Scratch::with_requirements(LINES);
    scratch.write("src/python/settings.py", "debug = False\n").write("src/opt/bin/start", "#!/bin/sh\n");
    scratch
}

fn build(scratch: &Scratch) -> Run<'_> {
    scratch.layerpack("build src --runtime python3.12 --arch x86_64")
}

fn zip(scratch: &Scratch, index: &FakeIndex, run: Run<'_>) -> Vec<u8> {
    run.index(index).run().fine();
    scratch.read("dist/src-python3.12-x86_64.zip")
}

#[test]
fn where_and_how_it_is_built_changes_nothing() {
    let index = shop().start();
    let first = source();
    let expected = zip(&first, &index, build(&first));

    let home = first.path("elsewhere").display().to_string();
    let same = |way: &str, change: &dyn for<'a> Fn(Run<'a>) -> Run<'a>| {
        let scratch = source();
        assert!(zip(&scratch, &index, change(build(&scratch))) == expected, "{way}");
    };
    same("another folder", &|run| run);
    same("TZ", &|run| run.env("TZ", "Asia/Kathmandu"));
    same("LANG", &|run| run.env("LANG", "tr_TR.UTF-8").env("LC_ALL", "tr_TR.UTF-8"));
    same("HOME", &|run| run.env("HOME", &home));
    same("one job", &|run| run.arguments(["--jobs", "1"]));
    same("two jobs", &|run| run.arguments(["--jobs", "2"]));
    if cfg!(unix) {
        same("umask 077", &|run| run.after("umask 077"));
        same("umask 000", &|run| run.after("umask 000"));
    }
}

#[test]
fn a_warm_cache_gives_what_a_cold_one_gave() {
    let index = shop().start();
    let scratch = source();
    let cold = zip(&scratch, &index, build(&scratch));
    let warm = zip(&scratch, &index, build(&scratch).arguments(["-o", "dist/warm.zip"]));
    assert!(cold == warm);
    assert!(cold == scratch.read("dist/warm.zip"));
}

#[test]
fn the_order_of_lines_and_comments_does_not_count() {
    let index = shop().start();
    let (one, two) = (source(), source());
    two.write("src/requirements.txt", "# tables first\r\ntables\r\n\r\nweb[fast]  # then the web\r\n");
    assert!(zip(&one, &index, build(&one)) == zip(&two, &index, build(&two)));
}

#[cfg(unix)]
#[test]
fn a_tree_has_the_zips_modes_under_any_umask() {
    let index = shop().start();
    let tree = |umask| {
        let scratch = source();
        build(&scratch).after(umask).index(&index).run().fine();
        testkit::Tree::snapshot(scratch.path("dist/src-python3.12-x86_64"))
    };
    let open = tree("umask 000");
    assert_eq!(open, tree("umask 077"));
    assert_eq!(open, tree("umask 022"));
    let modes: std::collections::BTreeSet<&str> = open.lines().filter_map(|line| line.get(..4)).collect();
    assert_eq!(modes, ["0644", "0755"].into());
}
