//! The Tracy–Widom laws of the largest eigenvalue, F₁ (real symmetric) and F₂ (complex Hermitian).
//!
//! # Method   Fredholm determinants in double-double arithmetic for s ≥ −12, expansions from Painlevé II
//! to the left of that; they agree within 1e-13 where they meet
//! # Source   C. Tracy, H. Widom, Comm. Math. Phys. 159 (1994) 151 and 177 (1996) 727;
//! F. Bornemann, Math. Comp. 79 (2010) 871

mod airy;
mod determinant;
mod double_double;
mod left_tail;
mod legendre;
mod moments;
mod quantile;

pub use airy::{AiryError, airy};
pub use legendre::gauss_legendre;
pub use quantile::QuantileError;

/// Left of this the expansions are used.
const SEAM: f64 = -12.0;

/// Symmetry class: how many real numbers an entry of the matrix has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Beta {
    One,
    Two,
}

/// Tracy–Widom law, the limit of N^{2/3}(λ₁ − 2σ)/σ for the GOE or the GUE.
///
/// # Accuracy   F and 1 − F relatively, also where they are tiny: 5e-16 for −12 ≤ s ≤ 14 and 1e-13 for
/// −14 ≤ s < −12, measured against values of 32 digits (`tests/reference_tracy_widom.rs`)
/// # Source     \[TW94\], \[Bornemann\]
/// # Examples
/// ```
/// use rmt_verify::tracy_widom::TracyWidom;
/// assert!((TracyWidom::goe().cdf(0.0) - 0.83190806620295).abs() < 1e-14);
/// assert!((TracyWidom::gue().cdf(0.0) - 0.96937282835526).abs() < 1e-14);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TracyWidom {
    beta: Beta,
}

/// F, 1 − F and ln F at one s.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Values {
    cdf: f64,
    complement: f64,
    ln_cdf: f64,
}

impl TracyWidom {
    /// F₁, β = 1.
    #[must_use]
    pub fn goe() -> Self {
        Self { beta: Beta::One }
    }

    /// F₂, β = 2.
    #[must_use]
    pub fn gue() -> Self {
        Self { beta: Beta::Two }
    }

    /// F(s) = P(TW ≤ s).
    ///
    /// # Value    NaN for NaN; 0 once e^{−|s|³/12} (GOE: e^{−|s|³/24}) underflows
    #[must_use]
    pub fn cdf(&self, s: f64) -> f64 {
        self.values(s).cdf
    }

    /// 1 − F(s), computed without subtraction from 1.
    #[must_use]
    pub fn complement(&self, s: f64) -> f64 {
        self.values(s).complement
    }

    /// ln F(s).
    #[must_use]
    pub fn ln_cdf(&self, s: f64) -> f64 {
        self.values(s).ln_cdf
    }

    fn values(&self, s: f64) -> Values {
        // Beyond this 1 − F < 10⁻³⁰⁸, and the kernel underflows.
        const LAST: f64 = 104.0;
        let all = |cdf, complement, ln_cdf| Values {
            cdf,
            complement,
            ln_cdf,
        };
        if s.is_nan() {
            all(s, s, s)
        } else if s == f64::NEG_INFINITY {
            all(0.0, 1.0, s)
        } else if s < SEAM {
            left_tail::by_expansion(self.beta, s)
        } else if s < LAST {
            determinant::by_determinant(self.beta, s)
        } else {
            all(1.0, 0.0, 0.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expansions_and_determinants_agree_at_the_seam() {
        for beta in [Beta::One, Beta::Two] {
            for s in [SEAM, SEAM - 0.5, SEAM - 1.0] {
                let (a, b) = (
                    left_tail::by_expansion(beta, s),
                    determinant::by_determinant(beta, s),
                );
                let error = (a.cdf / b.cdf - 1.0).abs();
                assert!(error < 1e-13, "{beta:?} at {s}: {error:e}");
            }
        }
    }

    #[test]
    fn determinants_do_not_depend_on_how_1_minus_f2_is_formed() {
        // At s ≤ 0 from two determinants, at s > 0 from one of B².
        let law = TracyWidom::gue();
        let slope = |s: f64| (law.complement(s) / law.complement(s + 1e-9)).ln() * 1e9;
        assert!((slope(0.0) - slope(1e-3)).abs() < 0.02);
        assert!(law.complement(0.0) > law.complement(f64::MIN_POSITIVE) * (1.0 - 1e-14));
        assert!((law.complement(0.0) / law.complement(1e-30) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn extreme_arguments_have_their_limits() {
        for law in [TracyWidom::goe(), TracyWidom::gue()] {
            assert_eq!(law.cdf(f64::NEG_INFINITY), 0.0);
            assert_eq!(law.complement(f64::INFINITY), 0.0);
            assert_eq!(law.cdf(1e9), 1.0);
            assert_eq!(law.cdf(-1e9), 0.0);
            assert!(law.cdf(f64::NAN).is_nan());
            assert!(law.complement(60.0) > 0.0);
        }
    }
}
