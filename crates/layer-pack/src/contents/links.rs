//! Symbolic links, followed inside of what is held; nothing on disk is looked at.

use lambda_compat::{Code, Finding};

use super::{Held, HeldFile};

/// Links in one path before it goes round in circles, as Linux counts (`path_resolution(7)`).
const MOST_HOPS: usize = 40;
/// Components that one path may have on the way.
const MOST_STEPS: usize = 400;

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// To the file of this number.
    File(usize),
    /// To this folder; the root is empty.
    Folder(String),
    /// To nothing.
    Nowhere,
    /// Out of what is held, into the function's own file system.
    Outside,
}

impl Held {
    /// The number of the file that a path leads to.
    pub(super) fn linked_file(&self, path: &str) -> Option<usize> {
        match self.follow(path) {
            Reach::File(number) => Some(number),
            _ => None,
        }
    }

    /// The links, each with its target as it is spelt.
    pub(super) fn links(&self) -> impl Iterator<Item = (&HeldFile, &str)> {
        self.files.iter().filter_map(|file| Some((file, file.link.as_deref()?)))
    }

    /// LP210: the links that lead nowhere.
    pub(super) fn broken_links(&self) -> Vec<Finding> {
        let nowhere = self.links().filter(|(file, _)| self.follow(file.path.as_str()) == Reach::Nowhere);
        let finding = |(file, target): (&HeldFile, &str)| {
            let message = format!("a link to `{}`, where nothing lies", target.escape_debug());
            Finding::warning(Code::SpecialFile, message)
                .at(file.path.as_str())
                .help("pack what it leads to, or leave it out")
        };
        nowhere.map(finding).collect()
    }

    /// Follows a path from the root on, component by component, as the kernel does.
    pub(super) fn follow(&self, path: &str) -> Reach {
        // The components to come, the next one last.
        let mut ahead: Vec<&str> = components(path).collect();
        let mut at = String::new();
        let (mut hops, mut steps) = (0, 0);
        while let Some(component) = ahead.pop() {
            steps += 1;
            if steps > MOST_STEPS {
                return Reach::Nowhere;
            }
            if component == ".." {
                let Some((above, _)) = at.rsplit_once('/').or((!at.is_empty()).then_some(("", ""))) else {
                    return Reach::Outside;
                };
                at.truncate(above.len());
                continue;
            }
            let before = at.len();
            if before > 0 {
                at.push('/');
            }
            at.push_str(component);
            let Some(target) = self.file(&at).and_then(|file| file.link.as_deref()) else { continue };
            hops += 1;
            if hops > MOST_HOPS {
                return Reach::Nowhere;
            }
            at.truncate(before);
            if target.starts_with('/') {
                let root = self.kind.root();
                let Some(inside) = target.strip_prefix(root).filter(|rest| rest.is_empty() || rest.starts_with('/'))
                else {
                    return Reach::Outside;
                };
                at.clear();
                ahead.extend(components(inside));
            } else {
                ahead.extend(components(target));
            }
        }
        if let Some(number) = self.number(&at) {
            return Reach::File(number);
        }
        let is_folder = at.is_empty()
            || self.below(&at).next().is_some()
            || self.folders.binary_search_by(|folder| folder.path.as_str().cmp(&at)).is_ok();
        if is_folder { Reach::Folder(at) } else { Reach::Nowhere }
    }

    /// The files below a folder, at any depth.
    pub(super) fn below<'h>(&'h self, folder: &str) -> impl Iterator<Item = &'h HeldFile> + use<'h> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let start = self.files.partition_point(|file| file.path.as_str() < prefix.as_str());
        let rest = self.files.get(start..).unwrap_or_default();
        rest.iter().take_while(move |file| file.path.as_str().starts_with(&prefix))
    }
}

/// The components of a path, the last one first.
fn components(path: &str) -> impl Iterator<Item = &str> {
    path.rsplit('/').filter(|component| !matches!(*component, "" | "."))
}
