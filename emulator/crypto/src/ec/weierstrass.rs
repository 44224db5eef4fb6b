//! Scalars and points as bytes, on any short Weierstrass curve.
//!
//! Every curve here has cofactor 1 and an order as many bytes long as its field, so a point on the curve is a point of
//! the group, and one array type serves coordinates and scalars.

use elliptic_curve::ff::{Field, PrimeField};
use elliptic_curve::ops::Reduce;
use elliptic_curve::point::AffineCoordinates;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{CurveArithmetic, CurveGroup, FieldBytes, Group, PrimeCurve};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// What the algorithms of this module ask of a curve.
pub(super) trait Weierstrass:
    PrimeCurve
    + CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>>
    + elliptic_curve::Curve<FieldBytesSize: ModulusSize>
{
}

impl<C> Weierstrass for C where
    C: PrimeCurve
        + CurveArithmetic<AffinePoint: FromSec1Point<C> + ToSec1Point<C>>
        + elliptic_curve::Curve<FieldBytesSize: ModulusSize>
{
}

/// The bits of the order.
pub(super) fn order_bits<C: Weierstrass>() -> usize {
    C::Scalar::NUM_BITS as usize
}

/// The number from 1 to n - 1 that these bytes are: as many as the order has, big-endian.
pub(super) fn scalar<C: Weierstrass>(bytes: &[u8]) -> Option<Zeroizing<C::Scalar>> {
    let bytes: &FieldBytes<C> = bytes.try_into().ok()?;
    let scalar = Zeroizing::new(Option::from(C::Scalar::from_repr(*bytes))?);
    let zero: bool = C::Scalar::is_zero(&scalar).into();
    (!zero).then_some(scalar)
}

/// The big-endian number modulo n. Bytes beyond the length of the order are dropped, on the left.
///
/// A valid private key is less than n, so this gives it back without a case that cannot be.
pub(super) fn reduced_scalar<C: Weierstrass>(bytes: &[u8]) -> C::Scalar {
    let mut padded = Zeroizing::new(FieldBytes::<C>::default());
    padded.iter_mut().rev().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
    C::Scalar::reduce(&*padded)
}

/// A uniformly random number from 1 to n - 1, by rejection (FIPS 186-5, A.2.2).
pub(super) fn random_scalar<C: Weierstrass>(rng: &mut (impl CryptoRng + ?Sized)) -> Zeroizing<C::Scalar> {
    loop {
        let mut bytes = Zeroizing::new(FieldBytes::<C>::default());
        rng.fill_bytes(&mut bytes);
        let surplus = 8 * bytes.len() - order_bits::<C>();
        if let Some(first) = bytes.first_mut() {
            *first &= 0xFF >> surplus;
        }
        if let Some(scalar) = scalar::<C>(&bytes) {
            return scalar;
        }
    }
}

/// k times the base point, in constant time.
pub(super) fn multiply_base<C: Weierstrass>(scalar: &C::Scalar) -> C::ProjectivePoint {
    C::ProjectivePoint::mul_by_generator(scalar)
}

/// The point of an uncompressed encoding (SEC 1, section 2.3.4); never the point at infinity.
pub(super) fn point<C: Weierstrass>(bytes: &[u8]) -> Option<C::ProjectivePoint> {
    if bytes.first() != Some(&0x04) {
        return None;
    }
    C::AffinePoint::from_sec1_bytes(bytes).ok().map(Into::into)
}

/// The uncompressed encoding of a point: 04, x and y (SEC 1, section 2.3.3).
pub(super) fn uncompressed<C: Weierstrass>(point: &C::ProjectivePoint) -> Vec<u8> {
    point.to_affine().to_sec1_point(false).as_bytes().to_vec()
}

/// The compressed encoding of a point: 02 or 03 and x (SEC 1, section 2.3.3).
pub(super) fn compressed<C: Weierstrass>(point: &C::ProjectivePoint) -> Vec<u8> {
    point.to_affine().to_sec1_point(true).as_bytes().to_vec()
}

/// The big-endian bytes of a secret scalar, as many as the order has.
pub(super) fn scalar_bytes<C: Weierstrass>(scalar: &C::Scalar) -> Zeroizing<Vec<u8>> {
    let bytes = Zeroizing::new(scalar.to_repr());
    Zeroizing::new(bytes.to_vec())
}

/// The x coordinate of a point, as many bytes as the field has.
pub(super) fn x_coordinate<C: Weierstrass>(point: &C::ProjectivePoint) -> FieldBytes<C> {
    point.to_affine().x()
}
