//! serverless.yml: its provider, functions and layers, and the plugin serverless-python-requirements.

use lambda_compat::{Arch, RuntimeName};

use super::files::{Files, folder_of, joined};
use super::stacks::{Function, Used, name_in_arn};
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
                on_top_of: Vec::new(),
                by: format!("layer {id} of {path}"),
            };
            project.add(files, layer);
        }
        let plugin = take_plugin(files, project, path, &service);
        functions(files, project, path, &service, plugin.as_deref());
    }
}

/// What each function has: its own layers, else the provider's. Which code is packed is told by patterns, and not read.
fn functions(files: &Files, project: &mut Project, path: &str, service: &Node, plugin: Option<&str>) {
    let mut known: Vec<(String, Used)> = Vec::new();
    for (id, layer) in service.at("layers").map(Node::entries).unwrap_or_default() {
        let place = |at| layer.at(at).and_then(Node::text).and_then(|place| joined(folder_of(path), place));
        let source = place("path").filter(|source| files.is_source(source)).map(Used::Source);
        let zip = place("package.artifact").map(|path| Used::Zip { path, name: id.clone() });
        known.extend(source.or(zip).map(|layer| (logical_id(id), layer)));
    }
    known.extend(plugin.map(|source| (logical_id("PythonRequirements"), Used::Source(source.to_owned()))));
    let of_all = service.at("provider.layers").map(Node::items).unwrap_or_default();
    for (name, function) in service.at("functions").map(Node::entries).unwrap_or_default() {
        let layers = function.at("layers").map_or(of_all, Node::items);
        let used = |layer: &Node| {
            let text = layer.text().or_else(|| layer.at("Ref").and_then(Node::text))?;
            if let Some(name) = name_in_arn(text) {
                return Some(Used::Other(name));
            }
            let known = known.iter().find(|(id, _)| id == text).map(|(_, layer)| layer.clone());
            Some(known.unwrap_or_else(|| Used::Other(text.to_owned())))
        };
        // Of which layers it has one cannot be told, none is.
        if let Some(layers) = layers.iter().map(used).collect() {
            project.functions.push(Function { name: name.clone(), layers, code: None, file: path.to_owned() });
        }
    }
}

/// How `CloudFormation` calls a layer of serverless.yml: `my-tools` is `MyDashtoolsLambdaLayer`.
fn logical_id(name: &str) -> String {
    let name = name.replace('-', "Dash").replace('_', "Underscore");
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    format!("{}{}LambdaLayer", first.map(String::from).unwrap_or_default(), letters.as_str())
}

fn tell(project: &mut Project, node: &Node, by: &str) {
    let by = || by.to_owned();
    let runtimes = values::<RuntimeName>(node, "runtime");
    project.runtimes.extend(runtimes.into_iter().map(|value| Said { value, by: by() }));
    let arches = values::<Arch>(node, "architecture");
    project.arches.extend(arches.into_iter().map(|value| Said { value, by: by() }));
}

/// What the plugin packs, as a layer or into every function: the requirements beside serverless.yml. Gives their place.
fn take_plugin(files: &Files, project: &mut Project, path: &str, service: &Node) -> Option<String> {
    let plugins = service.at("plugins").map(Node::texts).unwrap_or_default();
    if !plugins.contains(&"serverless-python-requirements") {
        return None;
    }
    let settings = service.at("custom.pythonRequirements");
    let file = settings.and_then(|settings| settings.at("fileName")).and_then(Node::text);
    let source = match file {
        Some(file) => joined(folder_of(path), file),
        None => joined(folder_of(path), ""),
    }?;
    let layer = settings.and_then(|settings| settings.at("layer"));
    let layer = FoundLayer {
        name: "python-requirements".to_owned(),
        source: source.clone(),
        runtimes: layer.map(|layer| values(layer, "compatibleRuntimes")).unwrap_or_default(),
        arches: layer.map(|layer| values(layer, "compatibleArchitectures")).unwrap_or_default(),
        on_top_of: Vec::new(),
        by: format!("serverless-python-requirements of {path}"),
    };
    project.add(files, layer);
    Some(source).filter(|source| files.is_source(source))
}
