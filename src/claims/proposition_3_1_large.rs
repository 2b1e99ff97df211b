//! Proposition 3.1 for S = 0 at N = 10⁶: the constant of the 1/N term where everything else has died out.

use super::Claim;
use super::common::on_own_samples;
use super::large::{Drawn, Noise, POINTS, Statistic, scaled, traces};
use super::power::sized;
use super::stieltjes_equation::{defect, inputs, place};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Estimator, Experiment, Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Ensemble, Signal};
use crate::free::finite_size::Expansion;
use crate::measure::UpperHalf;
use crate::statistic::{Defect, Part};
use num_complex::Complex64;
use std::sync::Arc;

/// (3.2) for S = 0 at large N.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.1-large",
            title: "Stieltjes equation before the limit, a million eigenvalues",
            statement: "S = 0: N(E s_N(z) + 1/(z + σ² E s_N(z))) → r(z) = σ²s_μ³/(1 − σ²s_μ²) for the GOE and 0 for the GUE. \
                        The paper states that the left side is O(1); the constant is ours.",
            formula: r"N\Bigl(\mathbb{E}\,s_N(z)+\frac{1}{z+\sigma^2\,\mathbb{E}\,s_N(z)}\Bigr)\;\longrightarrow\;r(z)=\frac{\sigma^2 s_\mu(z)^3}{1-\sigma^2s_\mu(z)^2}\ \text{(GOE)},\quad 0\ \text{(GUE)}",
            meaning: "At the N listed, the error of the limiting equation is r(z)/N up to the tolerance shown over N: E s_N is \
                      known to about 10⁻² /N. Terms of order N^{-1/2} or log N/N in N Δ_N would be seen at the largest N. W is drawn \
                      in its tridiagonal form, exact in law.",
            source: Source {
                work: "abk",
                locus: "Proposition 3.1, (3.2)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// One ensemble at one N.
struct Row {
    ensemble: Ensemble,
    n: usize,
    zs: [UpperHalf; POINTS],
    /// Agreement as a fraction of |r(z)| of the GOE.
    fraction: f64,
}

/// ν = δ₀.
fn zero() -> Arc<[f64]> {
    Arc::from([0.0])
}

impl Row {
    /// Points where r is largest against the widths.
    fn new(ensemble: Ensemble, n: usize, fraction: f64) -> Self {
        let zs = [(0.5, 1.5), (0.0, 2.0), (-1.0, 1.5), (1.25, 1.75)];
        Self {
            ensemble,
            n,
            zs: zs.map(|(re, im)| scaled(&ensemble, re, im)),
            fraction,
        }
    }

    fn noise(&self, j: usize) -> Noise {
        Noise::new(&self.ensemble, self.n, self.zs[j])
    }

    fn experiment(&self, drawn: Drawn, ensemble: Ensemble, replicates: usize) -> Experiment {
        traces(
            Statistic::Trace,
            drawn,
            ensemble,
            self.n,
            replicates,
            self.zs,
        )
    }

    /// One part of N(m − s_ν(z + c m)), c = σ² but for rivals, against `theory`.
    fn cell(&self, (e, j): (usize, usize), part: Part, c: f64, theory: Complex64) -> Cell {
        let noise = self.noise(j);
        // Sums of N terms; the estimator carries its own rounding.
        let rounding = 10.0 * f64::EPSILON * self.n as f64;
        let inner = noise.defect().remainder + rounding;
        Cell {
            law: self.ensemble.name(),
            signal: Signal::zero().name(),
            n: self.n,
            point: place(part, self.zs[j]),
            theory: part.of(theory),
            inner,
            outer: inner + self.fraction * noise.goe_leading().norm(),
            estimator: Estimator::general(
                inputs(e, j),
                defect(zero(), self.zs[j], c, self.n, part),
            ),
        }
    }

    fn variance(&self) -> f64 {
        self.ensemble.sigma().powi(2)
    }

    /// The cells of experiment `e` with another c and theory, on data with traces of mean `truth`.
    fn judged(
        &self,
        e: usize,
        claimed: impl Fn(&Noise) -> Option<(f64, Complex64)>,
        truth: impl Fn(UpperHalf) -> Expansion,
    ) -> Vec<RivalCell> {
        let mut cells = vec![];
        for (j, &z) in self.zs.iter().enumerate() {
            let Some((c, theory)) = claimed(&self.noise(j)) else {
                continue;
            };
            let truth = truth(z);
            let at = Defect::at(truth.value, &zero(), z, c, self.n);
            cells.extend(Part::BOTH.map(|part| RivalCell {
                cell: self.cell((e, j), part, c, theory),
                expected: part.of(at.value),
                // The slope varies by far less than a half over the remainder.
                uncertainty: 1.5 * at.slope.norm() * truth.remainder,
            }));
        }
        cells
    }

    /// Data of another kind, judged by the row's theory.
    fn other_data(&self, name: &str, side: Side, drawn: Drawn, ensemble: Ensemble) -> Rival {
        let claimed = |noise: &Noise| Some((self.variance(), noise.defect().value));
        let mean = |z| Statistic::Trace.mean(drawn, &ensemble, self.n, z);
        let experiments = vec![self.experiment(drawn, ensemble, 1024)];
        on_own_samples(name, side, experiments, self.judged(0, claimed, mean))
    }
}

/// Another equation or constant on the claim's samples.
fn other_theory(
    rows: &[Row],
    name: &str,
    claimed: impl Fn(&Row, &Noise) -> Option<(f64, Complex64)>,
) -> Rival {
    let cells = rows.iter().enumerate().flat_map(|(e, row)| {
        let mean = |z| Statistic::Trace.mean(Drawn::Noise, &row.ensemble, row.n, z);
        row.judged(e, |noise| claimed(row, noise), mean)
    });
    on_own_samples(name, Side::Theory, vec![], cells.collect())
}

fn plan(tier: Tier) -> Plan {
    let (n, fraction) = match tier {
        Tier::Quick => (500, 0.8),
        Tier::Standard => (20_000, 0.7),
        Tier::Deep => (1_000_000, 0.5),
    };
    let (goe, gue) = (Ensemble::goe(), Ensemble::gue().with_sigma(0.8));
    let rows = [Row::new(goe, n, fraction), Row::new(gue, n, fraction)];
    let mut plan = Plan::default();
    for (e, row) in rows.iter().enumerate() {
        plan.experiments
            .push(row.experiment(Drawn::Noise, row.ensemble, 1));
        for j in 0..POINTS {
            let theory = row.noise(j).defect().value;
            plan.cells
                .extend(Part::BOTH.map(|part| row.cell((e, j), part, row.variance(), theory)));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&rows);
    plan
}

fn rivals(rows: &[Row; 2]) -> Vec<Rival> {
    let real = |row: &Row| row.ensemble == Ensemble::goe();
    let [first, second] = rows;
    let n = first.n as f64;
    let wider = first.ensemble.with_sigma((1.0 + 8.0 / n).sqrt());
    vec![
        other_theory(rows, "GUE for GOE", |row, _| {
            real(row).then(|| (row.variance(), Complex64::ZERO))
        }),
        other_theory(rows, "GOE for GUE", |row, noise| {
            (!real(row)).then(|| (row.variance(), noise.goe_leading()))
        }),
        other_theory(rows, "v_d = 1 for 2", |row, noise| {
            real(row).then(|| (row.variance(), noise.leading_with_diagonal(1.0)))
        }),
        other_theory(rows, "s_ν(z − s)", |row, noise| {
            Some((-row.variance(), noise.defect().value))
        }),
        other_theory(rows, "σ for σ² in the equation", |row, noise| {
            let sigma = row.ensemble.sigma();
            (sigma != 1.0).then(|| (sigma, noise.defect().value))
        }),
        first.other_data("variance 1 + 8/N", Side::Data, Drawn::Noise, wider),
        first.other_data(
            "degrees of freedom off by one",
            Side::Data,
            Drawn::Short,
            first.ensemble,
        ),
        second.other_data(
            "one spike, θ = 4",
            Side::Hypothesis,
            Drawn::Spiked(4.0),
            second.ensemble,
        ),
    ]
}
