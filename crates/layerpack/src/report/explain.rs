//! Explanations as text, on lines of 80 columns at most, also where nothing is a terminal.
//!
//! `columns` is what the terminal has, if it is one.

use lambda_compat::Code;

use crate::explain::{Line, Recognised, explain};
use crate::report::fold::pour;
use crate::report::style::{FAINT, STRONG};

/// Columns of a line at most, and at least.
const WIDEST: usize = 80;
const NARROWEST: usize = 40;

/// All codes with their titles, group by group.
pub(crate) fn code_list() -> String {
    let groups = [
        (100, "loading"),
        (200, "the archive or wheel is malformed"),
        (300, "resolution and indexes"),
        (400, "layout, size and limits"),
        (500, "input and this machine"),
    ];
    let mut lines = Vec::new();
    for (from, group) in groups {
        lines.push(format!("{STRONG}{group}{STRONG:#}"));
        let of_group = Code::ALL.iter().filter(|code| (from..from + 100).contains(&code.number()));
        lines.extend(of_group.map(|code| format!("  {code}  {}", code.title())));
    }
    lines.join("\n")
}

/// All that there is to say of a code.
pub(crate) fn explanation(code: Code, columns: Option<usize>) -> String {
    let columns = line_length(columns);
    let explanation = explain(code);
    let mut lines = vec![format!("{STRONG}{code}  {}{STRONG:#}", code.title())];
    lines.extend(text(&explanation.means, 0, columns));
    let mut section = |title: &str, body: Vec<String>| {
        lines.extend([String::new(), format!("{STRONG}{title}{STRONG:#}")]);
        lines.extend(body);
    };
    section("Why", text(&explanation.why, 2, columns));
    section("What to do", text(&explanation.fix, 2, columns));
    // Where it is the likeliest or nearly so; `docs/findings.md` has them all.
    let likely = |line: &&Line| line.codes.iter().take(2).any(|of_line| *of_line == code);
    let shown: Vec<_> = crate::explain::lines().iter().filter(likely).collect();
    if !shown.is_empty() {
        section("Lines that may mean it", shown.iter().map(|line| pour(&line.like, 2, 4, columns)).collect());
    }
    if let Some(example) = &explanation.example {
        section("What layerpack prints", example.trim_end().lines().map(|line| format!("  {line}")).collect());
    }
    if let Some(source) = &explanation.source {
        section("More", vec![format!("  {source}")]);
    }
    lines.join("\n")
}

/// What a line of another program says, with the words that it names.
pub(crate) fn recognised(found: &Recognised, columns: Option<usize>) -> String {
    let columns = line_length(columns);
    let mut lines = vec![pour(&format!("{}: {}", found.line.shown_by, found.line.says), 0, 0, columns)];
    lines.extend(found.words.iter().map(|word| pour(&format!("{}: {}", word.name, word.value), 2, 4, columns)));
    lines.join("\n")
}

/// The findings that may stand behind one line, most likely first: what each means and what to do.
pub(crate) fn several(codes: &[Code], columns: Option<usize>) -> String {
    let columns = line_length(columns);
    let mut lines = vec![format!("It may be one of {}, most likely first:", codes.len())];
    for code in codes {
        let explanation = explain(*code);
        lines.extend([String::new(), format!("{STRONG}{code}  {}{STRONG:#}", code.title())]);
        lines.extend(text(&explanation.means, 2, columns));
        lines.push(format!("  {FAINT}what to do:{FAINT:#}"));
        lines.extend(text(&explanation.fix, 2, columns));
    }
    let first = codes.first().map(ToString::to_string).unwrap_or_default();
    lines.extend([
        String::new(),
        pour(
            &format!("`layerpack check FILE` says which of them it is; `layerpack explain {first}` says more of one."),
            0,
            0,
            columns,
        ),
    ]);
    lines.join("\n")
}

fn line_length(columns: Option<usize>) -> usize {
    columns.unwrap_or(WIDEST).clamp(NARROWEST, WIDEST)
}

/// The paragraphs and lists of a text, so far indented.
fn text(text: &str, indent: usize, columns: usize) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in text.trim().lines() {
        match items.last_mut() {
            Some(item) if !line.starts_with("- ") => {
                item.push(' ');
                item.push_str(line.trim());
            }
            _ => items.push(line.to_owned()),
        }
    }
    let hang = |item: &String| if item.starts_with("- ") { indent + 2 } else { indent };
    items.iter().map(|item| pour(item, indent, hang(item), columns)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{lines, recognise};
    use crate::report::fold::width;

    #[test]
    fn nothing_is_wider_than_a_terminal() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| explanation(*code, None)).collect();
        texts.push(code_list());
        texts.push(several(Code::ALL, Some(200)));
        texts.extend(lines().iter().filter_map(|line| Some(recognised(&recognise(&line.like)?, None))));
        for text in texts {
            for line in text.lines() {
                let is_one_word = !line.trim().contains(' ');
                assert!(width(line) <= WIDEST || is_one_word, "{line}");
            }
        }
    }
}
