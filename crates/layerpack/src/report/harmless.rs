//! What a terminal and the log of a CI job must not be told by others: names, METADATA, locks and answers of servers stand
//! in messages.

use std::borrow::Cow;
use std::fmt::Write as _;

/// What the styles of this program are made of: after `ESC [`, before `m`.
const OWN_STYLES: [&str; 7] = ["0", "1", "2", "31", "32", "33", "36"];

/// The text without anything by which it could do more than stand there. Styles stay.
///
/// - On a terminal it could write elsewhere, set a title or answer in the user's place: control characters but line ends
///   and tabs, and marks that turn the direction, are shown as `�`.
/// - In a CI job's log it could be a command to whoever runs the job: `::name::` at the start of a line and `##[name]`
///   anywhere (GitHub, `src/Runner.Common/ActionCommand.cs`), `##vso[…]` (Azure), `##teamcity[…]`. What makes it one is
///   shown as `�`.
pub(crate) fn harmless(text: &str) -> Cow<'_, str> {
    if !may_be_harmful(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut command = Command::Begins;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let style =
            OWN_STYLES.iter().find_map(|style| rest.strip_prefix("\u{1b}[")?.strip_prefix(style)?.strip_prefix('m'));
        let behind = style.unwrap_or(&rest[c.len_utf8()..]);
        // Styles are taken out where nobody shows them: what stands on both sides comes together.
        match style {
            Some(_) => shown.push_str(&rest[..rest.len() - behind.len()]),
            None if is_harmful(c) | command.is_made_by(c) => shown.push('\u{fffd}'),
            None => shown.push(c),
        }
        rest = behind;
    }
    Cow::Owned(shown)
}

/// A command of this program's own, one line: only its `::` may begin one.
pub(super) fn own_command(text: &str) -> String {
    format!("::{}", harmless(text.trim_start_matches("::")))
}

/// The same of a JSON document, in which nothing is lost: characters are escaped instead.
pub(super) fn harmless_json(text: &str) -> Cow<'_, str> {
    if !may_be_harmful(text) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmful(c) || is_unseen(c) || (c == '#' && shown.ends_with('#')) {
            let _ = write!(shown, "\\u{:04x}", u32::from(c));
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// How much of a command has been read.
#[derive(Clone, Copy)]
enum Command {
    /// Nothing but blanks in this line.
    Begins,
    /// A colon at its start.
    Colon,
    Text,
    /// `#`
    Hash,
    /// `##`, and letters
    Hashes,
}

impl Command {
    /// Reads one more character; whether that makes the text a command.
    fn is_made_by(&mut self, c: char) -> bool {
        let is_made = matches!((&self, c), (Self::Colon, ':') | (Self::Hashes, '['));
        *self = match (*self, c) {
            (_, '\n') => Self::Begins,
            (state, c) if is_unseen(c) => state,
            (Self::Begins, ':') => Self::Colon,
            (Self::Begins, c) if c.is_whitespace() => Self::Begins,
            (Self::Hash | Self::Hashes, '#') => Self::Hashes,
            (_, '#') => Self::Hash,
            (Self::Hashes, c) if c.is_ascii_alphabetic() => Self::Hashes,
            _ => Self::Text,
        };
        is_made
    }
}

fn may_be_harmful(text: &str) -> bool {
    text.contains(|c| is_harmful(c) || is_unseen(c)) || text.contains("::") || text.contains("##")
}

fn is_harmful(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that nobody sees, and that a search by the rules of a language passes over, as .NET's does.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
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
    fn a_job_is_told_nothing_by_others() {
        for (text, shown) in [
            ("::error::x", ":�error::x"),
            ("a\n \t::set-env name=a::b", "a\n \t:�set-env name=a::b"),
            ("\u{a0}\u{3000}::add-mask::x", "\u{a0}\u{3000}:�add-mask::x"),
            ("\u{1b}[31m:\u{1b}[0m:error::", "\u{1b}[31m:\u{1b}[0m�error::"),
            ("\u{200b}:\u{ad}:error::", "\u{200b}:\u{ad}�error::"),
            ("a ##[error]b", "a ##�error]b"),
            ("###[group]", "###�group]"),
            ("#\u{1b}[1m#[group]", "#\u{1b}[1m#�group]"),
            ("##vso[task.setvariable]", "##vso�task.setvariable]"),
            ("##teamcity[x]", "##teamcity�x]"),
            ("a ::error:: #[x] ## [x] # a::b\n:a::\n: ::", "a ::error:: #[x] ## [x] # a::b\n:a::\n: ::"),
        ] {
            assert_eq!(harmless(text), shown);
        }
        assert_eq!(own_command("::error title=a::##[b]\u{1b}"), "::error title=a::##�b]�");
    }

    #[test]
    fn a_document_keeps_all() {
        let text = serde_json::to_string_pretty(&["##[error]é\u{200d}\u{9b}\u{202e}\u{1b}\n", "::a::"]).expect("JSON");
        let shown = harmless_json(&text);
        assert!(!shown.contains(|c: char| is_harmful(c) || is_unseen(c)) && !shown.contains("##"), "{shown}");
        assert_eq!(harmless(&shown), shown);
        assert_eq!(
            serde_json::from_str::<Vec<String>>(&shown).expect("JSON"),
            serde_json::from_str::<Vec<String>>(&text).expect("JSON")
        );
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

        /// As the runner reads lines, written down once more.
        #[test]
        fn no_line_that_is_printed_is_a_command(text in "(::|##|\\[|\\]|\n| |\\x1b\\[0m|[a-z#:]){0,30}") {
            let plain = OWN_STYLES.iter().fold(harmless(&text).into_owned(), |text, style| text.replace(&format!("\u{1b}[{style}m"), ""));
            for line in plain.lines() {
                prop_assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{:?}", line);
            }
        }
    }
}
