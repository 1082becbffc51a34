//! Templates of SAM and of AWS: `AWS::Serverless::LayerVersion`, `AWS::Lambda::LayerVersion`, and what functions run on.

use lambda_compat::{Arch, RuntimeName};

use super::files::{Files, folder_of, joined};
use super::stacks::{Function, Used, is_zip, name_in_arn};
use super::yaml::{Node, values};
use super::{FoundLayer, Project, Said, name_of};

pub(super) fn read(files: &Files, project: &mut Project) {
    for path in files.named(&["template.yaml", "template.yml", "template.json", "sam.yaml", "sam.yml"]) {
        // JSON is YAML.
        let Some(template) = files.text(path).and_then(|text| Node::read(&text)) else { continue };
        let by = |part: &str| format!("{path}, {part}");
        tell(project, &template, "Globals.Function", &by("Globals"));
        for (id, resource) in template.at("Resources").map(Node::entries).unwrap_or_default() {
            match resource.at("Type").and_then(Node::text) {
                Some("AWS::Serverless::Function" | "AWS::Lambda::Function") => {
                    tell(project, resource, "Properties", &by(id));
                }
                Some("AWS::Serverless::LayerVersion") => layer(files, project, path, id, resource, "ContentUri"),
                Some("AWS::Lambda::LayerVersion") => layer(files, project, path, id, resource, "Content"),
                _ => {}
            }
        }
        functions(files, project, path, &template);
    }
}

/// What each function has: the layers of `Globals` and its own, and its code.
fn functions(files: &Files, project: &mut Project, path: &str, template: &Node) {
    let resources = template.at("Resources").map(Node::entries).unwrap_or_default();
    let of_all = template.at("Globals.Function.Layers").map(Node::items).unwrap_or_default();
    for (id, function) in resources {
        let (global, code) = match function.at("Type").and_then(Node::text) {
            Some("AWS::Serverless::Function") => (of_all, "Properties.CodeUri"),
            Some("AWS::Lambda::Function") => (&[][..], "Properties.Code"),
            _ => continue,
        };
        let own = function.at("Properties.Layers").map(Node::items).unwrap_or_default();
        let all = global.iter().chain(own);
        // Of which layers it has one cannot be told, none is.
        let Some(layers) = all.map(|layer| used(files, path, resources, layer)).collect() else { continue };
        let code = function.at(code).and_then(Node::text).and_then(|code| joined(folder_of(path), code));
        let code = code.filter(|code| files.is_code(code));
        project.functions.push(Function { name: id.clone(), layers, code, file: path.to_owned() });
    }
}

/// A layer of a function: `!Ref PypiLayer`, or an ARN.
fn used(files: &Files, path: &str, resources: &[(String, Node)], layer: &Node) -> Option<Used> {
    let text = layer.text().or_else(|| layer.at("Ref").or_else(|| layer.at("Fn::Sub")).and_then(Node::text))?;
    if let Some(name) = name_in_arn(text) {
        return Some(Used::Other(name));
    }
    let name = text.trim_start_matches("${").trim_end_matches('}');
    // A parameter stands for a layer from elsewhere.
    let Some((_, resource)) = resources.iter().find(|(id, _)| id == name) else {
        return Some(Used::Other(name.to_owned()));
    };
    let content = ["Properties.ContentUri", "Properties.Content"].into_iter().find_map(|at| resource.at(at));
    let content = content.and_then(Node::text).and_then(|content| joined(folder_of(path), content));
    let name = name.to_owned();
    Some(match content {
        Some(source) if files.is_source(&source) => Used::Source(source),
        Some(path) if is_zip(&path) => Used::Zip { path, name },
        _ => Used::Other(name),
    })
}

fn tell(project: &mut Project, node: &Node, at: &str, by: &str) {
    let runtimes = values::<RuntimeName>(node, &format!("{at}.Runtime"));
    project.runtimes.extend(runtimes.into_iter().map(|value| Said { value, by: by.to_owned() }));
    let arches = values::<Arch>(node, &format!("{at}.Architectures"));
    project.arches.extend(arches.into_iter().map(|value| Said { value, by: by.to_owned() }));
}

fn layer(files: &Files, project: &mut Project, path: &str, id: &str, resource: &Node, content: &str) {
    // In a bucket there is nothing to build.
    let Some(content) = resource.at(&format!("Properties.{content}")).and_then(Node::text) else { return };
    let Some(source) = joined(folder_of(path), content).filter(|source| !is_zip(source)) else { return };
    let mut runtimes: Vec<RuntimeName> = values(resource, "Properties.CompatibleRuntimes");
    let mut arches: Vec<Arch> = values(resource, "Properties.CompatibleArchitectures");
    // What `sam build` builds it for says more than what it is offered to.
    let built: Vec<RuntimeName> = values(resource, "Metadata.BuildMethod");
    if !built.is_empty() {
        runtimes = built;
    }
    let built: Vec<Arch> = values(resource, "Metadata.BuildArchitecture");
    if !built.is_empty() {
        arches = built;
    }
    let layer = FoundLayer {
        name: name_of(&source),
        source,
        runtimes,
        arches,
        on_top_of: Vec::new(),
        by: format!("{id} of {path}"),
    };
    project.add(files, layer);
}
