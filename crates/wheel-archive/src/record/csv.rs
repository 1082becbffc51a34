//! RECORD's rows: comma-separated values as Python's `csv` module writes them, fields in double quotes where they hold a
//! comma, a quote or a line end.

use std::borrow::Cow;

/// One row, taken apart but not judged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row<'a> {
    /// The line it starts on, counted from 1.
    pub(super) line: usize,
    pub(super) path: Cow<'a, str>,
    pub(super) digest: Cow<'a, str>,
    pub(super) size: Cow<'a, str>,
}

/// A row that cannot be taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RowError {
    pub(super) line: usize,
    pub(super) what: String,
}

/// The rows of a text; empty lines are passed over. Ends after the first error.
pub(super) struct Rows<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text, line: 1 }
    }

    fn row(&mut self) -> Result<Row<'a>, String> {
        let line = self.line;
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                // One too many is enough to know.
                if fields.len() > 3 {
                    break;
                }
            } else {
                self.line_end();
                break;
            }
        }
        let count = fields.len();
        let [path, digest, size] =
            <[_; 3]>::try_from(fields).map_err(|_| format!("{count} fields where path, digest and size belong"))?;
        if path.is_empty() {
            return Err("no path".to_owned());
        }
        Ok(Row { line, path, digest, size })
    }

    fn field(&mut self) -> Result<Cow<'a, str>, String> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
            let (field, rest) = self.rest.split_at(end);
            if field.contains('"') {
                return Err("a quote inside a field that is not quoted".to_owned());
            }
            self.rest = rest;
            return Ok(Cow::Borrowed(field));
        };
        let mut field = Cow::Borrowed("");
        let mut rest = quoted;
        loop {
            let (part, after) = rest.split_once('"').ok_or("a quoted field does not end")?;
            self.line += part.matches('\n').count();
            field += part;
            match after.strip_prefix('"') {
                Some(after) => {
                    field += "\"";
                    rest = after;
                }
                None if after.is_empty() || after.starts_with([',', '\r', '\n']) => {
                    self.rest = after;
                    return Ok(field);
                }
                None => return Err("text behind the quotes of a field".to_owned()),
            }
        }
    }

    fn line_end(&mut self) {
        let rest = self.rest;
        self.rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\r', '\n'])).unwrap_or(rest);
        self.line += 1;
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.rest.starts_with(['\r', '\n']) {
            self.line_end();
        }
        if self.rest.is_empty() {
            return None;
        }
        let line = self.line;
        Some(self.row().map_err(|what| {
            self.rest = "";
            RowError { line, what }
        }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Fields = (usize, String, String, String);

    fn rows(text: &str) -> Result<Vec<Fields>, (usize, String)> {
        let rows = Rows::new(text).map(|row| {
            let row = row.map_err(|error| (error.line, error.what))?;
            Ok((row.line, row.path.into_owned(), row.digest.into_owned(), row.size.into_owned()))
        });
        rows.collect()
    }

    fn row(line: usize, path: &str, digest: &str, size: &str) -> Fields {
        (line, path.to_owned(), digest.to_owned(), size.to_owned())
    }

    #[test]
    fn rows_and_quotes() {
        assert_eq!(rows(""), Ok(vec![]));
        assert_eq!(rows("a,b,1\r\n\r\n\nc,,"), Ok(vec![row(1, "a", "b", "1"), row(4, "c", "", "")]));
        assert_eq!(
            rows("\"a,\"\"b\"\"\nc\",d,1\ne,f,2\n"),
            Ok(vec![row(1, "a,\"b\"\nc", "d", "1"), row(3, "e", "f", "2")])
        );
    }

    #[test]
    fn malformed_rows_name_their_line() {
        for (text, line, what) in [
            ("a,b,1\nc,d\n", 2, "2 fields"),
            ("a,b,1,2\n", 1, "4 fields"),
            (",b,1", 1, "no path"),
            ("a\"b,c,1", 1, "not quoted"),
            ("\"a\"b,c,1", 1, "behind the quotes"),
            ("x,y,1\n\"a\n,c,1", 2, "does not end"),
        ] {
            let (at, error) = rows(text).expect_err(text);
            assert!(at == line && error.contains(what), "{text}: {at} {error}");
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_comes_back(fields in proptest::array::uniform3("[a,\"\r\n]{1,8}")) {
            let quoted = fields.clone().map(|field| format!("\"{}\"", field.replace('"', "\"\"")));
            let [path, digest, size] = &fields;
            prop_assert_eq!(rows(&quoted.join(",")), Ok(vec![row(1, path, digest, size)]));
        }

        #[test]
        fn any_text_ends(text in "[a,\"\r\n]{0,40}") {
            let _outcome = rows(&text);
        }
    }
}
