//! brainpoolP160r1 and its twist brainpoolP160t1: RFC 5639, section 3.1.

use super::define::define_curves;

define_curves! {
    uint: U192,
    bytes: U20,
    modulus: "00000000e95e4a5f737059dc60dfc7ad95b3d8139515620f", non_residue: 3,
    order: "00000000e95e4a5f737059dc60df5991d45029409e60fc09", non_residue: 5,

    /// The curve with verifiably random coefficients.
    BrainpoolP160r1 {
        arithmetic: EquationAIsGeneric,
        a: "340e7be2a280eb74e2be61bada745d97e8f7c300",
        b: "1e589a8595423412134faa2dbdec95c8d8675e58",
        x: "bed5af16ea3f6a4f62938c4631eb5af7bdbcdbc3",
        y: "1667cb477a1a8ec338f94741669c976316da6321",
    }

    /// The isomorphic curve with a = -3.
    BrainpoolP160t1 {
        arithmetic: EquationAIsMinusThree,
        a: "e95e4a5f737059dc60dfc7ad95b3d8139515620c",
        b: "7a556b6dae535b7b51ed2c4d7daa7a0b5c55f380",
        x: "b199b13b9b34efc1397e64baeb05acc265ff2378",
        y: "add6718b7c7c1961f0991b842443772152c9e0ad",
    }
}
