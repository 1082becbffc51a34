//! The names that code sees while it is followed, and what they hold: one frame per body being executed.

use std::collections::{HashMap, HashSet};

use super::fact::{Context, Mark};
use super::value::Value;

/// The names of one body: the module's, a function's, a class's, a comprehension's.
pub(super) struct Frame<'a> {
    /// Told apart from another frame that once had the same index.
    pub(super) serial: u32,
    /// The frame around it, where names are looked up that this one lacks.
    pub(super) parent: Option<usize>,
    /// The scope that its effects are written to.
    pub(super) scope: usize,
    /// What is left of the body is at most as sure as this, because it may have returned already.
    pub(super) floor: Context,
    /// Names that `global` or `nonlocal` give to a frame outside.
    pub(super) outer: HashSet<&'a str>,
    /// Functions defined in it.
    pub(super) functions: Vec<usize>,
    /// What it returned and yielded so far.
    pub(super) returned: Vec<Value>,
    pub(super) yielded: Vec<Value>,
    /// Loads of guarded bodies that return where they work, and how sure it is that they are tried.
    pub(super) attempts: Vec<(usize, Context)>,
    /// What the scope held when the first of those bodies ended.
    pub(super) fallback: Option<Mark>,
    /// A failure of all attempts ends in a raise.
    pub(super) attempts_raise: bool,
    values: HashMap<&'a str, Value>,
}

/// All frames, innermost last, and the changes made to them since each branch began.
#[derive(Default)]
pub(super) struct Frames<'a> {
    stack: Vec<Frame<'a>>,
    changes: Vec<Change<'a>>,
    serial: u32,
}

/// A name that got another value, and the one before.
struct Change<'a> {
    frame: usize,
    serial: u32,
    name: &'a str,
    before: Option<Value>,
}

/// The values that a branch left behind, by frame and name, in the order they were first set.
#[derive(Default)]
pub(super) struct Branch<'a>(Vec<((usize, &'a str), Option<Value>)>);

impl<'a> Frames<'a> {
    /// Opens a frame for a body whose effects go to a scope.
    pub(super) fn push(&mut self, parent: Option<usize>, scope: usize) {
        self.serial += 1;
        self.stack.push(Frame {
            serial: self.serial,
            parent,
            scope,
            floor: Context::Always,
            outer: HashSet::new(),
            functions: Vec::new(),
            returned: Vec::new(),
            yielded: Vec::new(),
            attempts: Vec::new(),
            fallback: None,
            attempts_raise: false,
            values: HashMap::new(),
        });
    }

    pub(super) fn pop(&mut self) -> Option<Frame<'a>> {
        self.stack.pop()
    }

    /// The index of the innermost frame.
    pub(super) fn current(&self) -> usize {
        self.stack.len().saturating_sub(1)
    }

    pub(super) fn top(&mut self) -> &mut Frame<'a> {
        self.stack.last_mut().expect("the module's frame is popped last, when nothing is read any more")
    }

    pub(super) fn serial_of(&self, frame: usize) -> Option<u32> {
        self.stack.get(frame).map(|frame| frame.serial)
    }

    /// The value of a name, looked up from the innermost frame outwards.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.get_from(self.current(), name)
    }

    fn get_from(&self, frame: usize, name: &str) -> Option<&Value> {
        let mut frame = self.stack.get(frame);
        while let Some(here) = frame {
            if let Some(value) = here.values.get(name) {
                return Some(value);
            }
            frame = here.parent.and_then(|parent| self.stack.get(parent));
        }
        None
    }

    /// The names of the innermost frame.
    pub(super) fn own(&self) -> impl Iterator<Item = (&'a str, &Value)> {
        self.stack.last().into_iter().flat_map(|frame| frame.values.iter().map(|(name, value)| (*name, value)))
    }

    /// Gives a name a value in the innermost frame, or in the one that `global` or `nonlocal` named.
    pub(super) fn set(&mut self, name: &'a str, value: Value) {
        let mut frame = self.current();
        while let Some(here) = self.stack.get(frame) {
            match here.parent {
                Some(parent) if here.outer.contains(name) => frame = parent,
                _ => break,
            }
        }
        self.set_in(frame, name, Some(value));
    }

    fn set_in(&mut self, index: usize, name: &'a str, value: Option<Value>) {
        let Some(frame) = self.stack.get_mut(index) else { return };
        let before = match value {
            Some(value) => frame.values.insert(name, value),
            None => frame.values.remove(name),
        };
        self.changes.push(Change { frame: index, serial: frame.serial, name, before });
    }

    /// A point to which `take_back` returns.
    pub(super) fn mark(&self) -> usize {
        self.changes.len()
    }

    /// Undoes all changes since the mark and hands them out.
    pub(super) fn take_back(&mut self, mark: usize) -> Branch<'a> {
        let mut branch = Branch::default();
        let mut seen = HashSet::new();
        while self.changes.len() > mark {
            let Some(change) = self.changes.pop() else { break };
            let Some(frame) = self.stack.get_mut(change.frame).filter(|frame| frame.serial == change.serial) else {
                continue;
            };
            let after = match change.before {
                Some(before) => frame.values.insert(change.name, before),
                None => frame.values.remove(change.name),
            };
            if seen.insert((change.frame, change.name)) {
                branch.0.push(((change.frame, change.name), after));
            }
        }
        branch
    }

    /// Goes on as if one of the branches had been taken, it is not known which. A name that a branch did not touch has
    /// in it the value that it has now. Where it has none, using the name would be an error: it comes from another.
    pub(super) fn merge(&mut self, branches: Vec<Branch<'a>>) {
        let count = branches.len();
        let mut values: HashMap<(usize, &'a str), (Vec<Value>, usize)> = HashMap::new();
        let mut order = Vec::new();
        for (place, value) in branches.into_iter().flat_map(|branch| branch.0) {
            let entry = values.entry(place).or_insert_with(|| {
                order.push(place);
                (Vec::new(), 0)
            });
            entry.0.extend(value);
            entry.1 += 1;
        }
        for place in order {
            let mut candidates = values.remove(&place).unwrap_or_default();
            if candidates.1 < count
                && let Some(now) = self.get_from(place.0, place.1)
            {
                candidates.0.insert(0, now.clone());
            }
            if !candidates.0.is_empty() {
                self.set_in(place.0, place.1, Some(Value::one_of(candidates.0)));
            }
        }
    }
}
