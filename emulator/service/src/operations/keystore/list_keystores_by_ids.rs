//! `hs-crypto.keystore.listkeystoresbyids`: keystores by id, or all of them.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::KeystoreId;

use super::page::{MOST_IDS, Page, Weight, keystore_token, position_token};
use super::scene::Scene;
use super::{Act, Concern, Done, KeystoreAction, KeystoreReply};
use crate::{Instance, RecordKey, Role, View};

pub(super) const ACTION: KeystoreAction = KeystoreAction {
    method: "ListKeystoresByIds",
    row: ep11::LIST_KEYSTORES_BY_IDS,
    // Operators of keys may look keystores up, not search for them (section 8.2).
    roles: &[Role::Manager, Role::KeystoreOperator, Role::KeyOperator],
};

/// Which keystores.
pub struct ListKeystoresByIds {
    /// Their ids; all of the instance when there is none.
    pub ids: Vec<KeystoreId>,
    /// How many of them.
    pub page: Page,
}

impl ListKeystoresByIds {
    /// The ids of this page, each with the token after it, empty after the last one there is.
    fn part(&self, view: &View, instance: &Instance) -> Result<Vec<(KeystoreId, Vec<u8>)>, ReturnValue> {
        if self.ids.is_empty() {
            let (part, more) = following(view, instance, self.page.after_keystore()?, self.page.limit());
            let last = part.last().copied().filter(|_| !more);
            let token = |id| if last == Some(id) { Vec::new() } else { keystore_token(id) };
            return Ok(part.into_iter().map(|id| (id, token(id))).collect());
        }
        if self.ids.len() > MOST_IDS {
            return Err(ReturnValue::ARGUMENTS_BAD);
        }
        let from = self.page.position()?;
        let token = |next| if next < self.ids.len() { position_token(next) } else { Vec::new() };
        let numbered = self.ids.iter().enumerate().skip(from).take(self.page.limit());
        Ok(numbered.map(|(at, id)| (*id, token(at + 1))).collect())
    }
}

/// The next keystores of an instance after one of them, and whether there are more.
pub(super) fn following(
    view: &View,
    instance: &Instance,
    after: Option<KeystoreId>,
    most: usize,
) -> (Vec<KeystoreId>, bool) {
    let ids = view.keystores(instance.id).into_iter().flat_map(|keystores| keystores.ids());
    let mut left = ids.filter(|id| after.is_none_or(|after| *id > after));
    let part: Vec<_> = left.by_ref().take(most).collect();
    (part, left.next().is_some())
}

impl Act for ListKeystoresByIds {
    fn reads(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        let part = self.part(view, instance).unwrap_or_default();
        let keystores = part.into_iter().map(|(id, _)| RecordKey::Keystore(instance.id, id));
        std::iter::once(RecordKey::Keystores(instance.id)).chain(keystores).collect()
    }

    fn rests_on(&self, _: &View, instance: &Instance) -> Vec<RecordKey> {
        // Which keystores there are. That keys come and go in them meanwhile does not matter.
        vec![RecordKey::Keystores(instance.id)]
    }

    fn concern(&self) -> Concern {
        Concern { keystore: None, names: self.ids.iter().take(MOST_IDS).map(|id| id.0).collect() }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        let (mut found, mut weight, mut next) = (Vec::new(), Weight::default(), Vec::new());
        for (id, token) in self.part(scene.view, scene.instance)? {
            if let Some(keystore) = scene.view.keystore(scene.instance.id, id) {
                if !weight.takes(keystore.size()) {
                    break;
                }
                found.push(keystore.clone());
            }
            next = token;
        }
        Ok(Done::reply(KeystoreReply::Keystores(found, next)))
    }
}
