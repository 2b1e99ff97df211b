//! The Poincaré inequality for the trace of the resolvent of a Gaussian matrix.

use super::Claim;
use super::common::{
    at_most, bounded_variance, cell, certain, eigenvalues, limit, on_same_samples, point,
    replicates, resolved, signals, two_atom,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Experiment, Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Deformed, Ensemble, EntryLaw, Signal};
use crate::spectrum::{Eigensolver, Faer, Spectrum, certify, trace_checks};
use num_complex::Complex64;

/// Var s_N ≤ (2σ²/N²) E (1/N) Tr|G|⁴ ≤ 2σ²/(N² Im⁴ z).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/poincare",
            title: "Poincaré bound of the variance",
            statement: "Gaussian entries, v_d ≤ 2: Var s_N(z) = E|s_N − E s_N|² ≤ (2σ²/N²) E (1/N) Tr|G|⁴ \
                        ≤ 2σ²/(N² Im⁴ z). GUE: the same with σ² in place of 2σ².",
            formula: r"\operatorname{Var}s_N(z)\le\frac{2\sigma^2}{N^2}\,\mathbb{E}\,\frac1N\operatorname{Tr}|G(z)|^4\le\frac{2\sigma^2}{N^2(\operatorname{Im}z)^4}",
            meaning: "The mean of Var − bound is not above 0 by more than a third of the last bound. \
                      The points are far from the axis, where the inequality is nearly an equality: \
                      half the constant, or one more power of 1/N, is refuted.",
            source: Source {
                work: "abk",
                locus: "(4.12)–(4.18)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

#[doc = include_str!("../../docs/derivations/poincare.md")]
mod derivation {}

/// Far from the axis G is nearly linear in the entries and the inequality nearly sharp.
const Z: Complex64 = Complex64::new(0.2, 5.0);
/// Room above 0, in units of the last bound.
const MARGIN: f64 = 0.35;
/// 4 ensembles, 3 signals, at most 3 sizes.
const CELLS: usize = 36;

const DIFFERENCE: usize = 0;
const LAST: usize = 1;
const HALF: usize = 2;
const ONE_MORE_N: usize = 3;

/// GOE at two σ, GOE with v_d = 1 (the bound holds, with room on the diagonal), GUE.
fn ensembles() -> [Ensemble; 4] {
    let gaussian = |diagonal_variance, sigma| Ensemble::Wigner {
        law: EntryLaw::Gaussian,
        diagonal_variance,
        sigma,
    };
    [
        gaussian(2.0, 1.0),
        gaussian(2.0, 0.5),
        gaussian(1.0, 1.0),
        Ensemble::gue(),
    ]
}

/// 2σ² or σ²: E|∇Tr f|² ≤ constant·E (1/N) Tr|f′|² for v_d ≤ 2.
fn constant(ensemble: &Ensemble) -> f64 {
    let variance = ensemble.sigma().powi(2);
    match ensemble {
        Ensemble::Wigner { .. } => 2.0 * variance,
        Ensemble::Gue { .. } => variance,
    }
}

/// The last bound of N² Var s_N, constant/Im⁴ z.
fn last_bound(ensemble: &Ensemble) -> f64 {
    constant(ensemble) / Z.im.powi(4)
}

fn plan(tier: Tier) -> Plan {
    let (sizes, margin): (&[usize], f64) = match tier {
        Tier::Quick => (&[4, 12], MARGIN),
        Tier::Standard => (&[4, 12, 40], MARGIN / 2.0),
        Tier::Deep => (&[4, 12, 100], MARGIN / 4.0),
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals() {
            for &n in sizes {
                plan.experiments
                    .push(experiment(ensemble, &signal, n, margin, constant(&ensemble)));
            }
        }
    }
    for (e, ensemble) in (0..plan.experiments.len()).zip(repeated(sizes.len())) {
        plan.cells.push(not_positive(&plan.experiments, e, DIFFERENCE, &ensemble, margin));
        plan.cells.push(at_most(&plan.experiments, (e, LAST), 1.0));
    }
    plan.rivals = rivals(&plan.experiments, margin);
    plan
}

/// The ensembles in the order of the experiments.
fn repeated(sizes: usize) -> impl Iterator<Item = Ensemble> {
    let each = signals().len() * sizes;
    ensembles()
        .into_iter()
        .flat_map(move |ensemble| std::iter::repeat_n(ensemble, each))
}

/// The mean lies in [−b, 0], b the last bound, and agreement means: not above `margin`·b.
fn not_positive(
    experiments: &[Experiment],
    e: usize,
    observable: usize,
    ensemble: &Ensemble,
    margin: f64,
) -> Cell {
    let b = last_bound(ensemble);
    cell(experiments, (e, observable), -0.5 * b, 0.5 * b, (0.5 + margin) * b)
}

/// X = ½|Tr G − Tr G′|² − ½(T + T′), T = (c/N) Tr|G|⁴, from independent copies, c the claim's constant.
fn experiment(
    ensemble: Ensemble,
    signal: &Signal,
    n: usize,
    margin: f64,
    claimed: f64,
) -> Experiment {
    let bound = variance_bound(&ensemble, n);
    let b = last_bound(&ensemble);
    let at = point(Z);
    let difference = |name: &str| {
        bounded_variance(format!("N²Var s_N − {name}, z = {at}"), bound, -0.05 * b)
    };
    let observables = vec![
        difference("(1/N)Tr|G|⁴ times the constant"),
        certain(format!("Im⁴z·(1/N)Tr|G|⁴, z = {at}")),
        difference("half of it"),
        difference("1/N of it"),
    ];
    let model = Deformed {
        ensemble,
        signal: signal.clone(),
    };
    Experiment {
        law: ensemble.name(),
        signal: signal.name(),
        n,
        replicates: replicates(bound, margin * b, CELLS),
        observables,
        replicate: Box::new(move |rng, index| {
            let mut spectrum = || -> Result<Spectrum, crate::design::ReplicateError> {
                let w = model.sample(n, rng)?;
                let spectrum = Faer.eigenvalues(&w)?;
                trace_checks(&w, &spectrum)?;
                if index == 0 {
                    resolved("eigenvalues", 0.0, certify(&w, &Faer.eigen(&w)?))?;
                }
                Ok(spectrum)
            };
            let (one, two) = (spectrum()?, spectrum()?);
            let square = (one.resolvent_trace(Z) - two.resolvent_trace(Z)).norm_sqr();
            let (a, b) = (fourth_power(&one), fourth_power(&two));
            let gradient = 0.5 * claimed * (a + b);
            Ok(vec![
                0.5 * square - gradient,
                Z.im.powi(4) * a.max(b),
                0.5 * square - 0.5 * gradient,
                0.5 * square - gradient / n as f64,
            ])
        }),
    }
}

/// (1/N) Tr|G|⁴ = (1/N) Σ |λ − z|⁻⁴.
fn fourth_power(spectrum: &Spectrum) -> f64 {
    let terms = spectrum
        .eigenvalues()
        .iter()
        .map(|x| (x - Z).norm_sqr().powi(-2));
    terms.sum::<f64>() / spectrum.n() as f64
}

/// Var X ≤ (2b + √(c³/2)·1.036/(N Im⁵ z))², b = c/Im⁴ z; for the rivals' X as well.
fn variance_bound(ensemble: &Ensemble, n: usize) -> f64 {
    let c = constant(ensemble);
    let second = (c.powi(3) / 2.0).sqrt() * 1.036 / (n as f64 * Z.im.powi(5));
    (2.0 * last_bound(ensemble) + second).powi(2) * (1.0 + 1e-9)
}

/// Lower and upper value of N² Var s_N and value of its bound, all for N → ∞.
///
/// The variance of a function of Gaussians is at least that of its linear part, (c/N)‖E G²‖_F², for
/// v_d = 2; G_ii′ → ω′/(S_ii − ω)². The upper value is the bound, (c/N)Tr|G|⁴, with
/// ∫|x − z|⁻⁴dμ = (Im s/Im z − Re s′)/(2 Im² z).
fn sandwich(ensemble: &Ensemble, n: usize) -> (f64, f64) {
    let limit = limit(ensemble, &two_atom(), n, Z);
    let linear: f64 = eigenvalues(&two_atom(), n)
        .iter()
        .map(|x| (limit.omega_prime / (x - limit.omega).powi(2)).norm_sqr())
        .sum();
    let slope = (limit.omega_prime - 1.0) / ensemble.sigma().powi(2);
    let quartic = (limit.s.im / Z.im - slope.re) / (2.0 * Z.im.powi(2));
    let c = constant(ensemble);
    (c * linear / n as f64, c * quartic)
}

fn rivals(experiments: &[Experiment], margin: f64) -> Vec<Rival> {
    let [goe, small, _, gue] = ensembles();
    let on = |ensemble: Ensemble, n: usize, observable: usize, factor: f64| {
        let name = ensemble.name();
        let e = experiments
            .iter()
            .position(|x| x.law == name && x.signal == two_atom().name() && x.n == n)
            .expect("every tier has N = 4 and N = 12");
        let (lower, upper) = sandwich(&ensemble, n);
        RivalCell {
            cell: not_positive(experiments, e, observable, &ensemble, margin),
            expected: 0.5 * (lower + upper) - factor * upper,
            // Half the sandwich, and two per cent of the bound for N = 12 in place of infinity.
            uncertainty: 0.5 * (upper - lower) + 0.02 * upper,
        }
    };
    vec![
        on_same_samples("the GUE's constant for the GOE", vec![on(goe, 12, HALF, 0.5)]),
        on_same_samples("half the GUE's constant", vec![on(gue, 12, HALF, 0.5)]),
        on_same_samples("half the constant, σ = 0.5", vec![on(small, 12, HALF, 0.5)]),
        on_same_samples("1/N³ in place of 1/N²", vec![on(goe, 12, ONE_MORE_N, 1.0 / 12.0)]),
        louder(margin),
    ]
}

/// Entries of variance 2, judged with the bound for variance 1.
fn louder(margin: f64) -> Rival {
    let loud = Ensemble::Wigner {
        law: EntryLaw::Gaussian,
        diagonal_variance: 2.0,
        sigma: 2f64.sqrt(),
    };
    let goe = Ensemble::goe();
    let experiments = vec![experiment(loud, &two_atom(), 12, margin / 2.0, constant(&goe))];
    let (lower, upper) = sandwich(&loud, 12);
    let judged = not_positive(&experiments, 0, DIFFERENCE, &goe, margin);
    Rival {
        name: "variance 2".into(),
        side: Side::Data,
        experiments,
        cells: vec![RivalCell {
            cell: judged,
            expected: 0.5 * (lower + upper) - 0.5 * upper,
            uncertainty: 0.5 * (upper - lower) + 0.02 * upper,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fourth_power_of_a_single_eigenvalue_is_that_of_its_distance() {
        let one = Spectrum::new(vec![0.2]).unwrap();
        assert!((fourth_power(&one) - 5f64.powi(-4)).abs() < 1e-18);
    }

    #[test]
    fn linear_part_is_below_the_bound_and_close_to_it() {
        for ensemble in ensembles() {
            let (lower, upper) = sandwich(&ensemble, 12);
            assert!(lower < upper && upper < last_bound(&ensemble));
            assert!(lower > 0.85 * upper, "{}: {lower}, {upper}", ensemble.name());
        }
    }

    #[test]
    fn slope_of_the_quartic_kernel_stays_below_its_constant() {
        // sup 4u/(u² + 1)³ = (4/√5)(5/6)³ = 1.0352…, at u² = 1/5.
        let sup = (0..100_000)
            .map(|i| f64::from(i) * 1e-4)
            .map(|u| 4.0 * u / (u * u + 1.0).powi(3))
            .fold(0.0, f64::max);
        assert!(sup < 1.036 && sup > 1.035);
    }
}
