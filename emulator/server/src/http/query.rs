//! The parameters after the question mark.

use std::fmt::Display;
use std::str::FromStr;

use hpcs_service::Refusal;

use crate::config::suggestion;

/// Parameters, all of them known to the row they were sent to.
#[derive(Debug, Default)]
pub(super) struct Query(Vec<(&'static str, String)>);

impl Query {
    /// Takes the parameters apart.
    ///
    /// # Errors
    /// [`Refusal::InvalidArgument`] names a parameter that is not known, and what was probably meant.
    pub(super) fn parse(text: Option<&str>, known: &'static [&'static str]) -> Result<Self, Refusal> {
        let pairs = form_urlencoded::parse(text.unwrap_or_default().as_bytes());
        let known = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| match known
            .iter()
            .find(|known| **known == name)
        {
            Some(known) => Ok((*known, value.into_owned())),
            None => Err(unknown(&name, known)),
        };
        pairs.map(known).collect::<Result<_, _>>().map(Query)
    }

    /// Every value of a parameter that can be repeated.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(found, _)| *found == name).map(|(_, value)| value.clone()).collect()
    }

    /// The text of a parameter that stands there once at most.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        let mut values = self.all(name);
        match (values.pop(), values.is_empty()) {
            (value, true) => Ok(value),
            (_, false) => Err(Refusal::InvalidArgument { field: name, why: "it is there more than once".to_owned() }),
        }
    }

    /// The value of a parameter that stands there once at most.
    pub(super) fn one<T: FromStr>(&self, name: &'static str) -> Result<Option<T>, Refusal>
    where
        T::Err: Display,
    {
        let parsed = |text: String| {
            let wrong =
                |why| Refusal::InvalidArgument { field: name, why: format!("'{}': {why}", text.escape_debug()) };
            text.parse().map_err(|error: T::Err| wrong(error))
        };
        self.text(name)?.map(parsed).transpose()
    }

    /// Whether a parameter is `true`; `None` when it is not there.
    pub(super) fn flag(&self, name: &'static str) -> Result<Option<bool>, Refusal> {
        self.one(name)
    }
}

fn unknown(name: &str, known: &[&'static str]) -> Refusal {
    let hint = match (suggestion(name, known.iter().copied()), known) {
        (Some(meant), _) => format!("did you mean '{meant}'?"),
        (None, []) => "it takes none".to_owned(),
        (None, known) => format!("there are {}", known.join(", ")),
    };
    Refusal::InvalidArgument { field: "query", why: format!("no parameter '{}'; {hint}", name.escape_debug()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["instance", "follow", "last"];

    fn query(text: &str) -> Result<Query, String> {
        Query::parse(Some(text), KNOWN).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn values_are_decoded_and_may_repeat() {
        let query = query("instance=a%2Fb&instance=c&follow=true&last=7").unwrap();
        assert_eq!(query.all("instance"), ["a/b", "c"]);
        assert_eq!(query.flag("follow").unwrap(), Some(true));
        assert_eq!(query.one::<u32>("last").unwrap(), Some(7));
        assert_eq!(Query::parse(None, KNOWN).unwrap().flag("follow").unwrap(), None);
    }

    #[test]
    fn an_unknown_parameter_is_refused_by_name_with_a_suggestion() {
        assert_eq!(query("instnace=x").unwrap_err(), "query: no parameter 'instnace'; did you mean 'instance'?");
        assert_eq!(query("colour=x").unwrap_err(), "query: no parameter 'colour'; there are instance, follow, last");
        assert_eq!(Query::parse(Some("a"), &[]).unwrap_err().to_string(), "query: no parameter 'a'; it takes none");
    }

    #[test]
    fn a_single_parameter_is_refused_twice_and_when_it_cannot_be_read() {
        let query = query("follow=true&follow=false&last=many").unwrap();
        assert_eq!(query.flag("follow").unwrap_err().to_string(), "follow: it is there more than once");
        assert!(query.one::<u32>("last").unwrap_err().to_string().starts_with("last: 'many': "));
    }
}
