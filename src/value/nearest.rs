//! The near miss: which of the known names a mistyped one probably means.

/// Longest word that is compared: the table of distances grows with the square, and nobody mistypes a name of that length.
const MAX_CHARS: usize = 64;

/// The candidate nearest to `word`, if one is near enough to be meant: at most one slip for each three characters.
/// Case does not count; among equally near ones the first wins.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = word.to_lowercase().chars().collect();
    if typed.is_empty() || typed.len() > MAX_CHARS {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let known: Vec<char> = candidate.to_lowercase().chars().collect();
        if known.is_empty() || known.len() > MAX_CHARS {
            continue;
        }
        let allowed = (typed.len().max(known.len()) / 3).max(1);
        let distance = slips(&typed, &known);
        // Two names of one or two letters are always near; only a name that keeps a letter of the typed one is meant.
        if distance <= allowed
            && distance < known.len().max(typed.len())
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`.
fn slips(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, &left) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &right) in b.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&above, j) + usize::from(left != right);
            let mut least = replaced.min(at(&above, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(&right) && b.get(j - 1) == Some(&left);
            if swapped {
                least = least.min(at(&before, j - 1) + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_found_and_a_stranger_is_not() {
        assert_eq!(nearest("shw", ["show", "step"]), Some("show"));
        assert_eq!(nearest("hsow", ["show", "step"]), Some("show"), "a swap is one slip");
        assert_eq!(nearest("namespce", ["namespace", "name"]), Some("namespace"));
        assert_eq!(nearest("banana", ["show", "step"]), None);
        assert_eq!(nearest("", ["show"]), None);
        assert_eq!(nearest("x", ["y"]), None, "one letter against another is no near miss");
    }

    #[test]
    fn case_does_not_count_and_the_nearest_wins() {
        assert_eq!(nearest("ABORT", ["about", "abort"]), Some("abort"));
        assert_eq!(nearest("继续观査", ["继续观察", "终止并回滚"]), Some("继续观察"));
    }
}
