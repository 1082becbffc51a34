//! A layer's packages as a software bill of materials: `CycloneDX` 1.6, JSON
//! (<https://cyclonedx.org/docs/1.6/json/>).
//!
//! The same layer gives the same bytes: there is no time in it and no serial number, which the format leaves to choice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};
use wheel_archive::{Licence, Sha256};
use wheel_tags::{DistName, Version};

/// A distribution, as a bill of materials has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SbomPackage {
    /// The distribution.
    pub name: DistName,
    /// Its version.
    pub version: Version,
    /// The digest of its wheel.
    pub sha256: Sha256,
    /// Its licence, where it says.
    pub licence: Option<Licence>,
    /// The distributions that it depends on; those that are not in the layer are left out.
    pub dependencies: Vec<DistName>,
}

/// What the bill is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SbomLayer<'a> {
    /// The layer's name.
    pub name: &'a str,
    /// The runtime that it is built for.
    pub runtime: &'a str,
    /// The architecture that it is built for.
    pub arch: &'a str,
    /// The version of layerpack that builds it.
    pub layerpack: &'a str,
}

/// The layer itself, among the references of its components.
const LAYER: &str = "layer";

#[derive(Serialize)]
struct Bom {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(rename = "bomFormat")]
    format: &'static str,
    #[serde(rename = "specVersion")]
    spec_version: &'static str,
    version: u32,
    metadata: Value,
    components: Vec<Value>,
    dependencies: Vec<Value>,
}

/// The bill of materials of a layer: indented, a line feed at the end. Packages are ordered by name.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "texts, lists and maps with texts as keys are always JSON")]
pub fn sbom(layer: &SbomLayer<'_>, packages: &[SbomPackage]) -> String {
    let by_name: BTreeMap<&DistName, &SbomPackage> = packages.iter().map(|package| (&package.name, package)).collect();
    let edges: BTreeMap<&DistName, BTreeSet<&DistName>> = by_name
        .iter()
        .map(|(name, package)| (*name, package.dependencies.iter().filter(|d| by_name.contains_key(d)).collect()))
        .collect();
    let refs = |names: &BTreeSet<&DistName>| -> Vec<String> {
        names.iter().filter_map(|name| by_name.get(*name)).map(|package| purl(package)).collect()
    };
    let mut dependencies = vec![json!({ "ref": LAYER, "dependsOn": refs(&roots(&edges)) })];
    for (name, package) in &by_name {
        let depends_on = edges.get(name).map(refs).unwrap_or_default();
        dependencies.push(json!({ "ref": purl(package), "dependsOn": depends_on }));
    }
    let SbomLayer { name, runtime, arch, layerpack } = layer;
    let bom = Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        format: "CycloneDX",
        spec_version: "1.6",
        version: 1,
        metadata: json!({
            "tools": { "components": [{ "type": "application", "name": "layerpack", "version": layerpack }] },
            "component": {
                "type": "application",
                "bom-ref": LAYER,
                "name": name,
                "properties": [
                    { "name": "layerpack:runtime", "value": runtime },
                    { "name": "layerpack:arch", "value": arch },
                ],
            },
        }),
        components: by_name.values().map(|package| component(package)).collect(),
        dependencies,
    };
    let mut text = serde_json::to_string_pretty(&bom).expect("texts and lists are JSON");
    text.push('\n');
    text
}

fn component(package: &SbomPackage) -> Value {
    let purl = purl(package);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": package.name.as_str(),
        "version": package.version.to_string(),
        "hashes": [{ "alg": "SHA-256", "content": package.sha256.to_string() }],
        "purl": purl,
    });
    let licences = package.licence.as_ref().map(|licence| match licence {
        Licence::Expression(expression) => json!([{ "expression": expression }]),
        Licence::Names(names) => names.iter().map(|name| json!({ "license": { "name": name } })).collect(),
    });
    if let (Some(licences), Some(fields)) = (licences, component.as_object_mut()) {
        fields.insert("licenses".to_owned(), licences);
    }
    component
}

/// The package's URL (<https://github.com/package-url/purl-spec>): of the type `pypi`, its name normalised, what is
/// reserved in its version encoded.
fn purl(package: &SbomPackage) -> String {
    let mut purl = format!("pkg:pypi/{}@", package.name);
    for byte in package.version.to_string().bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            purl.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(purl, "%{byte:02X}");
        }
    }
    purl
}

/// The packages that no other depends on; and of those that only depend on each other, the first by name: so that all
/// are reached.
fn roots<'a>(edges: &BTreeMap<&'a DistName, BTreeSet<&'a DistName>>) -> BTreeSet<&'a DistName> {
    let needed: BTreeSet<&DistName> =
        edges.iter().flat_map(|(name, needs)| needs.iter().filter(move |need| *need != name)).copied().collect();
    let mut roots: BTreeSet<&DistName> = edges.keys().copied().filter(|name| !needed.contains(name)).collect();
    let mut reached: BTreeSet<&DistName> = BTreeSet::new();
    let mut waiting: Vec<&DistName> = roots.iter().copied().collect();
    let mut rest = edges.keys().copied();
    loop {
        while let Some(name) = waiting.pop() {
            if reached.insert(name) {
                waiting.extend(edges.get(name).into_iter().flatten().copied());
            }
        }
        let Some(next) = rest.find(|name| !reached.contains(name)) else { return roots };
        roots.insert(next);
        waiting.push(next);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, licence: Option<Licence>, dependencies: &[&str]) -> SbomPackage {
        SbomPackage {
            name: name.parse().expect("a name"),
            version: version.parse().expect("a version"),
            sha256: Sha256::of(name.as_bytes()),
            licence,
            dependencies: dependencies.iter().map(|name| name.parse().expect("a name")).collect(),
        }
    }

    const LAYER: SbomLayer<'static> =
        SbomLayer { name: "api", runtime: "python3.12", arch: "arm64", layerpack: "0.0.0" };

    /// A package with an expression, and one with names, which the first depends on.
    fn two_packages() -> [SbomPackage; 2] {
        let expression = Licence::Expression("MIT OR Apache-2.0".to_owned());
        let names = Licence::Names(vec!["BSD".to_owned(), "Public Domain".to_owned()]);
        [
            package("web_app", "1.0+local.1", Some(expression), &["base", "absent"]),
            package("base", "1!2.0", Some(names), &[]),
        ]
    }

    #[test]
    fn the_order_of_packages_does_not_count() {
        let [one, two] = two_packages();
        assert_eq!(sbom(&LAYER, &two_packages()), sbom(&LAYER, &[two, one]));
    }

    #[test]
    fn a_bill() {
        insta::assert_snapshot!(sbom(&LAYER, &two_packages()), @r#"
        {
          "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
          "bomFormat": "CycloneDX",
          "specVersion": "1.6",
          "version": 1,
          "metadata": {
            "component": {
              "bom-ref": "layer",
              "name": "api",
              "properties": [
                {
                  "name": "layerpack:runtime",
                  "value": "python3.12"
                },
                {
                  "name": "layerpack:arch",
                  "value": "arm64"
                }
              ],
              "type": "application"
            },
            "tools": {
              "components": [
                {
                  "name": "layerpack",
                  "type": "application",
                  "version": "0.0.0"
                }
              ]
            }
          },
          "components": [
            {
              "bom-ref": "pkg:pypi/base@1%212.0",
              "hashes": [
                {
                  "alg": "SHA-256",
                  "content": "cae662172fd450bb0cd710a769079c05bfc5d8e35efa6576edc7d0377afdd4a2"
                }
              ],
              "licenses": [
                {
                  "license": {
                    "name": "BSD"
                  }
                },
                {
                  "license": {
                    "name": "Public Domain"
                  }
                }
              ],
              "name": "base",
              "purl": "pkg:pypi/base@1%212.0",
              "type": "library",
              "version": "1!2.0"
            },
            {
              "bom-ref": "pkg:pypi/web-app@1.0%2Blocal.1",
              "hashes": [
                {
                  "alg": "SHA-256",
                  "content": "253bafb10098cb81e29f58b2b96a6d47d7bc093b6f5284e1275243349769b82c"
                }
              ],
              "licenses": [
                {
                  "expression": "MIT OR Apache-2.0"
                }
              ],
              "name": "web-app",
              "purl": "pkg:pypi/web-app@1.0%2Blocal.1",
              "type": "library",
              "version": "1.0+local.1"
            }
          ],
          "dependencies": [
            {
              "dependsOn": [
                "pkg:pypi/web-app@1.0%2Blocal.1"
              ],
              "ref": "layer"
            },
            {
              "dependsOn": [],
              "ref": "pkg:pypi/base@1%212.0"
            },
            {
              "dependsOn": [
                "pkg:pypi/base@1%212.0"
              ],
              "ref": "pkg:pypi/web-app@1.0%2Blocal.1"
            }
          ]
        }
        "#);
    }

    #[test]
    fn what_depends_on_itself_is_reached_too() {
        let packages = [
            package("a", "1", None, &["b"]),
            package("b", "1", None, &["a"]),
            package("c", "1", None, &["c"]),
            package("d", "1", None, &["a"]),
        ];
        let roots = |packages: &[SbomPackage]| -> Value {
            let bill: Value = serde_json::from_str(&sbom(&LAYER, packages)).expect("JSON");
            bill["dependencies"][0]["dependsOn"].clone()
        };
        assert_eq!(roots(&packages), json!(["pkg:pypi/c@1", "pkg:pypi/d@1"]));
        assert_eq!(roots(packages.get(..3).expect("three")), json!(["pkg:pypi/a@1", "pkg:pypi/c@1"]));
        assert_eq!(roots(&[]), json!([]));
    }
}
