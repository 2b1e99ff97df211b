//! Assumptions 1–3: the families of signals on which the theorems are tested satisfy them, with rates.

mod family;

use super::Claim;
use super::common::{RESOLUTION, at_most, cell, certain, signals};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Experiment, Plan, Replicate, Rival, RivalCell, Side, Tier};
use crate::measure::SpectralMeasure;
use family::{Family, POINTS, rounding, transform};
use num_complex::Complex64;

/// Assumptions 1, 2 and 3.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/assumptions",
            title: "Assumptions 1–3",
            statement: "S_N with N − k_N midpoint quantiles of ν and k_N midpoint quantiles of a density on \
                        [a, b] off supp ν, k_N = ⌊√N⌋ or ⌊N^{2/3}⌋: exactly k_N eigenvalues lie off supp ν, \
                        |s_{ν_N} − s_ν| ≤ 2k_N/(N Im z) + e, and κ_N = (N/k_N)(ν_N − ν) has |s_{κ_N} − s_κ| ≤ \
                        (b − a)²/(12k_N² Im³z) + (N/k_N)e, κ = density − ν of total variation 2; e is the error of \
                        the quantiles of ν, at most 2/((N − k_N) Im z).",
            formula: r"\nu_N\to\nu,\qquad k_N\to\infty,\quad \frac{k_N}{N}\to0,\qquad \kappa_N=\frac{N}{k_N}(\nu_N-\nu)\to\kappa,\quad |\kappa|(\mathbb{R})=2",
            meaning: "The data of the claims about large rank satisfy the paper's hypotheses, with explicit \
                      rates up to N = 10⁶. κ_N itself has total variation of order N/k_N when ν has a \
                      density: the finite variation is asked of the limit κ, not of κ_N.",
            source: Source {
                work: "abk",
                locus: "Assumptions 1–3, (4.3)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

/// k_N as a power of N.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Growth {
    /// ⌊√N⌋.
    SquareRoot,
    /// ⌊N^{2/3}⌋.
    TwoThirds,
}

impl Growth {
    const ALL: [Self; 2] = [Self::SquareRoot, Self::TwoThirds];

    /// Largest integer k with k² ≤ N, or k³ ≤ N²: floating powers miss exact ones (100^{3/2}).
    fn of(self, n: usize) -> usize {
        let below = |k: usize| match self {
            Self::SquareRoot => k * k <= n,
            Self::TwoThirds => k * k * k <= n * n,
        };
        let start = match self {
            Self::SquareRoot => (n as f64).sqrt(),
            Self::TwoThirds => (n as f64).powf(2.0 / 3.0),
        } as usize
            + 2;
        (0..=start)
            .rev()
            .find(|&k| below(k))
            .expect("0 satisfies both")
    }

    fn name(self) -> &'static str {
        match self {
            Self::SquareRoot => "k = ⌊√N⌋",
            Self::TwoThirds => "k = ⌊N^{2/3}⌋",
        }
    }
}

/// Zero, two atoms with spikes in the gap, and an interval with spikes on the left.
fn families() -> [Family; 3] {
    let [zero, atoms, uniform] = signals();
    [
        Family::new(zero, 1.5, 2.5),
        Family::new(atoms, 0.2, 0.6),
        Family::new(uniform, -3.0, -2.0),
    ]
}

/// Size at which rivals are judged.
const RIVAL_SIZE: usize = 100_000;

fn plan(tier: Tier) -> Plan {
    let sizes: &[usize] = match tier {
        Tier::Quick => &[100, 10_000, 1_000_000],
        Tier::Standard => &[100, 1_000, 10_000, 100_000, 1_000_000],
        Tier::Deep => &[100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000],
    };
    let mut plan = Plan::default();
    for family in families() {
        for growth in Growth::ALL {
            for &n in sizes {
                let data = Data::of(&family, growth, n);
                let e = plan.experiments.len();
                plan.experiments.push(data.experiment(&family, growth));
                let most = 1.0 + RESOLUTION;
                plan.cells.push(at_most(&plan.experiments, (e, 0), 0.0));
                for observable in 1..3 {
                    let judged = cell(&plan.experiments, (e, observable), 0.0, most, most);
                    plan.cells.push(judged);
                }
            }
        }
    }
    plan.rivals = rivals();
    plan
}

/// What is laid out, and how it is normalised.
struct Data {
    n: usize,
    /// Spikes in the matrix.
    k: usize,
    /// k_N of the normalisation N/k_N.
    normalisation: f64,
    spikes: SpectralMeasure,
    /// s_κ = s_density − weight·s_ν; 1 in truth.
    subtracted: f64,
}

impl Data {
    fn of(family: &Family, growth: Growth, n: usize) -> Self {
        let k = growth.of(n);
        Self {
            n,
            k,
            normalisation: k as f64,
            spikes: family.density(),
            subtracted: 1.0,
        }
    }

    /// Observables: ||{eigenvalues off supp ν}| − k_N|, and the worst |s_{ν_N} − s_ν| and |s_{κ_N} − s_κ| over their
    /// bounds at the k_N of the theory.
    fn experiment(self, family: &Family, growth: Growth) -> Experiment {
        let law = growth.name();
        let observables = vec![
            certain(format!("|#(off supp ν) − k_N|, {law}")),
            certain(format!("|s_ν_N − s_ν|/bound, {law}")),
            certain(format!("|s_κ_N − s_κ|/bound, {law}")),
        ];
        let family = family.clone();
        Experiment {
            law: "deterministic".into(),
            signal: family.name(),
            n: self.n,
            replicates: 1,
            observables,
            replicate: Replicate::alone(move |_, _| {
                let values = family.eigenvalues(self.n, self.k, &self.spikes)?;
                let theory = growth.of(self.n);
                let outside = family.outside(&values) as f64 - theory as f64;
                let (nu, density) = (family.nu(), family.density());
                let (mut first, mut second) = (0.0f64, 0.0f64);
                for (re, im) in POINTS {
                    let z = Complex64::new(re, im);
                    let (s_nu, s_density) =
                        (nu.stieltjes_jet(z).value, density.stieltjes_jet(z).value);
                    let off = transform(&values, z) - s_nu;
                    let kappa = off * (self.n as f64 / self.normalisation);
                    let wrong = kappa - (s_density - self.subtracted * s_nu);
                    // κ_N has it N/k_N times.
                    let rounding = rounding(im);
                    let amplified = rounding * self.n as f64 / theory as f64;
                    first =
                        first.max(off.norm() / (family.nu_bound(self.n, theory, im) + rounding));
                    second = second
                        .max(wrong.norm() / (family.kappa_bound(self.n, theory, im) + amplified));
                }
                Ok(vec![outside.abs(), first, second])
            }),
        }
    }
}

fn rivals() -> Vec<Rival> {
    let [zero, _, uniform] = families();
    let (n, k) = (RIVAL_SIZE, Growth::SquareRoot.of(RIVAL_SIZE));
    let base = |family: &Family| Data::of(family, Growth::SquareRoot, n);
    // Largest |f(z)|/bound over the points, by limit objects alone.
    let worst = |bound: &dyn Fn(f64) -> f64, f: &dyn Fn(Complex64) -> Complex64| {
        POINTS
            .iter()
            .map(|&(re, im)| f(Complex64::new(re, im)).norm() / bound(im))
            .fold(0.0, f64::max)
    };
    let rounded = |family: &Family, eta: f64| {
        family.kappa_bound(n, k, eta) + rounding(eta) * n as f64 / k as f64
    };
    let s = |nu: &SpectralMeasure, z: Complex64| nu.stieltjes_jet(z).value;
    let rival = |name: &str, side, family: &Family, data: Data, observable, expected: f64| {
        let experiments = vec![data.experiment(family, Growth::SquareRoot)];
        let most = 1.0 + RESOLUTION;
        let judged = cell(&experiments, (0, observable), 0.0, most, most);
        Rival {
            name: name.into(),
            side,
            experiments,
            cells: vec![RivalCell {
                cell: judged,
                expected,
                // What is left out of `expected` obeys the bounds of the claim, that is 1, up to a factor k/N.
                uncertainty: 2.0 + 0.3 * expected,
            }],
        }
    };
    let many = rival(
        "k/N → 0.2",
        Side::Hypothesis,
        &uniform,
        Data {
            k: n / 5,
            ..base(&uniform)
        },
        1,
        worst(&|eta| uniform.nu_bound(n, k, eta), &|z| {
            0.2 * (s(&uniform.density(), z) - s(&uniform.nu(), z))
        }),
    );
    let few: Vec<f64> = [0.5, 1.5, 2.5].map(|i| 1.5 + i / 3.0).into();
    let bounded = rival(
        "bounded k",
        Side::Hypothesis,
        &zero,
        Data {
            k: 3,
            normalisation: 3.0,
            ..base(&zero)
        },
        2,
        worst(&|eta| rounded(&zero, eta), &|z| {
            transform(&few, z) - s(&zero.density(), z)
        }),
    );
    let interval = zero.spikes;
    let arcsine = SpectralMeasure::arcsine(interval.lo, interval.hi).expect("a literal interval");
    let elsewhere = rival(
        "arcsine spikes for uniform ones",
        Side::Data,
        &zero,
        Data {
            spikes: arcsine.clone(),
            ..base(&zero)
        },
        2,
        worst(&|eta| rounded(&zero, eta), &|z| {
            s(&arcsine, z) - s(&zero.density(), z)
        }),
    );
    let unscaled = rival(
        "κ_N = N(ν_N − ν)",
        Side::Theory,
        &uniform,
        Data {
            normalisation: 1.0,
            ..base(&uniform)
        },
        2,
        worst(&|eta| rounded(&uniform, eta), &|z| {
            (k as f64 - 1.0) * (s(&uniform.density(), z) - s(&uniform.nu(), z))
        }),
    );
    let positive = rival(
        "κ without −ν",
        Side::Theory,
        &zero,
        Data {
            subtracted: 0.0,
            ..base(&zero)
        },
        2,
        worst(&|eta| rounded(&zero, eta), &|z| s(&zero.nu(), z)),
    );
    let touching = {
        let experiments = vec![
            Data {
                spikes: SpectralMeasure::uniform(-2.0, 0.0).expect("a literal interval"),
                ..base(&uniform)
            }
            .experiment(&uniform, Growth::SquareRoot),
        ];
        // Half of them lie in supp ν = [−1, 1].
        let judged = at_most(&experiments, (0, 0), 0.0);
        Rival {
            name: "spikes inside supp ν".into(),
            side: Side::Hypothesis,
            experiments,
            cells: vec![RivalCell {
                cell: judged,
                expected: 0.5 * k as f64,
                uncertainty: 1.0,
            }],
        }
    };
    vec![many, bounded, elsewhere, unscaled, positive, touching]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growths_are_exact_at_perfect_powers() {
        for (n, root, two_thirds) in [(100, 10, 21), (1_000, 31, 100), (1_000_000, 1_000, 10_000)] {
            assert_eq!(Growth::SquareRoot.of(n), root);
            assert_eq!(Growth::TwoThirds.of(n), two_thirds);
        }
    }

    #[test]
    fn limit_kappa_has_mass_zero_and_total_variation_two() {
        use crate::measure::SignedMeasure;
        for family in families() {
            let kappa = SignedMeasure::difference(1.0, family.density(), 1.0, family.nu());
            assert_eq!(kappa.total_mass(), 0.0);
            assert!((kappa.total_variation_bound() - 2.0).abs() < 1e-12);
        }
    }
}
