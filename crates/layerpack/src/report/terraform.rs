//! `--format terraform`: what `build` wrote as one flat object of strings, which is all that Terraform's data source
//! `external` takes: <https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external>.

use std::collections::BTreeMap;

use lambda_compat::Target;

use crate::report::json::BuiltLayer;

/// Every layer's fields behind what `called` calls its outputs, `pypi-python3.12-arm64.path`; with a single one also by
/// themselves.
pub(crate) fn terraform_strings(
    built: &[(Target, BuiltLayer)],
    called: impl Fn(&str, &Target) -> String,
) -> BTreeMap<String, String> {
    let mut strings = BTreeMap::new();
    for (target, layer) in built {
        let fields = fields(target, layer);
        let stem = called(&layer.layer, target);
        strings.extend(fields.iter().map(|(name, value)| (format!("{stem}.{name}"), value.clone())));
        if built.len() == 1 {
            strings.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
        }
    }
    strings
}

/// The zip's fields as they are called in JSON; of other outputs the path alone.
fn fields(target: &Target, layer: &BuiltLayer) -> BTreeMap<&'static str, String> {
    let mut fields = BTreeMap::from([
        ("layer", layer.layer.clone()),
        ("runtime", target.runtime.name.to_string()),
        ("arch", target.arch.to_string()),
    ]);
    fields.extend(layer.unzipped.map(|bytes| ("unzipped", bytes.to_string())));
    for output in &layer.outputs {
        match output.kind.as_str() {
            "zip" => {
                fields.insert("path", output.path.clone());
                fields.insert("size", output.size.to_string());
                fields.extend(output.sha256.clone().map(|digest| ("sha256", digest)));
                fields.extend(output.sha256_base64.clone().map(|digest| ("sha256_base64", digest)));
            }
            "tree" => drop(fields.insert("tree", output.path.clone())),
            "report" => drop(fields.insert("report", output.path.clone())),
            "sbom" => drop(fields.insert("sbom", output.path.clone())),
            "html" => drop(fields.insert("html", output.path.clone())),
            _ => {}
        }
    }
    fields
}
