//! The members of one object against the list that the reference gives: present, known, in order, of the right type.

use std::collections::HashSet;

use super::RuleId;
use super::json::{Json, join};
use super::report::Findings;

/// One member that the reference knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    pub(super) presence: Presence,
    pub(super) kind: Kind,
}

impl<'a> Member<'a> {
    pub(super) const fn always(name: &'a str, kind: Kind) -> Self {
        Member { name, presence: Presence::Always, kind }
    }

    pub(super) const fn optional(name: &'a str, kind: Kind) -> Self {
        Member { name, presence: Presence::Optional, kind }
    }
}

/// Whether a member has to be there. What decides about optional ones is the business of other checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Always,
    Optional,
}

/// The JSON type of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    TextOrEmpty,
    Flag,
    Integer,
    Texts,
    Object,
}

impl Kind {
    /// The rule that `value` breaks by its type alone.
    pub(super) fn fault(self, value: &Json) -> Option<RuleId> {
        match (self, value) {
            (_, Json::Null) => Some(RuleId::Null),
            (Kind::Text, Json::Text(text)) if text.is_empty() => Some(RuleId::EmptyString),
            (Kind::Text | Kind::TextOrEmpty, Json::Text(_)) => None,
            (Kind::Flag, Json::Flag(_)) | (Kind::Object, Json::Object(_)) => None,
            (Kind::Integer, Json::Number(number)) if number.is_i64() || number.is_u64() => None,
            (Kind::Texts, Json::List(items)) if items.iter().all(|item| item.as_text().is_some()) => None,
            _ => Some(RuleId::MemberType),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Kind::Text => "a string that is not empty",
            Kind::TextOrEmpty => "a string",
            Kind::Flag => "true or false",
            Kind::Integer => "an integer",
            Kind::Texts => "an array of strings",
            Kind::Object => "an object",
        }
    }
}

/// What an object may hold beside the listed members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Nothing.
    Refused,
    /// Anything, after the listed members.
    Accepted,
}

/// Holds the object at `path` against `shape`.
pub(super) fn check(path: &str, object: &[(String, Json)], shape: &[Member<'_>], rest: Rest, findings: &mut Findings) {
    for member in shape {
        match value_of(object, member.name) {
            Some(value) => check_kind(path, member, value, findings),
            None if member.presence == Presence::Always => {
                findings.add(RuleId::MissingMember, join(path, member.name), member.kind.words(), "no such member");
            }
            None => {}
        }
    }
    if rest == Rest::Refused {
        for (name, value) in object.iter().filter(|(name, _)| rank(shape, name).is_none()) {
            findings.add(RuleId::UnknownMember, join(path, name), "no such member", value.type_words());
        }
    }
    check_order(path, object, shape, rest, findings);
}

/// The first member of that name.
pub(super) fn value_of<'a>(object: &'a [(String, Json)], name: &str) -> Option<&'a Json> {
    object.iter().find(|(have, _)| have == name).map(|(_, value)| value)
}

fn check_kind(path: &str, member: &Member<'_>, value: &Json, findings: &mut Findings) {
    if let Some(rule) = member.kind.fault(value) {
        findings.add(rule, join(path, member.name), member.kind.words(), value.brief());
    }
}

/// Names the fewest members whose removal leaves the others in order, so that one moved member is one deviation.
fn check_order(path: &str, object: &[(String, Json)], shape: &[Member<'_>], rest: Rest, findings: &mut Findings) {
    let mut seen = HashSet::new();
    let mut known: Vec<(&str, usize)> = Vec::new();
    let mut body_began = false;
    for (name, _) in object {
        match rank(shape, name) {
            None => body_began |= rest == Rest::Accepted,
            Some(rank) if !seen.insert(rank) => {} // a duplicate, which has its own rule
            Some(_) if body_began => {
                findings.add(RuleId::MemberOrder, join(path, name), "a place before the copied body", "a later place");
            }
            Some(rank) => known.push((name, rank)),
        }
    }
    let kept = longest_rising(&known);
    for (name, rank) in known.iter().filter(|(_, rank)| !kept.contains(rank)) {
        let before = shape.iter().take(*rank).rev().find(|member| value_of(object, member.name).is_some());
        let expected =
            before.map_or_else(|| "the first place".to_owned(), |before| format!("a place after {}", before.name));
        findings.add(RuleId::MemberOrder, join(path, name), expected, "another place");
    }
}

fn rank(shape: &[Member<'_>], name: &str) -> Option<usize> {
    shape.iter().position(|member| member.name == name)
}

/// The ranks of a longest rising subsequence. Quadratic in the length of a shape, which is at most some twenty.
fn longest_rising(known: &[(&str, usize)]) -> Vec<usize> {
    let mut best: Vec<Vec<usize>> = Vec::new();
    for (_, rank) in known {
        let below = best.iter().filter(|run| run.last() < Some(rank)).max_by_key(|run| run.len());
        let mut run = below.cloned().unwrap_or_default();
        run.push(*rank);
        best.push(run);
    }
    best.into_iter().max_by_key(Vec::len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: &[Member<'_>] = &[
        Member::always("a", Kind::Text),
        Member::optional("b", Kind::Integer),
        Member::always("c", Kind::Flag),
        Member::optional("d", Kind::Texts),
    ];

    fn found(text: &str, rest: Rest) -> Vec<(RuleId, String)> {
        let json: Json = serde_json::from_str(text).unwrap();
        let mut findings = Findings::default();
        check("p", json.as_object().unwrap(), SHAPE, rest, &mut findings);
        findings.into_report(None).deviations.into_iter().map(|found| (found.rule, found.member)).collect()
    }

    #[test]
    fn optional_members_may_be_absent_and_others_not() {
        assert_eq!(found(r#"{"a":"x","c":true}"#, Rest::Refused), []);
        assert_eq!(found(r#"{"a":"x","d":["y"]}"#, Rest::Refused), [(RuleId::MissingMember, "p.c".to_owned())]);
    }

    #[test]
    fn one_moved_member_is_one_deviation() {
        let moved = [(RuleId::MemberOrder, "p.a".to_owned())];
        assert_eq!(found(r#"{"b":1,"c":true,"d":[],"a":"x"}"#, Rest::Refused), moved);
        let moved = [(RuleId::MemberOrder, "p.d".to_owned())];
        assert_eq!(found(r#"{"d":[],"a":"x","b":1,"c":true}"#, Rest::Refused), moved);
    }

    #[test]
    fn a_copied_body_follows_the_listed_members() {
        assert_eq!(found(r#"{"a":"x","c":true,"z":null,"y":[]}"#, Rest::Accepted), []);
        let moved = [(RuleId::MemberOrder, "p.c".to_owned())];
        assert_eq!(found(r#"{"a":"x","z":null,"c":true}"#, Rest::Accepted), moved);
    }

    #[test]
    fn types_are_told_apart_from_null_and_empty() {
        let faults = found(r#"{"a":"","b":1.5,"c":null,"d":["x",1]}"#, Rest::Refused);
        let rules: Vec<_> = faults.into_iter().map(|(rule, _)| rule).collect();
        assert_eq!(rules, [RuleId::EmptyString, RuleId::MemberType, RuleId::Null, RuleId::MemberType]);
    }
}
