//! What tests see of the machine that they run on.

/// A text with the paths in it spelled with `/`, on Windows too, also where `Debug` has escaped them. Not for texts that
/// have backslashes of their own.
#[must_use]
pub fn slashed(text: &str) -> String {
    if cfg!(windows) { text.replace(r"\\", "/").replace('\\', "/") } else { text.to_owned() }
}
