//! A key ceremony, end to end, over real gRPC with real signatures: `hpcs-emulator demo`.
//!
//! Two administrators take two operational crypto units out of imprint mode and give them a master key made of three
//! parts: twelve events. Then they load a new key, and three commands are refused. The story goes to one stream, the
//! events as NDJSON to another.

mod error;
mod event_tail;
mod story;

use std::io::Write;

use hpcs_ep11::{KeyPart, P521KeyPair, ReasonCode, ReturnCode, SigningKey, VerificationPattern};
use hpcs_workstation::{
    CryptoUnitKind, PreparedCommand, Service, Signer, Thresholds, UnitClient, UnitError, trusted_roots,
};
use rand_core::CryptoRng;

pub use error::DemoError;

use event_tail::EventTail;
use story::Story;

/// The quorum of the ceremony.
const THRESHOLDS: Thresholds = Thresholds { signature: 2, revocation: 2 };

/// Plays the ceremony against the emulator at `address`, signed in by `api_key`.
///
/// Keys and key parts are drawn from `rng`, so that the same generator gives the same events. Each event is written to
/// `events` as soon as it is committed, one line of JSON.
///
/// # Errors
/// Whatever the emulator refuses that should have worked, or accepts that should have been refused.
pub async fn run<R: CryptoRng>(
    address: &str,
    api_key: &str,
    rng: &mut R,
    story: &mut dyn Write,
    events: &mut dyn Write,
) -> Result<(), DemoError> {
    let service = Service::connect(address)?;
    let token = service.issue_token(api_key).await?.token;
    let tail = EventTail::connect(address, &token, events).await?;
    let service = service.with_token(token);
    let instance = service.instances().await?.first().ok_or(DemoError::Empty)?.id;
    let listed: Vec<_> = service
        .crypto_units(instance)
        .await?
        .into_iter()
        .filter(|unit| unit.kind == CryptoUnitKind::Operational)
        .take(2)
        .map(|unit| (instance, unit))
        .collect();
    let units = UnitClient::connect_all(&service, &listed, &trusted_roots()).await?;
    let [alice, bob] = [(); 2].map(|()| Signer::from(SigningKey::P521(P521KeyPair::generate(rng))));
    let mut ceremony = Ceremony { units, alice, bob, story: Story::new(story), tail };
    ceremony.open().await?;
    let committed = ceremony.install_master_key(rng).await?;
    ceremony.load_next_key(rng).await?;
    ceremony.refusals(committed).await?;
    ceremony.close().await
}

struct Ceremony<'a> {
    units: Vec<UnitClient>,
    alice: Signer,
    bob: Signer,
    story: Story<'a>,
    tail: EventTail<'a>,
}

/// A command that was carried out, kept to be replayed.
struct Recorded {
    command: PreparedCommand,
    signatures: Vec<Vec<u8>>,
    pattern: VerificationPattern,
}

impl Ceremony<'_> {
    /// Administrators and thresholds: the units leave imprint mode.
    async fn open(&mut self) -> Result<(), DemoError> {
        self.story.chapter("Two operational crypto units in imprint mode: no administrators, no keys.")?;
        for unit in &self.units {
            self.story.line(&format!("  {}  serial {}", unit.info().location, unit.info().serial))?;
        }
        for (name, key) in [("alice", &self.alice), ("bob", &self.bob)] {
            self.story.chapter(&format!(
                "{name} becomes an administrator of both units. Imprint mode asks for no signature."
            ))?;
            for unit in &self.units {
                unit.add_administrator(name, key, &[]).await?;
                self.tail.write_new(&mut self.story).await?;
            }
        }
        self.story.chapter("Thresholds 2/2, signed by both: the units leave imprint mode.")?;
        for unit in &self.units {
            unit.set_thresholds(THRESHOLDS, &[&self.alice, &self.bob]).await?;
            self.tail.write_new(&mut self.story).await?;
        }
        Ok(())
    }

    /// Load, commit, set immediate on both units; gives back the last commit.
    async fn install_master_key(&mut self, rng: &mut impl CryptoRng) -> Result<Recorded, DemoError> {
        let pattern =
            self.load("Three key parts go into the new master key register, each encrypted to the unit.", rng).await?;
        self.story.chapter(
            "Both administrators commit the new register; its verification pattern is part of what they sign.",
        )?;
        let mut last = None;
        for unit in &self.units {
            let command = unit.prepare_commit(pattern).await?;
            let signatures = command.sign_all(&[&self.alice, &self.bob]).await?;
            unit.send(&command, &signatures).await?;
            self.tail.write_new(&mut self.story).await?;
            last = Some(Recorded { command, signatures, pattern });
        }
        self.story.chapter("Set immediate: the new master key becomes the current one.")?;
        for unit in &self.units {
            unit.set_immediate(pattern, &self.alice).await?;
            self.tail.write_new(&mut self.story).await?;
        }
        last.ok_or(DemoError::Empty)
    }

    async fn load_next_key(&mut self, rng: &mut impl CryptoRng) -> Result<(), DemoError> {
        self.load("A new key is loaded for the next rotation.", rng).await.map(|_| ())
    }

    async fn load(&mut self, what: &str, rng: &mut impl CryptoRng) -> Result<VerificationPattern, DemoError> {
        let parts = [(); 3].map(|()| KeyPart::random(rng));
        self.story.chapter(what)?;
        let mut pattern = VerificationPattern::ZERO;
        for unit in &self.units {
            pattern = unit.load_master_key(&parts.each_ref(), &self.alice, rng).await?;
            self.tail.write_new(&mut self.story).await?;
        }
        self.story.line(&format!("  verification pattern {pattern}"))?;
        Ok(pattern)
    }

    /// Three mistakes, each refused by the unit and each in the audit trail.
    async fn refusals(&mut self, replayed: Recorded) -> Result<(), DemoError> {
        let Some(unit) = self.units.last() else { return Err(DemoError::Empty) };
        self.story.chapter("Mistake 1: alice alone tries to commit the new register. The threshold is two.")?;
        let pattern = unit.domain_info().await?.next;
        let outcome = unit.commit(pattern, &[&self.alice]).await;
        self.story.refusal(outcome, (208, 21))?;
        self.tail.write_new(&mut self.story).await?;

        self.story.chapter("Mistake 2: the commit of the first key is sent once more, byte for byte.")?;
        let outcome = unit.send(&replayed.command, &replayed.signatures).await.map(|_| ());
        self.story.refusal(outcome, (163, 19))?;
        self.tail.write_new(&mut self.story).await?;

        self.story.chapter("Mistake 3: both commit, but name the verification pattern of the old key.")?;
        let outcome = unit.commit(replayed.pattern, &[&self.alice, &self.bob]).await;
        self.story.refusal(outcome, (101, 48))?;
        self.tail.write_new(&mut self.story).await
    }

    async fn close(mut self) -> Result<(), DemoError> {
        let count = self.tail.written();
        self.story.chapter(&format!("{count} events. Every answer was signed by its module, every signature verified."))
    }
}

/// The codes of a refusal by a crypto unit.
fn codes(error: &UnitError) -> Option<(u32, u32)> {
    match error {
        UnitError::Refused { code: ReturnCode(code), reason } => {
            Some((*code, reason.map_or(0, |ReasonCode(reason)| reason)))
        }
        _ => None,
    }
}
