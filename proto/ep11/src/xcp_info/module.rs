//! Facts about a module: identity, firmware, time, limits.

use time::{Date, Month, OffsetDateTime, Time};

use crate::der::Reader;
use crate::{DecodeError, Fault, ModuleId, UnixMillis};

/// Module information, 196 bytes. Specification, section 5.19; sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleInfo {
    /// Highest interface version.
    pub api_ordinal: u32,
    /// First four bytes of the firmware configuration hash.
    pub firmware_id: [u8; 4],
    /// Version of the EP11 firmware: major, minor.
    pub firmware_version: [u8; 2],
    /// Version of the cryptographic service provider: major, minor.
    pub csp_version: [u8; 2],
    /// Hash of the firmware configuration.
    pub firmware_hash: [u8; 32],
    /// Hash of the EP11 configuration.
    pub xcp_hash: [u8; 32],
    /// Hash of the provider's configuration.
    pub csp_hash: [u8; 32],
    /// Serial number and instance.
    pub module: ModuleId,
    /// The module's clock, sent in hundredths of a second. Years after 9999 do not fit and are sent as its end.
    pub time: UnixMillis,
    /// Operational mode.
    pub mode: u32,
    /// PKCS#11 flags.
    pub pkcs11_flags: u32,
    /// Extended flags.
    pub extended_flags: u32,
    /// Number of domains.
    pub domains: u32,
    /// Size of a state of a symmetric operation.
    pub symmetric_state_size: u32,
    /// Size of a state of a digest.
    pub digest_state_size: u32,
    /// Size of a PIN blob.
    pub pin_blob_size: u32,
    /// Size of a public key.
    pub spki_size: u32,
    /// Size of a private key blob.
    pub private_blob_size: u32,
    /// Size of a symmetric key blob.
    pub symmetric_blob_size: u32,
    /// Largest payload.
    pub max_payload: u32,
    /// Size of a profile of control points.
    pub profile_size: u32,
    /// Highest index of a control point.
    pub highest_control_point: u32,
}

impl ModuleInfo {
    /// Size in bytes.
    pub const SIZE: usize = 196;

    /// Reads module information from at least 196 bytes.
    ///
    /// # Errors
    /// When there are fewer, the serial number holds other characters than digits and upper-case letters, or the time
    /// is none.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(FORMAT, bytes);
        Ok(Self {
            api_ordinal: reader.u32("api ordinal")?,
            firmware_id: reader.array("firmware id")?,
            firmware_version: reader.array("firmware version")?,
            csp_version: reader.array("csp version")?,
            firmware_hash: reader.array("firmware hash")?,
            xcp_hash: reader.array("xcp hash")?,
            csp_hash: reader.array("csp hash")?,
            module: {
                let error = reader.error("module", Fault::OutOfRange);
                ModuleId::from_bytes(reader.array("module")?).ok_or(error)?
            },
            time: {
                let error = reader.error("time", Fault::OutOfRange);
                parse_time(reader.array("time")?).ok_or(error)?
            },
            mode: {
                reader.u32("reserved")?;
                reader.u32("mode")?
            },
            pkcs11_flags: reader.u32("pkcs11 flags")?,
            extended_flags: reader.u32("extended flags")?,
            domains: reader.u32("domains")?,
            symmetric_state_size: reader.u32("symmetric state size")?,
            digest_state_size: reader.u32("digest state size")?,
            pin_blob_size: reader.u32("pin blob size")?,
            spki_size: reader.u32("spki size")?,
            private_blob_size: reader.u32("private blob size")?,
            symmetric_blob_size: reader.u32("symmetric blob size")?,
            max_payload: reader.u32("max payload")?,
            profile_size: reader.u32("profile size")?,
            highest_control_point: reader.u32("highest control point")?,
        })
    }

    /// The 196 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::SIZE);
        bytes.extend_from_slice(&self.api_ordinal.to_be_bytes());
        bytes.extend_from_slice(&self.firmware_id);
        bytes.extend_from_slice(&self.firmware_version);
        bytes.extend_from_slice(&self.csp_version);
        for hash in [&self.firmware_hash, &self.xcp_hash, &self.csp_hash] {
            bytes.extend_from_slice(hash);
        }
        bytes.extend_from_slice(&self.module.to_bytes());
        bytes.extend_from_slice(time_text(self.time).as_bytes());
        let reserved = 0;
        for number in [
            reserved,
            self.mode,
            self.pkcs11_flags,
            self.extended_flags,
            self.domains,
            self.symmetric_state_size,
            self.digest_state_size,
            self.pin_blob_size,
            self.spki_size,
            self.private_blob_size,
            self.symmetric_blob_size,
            self.max_payload,
            self.profile_size,
            self.highest_control_point,
        ] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes
    }
}

/// `YYYYMMDDhhmmss` and hundredths, UTC: 16 characters.
fn time_text(time: UnixMillis) -> String {
    let UnixMillis(millis) = time.min(END_OF_9999);
    let seconds = i64::try_from(millis / 1000).unwrap_or_default();
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}{:02}",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
        millis % 1000 / 10
    )
}

fn parse_time(text: [u8; 16]) -> Option<UnixMillis> {
    let (pairs, []) = text.as_chunks::<2>() else { return None };
    let mut numbers = [0_u8; 8];
    for (number, [tens, ones]) in numbers.iter_mut().zip(pairs) {
        if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
            return None;
        }
        *number = (tens - b'0') * 10 + (ones - b'0');
    }
    let [century, year, month, day, hour, minute, second, hundredths] = numbers;
    let month = Month::try_from(month).ok()?;
    let date = Date::from_calendar_date(i32::from(century) * 100 + i32::from(year), month, day).ok()?;
    let seconds = date.with_time(Time::from_hms(hour, minute, second).ok()?).assume_utc().unix_timestamp();
    let seconds = u64::try_from(seconds).ok()?;
    Some(UnixMillis(seconds * 1000 + u64::from(hundredths) * 10))
}

const FORMAT: &str = "module information";
/// 9999-12-31T23:59:59.999Z, the last time that four digits of the year can hold.
const END_OF_9999: UnixMillis = UnixMillis(253_402_300_799_999);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn info(time: u64) -> ModuleInfo {
        ModuleInfo {
            api_ordinal: 4,
            firmware_id: [1, 2, 3, 4],
            firmware_version: [5, 8],
            csp_version: [5, 8],
            firmware_hash: [0xAA; 32],
            xcp_hash: [0xBB; 32],
            csp_hash: [0xCC; 32],
            module: ModuleId::from_bytes(*b"93AABC0100000001").unwrap(),
            time: UnixMillis(time),
            mode: 1,
            pkcs11_flags: 0,
            extended_flags: 0,
            domains: 256,
            symmetric_state_size: 0,
            digest_state_size: 0,
            pin_blob_size: 80,
            spki_size: 0,
            private_blob_size: 0,
            symmetric_blob_size: 0,
            max_payload: 0x0001_0000,
            profile_size: 0,
            highest_control_point: 67,
        }
    }

    #[test]
    fn fields_that_clients_read_have_their_places() {
        let bytes = info(1_700_000_000_120).to_bytes();
        assert_eq!(bytes.len(), ModuleInfo::SIZE);
        assert_eq!(bytes[8..12], [5, 8, 5, 8]);
        assert_eq!((bytes[12], bytes[44], bytes[76]), (0xAA, 0xBB, 0xCC));
        assert_eq!(&bytes[108..124], b"93AABC0100000001");
        assert_eq!(&bytes[124..140], b"2023111422132012");
        assert_eq!(bytes[144..148], [0, 0, 0, 1]);
        assert_eq!(bytes[156..160], [0, 0, 1, 0]);
        assert_eq!(bytes[192..], [0, 0, 0, 67]);
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        for wrong in ["20231314221320 1", "2023133122132012", "2023023022132012", "1969123122132012"] {
            let mut bytes = info(0).to_bytes();
            bytes[124..140].copy_from_slice(wrong.as_bytes());
            let error = ModuleInfo::from_bytes(&bytes).unwrap_err();
            assert_eq!((error.field, error.offset), ("time", 124), "{wrong}");
        }
    }

    #[test]
    fn cut_off_information_is_refused_and_longer_is_taken() {
        let bytes = info(0).to_bytes();
        assert_eq!(ModuleInfo::from_bytes(&bytes[..195]).unwrap_err().field, "highest control point");
        assert_eq!(ModuleInfo::from_bytes(&[bytes, vec![1]].concat()), Ok(info(0)));
    }

    #[test]
    fn times_after_9999_are_sent_as_its_end() {
        assert_eq!(&info(u64::MAX).to_bytes()[124..140], b"9999123123595999");
    }

    proptest! {
        #[test]
        fn time_survives_in_hundredths(hundredths in 0..=END_OF_9999.0 / 10) {
            let info = info(hundredths * 10);
            prop_assert_eq!(ModuleInfo::from_bytes(&info.to_bytes()), Ok(info));
        }
    }
}
