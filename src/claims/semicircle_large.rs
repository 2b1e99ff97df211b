//! The semicircle law at N = 10⁶, by counts that are smoothed and right to a fraction of one eigenvalue.

use super::Claim;
use super::common::{on_own_samples, point};
use super::large::{Drawn, Noise, POINTS, Statistic, scaled, traces};
use super::power::sized;
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Estimator, Experiment, Input, Plan, Rival, RivalCell, Side, Tier};
use crate::ensemble::{Ensemble, Signal};
use crate::free::finite_size::Expansion;
use crate::measure::UpperHalf;
use crate::statistic::Part;
use num_complex::Complex64;

/// (1.9) for S = 0 at large N.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/semicircle-large",
            title: "Semicircle law, counts of a million eigenvalues",
            statement: "S = 0, GOE or GUE: for z = E + iη the number of eigenvalues of W = R/√N right of E, smoothed over η, \
                        is −(1/π) Im Tr log(W − z) up to a constant; its mean is N times that of the semicircle law plus \
                        D(z) + O(1/N) in E Tr log(W − z), D = ½ log(1 − σ²s_μ²) for the GOE and 0 for the GUE.",
            formula: r"\mathbb{E}\operatorname{Tr}\log(W-z)-N\!\int\!\log(x-z)\,\frac{\sqrt{4\sigma^2-x^2}}{2\pi\sigma^2}\,dx\;\longrightarrow\;\tfrac12\log\bigl(1-\sigma^2s_\mu(z)^2\bigr)\ \text{(GOE)},\quad 0\ \text{(GUE)}",
            meaning: "At the N and z listed the mean number of eigenvalues right of E, smoothed over η = Im z, differs from the semicircle's by \
                      less than the tolerance shown, over π: a fraction of one eigenvalue out of N. W is drawn in its tridiagonal \
                      form, exact in law.",
            source: Source {
                work: "abk",
                locus: "(1.9)",
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
    /// 2 Im z times what is called agreement, in units of σ: intervals are as wide as 1/Im z.
    agreement: f64,
}

impl Row {
    fn new(ensemble: Ensemble, n: usize, agreement: f64) -> Self {
        let zs = [(0.5, 0.25), (-1.2, 0.25), (1.9, 0.25), (0.0, 1.5)];
        Self {
            ensemble,
            n,
            zs: zs.map(|(re, im)| scaled(&ensemble, re, im)),
            agreement,
        }
    }

    fn experiment(&self, drawn: Drawn, ensemble: Ensemble, replicates: usize) -> Experiment {
        let statistic = Statistic::LogDeterminant;
        traces(statistic, drawn, ensemble, self.n, replicates, self.zs)
    }

    /// One part of E Tr log(W − z) − `potential` against `theory` at the j-th z of an experiment.
    fn cell(
        &self,
        (e, j): (usize, usize),
        part: Part,
        potential: Complex64,
        theory: Complex64,
    ) -> Cell {
        let z = self.zs[j];
        let inner = Noise::new(&self.ensemble, self.n, z).correction().remainder + self.rounding(z);
        Cell {
            law: self.ensemble.name(),
            signal: Signal::zero().name(),
            n: self.n,
            point: format!("{} log det, z = {}", part.name(), point(z.get())),
            theory: part.of(theory),
            inner,
            outer: inner + self.agreement * self.ensemble.sigma() / (2.0 * z.get().im),
            estimator: Estimator::affine(
                Input::new(e, 2 * j + part as usize),
                1.0,
                -part.of(potential),
            ),
        }
    }

    /// Pivots off by 10 ulp each, over Im z, N of them: far above what sums of N logarithms lose.
    fn rounding(&self, z: UpperHalf) -> f64 {
        10.0 * f64::EPSILON * self.n as f64 * (self.ensemble.sigma() / z.get().im).max(1.0)
    }

    /// Both parts at every z, judged with a potential and a correction that may be wrong on data of mean `truth`.
    fn judged(
        &self,
        e: usize,
        claimed: impl Fn(&Noise) -> Option<(Complex64, Complex64)>,
        truth: impl Fn(UpperHalf) -> Expansion,
    ) -> Vec<RivalCell> {
        let mut cells = vec![];
        for (j, &z) in self.zs.iter().enumerate() {
            let Some((potential, theory)) = claimed(&Noise::new(&self.ensemble, self.n, z)) else {
                continue;
            };
            let truth = truth(z);
            cells.extend(Part::BOTH.map(|part| RivalCell {
                cell: self.cell((e, j), part, potential, theory),
                expected: part.of(truth.value - potential),
                uncertainty: truth.remainder + self.rounding(z),
            }));
        }
        cells
    }

    fn mean(&self, drawn: Drawn, ensemble: &Ensemble, z: UpperHalf) -> Expansion {
        Statistic::LogDeterminant.mean(drawn, ensemble, self.n, z)
    }

    /// Data of another kind, judged by the row's theory.
    fn other_data(&self, name: &str, side: Side, drawn: Drawn, ensemble: Ensemble) -> Rival {
        let claimed = |noise: &Noise| Some((noise.potential(), noise.correction().value));
        let cells = self.judged(0, claimed, |z| self.mean(drawn, &ensemble, z));
        on_own_samples(
            name,
            side,
            vec![self.experiment(drawn, ensemble, 512)],
            cells,
        )
    }
}

/// Another potential or correction on the claim's samples.
fn other_theory(
    rows: &[Row],
    name: &str,
    claimed: impl Fn(&Row, &Noise) -> Option<(Complex64, Complex64)>,
) -> Rival {
    let cells = rows.iter().enumerate().flat_map(|(e, row)| {
        let truth = |z| row.mean(Drawn::Noise, &row.ensemble, z);
        row.judged(e, |noise| claimed(row, noise), truth)
    });
    on_own_samples(name, Side::Theory, vec![], cells.collect())
}

fn plan(tier: Tier) -> Plan {
    let (n, agreement) = match tier {
        Tier::Quick => (600, 0.3),
        Tier::Standard => (20_000, 0.25),
        Tier::Deep => (1_000_000, 0.2),
    };
    let (goe, gue) = (Ensemble::goe(), Ensemble::gue().with_sigma(0.8));
    let rows = [Row::new(goe, n, agreement), Row::new(gue, n, agreement)];
    let mut plan = Plan::default();
    for (e, row) in rows.iter().enumerate() {
        plan.experiments
            .push(row.experiment(Drawn::Noise, row.ensemble, 1));
        for (j, &z) in row.zs.iter().enumerate() {
            let noise = Noise::new(&row.ensemble, n, z);
            let (potential, theory) = (noise.potential(), noise.correction().value);
            plan.cells
                .extend(Part::BOTH.map(|part| row.cell((e, j), part, potential, theory)));
        }
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&rows);
    plan
}

fn rivals(rows: &[Row; 2]) -> Vec<Rival> {
    let goe = |row: &Row| row.ensemble == Ensemble::goe();
    let [first, _] = rows;
    let n = first.n as f64;
    let wider = first.ensemble.with_sigma((1.0 + 8.0 / n).sqrt());
    vec![
        other_theory(rows, "no correction of order 1", |row, noise| {
            goe(row).then(|| (noise.potential(), Complex64::ZERO))
        }),
        other_theory(rows, "N − 1 for N", |_, noise| {
            let smaller = noise.potential() * (1.0 - 1.0 / n);
            Some((smaller, noise.correction().value))
        }),
        other_theory(rows, "uniform law of the same variance", |row, noise| {
            let uniform = n * uniform_potential(row.ensemble.sigma(), noise.z().get());
            Some((uniform, noise.correction().value))
        }),
        other_theory(rows, "variance σ for σ²", |row, noise| {
            let sigma = row.ensemble.sigma();
            let wrong = Noise::new(&row.ensemble.with_sigma(sigma.sqrt()), row.n, noise.z());
            (sigma != 1.0).then(|| (wrong.potential(), wrong.correction().value))
        }),
        first.other_data("variance 1 + 8/N", Side::Data, Drawn::Noise, wider),
        first.other_data(
            "degrees of freedom off by one",
            Side::Data,
            Drawn::Short,
            first.ensemble,
        ),
        first.other_data(
            "one spike, θ = 2σ",
            Side::Hypothesis,
            Drawn::Spiked(2.0),
            first.ensemble,
        ),
    ]
}

/// ∫log(x − z) over the uniform law on [−√3σ, √3σ]: [(x − z)(log(x − z) − 1)] at its ends, over 2√3σ.
fn uniform_potential(sigma: f64, z: Complex64) -> Complex64 {
    let end = 3f64.sqrt() * sigma;
    let at = |x: f64| (x - z) * ((x - z).ln() - 1.0);
    (at(end) - at(-end)) / (2.0 * end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn potential_of_the_uniform_law_is_its_integral() {
        let (sigma, z) = (0.8, Complex64::new(0.4, 0.3));
        let end = 3f64.sqrt() * sigma;
        let steps = 20_000;
        let sum: Complex64 = (0..steps)
            .map(|i| end * (2.0 * (f64::from(i) + 0.5) / f64::from(steps) - 1.0))
            .map(|x| (x - z).ln())
            .sum();
        assert!((sum / f64::from(steps) - uniform_potential(sigma, z)).norm() < 1e-7);
    }
}
