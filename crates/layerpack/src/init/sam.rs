//! Templates of SAM and of AWS: `AWS::Serverless::LayerVersion`, `AWS::Lambda::LayerVersion`, and what functions run on.

use lambda_compat::{Arch, RuntimeName};

use super::files::{Files, folder_of, joined};
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
    }
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
    let Some(source) = joined(folder_of(path), content) else { return };
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
    let layer = FoundLayer { name: name_of(&source), source, runtimes, arches, by: format!("{id} of {path}") };
    project.add(files, layer);
}
