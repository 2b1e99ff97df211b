//! One spike at finite N: mean, variance and overlap of its outlier, to the first order in 1/N.
#![doc = include_str!("../../../docs/derivations/outlier_mean.md")]

use super::EntryStatistics;
use thiserror::Error;

/// Why a spike has no outlier of its own at this N.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum SpikeError {
    /// There is no eigenvalue with this index.
    #[error("S has {n} eigenvalues, none with index {index}")]
    NoSuchIndex {
        /// The index.
        index: usize,
        /// N.
        n: usize,
    },
    /// Another eigenvalue of S is equal to the spike: they repel, and no order in 1/N is left.
    #[error("the spike theta = {theta} is not a simple eigenvalue of S")]
    NotSimple {
        /// The spike.
        theta: f64,
    },
    /// Φ_N′(θ) ≤ 0: there is no outlier.
    #[error("theta = {theta} makes no outlier: the slope of the outlier map is {slope}")]
    Absorbed {
        /// The spike.
        theta: f64,
        /// Φ_N′(θ).
        slope: f64,
    },
}

/// What is known of the outlier λ of a simple spike θ of S_N.
#[derive(Debug, Clone, Copy, PartialEq)]
#[must_use]
pub struct FiniteSpike {
    /// θ.
    pub theta: f64,
    /// Φ_N(θ) = θ + (σ²/N) Σ 1/(θ − t_i), over all other eigenvalues of S_N.
    pub location: f64,
    /// Φ_N′(θ).
    pub slope: f64,
    /// c₁/N = E λ − Φ_N(θ) up to O(N⁻²).
    pub shift: f64,
    /// lim N Var λ.
    pub variance: f64,
}

impl FiniteSpike {
    /// The spike at `index` of the eigenvalues of S_N, where v_θ is a vector of the standard basis
    /// (S diagonal); any basis for the GOE and the GUE.
    ///
    /// # Value
    /// c₁ = ½σ²Φ_N″ [1/Φ_N′ + 2(v_d − 2) + κ₄(3σ²s′ − 1)], N Var λ → σ²(v_d + 2(1/Φ_N′ − 1) + κ₄σ²s′) Φ_N′²,
    /// s′ = (1/N) Σ (θ − t_i)⁻²; GUE: c₁ = 0, N Var λ → σ²Φ_N′.
    ///
    /// # Errors
    /// [`SpikeError`].
    pub fn new(
        signal: &[f64],
        index: usize,
        sigma: f64,
        law: EntryStatistics,
    ) -> Result<Self, SpikeError> {
        let n = signal.len();
        let &theta = signal
            .get(index)
            .ok_or(SpikeError::NoSuchIndex { index, n })?;
        // (1/N) Σ (θ − t_i)^{−k} for k = 1, 2, 3.
        let mut sums = [0.0; 3];
        for (i, t) in signal.iter().enumerate() {
            if i == index {
                continue;
            }
            if *t == theta {
                return Err(SpikeError::NotSimple { theta });
            }
            let inverse = (theta - t).recip();
            for (k, sum) in sums.iter_mut().enumerate() {
                *sum += inverse.powi(k as i32 + 1) / n as f64;
            }
        }
        let variance = sigma * sigma;
        let slope = 1.0 - variance * sums[1];
        if slope <= 0.0 {
            return Err(SpikeError::Absorbed { theta, slope });
        }
        let curvature = 2.0 * variance * sums[2];
        let (bracket, spread) = match law {
            EntryStatistics::Real {
                diagonal_variance: v_d,
                fourth,
                ..
            } => {
                let s = variance * sums[1];
                (
                    slope.recip() + 2.0 * (v_d - 2.0) + fourth * (3.0 * s - 1.0),
                    (v_d + 2.0 * (slope.recip() - 1.0) + fourth * s) * slope * slope,
                )
            }
            EntryStatistics::Unitary => (0.0, slope),
        };
        Ok(Self {
            theta,
            location: theta + variance * sums[0],
            slope,
            shift: 0.5 * variance * curvature * bracket / n as f64,
            variance: variance * spread,
        })
    }

    /// E λ = Φ_N(θ) + c₁/N.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.location + self.shift
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Ensemble, EntryLaw};

    fn rank_one(n: usize, theta: f64) -> Vec<f64> {
        let mut signal = vec![0.0; n];
        signal[0] = theta;
        signal
    }

    #[test]
    fn rank_one_agrees_with_the_closed_forms() {
        let goe = FiniteSpike::new(&rank_one(100, 2.0), 0, 1.0, EntryStatistics::goe()).unwrap();
        assert!((goe.location - (2.0 + 0.99 / 2.0)).abs() < 1e-14);
        // ½ · 2/θ³ / (1 − 1/θ²), with (N − 1)/N for the weight of the zeros.
        let slope = 1.0 - 0.99 / 4.0;
        assert!((goe.shift - 0.99 / 8.0 / slope / 100.0).abs() < 1e-15);
        assert!((goe.variance - 2.0 * slope).abs() < 1e-14);
        let gue = EntryStatistics::of(&Ensemble::gue());
        let gue = FiniteSpike::new(&rank_one(100, 2.0), 0, 1.0, gue).unwrap();
        assert_eq!(gue.shift, 0.0);
    }

    #[test]
    fn scaling_noise_and_signal_together_scales_everything() {
        let law = EntryStatistics::of(&Ensemble::wigner(EntryLaw::Rademacher));
        let one = FiniteSpike::new(&rank_one(50, 1.6), 0, 1.0, law).unwrap();
        let two = FiniteSpike::new(&rank_one(50, 1.6 * 0.7), 0, 0.7, law).unwrap();
        assert!((two.mean() - 0.7 * one.mean()).abs() < 1e-14);
        assert!((two.variance - 0.49 * one.variance).abs() < 1e-14);
    }

    #[test]
    fn a_spike_without_an_outlier_of_its_own_is_an_error() {
        let goe = EntryStatistics::goe();
        assert!(matches!(
            FiniteSpike::new(&rank_one(50, 0.9), 0, 1.0, goe),
            Err(SpikeError::Absorbed { .. })
        ));
        assert!(matches!(
            FiniteSpike::new(&[2.0, 2.0, 0.0], 0, 1.0, goe),
            Err(SpikeError::NotSimple { theta: 2.0 })
        ));
        assert!(matches!(
            FiniteSpike::new(&[2.0], 1, 1.0, goe),
            Err(SpikeError::NoSuchIndex { index: 1, n: 1 })
        ));
    }
}
