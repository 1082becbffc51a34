//! `layerpack completions`: a script for each shell. Real shells are tried by scripts/completions.sh.

use crate::support::Scratch;

#[test]
fn every_shell_gets_its_script() {
    let scratch = Scratch::new();
    for (shell, words) in [
        ("bash", "complete -F _layerpack"),
        ("zsh", "#compdef layerpack"),
        ("fish", "complete -c layerpack"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion:arg-completer[layerpack]"),
    ] {
        let ran = scratch.layerpack(&format!("completions {shell}")).run().fine();
        for known in [words, "resolve", "exclude-newer"] {
            assert!(ran.stdout.contains(known), "{shell}: no {known}");
        }
        // The scripts of the other two complete no values.
        if ["bash", "zsh", "fish"].contains(&shell) {
            assert!(ran.stdout.contains("python3.13") && ran.stdout.contains("arm64"), "{shell}");
        }
        assert_eq!(ran.stderr, "");
    }
    let unknown = scratch.layerpack("completions tcsh").run();
    assert_eq!(unknown.code, 2, "{unknown}");
}

#[test]
fn what_the_shell_is_told_restricts_nothing() {
    let scratch = Scratch::new();
    scratch.write("src/python/hello.py", "");
    // Spellings that no completion offers.
    scratch.layerpack("build src --runtime 3.13 --arch aarch64").run().fine();
    scratch.layerpack("explain 305").run().fine();
}
