use super::*;

const SCRIPT: &[u8] = b"#!/bin/bash\nexec python -m uvicorn app:app\n";

#[test]
fn a_script_without_x_bit_cannot_be_started() {
    let app = || function().file("app.py");
    insta::assert_snapshot!(app().bytes("run.sh", SCRIPT).said(), @"error LP419 run.sh: a script without x bit (mode 0644): it cannot be started");
    insta::assert_snapshot!(app().bytes("bootstrap", SCRIPT).said(), @"error LP419 bootstrap: a script without x bit (mode 0644): it cannot be started");
    insta::assert_snapshot!(app().bytes("deploy.sh", SCRIPT).said(), @"warning LP419 deploy.sh: a script without x bit (mode 0644): it cannot be started");
    insta::assert_snapshot!(layer().file("extensions/adapter").said(), @"error LP419 extensions/adapter: a script without x bit (mode 0644): it cannot be started");
    insta::assert_snapshot!(layer().bytes("wrapper", SCRIPT).said(), @"warning LP419 wrapper: a script without x bit (mode 0644): it cannot be started");
}

#[test]
fn what_is_started_or_is_no_script() {
    for fine in [
        function().bytes("run.sh", SCRIPT).with_mode(Some(0o755)),
        // Its mode is not known.
        function().bytes("run.sh", SCRIPT).with_mode(None),
        function().bytes("notes.sh", b"echo no interpreter\n"),
        function().bytes("app.py", b"#!/usr/bin/env python3\r\n"),
        function().bytes("scripts/run.sh", SCRIPT),
        function().bytes("README", b"words\r\n"),
        layer().mode("extensions/adapter", Some(0o755)),
        layer().file("extensions/adapter.d/settings"),
    ] {
        assert_eq!(fine.said(), "");
    }
}

#[test]
fn a_script_with_windows_line_ends() {
    let script = |bytes: &[u8]| function().file("app.py").bytes("run.sh", bytes).with_mode(Some(0o755));
    insta::assert_snapshot!(script(b"#!/bin/bash\r\nexec app\r\n").said(), @"error LP420 run.sh: a script with Windows line ends: Linux takes the carriage return for a part of each line");
    assert_eq!(script(b"#!/bin/bash\nprintf 'a\rb'\n").said(), "");
    assert_eq!(script(b"echo\r\n").said(), "");
}
