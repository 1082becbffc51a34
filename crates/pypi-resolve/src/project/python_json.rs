//! JSON exactly as Python's `json.dumps(…, sort_keys=True)` writes it: Poetry and pipenv keep a sha256 of that.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A value that Python writes as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PythonJson {
    Null,
    Bool(bool),
    Integer(i64),
    Text(String),
    List(Vec<PythonJson>),
    /// Sorted by code points, which is how Python sorts texts.
    Table(BTreeMap<String, PythonJson>),
}

/// What stands between two items, and between a key and its value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Separators(pub(crate) &'static str, pub(crate) &'static str);

impl PythonJson {
    /// A TOML value; `None` where there is a float or date in it, of which Python writes the first its own way and the
    /// second not at all.
    pub(crate) fn of(value: &toml::Value) -> Option<Self> {
        Some(match value {
            toml::Value::Boolean(value) => Self::Bool(*value),
            toml::Value::Integer(value) => Self::Integer(*value),
            toml::Value::String(text) => Self::Text(text.clone()),
            toml::Value::Array(items) => Self::List(items.iter().map(Self::of).collect::<Option<_>>()?),
            toml::Value::Table(table) => Self::of_table(table)?,
            toml::Value::Float(_) | toml::Value::Datetime(_) => return None,
        })
    }

    /// A TOML table, as [`Self::of`] takes values.
    pub(crate) fn of_table(table: &toml::Table) -> Option<Self> {
        let entry = |(key, value): (&String, &toml::Value)| Some((key.clone(), Self::of(value)?));
        Some(Self::Table(table.iter().map(entry).collect::<Option<_>>()?))
    }

    /// The text.
    pub(crate) fn dumps(&self, separators: Separators) -> String {
        let mut out = String::new();
        self.write(separators, &mut out);
        out
    }

    fn write(&self, separators: Separators, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "{value}");
            }
            Self::Text(text) => quote(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { separators.0 });
                    item.write(separators, out);
                }
                out.push(']');
            }
            Self::Table(table) => {
                out.push('{');
                for (at, (key, value)) in table.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { separators.0 });
                    quote(key, out);
                    out.push_str(separators.1);
                    value.write(separators, out);
                }
                out.push('}');
            }
        }
    }
}

/// ASCII only: everything else becomes `\uXXXX`, in two halves where it does not fit into one.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => {
                for half in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{half:04x}");
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text on the right is what Python 3.11 prints.
    #[test]
    fn as_python_writes_it() {
        let table: toml::Table =
            "b = [1, true, []]\na = \"\u{e9}\u{1f600}\\u0001\\n\\u007f'\"\n[Z]\n".parse().expect("TOML");
        let json = PythonJson::of_table(&table).expect("neither floats nor dates");
        let text = r#"{"Z": {}, "a": "\u00e9\ud83d\ude00\u0001\n\u007f'", "b": [1, true, []]}"#;
        assert_eq!(json.dumps(Separators(", ", ": ")), text);
        assert_eq!(PythonJson::Null.dumps(Separators(",", ":")), "null");
        let float: toml::Table = "a = 1.0".parse().expect("TOML");
        assert_eq!(PythonJson::of_table(&float), None);
    }
}
