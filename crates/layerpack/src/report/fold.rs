//! Long lines, folded at a terminal's edge. What goes into a file or a pipe is never folded.

/// Columns that a terminal is taken to have at least.
const NARROWEST: usize = 40;
/// Columns of a line at most: longer ones are hard to read.
const WIDEST: usize = 100;

/// The lines of `text`, those that are wider than so many columns folded at blanks. A line goes on under where its text
/// begins: behind the code or the label at its start.
pub(crate) fn fold(text: &str, columns: usize) -> String {
    let columns = columns.clamp(NARROWEST, WIDEST);
    let mut folded = String::new();
    let mut lines = text.split('\n').peekable();
    while let Some(line) = lines.next() {
        // A caret points into the line above it: neither may move.
        let carets = |line: &str| !line.trim().is_empty() && line.trim().bytes().all(|byte| byte == b'^');
        if carets(line) || lines.peek().is_some_and(|next| carets(next)) {
            folded.push_str(line);
        } else {
            fold_line(line, columns, &mut folded);
        }
        if lines.peek().is_some() {
            folded.push('\n');
        }
    }
    folded
}

fn fold_line(line: &str, columns: usize, folded: &mut String) {
    if width(line) <= columns {
        folded.push_str(line);
        return;
    }
    let indent = line.len() - line.trim_start_matches(' ').len();
    folded.push_str(&pour(line, indent, hang(line).min(columns / 2), columns));
}

/// A text on lines of so many columns: the first is indented by `indent`, the others by `hang`. A word that is wider than
/// a line stays whole, and beside its label.
pub(crate) fn pour(text: &str, indent: usize, hang: usize, columns: usize) -> String {
    let mut poured = " ".repeat(indent);
    let (mut column, mut blanks) = (indent, 0);
    for word in text.trim_start_matches(' ').split(' ') {
        // Two blanks in a row are an empty word between them.
        if word.is_empty() {
            blanks += 1;
            continue;
        }
        let wide = width(word);
        let only_a_label = column <= hang + 4;
        if blanks > 0 && column + blanks + wide > columns && (hang + wide <= columns || !only_a_label) {
            poured.push('\n');
            poured.push_str(&" ".repeat(hang));
            column = hang;
        } else {
            poured.push_str(&" ".repeat(blanks));
            column += blanks;
        }
        poured.push_str(word);
        column += wide;
        blanks = 1;
    }
    poured
}

/// Where the text of a line begins.
fn hang(line: &str) -> usize {
    let plain = plain(line);
    let text = plain.trim_start_matches(' ');
    let indent = plain.len() - text.len();
    if indent == 0 {
        return 4;
    }
    let code = text.strip_prefix("LP").is_some_and(|rest| {
        rest.get(..5).is_some_and(|start| start.ends_with("  ") && start.bytes().take(3).all(|b| b.is_ascii_digit()))
    });
    let label = text.split_once(": ").map(|(label, _)| label);
    match label.filter(|label| label.len() <= 8 && label.bytes().all(|byte| byte.is_ascii_lowercase())) {
        _ if code => indent + 7,
        Some(label) => indent + label.len() + 2,
        None => indent + 2,
    }
}

/// Columns that a text takes on a terminal.
pub(crate) fn width(text: &str) -> usize {
    plain(text).chars().count()
}

/// A text without its styles.
fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::style::STRONG;

    #[test]
    fn a_line_goes_on_under_its_text() {
        let text = "error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl does not load\n  \
                    LP103  needs glibc 2.28; python3.11 runs on Amazon Linux 2, which has 2.26\n  \
                    help: no Lambda runtime loads this file: cp311 runs on python3.11 only\n         \
                    help: take another version of it, or bring the library along in a layer";
        insta::assert_snapshot!(fold(text, 60), @"
        error: whl/local_package2-0.2.0-cp311-cp311-manylinux_2_28_x86_64.whl
            does not load
          LP103  needs glibc 2.28; python3.11 runs on Amazon Linux
                 2, which has 2.26
          help: no Lambda runtime loads this file: cp311 runs on
                python3.11 only
                 help: take another version of it, or bring the
                       library along in a layer
        ");
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let table = "a       1.10    9 kB\nlonger  2     120 kB\n";
        assert_eq!(fold(table, 80), table);
        assert_eq!(fold("", 80), "");
        let styled = format!("  {STRONG}LP103{STRONG:#}  {}", "x".repeat(60));
        assert_eq!(fold(&styled, 70), styled);
    }

    #[test]
    fn carets_stay_under_what_they_point_at() {
        let said =
            format!("{}\n  a requirement >=  # {}\n                ^^", "word ".repeat(20).trim_end(), "x ".repeat(40));
        let folded = fold(&said, 60);
        assert!(folded.starts_with("word word") && folded.lines().next().is_some_and(|line| line.len() <= 60));
        assert!(folded.ends_with(said.split_once('\n').expect("three lines").1));
    }

    #[test]
    fn narrow_terminals_and_long_words_get_through() {
        let folded = fold(&format!("  LP103  {} and {}", "x".repeat(200), "y".repeat(3)), 1);
        assert_eq!(folded.lines().count(), 2, "{folded}");
        assert!(!folded.lines().any(|line| line.ends_with(' ')), "{folded}");
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-zA-Z0-9 :;^\n\u{20ac}]{0,200}", columns in 0_usize..120) {
            let folded = fold(&text, columns);
            prop_assert!(folded.split_whitespace().eq(text.split_whitespace()));
            let wide = |line: &&str| width(line) > columns.clamp(NARROWEST, WIDEST) && line.trim().contains(' ');
            // Only a label beside a word that is as wide as a line, and what a caret points into.
            let longest = text.split_whitespace().map(str::len).max().unwrap_or(0);
            prop_assert!(longest > 30 || text.contains('^') || !folded.lines().any(|line| wide(&line)), "{folded}");
        }
    }
}
