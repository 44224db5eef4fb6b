//! `hs-crypto.keystore.listkeystoresbyattributes`: keystores that are as a template says.

use hpcs_audit::catalogue::ep11;
use hpcs_ep11::pkcs11::ReturnValue;

use super::list_keystores_by_ids::following;
use super::page::{MOST, Page, Weight, keystore_token};
use super::scene::Scene;
use super::{Act, Concern, Done, KeystoreAction, KeystoreReply};
use crate::keystore::{Attributes, Keystore, KeystoreType};
use crate::{Instance, RecordKey, Role, View};

pub(super) const ACTION: KeystoreAction = KeystoreAction {
    method: "ListKeystoresByAttributes",
    row: ep11::LIST_KEYSTORES_BY_ATTRIBUTES,
    roles: &[Role::Manager, Role::KeystoreOperator],
};

/// What the keystores are like.
pub struct ListKeystoresByAttributes {
    /// Values of attributes; each has to be the same.
    pub attributes: Attributes,
    /// The type, where it matters.
    pub kind: Option<KeystoreType>,
    /// The name, where it matters.
    pub name: Option<String>,
    /// How many of them. One call looks at 1,000 keystores: a page may have few, or none, and more may follow.
    pub page: Page,
}

impl ListKeystoresByAttributes {
    fn matches(&self, keystore: &Keystore) -> bool {
        self.kind.is_none_or(|kind| kind == keystore.kind)
            && self.name.as_ref().is_none_or(|name| *name == keystore.name)
            && keystore.attributes.matches(&self.attributes)
    }
}

impl Act for ListKeystoresByAttributes {
    fn reads(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        let after = self.page.after_keystore().unwrap_or_default();
        let (part, _) = following(view, instance, after, MOST);
        let keystores = part.into_iter().map(|id| RecordKey::Keystore(instance.id, id));
        std::iter::once(RecordKey::Keystores(instance.id)).chain(keystores).collect()
    }

    fn rests_on(&self, _: &View, instance: &Instance) -> Vec<RecordKey> {
        vec![RecordKey::Keystores(instance.id)]
    }

    fn concern(&self) -> Concern {
        Concern::default()
    }

    fn carry_out(&self, scene: &Scene<'_>) -> Result<Done, ReturnValue> {
        let (part, more) = following(scene.view, scene.instance, self.page.after_keystore()?, MOST);
        let (mut found, mut weight, mut seen, count) = (Vec::new(), Weight::default(), None, part.len());
        for (index, id) in part.into_iter().enumerate() {
            let keystore = scene.view.keystore(scene.instance.id, id).filter(|found| self.matches(found));
            let full = |keystore: &Keystore| found.len() == self.page.limit() || !weight.takes(keystore.size());
            if keystore.is_some_and(full) {
                break;
            }
            found.extend(keystore.cloned());
            seen = Some(id).filter(|_| more || index + 1 < count);
        }
        Ok(Done::reply(KeystoreReply::Keystores(found, seen.map(keystore_token).unwrap_or_default())))
    }
}
