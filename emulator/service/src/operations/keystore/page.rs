//! Listings in pieces.

use hpcs_ep11::pkcs11::ReturnValue;
use hpcs_names::{InstanceId, KeystoreId, StoredKeyId, Uuid};

use crate::keystore::bucket_of;
use crate::{RecordKey, View};

/// How much of a listing is given, and where it goes on.
pub struct Page {
    limit: usize,
    token: Vec<u8>,
}

/// Entries of a page when nothing is said.
const DEFAULT: usize = 200;

/// Entries that a page can have, and that one call looks at.
pub(super) const MOST: usize = 1000;

/// Ids that a call can name: its event names them all, and an event is a line.
pub(super) const MOST_IDS: usize = 256;

/// Bytes of the keys of a page: what clients receive unless they ask for more is 4 MiB.
const MOST_BYTES: usize = 3 * 1024 * 1024;

impl Page {
    /// A page of this many entries, 0 for 200, after the one that gave this token.
    ///
    /// # Errors
    /// `ARGUMENTS_BAD` for more than 1,000.
    pub fn new(limit: u32, token: Vec<u8>) -> Result<Self, ReturnValue> {
        let limit = match usize::try_from(limit) {
            Ok(0) => DEFAULT,
            Ok(limit) if limit <= MOST => limit,
            _ => return Err(ReturnValue::ARGUMENTS_BAD),
        };
        Ok(Page { limit, token })
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// The position among ids that the caller names.
    pub(super) fn position(&self) -> Result<usize, ReturnValue> {
        match <[u8; 4]>::try_from(&self.token[..]) {
            Ok(position) => Ok(u32::from_be_bytes(position) as usize),
            Err(_) if self.token.is_empty() => Ok(0),
            Err(_) => Err(ReturnValue::ARGUMENTS_BAD),
        }
    }

    /// The keystore that was given last.
    pub(super) fn after_keystore(&self) -> Result<Option<KeystoreId>, ReturnValue> {
        match <[u8; 16]>::try_from(&self.token[..]) {
            Ok(id) => Ok(Some(KeystoreId(Uuid::from_bytes(id)))),
            Err(_) if self.token.is_empty() => Ok(None),
            Err(_) => Err(ReturnValue::ARGUMENTS_BAD),
        }
    }

    /// The key that was given last.
    pub(super) fn after_key(&self) -> Result<Option<Place>, ReturnValue> {
        let Some((keystore, key)) = self.token.split_first_chunk::<16>() else {
            return if self.token.is_empty() { Ok(None) } else { Err(ReturnValue::ARGUMENTS_BAD) };
        };
        let key = <[u8; 16]>::try_from(key).map_err(|_| ReturnValue::ARGUMENTS_BAD)?;
        Ok(Some((KeystoreId(Uuid::from_bytes(*keystore)), StoredKeyId(Uuid::from_bytes(key)))))
    }
}

/// The token after a position.
pub(super) fn position_token(position: usize) -> Vec<u8> {
    u32::try_from(position).unwrap_or(u32::MAX).to_be_bytes().to_vec()
}

/// The token after a keystore.
pub(super) fn keystore_token(id: KeystoreId) -> Vec<u8> {
    id.0.as_bytes().to_vec()
}

/// The token after a key.
pub(super) fn key_token((keystore, key): Place) -> Vec<u8> {
    [keystore.0, key.0].iter().flat_map(|id| *id.as_bytes()).collect()
}

/// A key and where it is. Keys are listed by keystore, bucket, id.
pub(super) type Place = (KeystoreId, StoredKeyId);

/// Part of a walk through keys.
#[derive(Default)]
pub(super) struct Walk {
    /// The buckets that the part touches, and that have to be read before its keys are known.
    pub(super) buckets: Vec<RecordKey>,
    /// Its keys, as far as their buckets were read.
    pub(super) keys: Vec<Place>,
}

/// The next `most` keys of these keystores, ascending, after one of them.
pub(super) fn walk(
    view: &View,
    instance: InstanceId,
    keystores: &[KeystoreId],
    after: Option<Place>,
    most: usize,
) -> Walk {
    let mut walk = Walk::default();
    // Of the bucket that the last part ended in some keys are left, nobody knows how many before it was read.
    let mut expected = 0;
    for id in keystores.iter().filter(|id| after.is_none_or(|(keystore, _)| **id >= keystore)) {
        let within = after.filter(|(keystore, _)| keystore == id).map(|(_, key)| (bucket_of(key), key));
        let filled = view.keystore(instance, *id).into_iter().flat_map(|keystore| keystore.sizes.filled());
        for (bucket, size) in filled.filter(|(bucket, _)| within.is_none_or(|(from, _)| *bucket >= from)) {
            if expected >= most {
                return walk;
            }
            walk.buckets.push(RecordKey::KeyBucket(instance, *id, bucket));
            let partly = within.filter(|(from, _)| *from == bucket);
            let keys = view.key_bucket(instance, *id, bucket).iter();
            let left = keys.filter(|key| partly.is_none_or(|(_, after)| **key > after)).map(|key| (*id, *key));
            walk.keys.extend(left.take(most - walk.keys.len().min(most)));
            expected += if partly.is_some() { 0 } else { size };
        }
    }
    walk
}

/// Counts the bytes of a page.
#[derive(Default)]
pub(super) struct Weight(usize);

impl Weight {
    /// Whether an entry of this size has room; the first one always has.
    pub(super) fn takes(&mut self, size: usize) -> bool {
        let fits = self.0 == 0 || self.0 + size <= MOST_BYTES;
        self.0 += size.max(1);
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: u32, token: &[u8]) -> Result<Page, ReturnValue> {
        Page::new(limit, token.to_vec())
    }

    #[test]
    fn a_page_has_200_entries_unless_said_otherwise_and_1000_at_most() {
        assert_eq!(page(0, &[]).map(|page| page.limit()), Ok(200));
        assert_eq!(page(1000, &[]).map(|page| page.limit()), Ok(1000));
        assert_eq!(page(1001, &[]).err(), Some(ReturnValue::ARGUMENTS_BAD));
    }

    #[test]
    fn a_token_comes_back_and_that_of_another_listing_is_refused() {
        let place = (KeystoreId(Uuid::from_bytes([1; 16])), StoredKeyId(Uuid::from_bytes([2; 16])));
        let keys = page(0, &key_token(place)).ok().unwrap();
        assert_eq!(keys.after_key(), Ok(Some(place)));
        assert_eq!(keys.after_keystore(), Err(ReturnValue::ARGUMENTS_BAD));
        assert_eq!(keys.position(), Err(ReturnValue::ARGUMENTS_BAD));
        assert_eq!(page(0, &position_token(7)).ok().unwrap().position(), Ok(7));
        assert_eq!(page(0, &keystore_token(place.0)).ok().unwrap().after_keystore(), Ok(Some(place.0)));
        assert_eq!(page(0, &[1; 31]).ok().unwrap().after_key(), Err(ReturnValue::ARGUMENTS_BAD));
        assert_eq!(page(0, &[]).ok().unwrap().after_key(), Ok(None));
    }

    #[test]
    fn a_page_ends_before_it_is_too_large_but_not_before_its_first_entry() {
        let mut weight = Weight::default();
        assert!(weight.takes(MOST_BYTES + 1) && !weight.takes(1));
        let mut weight = Weight::default();
        assert!(weight.takes(MOST_BYTES - 1) && weight.takes(1) && !weight.takes(1));
    }
}
