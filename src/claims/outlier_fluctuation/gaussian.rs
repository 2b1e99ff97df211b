//! GOE and GUE: variance and law of the outlier.

use super::super::common::{cell, on_model};
use super::super::rank_one::{PRECISION, experiment, normal_cdf, rank_one};
use crate::design::{Cell, Experiment, Observable, ReplicateError, Tail};
use crate::ensemble::{Ensemble, Signal, SignalShape};
use crate::free::finite_size::{EntryStatistics, FiniteSpike};
use crate::spectrum::Tridiagonal;

/// Matrices a replicate: one value of the empirical variance.
const GROUP: usize = 16;
/// The law is compared at these multiples of the standard deviation.
const POINTS: [f64; 3] = [-1.0, 0.0, 1.0];

/// One spike of a Gaussian ensemble.
pub(super) struct Model {
    pub ensemble: Ensemble,
    pub n: usize,
    pub theta: f64,
    /// Eigenvalues of S but the spike; empty: zeros.
    pub bulk: &'static [(f64, f64)],
}

impl Model {
    fn signal(&self, theta: f64) -> Vec<f64> {
        if self.bulk.is_empty() {
            return rank_one(self.n, theta);
        }
        let bulk = Signal::diagonal(SignalShape::Atoms(self.bulk.to_vec()));
        let rest = bulk.eigenvalues(self.n - 1);
        let mut values = vec![theta];
        values.extend(rest.expect("atoms exist at every N"));
        values
    }

    fn at(&self, theta: f64) -> FiniteSpike {
        let law = EntryStatistics::of(&self.ensemble);
        FiniteSpike::new(&self.signal(theta), 0, self.ensemble.sigma(), law)
            .expect("the spike separates")
    }

    /// lim N Var λ: 2σ²Φ_N′, GUE σ²Φ_N′.
    pub fn variance(&self) -> f64 {
        self.at(self.theta).variance
    }

    /// Φ_N′(θ).
    pub fn slope(&self) -> f64 {
        self.at(self.theta).slope
    }

    /// 8σ²Φ″²/(NΦ′³), the relative size of what follows the leading order: the section "What follows".
    fn ratio(&self) -> f64 {
        let step = 1e-4;
        let curvature =
            (self.at(self.theta + step).slope - self.at(self.theta - step).slope) / (2.0 * step);
        let sigma = self.ensemble.sigma();
        8.0 * (sigma * curvature).powi(2) / (self.n as f64 * self.slope().powi(3))
    }

    /// The empirical variance of a group and, where S has rank one, the shares below [`POINTS`].
    pub fn experiment(&self) -> Experiment {
        let v = self.ensemble.variance_proxy().expect("Gaussian entries");
        let mut observables = vec![Observable {
            name: format!("N Var λ, θ = {}", self.theta),
            tail: Tail::Variance {
                // Rounding, and λ located to 1e-10.
                bound: 4.0 * v * v / (GROUP - 1) as f64 * (1.0 + 1e-6),
            },
            typical: self.variance(),
        }];
        let size = (self.n as f64).sqrt();
        let (n, theta) = (self.n, self.theta);
        let spike = self.at(theta);
        let deviation = spike.variance.sqrt();
        if !self.bulk.is_empty() {
            let signal = Signal::diagonal(SignalShape::Prescribed(self.signal(theta)));
            return on_model(
                self.ensemble,
                &signal,
                n,
                1,
                observables,
                move |model, rng, _| {
                    let values = group(|| {
                        let t = Tridiagonal::reduce(&model.sample(n, rng)?)?;
                        Ok(t.largest(PRECISION)?.value)
                    })?;
                    Ok(vec![n as f64 * empirical_variance(&values)])
                },
            );
        }
        observables.extend(POINTS.map(|x| Observable {
            name: format!("P(√N(λ − Eλ) ≤ {}), θ = {theta}", in_deviations(x)),
            // The mean of GROUP independent indicators (Hoeffding's lemma).
            tail: Tail::SubGaussian {
                variance_proxy: 0.25 / GROUP as f64,
            },
            typical: normal_cdf(x),
        }));
        experiment(self.ensemble, n, 1, observables, move |draw| {
            let values = group(|| draw()?.largest(theta))?;
            let mut found = vec![n as f64 * empirical_variance(&values)];
            found.extend(POINTS.map(|x| {
                let below = |value: &&f64| size * (**value - spike.mean()) <= x * deviation;
                values.iter().filter(below).count() as f64 / GROUP as f64
            }));
            Ok(found)
        })
    }

    /// Agreement: `variance` relative to N Var λ, `law` in probability, both beyond τ0.
    pub fn cells(
        &self,
        experiments: &[Experiment],
        e: usize,
        variance: f64,
        law: f64,
    ) -> Vec<Cell> {
        let v = self.variance();
        let ratio = self.ratio();
        let mut cells = vec![cell(
            experiments,
            (e, 0),
            v,
            v * ratio,
            v * (ratio + variance),
        )];
        if self.bulk.is_empty() {
            for (i, x) in POINTS.into_iter().enumerate() {
                let (probability, remainder) = self.law(x);
                cells.push(cell(
                    experiments,
                    (e, 1 + i),
                    probability,
                    remainder,
                    remainder + law,
                ));
            }
        }
        cells
    }

    /// P(√N(λ − Φ_N − c₁/N) ≤ x s), s² = lim N Var λ, by Edgeworth's first term, and what is left out:
    /// a term as large as the first at its largest, the change of the variance, the next order of the mean.
    fn law(&self, x: f64) -> (f64, f64) {
        let density = |x: f64| 0.398_942_280_401_432_7 * (-0.5 * x * x).exp();
        let spike = self.at(self.theta);
        let size = (self.n as f64).sqrt();
        let sigma = self.ensemble.sigma();
        let third = match self.ensemble {
            Ensemble::Wigner { .. } => 8.0,
            Ensemble::Gue { .. } => 2.0,
        } * sigma.powi(3)
            * (sigma / self.theta).powi(3);
        let skewness = third / (spike.variance.powf(1.5) * size);
        let first = |x: f64| skewness / 6.0 * (1.0 - x * x) * density(x);
        let moved = spike.shift * size / spike.variance.sqrt() * self.ratio();
        let widened = 0.5 * self.ratio() * x.abs() * density(x);
        (
            normal_cdf(x) + first(x),
            first(0.0) + widened + moved * density(0.0),
        )
    }
}

/// `−s`, `0`, `s`.
fn in_deviations(x: f64) -> &'static str {
    match x {
        _ if x < 0.0 => "−s",
        _ if x > 0.0 => "s",
        _ => "0",
    }
}

fn group(
    mut value: impl FnMut() -> Result<f64, ReplicateError>,
) -> Result<[f64; GROUP], ReplicateError> {
    let mut values = [0.0; GROUP];
    for x in &mut values {
        *x = value()?;
    }
    Ok(values)
}

/// Σ(x − x̄)²/(m − 1): its mean is the variance.
fn empirical_variance(values: &[f64; GROUP]) -> f64 {
    let mean = values.iter().sum::<f64>() / GROUP as f64;
    values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (GROUP - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empirical_variance_of_an_arithmetic_progression_is_known() {
        // (m² − 1)/12 · m/(m − 1) = m(m + 1)/12
        let values = std::array::from_fn(|i| i as f64);
        assert!((empirical_variance(&values) - 16.0 * 17.0 / 12.0).abs() < 1e-12);
    }

    #[test]
    fn variance_is_invariant_in_units_of_sigma() {
        let one = Model {
            ensemble: Ensemble::goe(),
            n: 100,
            theta: 1.5,
            bulk: &[],
        };
        let two = Model {
            ensemble: Ensemble::goe().with_sigma(2.0),
            theta: 3.0,
            ..one
        };
        assert!((two.variance() - 4.0 * one.variance()).abs() < 1e-12);
        assert!((two.ratio() - one.ratio()).abs() < 1e-6);
        let (a, b) = (one.law(0.5), two.law(0.5));
        assert!((a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-6);
    }
}
