//! Which of its keystore's buckets a key's id is in.

use hpcs_names::StoredKeyId;
use sha2::{Digest, Sha256};

/// Buckets of a keystore.
pub const BUCKETS: usize = 256;

/// The bucket of a key. Clients choose ids, so it follows from all of the id: counted ids spread as random ones do.
pub fn bucket_of(key: StoredKeyId) -> u8 {
    Sha256::digest(key.0.as_bytes())[0]
}

/// How many keys each bucket of a keystore has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketSizes([u16; BUCKETS]);

impl Default for BucketSizes {
    fn default() -> Self {
        BucketSizes([0; BUCKETS])
    }
}

impl BucketSizes {
    /// Of these sizes.
    pub fn new(sizes: [u16; BUCKETS]) -> Self {
        BucketSizes(sizes)
    }

    /// The size of each bucket.
    pub fn as_array(&self) -> &[u16; BUCKETS] {
        &self.0
    }

    /// Keys in all buckets.
    pub fn total(&self) -> u32 {
        self.0.iter().map(|size| u32::from(*size)).sum()
    }

    /// The buckets with keys, ascending, and how many each has.
    pub fn filled(&self) -> impl Iterator<Item = (u8, usize)> {
        let numbered = (0..=u8::MAX).zip(self.0);
        numbered.filter(|(_, size)| *size > 0).map(|(bucket, size)| (bucket, usize::from(size)))
    }

    /// With this many keys in a bucket.
    #[must_use]
    pub(crate) fn with(mut self, bucket: u8, keys: usize) -> Self {
        self.0[usize::from(bucket)] = u16::try_from(keys).unwrap_or(u16::MAX);
        self
    }
}

#[cfg(test)]
mod tests {
    use hpcs_names::Uuid;

    use super::*;

    #[test]
    fn counted_ids_fill_all_buckets_alike() {
        let mut sizes = [0_usize; BUCKETS];
        for number in 0..20_000_u128 {
            sizes[usize::from(bucket_of(StoredKeyId(Uuid::from_bytes(number.to_be_bytes()))))] += 1;
        }
        assert!(sizes.iter().all(|size| (40..140).contains(size)), "{sizes:?}");
    }

    #[test]
    fn sizes_add_up() {
        let sizes = BucketSizes::default().with(0, 3).with(255, 2);
        assert_eq!(sizes.total(), 5);
        assert_eq!(sizes.filled().collect::<Vec<_>>(), [(0, 3), (255, 2)]);
        assert_eq!(sizes.with(0, 0).filled().collect::<Vec<_>>(), [(255, 2)]);
    }
}
