use super::*;

#[test]
fn a_module_that_hides_one_of_the_standard_library() {
    insta::assert_snapshot!(layer().file("python/random.py").said(), @"error LP416 python/random.py: random hides the random of python3.12's standard library, which Lambda's runtime uses itself");
    insta::assert_snapshot!(function().files(&["app.py", "typing/__init__.py"]).said(), @"warning LP416 typing/__init__.py: typing hides the typing of python3.12's standard library");
    let backport = layer().wheel("enum34", "1.1.10", "py3-none-any", &["python/enum/__init__.py"]);
    insta::assert_snapshot!(backport.said(), @"error LP416 python/enum/__init__.py: enum of enum34 1.1.10 hides the enum of python3.12's standard library, which Lambda's runtime uses itself");
    let extension = "python/math.cpython-312-aarch64-linux-gnu.so";
    insta::assert_snapshot!(layer().file(extension).said(), @"error LP416 python/math.cpython-312-aarch64-linux-gnu.so: math hides the math of python3.12's standard library, which Lambda's runtime uses itself");
}

#[test]
fn what_hides_nothing() {
    for harmless in [
        "python/a/random.py",
        "python/randomly.py",
        // A namespace: the import system goes on to the real one.
        "python/asyncio/extra.py",
        "python/asyncio/sub/__init__.py",
        "random.py",
        "lib/random.py",
        "bin/random.py",
        // Found before any folder is looked into.
        "python/time.py",
        // Python's own tests.
        "python/test/__init__.py",
        "python/lib/python3.12/random.py",
    ] {
        let found = layer().files(&["python/a/__init__.py", harmless]).said();
        assert!(!found.contains("LP416"), "{harmless}: {found}");
    }
}
