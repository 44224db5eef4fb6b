//! `hs-crypto.keystore.listkeysbyattributes`: keys that are as a template says.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::KeystoreId;

use super::list_keys::Within;
use super::page::{MOST, MOST_IDS, Page};
use super::scene::Scene;
use super::{Act, Concern, Done, EVERY_KEY_ROLE, KeystoreAction};
use crate::keystore::{Attributes, Password};
use crate::{Instance, RecordKey, View};

pub(super) const ACTION: KeystoreAction =
    KeystoreAction { method: "ListKeysByAttributes", row: ep11::LIST_KEYS_BY_ATTRIBUTES, roles: EVERY_KEY_ROLE };

/// What the keys are like.
pub struct ListKeysByAttributes {
    /// The keystores that they are in; any when there is none.
    pub keystores: Vec<KeystoreId>,
    /// Values of attributes; each has to be the same.
    pub attributes: Attributes,
    /// How many of them. One call looks at 1,000 keys: a page may have few, or none, and more may follow.
    pub page: Page,
    /// The password of the keystores.
    pub password: Option<Password>,
}

impl ListKeysByAttributes {
    fn within(&self) -> Within<'_> {
        Within { named: &self.keystores, password: self.password.as_ref() }
    }
}

impl Act for ListKeysByAttributes {
    fn reads(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        let after = self.page.after_key().unwrap_or_default();
        let walk = self.within().walk(view, instance, after, MOST + 1);
        let keys = walk.keys.into_iter().map(|(_, key)| RecordKey::StoredKey(instance.id, key));
        self.within().records(view, instance).into_iter().chain(walk.buckets).chain(keys).collect()
    }

    fn rests_on(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        self.within().records(view, instance)
    }

    fn concern(&self) -> Concern {
        Concern { keystore: None, names: self.keystores.iter().take(MOST_IDS).map(|id| id.0).collect() }
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        if self.keystores.len() > MOST_IDS {
            return Err(ReturnValue::ARGUMENTS_BAD);
        }
        let within = self.within();
        let mut keys = within.walk(scene.view, scene.instance, self.page.after_key()?, MOST + 1).keys;
        let more = keys.len() > MOST;
        keys.truncate(MOST);
        within
            .page(scene, (&keys, more), self.page.limit(), |content| content.all_attributes().matches(&self.attributes))
    }
}
