//! What all checks look at: the parsed line, the row of its action, and whether it tells of a failure.

use super::Options;
use super::entry::{Entry, Naming};
use super::json::Json;
use super::members::value_of;

/// One line under examination.
pub(super) struct Subject<'a> {
    pub(super) root: &'a [(String, Json)],
    pub(super) options: &'a Options,
    pub(super) action: Option<&'a str>,
    pub(super) naming: Option<Naming>,
    /// `reason.reasonCode`, when it is a number that a status can be.
    pub(super) code: Option<u16>,
    /// By the code, or by `outcome` when there is no code. So that a wrong `outcome` is one deviation and not five.
    pub(super) failed: Option<bool>,
}

impl<'a> Subject<'a> {
    pub(super) fn new(root: &'a [(String, Json)], options: &'a Options) -> Self {
        let action = value_of(root, "action").and_then(Json::as_text);
        let mut subject = Subject { root, options, action, naming: action.map(Naming::of), code: None, failed: None };
        subject.code = match subject.at("reason.reasonCode") {
            Some(Json::Number(number)) => number.as_u64().and_then(|code| u16::try_from(code).ok()),
            _ => None,
        };
        subject.failed = match (subject.code, subject.text("outcome")) {
            (Some(code), _) => Some(code >= 400),
            (None, Some("success")) => Some(false),
            (None, Some("failure")) => Some(true),
            _ => None,
        };
        subject
    }

    /// The row of the action; none for actions that are unknown or a misprint.
    pub(super) fn entry(&self) -> Option<Entry> {
        self.naming.as_ref().and_then(Naming::entry)
    }

    /// The value at a dotted path.
    pub(super) fn at(&self, path: &str) -> Option<&'a Json> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let mut value = value_of(self.root, first)?;
        for name in rest.into_iter().flat_map(|rest| rest.split('.')) {
            value = value_of(value.as_object()?, name)?;
        }
        Some(value)
    }

    /// The string at a dotted path; none when there is no string, which is another check's business.
    pub(super) fn text(&self, path: &str) -> Option<&'a str> {
        self.at(path).and_then(Json::as_text)
    }

    /// The object at a dotted path.
    pub(super) fn object(&self, path: &str) -> Option<&'a [(String, Json)]> {
        self.at(path).and_then(Json::as_object)
    }

    /// `requestData.instanceID`, in its configured spelling.
    pub(super) fn instance(&self) -> Option<&'a str> {
        value_of(self.object("requestData")?, self.options.instance_id_key.as_str())?.as_text()
    }
}
