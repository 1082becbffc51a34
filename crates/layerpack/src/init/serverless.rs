//! serverless.yml: its provider, functions and layers, and the plugin serverless-python-requirements.

use lambda_compat::{Arch, RuntimeName};

use super::files::{Files, folder_of, joined};
use super::yaml::{Node, values};
use super::{FoundLayer, Project, Said, name_of};

pub(super) fn read(files: &Files, project: &mut Project) {
    for path in files.named(&["serverless.yml", "serverless.yaml"]) {
        let Some(service) = files.text(path).and_then(|text| Node::read(&text)) else { continue };
        if let Some(provider) = service.at("provider") {
            tell(project, provider, &format!("{path}, provider"));
        }
        for (name, function) in service.at("functions").map(Node::entries).unwrap_or_default() {
            tell(project, function, &format!("{path}, function {name}"));
        }
        for (id, layer) in service.at("layers").map(Node::entries).unwrap_or_default() {
            let Some(folder) = layer.at("path").and_then(Node::text) else { continue };
            let Some(source) = joined(folder_of(path), folder) else { continue };
            let layer = FoundLayer {
                name: name_of(&source),
                source,
                runtimes: values(layer, "compatibleRuntimes"),
                arches: values(layer, "compatibleArchitectures"),
                by: format!("layer {id} of {path}"),
            };
            project.add(files, layer);
        }
        take_plugin(files, project, path, &service);
    }
}

fn tell(project: &mut Project, node: &Node, by: &str) {
    let by = || by.to_owned();
    let runtimes = values::<RuntimeName>(node, "runtime");
    project.runtimes.extend(runtimes.into_iter().map(|value| Said { value, by: by() }));
    let arches = values::<Arch>(node, "architecture");
    project.arches.extend(arches.into_iter().map(|value| Said { value, by: by() }));
}

/// What the plugin packs, as a layer or into every function: the requirements beside serverless.yml.
fn take_plugin(files: &Files, project: &mut Project, path: &str, service: &Node) {
    let plugins = service.at("plugins").map(Node::texts).unwrap_or_default();
    if !plugins.contains(&"serverless-python-requirements") {
        return;
    }
    let settings = service.at("custom.pythonRequirements");
    let file = settings.and_then(|settings| settings.at("fileName")).and_then(Node::text);
    let source = match file {
        Some(file) => joined(folder_of(path), file),
        None => joined(folder_of(path), ""),
    };
    let Some(source) = source else { return };
    let layer = settings.and_then(|settings| settings.at("layer"));
    let layer = FoundLayer {
        name: "python-requirements".to_owned(),
        source,
        runtimes: layer.map(|layer| values(layer, "compatibleRuntimes")).unwrap_or_default(),
        arches: layer.map(|layer| values(layer, "compatibleArchitectures")).unwrap_or_default(),
        by: format!("serverless-python-requirements of {path}"),
    };
    project.add(files, layer);
}
