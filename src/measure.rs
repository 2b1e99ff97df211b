//! Spectral measures ν and their Stieltjes transforms s_ν(z) = ∫ ν(dt)/(t − z).
//!
//! A [`SpectralMeasure`] is a finite mixture of elementary laws ([`Component`]): atoms, uniform,
//! semicircle, Marchenko–Pastur, arcsine. It knows its support, distribution function, quantiles,
//! moments and the transform with two derivatives, each with a bound on its own rounding error.
//! A [`SignedMeasure`] is a difference of such measures or an image of one under a monotone map.
//! Sign: Im z > 0 gives Im s(z) > 0.

mod ball;
mod component;
mod error;
mod parse;
mod signed;
mod spectral;

#[doc = include_str!("../docs/derivations/stieltjes_rounding.md")]
pub mod rounding {}

pub use ball::Ball;
pub use component::Component;
pub use error::MeasureError;
pub use signed::{MonotoneMap, SignedMeasure};
pub use spectral::SpectralMeasure;

use num_complex::Complex64;
use thiserror::Error;

/// Closed interval [lo, hi] of the real line; lo = hi is a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Left end.
    pub lo: f64,
    /// Right end.
    pub hi: f64,
}

impl Interval {
    /// lo ≤ x ≤ hi.
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        self.lo <= x && x <= self.hi
    }

    /// hi − lo.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.hi - self.lo
    }
}

/// A point z of the open upper half-plane: finite, Im z > 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UpperHalf(Complex64);

/// Why a number is no point of the upper half-plane.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum UpperHalfError {
    /// Im z ≤ 0.
    #[error("z = {0} is not in the upper half-plane: the imaginary part must be positive")]
    NotAbove(Complex64),
    /// A part of z is infinite or not a number.
    #[error("z = {0} is not finite")]
    NotFinite(Complex64),
}

impl UpperHalf {
    /// Checks that z is finite and Im z > 0.
    ///
    /// # Errors
    /// [`UpperHalfError`] with the offending z.
    pub fn new(z: Complex64) -> Result<Self, UpperHalfError> {
        if !z.is_finite() {
            Err(UpperHalfError::NotFinite(z))
        } else if z.im <= 0.0 {
            Err(UpperHalfError::NotAbove(z))
        } else {
            Ok(Self(z))
        }
    }

    /// The point as a complex number.
    #[must_use]
    pub fn get(self) -> Complex64 {
        self.0
    }
}

/// A value and a bound on its distance from the truth: |value − truth| ≤ error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certified<T> {
    /// The computed value.
    pub value: T,
    /// Absolute error bound.
    pub error: f64,
}

/// s(z), s′(z), s″(z), each with an absolute error bound that includes all rounding.
///
/// A bound is +∞ where nothing is certified (an atom at z, overflow).
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct Jet {
    /// s(z) = ∫ ν(dt)/(t − z).
    pub value: Complex64,
    /// s′(z) = ∫ ν(dt)/(t − z)².
    pub first: Complex64,
    /// s″(z) = 2 ∫ ν(dt)/(t − z)³.
    pub second: Complex64,
    /// Bound on |value − s(z)|.
    pub error: f64,
    /// Bound on |first − s′(z)|.
    pub first_error: f64,
    /// Bound on |second − s″(z)|.
    pub second_error: f64,
}

impl Jet {
    /// The jet of the complex conjugate: s(z̄) is the conjugate of s(z).
    pub fn conj(self) -> Self {
        Self {
            value: self.value.conj(),
            first: self.first.conj(),
            second: self.second.conj(),
            ..self
        }
    }
}
