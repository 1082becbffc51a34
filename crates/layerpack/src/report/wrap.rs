//! Long texts on lines of 80 columns.

const COLUMNS: usize = 80;

/// The text on lines that begin with `indent` spaces, broken at spaces; a word that is longer than a line stays whole.
pub(crate) fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut width = COLUMNS;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        match lines.last_mut() {
            Some(line) if width + 1 + length <= COLUMNS => {
                line.push(' ');
                line.push_str(word);
                width += 1 + length;
            }
            _ => {
                lines.push(format!("{:indent$}{word}", ""));
                width = indent + length;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_filled_and_words_stay_whole() {
        let ten = "0123456789".repeat(8);
        assert_eq!(wrapped(&format!("a b {ten} c"), 2), ["  a b".to_owned(), format!("  {ten}"), "  c".to_owned()]);
        assert_eq!(wrapped(&"abc ".repeat(21), 0).iter().map(String::len).collect::<Vec<_>>(), [79, 3]);
        assert_eq!(wrapped(" ", 4), Vec::<String>::new());
    }
}
