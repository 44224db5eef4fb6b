//! The arithmetic behind each short Weierstrass curve, under the name that [`Curve`](super::Curve) has for it.
//!
//! Where a stable crate has the curve, it is the crate's; the others are defined here.

mod brainpool160;
mod brainpool192;
mod brainpool224;
mod brainpool320;
mod brainpool512;
#[cfg(test)]
mod cross_check;
mod define;
mod p192;
mod p224;

pub(super) use bp256::{BrainpoolP256r1 as Bp256R, BrainpoolP256t1 as Bp256T};
pub(super) use bp384::{BrainpoolP384r1 as Bp384R, BrainpoolP384t1 as Bp384T};
pub(super) use brainpool160::{BrainpoolP160r1 as Bp160R, BrainpoolP160t1 as Bp160T};
pub(super) use brainpool192::{BrainpoolP192r1 as Bp192R, BrainpoolP192t1 as Bp192T};
pub(super) use brainpool224::{BrainpoolP224r1 as Bp224R, BrainpoolP224t1 as Bp224T};
pub(super) use brainpool320::{BrainpoolP320r1 as Bp320R, BrainpoolP320t1 as Bp320T};
pub(super) use brainpool512::{BrainpoolP512r1 as Bp512R, BrainpoolP512t1 as Bp512T};
pub(super) use k256::Secp256k1;
pub(super) use p192::NistP192 as P192;
pub(super) use p224::NistP224 as P224;
pub(super) use p256::NistP256 as P256;
pub(super) use p384::NistP384 as P384;
pub(super) use p521::NistP521 as P521;

/// Picks the generic code for a [`Curve`](super::Curve): a `match` whose arms for the listed variants run the same
/// expression with `$arithmetic` standing for the variant's curve in this module. What the list leaves out has arms of
/// its own.
macro_rules! on_curves {
    ([$($variant:ident),+], $curve:expr, $arithmetic:ident => $generic:expr, $($other:pat => $result:expr),+ $(,)?) => {
        match $curve {
            $(
                $crate::ec::Curve::$variant => {
                    type $arithmetic = $crate::ec::curves::$variant;
                    $generic
                }
            )+
            $($other => $result,)+
        }
    };
}

/// [`on_curves`] with the list of all short Weierstrass curves.
macro_rules! on_weierstrass {
    ($curve:expr, $($arms:tt)+) => {
        $crate::ec::curves::on_curves!(
            [
                P192, P224, P256, P384, P521, Secp256k1, Bp160R, Bp160T, Bp192R, Bp192T, Bp224R, Bp224T, Bp256R,
                Bp256T, Bp320R, Bp320T, Bp384R, Bp384T, Bp512R, Bp512T
            ],
            $curve, $($arms)+
        )
    };
}

pub(super) use {on_curves, on_weierstrass};
