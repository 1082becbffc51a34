use super::*;

#[test]
fn a_packed_wheel_is_not_looked_into() {
    let packed = layer().files(&["python/b-1-py3-none-any.whl", "a-1-py3-none-any.whl", "python/app.py"]);
    insta::assert_snapshot!(packed.said(), @"error LP410 a-1-py3-none-any.whl: a packed wheel, and Python does not look into wheels; 1 more wheel too");
    insta::assert_snapshot!(function().files(&["app.py", "wheels/a-1-py3-none-any.whl"]).said(), @"warning LP410 wheels/a-1-py3-none-any.whl: a packed wheel, and Python does not look into wheels");
}

#[test]
fn wheels_that_are_data_are_none_of_ours() {
    let bundled = ["python/ensurepip/__init__.py", "python/ensurepip/_bundled/__init__.py"];
    let data = layer().files(&bundled).file("python/ensurepip/_bundled/pip-26-py3-none-any.whl");
    assert_eq!(data.said(), "");
    let owned = ["python/v/__init__.py", "python/v/embed/pip-26-py3-none-any.whl"];
    assert_eq!(layer().wheel("v", "1", "py3-none-any", &owned).said(), "");
}

#[test]
fn nothing_where_python_looks() {
    insta::assert_snapshot!(layer().files(&["requests/__init__.py", "app.py"]).said(), @"error LP411 app.py: no python/ at the root: 2 Python files where Python does not look");
    let too_deep = layer().files(&["layer/python/a/__init__.py", "layer/python/b.py", "layer/notes.py"]);
    insta::assert_snapshot!(too_deep.said(), @"error LP411 layer/python/a/__init__.py: 2 Python files in layer/python/: python/ does not lie at the root");
    let environment = layer().files(&["bin/activate_this.py", "lib/python3.12/site-packages/a.py"]);
    insta::assert_snapshot!(environment.said(), @"error LP411 lib/python3.12/site-packages/a.py: 1 Python file in lib/python3.12/site-packages/, where Python does not look");
    let copied = layer().file("python/site-packages/a/__init__.py");
    insta::assert_snapshot!(copied.said(), @"error LP411 python/site-packages/a/__init__.py: 1 Python file in python/site-packages/, where Python does not look");
}

#[test]
fn names_that_cannot_be_imported() {
    insta::assert_snapshot!(layer().file("python/my-package/__init__.py").said(), @"warning LP411 python/my-package/__init__.py: 1 Python file in python/, none of them under a name that can be imported");
    assert_eq!(layer().files(&["python/my-data/x.py", "python/a.py"]).said(), "");
}

#[test]
fn layers_without_python_code_need_no_python_folder() {
    assert_eq!(layer().files(&["lib/libgomp.so.1", "bin/tool.py", "extensions/x/adapter.py", "bootstrap"]).said(), "");
    assert_eq!(layer().file("nodejs/node_modules/node-gyp/gyp/main.py").said(), "");
    assert_eq!(layer().files(&["python/a.py", "wrapper.py", "data/x.py"]).said(), "");
    assert_eq!(layer().file("python/lib/python3.12/site-packages/a.py").said(), "");
}

#[test]
fn a_function_of_packages_only_may_be_a_layer() {
    insta::assert_snapshot!(function().pure("requests", "2.33.0").said(), @"warning LP411 installed packages lie at the root, and nothing else: a function finds them there, a layer does not");
    for own in ["app.py", "app/handler.py", "run.sh", "bootstrap", "app.cpython-312-aarch64-linux-gnu.so"] {
        let said = function().pure("requests", "2.33.0").file(own).said();
        assert!(!said.contains("LP411"), "{own}: {said}");
    }
    let aside = function().pure("requests", "2.33.0").files(&["bin/normalizer", "LICENSE.txt"]);
    assert!(aside.said().contains("LP411"));
    assert_eq!(layer().pure("requests", "2.33.0").said(), "");
}

#[test]
fn python_inside_python() {
    insta::assert_snapshot!(layer().files(&["python/python/a.py", "python/python/b/__init__.py"]).said(), @"error LP412 python/python/a.py: 2 Python files in python/python/, one folder too deep to be found");
    insta::assert_snapshot!(layer().files(&["python/python/a.py", "python/b.py"]).said(), @"warning LP412 python/python/a.py: 1 Python file in python/python/, one folder too deep to be found");
    assert_eq!(layer().files(&["python/python/__init__.py", "python/python/a.py"]).said(), "");
    assert_eq!(layer().files(&["python/a/python/x.py"]).said(), "");
}

#[test]
fn site_packages_of_another_python() {
    let of = |minor: u8, name: &str| format!("python/lib/python3.{minor}/site-packages/{name}.py");
    let other = layer().files(&[&of(11, "a"), &of(11, "b")]);
    insta::assert_snapshot!(other.said(), @"error LP413 python/lib/python3.11/site-packages/a.py: 2 Python files in python/lib/python3.11/site-packages/, where python3.12 does not look");
    assert_eq!(other.on("python3.11", Arch::Arm64), "");
    let beside = layer().files(&[&of(11, "a"), "python/b.py"]);
    insta::assert_snapshot!(beside.said(), @"warning LP413 python/lib/python3.11/site-packages/a.py: 1 Python file in python/lib/python3.11/site-packages/, where python3.12 does not look");
    let both = layer().files(&[&of(11, "a"), &of(12, "a")]);
    insta::assert_snapshot!(both.said(), @"note LP413 python/lib/python3.11/site-packages/a.py: 1 Python file in python/lib/python3.11/site-packages/ for another runtime: on python3.12 they only weigh");
}

#[test]
fn what_lambdas_user_may_not_read() {
    let unreadable = layer().mode("python/a.py", Some(0o600)).mode("python/a.txt", Some(0o640)).file("python/b.py");
    insta::assert_snapshot!(unreadable.said(), @"error LP414 python/a.py: mode 0600: Lambda's user may not read it; 1 more entry too");
    insta::assert_snapshot!(layer().file("python/b.py").mode("python/a.txt", Some(0o640)).said(), @"warning LP414 python/a.txt: mode 0640: Lambda's user may not read it");
    insta::assert_snapshot!(layer().file("python/a/b.py").folder("python/a", 0o700).folder("python", 0o755).said(), @"error LP414 python/a: mode 0700: Lambda's user may not read it");
    assert_eq!(layer().file("python/a.py").mode("python/b.py", None).mode("python/c.py", Some(0o444)).said(), "");
}
