//! P-224: SP 800-186, section 3.2.1.2, and SEC 2, section 2.3.2 (secp224r1).

use super::define::define_curves;

define_curves! {
    uint: U256,
    bytes: U28,
    modulus: "00000000ffffffffffffffffffffffffffffffff000000000000000000000001", non_residue: 11,
    order: "00000000ffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d", non_residue: 2,

    /// P-224, also secp224r1.
    NistP224 {
        arithmetic: EquationAIsMinusThree,
        a: "fffffffffffffffffffffffffffffffefffffffffffffffffffffffe",
        b: "b4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4",
        x: "b70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21",
        y: "bd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34",
    }
}
