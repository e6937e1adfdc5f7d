//! The key of one pass in an answers file: `put[web-1]/size` answers the question about this item, whenever it is asked. A
//! list under the static key goes by the order of asking, which of passes that run at once nobody knows.

/// Does a question with this name (without its pass) have a static key that ends so? `all/put[web-1]/size`: `put/size`.
pub(super) fn has_key(stem: &str, end: &str) -> bool {
    ends(stem).any(|stem| follows(stem, end))
}

/// May a question of the prompt with this static key have a name that ends so? `all/put/size`: `put[web-1]/size`.
pub(super) fn may_be(own: &str, key: &str) -> bool {
    ends(key).any(|key| follows(own, key))
}

/// Does a key of an answers file name an item?
pub(super) fn names_one(key: &str) -> bool {
    key.contains('[')
}

/// A name and what is left of it behind each `/`.
fn ends(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(name.match_indices('/').filter_map(|(at, _)| name.get(at + 1..)))
}

/// The parts of the key one after another, each perhaps with an item, which may have any letter in it.
fn follows(stem: &str, key: &str) -> bool {
    let (head, tail) = key.split_once('/').map_or((key, None), |(head, tail)| (head, Some(tail)));
    let Some(rest) = stem.strip_prefix(head) else { return false };
    let goes_on = |rest: &str| match tail {
        None => rest.is_empty(),
        Some(tail) => rest.strip_prefix('/').is_some_and(|rest| follows(rest, tail)),
    };
    let item = |(at, _): (usize, &str)| rest.get(at + 1..).is_some_and(goes_on);
    goes_on(rest) || rest.starts_with('[') && rest.match_indices(']').any(item)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_parts_of_its_key_and_items_of_any_letters() {
        for own in ["all/put[web-1]/size", "put[a/b]/size", "put[x]y]/size", "put[[]/size", "all/put/size", "size"] {
            assert!(may_be(own, "all/put/size"), "{own}");
        }
        for own in ["put[a]/sizes", "put[a]x/size", "other[a]/size", "put[a]", "output[a]/size"] {
            assert!(!may_be(own, "all/put/size"), "{own}");
        }
        for end in ["size", "put/size", "all/put/size"] {
            assert!(has_key("all/put[x/]y]/size", end), "{end}");
        }
        for end in ["ut/size", "other/size", "put", "eu/all/put/size"] {
            assert!(!has_key("all/put[x/]y]/size", end), "{end}");
        }
    }
}
