use super::*;

#[test]
fn a_pth_file_that_is_not_read() {
    let with = |text: &str| layer().file("python/win32/api.py").bytes("python/a.pth", text.as_bytes()).said();
    insta::assert_snapshot!(with("# folders\nwin32\nmissing\n"), @"warning LP415 python/a.pth: Python reads no .pth file in /opt/python: the folder /opt/python/win32 is not put on sys.path");
    insta::assert_snapshot!(with("/home/me/src\n"), @"warning LP415 python/a.pth: Python reads no .pth file in /opt/python: the folder /home/me/src is not put on sys.path");
    insta::assert_snapshot!(with("import a_finder; a_finder.install()\nwin32\n"), @"warning LP415 python/a.pth: Python reads no .pth file in /opt/python: `import a_finder; a_finder.install()` is not run, and more");
    let precedence =
        "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local'; x()";
    insta::assert_snapshot!(with(precedence), @"note LP415 python/a.pth: Python reads no .pth file in /opt/python: `import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'loca…` is not run");
    let namespace = "import sys, types; m = sys.modules.setdefault('google', types.ModuleType('google'))";
    assert!(with(namespace).starts_with("note LP415 "), "{}", with(namespace));
    insta::assert_snapshot!(function().files(&["app.py", "a.pth"]).said(), @"warning LP415 a.pth: Python reads no .pth file in /var/task");
}

#[test]
fn pth_files_that_do_nothing_or_are_read() {
    for (path, text) in [
        ("python/a.pth", "# nothing\n\n"),
        ("python/a.pth", "missing\n../nowhere\n"),
        ("python/lib/python3.12/site-packages/a.pth", "import a\n"),
        ("python/a/b.pth", "import a\n"),
        ("lib/a.pth", "import a\n"),
    ] {
        assert_eq!(layer().file("python/a/__init__.py").bytes(path, text.as_bytes()).said(), "", "{path} {text}");
    }
}

#[test]
fn half_an_sdk() {
    insta::assert_snapshot!(layer().pure("botocore", "1.40.4").said(), @"warning LP417 python/botocore-1.40.4.dist-info/METADATA: the runtime's own boto3 1.42.97 uses the layer's botocore 1.40.4, which it excludes; the runtime has 1.42.97");
    insta::assert_snapshot!(layer().pure("s3transfer", "0.17.0").said(), @"warning LP417 python/s3transfer-0.17.0.dist-info/METADATA: the runtime's own boto3 1.42.97 uses the layer's s3transfer 0.17.0, which it excludes; the runtime has 0.16.0");
    insta::assert_snapshot!(layer().pure("urllib3", "2.7.0").said(), @"note LP417 python/urllib3-2.7.0.dist-info/METADATA: the runtime's own boto3 1.42.97 uses the layer's urllib3 2.7.0 instead of 1.26.19, which it admits");
    insta::assert_snapshot!(layer().pure("urllib3", "2.7.0").on("python3.9", Arch::Arm64), @"warning LP417 python/urllib3-2.7.0.dist-info/METADATA: the runtime's own boto3 1.40.4 uses the layer's urllib3 2.7.0, which it excludes; the runtime has 1.26.19");
    insta::assert_snapshot!(layer().pure("urllib3", "2.2.0").said(), @"warning LP417 python/urllib3-2.2.0.dist-info/METADATA: the runtime's own boto3 1.42.97 uses the layer's urllib3 2.2.0, which it excludes; the runtime has 1.26.19");
}

#[test]
fn a_whole_sdk_and_what_it_admits() {
    assert_eq!(layer().pure("boto3", "1.40.4").pure("botocore", "1.40.4").pure("urllib3", "2.7.0").said(), "");
    for (part, version) in [
        ("botocore", "1.42.98"),
        ("s3transfer", "0.16.1"),
        ("urllib3", "1.26.19"),
        ("jmespath", "1.1.0"),
        ("python-dateutil", "2.8.2"),
        ("six", "1.12.0"),
        ("requests", "2.33.0"),
    ] {
        assert_eq!(layer().pure(part, version).said(), "", "{part} {version}");
    }
}

#[test]
fn requirements_that_nothing_meets() {
    let uvicorn = || layer().pure("uvicorn", "0.40.0");
    insta::assert_snapshot!(uvicorn().requires("click", ">=7.0").said(), @"error LP418 python/uvicorn-0.40.0.dist-info/METADATA: uvicorn 0.40.0 requires click>=7.0; the layer has no click");
    insta::assert_snapshot!(uvicorn().requires("click", ">=7.0").pure("click", "6.7").said(), @"error LP418 python/uvicorn-0.40.0.dist-info/METADATA: uvicorn 0.40.0 requires click>=7.0; the layer has click 6.7");
    insta::assert_snapshot!(uvicorn().requires("boto3", ">=1.42").said(), @"note LP418 python/uvicorn-0.40.0.dist-info/METADATA: uvicorn 0.40.0 requires boto3>=1.42, met by the runtime's own boto3 1.42.97, which AWS changes without notice");
    insta::assert_snapshot!(uvicorn().requires("boto3", ">=2").said(), @"error LP418 python/uvicorn-0.40.0.dist-info/METADATA: uvicorn 0.40.0 requires boto3>=2; the layer has no boto3, and the runtime's own is 1.42.97");
    let in_function = function().file("app.py").pure("uvicorn", "0.40.0").requires("click", ">=7.0");
    insta::assert_snapshot!(in_function.said(), @"warning LP418 uvicorn-0.40.0.dist-info/METADATA: uvicorn 0.40.0 requires click>=7.0; the function has no click: one of its layers has to bring it");
}

#[test]
fn requirements_that_are_met() {
    let uvicorn = || layer().pure("uvicorn", "0.40.0").requires("click", ">=7.0");
    assert_eq!(uvicorn().pure("click", "8.3.0").said(), "");
    assert_eq!(uvicorn().below("click", "8.3.0").said(), "");
    assert_ne!(uvicorn().below("click", "6.7").said(), "");
    assert_eq!(layer().pure("uvicorn", "0.40.0").said(), "");
}
