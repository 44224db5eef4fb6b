//! Escapes that make JSON safe inside HTML, as the service's emitter writes them (section 1.11, rule 4).

/// The JSON text with `&`, `<` and `>` written as `\u0026`, `\u003c` and `\u003e`.
///
/// JSON has these characters inside texts only, so a finished line can be treated as a whole. Most lines hold none and
/// are handed back as they are.
pub(super) fn escaped(json: Vec<u8>) -> Vec<u8> {
    if !holds_html(&json) {
        return json;
    }
    let mut line = Vec::with_capacity(json.len() + ROOM);
    for byte in json {
        match escape(byte) {
            Some(escape) => line.extend_from_slice(escape),
            None => line.push(byte),
        }
    }
    line
}

/// Whether there is something to escape. A loop that looks at every byte without a branch is vectorised; one that stops
/// at the first hit, or matches on the byte, costs as much as the rest of the event.
fn holds_html(json: &[u8]) -> bool {
    let is = |byte: u8, character: u8| u8::from(byte == character);
    json.iter().fold(0, |found, &byte| found | is(byte, b'&') | is(byte, b'<') | is(byte, b'>')) != 0
}

fn escape(byte: u8) -> Option<&'static [u8; 6]> {
    match byte {
        b'&' => Some(b"\\u0026"),
        b'<' => Some(b"\\u003c"),
        b'>' => Some(b"\\u003e"),
        _ => None,
    }
}

/// Room for a few dozen escapes, in bytes.
const ROOM: usize = 128;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_characters_are_escaped_wherever_they_stand() {
        for (text, expected) in [
            ("?action=rotate&x=1", r#""?action=rotate\u0026x=1""#),
            ("<a>", r#""\u003ca\u003e""#),
            ("&&", r#""\u0026\u0026""#),
            ("é<\"\n", r#""é\u003c\"\n""#),
            ("\\&", r#""\\\u0026""#),
            ("plain", r#""plain""#),
        ] {
            let line = escaped(serde_json::to_vec(text).unwrap());
            assert_eq!(String::from_utf8(line).unwrap(), expected);
            assert_eq!(serde_json::from_str::<String>(expected).unwrap(), text);
        }
    }
}
