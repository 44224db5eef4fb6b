//! What was probably meant.

/// The known name that is most like `name`, if one is like it at all.
pub(crate) fn suggestion<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > LIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, candidate)| candidate)
}

/// Below this two names have little in common.
const LIKE: f64 = 0.8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_recognised_and_nonsense_is_not() {
        let known = ["listen", "port", "seed", "events"];
        assert_eq!(suggestion("lisen", known), Some("listen"));
        assert_eq!(suggestion("event", known), Some("events"));
        assert_eq!(suggestion("colour", known), None);
    }
}
