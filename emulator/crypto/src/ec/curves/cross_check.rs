//! Curves that a crate has, defined as the others are, to hold the definition against the crate.

use elliptic_curve::ff::{Field, PrimeField};
use elliptic_curve::ops::{MulByGeneratorVartime, Reduce};
use elliptic_curve::{FieldBytes, Group};
use proptest::prelude::*;

use super::define::define_curves;
use crate::ec::weierstrass::{self, Weierstrass};

mod p256_defined_here {
    use super::define_curves;

    define_curves! {
        uint: U256,
        bytes: U32,
        modulus: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", non_residue: 3,
        order: "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", non_residue: 7,

        /// P-256, where a is -3.
        Defined {
            arithmetic: EquationAIsMinusThree,
            a: "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
            b: "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
            x: "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            y: "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        }
    }
}

mod bp256_defined_here {
    use super::define_curves;

    define_curves! {
        uint: U256,
        bytes: U32,
        modulus: "a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377", non_residue: 11,
        order: "a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7", non_residue: 3,

        /// brainpoolP256r1, where a is any number.
        Defined {
            arithmetic: EquationAIsGeneric,
            a: "7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
            b: "26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
            x: "8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
            y: "547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
        }
    }
}

/// What both must agree on: the multiples of the base point, sums and products of scalars, and x modulo n.
fn results<C: Weierstrass<FieldBytesSize = elliptic_curve::consts::U32>>(a: &[u8; 32], b: &[u8; 32]) -> Vec<Vec<u8>> {
    let (a, b) = (weierstrass::reduced_scalar::<C>(a), weierstrass::reduced_scalar::<C>(b));
    let base = weierstrass::multiply_base::<C>(&a);
    let sum = C::ProjectivePoint::mul_by_generator_and_mul_add_vartime(&a, &b, &base);
    let x: FieldBytes<C> = weierstrass::x_coordinate::<C>(&sum);
    let inverse = Option::<C::Scalar>::from(Field::invert(&a)).unwrap_or_default();
    vec![
        weierstrass::uncompressed::<C>(&base),
        weierstrass::compressed::<C>(&(base * b)),
        weierstrass::uncompressed::<C>(&(sum - base)),
        (a * b + a - b).to_repr().to_vec(),
        inverse.to_repr().to_vec(),
        C::Scalar::reduce(&x).to_repr().to_vec(),
        vec![u8::from(bool::from((base * (-C::Scalar::ONE) + base).is_identity()))],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_definition_agrees_with_the_crate(a: [u8; 32], b: [u8; 32]) {
        prop_assert_eq!(results::<p256_defined_here::Defined>(&a, &b), results::<p256::NistP256>(&a, &b));
        prop_assert_eq!(results::<bp256_defined_here::Defined>(&a, &b), results::<bp256::BrainpoolP256r1>(&a, &b));
    }
}

#[test]
fn the_definition_agrees_with_the_crate_at_the_edges() {
    let one = {
        let mut one = [0; 32];
        one[31] = 1;
        one
    };
    for a in [[0; 32], one, [0xFF; 32]] {
        for b in [[0; 32], one, [0xFF; 32]] {
            assert_eq!(results::<p256_defined_here::Defined>(&a, &b), results::<p256::NistP256>(&a, &b));
            assert_eq!(results::<bp256_defined_here::Defined>(&a, &b), results::<bp256::BrainpoolP256r1>(&a, &b));
        }
    }
}
