//! Patterns of lines: fixed text, `{word}` for one word and `*` for anything. Quotes of every kind are one, and so are
//! capitals and small letters: programs, consoles and the clipboard change them.

use super::Word;

/// Bytes of a text that are looked at; a line of a log has a few hundred.
const LONGEST: usize = 1 << 16;
/// Places in a text at most where a pattern is tried.
const PLACES: usize = 100;

/// A part of a pattern.
enum Part<'a> {
    Fixed(&'a str),
    Word(&'a str),
    Anything,
}

/// The words that a pattern names, if it fits somewhere in a text.
pub(super) fn fit(pattern: &str, text: &str) -> Option<Vec<Word>> {
    let text = plain(text.get(..text.floor_char_boundary(LONGEST)).unwrap_or_default());
    let (pattern, lower) = (plain(pattern), text.to_ascii_lowercase());
    let parts = parse(&pattern);
    // Each place where the first fixed text stands is tried.
    let first = parts.iter().find_map(|part| if let Part::Fixed(fixed) = part { Some(*fixed) } else { None })?;
    let places: Vec<usize> = lower.match_indices(&first.to_ascii_lowercase()).take(PLACES).map(|(at, _)| at).collect();
    places.into_iter().find_map(|at| walk(&parts, &text, &lower, at))
}

/// The words, if the first fixed part stands at `first` and the others follow.
fn walk(parts: &[Part<'_>], text: &str, lower: &str, first: usize) -> Option<Vec<Word>> {
    let (mut words, mut open, mut at, mut begun) = (Vec::new(), None, 0, false);
    for part in parts {
        match part {
            Part::Word(name) => open = Some(Some(*name)),
            Part::Anything => open = Some(None),
            Part::Fixed(fixed) => {
                let fixed = fixed.to_ascii_lowercase();
                let start = if begun { at + lower.get(at..)?.find(&fixed)? } else { first };
                let between = text.get(at..start)?;
                match open.take() {
                    Some(Some(name)) if begun => words.push(word(name, between).filter(|w| w.value == between)?),
                    Some(Some(name)) => words.push(last_word(name, between)?),
                    None if begun && !between.is_empty() => return None,
                    _ => {}
                }
                (at, begun) = (start + fixed.len(), true);
            }
        }
    }
    if let Some(Some(name)) = open {
        words.push(word(name, text.get(at..)?)?);
    }
    Some(words)
}

/// The word that a text begins with.
fn word(name: &str, text: &str) -> Option<Word> {
    let value = text.split(ends_a_word).next().filter(|value| !value.is_empty())?;
    Some(Word { name: name.to_owned(), value: value.to_owned() })
}

/// The word that a text ends with.
fn last_word(name: &str, text: &str) -> Option<Word> {
    let value = text.rsplit(ends_a_word).next().filter(|value| !value.is_empty())?;
    Some(Word { name: name.to_owned(), value: value.to_owned() })
}

fn ends_a_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\'' | '(' | ')' | ',')
}

fn parse(pattern: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '*']) {
        let (fixed, special) = rest.split_at(at);
        if !fixed.is_empty() {
            parts.push(Part::Fixed(fixed));
        }
        if let Some((name, behind)) = special.strip_prefix('{').and_then(|word| word.split_once('}')) {
            parts.push(Part::Word(name));
            rest = behind;
        } else {
            parts.push(Part::Anything);
            rest = special.get(1..).unwrap_or_default();
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Fixed(rest));
    }
    parts
}

/// A text with one kind of quote and single blanks.
fn plain(text: &str) -> String {
    let quote = |letter: char| if matches!(letter, '`' | '‘' | '’' | '"' | '“' | '”') { '\'' } else { letter };
    let quoted: String = text.chars().map(quote).collect();
    quoted.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(pattern: &str, text: &str) -> Option<String> {
        let words = fit(pattern, text)?;
        Some(words.iter().map(|word| format!("{}={}", word.name, word.value)).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn words_and_anything() {
        let found = |pattern, text| words(pattern, text).unwrap_or_else(|| "no fit".to_owned());
        assert_eq!(found("version 'G_{v}' not found", "x: version `G_2.28' not  found"), "v=2.28");
        assert_eq!(found("{lib}: cannot open", "ImportError: libGL.so.1: cannot open it"), "lib=libGL.so.1");
        assert_eq!(found("named '{m}'", "No module named \"a.b\""), "m=a.b");
        assert_eq!(found("named '{m}'", "named 'a b'"), "no fit");
        assert_eq!(found("named '{m}'", "named 'a b' named 'c'"), "m=c");
        assert_eq!(found("named '*._{m}'", "named 'a.b._c'"), "m=c");
        assert_eq!(found("the * failed", "The numpy C thing FAILED."), "");
        assert_eq!(found("ab{w}", "abc, d"), "w=c");
        assert_eq!(found("ab{w}", "ab"), "no fit");
        assert_eq!(found("{lib}: open", ": open"), "no fit");
    }

    proptest! {
        #[test]
        fn no_text_panics(pattern in "[{}*'a-c ]{0,12}", text in "\\PC{0,60}") {
            let _ = fit(&pattern, &text);
        }
    }
}
