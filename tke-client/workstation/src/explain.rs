//! Putting the bytes of a command into words, so that people know what they sign.
//!
//! The words come from the bytes alone and mention all of the input that decides the effect. What cannot be read to the
//! end is not explained, and what is not explained is not signed (see [`RequestFile`](crate::RequestFile)).

use std::collections::BTreeSet;
use std::fmt;

use hpcs_ep11::{
    AdminBlock, AdminCertificate, AdminFunction, AdminRequest, AttributeList, ControlPoints, DecodeError, Fault,
    ImporterKeyType, KphCertificate, Parameter, ParameterMap, SignerInfo, SubjectKeyId, VerificationPattern,
};

use crate::texts::{self, label};
use crate::{PreparedCommand, printable};

/// What a command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The command: `Add an administrator`.
    pub title: String,
    /// Its input, then its crypto module, domain and counter, a line each: `Administrator: admin1`.
    pub lines: Vec<String>,
}

/// Explains a complete xcpAdminBlk.
///
/// # Errors
/// When the bytes are no command, when the command has no explanation, or when its input does not have its form.
pub fn explain(block: &[u8]) -> Result<Explanation, DecodeError> {
    let command = PreparedCommand::from_block(block)?;
    let title =
        texts::title(command.function).ok_or_else(|| fault("function", Fault::Unsupported(texts::NOT_EXPLAINED)))?;
    let mut lines = input(command.function, AdminBlock::decode(block)?.input)?;
    lines.push(line(label::CRYPTO_MODULE, command.module));
    lines.push(line(label::DOMAIN, command.domain));
    lines.push(line(label::COUNTER, command.counter));
    Ok(Explanation { title: title.to_owned(), lines })
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

fn input(function: AdminFunction, input: &[u8]) -> Result<Vec<String>, DecodeError> {
    match function {
        AdminFunction::ADD_ADMINISTRATOR => certificate(input),
        AdminFunction::REMOVE_ADMINISTRATOR => {
            Ok(vec![line(label::SUBJECT_KEY_ID, SubjectKeyId(sized(input, "administrator")?))])
        }
        AdminFunction::SET_ATTRIBUTES => attributes(input),
        AdminFunction::GENERATE_IMPORTER => importer(input),
        AdminFunction::EXPORT_WK | AdminFunction::EXPORT_NEXT_WK => export(input),
        AdminFunction::IMPORT_WK => key_parts(input),
        AdminFunction::COMMIT_WK | AdminFunction::FINALIZE_WK => {
            let pattern = VerificationPattern::from_bytes(sized(input, "verification pattern")?);
            Ok(vec![line(label::VERIFICATION_PATTERN, pattern)])
        }
        AdminFunction::SET_CONTROL_POINTS
        | AdminFunction::ADD_CONTROL_POINTS
        | AdminFunction::DELETE_CONTROL_POINTS => control_points(input),
        _ if input.is_empty() => Ok(Vec::new()),
        _ => Err(fault("input", Fault::TrailingBytes)),
    }
}

fn certificate(input: &[u8]) -> Result<Vec<String>, DecodeError> {
    let certificate = AdminCertificate::decode(input)?;
    Ok(vec![
        line(label::ADMINISTRATOR, printable(&certificate.name)),
        line(label::SUBJECT_KEY_ID, certificate.key.subject_key_id()),
    ])
}

fn attributes(input: &[u8]) -> Result<Vec<String>, DecodeError> {
    let list = AttributeList::decode(input)?;
    // Which of two values a unit would take is nothing that a signer could see.
    if repeats(list.0.iter().map(|(index, _)| index)) {
        return Err(fault("attribute", REPEATED));
    }
    let explain = |(index, value): &(u32, u32)| match *index {
        AttributeList::SIGNATURE_THRESHOLD => Ok(line(label::SIGNATURE_THRESHOLD, value)),
        AttributeList::REVOCATION_THRESHOLD => Ok(line(label::REVOCATION_THRESHOLD, value)),
        AttributeList::PERMISSIONS => Ok(line(label::PERMISSIONS, in_words(*value, texts::PERMISSION_BITS))),
        AttributeList::MODE => Ok(line(label::OPERATIONAL_MODE, format_args!("{value:08x}"))),
        _ => Err(fault("attribute", Fault::OutOfRange)),
    };
    list.0.iter().map(explain).collect()
}

fn importer(input: &[u8]) -> Result<Vec<String>, DecodeError> {
    let number = u32::from_be_bytes(sized(input, "key type")?);
    let name = match ImporterKeyType::from_u32(number) {
        Some(ImporterKeyType::Rsa2048) => "RSA 2048",
        Some(ImporterKeyType::P521) => "EC P-521",
        None => return Err(fault("key type", Fault::OutOfRange)),
    };
    Ok(vec![line(label::KEY_TYPE, name)])
}

fn export(input: &[u8]) -> Result<Vec<String>, DecodeError> {
    let parameters = ParameterMap::decode(input)?.0;
    let numbered = |parameter: &Parameter<'_>| match parameter.tag {
        Parameter::KPH_CERTIFICATE => (parameter.tag, parameter.index),
        tag => (tag, 0),
    };
    if repeats(parameters.iter().map(numbered)) {
        return Err(fault("parameter", REPEATED));
    }
    let explain = |parameter: &Parameter<'_>| match *parameter {
        Parameter { tag: Parameter::KEY_PARTS_NEEDED, index, data: [] } => Ok(line(label::KEY_PARTS_NEEDED, index)),
        Parameter { tag: Parameter::SCOPE, index, data: [] } => {
            Ok(line(label::SCOPE, in_words(index, texts::SCOPE_BITS)))
        }
        Parameter { tag: Parameter::KPH_CERTIFICATE, data, .. } => {
            Ok(line(label::RECIPIENT, KphCertificate::decode(data)?.importer_id()))
        }
        _ => Err(fault("parameter", Fault::Unsupported(texts::NOT_EXPLAINED))),
    };
    parameters.iter().map(explain).collect()
}

fn key_parts(input: &[u8]) -> Result<Vec<String>, DecodeError> {
    let requests = AdminRequest::sequence(input)?;
    let mut lines = vec![line(label::KEY_PARTS, requests.len())];
    for request in requests {
        for signer in SignerInfo::sequence(AdminRequest::decode(request)?.signatures)? {
            lines.push(line(label::SIGNED_BY, signer.ski));
        }
    }
    Ok(lines)
}

fn control_points(input: &[u8]) -> Result<Vec<String>, DecodeError> {
    let set = ControlPoints(sized(input, "control points")?);
    let name = |number: u8| ControlPoints::name(number).map_or_else(|| number.to_string(), str::to_owned);
    let names: Vec<String> = (0..128).filter(|number| set.get(*number)).map(name).collect();
    Ok(vec![line(label::CONTROL_POINTS, names.join(" "))])
}

/// A mask in hexadecimal and the names of its bits: `00000005 (a, bit 2)`.
fn in_words(mask: u32, names: &[(u32, &str)]) -> String {
    let name = |bit: u32| match names.iter().find(|(mask, _)| *mask == 1 << bit) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("bit {bit}"),
    };
    let set: Vec<String> = (0..u32::BITS).filter(|bit| mask & (1 << bit) != 0).map(name).collect();
    if set.is_empty() { format!("{mask:08x} (none)") } else { format!("{mask:08x} ({})", set.join(", ")) }
}

fn repeats<T: Ord>(items: impl Iterator<Item = T>) -> bool {
    let mut seen = BTreeSet::new();
    items.into_iter().any(|item| !seen.insert(item))
}

fn line(label: &str, value: impl fmt::Display) -> String {
    format!("{label}: {value}")
}

fn sized<const N: usize>(input: &[u8], field: &'static str) -> Result<[u8; N], DecodeError> {
    input.try_into().map_err(|_| fault(field, Fault::WrongSize { expected: N, found: input.len() }))
}

/// Offsets count from the start of the input, which has one field.
fn fault(field: &'static str, fault: Fault) -> DecodeError {
    DecodeError { format: "command", field, offset: 0, fault }
}

const REPEATED: Fault = Fault::Unsupported("the same one twice");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{key_pair, report, signing_key};

    fn explained(function: AdminFunction, input: &[u8]) -> Result<Explanation, DecodeError> {
        explain(&PreparedCommand::new(&report(), function, input).block)
    }

    fn first_lines(function: AdminFunction, input: &[u8]) -> Vec<String> {
        let mut lines = explained(function, input).unwrap().lines;
        lines.truncate(lines.len() - 3);
        lines
    }

    #[test]
    fn every_explanation_ends_with_module_domain_and_counter() {
        let explanation = explained(AdminFunction::ZEROIZE, &[]).unwrap();
        let report = report();
        assert_eq!(explanation.title, "Zeroize the crypto unit");
        assert_eq!(
            explanation.lines,
            [
                format!("Crypto module: {}", report.module),
                format!("Domain: {}", report.domain),
                "Transaction counter: 256".to_owned(),
            ]
        );
    }

    #[test]
    fn a_new_administrator_is_named_with_the_identifier_of_the_key() {
        let key = signing_key(5);
        let certificate = AdminCertificate::build("admin1", &key).unwrap();
        assert_eq!(
            first_lines(AdminFunction::ADD_ADMINISTRATOR, &certificate),
            ["Administrator: admin1".to_owned(), format!("Subject key identifier: {}", key.public().subject_key_id())]
        );
    }

    #[test]
    fn a_name_cannot_add_lines() {
        let certificate = AdminCertificate::build("x\nSignature threshold: 1", &signing_key(5)).unwrap();
        let lines = first_lines(AdminFunction::ADD_ADMINISTRATOR, &certificate);
        assert_eq!(lines[0], "Administrator: x\\u{a}Signature threshold: 1");
    }

    #[test]
    fn every_attribute_is_mentioned() {
        let input = AttributeList(vec![(1, 2), (2, 1), (3, 0x01FF_2055), (4, 1)]).encode();
        assert_eq!(
            first_lines(AdminFunction::SET_ATTRIBUTES, &input),
            [
                "Signature threshold: 2",
                "Revocation signature threshold: 1",
                "Permissions: 01ff2055 (import a master key, import or export a master key in one part, allow \
                 thresholds of 1, zeroize with one signature, do not disturb, may change: import, may change: \
                 export, may change: one part, may change: random, may change: signature threshold, may change: \
                 revocation signature threshold, may change: thresholds of 1, may change: control points with \
                 one signature, may change: zeroize with one signature)",
                "Operational mode: 00000001"
            ]
        );
        for refused in [vec![(9, 1)], vec![(1, 2), (2, 2), (1, 1)]] {
            let error = explained(AdminFunction::SET_ATTRIBUTES, &AttributeList(refused).encode()).unwrap_err();
            assert_eq!(error.field, "attribute");
        }
    }

    #[test]
    fn bits_without_a_name_are_mentioned_by_their_number() {
        assert_eq!(in_words(0, texts::PERMISSION_BITS), "00000000 (none)");
        assert_eq!(in_words(0x1002, texts::PERMISSION_BITS), "00001002 (export a master key, bit 12)");
    }

    #[test]
    fn every_parameter_of_an_export_is_mentioned_or_the_export_is_not_explained() {
        let certificate = KphCertificate::encode_sdk(&key_pair(3).public());
        let holder = |index| Parameter { tag: Parameter::KPH_CERTIFICATE, index, data: &certificate };
        let number = Parameter::number;
        let export = |parameters: Vec<Parameter<'_>>| {
            explained(AdminFunction::EXPORT_WK, &ParameterMap(parameters).encode()).map(|words| words.lines)
        };
        let lines = export(vec![
            number(Parameter::KEY_PARTS_NEEDED, 2),
            holder(0),
            holder(1),
            number(Parameter::SCOPE, Parameter::SCOPE_WITHOUT_OA_CERTIFICATES),
        ])
        .unwrap();
        assert_eq!(lines[0], "Key parts needed: 2");
        assert!(lines[1].starts_with("Recipient key: ") && lines[2].starts_with("Recipient key: "));
        assert_eq!(lines[3], "Scope: 00000008 (without certificates of the crypto module)");
        let needed = number(Parameter::KEY_PARTS_NEEDED, 1);
        for refused in [
            vec![needed, number(Parameter::DOMAIN_MASK, 1)],
            vec![needed, needed],
            vec![holder(0), holder(0)],
            vec![number(Parameter::SCOPE, 8), number(Parameter::SCOPE, 1)],
            vec![Parameter { data: b"x", ..needed }],
        ] {
            assert_eq!(export(refused).unwrap_err().field, "parameter");
        }
    }

    #[test]
    fn control_points_go_by_their_names() {
        let input = ControlPoints::of(&[66, 127]).0;
        assert_eq!(first_lines(AdminFunction::ADD_CONTROL_POINTS, &input), ["Control points: XCP_CPB_BTC 127"]);
    }

    #[test]
    fn an_export_names_the_recipient() {
        let key = key_pair(3).public();
        let certificate = KphCertificate::encode_sdk(&key);
        let input =
            ParameterMap(vec![Parameter { tag: Parameter::KPH_CERTIFICATE, index: 0, data: &certificate }]).encode();
        // The identifier of the published vector for the point 3G.
        assert_eq!(
            first_lines(AdminFunction::EXPORT_WK, &input),
            ["Recipient key: 2fd0b0dfbb0fef4ca56a3ae0de7776bdbf22c84ebc9bcd8c164123e28287e64b"]
        );
    }

    #[test]
    fn input_that_is_not_read_to_the_end_is_not_explained() {
        for (function, size) in [
            (AdminFunction::ZEROIZE, 1),
            (AdminFunction::CLEAR_NEXT_WK, 4),
            (AdminFunction::COMMIT_WK, 33),
            (AdminFunction::REMOVE_ADMINISTRATOR, 31),
            (AdminFunction::GENERATE_IMPORTER, 5),
            (AdminFunction::ADD_CONTROL_POINTS, 17),
            (AdminFunction::ADD_ADMINISTRATOR, 9),
        ] {
            assert!(explained(function, &vec![0; size]).is_err(), "{function}");
        }
    }

    #[test]
    fn unknown_commands_and_queries_are_not_explained() {
        assert_eq!(explained(AdminFunction(0x1E), &[]).unwrap_err().field, "function");
        assert_eq!(explained(AdminFunction::QUERY_ATTRIBUTES, &[]).unwrap_err().field, "function");
    }
}
