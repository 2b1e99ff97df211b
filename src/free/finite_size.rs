//! What the Stieltjes equation leaves over at finite N.
#![doc = include_str!("../../docs/derivations/stieltjes_remainder.md")]

mod orders;
mod spike;

pub use spike::{FiniteSpike, SpikeError};

use crate::ensemble::Ensemble;
use num_complex::Complex64;

/// What the finite-size terms know of the law of R: its symmetry class and its cumulants.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EntryStatistics {
    /// Real symmetric R.
    Real {
        /// v_d = E R_ii²/σ².
        diagonal_variance: f64,
        /// κ₃ of an off-diagonal R_ij/σ. The diagonal is √v_d times the same law throughout.
        third: f64,
        /// κ₄.
        fourth: f64,
        /// κ₅, κ₆, κ₈.
        tail: Tail,
    },
    /// The GUE.
    Unitary,
}

/// The higher cumulants, or why there are none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tail {
    /// All moments exist.
    Cumulants {
        /// κ₅.
        fifth: f64,
        /// κ₆.
        sixth: f64,
        /// κ₈.
        eighth: f64,
    },
    /// P(|X| > x) ≤ `constant`·x⁻⁵ for the standardised entry X, symmetric.
    FifthPower {
        /// The constant.
        constant: f64,
    },
}

impl EntryStatistics {
    /// Those of an ensemble.
    #[must_use]
    pub fn of(ensemble: &Ensemble) -> Self {
        let Ensemble::Wigner {
            law,
            diagonal_variance,
            ..
        } = ensemble
        else {
            return Self::Unitary;
        };
        let finite = (law.cumulant(5), law.cumulant(6), law.eighth_cumulant());
        Self::Real {
            diagonal_variance: *diagonal_variance,
            third: law.cumulant(3).unwrap_or(0.0),
            fourth: law.cumulant(4).unwrap_or(0.0),
            tail: match finite {
                (Some(fifth), Some(sixth), Some(eighth)) => Tail::Cumulants {
                    fifth,
                    sixth,
                    eighth,
                },
                // (1 + 2x²/3)^{−5/2} ≤ (3/2)^{5/2} x⁻⁵, the one law without a fifth moment.
                _ => Tail::FifthPower {
                    constant: 1.5f64.powf(2.5),
                },
            },
        }
    }

    /// Those of the GOE.
    #[must_use]
    pub fn goe() -> Self {
        Self::of(&Ensemble::goe())
    }

    /// With v_d, κ₃ and κ₄ changed by `change(&mut v_d, &mut κ₃, &mut κ₄)`; the GUE stays itself.
    #[must_use]
    pub fn altered(mut self, change: impl Fn(&mut f64, &mut f64, &mut f64)) -> Self {
        if let Self::Real {
            diagonal_variance,
            third,
            fourth,
            ..
        } = &mut self
        {
            change(diagonal_variance, third, fourth);
        }
        self
    }

    /// Those of √t R + √(1−t) R̂ with R̂ from the GOE: κ_k gains a factor t^{k/2}.
    ///
    /// The diagonal of R must have v_d = 2 (as R̂ has); the GUE is returned unchanged.
    #[must_use]
    pub fn interpolated(self, t: f64) -> Self {
        let mut at = self.altered(|_, third, fourth| {
            *third *= t.powf(1.5);
            *fourth *= t * t;
        });
        if let Self::Real { tail, .. } = &mut at {
            match tail {
                Tail::Cumulants {
                    fifth,
                    sixth,
                    eighth,
                } => {
                    *fifth *= t.powf(2.5);
                    *sixth *= t.powi(3);
                    *eighth *= t.powi(4);
                }
                Tail::FifthPower { constant } => *constant *= t.powf(2.5),
            }
        }
        at
    }
}

/// A complex theory value with the honest size of what it leaves out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expansion {
    /// The terms that are known.
    pub value: Complex64,
    /// Envelope of the modulus of the rest.
    pub remainder: f64,
}

/// Powers of the resolvent of S that enter, from 0.
const POWERS: usize = 24;

/// The terms of N(E s_N − s_{ν_N}(z + σ² E s_N)) for given ν_N, σ and ω = ω(z).
#[derive(Debug, Clone)]
pub struct FiniteSize {
    n: f64,
    sigma: f64,
    /// S_k = (1/N) Σ (σ/(t_i − ω))^k at index k.
    sums: [Complex64; POWERS],
    /// a_k = (1/N) Σ |σ/(t_i − ω)|^k at index k.
    moduli: [f64; POWERS],
}

impl FiniteSize {
    /// From the eigenvalues of S_N, σ > 0 and the subordination point ω of z, Im ω > 0.
    #[must_use]
    pub fn new(signal: &[f64], sigma: f64, omega: Complex64) -> Self {
        let n = signal.len() as f64;
        let (mut sums, mut moduli) = ([Complex64::ZERO; POWERS], [0.0; POWERS]);
        for t in signal {
            let g = sigma / (t - omega);
            let mut power = Complex64::ONE;
            for k in 0..sums.len() {
                sums[k] += power / n;
                moduli[k] += power.norm() / n;
                power *= g;
            }
        }
        Self {
            n,
            sigma,
            sums,
            moduli,
        }
    }

    /// ω′(z) = 1/(1 − σ² s_ν′(ω)).
    #[must_use]
    pub fn omega_prime(&self) -> Complex64 {
        (1.0 - self.sums[2]).inv()
    }

    /// r(z) = ½σ² s_ν″(ω) [ω′ + (v_d − 2) + κ₄ σ² s_ν′(ω)]; 0 for the GUE.
    #[must_use]
    pub fn leading(&self, law: EntryStatistics) -> Complex64 {
        match law {
            EntryStatistics::Real {
                diagonal_variance,
                fourth,
                ..
            } => {
                let bracket =
                    self.omega_prime() + (diagonal_variance - 2.0) + fourth * self.sums[2];
                self.sums[3] * bracket / self.sigma
            }
            EntryStatistics::Unitary => Complex64::ZERO,
        }
    }

    /// −κ₃,d N^{-1/2} σ³∫ν_N(dt)/(t − ω)⁴, κ₃,d = v_d^{3/2} κ₃ the third cumulant of R_ii/σ.
    #[must_use]
    pub fn skewness_term(&self, law: EntryStatistics) -> Complex64 {
        match law {
            EntryStatistics::Real {
                diagonal_variance,
                third,
                ..
            } => {
                let third_diagonal = diagonal_variance.powf(1.5) * third;
                -self.sums[4] * third_diagonal / (self.n.sqrt() * self.sigma)
            }
            EntryStatistics::Unitary => Complex64::ZERO,
        }
    }

    /// N Δ_N(z) with all orders that are known (to N⁻²; for the GUE to N⁻¹), and the size of the last
    /// ones of them as that of the rest.
    ///
    /// Where each order is at most half of the one before, what follows the last known order is
    /// together at most as large as that one; [`order_ratio`](Self::order_ratio) says where.
    #[must_use]
    pub fn defect(&self, law: EntryStatistics) -> Expansion {
        let known = self.leading(law) + self.skewness_term(law);
        let (next, rest) = self.next_orders(law);
        Expansion {
            value: known + next / self.sigma,
            remainder: rest / self.sigma,
        }
    }

    /// √(|c₂|/(N²|r|)), sizes without credit for cancellation: by what factor an order is smaller
    /// than the one before. 0 for the GUE and where c₂ is infinite.
    #[must_use]
    pub fn order_ratio(&self, law: EntryStatistics) -> f64 {
        match law {
            EntryStatistics::Real {
                tail: Tail::Cumulants { .. },
                ..
            } => {
                let at = self.point();
                let second: f64 = orders::second_by_shape(&at, law)
                    .map(Complex64::norm)
                    .iter()
                    .sum();
                (second / orders::leading_size(&at, law)).sqrt() / self.n
            }
            _ => 0.0,
        }
    }

    /// The orders after the skewness term, and the size of what is left, at σ = 1.
    fn next_orders(&self, law: EntryStatistics) -> (Complex64, f64) {
        let (at, n) = (self.point(), self.n);
        match law {
            EntryStatistics::Unitary => (
                orders::first_unitary(&at) / n,
                orders::third_unitary(&at) / n.powi(3),
            ),
            EntryStatistics::Real {
                tail: Tail::FifthPower { constant },
                ..
            } => (Complex64::ZERO, orders::heavy(&at, law, constant, n)),
            EntryStatistics::Real { .. } => {
                let half = orders::three_halves(&at, law) / n.powf(1.5);
                let second = orders::second_by_shape(&at, law).map(|c| c / (n * n));
                (
                    orders::first(&at, law) / n + half + second.iter().sum::<Complex64>(),
                    half.norm() + second.map(Complex64::norm).iter().sum::<f64>(),
                )
            }
        }
    }

    fn point(&self) -> orders::Point<'_> {
        orders::Point {
            s: &self.sums,
            a: &self.moduli,
            k: self.omega_prime(),
        }
    }

    /// N(E s_N − s_{ν_N ⊞ semicircle(σ²)})(z): the defect x through the equation,
    /// ω′x + ½σ⁴s_ν″ ω′³ x²/N + ….
    #[must_use]
    pub fn mean_shift(&self, law: EntryStatistics) -> Expansion {
        let defect = self.defect(law);
        let (k, curvature) = (
            self.omega_prime(),
            self.sums[3] * self.omega_prime().powi(3),
        );
        let x = defect.value * self.sigma;
        let rest = defect.remainder * self.sigma;
        // The cubic term of the inverse function: (2 S₃² K⁵ + S₄ K⁴) x³/N².
        let size = x.norm() + rest;
        let cubic = (2.0 * self.moduli[3].powi(2) * k.norm().powi(5)
            + self.moduli[4] * k.norm().powi(4))
            * size.powi(3)
            / (self.n * self.n);
        Expansion {
            value: (k * x + curvature * x * x / self.n) / self.sigma,
            remainder: (k.norm() * rest
                + curvature.norm() * rest * (2.0 * x.norm() + rest) / self.n
                + 2.0 * cubic)
                / self.sigma,
        }
    }
}
