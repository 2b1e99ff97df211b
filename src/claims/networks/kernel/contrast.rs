//! Means at sizes n and 2n, combined such that a bias of order 1/n cancels.

use super::layers::Network;
use crate::claims::common::{cell, mistaken_by, on_same_samples};
use crate::design::{
    Cell, Estimator, Experiment, Input, Observable, Plan, Replicate, ReplicateError, RivalCell,
    Tail,
};
use rand_chacha::ChaCha8Rng;

/// Experiments of sizes n and 2n with the same observables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Doubled {
    pub small: usize,
    pub large: usize,
}

impl Doubled {
    /// 2·mean(2n) − mean(n) of observable `o`.
    pub fn estimator(self, o: usize) -> Estimator {
        let (small, large) = (Input::new(self.small, o), Input::new(self.large, o));
        Estimator::contrast(&[(large, 2.0), (small, -1.0)])
    }

    /// The contrast of observable `o` against `theory`.
    pub fn cell(
        self,
        experiments: &[Experiment],
        o: usize,
        theory: f64,
        inner: f64,
        margin: f64,
    ) -> Cell {
        let plain = cell(experiments, (self.large, o), theory, inner, inner + margin);
        Cell {
            point: format!("2·(n) − (n/2): {}", plain.point),
            estimator: self.estimator(o),
            ..plain
        }
    }
}

/// What is known of a number whose mean vanishes but for a bias B/n.
#[derive(Debug, Clone, Copy)]
pub(super) struct Biased {
    /// B, and how far off it may be. It places the rival, and judges nothing.
    pub bias: (f64, f64),
    /// n·τ0 of the contrast: a bias B(n)/n leaves (B(2n) − B(n))/n.
    pub change: f64,
    /// τ − τ0 of the contrast. What is called agreement.
    pub margin: f64,
}

impl Biased {
    /// Adds the contrast of two experiments of sizes n and 2n as a cell, and the mean at n as a rival:
    /// its bias is seen.
    pub fn judge(self, plan: &mut Plan, sizes: Doubled, n: usize) {
        let n = n as f64;
        let cell = sizes.cell(&plan.experiments, 0, 0.0, self.change / n, self.margin);
        let alone = mistaken_by(&cell, 0.0, Estimator::mean(Input::new(sizes.small, 0)));
        plan.rivals.push(on_same_samples(
            "the bias of order 1/n left in",
            vec![RivalCell {
                expected: self.bias.0 / n,
                uncertainty: self.bias.1 / n,
                ..alone
            }],
        ));
        plan.cells.push(cell);
    }
}

/// A number that is kept within θ ± w: its mean has an interval whatever its law, by empirical Bernstein.
///
/// With w = six standard deviations more than the bias, keeping it there moves the mean of a nearly normal number by less than 10⁻⁹ standard
/// deviations, and that of any number with this variance by at most a 24th of one: E(|x| − w)₊ ≤ Var x/4w.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub name: String,
    /// θ.
    pub centre: f64,
    /// w.
    pub width: f64,
    /// Standard deviation the design reckons with; no interval uses it.
    pub deviation: f64,
}

impl Kept {
    pub fn of(&self, x: f64) -> f64 {
        x.clamp(self.centre - self.width, self.centre + self.width)
    }

    /// Its mean over draws of a network.
    pub fn experiment(
        self,
        network: Network,
        replicates: usize,
        draw: impl Fn(&Network, &mut ChaCha8Rng) -> Result<f64, ReplicateError> + Send + Sync + 'static,
    ) -> Experiment {
        Experiment {
            law: network.data.name().into(),
            signal: format!("{}, means", network.signal()),
            n: network.n,
            replicates,
            observables: vec![self.observable()],
            replicate: Replicate::alone(move |rng, _| Ok(vec![self.of(draw(&network, rng)?)])),
        }
    }

    pub fn observable(&self) -> Observable {
        Observable {
            name: self.name.clone(),
            tail: Tail::Bounded {
                lo: self.centre - self.width,
                hi: self.centre + self.width,
                design_variance: self.deviation * self.deviation,
            },
            typical: self.centre,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::confidence::Confidence;

    #[test]
    fn contrast_of_a_bias_of_order_one_over_n_is_the_limit() {
        let doubled = Doubled { small: 0, large: 1 };
        let known = |x: f64| Confidence::known(x, 0.0);
        // Inputs are in the order large, small: 5 + 3/16 and 5 + 3/8, exact in binary.
        let estimate = doubled
            .estimator(0)
            .estimate(&[known(5.1875), known(5.375)]);
        assert!(estimate.lo() <= 5.0 && estimate.hi() >= 5.0);
        assert!(estimate.hi() - estimate.lo() < 1e-13);
    }
}
