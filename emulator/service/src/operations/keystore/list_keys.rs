//! What both listings of keys share: which keystores they look into, and what of a key can be seen.

use std::collections::HashMap;

use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::{KeystoreId, StoredKeyId};

use super::page::{Place, Walk, Weight, key_token, walk};
use super::scene::Scene;
use super::{Done, KeystoreReply, StoredKey};
use crate::keystore::{KeyContent, LockKey, Password};
use crate::{Instance, RecordKey, View};

/// The keystores that a listing looks into.
pub(super) struct Within<'a> {
    /// Those that the caller names; all when there is none.
    pub(super) named: &'a [KeystoreId],
    /// Their password, the same for all.
    pub(super) password: Option<&'a Password>,
}

impl Within<'_> {
    /// The keystores, ascending.
    fn keystores(&self, view: &View, instance: &Instance) -> Vec<KeystoreId> {
        let mut ids = self.named.to_vec();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            ids.extend(view.keystores(instance.id).into_iter().flat_map(|keystores| keystores.ids()));
        }
        ids
    }

    /// The next `most` keys in them.
    pub(super) fn walk(&self, view: &View, instance: &Instance, after: Option<Place>, most: usize) -> Walk {
        walk(view, instance.id, &self.keystores(view, instance), after, most)
    }

    /// The records of the keystores.
    pub(super) fn records(&self, view: &View, instance: &Instance) -> Vec<RecordKey> {
        let list = RecordKey::Keystores(instance.id);
        let keystores = self.keystores(view, instance).into_iter().map(|id| RecordKey::Keystore(instance.id, id));
        std::iter::once(list).chain(keystores).collect()
    }

    /// The keys among these that the caller can see and that `fits` likes, no more than `limit`; then the token after the
    /// last one that was looked at, unless that was the last one there is.
    pub(super) fn page(
        &self,
        scene: &Scene<'_>,
        (keys, more): (&[Place], bool),
        limit: usize,
        fits: impl Fn(&KeyContent) -> bool,
    ) -> Result<Done, ReturnValue> {
        let mut locks = Locks { within: self, scene, opened: HashMap::new() };
        let (mut found, mut weight) = (Vec::new(), Weight::default());
        let mut seen = None;
        for (index, place) in keys.iter().enumerate() {
            let key = locks.content(*place)?.filter(|(_, content)| fits(content));
            let full = key.as_ref().is_some_and(|(_, content)| found.len() == limit || !weight.takes(content.size()));
            if full {
                return Ok(Done::reply(KeystoreReply::Keys(found, seen.map(key_token).unwrap_or_default())));
            }
            found.extend(key.map(|(shown, content)| scene.shown(shown, &content)));
            seen = Some(*place).filter(|_| more || index + 1 < keys.len());
        }
        Ok(Done::reply(KeystoreReply::Keys(found, seen.map(key_token).unwrap_or_default())))
    }

    /// One key, if it is there and the caller can see it.
    pub(super) fn one(&self, scene: &Scene<'_>, id: StoredKeyId) -> Result<Option<(StoredKey, usize)>, ReturnValue> {
        let Some(key) = scene.view.stored_key(scene.instance.id, id) else { return Ok(None) };
        if !self.named.is_empty() && !self.named.contains(&key.keystore) {
            return Ok(None);
        }
        let mut locks = Locks { within: self, scene, opened: HashMap::new() };
        let found = locks.content((key.keystore, id))?;
        Ok(found.map(|(key, content)| (scene.shown(key, &content), content.size())))
    }
}

/// Keystores that were opened in a call: a key is made of the password once.
struct Locks<'a> {
    within: &'a Within<'a>,
    scene: &'a Scene<'a>,
    opened: HashMap<KeystoreId, Option<LockKey>>,
}

impl<'a> Locks<'a> {
    /// The content of a key; none when it is not there, or locked in a keystore that nobody named.
    ///
    /// # Errors
    /// `PIN_INCORRECT` when it is locked in a keystore that the caller names.
    fn content(
        &mut self,
        (keystore, id): Place,
    ) -> Result<Option<(&'a crate::keystore::KeyRecord, KeyContent)>, ReturnValue> {
        let instance = self.scene.instance.id;
        let (Some(keystore), Some(key)) =
            (self.scene.view.keystore(instance, keystore), self.scene.view.stored_key(instance, id))
        else {
            return Ok(None);
        };
        let Some(lock) = &keystore.lock else { return self.scene.content(key, None).map(|found| Some((key, found))) };
        if !self.opened.contains_key(&keystore.id) {
            let opened = match lock.open(self.within.password, keystore.id) {
                Err(wrong) if self.within.named.contains(&keystore.id) => return Err(wrong),
                opened => opened.ok(),
            };
            self.opened.insert(keystore.id, opened);
        }
        match self.opened.get(&keystore.id).and_then(Option::as_ref) {
            Some(opened) => self.scene.content(key, Some(opened)).map(|found| Some((key, found))),
            None => Ok(None),
        }
    }
}
