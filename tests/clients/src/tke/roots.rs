//! The roots that the SDK trusts, replaced in a copy of it.
//!
//! They are the only texts that these files decode from hexadecimal digits. Each is known by its first digits; one that is
//! not found exactly once, or one that nobody here knows, means that the SDK is another one, and nothing is replaced.

use std::path::Path;

use serde::Deserialize;

use crate::Failure;

/// What `hpcs-emulator root --format json` prints, as far as it counts here.
#[derive(Debug, Deserialize)]
pub(crate) struct Root {
    ski: String,
    x: String,
    y: String,
    replaces: Vec<Replaced>,
}

#[derive(Debug, Deserialize)]
struct Replaced {
    profile: String,
    ski: Option<String>,
}

#[derive(Clone, Copy)]
enum Part {
    Ski,
    X,
    Y,
}

struct Constant {
    file: &'static str,
    profile: &'static str,
    part: Part,
    /// Its first digits, in lower case.
    begins: &'static str,
}

impl Root {
    /// Replaces the constants in the copy of the SDK at `directory`.
    pub(crate) fn replace_in(&self, directory: &Path) -> Result<(), Failure> {
        for file in FILES {
            let path = directory.join("ep11cmds").join(file);
            let source = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            std::fs::write(&path, self.replaced(file, &source)?)?;
        }
        Ok(())
    }

    fn replaced(&self, file: &str, source: &str) -> Result<String, Failure> {
        let mut missing: Vec<&Constant> = CONSTANTS.iter().filter(|constant| constant.file == file).collect();
        let mut replaced = String::with_capacity(source.len());
        let mut rest = source;
        while let Some(at) = rest.find(CALL) {
            let (before, call) = rest.split_at(at + CALL.len());
            let end = call.find(')').ok_or_else(|| format!("{file}: a call of {CALL} has no end"))?;
            let (argument, after) = call.split_at(end);
            let value = literal(argument).ok_or_else(|| format!("{file}: {CALL}{argument}) decodes no constant"))?;
            let known = missing.iter().position(|constant| value.starts_with(constant.begins));
            let constant = missing.remove(known.ok_or_else(|| {
                format!("{file}: {CALL}{argument}) is none of the known roots, or is there twice; this is another SDK")
            })?);
            self.confirm(constant, &value)?;
            replaced.push_str(before);
            replaced.push_str(&format!("\"{}\"", self.value(constant.part)));
            rest = after;
        }
        replaced.push_str(rest);
        match missing.first() {
            Some(Constant { profile, begins, .. }) => {
                Err(format!("{file}: the {profile} root {begins}... is not there; this is another SDK").into())
            }
            None => Ok(replaced),
        }
    }

    /// Whether it has the length of its part and is what the emulator says is to be replaced.
    fn confirm(&self, constant: &Constant, value: &str) -> Result<(), Failure> {
        let Constant { file, profile, part, .. } = constant;
        if value.len() != self.value(*part).len() {
            return Err(format!("{file}: the {profile} root {value} has another length").into());
        }
        let told = self.replaces.iter().find(|replaced| replaced.profile == *profile);
        let told = told.ok_or_else(|| format!("hpcs-emulator root says nothing of {profile}"))?;
        match (part, &told.ski) {
            (Part::Ski, Some(ski)) if ski != value => {
                Err(format!("{file}: {value} is not the {profile} root that hpcs-emulator root names, {ski}").into())
            }
            _ => Ok(()),
        }
    }

    fn value(&self, part: Part) -> &str {
        match part {
            Part::Ski => &self.ski,
            Part::X => &self.x,
            Part::Y => &self.y,
        }
    }
}

/// The digits of texts that are joined by `+`, in lower case; `None` where anything else stands.
fn literal(argument: &str) -> Option<String> {
    let mut digits = String::new();
    for text in argument.split('+') {
        let text = text.trim().strip_prefix('"')?.strip_suffix('"')?;
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        digits.push_str(&text.to_ascii_lowercase());
    }
    Some(digits)
}

const CALL: &str = "hex.DecodeString(";

const CEX5: &str = "verifyCertificate.go";
const OA2: &str = "verifyOA2Certificate.go";
const OA3: &str = "verifyOA3Certificate.go";
const FILES: [&str; 3] = [CEX5, OA2, OA3];

const fn constant(file: &'static str, profile: &'static str, part: Part, begins: &'static str) -> Constant {
    Constant { file, profile, part, begins }
}

/// Every root of the manufacturer in the SDK. CEX5 has no identifier.
const CONSTANTS: [Constant; 11] = [
    constant(CEX5, "CEX5", Part::X, "01cf9238348503b5"),
    constant(CEX5, "CEX5", Part::Y, "00ddfc3d77761bd9"),
    constant(OA2, "CEX6", Part::Ski, "5f4717480b75b8bc"),
    constant(OA2, "CEX6", Part::X, "018bd55521ae1d52"),
    constant(OA2, "CEX6", Part::Y, "0116f34a637240bf"),
    constant(OA2, "CEX7", Part::Ski, "b23884d4dea35eaa"),
    constant(OA2, "CEX7", Part::X, "0112ec7b6c304f2d"),
    constant(OA2, "CEX7", Part::Y, "002b53cdf6a39ca6"),
    constant(OA3, "CEX8", Part::Ski, "96c87ef655f67918"),
    constant(OA3, "CEX8", Part::X, "01b6de79e40847a3"),
    constant(OA3, "CEX8", Part::Y, "018f9caef6a395b3"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> Root {
        let ski = Some("9".repeat(64));
        let replaces = [("CEX5", None), ("CEX6", ski.clone()), ("CEX7", ski.clone()), ("CEX8", ski)];
        let replaces = replaces.map(|(profile, ski)| Replaced { profile: profile.to_owned(), ski });
        Root { ski: "a".repeat(64), x: "b".repeat(132), y: "c".repeat(132), replaces: replaces.into() }
    }

    fn x(begins: &str) -> String {
        format!("{begins:0<132}")
    }

    #[test]
    fn both_coordinates_are_replaced_however_they_are_written() {
        let (x, y) = (x("01CF9238348503B5"), x("00DDFC3D77761BD9"));
        let (first, second) = x.split_at(40);
        let source = format!("a\nhex.DecodeString(\n\t\"{first}\" +\n\t\"{second}\")\nb hex.DecodeString(\"{y}\") c");
        let expected = format!("a\nhex.DecodeString(\"{}\")\nb hex.DecodeString(\"{}\") c", root().x, root().y);
        assert_eq!(root().replaced(CEX5, &source).unwrap(), expected);
    }

    #[test]
    fn a_root_that_is_missing_twice_there_unknown_or_of_another_length_is_refused() {
        let (x, y) = (x("01cf9238348503b5"), x("00ddfc3d77761bd9"));
        let call = |value: &str| format!("hex.DecodeString(\"{value}\")\n");
        for (source, fault) in [
            (call(&x), "is not there"),
            (call(&x) + &call(&x) + &call(&y), "there twice"),
            (call(&x) + &call(&y) + &call(&y.replace('d', "e")), "none of the known roots"),
            (call(&x[..130]) + &call(&y), "another length"),
            ("hex.DecodeString(value)".to_owned(), "decodes no constant"),
        ] {
            let found = root().replaced(CEX5, &source).unwrap_err().to_string();
            assert!(found.starts_with("verifyCertificate.go: ") && found.contains(fault), "{found}");
        }
    }

    #[test]
    fn an_identifier_that_the_emulator_does_not_name_is_refused() {
        let source = format!("hex.DecodeString(\"{:0<64}\")", "96c87ef655f67918");
        let found = root().replaced(OA3, &source).unwrap_err().to_string();
        assert!(found.contains("is not the CEX8 root that hpcs-emulator root names"), "{found}");
    }
}
