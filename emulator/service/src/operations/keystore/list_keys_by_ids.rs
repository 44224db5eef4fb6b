//! `hs-crypto.keystore.listkeysbyids`: keys by id, or all of them.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::{KeystoreId, StoredKeyId};

use super::list_keys::Within;
use super::page::{MOST_IDS, Page, Weight, position_token};
use super::scene::Scene;
use super::{Act, Concern, Done, EVERY_KEY_ROLE, KeystoreAction, KeystoreReply};
use crate::keystore::Password;
use crate::{Instance, RecordKey, View};

pub(super) const ACTION: KeystoreAction =
    KeystoreAction { method: "ListKeysByIds", row: ep11::LIST_KEYS_BY_IDS, roles: EVERY_KEY_ROLE };

/// Which keys.
pub struct ListKeysByIds {
    /// The keystores that they are in; any when there is none.
    pub keystores: Vec<KeystoreId>,
    /// Their ids; all keys when there is none.
    pub ids: Vec<StoredKeyId>,
    /// How many of them.
    pub page: Page,
    /// The password of the keystores.
    pub password: Option<Password>,
}

impl ListKeysByIds {
    fn within(&self) -> Within<'_> {
        Within { named: &self.keystores, password: self.password.as_ref() }
    }

    /// The ids of this page, and where in the list it begins.
    fn part(&self) -> Result<(&[StoredKeyId], usize), ReturnValue> {
        let from = self.page.position()?.min(self.ids.len());
        let to = (from + self.page.limit()).min(self.ids.len());
        Ok((&self.ids[from..to], from))
    }
}

impl Act for ListKeysByIds {
    fn reads(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        let mut records = self.within().records(view, instance);
        let stored = |id| RecordKey::StoredKey(instance.id, id);
        if self.ids.is_empty() {
            let after = self.page.after_key().unwrap_or_default();
            let walk = self.within().walk(view, instance, after, self.page.limit() + 1);
            records.extend(walk.buckets);
            records.extend(walk.keys.into_iter().map(|(_, key)| stored(key)));
        } else if self.ids.len() <= MOST_IDS {
            records.extend(self.part().into_iter().flat_map(|(part, _)| part).map(|id| stored(*id)));
        }
        records
    }

    fn rests_on(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        self.within().records(view, instance)
    }

    fn concern(&self) -> Concern {
        let keys = self.ids.iter().take(MOST_IDS).map(|id| id.0);
        let keystores = self.keystores.iter().take(MOST_IDS).map(|id| id.0);
        Concern { keystore: None, names: if self.ids.is_empty() { keystores.collect() } else { keys.collect() } }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        if self.ids.len() > MOST_IDS || self.keystores.len() > MOST_IDS {
            return Err(ReturnValue::ARGUMENTS_BAD);
        }
        let within = self.within();
        if self.ids.is_empty() {
            let limit = self.page.limit();
            let mut keys = within.walk(scene.view, scene.instance, self.page.after_key()?, limit + 1).keys;
            let more = keys.len() > limit;
            keys.truncate(limit);
            return within.page(scene, (&keys, more), limit, |_| true);
        }
        let (part, from) = self.part()?;
        let (mut found, mut weight) = (Vec::new(), Weight::default());
        let mut next = from;
        for id in part {
            match within.one(scene, *id)? {
                Some((_, size)) if !weight.takes(size) => break,
                key => found.extend(key.map(|(key, _)| key)),
            }
            next += 1;
        }
        let token = if next < self.ids.len() { position_token(next) } else { Vec::new() };
        Ok(Done::reply(KeystoreReply::Keys(found, token)))
    }
}
