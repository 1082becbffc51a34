//! `layerpack init`: what it finds in a project, what it writes, and that it never overwrites.

use insta::assert_snapshot;

use crate::support::{Scratch, shop};

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.12, Architectures: [arm64]}
Resources:
  Pypi:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: src/layers/pypi, CompatibleRuntimes: [python3.12]}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: src/layers/shared, CompatibleRuntimes: [python3.12], CompatibleArchitectures: [arm64, x86_64]}
  Fonts:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: src/layers/fonts}
  Api:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src/api, Layers: [!Ref Pypi, !Ref Shared, 'arn:aws:lambda:eu-west-1:1:layer:Adapter:30']}
";

fn project() -> Scratch {
    let scratch = Scratch::new();
    scratch
        .write("template.yaml", TEMPLATE)
        .write("src/layers/pypi/requirements.txt", "web\n")
        .write("src/layers/shared/python/shared.py", "name = 'shared'\n")
        .write("src/layers/fonts/fonts/a.ttf", "")
        .write("src/api/app.py", "import web\n");
    scratch
}

#[test]
fn a_project_of_sam() {
    let scratch = project();
    assert_snapshot!(scratch.layerpack("init").run().fine(), @"
    exit 0
    ----- stdout -----
    layerpack.toml
    ----- stderr -----
    runtime       python3.12         template.yaml, Globals
    arch          arm64              template.yaml, Globals
    layer pypi    src/layers/pypi    Pypi of template.yaml
    layer shared  src/layers/shared  Shared of template.yaml
    stack Api     pypi, shared       Api of template.yaml
    left out: src/layers/fonts: Fonts of template.yaml has no packages to build
    layerpack build builds all of it
    ");
    assert_snapshot!(scratch.text("layerpack.toml"), @r#"
    # The layers of this project: `layerpack build` builds all of them, `layerpack build NAME` one. Flags win over what
    # stands here. Every key: docs/configuration.md of layerpack.

    # What the layers run on: a Lambda runtime, and arm64 or x86_64. A list builds for each of them.
    runtime = "python3.12"                # template.yaml, Globals
    arch = "arm64"                        # template.yaml, Globals

    [layers.pypi]
    source = "src/layers/pypi"            # Pypi of template.yaml

    [layers.shared]
    source = "src/layers/shared"          # Shared of template.yaml
    arch = ["arm64", "x86_64"]

    [stacks.Api]
    layers = ["pypi", "shared"]           # Api of template.yaml
    function = "src/api"
    # others = [{ name = "Adapter", size = "…MB" }]   # with its size unzipped

    # Further keys of a layer, or for all of them at the top:
    #   exclude = ["boto3"]            # left out, with what only it needs
    #   budget = "200MB"               # unzipped, below Lambda's 250 MB
    #
    # Findings that you know about are left out with a reason:
    #   [[ignore]]
    #   code = "LP131"
    #   package = "numba"
    #   reason = "no threading layer used"
    "#);
    // It is a configuration that builds.
    let built = scratch.layerpack("build --emit zip").index(&shop().start()).run().fine();
    assert_eq!(
        scratch.names("dist"),
        ["pypi-python3.12-arm64.zip", "shared-python3.12-arm64.zip", "shared-python3.12-x86_64.zip"],
        "{built}"
    );
    let stack = "stack Api   python3.12 · arm64: 2 kB of 250.0 MB unzipped, 2 of 5 layers";
    assert!(built.stderr.contains(stack), "{built}");
    let again = scratch.layerpack("init").run().refused();
    assert_snapshot!(again, @"
    exit 2
    ----- stderr -----
    error[LP501]: layerpack.toml is already there, and is left as it is
      help: layerpack init --dry-run prints what it would write
    ");
}

#[test]
fn nothing_is_written_where_there_is_a_configuration_already() {
    let scratch = project();
    scratch.write("pyproject.toml", "[tool.layerpack]\n");
    assert_snapshot!(scratch.layerpack("init").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP501]: pyproject.toml has [tool.layerpack], and is left as it is
      help: layerpack init --dry-run prints what it would write
    ");
    let dry = scratch.layerpack("init --dry-run").run().fine();
    assert!(dry.stdout.contains("[layers.pypi]"), "{dry}");
    assert!(!scratch.path("layerpack.toml").exists());
}

#[test]
fn a_project_without_layers() {
    let scratch = Scratch::new();
    scratch.write("app/main.py", "");
    assert_snapshot!(scratch.layerpack("init app").run().refused(), @"
    exit 2
    ----- stderr -----
    error[LP503]: app: nothing to make a layer of was found
      help: put a requirements.txt, a lock or wheels into a folder of their own, src/layers/pypi/requirements.txt
    ");
    assert_eq!(scratch.layerpack("init nowhere").run().refused().code, 2);
}
