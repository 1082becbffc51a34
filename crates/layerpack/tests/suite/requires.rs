//! `resolve --tree` and `--why`: who asks for what.

use insta::assert_snapshot;
use testkit::FakeIndex;

use crate::support::{Ran, Scratch, pure, shop};

const TARGET: &str = "--runtime python3.12 --arch x86_64";

fn resolve(scratch: &Scratch, index: &FakeIndex, flags: &str) -> Ran {
    scratch.layerpack(&format!("resolve src {TARGET} {flags}")).index(index).run()
}

/// The shop, and a package that everybody wants.
fn crowded() -> FakeIndex {
    shop()
        .wheel(pure("page", "1.0").requires("templates>=1,<3").requires("web[fast]"))
        .wheel(pure("templates", "2.2").requires("markup!=0.1,<2"))
        .wheel(pure("markup", "1.0").requires("page; extra == 'never'").requires("web>=1"))
        .start()
}

#[test]
fn the_tree_has_sizes_and_shows_nothing_twice() {
    let index = crowded();
    let scratch = Scratch::with_requirements("page\n\nweb[fast]>=1\ntables\n");
    assert_snapshot!(resolve(&scratch, &index, "--tree"), @"
    exit 0
    ----- stdout -----
    page 1.0  888 bytes, 6 kB in all  src/requirements.txt line 1
    ├── templates 2.2  925 bytes, 5 kB in all
    │   └── markup 1.0  914 bytes, 5 kB in all
    │       └── web 1.2  2 kB, 5 kB in all
    │           ├── templates 2.2 (*)
    │           └── loop 0.9  2 kB
    └── web[fast] 1.2 (*)
    web[fast] 1.2 (*)  src/requirements.txt line 3
    tables 1.0  2 kB  src/requirements.txt line 4
    ----- stderr -----
    sizes are those of the wheels, before they are unpacked; (*): shown above
    src: 6 packages for python3.12 · x86_64
    ");
    scratch.wheel("src", &pure("own", "0.1").requires("templates"));
    scratch.write("src/requirements.txt", "");
    assert_snapshot!(resolve(&scratch, &index, "--tree --exclude markup"), @"
    exit 0
    ----- stdout -----
    own 0.1  857 bytes, 2 kB in all  src/own-0.1-py3-none-any.whl
    └── templates 2.2  925 bytes
    ----- stderr -----
    note[LP418]: left out markup, which templates 2.2 requires
             help: another layer, the runtime or the function has to bring it, where it is used
    sizes are those of the wheels, before they are unpacked; (*): shown above
    src: 2 packages for python3.12 · x86_64
    ");
}

#[test]
fn every_way_to_a_package_is_told() {
    let index = crowded();
    let scratch = Scratch::with_requirements("page\n\nweb[fast]>=1\n");
    assert_snapshot!(resolve(&scratch, &index, "--why Markup"), @"
    exit 0
    ----- stdout -----
    markup 1.0
      src/requirements.txt line 1 asks for page
        page 1.0 requires templates>=1,<3
          templates 2.2 requires markup!=0.1,<2
      src/requirements.txt line 3 asks for web[fast]>=1
        web 1.2 requires templates>=2
          templates 2.2 requires markup!=0.1,<2
      src/requirements.txt line 1 asks for page
        page 1.0 requires web[fast]
          web 1.2 requires templates>=2
            templates 2.2 requires markup!=0.1,<2
    ----- stderr -----
    src: 5 packages for python3.12 · x86_64
    ");
    assert_snapshot!(resolve(&scratch, &index, "--why page"), @"
    exit 0
    ----- stdout -----
    page 1.0
      src/requirements.txt line 1 asks for page
    ----- stderr -----
    src: 5 packages for python3.12 · x86_64
    ");
    assert_snapshot!(resolve(&scratch, &index, "--why tables"), @"
    exit 1
    ----- stdout -----
    tables is not among the 5 packages for python3.12 · x86_64: nothing requires it
    ----- stderr -----
    src: 5 packages for python3.12 · x86_64
    ");
    assert_snapshot!(resolve(&scratch, &index, "--why loop --exclude loop --quiet"), @"
    exit 1
    ----- stdout -----
    loop is left out, as --exclude says
    ");
    assert_snapshot!(resolve(&scratch, &index, "--why web>=1"), @"
    exit 2
    ----- stderr -----
    error[LP501]: --why `web>=1` is no name of a package
      help: write the name alone, without version or extras: --why urllib3
    ");
    let json = resolve(&scratch, &index, "--why loop --format json").json();
    assert_eq!(json["why"][0][0], "src/requirements.txt line 3 asks for web[fast]>=1");
    assert_eq!(json["packages"][2]["dependencies"], serde_json::json!(["templates", "web"]));
}

#[test]
fn a_lock_tells_it_too() {
    let index = crowded();
    let scratch = Scratch::with_requirements("page\n");
    scratch.layerpack(&format!("lock src {TARGET}")).index(&index).run().fine();
    assert_snapshot!(resolve(&scratch, &index, "--locked --tree"), @"
    exit 0
    ----- stdout -----
    page 1.0  888 bytes, 6 kB in all  src/requirements.txt line 1
    ├── templates 2.2  925 bytes, 5 kB in all
    │   └── markup 1.0  914 bytes, 5 kB in all
    │       └── web 1.2  2 kB, 5 kB in all
    │           ├── loop 0.9  2 kB
    │           └── templates 2.2 (*)
    └── web 1.2 (*)
    ----- stderr -----
    sizes are those of the wheels, before they are unpacked; (*): shown above
    src: 5 packages for python3.12 · x86_64, from pylock.toml
    ");
    assert_snapshot!(resolve(&scratch, &index, "--locked --why loop"), @"
    exit 0
    ----- stdout -----
    loop 0.9
      src/requirements.txt line 1 asks for page
        page 1.0 requires web
          web 1.2 requires loop
      src/requirements.txt line 1 asks for page
        page 1.0 requires templates
          templates 2.2 requires markup
            markup 1.0 requires web
              web 1.2 requires loop
    ----- stderr -----
    src: 5 packages for python3.12 · x86_64, from pylock.toml
    ");
    assert_snapshot!(scratch.layerpack(&format!("resolve src/pylock.toml {TARGET} --why loop")).run(), @"
    exit 0
    ----- stdout -----
    loop 0.9
      src/pylock.toml asks for page
        page 1.0 requires web
          web 1.2 requires loop
      src/pylock.toml asks for page
        page 1.0 requires templates
          templates 2.2 requires markup
            markup 1.0 requires web
              web 1.2 requires loop
    ----- stderr -----
    src: 5 packages for python3.12 · x86_64, from pylock.toml
    ");
}
