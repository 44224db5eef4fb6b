//! Secrets under a passphrase, for files that leave the machine.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbkdf2::pbkdf2_hmac;
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cipher::{Cipher, Place};
use super::record::counted;
use super::{Opener, SealFault, Sealer};

/// How the key of a file is made from its passphrase. Stands in the file; holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassphraseHeader {
    /// `pbkdf2-hmac-sha256`.
    pub kdf: String,
    /// 32 random bytes in base64; 16 to 64 are read.
    pub salt: String,
    /// Rounds of the derivation.
    pub iterations: u32,
    /// Something sealed under the key, in base64: tells a wrong passphrase from a damaged file.
    pub check: String,
}

impl PassphraseHeader {
    /// Rounds of new files.
    pub const ITERATIONS: u32 = 600_000;
    /// More are refused when reading: a second or two of computing that a file can ask for.
    pub const MOST_ITERATIONS: u32 = 2_000_000;
}

/// Seals the secrets of one file. The key is new with each file, so nonces may count.
pub struct PassphraseSealer {
    key: Cipher,
    used: u64,
    header: PassphraseHeader,
}

/// Opens the secrets of one file.
pub struct PassphraseOpener(Cipher);

impl PassphraseSealer {
    /// A sealer for a new file, with a salt from `rng` and [`PassphraseHeader::ITERATIONS`] rounds: a fraction of a
    /// second of computing.
    pub fn new(passphrase: &str, rng: &mut dyn CryptoRng) -> Self {
        Self::with_iterations(passphrase, PassphraseHeader::ITERATIONS, rng)
    }

    /// The same with another number of rounds, 1 to [`PassphraseHeader::MOST_ITERATIONS`]; others become the nearest.
    pub fn with_iterations(passphrase: &str, iterations: u32, rng: &mut dyn CryptoRng) -> Self {
        let iterations = iterations.clamp(1, PassphraseHeader::MOST_ITERATIONS);
        let mut salt = [0; SALT_SIZE];
        rng.fill_bytes(&mut salt);
        let key = derive(passphrase, &salt, iterations);
        let mut used = 0;
        let check = key.seal(counted(&mut used), CHECK, CHECKED);
        let (salt, check) = (STANDARD.encode(salt), STANDARD.encode(check));
        PassphraseSealer { key, used, header: PassphraseHeader { kdf: KDF.to_owned(), salt, iterations, check } }
    }

    /// What the file has to say for [`PassphraseOpener::new`].
    pub fn header(&self) -> &PassphraseHeader {
        &self.header
    }
}

impl Sealer for PassphraseSealer {
    fn seal(&mut self, field: &str, secret: &[u8]) -> Vec<u8> {
        let nonce = counted(&mut self.used);
        self.key.seal(nonce, secret_of(field), secret)
    }
}

impl PassphraseOpener {
    /// An opener for the file with this header.
    ///
    /// # Errors
    /// [`SealFault::WrongKey`] when the passphrase is another one; the other faults are the header's.
    pub fn new(passphrase: &str, header: &PassphraseHeader) -> Result<Self, SealFault> {
        if header.kdf != KDF {
            return Err(SealFault::ForeignDerivation);
        }
        if !(1..=PassphraseHeader::MOST_ITERATIONS).contains(&header.iterations) {
            return Err(SealFault::Iterations(header.iterations));
        }
        let salt = STANDARD.decode(&header.salt).map_err(|_| SealFault::Damaged)?;
        if !(16..=64).contains(&salt.len()) {
            return Err(SealFault::Salt(salt.len()));
        }
        let check = STANDARD.decode(&header.check).map_err(|_| SealFault::Damaged)?;
        let key = derive(passphrase, &salt, header.iterations);
        match key.open(CHECK, &check) {
            Ok(_) => Ok(PassphraseOpener(key)),
            Err(SealFault::Damaged) => Err(SealFault::WrongKey),
            Err(other) => Err(other),
        }
    }
}

impl Opener for PassphraseOpener {
    fn open(&self, field: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        self.0.open(secret_of(field), sealed)
    }
}

fn derive(passphrase: &str, salt: &[u8], iterations: u32) -> Cipher {
    let mut key = Zeroizing::new([0; 32]);
    pbkdf2_hmac::<Sha256>(passphrase.as_bytes(), salt, iterations, &mut *key);
    Cipher::new(&key)
}

fn secret_of(field: &str) -> Place<'_> {
    Place { purpose: "hpcs-emulator file", record: "", field }
}

const CHECK: Place<'static> = Place { purpose: "hpcs-emulator passphrase check", record: "", field: "" };
const CHECKED: &[u8] = b"hpcs-emulator file";
const KDF: &str = "pbkdf2-hmac-sha256";
const SALT_SIZE: usize = 32;

#[cfg(test)]
mod tests {
    use chacha20::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;

    fn sealer(seed: u64) -> PassphraseSealer {
        PassphraseSealer::with_iterations("correct horse", 2, &mut ChaCha20Rng::seed_from_u64(seed))
    }

    fn fault(header: &PassphraseHeader) -> Option<SealFault> {
        PassphraseOpener::new("correct horse", header).err()
    }

    #[test]
    fn the_passphrase_opens_each_secret_in_its_field() {
        let mut sealer = sealer(1);
        let sealed = sealer.seal("units[0].importer_key.key", b"secret");
        let opener = PassphraseOpener::new("correct horse", sealer.header()).ok().unwrap();
        assert_eq!(opener.open("units[0].importer_key.key", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(opener.open("units[1].importer_key.key", &sealed).err(), Some(SealFault::Damaged));
    }

    #[test]
    fn a_wrong_passphrase_is_told_apart_from_a_damaged_file() {
        let sealer = sealer(1);
        let wrong = PassphraseOpener::new("correct horsf", sealer.header());
        assert_eq!(wrong.err(), Some(SealFault::WrongKey));
        let damaged = PassphraseHeader { check: "%".to_owned(), ..sealer.header().clone() };
        assert_eq!(fault(&damaged), Some(SealFault::Damaged));
    }

    #[test]
    fn absurd_headers_are_refused_before_anything_is_computed() {
        let header = sealer(1).header().clone();
        let with = |iterations| fault(&PassphraseHeader { iterations, ..header.clone() });
        assert_eq!(with(0), Some(SealFault::Iterations(0)));
        assert_eq!(with(2_000_001), Some(SealFault::Iterations(2_000_001)));
        let salted = |size| fault(&PassphraseHeader { salt: STANDARD.encode(vec![0; size]), ..header.clone() });
        assert_eq!((salted(15), salted(65)), (Some(SealFault::Salt(15)), Some(SealFault::Salt(65))));
        let scrypt = PassphraseHeader { kdf: "scrypt".to_owned(), ..header };
        assert_eq!(fault(&scrypt), Some(SealFault::ForeignDerivation));
    }

    #[test]
    fn each_file_has_another_salt_and_a_new_one_takes_600_000_rounds() {
        assert_ne!(sealer(1).header().salt, sealer(2).header().salt);
        assert_eq!(PassphraseHeader::ITERATIONS, 600_000);
        let none = PassphraseSealer::with_iterations("correct horse", 0, &mut ChaCha20Rng::seed_from_u64(1));
        assert_eq!((none.header().iterations, fault(none.header())), (1, None));
    }

    #[test]
    fn the_derivation_is_the_published_one() {
        // RFC 7914, section 11.
        let mut key = [0; 32];
        pbkdf2_hmac::<Sha256>(b"passwd", b"salt", 1, &mut key);
        assert_eq!(hex::encode(key), "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
    }
}
