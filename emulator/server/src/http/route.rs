//! Which row of the registry a path is.

use http::Method;
use percent_encoding::percent_decode_str;

use super::registry::{ROWS, Row};

/// What a method and a path lead to.
pub(super) enum Route {
    /// A row, and what stands in its path for its names.
    Found(&'static Row, Places),
    /// The path has rows, for these methods.
    OtherMethods(String),
    /// The path has none.
    Nowhere,
}

/// What stands in a path for the names in braces of its row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Places(Vec<(&'static str, String)>);

impl Places {
    /// What stands for this name; nothing when the row has no such name.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
    }
}

/// Finds the row. A path that is written out in the registry comes before one with names.
pub(super) fn find(method: &Method, path: &str) -> Route {
    let found = |exact: bool| {
        let rows = ROWS.iter().filter(move |row| exact == (row.path == path));
        rows.filter_map(|row| Some((row, places(row.path, path)?))).collect::<Vec<_>>()
    };
    let exact = found(true);
    let rows = if exact.is_empty() { found(false) } else { exact };
    let wanted = if method == Method::HEAD { &Method::GET } else { method };
    if rows.is_empty() {
        return Route::Nowhere;
    }
    let allowed = allowed(&rows);
    match rows.into_iter().find(|(row, _)| row.method == *wanted) {
        Some((row, places)) => Route::Found(row, places),
        None => Route::OtherMethods(allowed),
    }
}

/// What stands in `path` where `template` has its names, if they agree elsewhere.
fn places(template: &'static str, path: &str) -> Option<Places> {
    let mut places = Vec::new();
    let (mut wanted, mut segments) = (template.split('/'), path.split('/'));
    loop {
        let (wanted, segment) = match (wanted.next(), segments.next()) {
            (Some(wanted), Some(segment)) => (wanted, segment),
            (None, None) => return Some(Places(places)),
            _ => return None,
        };
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(_) if segment.is_empty() => return None,
            Some(name) => places.push((name, percent_decode_str(segment).decode_utf8().ok()?.into_owned())),
            None if wanted != segment => return None,
            None => {}
        }
    }
}

/// The methods of these rows, as an `allow` header lists them.
fn allowed(rows: &[(&'static Row, Places)]) -> String {
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
            Route::Found(row, places) => {
                let texts = places.0.iter().map(|(name, text)| format!(" {name}={text}"));
                format!("{}{}", row.path, texts.collect::<String>())
            }
            Route::OtherMethods(allowed) => format!("use {allowed}"),
            Route::Nowhere => "nowhere".to_owned(),
        }
    }

    #[test]
    fn paths_lead_to_their_rows() {
        for (method, path, expected) in [
            (Method::GET, "/_emulator/instances", "/_emulator/instances"),
            (Method::HEAD, "/_emulator/instances", "/_emulator/instances"),
            (Method::DELETE, "/_emulator/instances/a%2Db", "/_emulator/instances/{id} id=a-b"),
            (Method::POST, "/_emulator/instances/x/reset", "/_emulator/instances/{id}/reset id=x"),
            (Method::POST, "/_emulator/instances/import", "/_emulator/instances/import"),
            (Method::GET, "/v1/tke/a/hsms", "/v1/tke/{instance}/hsms instance=a"),
            (Method::POST, "/v1/tke/a/hsms/b", "/v1/tke/{instance}/hsms/{hsm} instance=a hsm=b"),
            (Method::POST, "/v1/tke/a/hsms", "use GET, HEAD"),
            (Method::POST, "/v1/tke/a/hsms/", "nowhere"),
            (Method::POST, "/v1/tke//hsms/b", "nowhere"),
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
