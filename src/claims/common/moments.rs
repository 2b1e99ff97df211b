//! Moments of the entries that variance bounds of the claims need.

use crate::ensemble::{Ensemble, EntryLaw};

/// Moments of X = R_ij/σ off the diagonal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::claims) struct EntryMoments {
    /// E X³ (0 for complex entries, whose odd moments vanish).
    pub third: f64,
    /// E X⁴, complex: E|X|⁴.
    pub fourth: f64,
    /// E (|X|² − 1)⁴.
    pub square_fourth: f64,
    /// Complex entries with E X² = 0.
    pub complex: bool,
}

impl EntryMoments {
    /// Moments of a real law; `None` when E X⁸ = ∞.
    ///
    /// E(X² − 1)⁴ = m₈ − 4m₆ + 6m₄ − 3. Gaussian 105, 15, 3. Uniform m_{2k} = 3ᵏ/(2k + 1). Two points
    /// from their values. Half-normal: from E|g|ᵏ, by the binomial theorem.
    pub fn of_law(law: EntryLaw) -> Option<Self> {
        let power = |k| raw_moment(law, k);
        let fourth = power(4)?;
        Some(Self {
            third: power(3)?,
            fourth,
            square_fourth: power(8)? - 4.0 * power(6)? + 6.0 * fourth - 3.0,
            complex: false,
        })
    }

    /// Moments of an ensemble's entries. GUE: |X|² is exponential with mean 1, E(|X|² − 1)⁴ = 9.
    pub fn of(ensemble: &Ensemble) -> Option<Self> {
        match ensemble {
            Ensemble::Wigner { law, .. } => Self::of_law(*law),
            Ensemble::Gue { .. } => Some(Self {
                third: 0.0,
                fourth: 2.0,
                square_fourth: 9.0,
                complex: true,
            }),
        }
    }

    /// Var |X|²: 2 + κ₄ for real entries, 1 for the GUE.
    pub fn square_variance(&self) -> f64 {
        self.fourth - 1.0
    }

    /// C with E|Q|⁴ ≤ C(E|Q|²)² for Q = Σ_{j≠k} x̄_j x_k A_jk, A any matrix (symmetric, for real x).
    ///
    /// Real: max(3m, μ₄²) + 12 + 12μ₃², m = max(1, μ₄) (15 for Gaussian and Rademacher);
    /// GUE: 9. Derivation in `docs/derivations/lemma_3_2.md`.
    pub fn form_kurtosis(&self) -> f64 {
        if self.complex {
            return 9.0;
        }
        let fourth = self.fourth.max(1.0);
        // At μ₃ = 0, μ₄ = 3 the graph with one vertex shared costs 3μ₄ = 9, yet Wick's formula gives
        // 3(E Q²)² + 48 Tr A⁴ and hence 15: the special case is proved separately.
        if self.third == 0.0 && self.fourth == 3.0 {
            return 15.0;
        }
        (3.0 * fourth).max(self.fourth * self.fourth) + 12.0 + 12.0 * self.third * self.third
    }

    /// C with E|L|⁴ ≤ C(E|L|²)² for L = Σ (|x_j|² − 1)a_j: max(3, E(|X|² − 1)⁴/Var²|X|²).
    ///
    /// # Domain   |X| not constant
    pub fn diagonal_kurtosis(&self) -> f64 {
        (self.square_fourth / self.square_variance().powi(2)).max(3.0)
    }
}

/// E Xᵏ of a law with mean 0 and variance 1, even k ≤ 8 or k = 3.
fn raw_moment(law: EntryLaw, k: u32) -> Option<f64> {
    let two_points = |a: f64, p: f64, b: f64, q: f64| p * a.powi(k as i32) + q * b.powi(k as i32);
    match law {
        EntryLaw::Gaussian => Some(if !k.is_multiple_of(2) {
            0.0
        } else {
            odd_factorial(k)
        }),
        EntryLaw::Uniform => Some(if !k.is_multiple_of(2) {
            0.0
        } else {
            3f64.powi(k as i32 / 2) / f64::from(k + 1)
        }),
        EntryLaw::Rademacher => Some(f64::from(1 - k % 2)),
        EntryLaw::SkewedTwoPoint => Some(two_points(2.0, 0.2, -0.5, 0.8)),
        EntryLaw::HalfNormal => Some(half_normal_moment(k)),
        EntryLaw::HeavyTailed => None,
    }
}

/// (k − 1)!! = E gᵏ for even k.
fn odd_factorial(k: u32) -> f64 {
    (1..k).step_by(2).map(f64::from).product()
}

/// E((|g| − a)/√(1 − a²))ᵏ, a = √(2/π) = E|g|, with E|g|ʲ = (j − 1)!! (j even), a (j − 1)!! (j odd).
fn half_normal_moment(k: u32) -> f64 {
    let a = std::f64::consts::FRAC_2_PI.sqrt();
    let absolute = |j: u32| {
        if j.is_multiple_of(2) {
            odd_factorial(j)
        } else {
            // (j − 1)!! over even numbers.
            a * (2..j).step_by(2).map(f64::from).product::<f64>()
        }
    };
    let (mut sum, mut choose) = (0.0, 1.0);
    for j in 0..=k {
        sum += choose * absolute(j) * (-a).powi((k - j) as i32);
        choose = choose * f64::from(k - j) / f64::from(j + 1);
    }
    sum / (1.0 - a * a).powf(f64::from(k) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn third_and_fourth_moments_agree_with_the_cumulants_of_the_laws() {
        for law in EntryLaw::ALL {
            let Some(moments) = EntryMoments::of_law(law) else {
                continue;
            };
            let (k3, k4) = (law.cumulant(3).unwrap(), law.cumulant(4).unwrap());
            assert!((moments.third - k3).abs() < 1e-12, "{law:?}");
            assert!((moments.fourth - 3.0 - k4).abs() < 1e-11, "{law:?}");
        }
    }

    #[test]
    fn fourth_moment_of_the_centred_square_agrees_with_the_quantile_function() {
        // ∫ (Q(u)² − 1)⁴ du by the midpoint rule; the tails of the normal laws converge slowly.
        for (law, tolerance) in [
            (EntryLaw::Uniform, 1e-9),
            (EntryLaw::Rademacher, 1e-12),
            (EntryLaw::SkewedTwoPoint, 1e-4),
            (EntryLaw::Gaussian, 0.02),
            (EntryLaw::HalfNormal, 0.02),
        ] {
            let steps = 1_000_000;
            let mean: f64 = (0..steps)
                .map(|i| (f64::from(i) + 0.5) / f64::from(steps))
                .map(|u| (law.from_uniform(u).powi(2) - 1.0).powi(4))
                .sum::<f64>()
                / f64::from(steps);
            let exact = EntryMoments::of_law(law).unwrap().square_fourth;
            assert!(
                (mean - exact).abs() <= tolerance * exact + 1e-12,
                "{law:?}: {mean}, {exact}"
            );
        }
    }

    #[test]
    fn gaussian_forms_have_the_kurtosis_of_wick() {
        assert_eq!(
            EntryMoments::of_law(EntryLaw::Gaussian)
                .unwrap()
                .form_kurtosis(),
            15.0
        );
        assert_eq!(
            EntryMoments::of_law(EntryLaw::Rademacher)
                .unwrap()
                .form_kurtosis(),
            15.0
        );
        assert_eq!(
            EntryMoments::of_law(EntryLaw::Gaussian)
                .unwrap()
                .square_fourth,
            60.0
        );
    }
}
