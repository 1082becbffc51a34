use super::yaml::Node;
use super::*;

fn project(files: &[(&str, &str)]) -> Project {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs_err::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs_err::write(path, text).expect("a file");
    }
    Project::survey(&Files::below(folder.path()).expect("a folder that is there"))
}

/// Every layer: name, source, what it says of itself.
fn layers(project: &Project) -> Vec<String> {
    let layer = |layer: &FoundLayer| {
        let all = layer.runtimes.iter().map(ToString::to_string).chain(layer.arches.iter().map(ToString::to_string));
        format!("{} = {} [{}] {}", layer.name, layer.source, all.collect::<Vec<_>>().join(" "), layer.by)
    };
    project.layers.iter().map(layer).collect()
}

#[test]
fn tags_of_templates_are_passed_over() {
    let node = Node::read("A: !Sub '${B}-c'\nD: [!Ref E, !GetAtt F.Arn]\nG: !If\n  - h\n  - !Ref I\n  - {J: 1}\n")
        .expect("YAML");
    assert_eq!(node.at("A").and_then(Node::text), Some("${B}-c"));
    assert_eq!(node.at("D").map(Node::texts), Some(vec!["E", "F.Arn"]));
    assert_eq!(node.at("G").map(Node::texts), Some(vec!["h", "I"]));
    assert_eq!(node.at("A.B"), None);
}

#[test]
fn yaml_that_is_none_or_too_deep_is_nothing() {
    assert_eq!(Node::read("a: [b"), None);
    assert_eq!(Node::read(""), None);
    assert_eq!(Node::read(&"[".repeat(100_000)), None);
    assert_eq!(Node::read(&"- ".repeat(5_000)), None);
}

#[test]
fn a_sam_template() {
    let template = "\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.13, Architectures: [arm64]}
Resources:
  PypiLayer:
    Type: AWS::Serverless::LayerVersion
    Properties:
      LayerName: !Sub '${AWS::StackName}-pypi'
      ContentUri: ../layers/pypi/
      CompatibleRuntimes: [python3.12, python3.13]
    Metadata: {BuildMethod: python3.13, BuildArchitecture: arm64}
  FfmpegLayer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: ../layers/ffmpeg}
  Bucket:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: {Bucket: b, Key: k}}
  Old:
    Type: AWS::Serverless::Function
    Properties: {Runtime: nodejs22.x, Architectures: [x86_64]}
";
    let found = project(&[
        ("deploy/template.yaml", template),
        ("layers/pypi/requirements.txt", ""),
        ("layers/ffmpeg/bin/ffmpeg", ""),
        ("layers/other/a-1-py3-none-any.whl", ""),
    ]);
    assert_eq!(
        layers(&found),
        [
            "pypi = layers/pypi [python3.13 arm64] PypiLayer of deploy/template.yaml",
            "other = layers/other [] layers/other/a-1-py3-none-any.whl",
        ]
    );
    assert_eq!(found.left_out, ["layers/ffmpeg: FfmpegLayer of deploy/template.yaml has no packages to build"]);
    assert_eq!(found.runtime().map(|said| said.by), Some("deploy/template.yaml, Globals".to_owned()));
    assert_eq!(found.arch().map(|said| said.value), Some(Arch::Arm64));
}

#[test]
fn a_serverless_file() {
    let service = "\
provider: {name: aws, runtime: python3.12, architecture: arm64}
plugins: [serverless-python-requirements]
custom:
  pythonRequirements: {layer: {compatibleRuntimes: [python3.12]}, fileName: deps/requirements-lambda.txt}
functions:
  api: {handler: app.handler, runtime: '${self:custom.runtime}'}
layers:
  tools: {path: layers/tools, compatibleArchitectures: [x86_64]}
  packed: {package: {artifact: dist/x.zip}}
";
    let found = project(&[
        ("serverless.yml", service),
        ("deps/requirements-lambda.txt", ""),
        ("layers/tools/python/tools.py", ""),
    ]);
    assert_eq!(
        layers(&found),
        [
            "tools = layers/tools [x86_64] layer tools of serverless.yml",
            "python-requirements = deps/requirements-lambda.txt [python3.12] serverless-python-requirements of serverless.yml",
        ]
    );
    assert_eq!(found.runtime().map(|said| said.value.to_string()), Some("python3.12".to_owned()));
}

#[test]
fn a_cdk_app_in_either_language() {
    let stack = "\
import * as lambda from 'aws-cdk-lib/aws-lambda';
new PythonLayerVersion(this, 'Pypi', {
  entry: path.join(__dirname, '..', 'src', 'layers', 'pypi'), // (one)
  compatibleRuntimes: [lambda.Runtime.PYTHON_3_13],
  compatibleArchitectures: [lambda.Architecture.ARM_64],
});
lambda.LayerVersion.fromLayerVersionArn(this, 'Adapter', 'arn:aws:lambda:…');
new lambda.Function(this, 'Api', { runtime: lambda.Runtime.PYTHON_3_13, architecture: lambda.Architecture.ARM_64 });
";
    let python = "\
from aws_cdk import aws_lambda as _lambda
_lambda.LayerVersion(self, \"Whl\", code=_lambda.Code.from_asset(\"src/layers/whl\"))
";
    let found = project(&[
        ("cdk.json", "{}"),
        ("lib/stack.ts", stack),
        ("app/more.py", python),
        ("node_modules/x/index.ts", stack),
        ("src/layers/pypi/requirements.txt", ""),
        ("src/layers/whl/a-1-py3-none-any.whl", ""),
    ]);
    assert_eq!(
        layers(&found),
        [
            "whl = src/layers/whl [] Whl of app/more.py",
            "pypi = src/layers/pypi [python3.13 arm64] Pypi of lib/stack.ts"
        ]
    );
    assert_eq!(
        found.runtime().map(|said| (said.value.to_string(), said.by)),
        Some(("python3.13".into(), "lib/stack.ts".into()))
    );
}

#[test]
fn folders_and_the_python_version() {
    let found = project(&[
        (".python-version", "# ours\n3.12.4\n"),
        ("a/layers/pypi/uv.lock", ""),
        ("b/layers/pypi/requirements.txt", ""),
        ("b/layers/pypi/nested/requirements.txt", ""),
        ("tests/requirements.txt", ""),
        ("venv-of-mine/pyvenv.cfg", ""),
        ("venv-of-mine/layers/x/requirements.txt", ""),
    ]);
    assert_eq!(
        layers(&found),
        [
            "a-layers-pypi = a/layers/pypi [] a/layers/pypi/uv.lock",
            "b-layers-pypi = b/layers/pypi [] b/layers/pypi/requirements.txt",
        ]
    );
    assert_eq!(found.runtime().map(|said| said.by), Some(".python-version".to_owned()));
    let alone = project(&[("requirements.txt", ""), ("pyproject.toml", "")]);
    assert_eq!(layers(&alone), ["dependencies = . [] requirements.txt"]);
    assert_eq!(project(&[("pyproject.toml", "")]).layers, []);
}

#[test]
fn what_is_written_says_where_it_comes_from() {
    let found = project(&[
        ("layers/a/requirements.txt", ""),
        (
            "template.yaml",
            "Resources: {A: {Type: AWS::Lambda::LayerVersion, Properties: {Content: layers/a, CompatibleRuntimes: [python3.11, python3.12]}}}",
        ),
    ]);
    let text = configuration(&found);
    let table: toml::Table = text.parse().expect("TOML");
    assert_eq!(table["runtime"].as_str(), Some("python3.12"));
    assert_eq!(table["layers"]["a"]["source"].as_str(), Some("layers/a"));
    assert_eq!(table["layers"]["a"]["runtime"].as_array().map(Vec::len), Some(2));
    assert!(text.contains("source = \"layers/a\"                   # A of template.yaml"), "{text}");
}

/// Every stack: name, layers, what else, the function's folder, whose it is.
fn stacks(project: &Project) -> Vec<String> {
    let stack = |stack: FoundStack| {
        let function = stack.function.unwrap_or_default();
        format!("{} = {:?} {:?} {function} ({})", stack.name, stack.layers, stack.others, stack.by)
    };
    project.stacks().into_iter().map(stack).collect()
}

#[test]
fn what_functions_of_a_template_have_together() {
    let template = "\
Globals: {Function: {Layers: [!Ref Pypi]}}
Parameters: {Extension: {Type: String}}
Resources:
  Pypi: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/pypi}}
  Whl: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/whl}}
  Fonts: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/fonts}}
  Zip: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: dist/zipped-python3.13-arm64.zip}}
  Elsewhere: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: dist/elsewhere.zip}}
  Zips: {Type: AWS::Serverless::Function, Properties: {Layers: [!Ref Zip, !Ref Elsewhere]}}
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/api/
      Layers:
        - !Ref Whl
        - !Sub 'arn:${AWS::Partition}:lambda:${AWS::Region}:1:layer:Adapter:30'
        - {Ref: Extension}
        - !Ref Fonts
  Alone: {Type: AWS::Serverless::Function, Properties: {CodeUri: .}}
  One: {Type: AWS::Lambda::Function, Properties: {Layers: [!Ref Whl, !Ref Pypi], Code: src/api}}
  Two: {Type: AWS::Lambda::Function, Properties: {Layers: [!Ref Whl, !Ref Pypi], Code: src/two}}
  Three: {Type: AWS::Lambda::Function, Properties: {Layers: [!Ref Whl, !If [a, !Ref Pypi, b]]}}
  Bare: {Type: AWS::Lambda::Function, Properties: {Code: src/two}}
";
    let found = project(&[
        ("template.yaml", template),
        ("layers/pypi/requirements.txt", ""),
        ("layers/whl/a-1-py3-none-any.whl", ""),
        ("layers/fonts/a.ttf", ""),
        ("layers/zipped/requirements.txt", ""),
        ("src/api/app.py", ""),
        ("src/two/app.py", ""),
    ]);
    assert_eq!(
        stacks(&found),
        [
            r#"Zips = ["pypi", "zipped"] ["Elsewhere"]  (Zips of template.yaml)"#,
            r#"Api = ["pypi", "whl"] ["Adapter", "Extension", "Fonts"] src/api (Api of template.yaml)"#,
            r#"One = ["whl", "pypi"] []  (One and Two of template.yaml)"#,
        ]
    );
    let text = configuration(&found);
    let table: toml::Table = text.parse().expect("TOML");
    assert_eq!(table["stacks"]["Api"]["function"].as_str(), Some("src/api"));
    let others = r#"# others = [{ name = "Adapter", size = "…MB" }, { name = "Extension", size = "…MB" }, "#;
    assert!(text.contains(others), "{text}");
}

#[test]
fn what_functions_of_a_service_have_together() {
    let service = "\
provider: {name: aws, layers: [{Ref: PythonRequirementsLambdaLayer}, !Ref MyDashtoolsLambdaLayer]}
plugins: [serverless-python-requirements]
functions:
  api: {handler: a.b}
  worker: {handler: a.c}
  other: {handler: a.d, layers: [!Ref MyDashtoolsLambdaLayer, 'arn:aws:lambda:eu-west-1:1:layer:Adapter:30']}
  packed: {handler: a.f, layers: [!Ref PackedLambdaLayer, !Ref MyDashtoolsLambdaLayer]}
  lost: {handler: a.e, layers: [{'Fn::ImportValue': x}, !Ref MyDashtoolsLambdaLayer]}
layers:
  my-tools: {path: layers/tools}
  packed: {package: {artifact: dist/web-python3.13-arm64.zip}}
";
    let found = project(&[
        ("serverless.yml", service),
        ("requirements.txt", ""),
        ("layers/tools/python/tools.py", ""),
        ("layers/web/requirements.txt", ""),
    ]);
    assert_eq!(
        stacks(&found),
        [
            r#"api = ["python-requirements", "tools"] []  (api and worker of serverless.yml)"#,
            r#"other = ["tools"] ["Adapter"]  (other of serverless.yml)"#,
            r#"packed = ["web", "tools"] []  (packed of serverless.yml)"#,
        ]
    );
}

#[test]
fn what_functions_of_cdk_code_have_together() {
    let stack = "\
import * as lambda from 'aws-cdk-lib/aws-lambda';
const SOURCES = path.join(__dirname, '..', 'src');
const pypi = new PythonLayerVersion(this, 'Pypi', { entry: path.join(SOURCES, 'layers', 'pypi') });
this.whl = new PythonLayerVersion(this, 'Whl', { entry: path.join(SOURCES, 'layers', 'whl'), onTopOf: [pypi] });
const app: lambda.Function = new lambda.Function(this, 'App', {
  description: 'an app with layers: its own',
  code: lambda.Code.fromAsset(path.join(SOURCES, 'code')),
  layers: [pypi, this.whl, adapter(this, 'Adapter', { x: [1, 2] })],
});
new Function(this, 'Two', { layers: [pypi, whl], code: Code.fromAsset(path.join(SOURCES, 'app')) });
new Function(this, 'Lost', { layers: [pypi, whatever] });
new Function(this, 'Listed', { layers });
";
    let python = "\
from aws_cdk import aws_lambda as _lambda
tools: _lambda.LayerVersion = _lambda.LayerVersion(self, \"Tools\", code=_lambda.Code.from_asset(\"src/layers/tools\"))
_lambda.Function(self, \"Worker\", layers=[tools], code=_lambda.Code.from_asset(\"src/worker\"), handler=\"a.b\")
";
    let found = project(&[
        ("cdk.json", "{}"),
        ("lib/stack.ts", stack),
        ("app/more.py", python),
        ("src/layers/pypi/requirements.txt", ""),
        ("src/layers/whl/a-1-py3-none-any.whl", ""),
        ("src/layers/tools/uv.lock", ""),
        ("src/code/main.py", ""),
        ("src/worker/a.py", ""),
        ("src/app/a.py", ""),
    ]);
    assert_eq!(
        stacks(&found),
        [
            r#"Worker = ["tools"] [] src/worker (Worker of app/more.py)"#,
            r#"App = ["pypi", "whl"] ["Adapter"] src/code (App of lib/stack.ts)"#,
            // There are two folders `app`.
            r#"Two = ["pypi", "whl"] []  (Two of lib/stack.ts)"#,
        ]
    );
    let table: toml::Table = configuration(&found).parse().expect("TOML");
    assert_eq!(table["layers"]["whl"]["on-top-of"][0].as_str(), Some("pypi"));
    assert_eq!(table["layers"]["pypi"].get("on-top-of"), None);
}

#[test]
fn a_folder_with_a_name_in_the_code_is_taken_where_there_is_one() {
    let stack = "new lambda.LayerVersion(this, 'A', { code: Code.fromAsset(join(LAYERS, 'pypi')) }); // aws";
    let files = [("cdk.json", "{}"), ("lib/a.ts", stack), ("one/pypi/requirements.txt", "")];
    assert_eq!(layers(&project(&files)), ["pypi = one/pypi [] A of lib/a.ts"]);
    let two = [files.as_slice(), &[("two/pypi/requirements.txt", "")]].concat();
    assert_eq!(layers(&project(&two)), Vec::<String>::new());
}
