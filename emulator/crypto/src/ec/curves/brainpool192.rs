//! brainpoolP192r1 and its twist brainpoolP192t1: RFC 5639, section 3.2.

use super::define::define_curves;

define_curves! {
    uint: U192,
    bytes: U24,
    modulus: "c302f41d932a36cda7a3463093d18db78fce476de1a86297", non_residue: 3,
    order: "c302f41d932a36cda7a3462f9e9e916b5be8f1029ac4acc1", non_residue: 7,

    /// The curve with verifiably random coefficients.
    BrainpoolP192r1 {
        arithmetic: EquationAIsGeneric,
        a: "6a91174076b1e0e19c39c031fe8685c1cae040e5c69a28ef",
        b: "469a28ef7c28cca3dc721d044f4496bcca7ef4146fbf25c9",
        x: "c0a0647eaab6a48753b033c56cb0f0900a2f5c4853375fd6",
        y: "14b690866abd5bb88b5f4828c1490002e6773fa2fa299b8f",
    }

    /// The isomorphic curve with a = -3.
    BrainpoolP192t1 {
        arithmetic: EquationAIsMinusThree,
        a: "c302f41d932a36cda7a3463093d18db78fce476de1a86294",
        b: "13d56ffaec78681e68f9deb43b35bec2fb68542e27897b79",
        x: "3ae9e58c82f63c30282e1fe7bbf43fa72c446af6f4618129",
        y: "097e2c5667c2223a902ab5ca449d0084b7e5b3de7ccc01c9",
    }
}
