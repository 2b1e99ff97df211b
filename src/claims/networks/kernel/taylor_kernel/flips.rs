//! Entries ±1: |x_i|² does not vary, and means and variances are products of hyperbolic cosines.

use super::super::deep::scaled_gram;
use super::{Data, ones};
use crate::claims::common::{bounded_variance, cell, mistaken, on_same_samples, replicates};
use crate::design::{Experiment, Plan, Replicate};
use crate::ensemble::EntryLaw;

/// Adds the mean of T = 1ᵀ(K − XᵀX/p)1/n − n for n sign vectors, agreement `margin`·tr C²/p², and the theory for normal entries as a rival.
pub(super) fn add(plan: &mut Plan, n: usize, margin: f64) {
    let data = Data::new(EntryLaw::Rademacher, n);
    let (theory, wrong) = (data.ones(-2.0), data.ones(0.0));
    let (inner, margin) = (data.fourth_order(), margin * data.square());
    let bound = variance(&data);
    let e = plan.experiments.len();
    let name = "E 1ᵀ(K − XᵀX/p)1/n − n";
    plan.experiments.push(Experiment {
        law: EntryLaw::Rademacher.name().into(),
        signal: format!("exp, two-atom, p = {}", data.p()),
        n,
        replicates: replicates(bound, margin, plan.cells.len() + 1),
        observables: vec![bounded_variance(name, bound, theory)],
        replicate: Replicate::alone(move |rng, _| {
            let gram = scaled_gram(&data.samples, &data.samples.draw(rng));
            Ok(vec![ones(&gram.map(libm::exp), &gram)])
        }),
    });
    let cell = cell(&plan.experiments, (e, 0), theory, inner, inner + margin);
    let rival = mistaken(&cell, wrong);
    plan.cells.push(cell);
    plan.rivals.push(on_same_samples(
        "κ₄ = 0 on the diagonal, for signs",
        vec![rival],
    ));
}

/// Var T = 2(1 − 1/n)Var g(r_12), g(r) = e^r − 1 − r.
///
/// r_ij = Σ_k λ_k ε_ik ε_jk/p, and E[g(r_ij) | x_i] does not depend on x_i, as the ε_ik ε_jk are signs again: the terms of T off the diagonal are
/// pairwise uncorrelated, those on it constant. With c(t) = E e^{tr} = Πcosh(tλ_k/p):
///
/// ```text
/// E g = c(1) − 1,   E g² = c(2) − 2c(1) − 2c′(1) + 1 + tr C²/p²
/// ```
fn variance(data: &Data) -> f64 {
    let (n, p) = (data.samples.n() as f64, data.p() as f64);
    let arguments = || data.samples.population().iter().map(|lambda| lambda / p);
    let mean: f64 = arguments().map(f64::cosh).product();
    let double: f64 = arguments().map(|x| (2.0 * x).cosh()).product();
    let slope = mean * arguments().map(|x| x * x.tanh()).sum::<f64>();
    let second = double - 2.0 * mean - 2.0 * slope + 1.0 + data.square();
    2.0 * (1.0 - 1.0 / n) * (second - (mean - 1.0).powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_is_that_of_all_sign_vectors() {
        // p = 2, C = diag(1, 1.5): r = ±0.5 ± 0.75, four equally likely values; n = 4.
        let data = Data::new(EntryLaw::Rademacher, 4);
        let values = [1.25f64, 0.25, -0.25, -1.25].map(|r| r.exp() - 1.0 - r);
        let mean = values.iter().sum::<f64>() / 4.0;
        let spread = values.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / 4.0;
        assert!((variance(&data) - 1.5 * spread).abs() < 1e-13);
    }

    #[test]
    fn predicted_mean_differs_from_the_exact_one_by_less_than_the_fourth_order() {
        for n in [32, 128, 512] {
            let data = Data::new(EntryLaw::Rademacher, n);
            let p = data.p() as f64;
            let population = data.samples.population().iter();
            let mean: f64 = population.map(|lambda| (lambda / p).cosh()).product();
            let exact = (n as f64 - 1.0) * (mean - 1.0) + data.kernel.identity();
            assert!((data.ones(-2.0) - exact).abs() < data.fourth_order());
        }
    }
}
