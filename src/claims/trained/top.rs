//! The top of the spectrum of S + R/√N, predicted from S alone.

use super::nets::{Kind, VARIANCE};
use thiserror::Error;

/// Between which numbers of outliers the gap below them is looked for.
const COUNTS: std::ops::RangeInclusive<usize> = 2..=8;

/// What the prediction of a mean may be off by, in proved standard deviations: more is refused.
pub(super) const REMAINDER: f64 = 0.5;

/// Φ′ at every spike that is taken: below, an outlier is next to the bulk or in it.
const SLOPE: f64 = 0.5;

/// The prediction says too little for this S.
#[derive(Debug, Error, PartialEq)]
pub(super) enum Vague {
    /// Two are needed.
    #[error("fewer than two values of S are spikes with Φ′ ≥ {SLOPE}")]
    NoSpikes,
    /// The gap is narrow, or N small.
    #[error(
        "the top {count} values of S: the remainder is {remainder} standard deviations, {REMAINDER} are allowed"
    )]
    Remainder {
        /// k
        count: usize,
        /// In proved standard deviations of the mean.
        remainder: f64,
    },
}

/// The k largest spikes θ_j of S, k ≤ 8 with the widest gap below it among those with Φ′ ≥ ½, Φ that of all but the eight
/// largest.
///
/// **Prediction.** With weight w = σ²/N and the eigenvalues t of S (all ±t, with w/2, for singular values: the law of a
/// square matrix with independent entries is that of its hermitisation), the j-th outlier is at
/// Φ_N(θ_j) = θ_j + w Σ_{t ≠ θ_j} 1/(θ_j − t). In the mean over the k largest the terms of pairs cancel, or, for singular
/// values, leave 1/(θ_i + θ_j).
///
/// **Remainder.** Two levels at a distance g whose matrix element has variance w repel each other by w/g only if w ≪ g²:
/// for levels next to the gap that term is uncertain by its share min(1, 4w/g²). The order 1/N beyond Φ_N, c₁/N of a
/// single spike, is reckoned to be below four times w·σ²∫ν(dt)/(θ − t)³/Φ′(θ). This is argued, not proved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Top {
    /// k
    pub count: usize,
    /// (1/k) Σ θ_j
    pub theta: f64,
    /// (1/k) Σ Φ_N(θ_j)
    pub prediction: f64,
    /// √(v/(kN)), v the proxy of [`Kind`].
    pub deviation: f64,
}

impl Top {
    /// Of the singular values or eigenvalues of S, descending.
    pub fn of(kind: Kind, values: &[f64]) -> Result<Self, Vague> {
        let n = values.len();
        let (weight, mirrored) = match kind {
            Kind::Square => (0.5 * VARIANCE / n as f64, true),
            _ => (VARIANCE / n as f64, false),
        };
        // w Σ (θ − t)^{−power} over t outside of the k largest, and their mirror images.
        let sum = |k: usize, theta: f64, power: i32| -> f64 {
            let one = |t: f64| (theta - t).powi(-power);
            let below: f64 = values[k..].iter().map(|&t| one(t)).sum();
            let mirror: f64 = values.iter().map(|&t| one(-t)).sum();
            // θ itself has no mirror image.
            let own = (2.0 * theta).powi(-power);
            weight * (below + if mirrored { mirror - own } else { 0.0 })
        };
        // Levels close to a spike repel it; its slope is that of all the others.
        let apart = *COUNTS.end();
        let slope = |theta: f64| 1.0 - sum(apart, theta, 2);
        let gap = |k: usize| values[k - 1] - values[k];
        let count = COUNTS
            .filter(|&k| apart < n && slope(values[k - 1]) >= SLOPE)
            .max_by(|&j, &k| gap(j).total_cmp(&gap(k)))
            .ok_or(Vague::NoSpikes)?;
        let (top, rest) = values.split_at(count);
        let k = count as f64;
        let mean = |f: &dyn Fn(f64) -> f64| top.iter().map(|&theta| f(theta)).sum::<f64>() / k;
        let theta = mean(&|theta| theta);
        let deviation = (kind.proxy() / (k * n as f64)).sqrt();
        let element = VARIANCE / n as f64;
        let repulsion = |theta: f64| -> f64 {
            let share = |gap: f64| (4.0 * element / (gap * gap)).min(1.0);
            rest.iter()
                .map(|&t| weight / (theta - t) * share(theta - t))
                .sum()
        };
        let beyond = |theta: f64| 4.0 * element * sum(apart, theta, 3) / slope(theta);
        let remainder = mean(&|theta| repulsion(theta) + beyond(theta)) / deviation;
        if remainder > REMAINDER {
            return Err(Vague::Remainder { count, remainder });
        }
        Ok(Self {
            count,
            theta,
            prediction: theta + mean(&|theta| sum(count, theta, 1)),
            deviation,
        })
    }

    /// How far the mean of the k largest of `values` is from `centre`, in proved standard deviations.
    pub fn off(&self, values: &[f64], centre: f64) -> f64 {
        let mean = values[..self.count].iter().sum::<f64>() / self.count as f64;
        (mean - centre) / self.deviation
    }

    /// θ with `times` the pull Φ_N(θ) − θ, in the mean.
    pub fn pulled(&self, times: f64) -> f64 {
        self.theta + times * (self.prediction - self.theta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::free::OutlierMap;
    use crate::measure::SpectralMeasure;

    /// 2.0, 1.8 and zeros: to order 1/N the pull is that of the outlier map of δ₀.
    #[test]
    fn few_spikes_are_pulled_as_by_the_outlier_map() {
        let n = 4000;
        let mut values = vec![0.0; n];
        (values[0], values[1]) = (2.0, 1.8);
        for kind in [Kind::Square, Kind::Symmetric] {
            let top = Top::of(kind, &values).unwrap();
            assert_eq!(top.count, 2);
            let nu = SpectralMeasure::atoms(&[(0.0, 1.0)]).unwrap();
            let map = OutlierMap::new(nu, VARIANCE.sqrt()).unwrap();
            let expected = 0.5 * (map.phi(2.0).unwrap().value + map.phi(1.8).unwrap().value);
            assert!(
                (top.prediction - expected).abs() < 2.0 / n as f64,
                "{top:?} {expected}"
            );
        }
    }

    #[test]
    fn pull_of_singular_values_is_that_of_the_pairs_written_out() {
        let n = 400;
        let mut values = vec![2.1, 1.9, 1.0];
        values.extend((0..n - 3).map(|i| 0.4 * (1.0 - i as f64 / n as f64)));
        let phi = |j: usize| -> f64 {
            let others = (0..n).filter(|&i| i != j).map(|i| values[i]);
            let terms = others.map(|t| values[j] / (values[j].powi(2) - t * t));
            values[j] + VARIANCE / n as f64 * terms.sum::<f64>()
        };
        let top = Top::of(Kind::Square, &values).unwrap();
        assert_eq!(top.count, 2);
        assert!((top.prediction - 0.5 * (phi(0) + phi(1))).abs() < 1e-12);
        assert!((top.pulled(1.0) - top.prediction).abs() < 1e-15);
        assert_eq!(top.pulled(0.0), 2.0);
    }

    #[test]
    fn spikes_without_a_gap_are_refused() {
        let values: Vec<f64> = (0..200).map(|i| 2.0 - 0.01 * f64::from(i)).collect();
        assert!(Top::of(Kind::Symmetric, &values).is_err());
    }
}
