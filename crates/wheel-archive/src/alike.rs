//! Names that Lambda's file system keeps apart and that of macOS or Windows does not.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization as _;

/// A name as systems see it that make no difference of case, or of how Unicode spells a letter: two names that fold to one
/// are one file there.
#[must_use]
pub fn folded(name: &str) -> Cow<'_, str> {
    if !name.is_ascii() {
        return Cow::Owned(name.nfc().collect::<String>().to_lowercase());
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(name.to_ascii_lowercase());
    }
    Cow::Borrowed(name)
}

/// What is said of the second of two such names.
#[must_use]
pub fn alike(first: &str, second: &str) -> String {
    let how = if first.to_lowercase() == second.to_lowercase() { "case" } else { "how Unicode spells its letters" };
    format!("differs from `{first}` by {how} only: one of them is lost on macOS and Windows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_other_systems_take_for_one() {
        for (one, other) in [("a/README", "a/readme"), ("\u{c4}.py", "\u{e4}.py"), ("caf\u{e9}", "cafe\u{301}")] {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("a/b"), folded("a/c"));
        assert!(alike("A", "a").starts_with("differs from `A` by case only"));
        assert!(alike("caf\u{e9}", "cafe\u{301}").contains("by how Unicode spells its letters only"));
    }
}
