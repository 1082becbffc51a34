//! What is known of a value without running anything, and the few operations that conditions and library names need.

use std::rc::Rc;

/// A value holds at most this many others, so that none grows without end.
const MAX_PARTS: usize = 256;

/// A value is one of at most this many: where there are more, nothing hangs on which.
const MAX_OPTIONS: usize = 16;

/// A text is known up to this many bytes: longer ones name no library.
const MAX_TEXT: usize = 512;

/// What is known of a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Nothing.
    Unknown,
    /// `None`.
    None,
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(i64),
    /// A text.
    Str(Rc<str>),
    /// A tuple, list or set.
    Seq(Rc<[Value]>),
    /// A path computed at run time; its last part, where that is a literal.
    Path(Option<Rc<str>>),
    /// What `find_library` returned for a name, and the load that stands for the search.
    Found { name: Rc<str>, scope: usize, load: usize },
    /// Something imported, by its absolute dotted name: a module, or an attribute of one.
    Imported { path: Rc<str>, module: bool },
    /// A function of this file, by its index.
    Function(usize),
    /// A class of this file, and its `__init__`.
    Class(Option<usize>),
    /// One of these: branches that cannot be decided.
    OneOf(Rc<[Value]>),
    /// Each of these in turn: a loop's variable.
    Each(Rc<[Value]>),
}

impl Value {
    pub(super) fn text(text: &str) -> Self {
        if text.len() > MAX_TEXT { Self::Unknown } else { Self::Str(text.into()) }
    }

    pub(super) fn seq(parts: Vec<Self>) -> Self {
        if size(&parts) > MAX_PARTS { Self::Unknown } else { Self::Seq(parts.into()) }
    }

    /// One of these values, as far as is known. Equal ones are one.
    pub(super) fn one_of(values: impl IntoIterator<Item = Self>) -> Self {
        let mut distinct: Vec<Self> = Vec::new();
        for value in values {
            let parts = if let Self::OneOf(parts) = &value { parts.to_vec() } else { vec![value] };
            for part in parts {
                if !distinct.contains(&part) {
                    distinct.push(part);
                }
                if distinct.len() > MAX_OPTIONS || size(&distinct) > MAX_PARTS {
                    return Self::Unknown;
                }
            }
        }
        match distinct.len() {
            0 => Self::None,
            1 => distinct.remove(0),
            _ => Self::OneOf(distinct.into()),
        }
    }

    /// Each of these values in turn.
    pub(super) fn each(values: Vec<Self>) -> Self {
        if size(&values) > MAX_PARTS { Self::Unknown } else { Self::Each(values.into()) }
    }

    /// What a loop over this value hands out.
    pub(super) fn element(&self) -> Self {
        match self {
            Self::Seq(parts) | Self::Each(parts) => Self::each(parts.iter().flat_map(Self::spread).collect()),
            Self::OneOf(options) => Self::each(options.iter().flat_map(|option| option.element().spread()).collect()),
            _ => Self::Unknown,
        }
    }

    /// The alternatives, if it is several; itself otherwise.
    fn spread(&self) -> Vec<Self> {
        match self {
            Self::Each(parts) | Self::OneOf(parts) => parts.to_vec(),
            other => vec![other.clone()],
        }
    }

    /// The value of an operation on one value, made on each alternative.
    pub(super) fn map(&self, operation: impl Fn(&Self) -> Self) -> Self {
        match self {
            Self::OneOf(options) => Self::one_of(options.iter().map(operation)),
            Self::Each(parts) => Self::each(parts.iter().map(operation).collect()),
            other => operation(other),
        }
    }

    /// There is a text in it.
    pub(super) fn has_text(&self) -> bool {
        match self {
            Self::Str(_) => true,
            Self::Seq(parts) | Self::OneOf(parts) | Self::Each(parts) => parts.iter().any(Self::has_text),
            _ => false,
        }
    }

    fn is_several(&self) -> bool {
        matches!(self, Self::OneOf(_) | Self::Each(_))
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// Whether Python takes it for true.
    pub(super) fn truth(&self) -> Option<bool> {
        match self {
            Self::None => Some(false),
            Self::Bool(value) => Some(*value),
            Self::Int(value) => Some(*value != 0),
            Self::Str(text) => Some(!text.is_empty()),
            Self::Seq(parts) => Some(!parts.is_empty()),
            Self::Function(_) | Self::Class(_) | Self::Imported { module: true, .. } => Some(true),
            Self::OneOf(parts) | Self::Each(parts) => agreed(parts.iter().map(Self::truth)),
            Self::Unknown | Self::Path(_) | Self::Found { .. } | Self::Imported { module: false, .. } => None,
        }
    }

    /// `self is None`.
    pub(super) fn is_none(&self) -> Option<bool> {
        match self {
            Self::None => Some(true),
            Self::OneOf(parts) | Self::Each(parts) => agreed(parts.iter().map(Self::is_none)),
            Self::Unknown | Self::Found { .. } | Self::Path(_) | Self::Imported { module: false, .. } => None,
            _ => Some(false),
        }
    }

    /// `self == other`.
    pub(super) fn equals(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::OneOf(parts) | Self::Each(parts), one) | (one, Self::OneOf(parts) | Self::Each(parts)) => {
                agreed(parts.iter().map(|part| part.equals(one)))
            }
            (Self::Bool(a), Self::Int(b)) | (Self::Int(b), Self::Bool(a)) => Some(i64::from(*a) == *b),
            (Self::Seq(a), Self::Seq(b)) if a.len() == b.len() => all(a.iter().zip(b.iter()).map(|(a, b)| a.equals(b))),
            (a, b) if a.is_plain() && b.is_plain() => Some(a == b),
            _ => None,
        }
    }

    /// `self < other`, `self == other` or `self > other`, for numbers, texts and tuples.
    pub(super) fn order(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(b)),
            (Self::Str(a), Self::Str(b)) => Some(a.cmp(b)),
            (Self::Seq(a), Self::Seq(b)) => {
                for (a, b) in a.iter().zip(b.iter()) {
                    match a.order(b)? {
                        std::cmp::Ordering::Equal => {}
                        unequal => return Some(unequal),
                    }
                }
                Some(a.len().cmp(&b.len()))
            }
            _ => None,
        }
    }

    /// `self in container`.
    pub(super) fn is_in(&self, container: &Self) -> Option<bool> {
        match (self, container) {
            (Self::Str(part), Self::Str(whole)) => Some(whole.contains(&**part)),
            (_, Self::Seq(parts)) => {
                all(parts.iter().map(|part| self.equals(part).map(|equal| !equal))).map(|none| !none)
            }
            _ => None,
        }
    }

    /// Fully known, nothing imported or computed in it.
    fn is_plain(&self) -> bool {
        match self {
            Self::None | Self::Bool(_) | Self::Int(_) | Self::Str(_) => true,
            Self::Seq(parts) => parts.iter().all(Self::is_plain),
            _ => false,
        }
    }

    /// `self + other`.
    pub(super) fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::OneOf(_) | Self::Each(_), Self::OneOf(_) | Self::Each(_)) => Self::Unknown,
            (Self::OneOf(_) | Self::Each(_), _) => self.map(|value| value.plus(other)),
            (_, Self::OneOf(_) | Self::Each(_)) => other.map(|value| self.plus(value)),
            (Self::Str(a), Self::Str(b)) => Self::text(&format!("{a}{b}")),
            (Self::Seq(a), Self::Seq(b)) => Self::seq(a.iter().chain(b.iter()).cloned().collect()),
            (Self::Int(a), Self::Int(b)) => a.checked_add(*b).map_or(Self::Unknown, Self::Int),
            // A path that is not known, and then a literal file name.
            (_, Self::Str(end)) if end.contains('/') => Self::path_ending(end),
            (Self::Path(Some(name)), Self::Str(end)) => Self::Path(Some(format!("{name}{end}").into())),
            _ => Self::Unknown,
        }
    }

    /// The path `self / name`, or `os.path.join(self, name)`.
    pub(super) fn join(&self, name: &Self) -> Self {
        match (self, name) {
            (_, Self::OneOf(names) | Self::Each(names)) if !names.iter().any(Self::is_several) => {
                name.map(|name| self.join(name))
            }
            (Self::Str(folder), Self::Str(name)) => Self::text(&format!("{folder}/{name}")),
            (_, Self::Str(name)) => Self::path_ending(name),
            (_, Self::Path(Some(_))) => name.clone(),
            _ => Self::Path(None),
        }
    }

    /// A computed path that ends in this text.
    pub(super) fn path_ending(text: &str) -> Self {
        let name = text.rsplit('/').next().unwrap_or(text);
        Self::Path((!name.is_empty() && name.len() <= MAX_TEXT).then(|| name.into()))
    }

    /// `self[index]`.
    pub(super) fn item(&self, index: &Self) -> Self {
        match (self, index) {
            (Self::OneOf(_), _) => self.map(|value| value.item(index)),
            // A loop over pairs; of what else a loop or generator made, any may come first.
            (Self::Each(_), _) => {
                self.map(|value| if let Self::Seq(_) = value { value.item(index) } else { value.clone() })
            }
            (Self::Seq(parts), Self::Int(index)) => {
                let places = usize::try_from(index.unsigned_abs()).ok();
                let index = places.and_then(|at| if *index < 0 { parts.len().checked_sub(at) } else { Some(at) });
                index.and_then(|index| parts.get(index)).cloned().unwrap_or(Self::Unknown)
            }
            _ => Self::Unknown,
        }
    }

    /// `self[..end]`.
    pub(super) fn start(&self, end: &Self) -> Self {
        let Self::Int(end) = end else { return Self::Unknown };
        let Ok(end) = usize::try_from(*end) else { return Self::Unknown };
        match self {
            Self::Seq(parts) => Self::seq(parts.iter().take(end).cloned().collect()),
            Self::Str(text) => Self::text(&text.chars().take(end).collect::<String>()),
            _ => Self::Unknown,
        }
    }
}

/// How many values there are in all.
fn size(parts: &[Value]) -> usize {
    let inner = |part: &Value| match part {
        Value::Seq(parts) | Value::OneOf(parts) | Value::Each(parts) => size(parts) + 1,
        _ => 1,
    };
    parts.iter().map(inner).sum()
}

/// What all agree on.
fn agreed(mut answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let first = answers.next()??;
    answers.all(|answer| answer == Some(first)).then_some(first)
}

/// Whether all are true: false as soon as one is false, unknown where one is unknown.
pub(super) fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            None => known = None,
            Some(true) => {}
        }
    }
    known
}
