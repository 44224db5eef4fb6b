//! The bytes of the line: UTF-8, one JSON text, no blanks between tokens, HTML characters escaped (1.11).

use super::json::Json;
use super::report::Findings;
use super::{Options, RuleId};

/// Parses the line; on failure the reason is among the findings.
pub(super) fn parse(line: &[u8], options: &Options, findings: &mut Findings) -> Option<Json> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let text = std::str::from_utf8(line)
        .map_err(|error| {
            let found = format!("a foreign byte at offset {}", error.valid_up_to());
            findings.add(RuleId::Utf8, "$", "UTF-8", found);
        })
        .ok()?;
    let json = serde_json::from_str(text)
        .map_err(|error| findings.add(RuleId::Json, "$", "one JSON text", format!("an error: {error}")))
        .ok()?;
    check_bytes(line, options, findings);
    Some(json)
}

/// Looks at what parsing hides. `line` is valid JSON.
fn check_bytes(line: &[u8], options: &Options, findings: &mut Findings) {
    let scan = Scan::of(line);
    if let Some(offset) = scan.blank {
        findings.add(RuleId::Layout, "$", "no blank between tokens", format!("one at offset {offset}"));
    }
    match (options.html_escape, scan.html_plain, scan.html_escaped) {
        (true, Some(offset), _) => {
            findings.add(RuleId::HtmlEscape, "$", "&, < and > as escapes", format!("one as it is at offset {offset}"));
        }
        (false, _, Some(offset)) => {
            findings.add(RuleId::HtmlEscape, "$", "&, < and > as they are", format!("an escape at offset {offset}"));
        }
        _ => {}
    }
}

/// Offsets of the first byte of each kind.
#[derive(Default)]
struct Scan {
    blank: Option<usize>,
    html_plain: Option<usize>,
    html_escaped: Option<usize>,
}

impl Scan {
    fn of(line: &[u8]) -> Scan {
        let mut scan = Scan::default();
        let mut in_string = false;
        let mut escaped = false;
        for (offset, byte) in line.iter().enumerate() {
            match byte {
                _ if escaped => {
                    escaped = false;
                    if HTML_ESCAPES.iter().any(|escape| starts_with_ignoring_case(line, offset, escape)) {
                        scan.html_escaped.get_or_insert(offset - 1);
                    }
                }
                b'\\' => escaped = true,
                b'"' => in_string = !in_string,
                b'&' | b'<' | b'>' => {
                    scan.html_plain.get_or_insert(offset);
                }
                b' ' | b'\t' | b'\r' | b'\n' if !in_string => {
                    scan.blank.get_or_insert(offset);
                }
                _ => {}
            }
        }
        scan
    }
}

fn starts_with_ignoring_case(line: &[u8], offset: usize, prefix: &[u8]) -> bool {
    line.get(offset..offset + prefix.len()).is_some_and(|part| part.eq_ignore_ascii_case(prefix))
}

/// The escapes of `&`, `<` and `>`, after the backslash.
const HTML_ESCAPES: [&[u8]; 3] = [b"u0026", b"u003c", b"u003e"];

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(line: &str, options: &Options) -> Vec<RuleId> {
        let mut findings = Findings::default();
        parse(line.as_bytes(), options, &mut findings);
        findings.into_report(None).deviations.into_iter().map(|found| found.rule).collect()
    }

    #[test]
    fn one_line_end_belongs_to_the_line() {
        assert_eq!(rules("{}\n", &Options::default()), []);
        assert_eq!(rules("{}\n\n", &Options::default()), [RuleId::Layout]);
        assert_eq!(rules("{}\r\n", &Options::default()), [RuleId::Layout]);
    }

    #[test]
    fn blanks_count_between_tokens_and_not_in_strings() {
        assert_eq!(rules(r#"{"a b":"c \" d"}"#, &Options::default()), []);
        assert_eq!(rules(r#"{"a": 1}"#, &Options::default()), [RuleId::Layout]);
    }

    #[test]
    fn html_characters_are_escaped_as_configured() {
        let plain = Options { html_escape: false, ..Options::default() };
        assert_eq!(rules(r#"{"a":"x&y"}"#, &Options::default()), [RuleId::HtmlEscape]);
        assert_eq!(rules(r#"{"a":"x\u0026y\u003C"}"#, &Options::default()), []);
        assert_eq!(rules(r#"{"a":"x&y"}"#, &plain), []);
        assert_eq!(rules(r#"{"a":"x\u0026y"}"#, &plain), [RuleId::HtmlEscape]);
        assert_eq!(rules(r#"{"a":"x\\u0026y"}"#, &plain), [], "an escaped backslash, then plain text");
    }
}
