//! What a key may hold: each kind reads one form of TOML value into the field of the command line's arguments that says
//! the same.

use std::marker::PhantomData;
use std::path::PathBuf;

use clap::ValueEnum;
use lambda_compat::{Arch, Code, RuntimeName};
use toml::Spanned;
use toml::de::DeValue;
use wheel_archive::with_slashes;
use wheel_tags::DistName;

use super::text::{Text, Wrong};
use crate::plan::parse_size;

/// A value, and the file that it stands in.
pub(super) struct Value<'a> {
    pub(super) text: &'a Text,
    /// As messages call it.
    pub(super) key: &'a str,
    pub(super) is: &'a Spanned<DeValue<'a>>,
}

/// A form of value.
pub(super) trait Kind {
    type Of;
    /// How it is called, and what an editor may let through.
    const SHAPE: Shape;
    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong>;
}

/// What may stand behind a key, for messages, the page and the schema.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A string that is a so-and-so.
    One(&'static str),
    /// A string, or a list of strings.
    Several(&'static str),
    Switch,
    /// A whole number.
    Number,
    /// A number of bytes, or a string as `250MB`.
    Size,
    /// A date or a string.
    Date,
    /// One of these words.
    Word(fn() -> Vec<String>),
    /// One of these words, or a list of them.
    Words(fn() -> Vec<String>),
    /// A list of tables with `name` and `size`.
    Reserved,
    /// A table from packages to dates or `false`.
    ByPackage,
}

impl Shape {
    /// What it must be, in words.
    pub(super) fn in_words(self) -> String {
        match self {
            Self::One(what) => what.to_owned(),
            Self::Several(what) => format!("{what}, or a list of them"),
            Self::Switch => "true or false".to_owned(),
            Self::Number => "a whole number".to_owned(),
            Self::Size => "a size: a number of bytes, or a string as `250MB`".to_owned(),
            Self::Date => "a date, or a string as `7 days`".to_owned(),
            Self::Word(words) => format!("one of {}", words().join(", ")),
            Self::Words(words) => format!("{}, or a list of these", words().join(", ")),
            Self::Reserved => "a list of { name, size }".to_owned(),
            Self::ByPackage => "a table of packages, each with a date or false".to_owned(),
        }
    }
}

impl<'a> Value<'a> {
    pub(super) fn wrong(&self, message: impl std::fmt::Display) -> Wrong {
        Wrong::new(self.is.span(), format!("`{}` {message}", self.key))
    }

    /// Something else stands there than what may.
    pub(super) fn is_no(&self, shape: Shape) -> Wrong {
        self.wrong(format!("is {}, and must be {}", called(self.is.get_ref()), shape.in_words()))
    }

    fn string(&self, shape: Shape) -> Result<&'a str, Wrong> {
        match self.is.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => Err(self.wrong("is empty")),
            DeValue::String(text) => Ok(text),
            _ => Err(self.is_no(shape)),
        }
    }

    /// The values of a list; one that stands alone is a list of one.
    pub(super) fn each(&self, shape: Shape) -> Result<Vec<Value<'a>>, Wrong> {
        let one = |is| Value { text: self.text, key: self.key, is };
        match self.is.get_ref() {
            DeValue::Array(values) => Ok(values.iter().map(one).collect()),
            DeValue::String(_) => Ok(vec![one(self.is)]),
            _ => Err(self.is_no(shape)),
        }
    }

    fn strings(&self, shape: Shape) -> Result<Vec<String>, Wrong> {
        self.each(shape)?.iter().map(|value| value.string(shape).map(str::to_owned)).collect()
    }

    /// The text of a value that may be a size: a string or a number.
    pub(super) fn size(&self) -> Result<String, Wrong> {
        let text = match self.is.get_ref() {
            DeValue::Integer(_) | DeValue::String(_) => self.is.get_ref(),
            _ => return Err(self.is_no(Shape::Size)),
        };
        let text = match text {
            DeValue::Integer(number) => number.as_str().to_owned(),
            _ => self.string(Shape::Size)?.to_owned(),
        };
        parse_size(&text).map_err(|failure| {
            self.wrong(format!("is `{text}`, which is no size")).help(failure.help.unwrap_or_default())
        })?;
        Ok(text)
    }
}

/// A value's type, with its article.
fn called(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(true) => "true",
        DeValue::Boolean(false) => "false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A text.
pub(super) struct String_;

impl Kind for String_ {
    type Of = Option<String>;
    const SHAPE: Shape = Shape::One("a string");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        value.string(Self::SHAPE).map(|text| Some(text.to_owned()))
    }
}

/// Texts.
pub(super) struct Strings;

impl Kind for Strings {
    type Of = Vec<String>;
    const SHAPE: Shape = Shape::Several("a string");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        value.strings(Self::SHAPE)
    }
}

/// Names of packages, extras or groups.
pub(super) struct Names;

impl Kind for Names {
    type Of = Vec<String>;
    const SHAPE: Shape = Shape::Several("a name");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        for name in value.each(Self::SHAPE)? {
            let text = name.string(Self::SHAPE)?;
            // `:all:` and `:none:` stand for names.
            if text.parse::<DistName>().is_err() && !matches!(text, ":all:" | ":none:") {
                return Err(name.wrong(format!("is `{text}`, which is no name")));
            }
        }
        value.strings(Self::SHAPE)
    }
}

/// One name.
pub(super) struct Name;

impl Kind for Name {
    type Of = Option<String>;
    const SHAPE: Shape = Shape::One("a name");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let text = value.string(Self::SHAPE)?;
        let name = text.parse::<DistName>();
        name.map(|_| Some(text.to_owned())).map_err(|_| value.wrong(format!("is `{text}`, which is no name")))
    }
}

/// A path, relative to the file.
pub(super) struct FilePath;

impl Kind for FilePath {
    type Of = Option<PathBuf>;
    const SHAPE: Shape = Shape::One("a path");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        value.string(Self::SHAPE).map(|path| Some(value.text.path(path)))
    }
}

/// Paths, relative to the file, or addresses.
pub(super) struct FilePaths;

impl Kind for FilePaths {
    type Of = Vec<PathBuf>;
    const SHAPE: Shape = Shape::Several("a path");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let paths = value.strings(Self::SHAPE)?;
        Ok(paths.iter().map(|path| value.text.path(path)).collect())
    }
}

/// Layers of the file by their names, or finished ones by their paths.
pub(super) struct Layers;

impl Kind for Layers {
    type Of = Vec<PathBuf>;
    const SHAPE: Shape = Shape::Several("a layer's name or path");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let layers = value.strings(Self::SHAPE)?;
        let is_name = |layer: &str| value.text.layers.contains(layer);
        Ok(layers.iter().map(|layer| if is_name(layer) { layer.into() } else { value.text.path(layer) }).collect())
    }
}

/// Folders, relative to the file, or addresses, as text.
pub(super) struct Places;

impl Kind for Places {
    type Of = Vec<String>;
    const SHAPE: Shape = Shape::Several("a path or URL");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let places = value.strings(Self::SHAPE)?;
        Ok(places.iter().map(|place| with_slashes(value.text.path(place))).collect())
    }
}

/// The file that packages are taken from: one of the source's, which is named as it is there.
pub(super) struct FileOfSource;

impl Kind for FileOfSource {
    type Of = Option<PathBuf>;
    const SHAPE: Shape = Shape::One("a file of the source");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        value.string(Self::SHAPE).map(|path| Some(PathBuf::from(path)))
    }
}

/// On or off.
pub(super) struct Switch;

impl Kind for Switch {
    type Of = bool;
    const SHAPE: Shape = Shape::Switch;

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        value.is.get_ref().as_bool().ok_or_else(|| value.is_no(Self::SHAPE))
    }
}

/// A whole number.
pub(super) struct Number;

impl Kind for Number {
    type Of = Option<u32>;
    const SHAPE: Shape = Shape::Number;

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let number = value.is.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        number.map(Some).ok_or_else(|| value.is_no(Self::SHAPE))
    }
}

/// A size.
pub(super) struct Size;

impl Kind for Size {
    type Of = Option<String>;
    const SHAPE: Shape = Shape::Size;

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        value.size().map(Some)
    }
}

/// Weights that are set aside, each with a name: `NAME=SIZE`, as the flag has them.
pub(super) struct Reserved;

impl Kind for Reserved {
    type Of = Vec<String>;
    const SHAPE: Shape = Shape::Reserved;

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let DeValue::Array(all) = value.is.get_ref() else { return Err(value.is_no(Self::SHAPE)) };
        let one = |each: &Spanned<DeValue<'_>>| {
            let each = Value { text: value.text, key: value.key, is: each };
            let Some(table) = each.is.get_ref().as_table() else { return Err(each.is_no(Self::SHAPE)) };
            if let Some(other) = table.keys().find(|key| !matches!(key.get_ref().as_ref(), "name" | "size")) {
                return Err(Wrong::new(other.span(), format!("unknown key `{}`", other.get_ref()))
                    .help("the keys here are name and size"));
            }
            let part = |key: &'static str| {
                let is = table.get(key).ok_or_else(|| each.wrong(format!("has no `{key}`")))?;
                Ok::<_, Wrong>(Value { text: value.text, key, is })
            };
            Ok(format!("{}={}", part("name")?.string(String_::SHAPE)?, part("size")?.size()?))
        };
        all.iter().map(one).collect()
    }
}

/// A moment, or a span back from now.
pub(super) struct Date;

impl Kind for Date {
    type Of = Option<String>;
    const SHAPE: Shape = Shape::Date;

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        match value.is.get_ref() {
            DeValue::Datetime(date) => Ok(Some(date.to_string())),
            _ => value.string(Self::SHAPE).map(|text| Some(text.to_owned())),
        }
    }
}

/// Packages, each with a moment, or `false` to free it: `NAME=WHEN`, as the flag has them.
pub(super) struct ByPackage;

impl Kind for ByPackage {
    type Of = Vec<String>;
    const SHAPE: Shape = Shape::ByPackage;

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let Some(table) = value.is.get_ref().as_table() else { return Err(value.is_no(Self::SHAPE)) };
        let one = |(name, when): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let name: &std::borrow::Cow<'_, str> = name.get_ref();
            match when.get_ref() {
                DeValue::Datetime(date) => Ok(format!("{name}={date}")),
                DeValue::String(text) => Ok(format!("{name}={text}")),
                DeValue::Boolean(false) => Ok(format!("{name}=false")),
                _ => Err(Value { text: value.text, key: name, is: when }.is_no(Shape::Date)),
            }
        };
        table.iter().map(one).collect()
    }
}

/// One of a few words.
pub(super) struct Word<T>(PhantomData<T>);

impl<T: ValueEnum> Kind for Word<T> {
    type Of = Option<T>;
    const SHAPE: Shape = Shape::Word(words::<T>);

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let text = value.string(Self::SHAPE)?;
        let word = T::from_str(text, false).ok();
        word.map(Some).ok_or_else(|| value.wrong(format!("is `{text}`, and must be {}", Self::SHAPE.in_words())))
    }
}

/// Some of a few words.
pub(super) struct Words<T>(PhantomData<T>);

impl<T: ValueEnum> Kind for Words<T> {
    type Of = Vec<T>;
    const SHAPE: Shape = Shape::Words(words::<T>);

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let each = value.each(Self::SHAPE)?;
        let words = each.iter().map(Word::<T>::read).collect::<Result<Vec<_>, _>>()?;
        Ok(words.into_iter().flatten().collect())
    }
}

fn words<T: ValueEnum>() -> Vec<String> {
    let words = T::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    words.filter(|word| !word.is_hide_set()).map(|word| word.get_name().to_owned()).collect()
}

/// Lambda runtimes.
pub(super) struct Runtimes;

impl Kind for Runtimes {
    type Of = Vec<String>;
    const SHAPE: Shape = Shape::Several("a runtime");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        named::<RuntimeName>(value, Self::SHAPE)
    }
}

/// Architectures.
pub(super) struct Arches;

impl Kind for Arches {
    type Of = Vec<String>;
    const SHAPE: Shape = Shape::Several("an architecture");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        named::<Arch>(value, Self::SHAPE)
    }
}

fn named<T>(value: &Value<'_>, shape: Shape) -> Result<Vec<String>, Wrong>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    for each in value.each(shape)? {
        each.string(shape)?.parse::<T>().map_err(|error| each.wrong(format!("is not known: {error}")))?;
    }
    value.strings(shape)
}

/// A code of a finding.
pub(super) struct FindingCode;

impl Kind for FindingCode {
    type Of = Option<Code>;
    const SHAPE: Shape = Shape::One("a code");

    fn read(value: &Value<'_>) -> Result<Self::Of, Wrong> {
        let text = value.string(Self::SHAPE)?;
        let code: Code = text.parse().map_err(|error| value.wrong(format!("is not known: {error}")))?;
        if code.is_about_the_archive() {
            let message = format!("is {code}, which cannot be ignored: it is about the archive itself");
            return Err(value
                .wrong(message)
                .help("nothing else that is said of such a file could be trusted: download or build it again"));
        }
        Ok(Some(code))
    }
}
