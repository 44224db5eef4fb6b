//! How a prime curve that no crate has is defined: from its domain parameters alone.

/// Defines the curves over one prime field that share one order.
///
/// `primefield` makes the two fields, `primeorder` the arithmetic: complete addition formulas (Renes, Costello and
/// Batina, <https://eprint.iacr.org/2015/1060>) and multiplication in constant time. All numbers are big-endian
/// hexadecimal; the modulus and the order are as wide as `uint`, the integer that holds them, everything else as `bytes`, the size of an
/// encoded element. A `non_residue` is
/// the smallest quadratic non-residue, from which the field finds its roots of unity.
macro_rules! define_curves {
    (
        uint: $uint:ident,
        bytes: $bytes:ident,
        modulus: $modulus:literal, non_residue: $modulus_non_residue:literal,
        order: $order:literal, non_residue: $order_non_residue:literal,
        $(
            $(#[$documentation:meta])*
            $curve:ident {
                arithmetic: $arithmetic:ident,
                a: $a:literal,
                b: $b:literal,
                x: $x:literal,
                y: $y:literal,
            }
        )+
    ) => {
        use elliptic_curve::bigint::$uint;

        mod field {
            use elliptic_curve::bigint::$uint;
            use elliptic_curve::ff::PrimeField;
            use elliptic_curve::subtle::{Choice, ConstantTimeEq, CtOption};

            primefield::monty_field_params! {
                name: FieldParams,
                modulus: $modulus,
                uint: $uint,
                byte_order: primefield::ByteOrder::BigEndian,
                multiplicative_generator: $modulus_non_residue,
                doc: "The field modulus"
            }

            primefield::monty_field_element! {
                name: FieldElement,
                params: FieldParams,
                uint: $uint,
                doc: "An element of the field"
            }

            primefield::monty_field_arithmetic! {
                name: FieldElement,
                params: FieldParams,
                uint: $uint
            }

            impl elliptic_curve::ops::BatchInvert for FieldElement {}
        }

        mod scalar {
            use elliptic_curve::bigint::$uint;
            use elliptic_curve::ff::PrimeField;
            use elliptic_curve::ops::Reduce;
            use elliptic_curve::scalar::{FromUintUnchecked, IsHigh};
            use elliptic_curve::subtle::{Choice, ConstantTimeEq, ConstantTimeGreater, CtOption};

            primefield::monty_field_params! {
                name: ScalarParams,
                modulus: $order,
                uint: $uint,
                byte_order: primefield::ByteOrder::BigEndian,
                multiplicative_generator: $order_non_residue,
                doc: "The order of the group"
            }

            primefield::monty_field_element! {
                name: Scalar,
                params: ScalarParams,
                uint: $uint,
                doc: "An integer modulo the order of the group"
            }

            primefield::monty_field_arithmetic! {
                name: Scalar,
                params: ScalarParams,
                uint: $uint
            }

            primeorder::wnaf::impl_wnaf_size_for_scalar!(Scalar);

            $( elliptic_curve::scalar_impls!(super::$curve, Scalar); )+

            impl AsRef<Scalar> for Scalar {
                fn as_ref(&self) -> &Scalar {
                    self
                }
            }

            impl FromUintUnchecked for Scalar {
                type Uint = $uint;

                fn from_uint_unchecked(uint: $uint) -> Self {
                    Self::from_uint_unchecked(uint)
                }
            }

            impl IsHigh for Scalar {
                fn is_high(&self) -> Choice {
                    let half = ScalarParams::PARAMS.modulus().as_ref().shr_vartime(1);
                    self.to_canonical().ct_gt(&half)
                }
            }

            impl Reduce<$uint> for Scalar {
                fn reduce(uint: &$uint) -> Self {
                    Self::from_uint_unchecked(*uint)
                }
            }

            // Not primefield::monty_field_reduce: it demands an integer exactly as wide as the bytes.
            impl Reduce<primefield::MontyFieldBytes<ScalarParams, { <$uint>::LIMBS }>> for Scalar {
                fn reduce(bytes: &primefield::MontyFieldBytes<ScalarParams, { <$uint>::LIMBS }>) -> Self {
                    let bits = 8 * bytes.len() as u32;
                    let order = primefield::ByteOrder::BigEndian;
                    let uint = <$uint as elliptic_curve::bigint::Encoding>::from_slice_truncated(bytes, bits, order);
                    Self::from_uint_unchecked(uint)
                }
            }
        }

        $(
            $(#[$documentation])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
            #[allow(unreachable_pub, reason = "it stands in impls of public traits for the public type Scalar")]
            pub struct $curve;

            impl elliptic_curve::Curve for $curve {
                type FieldBytesSize = elliptic_curve::consts::$bytes;
                type Uint = $uint;
                const ORDER: elliptic_curve::bigint::Odd<$uint> =
                    elliptic_curve::bigint::Odd::<$uint>::from_be_hex($order);
            }

            impl elliptic_curve::PrimeCurve for $curve {}

            impl elliptic_curve::point::PointCompression for $curve {
                const COMPRESS_POINTS: bool = false;
            }

            impl elliptic_curve::CurveArithmetic for $curve {
                type AffinePoint = primeorder::AffinePoint<Self>;
                type ProjectivePoint = primeorder::ProjectivePoint<Self>;
                type Scalar = scalar::Scalar;
            }

            impl elliptic_curve::hazmat::FieldArithmetic for $curve {
                type FieldElement = field::FieldElement;
            }

            impl elliptic_curve::PrimeCurveArithmetic for $curve {
                type CurveGroup = primeorder::ProjectivePoint<Self>;
            }

            impl primeorder::PrimeCurveParams for $curve {
                type PointArithmetic = primeorder::point_arithmetic::$arithmetic;
                type Backend = primeorder::mul_backend::VariableOnly;

                const EQUATION_A: field::FieldElement = field::FieldElement::from_hex_vartime($a);
                const EQUATION_B: field::FieldElement = field::FieldElement::from_hex_vartime($b);
                const GENERATOR: (field::FieldElement, field::FieldElement) =
                    (field::FieldElement::from_hex_vartime($x), field::FieldElement::from_hex_vartime($y));
            }
        )+
    };
}

pub(super) use define_curves;
