//! One crypto unit: asking it, commanding it, and not believing what its module did not sign.
//!
//! ```text
//! attributes(), administrators()...   query    -> HTP -> service -> unit -> signed answer -> verified -> value
//! prepare(function, input)            query of the attributes, then a block: the bytes that administrators sign
//! send(command, signatures)           block and signatures -> unit -> signed answer -> verified -> output or refusal
//! ```
//!
//! Every answer to an administration request carries a signature of the crypto module. It is verified with the key of
//! the module's certificate 0, after the certificates were followed to a trusted root. Facts from `get_xcp_info` are not
//! signed, by the design of the protocol. Part of the specification: TKE administration protocol 2 to 5, 9.6, 12.

mod answer;
mod error;
mod exchange;
mod module;
mod prepared;
mod queries;
mod report;

use std::sync::{Arc, Mutex, PoisonError};

use hpcs_ep11::{AdminFunction, P521PublicKey, TrustedRoot};
use hpcs_names::InstanceId;

use crate::{CryptoUnitInfo, ModuleKeyEntry, Service};
use answer::{Answer, Expected, ExpectedModule, Moment, SignedAnswer, Success};
use exchange::Exchange;
use module::Module;

pub use error::UnitError;
pub use prepared::PreparedCommand;
pub(crate) use queries::output_array;
pub use report::{Administrator, AttributeReport, Thresholds};

/// A crypto unit whose module has proved who it is.
#[derive(Clone)]
pub struct UnitClient {
    exchange: Exchange,
    module: Module,
    /// Shared by copies: what one has seen, an answer to another must not precede.
    latest: Arc<Mutex<Moment>>,
}

impl UnitClient {
    /// Reads the certificates of the unit's module, follows them to one of `roots`, and asks for the attributes.
    ///
    /// # Errors
    /// [`UnitError::Chain`] when the certificates do not lead to a root, [`UnitError::Signature`] when an answer is not
    /// signed by the module, [`UnitError::SerialMismatch`] when the module has another serial number than `info`, and
    /// whatever keeps an answer from arriving.
    pub async fn connect(
        service: &Service,
        instance: InstanceId,
        info: &CryptoUnitInfo,
        roots: &[TrustedRoot],
    ) -> Result<Self, UnitError> {
        let exchange = Exchange::new(service.clone(), instance, info.clone());
        let module = Module::identify(&exchange, roots).await?;
        Self::adopt(exchange, module).await
    }

    /// Connects to several units. Certificates are read once for each module: units whose locations name the same module
    /// must answer with the same serial number and be verified by the same key.
    ///
    /// # Errors
    /// As [`UnitClient::connect`], for the first unit that fails.
    pub async fn connect_all(
        service: &Service,
        units: &[(InstanceId, CryptoUnitInfo)],
        roots: &[TrustedRoot],
    ) -> Result<Vec<Self>, UnitError> {
        let mut connected: Vec<Self> = Vec::with_capacity(units.len());
        for (instance, info) in units {
            let neighbour = connected.iter().find(|unit| unit.info().location.same_module(&info.location));
            let unit = match neighbour.map(|unit| unit.module.clone()) {
                Some(module) => {
                    let exchange = Exchange::new(service.clone(), *instance, info.clone());
                    Self::adopt(exchange, module).await?
                }
                None => Self::connect(service, *instance, info, roots).await?,
            };
            connected.push(unit);
        }
        Ok(connected)
    }

    /// The instance that the unit belongs to.
    #[must_use]
    pub fn instance(&self) -> InstanceId {
        self.exchange.instance()
    }

    /// The unit as the service lists it.
    #[must_use]
    pub fn info(&self) -> &CryptoUnitInfo {
        self.exchange.info()
    }

    /// The key that verifies the module's answers.
    #[must_use]
    pub fn module_key(&self) -> &P521PublicKey {
        &self.module.key
    }

    /// The module for the file `CRYPTOMODULES`.
    #[must_use]
    pub fn module_key_entry(&self) -> ModuleKeyEntry {
        ModuleKeyEntry { serial: self.module.id.serial, public_key: hex::encode(&self.module.kept_key) }
    }

    /// The bytes of a command with this input: reads the unit's counter and identifiers and puts them into a block that
    /// administrators, here or on other workstations, sign.
    ///
    /// # Errors
    /// Any [`UnitError`] of the query.
    pub async fn prepare(&self, function: AdminFunction, input: Vec<u8>) -> Result<PreparedCommand, UnitError> {
        Ok(PreparedCommand::new(&self.attributes().await?, function, &input))
    }

    /// Sends a command with complete SignerInfos and brings its output.
    ///
    /// # Errors
    /// [`UnitError::Refused`] when the unit refuses, and whatever keeps a verified answer from arriving. Unless the unit
    /// refused, the command may have taken effect.
    pub async fn send(&self, command: &PreparedCommand, signatures: &[Vec<u8>]) -> Result<Vec<u8>, UnitError> {
        let expected = self.expected(command.function, Some(Success::of(command)));
        let answer = self.exchange.administer(&command.block, &signatures.concat()).await?;
        Ok(self.open(&answer, &expected)?.output)
    }

    /// Takes a module for the unit's own, which the unit's signed answer must confirm.
    async fn adopt(exchange: Exchange, module: Module) -> Result<Self, UnitError> {
        // The service's list and the module's own word.
        if exchange.info().serial != module.id.serial {
            return Err(UnitError::SerialMismatch);
        }
        let unit = Self { exchange, module, latest: Arc::new(Mutex::new(Moment::START)) };
        unit.attributes().await?;
        Ok(unit)
    }

    /// What every verified answer of this unit must say. Made before the question is asked: of two answers on their way
    /// at the same time, the earlier one may arrive last.
    fn expected(&self, function: AdminFunction, success: Option<Success>) -> Expected {
        let not_before = *self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let module = ExpectedModule::Identified(self.module.id);
        Expected { function, domain: self.exchange.domain(), module, not_before, success }
    }

    /// Verifies an answer and remembers its moment.
    fn open(&self, answer: &SignedAnswer, expected: &Expected) -> Result<Answer, UnitError> {
        let answer = answer.open(&self.module.key, expected)?;
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = latest.max(Moment { instance: answer.domain.instance, counter: answer.counter });
        Ok(answer)
    }
}
