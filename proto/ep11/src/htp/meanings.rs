//! What the codes of host errors mean, in our own words. Specification, section 13.3.

/// The meaning of type, return code and reason code. `None` for a triple that is not in the list.
pub(super) fn meaning(kind: u8, code: u32, reason: u32) -> Option<&'static str> {
    // The reason says how long or which, and has no meaning of its own, but for syntax errors, where it is 0.
    if kind == SYNTAX && reason != 0 {
        return None;
    }
    MEANINGS.iter().find(|(of, first, last, _)| *of == kind && (*first..=*last).contains(&code)).map(|row| row.3)
}

const SYNTAX: u8 = 9;

/// Type, first and last return code, meaning.
const MEANINGS: &[(u8, u32, u32, &str)] = &[
    (9, 1, 1, "The crypto module index is not an integer."),
    (9, 2, 2, "The crypto module index is out of range."),
    (9, 3, 3, "The crypto module information has a wrong length."),
    (9, 4, 4, "The domain index is not an integer."),
    (9, 5, 5, "The domain index is out of range."),
    (9, 6, 6, "The domain information has a wrong length."),
    (9, 7, 7, "The authority information has a wrong length."),
    (9, 8, 9, "The authority index is not valid."),
    (9, 10, 10, "The crypto module information is already present."),
    (9, 11, 11, "The crypto module information is not present."),
    (9, 12, 12, "The command has a character that is not a hexadecimal digit."),
    (9, 13, 13, "The command has an odd number of hexadecimal digits."),
    (9, 14, 14, "The pending information has a wrong length."),
    (9, 16, 16, "The control register has a wrong value."),
    (9, 17, 17, "The control register has a wrong length."),
    (9, 18, 18, "The file information has a wrong length."),
    (9, 19, 26, "The request to the crypto module is not well-formed."),
    (9, 27, 27, "The length in front of the message is wrong."),
    (9, 28, 32, "The user information is not valid."),
    (9, 33, 34, "The session is not valid."),
    (9, 35, 39, "The request to the access control program is not valid."),
    (9, 40, 40, "The crypto module index is not a whole number."),
    (9, 41, 41, "The crypto module index is out of range."),
    (9, 42, 42, "The serial number has a wrong length."),
    (9, 43, 43, "The parameter block has a character that is not a hexadecimal digit."),
    (9, 44, 44, "The data block has a character that is not a hexadecimal digit."),
    (9, 47, 47, "The crypto module letter is not valid."),
    (9, 48, 48, "The authorization is missing."),
    (9, 49, 49, "The domain index is missing."),
    (9, 50, 51, "The crypto module index is not valid."),
    (9, 52, 55, "The user id has a wrong form."),
    (9, 56, 59, "The request to the crypto module, version 2, is not well-formed."),
    (10, 1, 1, "The host program could not list a data set."),
    (10, 2, 2, "The host program could not allocate a data set."),
    (10, 3, 3, "The host program could not free a data set."),
    (10, 4, 4, "The host program could not read or write a data set."),
    (11, 1, 2, "The host program could not use its crypto module data set."),
    (11, 3, 3, "The message type is not valid."),
    (11, 4, 5, "The host program could not use its flag data set."),
    (11, 6, 7, "The host program has no such crypto module."),
    (13, 1, 1, "The host data set could not be accessed."),
    (13, 2, 10, "The name of a data set or member is not valid."),
    (15, 1, 1, "The connection to the crypto module failed."),
    (15, 2, 2, "The crypto module did not answer within the seconds that the reason code gives."),
    (18, 4, 4, "The user is not known."),
    (18, 8, 8, "The password is not valid."),
    (18, 12, 12, "The password has expired."),
    (18, 14, 14, "The user is not in the group."),
    (18, 28, 28, "The user has been revoked."),
    (18, 34, 34, "The user is not authorised."),
    (23, 10035, 10066, "The network connection failed."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_in_order_and_do_not_overlap() {
        assert!(MEANINGS.iter().all(|(_, first, last, _)| first <= last));
        assert!(MEANINGS.windows(2).all(|rows| (rows[0].0, rows[0].2) < (rows[1].0, rows[1].1)));
    }

    #[test]
    fn unknown_triples_have_no_meaning() {
        assert!(meaning(15, 2, 30).is_some());
        for (kind, code, reason) in [(9, 15, 0), (9, 60, 0), (9, 1, 1), (12, 1, 0), (23, 10034, 0)] {
            assert_eq!(meaning(kind, code, reason), None, "{kind}-{code}-{reason}");
        }
    }
}
