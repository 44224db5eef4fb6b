//! Which crypto module: serial number and instance.

use std::fmt;
use std::str::FromStr;

use super::IdError;
use crate::hexadecimal;

/// The serial number of a crypto module: eight digits or upper-case letters, for example `93AABC01`.
///
/// Clients compare it byte for byte with the `serial_number` of the unit listing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SerialNumber([u8; 8]);

impl SerialNumber {
    /// The serial number in these bytes; `None` when one is not an ASCII digit or upper-case letter.
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        let valid = bytes.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
        valid.then_some(Self(bytes))
    }

    /// The serial number spelled by these numbers: each picks a digit or letter, counted around the 36 of them.
    pub fn spelled(numbers: [u8; 8]) -> Self {
        Self(numbers.map(|number| match number % 36 {
            digit @ 0..=9 => b'0' + digit,
            letter => b'A' + (letter - 10),
        }))
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The eight characters as ASCII bytes.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl FromStr for SerialNumber {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.as_bytes()
            .try_into()
            .ok()
            .and_then(Self::from_bytes)
            .ok_or(IdError::new("serial number", "eight digits or upper-case letters"))
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SerialNumber({self})")
    }
}

/// The second half of a module identifier, constant for the life of the module.
///
/// Its real format is not public; eight ASCII digits are a safe choice for a new module.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleInstance(pub [u8; 8]);

impl fmt::Display for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal::fmt_lower(&self.0, f)
    }
}

impl fmt::Debug for ModuleInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ModuleInstance({self})")
    }
}

/// The 16-byte module identifier of command and response blocks: serial number, then instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId {
    /// The serial number, first eight bytes.
    pub serial: SerialNumber,
    /// The module instance, last eight bytes.
    pub instance: ModuleInstance,
}

impl ModuleId {
    /// The identifier in these bytes; `None` when the first eight are not a serial number.
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        let [a, b, c, d, e, f, g, h, instance @ ..] = bytes;
        let serial = SerialNumber::from_bytes([a, b, c, d, e, f, g, h])?;
        Some(Self { serial, instance: ModuleInstance(instance) })
    }

    /// The 16 bytes.
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        for (target, byte) in bytes.iter_mut().zip(self.serial.0.into_iter().chain(self.instance.0)) {
            *target = byte;
        }
        bytes
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.serial, self.instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_eight_digits_or_upper_case_letters() {
        assert_eq!("93AABC01".parse::<SerialNumber>().unwrap().to_string(), "93AABC01");
        for wrong in ["", "93AABC0", "93AABC012", "93aabc01", "93AABC 1", "93AABCÄ"] {
            assert!(wrong.parse::<SerialNumber>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn module_id_is_serial_then_instance() {
        let bytes = *b"93AABC01\x00\x11\x22\x33\x44\x55\x66\x77";
        let id = ModuleId::from_bytes(bytes).unwrap();
        assert_eq!(id.to_string(), "93AABC01-0011223344556677");
        assert_eq!(id.to_bytes(), bytes);
        assert_eq!(ModuleId::from_bytes([0; 16]), None);
    }
}
