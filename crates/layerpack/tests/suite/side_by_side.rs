//! Layers are built side by side, and what is said of them stands in their order.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use testkit::{FakeIndex, FakeIndexBuilder, Response};

use crate::layers::layers;
use crate::support::{Scratch, pure, shop};

/// Layers of all kinds: fine ones, one on top of another, in stacks, with warnings, and such that cannot be built.
fn many() -> Scratch {
    let mut config = "runtime = \"python3.12\"\narch = [\"arm64\", \"x86_64\"]\nemit = \"zip\"\n".to_owned();
    let sources: Vec<(String, &str)> = (0..12)
        .map(|number| {
            let lines = match number % 4 {
                0 => "web\n",
                1 => "templates<2.1\nweb[fast,slow]\n",
                2 if number == 6 => "nobody-knows-it\n",
                2 => "tables\n",
                _ => "colours\n",
            };
            (format!("layer{number}"), lines)
        })
        .collect();
    for (name, _) in &sources {
        let on = if name == "layer7" { "on-top-of = \"layer4\"\n" } else { "" };
        let _ = write!(config, "[layers.{name}]\nsource = \"{name}\"\n{on}");
    }
    config
        .push_str("[stacks.one]\nlayers = [\"layer0\", \"layer9\"]\n[stacks.two]\nlayers = [\"layer4\", \"layer7\"]\n");
    config.push_str("[stacks.over]\nlayers = [\"layer3\", \"layer11\"]\nbudget = 500\n");
    let sources: Vec<(&str, &str)> = sources.iter().map(|(name, lines)| (name.as_str(), *lines)).collect();
    layers(&config, &sources)
}

#[test]
fn the_same_is_said_however_many_work() {
    let index = shop().start();
    for (command, count) in [("build", 16), ("build --format json", 16), ("build --format github", 16)] {
        let with = |jobs: &str| {
            let scratch = many();
            let ran = scratch.layerpack(&format!("{command} {jobs}")).index(&index).run();
            (ran.code, ran.stdout, ran.stderr, scratch.names("dist"))
        };
        let one = with("--jobs 1");
        assert_eq!((one.0, one.3.len()), (1, count), "{}{}", one.1, one.2);
        for jobs in ["--jobs 2", "--jobs 8", ""] {
            assert_eq!(with(jobs), one, "{command} {jobs}");
        }
    }
}

/// Six projects, and how many requests for them were answered at once at most.
fn counted() -> (FakeIndexBuilder, Arc<AtomicUsize>) {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut index = FakeIndex::builder();
    for name in ["one", "two", "three", "four", "five", "six"] {
        let wheel = pure(name, "1.0");
        let (file, bytes) = (wheel.filename(), wheel.build());
        let page = format!("<a href=\"../../files/{file}#sha256={}\">{file}</a>", wheel_archive::Sha256::of(&bytes));
        for (place, kind, body) in
            [(format!("/simple/{name}/"), "text/html", page.into_bytes()), (file, "x/whl", bytes)]
        {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            index = index.answer(&place, move |_| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(5));
                now.fetch_sub(1, Ordering::SeqCst);
                Response::ok(kind, body.clone())
            });
        }
    }
    (index, most)
}

#[test]
fn one_job_asks_for_one_thing_at_a_time() {
    for command in ["build", "resolve", "lock", "fetch -o wheels", "check", "check --deep"] {
        for (flag, variable) in [(" -j 1", "7"), ("", "1")] {
            let (index, most) = counted();
            let index = index.start();
            let config =
                "runtime = \"python3.12\"\narch = \"arm64\"\n[layers.a]\nsource = \"a\"\n[layers.b]\nsource = \"b\"\n";
            let scratch = layers(config, &[("a", "one\ntwo\nthree\n"), ("b", "four\nfive\nsix\n")]);
            let ran =
                scratch.layerpack(&format!("{command}{flag}")).env("LAYERPACK_JOBS", variable).index(&index).run();
            ran.fine();
            assert_eq!(most.load(Ordering::SeqCst), 1, "{command}{flag}");
        }
    }
}

#[test]
fn layers_that_ask_in_their_own_ways_share_the_jobs() {
    let (index, most) = counted();
    let index = index.start();
    let config = "runtime = \"python3.12\"\narch = \"arm64\"\n[layers.a]\nsource = \"a\"\n\
                  [layers.b]\nsource = \"b\"\nindex-strategy = \"unsafe-best-match\"\n";
    let scratch = layers(config, &[("a", "one\ntwo\nthree\n"), ("b", "four\nfive\nsix\n")]);
    scratch.layerpack("build -j 2").index(&index).run().fine();
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[test]
fn a_number_of_jobs_is_a_whole_one() {
    let scratch = layers("", &[("src", "web\n")]);
    let refused = |command: &str| scratch.layerpack(command).env("LAYERPACK_JOBS", "many").run().refused().to_string();
    let first = refused("resolve src");
    assert_snapshot!(first, @"
    exit 2
    ----- stderr -----
    error[LP501]: LAYERPACK_JOBS is `many`, which is no number of threads
      help: write a whole number from 1 to 256, or leave it unset
    ");
    for command in ["lock src", "fetch src -o wheels", "check src", "build src"] {
        assert_eq!(refused(command), first, "{command}");
    }
}

#[test]
fn resolve_and_fetch_say_it_in_order_too() {
    let index = shop().start();
    let scratch = many();
    let said = |command: &str| scratch.layerpack(command).index(&index).run();
    let headings = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| line.starts_with("layer"))
            .map(|line| line.split([' ', ':']).next().unwrap_or_default().to_owned())
            .collect()
    };
    let resolved = said("resolve");
    let in_order = headings(&resolved.stdout);
    let mut expected: Vec<String> =
        (0..12).filter(|number| *number != 6).flat_map(|number| vec![format!("layer{number}"); 2]).collect();
    // There is no wheel of tables for arm64.
    for name in ["layer2", "layer10"] {
        let at = expected.iter().position(|known| known == name).expect("it is there");
        expected.remove(at);
    }
    assert_eq!(in_order, expected, "{resolved}");
    assert_eq!(headings(&said("fetch -o wheels").stderr), expected);
}

/// The layer on top is locked after the one below, whose new versions it sees; what cannot be locked holds up nobody else.
#[test]
fn locks_are_told_in_order_and_those_on_top_come_after() {
    let index = shop().start();
    let scratch = many();
    let ran = scratch.layerpack("lock").index(&index).run();
    assert_eq!(ran.code, 1, "{ran}");
    let locked: Vec<&str> = ran.stdout.lines().collect();
    let expected: Vec<String> = (0..12)
        .filter(|number| ![2, 6, 10].contains(number))
        .map(|number| format!("layer{number}/pylock.toml"))
        .collect();
    assert_eq!(locked, expected, "{ran}");
    assert!(!scratch.text("layer7/pylock.toml").contains("name = \"web\""), "{ran}");
    assert!(!scratch.path("layer6/pylock.toml").exists());
    // What lies below is not locked: neither is what lies on it, and that is told once.
    scratch.write("layer4/requirements.txt", "nobody-knows-it\n");
    fs_err::remove_file(scratch.path("layer7/pylock.toml")).expect("it was written");
    let again = scratch.layerpack("lock layer4 layer7").index(&index).run();
    assert_eq!((again.code, again.stdout.as_str()), (1, ""), "{again}");
    assert_eq!(again.stderr.matches("error[").count(), 1, "{again}");
    assert!(!scratch.path("layer7/pylock.toml").exists());
}

#[test]
fn a_page_is_asked_for_once_however_many_layers_want_it() {
    let index =
        FakeIndex::builder().wheel(pure("web", "1.0").requires("templates")).wheel(pure("templates", "2.0")).start();
    let config = "runtime = \"python3.12\"\narch = \"arm64\"\nemit = \"zip\"\n[layers.a]\nsource = \"a\"\n[layers.b]\nsource = \"b\"\n\
        [layers.c]\nsource = \"c\"\non-top-of = \"a\"\n";
    let scratch = layers(config, &[("a", "web\n"), ("b", "web\ntemplates\n"), ("c", "web\nother @ INDEX\n")]);
    scratch.write("c/requirements.txt", "web\nown @ ./own-1.0-py3-none-any.whl\n").wheel("c", &pure("own", "1.0"));
    // Pages that may be kept would be answered from the cache by a second client as well: each is asked anew here.
    scratch.layerpack("build --refresh").index(&index).run().fine();
    let pages: Vec<String> = index.request_lines().into_iter().filter(|line| line.contains("/simple/")).collect();
    assert_eq!(pages, ["GET /simple/templates/", "GET /simple/web/"]);
    let wheels =
        index.request_lines().iter().filter(|line| line.contains("/files/") && !line.contains(".metadata")).count();
    assert_eq!(wheels, 2);
}
