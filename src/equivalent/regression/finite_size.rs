//! The next order of the risks: what n samples differ by from the limit, up to O(1/n²).

use super::ridge::Regression;
use crate::equivalent::EquivalentError;
use num_complex::Complex64;

/// Step of the complex-step derivative: f(x + ih) = f(x) + ihf′(x) to all digits.
const STEP: f64 = 1e-40;

/// E(risk at n) − (its limit), to order 1/n. See `docs/derivations/regression_shift.md`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RiskShift {
    /// Of [`super::Risk::bias`].
    pub bias: f64,
    /// Of [`super::Risk::variance`].
    pub variance: f64,
    /// Of [`super::Risk::train`].
    pub train: f64,
    /// Of [`super::Risk::in_sample`].
    pub in_sample: f64,
}

impl Regression {
    /// The order 1/n of the risks for entries of Z with fourth cumulant κ₄ and third moment 0.
    ///
    /// From E log det(Ĉ + A) = limit + ½log(1 − S₂) − ½κ₄S₂ + O(1/n) for diagonal A, S₂ = df₂ of the population
    /// λ_j/a_j at ridge 1: one derivative in a_j gives Q_jj, a second one along C or I gives QCQ and Q².
    ///
    /// # Accuracy rounding only, about 1e-12 relative; the derivative is taken by a complex step
    /// # Source   Z. Bai and J. Silverstein (2004), G. Pan and W. Zhou (2008) for the trace; \[LM\] A7
    /// # Errors   γ not in (0, ∞)
    pub fn ridge_shift(&self, gamma: f64, kurtosis: f64) -> Result<RiskShift, EquivalentError> {
        let kappa = self.covariance.kappa(gamma)?.value;
        let rho: Vec<f64> = self
            .groups
            .iter()
            .map(|g| g.lambda / (g.lambda + kappa))
            .collect();
        // Shifts of Σ weight_j Q_jj, weight over features, and of its derivative along A = γ + ε·direction.
        let along = |direction: &dyn Fn(f64) -> f64| -> Vec<Complex64> {
            let sum = |f: &dyn Fn(usize) -> f64| -> f64 {
                let terms = self.groups.iter().enumerate();
                terms.map(|(j, g)| g.share * f(j)).sum()
            };
            let inside = |j: usize| rho[j] * (1.0 - rho[j]);
            let slope = |j: usize| direction(self.groups[j].lambda) / gamma;
            let second = sum(&|j| rho[j] * rho[j]);
            let common = -sum(&|j| inside(j) * slope(j)) / (1.0 - second);
            let moved = (0..rho.len())
                .map(|j| Complex64::new(rho[j], -STEP * inside(j) * (common + slope(j))));
            let moved: Vec<Complex64> = moved.collect();
            let shifts = self.resolvent_shifts(&moved, kurtosis).into_iter();
            shifts
                .enumerate()
                .map(|(j, s)| s / Complex64::new(gamma, STEP * gamma * slope(j)))
                .collect()
        };
        let (ridge, covariance) = (along(&|_| 1.0), along(&|lambda| lambda));
        let energy = |j: usize| self.groups[j].energy;
        let count = |j: usize| self.groups[j].share * self.samples();
        let weighted = |shifts: &[Complex64], weight: &dyn Fn(usize) -> f64| -> Complex64 {
            let terms = shifts.iter().enumerate();
            terms.map(|(j, s)| s * weight(j)).sum()
        };
        let of = |shifts: &[Complex64], weight: &dyn Fn(usize) -> f64| {
            let sum = weighted(shifts, weight);
            (sum.re, -sum.im / STEP)
        };
        // D = diag(β²): tr DQ, tr DQ², tr DQCQ, and the same for C and I.
        let (signal, signal_square) = of(&ridge, &energy);
        let (_, signal_risk) = of(&covariance, &energy);
        let (risk, risk_square) = of(&ridge, &|j| count(j) * self.groups[j].lambda);
        let (trace, trace_square) = of(&ridge, &count);
        let per_sample = self.noise() / self.samples();
        let kept = gamma * gamma * (signal - gamma * signal_square);
        Ok(RiskShift {
            bias: gamma * gamma * signal_risk,
            variance: per_sample * (risk - gamma * risk_square),
            train: kept + per_sample * gamma * gamma * trace_square,
            in_sample: kept + per_sample * (gamma * gamma * trace_square - 2.0 * gamma * trace),
        })
    }

    /// Pairs of λ_j and E Q(−γ)_jj − Q̄(−γ)_jj to order 1/n, for entries as in [`ridge_shift`](Self::ridge_shift).
    ///
    /// # Errors   γ not in (0, ∞)
    pub fn resolvent_shift(
        &self,
        gamma: f64,
        kurtosis: f64,
    ) -> Result<Vec<(f64, f64)>, EquivalentError> {
        let kappa = self.covariance.kappa(gamma)?.value;
        let groups = self.groups.iter();
        let rho: Vec<Complex64> = groups
            .map(|g| Complex64::from(g.lambda / (g.lambda + kappa)))
            .collect();
        let shifts = self.resolvent_shifts(&rho, kurtosis);
        let pairs = self.groups.iter().zip(shifts);
        Ok(pairs.map(|(g, s)| (g.lambda, s.re / gamma)).collect())
    }

    /// a_j(E Q_jj − Q̄_jj) for each λ, to order 1/n, with ρ_j = λ_j/(λ_j + κa_j):
    ///
    /// (1/n)ρ_j(1 − ρ_j)(ρ_j − (S₂ − S₃)/(1 − S₂))(1/(1 − S₂) + κ₄),   S_k = (1/n)Σρ_jᵏ.
    pub(super) fn resolvent_shifts(&self, rho: &[Complex64], kurtosis: f64) -> Vec<Complex64> {
        let sum = |k: i32| -> Complex64 {
            let terms = self.groups.iter().zip(rho);
            terms.map(|(g, r)| r.powi(k) * g.share).sum()
        };
        let (second, third) = (sum(2), sum(3));
        let inflation = (1.0 - second).inv();
        let pull = (second - third) * inflation;
        let scale = (inflation + kurtosis) / self.samples();
        rho.iter()
            .map(|&r| scale * r * (1.0 - r) * (r - pull))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Wishart's own moments: C = I, s² = 1, γ → 0 at p < n: E tr Ĉ⁻¹/n = p/(n − p − 1) = c/(1 − c) + c/(n(1 − c)²) + O(1/n²).
    #[test]
    fn without_ridge_the_variance_shifts_as_the_inverse_wishart_does() {
        let model = Regression::new(&[(1.3, 0.1); 20], 50.0, 1.0).unwrap();
        let shift = model.ridge_shift(1e-7, 0.0).unwrap();
        let c = 0.4;
        assert!((shift.variance * 50.0 - c / (1.0 - c) / (1.0 - c)).abs() < 1e-5);
        // |y − Xᵀw|² has the mean s²(n − p) exactly, for every law.
        assert!(shift.train.abs() < 1e-6);
        let other = model.ridge_shift(1e-7, -2.0).unwrap();
        assert!(other.train.abs() < 1e-6);
    }

    /// E tr Q of A7 for two atoms, from its own formula.
    #[test]
    fn shifts_of_the_resolvent_sum_to_the_mean_of_its_trace() {
        let features: Vec<(f64, f64)> = (0..50)
            .map(|j| (if j < 25 { 1.0 } else { 4.0 }, 0.02))
            .collect();
        let model = Regression::new(&features, 100.0, 1.0).unwrap();
        let (gamma, kurtosis) = (0.3, -2.0);
        let m = 1.0 / model.covariance().kappa(gamma).unwrap().value;
        let sum = |k: i32, j: i32| -> f64 {
            let terms = features
                .iter()
                .map(|f| f.0.powi(k) * m.powi(j) / (1.0 + f.0 * m).powi(j));
            terms.sum::<f64>() / 100.0
        };
        let (j2, j3) = (sum(2, 2), sum(2, 3));
        let expected = j3 / (1.0 - j2).powi(2) + kurtosis * j3 / (1.0 - j2);
        let shifts = model.resolvent_shift(gamma, kurtosis).unwrap();
        let total: f64 = shifts.into_iter().map(|(_, shift)| 25.0 * shift).sum();
        assert!((total / expected - 1.0).abs() < 1e-12, "{total} {expected}");
    }

    #[test]
    fn at_the_optimal_ridge_the_shift_of_the_risk_is_that_of_the_resolvent() {
        // R = (s²/n) tr CQ there on every sample, for β of independent entries.
        let features: Vec<(f64, f64)> = (0..30).map(|j| (0.2 + 0.1 * f64::from(j), 0.03)).collect();
        let model = Regression::new(&features, 45.0, 0.7).unwrap();
        let gamma = model.optimal_ridge().unwrap();
        let shift = model.ridge_shift(gamma, -1.2).unwrap();
        let shifts = model.resolvent_shift(gamma, -1.2).unwrap().into_iter();
        let trace: f64 = shifts.map(|(lambda, shift)| lambda * shift / 45.0).sum();
        assert!((shift.bias + shift.variance - 0.7 * trace).abs() < 1e-13);
    }
}
