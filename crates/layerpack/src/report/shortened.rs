//! Messages that repeat what somebody wrote, or list what is wrong with thousands of packages, told by their beginning.

use std::borrow::Cow;

/// Letters of one line of a message: nobody reads more, and a log is buried under it. JSON has all of it.
const LONGEST_LINE: usize = 1_000;

/// The message, of which lines that are too long end where an item of their list does, and say how many more there are.
pub(super) fn shortened(message: &str) -> Cow<'_, str> {
    if message.len() <= LONGEST_LINE {
        return Cow::Borrowed(message);
    }
    let lines: Vec<_> = message.split('\n').map(of_line).collect();
    Cow::Owned(lines.join("\n"))
}

fn of_line(line: &str) -> Cow<'_, str> {
    let Some((end, _)) = line.char_indices().nth(LONGEST_LINE) else { return Cow::Borrowed(line) };
    let (start, rest) = line.split_at(end);
    for between in [", ", ","] {
        let more = rest.matches(between).count();
        if let Some((start, _)) = start.rsplit_once(between).filter(|_| more > 0) {
            return Cow::Owned(format!("{start}{between}and {} more (--format json has all)", more + 1));
        }
    }
    Cow::Owned(format!("{start}… and {} letters more", rest.chars().count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_end_with_what_is_left() {
        assert_eq!(shortened(&"ä".repeat(LONGEST_LINE)), "ä".repeat(LONGEST_LINE));
        let line = format!("{}…", "ä".repeat(LONGEST_LINE));
        assert_eq!(shortened(&format!("{line}\nb")), format!("{line} and 1 letters more\nb"));
        let list: Vec<String> = (1000..1300).map(|number| number.to_string()).collect();
        // 166 items of six letters and one of which four fit.
        let said = shortened(&list.join(", ")).into_owned();
        assert!(said.ends_with(" 1165, and 134 more (--format json has all)"), "{said}");
        assert!(shortened(&list.join(",")).ends_with(",1199,and 100 more (--format json has all)"));
        assert!(shortened(&format!("a\n{}\nb", list.join(", "))).starts_with("a\n1000, "));
    }
}
