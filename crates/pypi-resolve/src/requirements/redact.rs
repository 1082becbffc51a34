//! Credentials never reach a message, a log or a lock.

use std::ops::Range;

/// A text with the user information and query of every URL masked, and where a span of it went.
pub(crate) fn redacted(text: &str, span: &Range<usize>) -> (String, Range<usize>) {
    let mut shown = String::with_capacity(text.len());
    let mut done = 0;
    let mut moved = span.clone();
    for secret in secrets(text) {
        shown.push_str(text.get(done..secret.start).unwrap_or_default());
        let place = shown.len();
        shown.push_str(MASK);
        let move_bound = |at: usize, moved: usize| match at {
            at if at <= secret.start => moved,
            at if at < secret.end => place,
            at => place + MASK.len() + (at - secret.end),
        };
        moved = move_bound(span.start, moved.start)..move_bound(span.end, moved.end);
        done = secret.end;
    }
    shown.push_str(text.get(done..).unwrap_or_default());
    (shown, moved)
}

/// A text with the user information and query of every URL masked: a query may be a signature or token.
#[must_use]
pub fn mask(text: &str) -> String {
    redacted(text, &(0..0)).0
}

const MASK: &str = "****";

/// The user information and the query of each URL, in their order.
fn secrets(text: &str) -> Vec<Range<usize>> {
    let mut secrets: Vec<Range<usize>> = user_infos(text).chain(queries(text)).collect();
    secrets.sort_by_key(|secret| secret.start);
    // A query may hold a URL, which is hidden with it.
    let mut end = 0;
    secrets.retain(|secret| {
        let outside = secret.start >= end;
        end = end.max(secret.end);
        outside
    });
    secrets
}

/// What stands between the `?` of a web address and its `#` or end.
fn queries(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find("://")? + 3;
            let length = text.get(start..)?.find(|c: char| c.is_whitespace() || "\"'<>".contains(c));
            let url = length.map_or(text.get(start..), |length| text.get(start..start + length))?;
            let url = url.split('#').next().unwrap_or_default();
            from = start + url.len();
            if let Some(at) = url.find('?').filter(|at| at + 1 < url.len()) {
                return Some(start + at + 1..start + url.len());
            }
        }
    })
}

/// The bytes between `://` and the last `@` of each URL's authority; `https:/` is a slip, or what is left of a URL that was
/// taken for a path.
fn user_infos(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let colon = from + text.get(from..)?.find(":/")?;
            let whole = text.get(colon + 2..)?.starts_with('/');
            let start = colon + 2 + usize::from(whole);
            let is_web = |scheme: &str| {
                let before = colon.checked_sub(scheme.len()).and_then(|at| text.get(at..colon));
                before.is_some_and(|before| before.eq_ignore_ascii_case(scheme))
            };
            if !whole && !is_web("http") && !is_web("https") {
                from = start;
                continue;
            }
            let rest = text.get(start..)?;
            let authority = rest.find(|c: char| c.is_whitespace() || "/?#\"'<>".contains(c)).unwrap_or(rest.len());
            if let Some(at) = rest.get(..authority).and_then(|authority| authority.rfind('@')) {
                from = start + at;
                return Some(start..start + at);
            }
            // The authority of `x://https://user@host` is `https:`, and the URL inside begins with it.
            from = start;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_information_is_masked() {
        assert_eq!(mask("https://u:p@h/x"), "https://****@h/x");
        assert_eq!(mask("a https://t@h b git+ssh://git@g c"), "a https://****@h b git+ssh://****@g c");
        assert_eq!(mask("https://a@b@c/"), "https://****@c/", "the last @ ends it");
        assert_eq!(mask("https://h/x@y ./a@b name @ file:///x"), "https://h/x@y ./a@b name @ file:///x");
        assert_eq!(mask("://@ ://"), "://****@ ://");
        assert_eq!(mask("https:/u:p@h/x HTTP:/u@h C:/a@b file:/a@b"), "https:/****@h/x HTTP:/****@h C:/a@b file:/a@b");
        assert_eq!(mask("x://https://u:p@h/"), "x://https://****@h/");
        assert_eq!(mask("a @ https://h/x.whl?sig=1&t=2#sha256=0 ; x"), "a @ https://h/x.whl?****#sha256=0 ; x");
        assert_eq!(mask("https://u:p@h/x?r=https://u:p@h/ https://h/y?"), "https://****@h/x?**** https://h/y?");
    }

    #[test]
    fn spans_move_with_the_text() {
        let text = "https://user@h/x";
        assert_eq!(redacted(text, &(13..16)).1, 13..16);
        assert_eq!(redacted("https://longuser@h/x", &(17..20)).1, 13..16);
        assert_eq!(redacted("https://longuser@h/x", &(0..20)).1, 0..16);
        assert_eq!(redacted("https://longuser@h/x", &(10..12)).1, 8..8);
    }
}
