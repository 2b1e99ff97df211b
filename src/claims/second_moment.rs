//! The second moment: exactly σ² more in the limit, and exactly so at every N up to the diagonal.

use super::Claim;
use super::common::{
    EntryMoments, at_most, bounded_variance, cell, certain, eigenvalues, ensembles, on_matrices,
    on_same_samples, random_measure, replicates, resolved, signals, two_atom, wrong_identity,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Experiment, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Ensemble, Signal, open_uniform};
use crate::free::FreeConvolution;
use crate::measure::UpperHalf;
use num_complex::Complex64;
use rand_chacha::ChaCha8Rng;

/// ∫x²dμ = ∫x²dν + σ², and its version at finite N.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/second-moment",
            title: "Second moment",
            statement: "∫x² dμ = ∫x² dν + σ² for μ = ν ⊞ semicircle(σ²). At every N and for every law of \
                        the entries, N E∫x² dμ_N = Tr S² + σ²(N − 1 + v_d), v_d = E R_ii²/σ² (GUE: 1).",
            formula: r"\int x^2\,d\mu=\int x^2\,d\nu+\sigma^2,\qquad \mathbb{E}\int x^2\,d\mu_N=\int x^2\,d\nu_N+\sigma^2\,\frac{N-1+v_d}{N}",
            meaning: "The limit holds within 1e-9 over random ν and σ. At finite N the mean of Tr W² \
                      is right to less than σ², so that the weight of the diagonal, one part in N, \
                      is confirmed too. The variance of Tr W² is known, so the intervals are proved.",
            source: Source {
                work: "abk",
                locus: "(4.19)–(4.20)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// What is called agreement in Tr W², in units of σ².
const MARGIN: f64 = 0.8;
/// 6 laws, 3 signals, at most 3 sizes.
const CELLS: usize = 54;

fn plan(tier: Tier) -> Plan {
    let (sizes, margin, draws): (&[usize], f64, usize) = match tier {
        Tier::Quick => (&[4, 32], MARGIN, 300),
        Tier::Standard => (&[4, 32, 64], MARGIN / 2.0, 5_000),
        Tier::Deep => (&[4, 32, 300], MARGIN / 4.0, 100_000),
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals() {
            for &n in sizes {
                let one = Traces::new(ensemble, &signal, n);
                let outer = margin * ensemble.sigma().powi(2);
                let e = plan.experiments.len();
                plan.experiments.push(one.experiment(&signal, outer));
                let judged = cell(&plan.experiments, (e, 0), one.mean(), 0.0, outer);
                plan.cells.push(judged);
            }
        }
    }
    let limit = plan.experiments.len();
    plan.experiments.push(limit_experiment(draws));
    plan.cells.push(at_most(&plan.experiments, (limit, 0), 0.0));
    add_rivals(&mut plan, limit, margin);
    plan
}

/// What is known in advance about Tr W².
pub(super) struct Traces {
    ensemble: Ensemble,
    n: usize,
    /// Tr S and Tr S².
    first: f64,
    second: f64,
}

impl Traces {
    pub fn new(ensemble: Ensemble, signal: &Signal, n: usize) -> Self {
        let s = eigenvalues(signal, n);
        Self {
            ensemble,
            n,
            first: s.iter().sum(),
            second: s.iter().map(|x| x * x).sum(),
        }
    }

    /// v_d; 1 for the GUE, whose diagonal has the variance of the other entries.
    fn diagonal_variance(&self) -> f64 {
        match self.ensemble {
            Ensemble::Wigner {
                diagonal_variance, ..
            } => diagonal_variance,
            Ensemble::Gue { .. } => 1.0,
        }
    }

    /// E Tr W² = Tr S² + σ²(N − 1 + v_d).
    pub fn mean(&self) -> f64 {
        let variance = self.ensemble.sigma().powi(2);
        self.second + variance * (self.n as f64 - 1.0 + self.diagonal_variance())
    }

    /// Var Tr W² for diagonal S, exactly.
    ///
    /// Tr W² = (1/N)(2Σ_{i<j}|R_ij|² + Σ R_ii²) + (2/√N)Σ R_ii S_ii + Tr S², with R_ii = σ√v_d X_ii:
    /// the squares give σ⁴/N·(2(N − 1)Var|X|² + v_d² Var X_d²), the linear term 4σ²v_d Tr S²/N, and their
    /// covariance 4σ³ v_d^{3/2} κ₃ Tr S/N^{3/2}. GUE: Var|X|² = 1 off the diagonal, Var X_d² = 2 on it.
    pub fn variance(&self) -> f64 {
        let (n, sigma, v_d) = (
            self.n as f64,
            self.ensemble.sigma(),
            self.diagonal_variance(),
        );
        let moments = EntryMoments::of(&self.ensemble).expect("laws with eight moments");
        let diagonal = if moments.complex {
            2.0
        } else {
            moments.square_variance()
        };
        let squares = 2.0 * (n - 1.0) * moments.square_variance() + v_d * v_d * diagonal;
        sigma.powi(4) * squares / n
            + 4.0 * sigma.powi(2) * v_d * self.second / n
            + 4.0 * (sigma * v_d.sqrt()).powi(3) * moments.third * self.first / n.powf(1.5)
    }

    fn experiment(&self, signal: &Signal, outer: f64) -> Experiment {
        // Rounding of the formula, and of Tr W², which must not vary where the variance is 0.
        let bound = self.variance() * (1.0 + 1e-9) + (1e-12 * self.mean()).powi(2);
        let observable = bounded_variance("N∫x²dμ_N = Tr W²", bound, self.mean());
        on_matrices(
            self.ensemble,
            signal,
            self.n,
            replicates(bound, outer, CELLS),
            vec![observable],
            |w, _| Ok(vec![w.frobenius_squared()]),
        )
    }
}

fn limit_experiment(draws: usize) -> Experiment {
    Experiment {
        law: "limit".into(),
        signal: "random".into(),
        n: 0,
        replicates: draws,
        observables: vec![
            certain("|∫x²dμ − ∫x²dν − σ²|"),
            certain("|∫x²dμ − ∫x²dν − σ|"),
            certain("|∫x²dμ − ∫x²dν|"),
        ],
        replicate: Replicate::alone(|rng, _| limit_residuals(rng)),
    }
}

/// Points of the circle.
const NODES: usize = 64;

/// ∫x²dμ = −(1/2πi)∮ z² s_μ(z) dz over |z| = 2ρ, supp μ ⊂ [−ρ, ρ], by the trapezoidal rule.
///
/// −z³s = Σ m_k z^{2−k}: the rule returns m₂ and the moments m_{2+64i}/(2ρ)^{64i}, at most ρ²·2⁻⁶³
/// together. Half a step of offset keeps the nodes off the axis; the lower ones are conjugate.
fn limit_residuals(rng: &mut ChaCha8Rng) -> Result<Vec<f64>, ReplicateError> {
    let nu = random_measure(rng)?;
    let sigma = 0.3 + 1.2 * open_uniform(rng);
    let mu = FreeConvolution::new(nu, sigma)?;
    let ends = mu.nu().support();
    let reach = ends[0].lo.abs().max(ends[ends.len() - 1].hi.abs()) + 2.0 * sigma;
    let radius = 2.0 * reach;
    let (mut sum, mut worst) = (0.0, 0.0f64);
    for j in 0..NODES / 2 {
        let angle = std::f64::consts::TAU * (j as f64 + 0.5) / NODES as f64;
        let z = Complex64::from_polar(radius, angle);
        let solved = mu.subordination(UpperHalf::new(z)?)?;
        sum -= (z * z * z * solved.s).re;
        // s moves by at most |s′| ≤ 1/ρ² times the rounding of z; a few ulp of z³s for the rest.
        worst = worst.max(radius.powi(3) * (solved.error_bound + 64.0 * f64::EPSILON / reach));
    }
    let found = 2.0 * sum / NODES as f64;
    let before = mu.nu().moment(2);
    let error = worst + reach * reach * (0.5f64.powi(62) + 64.0 * f64::EPSILON);
    Ok(vec![
        resolved(
            "second moment",
            (found - before - sigma * sigma).abs(),
            error,
        )?,
        (found - before - sigma).abs(),
        (found - before).abs(),
    ])
}

fn add_rivals(plan: &mut Plan, limit: usize, margin: f64) {
    let [goe, gue, .., skewed] = ensembles();
    let at = |plan: &Plan, ensemble: Ensemble, n: usize| {
        let name = ensemble.name();
        plan.experiments
            .iter()
            .position(|x| x.law == name && x.signal == two_atom().name() && x.n == n)
            .expect("every tier has N = 4 and N = 32")
    };
    let shifted = |plan: &Plan, ensemble: Ensemble, n: usize, by: f64| {
        let one = Traces::new(ensemble, &two_atom(), n);
        let e = at(plan, ensemble, n);
        let outer = margin * ensemble.sigma().powi(2);
        RivalCell {
            cell: cell(&plan.experiments, (e, 0), one.mean() + by, 0.0, outer),
            expected: one.mean(),
            uncertainty: 0.0,
        }
    };
    let variance = skewed.sigma().powi(2);
    let theory = [
        ("no 1/N term (GOE)", shifted(plan, goe, 32, -1.0)),
        ("v_d = 2 in place of 1", shifted(plan, skewed, 32, variance)),
        ("GOE's diagonal for the GUE", shifted(plan, gue, 32, 1.0)),
        (
            "σ in place of σ² at finite N",
            shifted(plan, skewed, 32, 32.0 * (skewed.sigma() - variance)),
        ),
        ("no S", shifted(plan, goe, 32, -32.0 * 0.48)),
        (
            "σ in place of σ² in the limit",
            wrong_identity(&plan.experiments, (limit, 1), 0.25),
        ),
        (
            "no σ² in the limit",
            wrong_identity(&plan.experiments, (limit, 2), 1.0),
        ),
    ];
    plan.rivals
        .extend(theory.map(|(name, cell)| on_same_samples(name, vec![cell])));

    // Entries of variance 1.05: Tr W² − Tr S² is 5 % larger, 0.05·33 at N = 32.
    let truth = Traces::new(goe, &two_atom(), 32);
    let louder = Ensemble::Wigner {
        law: crate::ensemble::EntryLaw::Gaussian,
        diagonal_variance: 2.0,
        sigma: 1.05f64.sqrt(),
    };
    let wrong = Traces::new(louder, &two_atom(), 32);
    let experiments = vec![wrong.experiment(&two_atom(), margin)];
    let judged = cell(&experiments, (0, 0), truth.mean(), 0.0, margin);
    plan.rivals.push(Rival {
        name: "variance 1.05".into(),
        side: Side::Data,
        experiments,
        cells: vec![RivalCell {
            cell: judged,
            expected: wrong.mean(),
            uncertainty: 0.0,
        }],
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{Deformed, EntryLaw, StreamKey};

    #[test]
    fn variance_of_the_trace_is_the_exact_sum_over_a_two_point_law() {
        // N = 2, entries 2 (1/5) or −1/2 (4/5): all eight matrices, v_d = 1, σ = 0.8.
        let skewed = ensembles()[5];
        let signal = two_atom();
        let s = eigenvalues(&signal, 2);
        let (mut mean, mut square) = (0.0, 0.0);
        for bits in 0..8u32 {
            let values: Vec<(f64, f64)> = (0..3)
                .map(|b| {
                    if bits >> b & 1 == 1 {
                        (2.0, 0.2)
                    } else {
                        (-0.5, 0.8)
                    }
                })
                .collect();
            let weight: f64 = values.iter().map(|v| v.1).product();
            let scale = 0.8 / 2f64.sqrt();
            let (a, b, c) = (
                values[0].0 * scale + s[0],
                values[1].0 * scale + s[1],
                values[2].0 * scale,
            );
            let t = a * a + b * b + 2.0 * c * c;
            mean += weight * t;
            square += weight * t * t;
        }
        let traces = Traces::new(skewed, &signal, 2);
        assert!((traces.mean() - mean).abs() < 1e-12);
        assert!((traces.variance() - (square - mean * mean)).abs() < 1e-12);
    }

    #[test]
    fn trace_of_the_square_is_what_the_replicates_measure() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "goe".into(),
            n: 3,
            signal: "zero".into(),
        };
        let model = Deformed {
            ensemble: Ensemble::wigner(EntryLaw::Rademacher),
            signal: Signal::zero(),
        };
        // Rademacher, v_d = 2: Tr W² = σ²(N − 1 + 2) surely.
        let w = model.sample(3, &mut key.generator(0)).unwrap();
        assert!((w.frobenius_squared() - 4.0).abs() < 1e-14);
        let traces = Traces::new(Ensemble::wigner(EntryLaw::Rademacher), &Signal::zero(), 3);
        assert_eq!(traces.variance(), 0.0);
    }
}
