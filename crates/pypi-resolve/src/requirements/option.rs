//! Option lines: which options requirement files have, and reading them off a line.
//!
//! <https://pip.pypa.io/en/stable/reference/requirements-file-format/#supported-options>

use std::ops::Range;

use super::error::{Fault, Problem};
use super::near_word::near_word;

/// What an option is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OptionName {
    Requirement,
    Constraint,
    IndexUrl,
    ExtraIndexUrl,
    FindLinks,
    NoIndex,
    Pre,
    RequireHashes,
    OnlyBinary,
    NoBinary,
    PreferBinary,
    TrustedHost,
    UseFeature,
    AllReleases,
    OnlyFinal,
    Editable,
    Hash,
    ConfigSettings,
    GlobalOption,
}

struct Known {
    name: OptionName,
    short: Option<char>,
    /// The first is the one that suggestions name.
    long: &'static [&'static str],
    takes_value: bool,
}

const fn known(name: OptionName, short: Option<char>, long: &'static [&'static str], takes_value: bool) -> Known {
    Known { name, short, long, takes_value }
}

const KNOWN: &[Known] = &[
    known(OptionName::Requirement, Some('r'), &["--requirement", "--requirements"], true),
    known(OptionName::Constraint, Some('c'), &["--constraint", "--constraints"], true),
    known(OptionName::IndexUrl, Some('i'), &["--index-url", "--pypi-url"], true),
    known(OptionName::ExtraIndexUrl, None, &["--extra-index-url"], true),
    known(OptionName::FindLinks, Some('f'), &["--find-links"], true),
    known(OptionName::NoIndex, None, &["--no-index"], false),
    known(OptionName::Pre, None, &["--pre"], false),
    known(OptionName::RequireHashes, None, &["--require-hashes"], false),
    known(OptionName::OnlyBinary, None, &["--only-binary"], true),
    known(OptionName::NoBinary, None, &["--no-binary"], true),
    known(OptionName::PreferBinary, None, &["--prefer-binary"], false),
    known(OptionName::TrustedHost, None, &["--trusted-host"], true),
    known(OptionName::UseFeature, None, &["--use-feature"], true),
    known(OptionName::AllReleases, None, &["--all-releases"], true),
    known(OptionName::OnlyFinal, None, &["--only-final"], true),
    known(OptionName::Editable, Some('e'), &["--editable"], true),
    known(OptionName::Hash, None, &["--hash"], true),
    known(OptionName::ConfigSettings, Some('C'), &["--config-settings", "--config-setting"], true),
    known(OptionName::GlobalOption, None, &["--global-option"], true),
];

/// One option as it stands on a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) name: OptionName,
    /// As spelt, without its value.
    pub(crate) spelt: String,
    /// Empty for an option that takes none.
    pub(crate) value: String,
    pub(crate) value_span: Range<usize>,
    /// Option and value.
    pub(crate) span: Range<usize>,
}

/// Where the options of a line begin: at the first word with a leading `-`.
pub(crate) fn options_start(line: &str) -> usize {
    let mut before = ' ';
    line.char_indices()
        .find_map(|(at, c)| {
            let starts = c == '-' && before.is_whitespace();
            before = c;
            starts.then_some(at)
        })
        .unwrap_or(line.len())
}

/// Reads the options from `start` to the end of the line; spans are those of the line.
pub(crate) fn read_options(line: &str, start: usize) -> Result<Vec<Given>, Fault> {
    let mut words = words(line, start)?.into_iter();
    let mut options = Vec::new();
    while let Some(word) = words.next() {
        let (known, attached) = recognise(&word)?;
        let spelt = known.1;
        let option = known.0;
        let (value, value_span, end) = match (option.takes_value, attached) {
            (true, Some(value)) => {
                let value_start = word.span.end.saturating_sub(value.len()).max(word.span.start);
                (value, value_start..word.span.end, word.span.end)
            }
            (true, None) => match words.next() {
                Some(next) => (next.text, next.span.clone(), next.span.end),
                None => return Err(Fault::unreadable(word.span, format!("`{spelt}` needs a value"))),
            },
            (false, None) => (String::new(), word.span.clone(), word.span.end),
            (false, Some(_)) => return Err(Fault::unreadable(word.span, format!("`{spelt}` takes no value"))),
        };
        options.push(Given { name: option.name, spelt, value, value_span, span: word.span.start..end });
    }
    Ok(options)
}

/// The option that a word names, how it spells it, and the value that hangs on it.
fn recognise(word: &Word) -> Result<((&'static Known, String), Option<String>), Fault> {
    if let Some(named) = word.text.strip_prefix("--") {
        let (spelt, value) = match named.split_once('=') {
            Some((name, value)) => (format!("--{name}"), Some(value.to_owned())),
            None => (word.text.clone(), None),
        };
        return match KNOWN.iter().find(|known| known.long.contains(&spelt.as_str())) {
            Some(known) => Ok(((known, spelt), value)),
            None => Err(unknown(word, spelt)),
        };
    }
    let Some(letter) = word.text.strip_prefix('-').and_then(|letters| letters.chars().next()) else {
        return Err(if word.text == "-" {
            unknown(word, "-".to_owned())
        } else {
            Fault::unreadable(word.span.clone(), format!("`{}` stands behind an option", word.text))
                .help("put requirements and options on lines of their own")
        });
    };
    let spelt = format!("-{letter}");
    let value = word.text.get(1 + letter.len_utf8()..).filter(|value| !value.is_empty()).map(str::to_owned);
    match KNOWN.iter().find(|known| known.short == Some(letter)) {
        Some(known) => Ok(((known, spelt), value)),
        None => Err(unknown(word, spelt)),
    }
}

fn unknown(word: &Word, spelt: String) -> Fault {
    let help = match near_word(&spelt, KNOWN.iter().flat_map(|known| known.long).copied()) {
        Some(long) => format!("did you mean `{long}`?"),
        None => "remove the line, or give the option to layerpack itself if it has it".to_owned(),
    };
    let span = word.span.start..word.span.end.min(word.span.start + spelt.len());
    Fault { problem: Problem::UnknownOption(spelt), span, help: Some(help) }
}

/// A word of an option line, its quotes removed.
struct Word {
    text: String,
    span: Range<usize>,
}

/// Splits at whitespace; quotes keep it together. Unlike a shell, a `\` escapes only whitespace, quotes and itself, so
/// that Windows paths survive.
fn words(line: &str, start: usize) -> Result<Vec<Word>, Fault> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote: Option<(char, usize)> = None;
    let mut chars = line.get(start..).unwrap_or_default().char_indices().map(|(at, c)| (at + start, c)).peekable();
    while let Some((at, c)) = chars.next() {
        if quote.is_none() && c.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_with(|| Word { text: String::new(), span: at..at });
        match (c, quote) {
            ('\\', _) => match chars.next_if(|&(_, next)| next.is_whitespace() || "\\\"'".contains(next)) {
                Some((_, next)) => word.text.push(next),
                None => word.text.push('\\'),
            },
            ('"' | '\'', None) => quote = Some((c, at)),
            (c, Some((open, _))) if c == open => quote = None,
            _ => word.text.push(c),
        }
        word.span.end = chars.peek().map_or(line.len(), |&(at, _)| at);
    }
    words.extend(word);
    match quote {
        None => Ok(words),
        Some((quote, at)) => Err(Fault::unreadable(at..line.len(), format!("the quote `{quote}` is never closed"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(line: &str) -> Result<Vec<(OptionName, String)>, String> {
        match read_options(line, options_start(line)) {
            Ok(options) => Ok(options.into_iter().map(|given| (given.name, given.value)).collect()),
            Err(fault) => Err(format!("{:?} {} {:?}", fault.span, fault.problem, fault.help)),
        }
    }

    #[test]
    fn every_spelling_of_a_value() {
        for line in ["-r x y", "--requirement x y"] {
            assert!(values(line).is_err_and(|e| e.contains("`y` stands behind an option")), "{line}");
        }
        for line in ["-r x", "-rx", "--requirement x", "--requirement=x", "  -r  'x'", "-r \"x\""] {
            assert_eq!(values(line), Ok(vec![(OptionName::Requirement, "x".into())]), "{line}");
        }
        assert_eq!(
            values(r"-f 'a b' --pre -f C:\w\ x\y"),
            Ok(vec![
                (OptionName::FindLinks, "a b".into()),
                (OptionName::Pre, String::new()),
                (OptionName::FindLinks, r"C:\w x\y".into()),
            ])
        );
    }

    #[test]
    fn what_is_no_option() {
        assert_eq!(
            values("--index-ulr x").unwrap_err(),
            r#"0..11 unknown option `--index-ulr` Some("did you mean `--index-url`?")"#
        );
        assert!(values("-x").unwrap_err().contains("unknown option `-x`"));
        assert!(values("-").unwrap_err().contains("unknown option `-`"));
        assert!(values("--").unwrap_err().contains("unknown option `--`"));
        assert!(values("--pre=1").unwrap_err().contains("takes no value"));
        assert!(values("--pre --hash").unwrap_err().starts_with("6..12 `--hash` needs a value"));
        assert!(values("-r 'x").unwrap_err().starts_with("3..5 the quote"));
        assert!(values("-é").unwrap_err().contains("unknown option `-é`"));
    }

    #[test]
    fn options_begin_at_a_word() {
        assert_eq!(options_start("a-b ; x == '-y' --hash=z"), 16);
        assert_eq!(options_start("a @ file:///x-y"), 15);
    }
}
