//! The Poincaré inequality for the trace of the resolvent of a Gaussian matrix.

use super::Claim;
use super::common::{
    at_most, bounded_variance, cell, certain, eigenvalues, limit, on_model, on_same_samples, point,
    replicates, resolved, signals, two_atom,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Experiment, Plan, ReplicateError, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Ensemble, EntryLaw, Signal};
use crate::spectrum::{Eigendecomposition, Faer, Hermitian, Tridiagonal, certify};
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
            meaning: "The mean of Var − bound is not above 0 by more than the share of the last bound that the cell shows. \
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
/// Room above 0, in units of the last bound, where rivals are judged; twice that elsewhere.
const MARGIN: f64 = 0.35;
/// Size at which rivals are judged.
const RIVAL_N: usize = 10;
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
        Tier::Quick => (&[4, RIVAL_N], MARGIN),
        Tier::Standard => (&[4, RIVAL_N, 40], MARGIN / 2.0),
        Tier::Deep => (&[4, RIVAL_N, 100], MARGIN / 4.0),
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals() {
            for &n in sizes {
                let judges_rivals = signal == two_atom() && n == RIVAL_N;
                let margin = if judges_rivals { margin } else { 2.0 * margin };
                let e = plan.experiments.len();
                let one = experiment(ensemble, &signal, n, margin, constant(&ensemble));
                plan.experiments.push(one);
                let experiments = &plan.experiments;
                let judged = not_positive(experiments, e, DIFFERENCE, &ensemble, margin);
                let last = at_most(experiments, (e, LAST), 1.0);
                plan.cells.extend([judged, last]);
            }
        }
    }
    plan.rivals = rivals(&plan.experiments, margin);
    plan
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
    cell(
        experiments,
        (e, observable),
        -0.5 * b,
        0.5 * b,
        (0.5 + margin) * b,
    )
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
    let difference =
        |name: &str| bounded_variance(format!("N²Var s_N − {name}, z = {at}"), bound, -0.05 * b);
    let observables = vec![
        difference("(1/N)Tr|G|⁴ times the constant"),
        certain(format!("Im⁴z·(1/N)Tr|G|⁴, z = {at}")),
        difference("half of it"),
        difference("1/N of it"),
    ];
    on_model(
        ensemble,
        signal,
        n,
        replicates(bound, margin * b, CELLS),
        observables,
        move |model, rng, index| {
            let mut copy = || -> Result<Traces, ReplicateError> {
                let w = model.sample(n, rng)?;
                let traces = Traces::of(&w)?;
                if index == 0 {
                    traces.check(&w)?;
                }
                Ok(traces)
            };
            let (one, two) = (copy()?, copy()?);
            let square = (one.first - two.first).norm_sqr();
            let (a, b) = (one.quartic, two.quartic);
            let gradient = 0.5 * claimed * (a + b);
            Ok(vec![
                0.5 * square - gradient,
                Z.im.powi(4) * a.max(b),
                0.5 * square - 0.5 * gradient,
                0.5 * square - gradient / n as f64,
            ])
        },
    )
}

/// Tr G and (1/N) Tr|G|⁴ at the claim's point.
struct Traces {
    first: Complex64,
    quartic: f64,
}

impl Traces {
    fn of(w: &Hermitian) -> Result<Self, ReplicateError> {
        let (first, second) = Tridiagonal::reduce(w)?.resolvent_traces(Z);
        Ok(Self {
            first,
            quartic: quartic(first, second) / w.n() as f64,
        })
    }

    /// Against certified eigenvalues: |λ − λ̃| ≤ ε moves Tr G by at most Nε/Im² z, Tr|G|⁴ by less.
    fn check(&self, w: &Hermitian) -> Result<(), ReplicateError> {
        let eigen = Faer.eigen(w)?;
        let n = w.n() as f64;
        let first = eigen.spectrum.resolvent_trace(Z);
        let quartic = eigen.spectrum.eigenvalues().iter();
        let quartic: f64 = quartic.map(|x| (x - Z).norm_sqr().powi(-2)).sum();
        let error = n * certify(w, &eigen) / Z.im.powi(2)
            + (first - self.first).norm()
            + (quartic - n * self.quartic).abs();
        resolved("traces of the resolvent", 0.0, error)?;
        Ok(())
    }
}

/// Σ|λ − z|⁻⁴ = (Im s/Im z − Re s′)/(2 Im² z) for s = Σ(λ − z)⁻¹: from |λ − z|⁻² = Im (λ − z)⁻¹/Im z
/// and its derivative in Im z. For Im z above the spectrum's radius both terms are positive.
fn quartic(s: Complex64, slope: Complex64) -> f64 {
    (s.im / Z.im - slope.re) / (2.0 * Z.im.powi(2))
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
/// v_d = 2; G_ii′ → ω′/(S_ii − ω)². The upper value is the bound, (c/N)Tr|G|⁴.
fn sandwich(ensemble: &Ensemble, n: usize) -> (f64, f64) {
    let limit = limit(ensemble, &two_atom(), n, Z);
    let linear: f64 = eigenvalues(&two_atom(), n)
        .iter()
        .map(|x| (limit.omega_prime / (x - limit.omega).powi(2)).norm_sqr())
        .sum();
    let slope = (limit.omega_prime - 1.0) / ensemble.sigma().powi(2);
    let c = constant(ensemble);
    (c * linear / n as f64, c * quartic(limit.s, slope))
}

fn rivals(experiments: &[Experiment], margin: f64) -> Vec<Rival> {
    let [goe, small, _, gue] = ensembles();
    let on = |ensemble: Ensemble, n: usize, observable: usize, factor: f64| {
        let name = ensemble.name();
        let e = experiments
            .iter()
            .position(|x| x.law == name && x.signal == two_atom().name() && x.n == n)
            .expect("every tier has the rivals' size");
        let (lower, upper) = sandwich(&ensemble, n);
        RivalCell {
            cell: not_positive(experiments, e, observable, &ensemble, margin),
            expected: 0.5 * (lower + upper) - factor * upper,
            // Half the sandwich, and two per cent of the bound for a finite N in place of infinity.
            uncertainty: 0.5 * (upper - lower) + 0.02 * upper,
        }
    };
    vec![
        on_same_samples(
            "the GUE's constant for the GOE",
            vec![on(goe, RIVAL_N, HALF, 0.5)],
        ),
        on_same_samples("half the GUE's constant", vec![on(gue, RIVAL_N, HALF, 0.5)]),
        on_same_samples(
            "half the constant, σ = 0.5",
            vec![on(small, RIVAL_N, HALF, 0.5)],
        ),
        on_same_samples(
            "1/N³ in place of 1/N²",
            vec![on(goe, RIVAL_N, ONE_MORE_N, 1.0 / RIVAL_N as f64)],
        ),
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
    let experiments = vec![experiment(
        loud,
        &two_atom(),
        RIVAL_N,
        margin / 2.0,
        constant(&goe),
    )];
    let (lower, upper) = sandwich(&loud, RIVAL_N);
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
    fn quartic_of_a_single_eigenvalue_is_a_power_of_its_distance() {
        let g = (0.7 - Z).inv();
        assert!((quartic(g, g * g) - 25.25f64.powi(-2)).abs() < 1e-18);
    }

    #[test]
    fn linear_part_is_below_the_bound_and_close_to_it() {
        for ensemble in ensembles() {
            let (lower, upper) = sandwich(&ensemble, RIVAL_N);
            assert!(lower < upper && upper < last_bound(&ensemble));
            assert!(
                lower > 0.85 * upper,
                "{}: {lower}, {upper}",
                ensemble.name()
            );
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
