//! Risks along gradient flow dw/dt = X(y − Xᵀw)/n from w = 0, by contour integrals.

use super::contour::{Contour, Node};
use super::ridge::Regression;
use crate::equivalent::EquivalentError;
use num_complex::Complex64;

/// Limits of the risks of w(t) = (1 − e^{−tĈ})Ĉ⁻¹Xy/n.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowRisk {
    /// βᵀe^{−tĈ}Ce^{−tĈ}β.
    pub bias: f64,
    /// (s²/n)tr C(1 − e^{−tĈ})²Ĉ⁻¹.
    pub variance: f64,
    /// |y − Xᵀw|²/n.
    pub train: f64,
}

/// E(risk at n) − (its limit), to order 1/n.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FlowShift {
    /// Of the bias.
    pub bias: f64,
    /// Of the variance.
    pub variance: f64,
    /// Of the training error.
    pub train: f64,
}

impl Regression {
    /// The risks at time t.
    ///
    /// f(Ĉ) = −(1/2πi)∮f(z)Q(z)dz and Q(z₁)CQ(z₂) → Q̄₁CQ̄₂/(1 − (1/n)tr CQ̄₁CQ̄₂/((1 + δ₁)(1 + δ₂))).
    ///
    /// # Domain   t ≥ 0, t‖C‖ up to about 1e4
    /// # Accuracy 1e-10 of the risk at t = 0 (fixtures/reference/equivalent/regression.json)
    /// # Source   \[LM\] B5 (ii)
    /// # Errors   t negative or not finite
    pub fn flow(&self, time: f64) -> Result<FlowRisk, EquivalentError> {
        let contour = Contour::new(&self.covariance, checked(time)?)?;
        let bias = contour.double_integral(|a, b| {
            let (mut signal, mut pull) = (Complex64::ZERO, Complex64::ZERO);
            for g in &self.groups {
                let kept = (1.0 + a.companion * g.lambda) * (1.0 + b.companion * g.lambda);
                signal += g.energy * g.lambda / kept;
                pull += g.share * g.lambda * g.lambda / kept;
            }
            let pull = pull * a.companion * b.companion;
            (-time * (a.z + b.z)).exp() * signal / (a.z * b.z * (1.0 - pull))
        });
        let noise = self.noise();
        // (1/n)tr CQ̄ = δ, (1/n)tr Q̄ and Σβ²Q̄.
        let sum = |node: &Node, weight: &dyn Fn(f64, f64, f64) -> f64| -> Complex64 {
            let terms = self
                .groups
                .iter()
                .map(|g| weight(g.lambda, g.share, g.energy) / (1.0 + node.companion * g.lambda));
            -terms.sum::<Complex64>() / node.z
        };
        let variance = contour.integral(|x| learnt(time, x.z) * sum(x, &|l, share, _| l * share));
        let signal =
            contour.integral(|x| x.z * (-2.0 * time * x.z).exp() * sum(x, &|_, _, energy| energy));
        let trace = contour.integral(|x| (-2.0 * time * x.z).exp() * sum(x, &|_, share, _| share));
        Ok(FlowRisk {
            bias,
            variance: -noise * variance,
            train: -signal + noise * (1.0 - self.covariance.ratio() - trace),
        })
    }

    /// Pairs of λ_j and −(1/2πi)∮e^{−tz}Q̄_jj(z)dz, the limit of the diagonal of e^{−tĈ}: what is left of a coefficient at time t.
    ///
    /// # Domain   as [`flow`](Self::flow)
    /// # Errors   as [`flow`](Self::flow)
    pub fn decay(&self, time: f64) -> Result<Vec<(f64, f64)>, EquivalentError> {
        let contour = Contour::new(&self.covariance, checked(time)?)?;
        let left = |lambda: f64| {
            contour.integral(|x| (-time * x.z).exp() / (x.z * (1.0 + x.companion * lambda)))
        };
        let groups = self.groups.iter();
        Ok(groups.map(|g| (g.lambda, left(g.lambda))).collect())
    }

    /// The order 1/n of the risks at time t for entries of Z with fourth cumulant κ₄ and third moment 0.
    ///
    /// # Domain   as [`flow`](Self::flow)
    /// # Source   as [`ridge_shift`](Self::ridge_shift), under the contour integral
    /// # Errors   as [`flow`](Self::flow)
    pub fn flow_shift(&self, time: f64, kurtosis: f64) -> Result<FlowShift, EquivalentError> {
        let contour = Contour::new(&self.covariance, checked(time)?)?;
        let shifts: Vec<Vec<Complex64>> = contour
            .nodes
            .iter()
            .map(|node| {
                let rho: Vec<Complex64> = self
                    .groups
                    .iter()
                    .map(|g| g.lambda * node.companion / (1.0 + g.lambda * node.companion))
                    .collect();
                self.resolvent_shifts(&rho, kurtosis)
            })
            .collect();
        // −(1/2πi)∮f Σ weight_j(E Q_jj − Q̄_jj)dz, where a_j = −z.
        let mean = |f: &dyn Fn(Complex64) -> Complex64, weight: &dyn Fn(usize) -> f64| -> f64 {
            let terms = contour.nodes.iter().zip(&shifts).map(|(node, shifts)| {
                let total: Complex64 = shifts.iter().enumerate().map(|(j, s)| s * weight(j)).sum();
                (node.weight * f(node.z) * total / node.z).re
            });
            2.0 * terms.sum::<f64>()
        };
        let count = |j: usize| self.groups[j].share * self.samples();
        let energy = |j: usize| self.groups[j].energy;
        let lambda = |j: usize| self.groups[j].lambda;
        let decay = |z: Complex64| (-2.0 * time * z).exp();
        let bias = match self.groups.len() {
            1 => mean(&decay, &|j| energy(j) * lambda(j)),
            _ => contour.double_integral(|a, b| {
                (-time * (a.z + b.z)).exp() * self.product_shift(a, b, kurtosis)
            }),
        };
        let per_sample = self.noise() / self.samples();
        Ok(FlowShift {
            bias,
            variance: per_sample * mean(&|z| learnt(time, z), &|j| count(j) * lambda(j)),
            train: mean(&|z| z * decay(z), &energy) + per_sample * mean(&decay, &count),
        })
    }
}

/// (1 − e^{−tz})²/z.
fn learnt(time: f64, z: Complex64) -> Complex64 {
    let kept = 1.0 - (-time * z).exp();
    kept * kept / z
}

fn checked(time: f64) -> Result<f64, EquivalentError> {
    if time >= 0.0 && time.is_finite() {
        return Ok(time);
    }
    Err(EquivalentError::OutOfRange {
        name: "time",
        value: time,
        allowed: "finite and not negative",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(samples: f64) -> Regression {
        let features: Vec<(f64, f64)> = (0..30)
            .map(|j| if j % 3 == 0 { (1.5, 0.06) } else { (0.5, 0.02) })
            .collect();
        Regression::new(&features, samples, 0.7).unwrap()
    }

    #[test]
    fn the_flow_starts_at_zero_and_ends_without_ridge() {
        for samples in [15.0, 100.0] {
            let model = model(samples);
            let start = model.flow(0.0).unwrap();
            assert!((start.bias - model.null_risk()).abs() < 1e-11);
            assert!(start.variance.abs() < 1e-11);
            assert!((start.train - model.null_risk() - 0.7).abs() < 1e-11);
            let (end, limit) = (model.flow(1500.0).unwrap(), model.ridgeless().unwrap());
            assert!(
                (end.bias - limit.bias.value).abs() < 1e-9,
                "{samples} {end:?} {limit:?}"
            );
            assert!((end.variance - limit.variance.value).abs() < 1e-9);
            assert!((end.train - limit.train.value).abs() < 1e-9);
        }
    }

    /// train = βᵀ(Ĉ − 2tĈ² + O(t²))β + (s²/n)(tr 1 − 2t tr Ĉ + …): E Ĉ is C, and E Ĉ² = C² + (C tr C + C²)/n, whose
    /// tr C/n belongs to the limit. The variance is (s²/n)t² tr CĈ + O(t³).
    #[test]
    fn early_shifts_are_those_of_the_moments() {
        let model = model(40.0);
        let second = |g: &super::super::ridge::Group| g.energy * g.lambda * g.lambda;
        let second = model.groups.iter().map(second).sum::<f64>() / 40.0;
        for time in [1e-3, 2e-3] {
            let shift = model.flow_shift(time, 0.0).unwrap();
            assert!(shift.variance.abs() < 1e-2 * time * time);
            assert!((shift.train / (-2.0 * time * second) - 1.0).abs() < 0.02);
        }
    }

    /// bias = βᵀ(C − t(ĈC + CĈ) + t²(½Ĉ²C + ½CĈ² + ĈCĈ) + …)β, and (Ĉ²)_jj, (ĈCĈ)_jj have the shifts (1 + κ₄)λ²/n and (1 + κ₄)λ³/n.
    #[test]
    fn early_the_bias_shifts_as_the_second_moments_do() {
        let model = model(40.0);
        let cube = |g: &super::super::ridge::Group| g.energy * g.lambda.powi(3);
        let cube = model.groups.iter().map(cube).sum::<f64>() / 40.0;
        for kurtosis in [0.0, -2.0] {
            let (time, expected) = (1e-3, 2.0 * (1.0 + kurtosis) * cube);
            let shift = model.flow_shift(time, kurtosis).unwrap().bias / (time * time);
            assert!((shift / expected - 1.0).abs() < 0.02, "{shift} {expected}");
        }
    }

    #[test]
    fn late_the_bias_shifts_as_without_ridge() {
        let model = model(15.0);
        for kurtosis in [0.0, -1.2] {
            let flow = model.flow_shift(1500.0, kurtosis).unwrap().bias;
            let ridge = model.ridge_shift(1e-9, kurtosis).unwrap().bias;
            assert!((flow / ridge - 1.0).abs() < 1e-6, "{flow} {ridge}");
        }
    }

    /// One eigenvalue, told as two that are nearly equal: the double integral against the single one.
    #[test]
    fn two_resolvents_agree_with_one_where_one_will_do() {
        let split = |gap: f64| {
            let features: Vec<(f64, f64)> = (0..20)
                .map(|j| (if j < 10 { 1.0 } else { 1.0 + gap }, 0.05))
                .collect();
            Regression::new(&features, 30.0, 1.0).unwrap()
        };
        for (time, kurtosis) in [(0.5, 0.0), (2.0, -2.0)] {
            let bias = |gap: f64| split(gap).flow_shift(time, kurtosis).unwrap().bias;
            let (one, two) = (bias(0.0), bias(1e-12));
            assert!((one - two).abs() < 1e-9, "{one} {two}");
        }
    }

    #[test]
    fn the_training_error_is_made_of_the_decay_and_its_slope() {
        // d/dt Σβ²(e^{−2tĈ})_jj = −2Σβ²(Ĉe^{−2tĈ})_jj.
        let own = model(40.0);
        let kept = |time: f64| -> f64 {
            let decay = own.decay(2.0 * time).unwrap().into_iter();
            let groups = own.groups.iter();
            groups.zip(decay).map(|(g, d)| g.energy * d.1).sum()
        };
        let noise = |time: f64| {
            let decay = own.decay(2.0 * time).unwrap();
            let left: f64 = own
                .groups
                .iter()
                .zip(decay)
                .map(|(g, d)| g.share * d.1)
                .sum();
            0.7 * (left + 1.0 - 0.75)
        };
        let (t, h) = (0.8, 1e-4);
        let slope = (kept(t + h) - kept(t - h)) / (2.0 * h);
        let train = own.flow(t).unwrap().train;
        assert!((train - noise(t) + 0.5 * slope).abs() < 1e-7);
    }

    #[test]
    fn times_that_are_none_are_refused() {
        assert!(model(20.0).flow(-1.0).is_err());
        assert!(model(20.0).flow(f64::NAN).is_err());
    }
}
