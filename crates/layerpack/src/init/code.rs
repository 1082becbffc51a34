//! Code of TypeScript, JavaScript and Python as far as it can be read without a parser: calls with what stands between their
//! parentheses, texts, and what a value is called.

/// What stands between a construct's parentheses: up to the one that closes it, without those in texts.
pub(super) fn arguments(code: &str) -> &str {
    let (mut depth, mut quote, mut escaped) = (1, None, false);
    for (at, c) in code.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (Some(_) | None, _) => {}
        }
        if depth == 0 {
            return &code[..at];
        }
    }
    code
}

/// The texts in a piece of code, on one line each.
pub(super) fn literals(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let quote = rest[at..].chars().next().unwrap_or('"');
        let inner = &rest[at + 1..];
        let Some(end) = inner.find(quote) else { break };
        if !inner[..end].contains('\n') {
            found.push(inner[..end].to_owned());
        }
        rest = &inner[end + 1..];
    }
    found
}

/// What the value is called that a call makes, from the code before the call's name: `const pypi = new lambda.`, `self.pypi = `.
pub(super) fn assigned_to(before: &str) -> Option<&str> {
    let before = before.trim_end_matches(is_of_name).trim_end();
    let before = before.strip_suffix("new").unwrap_or(before).trim_end();
    let before = before.strip_suffix('=')?.trim_end();
    let name = &before[before.trim_end_matches(is_of_name).len()..];
    // `const pypi: PythonLayerVersion = `
    let outer = before[..before.len() - name.len()].trim_end();
    let name = match outer.strip_suffix(':') {
        Some(outer) => &outer[outer.trim_end_matches(is_of_name).len()..],
        None => name,
    };
    Some(own_name(name)).filter(|name| !name.is_empty())
}

/// A name without `this.` and `self.`, where it is one.
pub(super) fn own_name(name: &str) -> &str {
    name.strip_prefix("this.").or_else(|| name.strip_prefix("self.")).unwrap_or(name)
}

/// Whether a piece of code is a name alone.
pub(super) fn is_name(code: &str) -> bool {
    !code.is_empty() && code.chars().all(is_of_name)
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '$' | '#')
}

/// The items of the list that an argument is, `layers: [a, b(c, d)]` or `layers=[…]`; none where there is no such argument,
/// or it is no list.
pub(super) fn listed<'a>(arguments: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let list = arguments.match_indices(name).find_map(|(at, _)| {
        let is_whole = !arguments[..at].ends_with(is_of_name);
        let after = arguments[at + name.len()..].trim_start().strip_prefix([':', '='])?;
        after.trim_start().strip_prefix('[').filter(|_| is_whole)
    })?;
    let (mut depth, mut quote, mut from, mut items) = (0_usize, None, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(c),
            (None, ']') if depth == 0 => {
                items.push(list[from..at].trim());
                items.retain(|item| !item.is_empty());
                return Some(items);
            }
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                items.push(list[from..at].trim());
                from = at + 1;
            }
            (Some(_) | None, _) => {}
        }
    }
    None
}
