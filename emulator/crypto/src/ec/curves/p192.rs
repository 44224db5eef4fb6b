//! P-192: FIPS 186-4, appendix D.1.2.1, and SEC 2 version 1, section 2.5.2 (secp192r1).

use super::define::define_curves;

define_curves! {
    uint: U192,
    bytes: U24,
    modulus: "fffffffffffffffffffffffffffffffeffffffffffffffff", non_residue: 11,
    order: "ffffffffffffffffffffffff99def836146bc9b1b4d22831", non_residue: 3,

    /// P-192, also secp192r1 and prime192v1.
    NistP192 {
        arithmetic: EquationAIsMinusThree,
        a: "fffffffffffffffffffffffffffffffefffffffffffffffc",
        b: "64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
        x: "188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
        y: "07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
    }
}
