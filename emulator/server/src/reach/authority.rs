//! The development certificate authority: a key and a certificate of its own, for whoever decides to trust it.
//!
//! A process with a directory keeps both there, so that a client has to be told once; without one they live as long as the
//! process. Validity is fixed: real clients go by the real time, and the emulator's clock may stand anywhere.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, SerialNumber, date_time_ymd,
};
use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

/// A certificate authority, ready to issue.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    pem: String,
    /// The file with the certificate, if it is kept.
    file: Option<PathBuf>,
}

/// The authority cannot be had.
#[derive(Debug)]
pub enum AuthorityError {
    /// A file cannot be read or made.
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A file does not hold what it should.
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong, and the fix.
        why: &'static str,
    },
    /// Keys or certificates cannot be made.
    Failed,
}

/// A certificate for one name and its key.
pub(crate) struct Issued {
    pub(crate) certificate: CertificateDer<'static>,
    pub(crate) key: PrivateKeyDer<'static>,
}

impl Authority {
    /// An authority that nobody has seen before.
    pub(crate) fn in_memory() -> Result<Self, AuthorityError> {
        let key = new_key()?;
        let pem = own_certificate(&key)?;
        Ok(Authority { issuer: Issuer::new(parameters()?, key), pem, file: None })
    }

    /// The authority in this directory, made when there is none yet.
    pub(crate) fn in_directory(directory: &Path) -> Result<Self, AuthorityError> {
        let (key_file, file) = (directory.join(KEY_FILE), directory.join(CERTIFICATE_FILE));
        let authority = match (read(&key_file)?, read(&file)?) {
            (Some(key), Some(pem)) => Authority::read(&key, &pem, &key_file, &file)?,
            (None, None) => {
                let made = Authority::in_memory()?;
                write(&key_file, made.issuer.key().serialize_pem().as_bytes(), Mode::Private)?;
                write(&file, made.pem.as_bytes(), Mode::Public)?;
                made
            }
            (Some(_), None) => return Err(AuthorityError::Content { path: file, why: HALF }),
            (None, Some(_)) => return Err(AuthorityError::Content { path: key_file, why: HALF }),
        };
        Ok(Authority { file: Some(fs::canonicalize(&file).unwrap_or(file)), ..authority })
    }

    fn read(key: &str, pem: &str, key_file: &Path, file: &Path) -> Result<Self, AuthorityError> {
        let wrong = |path: &Path, why| AuthorityError::Content { path: path.to_owned(), why };
        let key = KeyPair::from_pem(key).map_err(|_| wrong(key_file, "it is not a private key in PEM form"))?;
        let certificate = rustls_pki_pem(pem).ok_or_else(|| wrong(file, "it is not a certificate in PEM form"))?;
        let public = key.public_key_raw();
        if !certificate.windows(public.len()).any(|window| window == public) {
            return Err(wrong(file, "it is not the certificate of the key beside it; remove both to have new ones"));
        }
        Ok(Authority { issuer: Issuer::new(parameters()?, key), pem: pem.to_owned(), file: None })
    }

    /// Its certificate in PEM form: what clients have to trust.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    /// The file that holds the certificate, if it is kept.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// A certificate for a host that a client named, or for this machine and `address` when it named none.
    pub(crate) fn issue(&self, host: Option<&str>, address: Option<IpAddr>) -> Result<Issued, AuthorityError> {
        let key = new_key()?;
        let mut parameters = CertificateParams::default();
        let dns = |name: &str| name.try_into().map(SanType::DnsName).map_err(|_| AuthorityError::Failed);
        parameters.subject_alt_names = match host {
            Some(host) => vec![dns(host)?],
            None => {
                let addresses = LOOPBACK.into_iter().chain(address.filter(|address| !LOOPBACK.contains(address)));
                std::iter::once(dns("localhost")?).chain(addresses.map(SanType::IpAddress)).collect()
            }
        };
        parameters.distinguished_name = name(host.unwrap_or("localhost"));
        (parameters.not_before, parameters.not_after) = validity();
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Some clients refuse two certificates of one issuer with the same number. The key is new each time.
        let number = digest(&SHA256, key.public_key_raw());
        parameters.serial_number = Some(SerialNumber::from_slice(number.as_ref().get(..16).unwrap_or_default()));
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(|_| AuthorityError::Failed)?;
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Issued { certificate: certificate.into(), key })
    }
}

fn new_key() -> Result<KeyPair, AuthorityError> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(|_| AuthorityError::Failed)
}

fn own_certificate(key: &KeyPair) -> Result<String, AuthorityError> {
    let certificate = parameters()?.self_signed(key).map_err(|_| AuthorityError::Failed)?;
    Ok(certificate.pem())
}

/// What the authority says of itself. Certificates that it issues refer to the name, so it is always the same.
fn parameters() -> Result<CertificateParams, AuthorityError> {
    let mut parameters = CertificateParams::new(Vec::new()).map_err(|_| AuthorityError::Failed)?;
    parameters.distinguished_name = name("HPCS emulator development CA");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    (parameters.not_before, parameters.not_after) = validity();
    Ok(parameters)
}

fn name(common: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    // The common name has room for 64 characters; names of hosts can be longer, and clients read the other field.
    name.push(DnType::CommonName, common.chars().take(64).collect::<String>());
    name
}

fn validity() -> (time::OffsetDateTime, time::OffsetDateTime) {
    (date_time_ymd(2025, 1, 1), date_time_ymd(2049, 12, 31))
}

/// The first certificate of a PEM text.
fn rustls_pki_pem(pem: &str) -> Option<CertificateDer<'static>> {
    use rustls::pki_types::pem::PemObject;
    CertificateDer::from_pem_slice(pem.as_bytes()).ok()
}

/// Reads a small file; `None` when there is none.
fn read(path: &Path) -> Result<Option<Zeroizing<String>>, AuthorityError> {
    let fault = |error| AuthorityError::File { path: path.to_owned(), error };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(error)),
    };
    let mut text = Zeroizing::new(String::with_capacity(LARGEST + 1));
    file.take(LARGEST as u64).read_to_string(&mut text).map_err(fault)?;
    Ok(Some(text))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Nobody else may read it.
    Private,
    Public,
}

/// Writes a file, complete or not at all.
fn write(path: &Path, content: &[u8], mode: Mode) -> Result<(), AuthorityError> {
    let mut unfinished = OsString::from(path);
    unfinished.push(".new");
    let unfinished = PathBuf::from(unfinished);
    let written = (|| {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, if mode == Mode::Private { 0o600 } else { 0o644 });
        #[cfg(not(unix))]
        let _ = mode;
        let mut file = options.open(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    })();
    written.map_err(|error| AuthorityError::File { path: path.to_owned(), error })
}

impl fmt::Display for AuthorityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuthorityError::File { path, error } => write!(f, "tls: {}: {error}", path.display()),
            AuthorityError::Content { path, why } => write!(f, "tls: {}: {why}", path.display()),
            AuthorityError::Failed => f.write_str("tls: keys and certificates cannot be made"),
        }
    }
}

impl std::error::Error for AuthorityError {}

/// The certificate that clients have to trust.
pub(crate) const CERTIFICATE_FILE: &str = "ca.pem";

/// Its key, readable by its owner only.
pub(crate) const KEY_FILE: &str = "ca.key";

const HALF: &str = "it is missing beside the other one; bring it back, or remove both to have new ones";

/// Bytes of a file that is read.
const LARGEST: usize = 64 * 1024;

const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), IpAddr::V6(std::net::Ipv6Addr::LOCALHOST)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_keeps_its_authority() {
        let directory = tempfile::tempdir().unwrap();
        let first = Authority::in_directory(directory.path()).unwrap();
        let second = Authority::in_directory(directory.path()).unwrap();
        assert_eq!(first.pem(), second.pem());
        assert_eq!(first.issuer.key().public_key_raw(), second.issuer.key().public_key_raw());
        assert_eq!(second.file(), Some(&*fs::canonicalize(directory.path().join("ca.pem")).unwrap()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |file| fs::metadata(directory.path().join(file)).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode("ca.key"), mode("ca.pem")), (0o600, 0o644));
        }
        assert_ne!(first.pem(), Authority::in_memory().unwrap().pem());
    }

    #[test]
    fn files_that_do_not_belong_together_are_named() {
        let fault = |change: &dyn Fn(&Path)| {
            let directory = tempfile::tempdir().unwrap();
            Authority::in_directory(directory.path()).unwrap();
            change(directory.path());
            let text = Authority::in_directory(directory.path()).err().unwrap().to_string();
            text.replace(&directory.path().display().to_string(), "")
        };
        let gone = |file: &'static str| fault(&|at| fs::remove_file(at.join(file)).unwrap());
        assert!(gone("ca.key").starts_with("tls: /ca.key: it is missing"));
        assert!(gone("ca.pem").starts_with("tls: /ca.pem: it is missing"));
        let nonsense = |file: &'static str| fault(&|at| fs::write(at.join(file), "nonsense").unwrap());
        assert!(nonsense("ca.key").starts_with("tls: /ca.key: it is not a private key"));
        assert!(nonsense("ca.pem").starts_with("tls: /ca.pem: it is not a certificate"));
        let other = fault(&|at| fs::write(at.join("ca.pem"), Authority::in_memory().unwrap().pem()).unwrap());
        assert!(other.starts_with("tls: /ca.pem: it is not the certificate of the key"), "{other}");
    }
}
