//! What a terminal must not be told by others: names, METADATA, locks and answers of servers stand in messages.

use std::borrow::Cow;

/// What the styles of this program are made of: after `ESC [`, before `m`.
const OWN_STYLES: [&str; 7] = ["0", "1", "2", "31", "32", "33", "36"];

/// The text without anything by which it could write elsewhere than where it stands, set a title or answer in the user's
/// place: control characters but line ends and tabs, and marks that turn the direction, are shown as `�`. Styles stay.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let style =
            OWN_STYLES.iter().find_map(|style| rest.strip_prefix("\u{1b}[")?.strip_prefix(style)?.strip_prefix('m'));
        let behind = style.unwrap_or(&rest[c.len_utf8()..]);
        match style {
            None if is_harmful(c) => shown.push('\u{fffd}'),
            _ => shown.push_str(&rest[..rest.len() - behind.len()]),
        }
        rest = behind;
    }
    Cow::Owned(shown)
}

fn is_harmful(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::style::{ERROR, FAINT, GOOD, HELP, NOTE, STRONG, WARNING};

    #[test]
    fn a_terminal_is_told_nothing_by_others() {
        for (text, shown) in [
            ("plain ä …\n\ttext", "plain ä …\n\ttext"),
            ("a\u{1b}]0;title\u{7}b", "a�]0;title�b"),
            ("a\u{1b}[2Jb", "a�[2Jb"),
            ("a\u{1b}[8mb", "a�[8mb"),
            ("a\u{1b}[31;8mb", "a�[31;8mb"),
            ("a\u{1b}", "a�"),
            ("a\u{1b}[", "a�["),
            ("over\rwritten\u{8}", "over�written�"),
            ("\u{9b}31m", "�31m"),
            ("abc\u{202e}fed", "abc�fed"),
        ] {
            assert_eq!(harmless(text), shown);
        }
    }

    #[test]
    fn styles_stay() {
        for style in [ERROR, WARNING, NOTE, GOOD, HELP, STRONG, FAINT] {
            let text = format!("{style}ä{style:#} \u{1b}");
            assert_eq!(harmless(&text), format!("{style}ä{style:#} �"));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_printed_has_no_control_characters_but_styles(text in "(\\x1b|\\[|[0-3]|m|;|\\r|a|ä|\\PC|.){0,40}") {
            let plain = OWN_STYLES.iter().fold(harmless(&text).into_owned(), |text, style| text.replace(&format!("\u{1b}[{style}m"), ""));
            prop_assert!(!plain.contains(|c: char| c.is_control() && c != '\n' && c != '\t'), "{:?}", plain);
        }
    }
}
