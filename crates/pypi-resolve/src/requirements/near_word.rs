//! The word that was probably meant.

/// The known word that is nearest to one that is not known, where it is near enough to be meant.
pub fn near_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distances = known.into_iter().map(|known| (edits(word, known), known));
    let (_, nearest) = distances
        .min_by_key(|&(distance, _)| distance)
        .filter(|&(distance, known)| distance <= 3 && (2 * distance < word.len() || has_the_letters_of(word, known)))?;
    Some(nearest)
}

/// Letters that changed places are two edits, and half of a short word: `pipy` for `pypi`.
fn has_the_letters_of(word: &str, known: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(word) == sorted(known)
}

/// Levenshtein distance; long words are cut.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(40).collect();
    let b: Vec<char> = b.chars().take(40).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for ((y, &above_left), &above) in b.iter().zip(&row).zip(row.iter().skip(1)) {
            let left = next.last().copied().unwrap_or_default();
            next.push((above_left + usize::from(x != y)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn only_what_is_near_is_meant() {
        let known = ["runtime", "arch", "out-dir"];
        assert_eq!(near_word("runtme", known), Some("runtime"));
        assert_eq!(near_word("outdir", known), Some("out-dir"));
        assert_eq!(near_word("pipy", ["pypi"]), Some("pypi"));
        assert_eq!(near_word("x", known), None);
        assert_eq!(near_word("region", known), None);
    }
}
