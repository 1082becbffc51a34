//! `.netrc`: credentials by host, as curl, pip and uv read them.
//! <https://everything.curl.dev/usingcurl/netrc.html>, <https://docs.python.org/3/library/netrc.html>
//!
//! Parsing only: where the file is, and reading it, is the command's.

use std::fmt;
use std::iter::Peekable;
use std::str::CharIndices;

/// Credentials by host. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Netrc {
    /// In the order of the file.
    entries: Vec<Entry>,
}

#[derive(Clone, PartialEq, Eq, Default)]
struct Entry {
    /// `None`: `default`, which stands for every host.
    host: Option<String>,
    login: String,
    password: String,
}

/// What cannot be read, and where. Never has the word itself, which may be a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct NetrcError {
    /// Counted from 1.
    pub line: usize,
    /// A fragment.
    pub why: &'static str,
}

impl Netrc {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// Where a word stands that is none of netrc's, a value is missing, or a quote is not closed.
    pub fn parse(text: &str) -> Result<Self, NetrcError> {
        let mut words = Words { text, chars: text.char_indices().peekable(), line: 1 };
        let mut entries: Vec<Entry> = Vec::new();
        while let Some(word) = words.next(true)? {
            let line = words.line;
            let mut value = || words.next(false)?.ok_or(NetrcError { line, why: "a value is missing at the end" });
            match (word.as_str(), entries.last_mut()) {
                ("machine", _) => entries.push(Entry { host: Some(value()?.to_ascii_lowercase()), ..Entry::default() }),
                ("default", _) => entries.push(Entry::default()),
                ("macdef", _) => words.skip_macro(),
                ("login" | "user", Some(entry)) => entry.login = value()?,
                ("password", Some(entry)) => entry.password = value()?,
                ("account", Some(_)) => _ = value()?,
                ("login" | "user" | "password" | "account", None) => {
                    return Err(NetrcError { line, why: "a value before the first `machine` or `default`" });
                }
                _ => {
                    let why = "a word that is none of machine, default, login, password, account and macdef";
                    return Err(NetrcError { line, why });
                }
            }
        }
        Ok(Self { entries })
    }

    /// User name and password for a host, of this user where one is given. `default` counts where the host has no
    /// entry and `or_default` is set; of several entries the last counts, as in pip.
    pub(super) fn get(&self, host: &str, user: Option<&[u8]>, or_default: bool) -> Option<(&str, &str)> {
        let named = |entry: &&Entry| entry.host.as_deref() == Some(host);
        let is_named = self.entries.iter().any(|entry| named(&entry));
        let of_host = self.entries.iter().filter(|entry| match &entry.host {
            Some(name) => name == host,
            None => or_default && !is_named,
        });
        let mut of_user = of_host.filter(|entry| user.is_none_or(|user| user == entry.login.as_bytes()));
        of_user.next_back().map(|entry| (entry.login.as_str(), entry.password.as_str()))
    }
}

impl fmt::Debug for Netrc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.entries.iter().map(|entry| entry.host.as_deref().unwrap_or("default"));
        f.debug_list().entries(hosts).finish()
    }
}

/// The words of a file, with the line of the last one.
struct Words<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: usize,
}

impl Words<'_> {
    /// The next word. Where a keyword is expected, `#` begins a comment.
    fn next(&mut self, keyword: bool) -> Result<Option<String>, NetrcError> {
        loop {
            let Some(&(_, next)) = self.chars.peek() else { return Ok(None) };
            match next {
                c if c.is_whitespace() => self.step(c),
                '#' if keyword => while self.chars.next_if(|(_, c)| *c != '\n').is_some() {},
                '"' => return self.quoted().map(Some),
                _ => break,
            }
        }
        let mut word = String::new();
        while let Some((_, c)) = self.chars.next_if(|(_, c)| !c.is_whitespace()) {
            word.push(if c == '\\' { self.escaped() } else { c });
        }
        Ok(Some(word))
    }

    fn quoted(&mut self) -> Result<String, NetrcError> {
        let line = self.line;
        self.chars.next();
        let mut word = String::new();
        loop {
            match self.chars.next() {
                Some((_, '"')) => return Ok(word),
                Some((_, '\\')) => word.push(self.escaped()),
                None | Some((_, '\n')) => return Err(NetrcError { line, why: "a quote that is not closed" }),
                Some((_, c)) => word.push(c),
            }
        }
    }

    /// The character after a backslash, as it is; the backslash itself at the end of a line.
    fn escaped(&mut self) -> char {
        self.chars.next_if(|(_, c)| *c != '\n').map_or('\\', |(_, c)| c)
    }

    fn step(&mut self, c: char) {
        self.line += usize::from(c == '\n');
        self.chars.next();
    }

    /// A macro ends with an empty line.
    fn skip_macro(&mut self) {
        let start = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        let rest = self.text.get(start..).unwrap_or_default();
        let end = ["\n\n", "\n\r\n"].iter().filter_map(|end| rest.find(end)).min();
        let end = end.map_or(self.text.len(), |end| start + end);
        while let Some((_, c)) = self.chars.next_if(|(at, _)| *at < end) {
            self.line += usize::from(c == '\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn get(text: &str, host: &str) -> String {
        let netrc = Netrc::parse(text).expect("a netrc");
        netrc
            .get(host, None, true)
            .map_or_else(|| "nothing".to_owned(), |(user, password)| format!("{user}:{password}"))
    }

    #[test]
    fn entries_by_host() {
        let text = "# of CI\nmachine Host.example login me password p#1 # comment\n\
            machine other.example\n  login \"a b\"\n  account x\n  password \"q\\\"uo\\\\te\"\ndefault login any password one";
        assert_eq!(get(text, "host.example"), "me:p#1");
        assert_eq!(get(text, "other.example"), "a b:q\"uo\\te");
        assert_eq!(get(text, "elsewhere.example"), "any:one");
        let netrc = Netrc::parse(text).expect("a netrc");
        assert_eq!(netrc.get("elsewhere.example", None, false), None);
        assert_eq!(netrc.get("host.example", Some(b"you"), true), None, "`default` is for hosts without an entry");
        assert_eq!(format!("{netrc:?}"), "[\"host.example\", \"other.example\", \"default\"]");
    }

    #[test]
    fn of_several_entries_the_users_or_the_last() {
        let netrc = Netrc::parse("machine h login a password 1\nmachine h login b password 2\n").expect("a netrc");
        assert_eq!(netrc.get("h", Some(b"a"), false), Some(("a", "1")));
        assert_eq!(netrc.get("h", None, false), Some(("b", "2")));
    }

    #[test]
    fn macros_are_skipped_to_the_empty_line() {
        let text = "macdef init\nmachine wrong login x\ncd /pub\n\nmachine h login me password p\nmacdef last\nend";
        assert_eq!(get(text, "h"), "me:p");
        assert_eq!(get(text, "wrong"), "nothing");
        assert_eq!(get(&text.replace('\n', "\r\n"), "h"), "me:p");
    }

    #[test]
    fn errors_name_the_line_and_no_secret() {
        let error = |text: &str| Netrc::parse(text).expect_err("no netrc").to_string();
        assert_eq!(error("machine h\nlogin me\npassword"), "line 3: a value is missing at the end");
        assert_eq!(error("\nlogin me"), "line 2: a value before the first `machine` or `default`");
        assert_eq!(error("machine h password \"open\nlogin me"), "line 1: a quote that is not closed");
        let error = error("machine h login me password pass hunter2");
        assert!(error.starts_with("line 1: a word that is none of machine") && !error.contains("hunter2"), "{error}");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "[a-z\"\\\\# \n\r]{0,80}") {
            let _ = Netrc::parse(&text);
            let _ = Netrc::parse(&format!("machine h macdef {text}"));
        }

        #[test]
        fn what_is_quoted_is_read_back(password in "[^\n]{0,40}") {
            let quoted = password.replace('\\', "\\\\").replace('"', "\\\"");
            let netrc = Netrc::parse(&format!("machine h login me password \"{quoted}\"\n")).expect("a netrc");
            prop_assert_eq!(netrc.get("h", None, false), Some(("me", password.as_str())));
        }
    }
}
