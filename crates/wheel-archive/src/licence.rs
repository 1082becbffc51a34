//! What METADATA says of a distribution's licence
//! ([core metadata](https://packaging.python.org/en/latest/specifications/core-metadata/#license-expression), PEP 639).
//!
//! It is read when somebody asks, not with the manifest: nothing about installing depends on it.

use crate::headers::{Header, headers};

/// Characters that a licence's name has at most; longer values of `License` are the licence itself.
const LONGEST_NAME: usize = 100;
/// Nested parentheses and words of an expression at most.
const MOST_WORDS: usize = 1_000;

/// A licence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Licence {
    /// An SPDX expression, as far as its grammar goes: whether its names are on SPDX' list is not checked.
    Expression(String),
    /// Names as people write them, none twice.
    Names(Vec<String>),
}

/// The licence that METADATA gives: `License-Expression` where it is an SPDX expression; else the name in `License`; else
/// those of its classifiers. `None` where there is none of them.
#[must_use]
pub fn licence_of(metadata: &[u8]) -> Option<Licence> {
    let headers = headers(metadata)?;
    let values = |key: &'static str| {
        headers.iter().filter(move |header| header.is(key)).filter_map(Header::value).filter(|v| !v.is_empty())
    };
    if let Some(expression) = values("License-Expression").next() {
        return Some(if is_expression(expression) {
            Licence::Expression(expression.to_owned())
        } else {
            Licence::Names(vec![expression.split_whitespace().collect::<Vec<_>>().join(" ")])
        });
    }
    let is_name = |text: &&str| !text.contains('\n') && text.chars().count() <= LONGEST_NAME && *text != "UNKNOWN";
    if let Some(name) = values("License").find(is_name) {
        return Some(Licence::Names(vec![name.to_owned()]));
    }
    let mut names: Vec<String> = Vec::new();
    for classifier in values("Classifier").filter(|classifier| classifier.starts_with("License ::")) {
        let name = classifier.rsplit("::").next().unwrap_or_default().trim();
        // `License :: OSI Approved` alone names none.
        if !name.is_empty() && name != "OSI Approved" && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    (!names.is_empty()).then_some(Licence::Names(names))
}

/// Whether a text follows the grammar of SPDX 3 expressions (annex B), operators in upper case as PEP 639 has them.
fn is_expression(text: &str) -> bool {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let is_operator = |word: &str| matches!(word, "AND" | "OR" | "WITH" | "(" | ")");
    let is_id = |word: &str| {
        let bare = word.strip_suffix('+').unwrap_or(word);
        !bare.is_empty()
            && !is_operator(word)
            && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
    };
    let mut open = 0_usize;
    // Whether a licence is due, and whether the word before is one that `WITH` may follow.
    let (mut due, mut plain) = (true, false);
    let mut words = words.into_iter().take(MOST_WORDS + 1).enumerate();
    while let Some((number, word)) = words.next() {
        if number == MOST_WORDS {
            return false;
        }
        (due, plain) = match word {
            "(" if due => {
                open += 1;
                (true, false)
            }
            ")" if !due && open > 0 => {
                open -= 1;
                (false, false)
            }
            "AND" | "OR" if !due => (true, false),
            "WITH" if plain => match words.next() {
                Some((_, exception)) if is_id(exception) && !exception.ends_with('+') => (false, false),
                _ => return false,
            },
            word if due && is_id(word) => (false, true),
            _ => return false,
        };
    }
    !due && open == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Licence {
        Licence::Names(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn the_most_exact_field_counts() {
        let of =
            |fields: &str| licence_of(format!("Metadata-Version: 2.4\nName: x\n{fields}\n\nLicense: body").as_bytes());
        let expression = Some(Licence::Expression("MIT".to_owned()));
        assert_eq!(of("License: Apache\nLicense-Expression: MIT"), expression);
        assert_eq!(of("License-Expression: the MIT licence"), Some(names(&["the MIT licence"])));
        assert_eq!(
            of("License: BSD 3-Clause\nClassifier: License :: OSI Approved :: MIT License"),
            Some(names(&["BSD 3-Clause"]))
        );
        let classifiers = "Classifier: License :: OSI Approved\nClassifier: License :: OSI Approved :: MIT License\n\
                           Classifier: Programming Language :: Python\nClassifier: License :: Public Domain";
        assert_eq!(of(classifiers), Some(names(&["MIT License", "Public Domain"])));
        let text = "License: Copyright somebody\n        Permission is granted\n";
        assert_eq!(of(&format!("{text}{classifiers}")), Some(names(&["MIT License", "Public Domain"])));
        assert_eq!(of("License: UNKNOWN"), None);
        assert_eq!(of("License:"), None);
        assert_eq!(of("Summary: y"), None);
    }

    #[test]
    fn the_grammar_of_expressions() {
        for good in [
            "MIT",
            "Apache-2.0 OR MIT",
            "GPL-2.0-or-later WITH Classpath-exception-2.0",
            "(MIT AND (BSD-3-Clause OR GPL-2.0+))",
            "LicenseRef-Own",
        ] {
            assert!(is_expression(good), "{good}");
        }
        for bad in [
            "",
            "()",
            "MIT BSD",
            "MIT AND",
            "AND MIT",
            "MIT or BSD",
            "(MIT",
            "MIT)",
            "MIT WITH",
            "(MIT) WITH x",
            "MIT WITH x+",
            "MIT, BSD",
            "MIT WITH x WITH y",
            "+",
            "a/b",
        ] {
            assert!(!is_expression(bad), "{bad}");
        }
        assert!(!is_expression(&"(".repeat(1 << 16)) && !is_expression(&"MIT AND ".repeat(10_000)));
    }
}
