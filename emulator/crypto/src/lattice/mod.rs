//! Lattice schemes as the module knows them: CRYSTALS-Dilithium and CRYSTALS-Kyber, in versions before their standards.
//!
//! Both compute with polynomials of 256 coefficients modulo X²⁵⁶ + 1 over a small prime field. What they share is here:
//! the field and the number-theoretic transform ([`ring`]), the streams they sample from ([`stream`]) and the packing of
//! coefficients into bits ([`bits`]). The prime, the root of unity and the depth of the transform are the schemes'.

mod bits;
pub mod dilithium;
pub mod kyber;
mod ring;
mod stream;

/// Coefficients of a polynomial.
const DEGREE: usize = 256;

/// The coefficients of a polynomial, in whatever representation.
type Coefficients = [u32; DEGREE];
