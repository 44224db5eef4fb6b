//! brainpoolP224r1 and its twist brainpoolP224t1: RFC 5639, section 3.3.

use super::define::define_curves;

define_curves! {
    uint: U256,
    bytes: U28,
    modulus: "00000000d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0ff", non_residue: 3,
    order: "00000000d7c134aa264366862a18302575d0fb98d116bc4b6ddebca3a5a7939f", non_residue: 3,

    /// The curve with verifiably random coefficients.
    BrainpoolP224r1 {
        arithmetic: EquationAIsGeneric,
        a: "68a5e62ca9ce6c1c299803a6c1530b514e182ad8b0042a59cad29f43",
        b: "2580f63ccfe44138870713b1a92369e33e2135d266dbb372386c400b",
        x: "0d9029ad2c7e5cf4340823b2a87dc68c9e4ce3174c1e6efdee12c07d",
        y: "58aa56f772c0726f24c6b89e4ecdac24354b9e99caa3f6d3761402cd",
    }

    /// The isomorphic curve with a = -3.
    BrainpoolP224t1 {
        arithmetic: EquationAIsMinusThree,
        a: "d7c134aa264366862a18302575d1d787b09f075797da89f57ec8c0fc",
        b: "4b337d934104cd7bef271bf60ced1ed20da14c08b3bb64f18a60888d",
        x: "6ab1e344ce25ff3896424e7ffe14762ecb49f8928ac0c76029b4d580",
        y: "0374e9f5143e568cd23f3f4d7c0d4b1e41c8cc0d1c6abd5f1a46db4c",
    }
}
