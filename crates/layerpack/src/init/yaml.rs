//! YAML as far as templates need it: texts, lists and tables. Tags are passed over, so that `!Ref PypiLayer` reads as
//! `PypiLayer`; what an alias stands for is not looked up.

use saphyr_parser::{Event, Parser};

/// How deep values may lie in each other.
const DEPTH: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
}

/// A list or table that is not yet closed.
enum Open {
    List(Vec<Node>),
    /// Its entries, and the key that waits for its value.
    Table(Vec<(String, Node)>, Option<String>),
}

impl Node {
    /// The first document of a text; none where it cannot be read.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut open: Vec<Open> = Vec::new();
        for event in Parser::new_from_str(text) {
            let node = match event.ok()?.0 {
                Event::Scalar(text, ..) => Node::Text(text.into_owned()),
                Event::Alias(_) => Node::Text(String::new()),
                Event::SequenceStart(..) | Event::MappingStart(..) if open.len() >= DEPTH => return None,
                Event::SequenceStart(..) => {
                    open.push(Open::List(Vec::new()));
                    continue;
                }
                Event::MappingStart(..) => {
                    open.push(Open::Table(Vec::new(), None));
                    continue;
                }
                Event::SequenceEnd | Event::MappingEnd => match open.pop()? {
                    Open::List(items) => Node::List(items),
                    Open::Table(entries, _) => Node::Table(entries),
                },
                _ => continue,
            };
            match open.last_mut() {
                None => return Some(node),
                Some(Open::List(items)) => items.push(node),
                Some(Open::Table(entries, key)) => match key.take() {
                    Some(key) => entries.push((key, node)),
                    None => *key = Some(node.text().unwrap_or_default().to_owned()),
                },
            }
        }
        None
    }

    /// What stands at a path of keys, `Globals.Function.Runtime`.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, |node, key| match node {
            Node::Table(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        })
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Node::Text(text) = self { Some(text) } else { None }
    }

    /// The texts of a list, or a text alone.
    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Node::Text(text) => vec![text],
            Node::List(items) => items.iter().filter_map(Node::text).collect(),
            Node::Table(_) => Vec::new(),
        }
    }

    /// The items of a list.
    pub(super) fn items(&self) -> &[Self] {
        if let Node::List(items) = self { items } else { &[] }
    }

    /// The entries of a table.
    pub(super) fn entries(&self) -> &[(String, Self)] {
        if let Node::Table(entries) = self { entries } else { &[] }
    }
}

/// What of the texts at a path is one of Lambda's names; variables and other languages' runtimes are passed over.
pub(super) fn values<T: std::str::FromStr>(node: &Node, path: &str) -> Vec<T> {
    node.at(path).map(Node::texts).unwrap_or_default().into_iter().filter_map(|text| text.parse().ok()).collect()
}
