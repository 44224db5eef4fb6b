//! Text that somebody else wrote, made fit to be shown.

/// `text` so that it cannot add lines, steer the terminal or turn the direction of writing: letters of the Latin script,
/// and blanks and signs of ASCII, stay; everything else is shown as its number, `\u{1b}`.
///
/// For every text from a file, a certificate or the network that ends up before a person's eyes.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) { shown.push(character) } else { shown.extend(character.escape_unicode()) }
    }
    shown
}

fn is_harmless(character: char) -> bool {
    character == ' ' || character.is_ascii_graphic() || (character <= LAST_LATIN && character.is_alphabetic())
}

/// The end of Latin Extended-B: after it come marks that stand on other letters, and other scripts.
const LAST_LATIN: char = '\u{24f}';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["admin1", "Zoë Müller-O'Neill (2)", ""] {
            assert_eq!(printable(name), name);
        }
    }

    #[test]
    fn whatever_could_forge_output_is_shown_as_its_number() {
        for (text, shown) in [
            ("a\nb", "a\\u{a}b"),
            ("a\rb", "a\\u{d}b"),
            ("\u{1b}[2K", "\\u{1b}[2K"),
            ("\u{9b}2K", "\\u{9b}2K"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("a\u{301}", "a\\u{301}"),
            ("a\u{2028}b\u{a0}c", "a\\u{2028}b\\u{a0}c"),
            ("\u{5d0}1", "\\u{5d0}1"),
        ] {
            assert_eq!(printable(text), shown);
        }
    }
}
