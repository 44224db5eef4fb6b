//! Keys for the tests. Making one takes a while, so all tests share them.

use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

use super::RsaPrivateKey;

pub(super) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(super) fn key_1024() -> &'static RsaPrivateKey {
    static KEY: LazyLock<RsaPrivateKey> =
        LazyLock::new(|| RsaPrivateKey::generate(1024, 65537, &mut rng(1024)).unwrap());
    &KEY
}

pub(super) fn key_2048() -> &'static RsaPrivateKey {
    static KEY: LazyLock<RsaPrivateKey> =
        LazyLock::new(|| RsaPrivateKey::generate(2048, 65537, &mut rng(2048)).unwrap());
    &KEY
}
