//! Which row of the registry a path is.

use std::borrow::Cow;

use http::Method;
use percent_encoding::percent_decode_str;

use super::registry::{ROWS, Row};

/// What a method and a path lead to.
pub(super) enum Route {
    /// A row, and what stands in its path for `{id}`.
    Found(&'static Row, Option<String>),
    /// The path has rows, for these methods.
    OtherMethods(String),
    /// The path has none.
    Nowhere,
}

/// Finds the row. A path that is written out in the registry comes before one with an `{id}`.
pub(super) fn find(method: &Method, path: &str) -> Route {
    let exact: Vec<_> = ROWS.iter().filter(|row| row.path == path).map(|row| (row, None)).collect();
    let rows = if exact.is_empty() { matching(path) } else { exact };
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    if rows.is_empty() {
        return Route::Nowhere;
    }
    let allowed = allowed(&rows);
    match rows.into_iter().find(|(row, _)| row.method == *wanted) {
        Some((row, id)) => Route::Found(row, id),
        None => Route::OtherMethods(allowed),
    }
}

fn matching(path: &str) -> Vec<(&'static Row, Option<String>)> {
    ROWS.iter().filter_map(|row| Some((row, Some(placeholder(row.path, path)?)))).collect()
}

/// What stands in `path` where `template` has its `{id}`, if they agree elsewhere.
fn placeholder(template: &str, path: &str) -> Option<String> {
    let (before, after) = template.split_once("{id}")?;
    let id = path.strip_prefix(before)?.strip_suffix(after)?;
    if id.is_empty() || id.contains('/') {
        return None;
    }
    percent_decode_str(id).decode_utf8().ok().map(Cow::into_owned)
}

/// The methods of these rows, as an `allow` header lists them.
fn allowed(rows: &[(&'static Row, Option<String>)]) -> String {
    let mut methods: Vec<&str> = rows.iter().map(|(row, _)| row.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: Method, path: &str) -> String {
        match find(&method, path) {
            Route::Found(row, id) => format!("{} {}", row.path, id.unwrap_or_default()),
            Route::OtherMethods(allowed) => format!("use {allowed}"),
            Route::Nowhere => "nowhere".to_owned(),
        }
    }

    #[test]
    fn paths_lead_to_their_rows() {
        for (method, path, expected) in [
            (Method::GET, "/_emulator/instances", "/_emulator/instances "),
            (Method::HEAD, "/_emulator/instances", "/_emulator/instances "),
            (Method::DELETE, "/_emulator/instances/a%2Db", "/_emulator/instances/{id} a-b"),
            (Method::POST, "/_emulator/instances/x/reset", "/_emulator/instances/{id}/reset x"),
            (Method::POST, "/_emulator/instances/import", "/_emulator/instances/import "),
            (Method::GET, "/_emulator/instances/import", "use POST"),
            (Method::PATCH, "/_emulator/clock", "use GET, HEAD, PUT"),
            (Method::POST, "/_emulator/instances/x", "use DELETE"),
            (Method::DELETE, "/_emulator/instances/", "nowhere"),
            (Method::DELETE, "/_emulator/instances/x/y", "nowhere"),
            (Method::DELETE, "/_emulator/instances/%ff", "nowhere"),
            (Method::GET, "/_emulator", "nowhere"),
            (Method::GET, "", "nowhere"),
        ] {
            assert_eq!(found(method.clone(), path), expected, "{method} {path}");
        }
    }
}
