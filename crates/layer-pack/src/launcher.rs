//! Scripts in `python/bin`: the launchers of entry points, and the first line of scripts that a wheel ships.

use wheel_archive::EntryPoint;

/// The launcher of an entry point.
///
/// Lambda puts `/opt/python` on the path of functions only; a process that a layer starts (a web server behind an
/// adapter, say) has just the script's own folder. So the launcher adds the folder above its own, where that is not
/// yet on the path, and works wherever the layer is unpacked.
pub(crate) fn launcher(interpreter: &str, entry_point: &EntryPoint) -> Vec<u8> {
    let EntryPoint { module, attribute, .. } = entry_point;
    let imported = attribute.split('.').next().unwrap_or(attribute);
    format!(
        "#!{interpreter}\n\
         import os.path\n\
         import sys\n\
         \n\
         packages = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\n\
         if packages not in sys.path:\n    \
             sys.path.insert(1, packages)\n\
         \n\
         from {module} import {imported}\n\
         \n\
         if __name__ == \"__main__\":\n    \
             sys.exit({attribute}())\n"
    )
    .into_bytes()
}

/// The script with its first line naming the interpreter; `None` where it is to stay as it is.
///
/// Only a line that starts with exactly `#!python` (which covers `#!pythonw`) stands for the installer's interpreter:
/// <https://packaging.python.org/en/latest/specifications/binary-distribution-format/#recommended-installer-features>.
/// The whole line is replaced, arguments included, as pip does (`fix_script`).
pub(crate) fn with_interpreter(interpreter: &str, script: &[u8]) -> Option<Vec<u8>> {
    if !script.starts_with(b"#!python") {
        return None;
    }
    let mut rewritten = format!("#!{interpreter}\n").into_bytes();
    let end = script.iter().position(|&byte| byte == b'\n').map_or(script.len(), |newline| newline + 1);
    rewritten.extend(script.iter().skip(end));
    Some(rewritten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use insta::assert_snapshot;
    use wheel_archive::ScriptKind;

    const PYTHON: &str = "/var/lang/bin/python3";

    #[test]
    fn launcher_imports_the_first_part_of_a_dotted_attribute() {
        let entry_point = EntryPoint {
            group: ScriptKind::Console,
            name: "tool".to_owned(),
            module: "pkg.cli".to_owned(),
            attribute: "Main.run".to_owned(),
        };
        let text = String::from_utf8(launcher(PYTHON, &entry_point)).expect("the launcher is ASCII");
        assert_snapshot!(text, @r#"
        #!/var/lang/bin/python3
        import os.path
        import sys

        packages = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        if packages not in sys.path:
            sys.path.insert(1, packages)

        from pkg.cli import Main

        if __name__ == "__main__":
            sys.exit(Main.run())
        "#);
    }

    #[test]
    fn only_a_first_line_of_python_is_replaced() {
        let rewritten = |script: &str| {
            with_interpreter(PYTHON, script.as_bytes()).map(|bytes| String::from_utf8(bytes).expect("text stays text"))
        };
        let fixed = |rest: &str| Some(format!("#!{PYTHON}\n{rest}"));
        assert_eq!(rewritten("#!python\nx = 1\n"), fixed("x = 1\n"));
        assert_eq!(rewritten("#!pythonw\r\nx\r\n"), fixed("x\r\n"));
        assert_eq!(rewritten("#!python -E\nx"), fixed("x"));
        assert_eq!(rewritten("#!python"), fixed(""));
        assert_eq!(rewritten("#!/usr/bin/env python3\nx"), None);
        assert_eq!(rewritten("#! python\nx"), None);
        assert_eq!(rewritten("\n#!python\n"), None);
        assert_eq!(rewritten(""), None);
    }
}
