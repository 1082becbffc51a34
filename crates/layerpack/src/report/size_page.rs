//! The page of `size --html`: a treemap, in one file that asks for nothing else.
//!
//! Its markup, style and script lie in `size_page/`. Nothing in it depends on the time or on where the inputs lie:
//! identical inputs give identical bytes.

use std::collections::BTreeMap;
use std::io;

use layer_pack::{FileKind, Mass, Part, Stack};
use serde::{Serialize, Serializer};

use super::size::{label, owner};
use crate::failure::Failure;

const PAGE: &str = include_str!("size_page/page.html");
const STYLE: &str = include_str!("size_page/page.css");
const SCRIPT: &str = include_str!("size_page/page.js");

/// What the script draws.
#[derive(Serialize)]
struct Data<'a> {
    /// Bytes unzipped that everything may have.
    limit: u64,
    /// Names of kinds, in the order of their numbers.
    kinds: Vec<String>,
    inputs: Vec<InputData<'a>>,
    reserved: Vec<(&'a str, u64)>,
}

#[derive(Serialize)]
struct InputData<'a> {
    name: String,
    kind: &'static str,
    /// Bytes of the zip, where there is one.
    zip: Option<u64>,
    groups: Vec<(String, Vec<Node<'a>>)>,
}

/// What lies in a folder: `["name", [nodes]]` or `["name", kind, unzipped, zipped]`.
enum Node<'a> {
    Folder(&'a str, Vec<Node<'a>>),
    File { name: &'a str, kind: usize, mass: Mass },
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Folder(name, nodes) => (name, nodes).serialize(serializer),
            Self::File { name, kind, mass } => (name, kind, mass.unzipped, mass.zipped).serialize(serializer),
        }
    }
}

/// The page as it is written.
pub(crate) fn size_page(stack: &Stack, limit: u64) -> Result<String, Failure> {
    let data = Data {
        limit,
        kinds: FileKind::ALL.iter().map(ToString::to_string).collect(),
        inputs: inputs(stack),
        reserved: stack.reserved.iter().map(|reserved| (reserved.name.as_str(), reserved.bytes)).collect(),
    };
    let json = serde_json::to_string(&data).map_err(|error| Failure::io(&io::Error::from(error)))?;
    // Inside of a script element nothing but `<` means anything: neither `</script` nor `<!--` may come up.
    let json = json.replace('<', "\\u003c");
    Ok(PAGE.replacen("/*style*/", STYLE, 1).replacen("/*script*/", SCRIPT, 1).replacen("/*data*/", &json, 1))
}

fn inputs(stack: &Stack) -> Vec<InputData<'_>> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let name = |part: &Part, seen: &mut BTreeMap<String, usize>| {
        let name = label(part);
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    };
    let of_part =
        |part| InputData { name: name(part, &mut seen), kind: part.kind.word(), zip: part.zip, groups: groups(part) };
    stack.parts.iter().map(of_part).collect()
}

fn groups(part: &Part) -> Vec<(String, Vec<Node<'_>>)> {
    let mut files: Vec<Vec<(&str, usize, Mass)>> = vec![Vec::new(); part.groups.len()];
    for file in &part.files {
        let kind = FileKind::ALL.iter().position(|kind| *kind == file.kind).unwrap_or_default();
        if let Some(files) = files.get_mut(file.group) {
            files.push((file.path.as_str(), kind, file.mass));
        }
    }
    let groups = part.groups.iter().zip(files);
    groups.map(|(group, mut files)| (owner(&group.owner), nodes(&mut files))).collect()
}

/// The tree of files at these paths. As deep as the deepest path: its length is bounded where it is read.
fn nodes<'a>(files: &mut [(&'a str, usize, Mass)]) -> Vec<Node<'a>> {
    // What lies in one folder then stands together, also where a file's name sorts between.
    files.sort_by(|(a, ..), (b, ..)| a.split('/').cmp(b.split('/')));
    let mut open: Vec<(&str, Vec<Node<'a>>)> = vec![("", Vec::new())];
    for (path, kind, mass) in files.iter() {
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let folders: Vec<&str> = folders.split('/').filter(|folder| !folder.is_empty()).collect();
        let shared = open.iter().skip(1).zip(&folders).take_while(|((open, _), folder)| open == *folder).count();
        close(&mut open, shared + 1);
        open.extend(folders.iter().skip(shared).map(|folder| (*folder, Vec::new())));
        if let Some((_, nodes)) = open.last_mut() {
            nodes.push(Node::File { name, kind: *kind, mass: *mass });
        }
    }
    close(&mut open, 1);
    open.pop().map(|(_, nodes)| nodes).unwrap_or_default()
}

/// Closes folders until so many are open.
fn close<'a>(open: &mut Vec<(&'a str, Vec<Node<'a>>)>, left: usize) {
    while open.len() > left {
        let Some((name, nodes)) = open.pop() else { return };
        if let Some((_, above)) = open.last_mut() {
            above.push(Node::Folder(name, nodes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_make_a_tree() {
        let mass = Mass::of_file(3, None);
        let mut files = ["a/b/x", "a-b/y", "a/z", "r", "a/b/c/d"].map(|path| (path, 1, mass)).to_vec();
        let json = serde_json::to_string(&nodes(&mut files)).expect("JSON");
        let said = json.replace(",1,3,null", "");
        assert_eq!(said, r#"[["a",[["b",[["c",[["d"]]],["x"]]],["z"]]],["a-b",[["y"]]],["r"]]"#);
        assert_eq!(serde_json::to_string(&nodes(&mut [])).expect("JSON"), "[]");
    }

    #[test]
    fn the_page_asks_for_nothing_else_and_is_small() {
        let page = size_page(&Stack::default(), 1).expect("a page");
        assert!(page.len() < 60_000, "{} bytes", page.len());
        for word in ["http:", "https:", "url(", "@import", "<link", "src=", "/*style*/", "/*script*/", "/*data*/"] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("Content-Security-Policy"));
    }
}
