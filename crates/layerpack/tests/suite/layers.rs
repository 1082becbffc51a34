//! Projects of several layers, for the tests of configurations, of layers on top of others and of stacks.

use crate::support::{Scratch, pure};

/// A framework from the index, and wheels of one's own on top of it.
pub(crate) const TWO: &str = "runtime = \"python3.12\"\narch = \"arm64\"\nemit = [\"zip\", \"report\"]\n[layers.pypi]\n\
    source = \"src/layers/pypi\"\n[layers.whl]\nsource = \"src/layers/whl\"\non-top-of = \"pypi\"\n";

/// A configuration, and folders with these requirement lines.
pub(crate) fn layers(config: &str, sources: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    scratch.write("layerpack.toml", config);
    for (folder, lines) in sources {
        scratch.write(&format!("{folder}/requirements.txt"), lines);
    }
    scratch
}

/// The project of [`TWO`], with more in its configuration.
pub(crate) fn two_layers(more: &str) -> Scratch {
    let scratch = layers(&format!("{TWO}{more}"), &[("src/layers/pypi", "web\n")]);
    scratch
        .wheel("src/layers/whl", &pure("local_package1", "0.1.0").requires("web>=1").requires("colours"))
        .wheel("src/layers/whl", &pure("local_package2", "0.2.0").requires("templates<3"));
    scratch
}

/// The same with a stack of both, and a function's code.
pub(crate) fn two_layers_in_a_stack(stack: &str) -> Scratch {
    let scratch = two_layers(&format!("[stacks.api]\nlayers = [\"pypi\", \"whl\"]\n{stack}"));
    scratch.write("src/app/app.py", "x = 1\n".repeat(100));
    scratch
}
