//! Lemma 3.4: the interpolation between the GOE and Wigner matrices.

use super::Claim;
use super::common::signals;
use super::power::sized;
use super::stieltjes_equation::{Model, Theory, certified, inputs, place, z};
use crate::claim::{Source, Statement, Strength};
use crate::design::{
    Cell, Estimator, Experiment, Observable, Plan, Replicate, Rival, RivalCell, Side, Tail, Tier,
};
use crate::ensemble::{Ensemble, EntryLaw};
use crate::free::finite_size::{EntryStatistics, Expansion};
use crate::measure::UpperHalf;
use crate::spectrum::Hermitian;
use crate::statistic::Part;

/// Lemma 3.4 with the constant of its O(1/N).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/lemma-3.4",
            title: "Interpolation between GOE and Wigner",
            statement: "For W(t) = √t R/√N + √(1−t) R̂/√N + S with R Wigner and R̂ from the GOE: \
                        N(E s_N(z, t) − E s_N(z, 0)) → t² κ₄ σ⁴ s_ν′(ω) s_ν″(ω)/(2(1 − σ² s_ν′(ω))), up to \
                        a term of order N^{-1/2} for skewed laws. The paper states that the derivative \
                        in t is O(1/N) uniformly; the constant is ours.",
            formula: r"W(t)=\sqrt t\,\frac{R}{\sqrt N}+\sqrt{1-t}\,\frac{\hat R}{\sqrt N}+S,\qquad N\bigl(\mathbb{E}\,s_N(z,t)-\mathbb{E}\,s_N(z,0)\bigr)\;\longrightarrow\;\frac{t^2\kappa_4}{2}\,\frac{s_\nu'(\omega)\,s_\nu''(\omega)}{1-s_\nu'(\omega)}",
            meaning: "At the listed N and t, replacing GOE entries by Wigner entries moves the mean \
                      Stieltjes transform by the stated amount of order 1/N, which only the fourth \
                      cumulant (and, at order N^{-3/2}, the skewness of the diagonal) decides.",
            source: Source {
                work: "abk",
                locus: "Lemma 3.4, (3.21)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// One law and signal at one N and z, along several t.
struct Path {
    model: Model,
    z: UpperHalf,
    times: Vec<f64>,
    /// What is called agreement, as a fraction of what the GOE's own 1/N term moves.
    fraction: f64,
}

impl Path {
    fn new(law: EntryLaw, signal: usize, n: usize, times: &[f64], fraction: f64) -> Self {
        Self {
            model: Model::new(Ensemble::wigner(law), signals()[signal].clone(), n),
            z: z(0.0, 1.5),
            times: times.to_vec(),
            fraction,
        }
    }

    /// E Tr(W(t) − z)⁻¹ − E Tr(W(0) − z)⁻¹.
    fn theory(&self, t: f64) -> Expansion {
        let model = &self.model;
        self.difference(EntryStatistics::of(&model.ensemble).interpolated(t))
    }

    /// E Tr G for entries with these statistics, minus that for the GOE.
    fn difference(&self, law: EntryStatistics) -> Expansion {
        let trace =
            |law| Theory::with(&self.model.signal_eigenvalues(), 1.0, law, self.z).mean_trace();
        let (there, here) = (trace(law), trace(EntryStatistics::goe()));
        Expansion {
            value: there.value - here.value,
            remainder: there.remainder + here.remainder,
        }
    }

    /// Replicates of Tr(W(t) − z)⁻¹ − Tr(G(t) − z)⁻¹, Re and Im, for each t.
    ///
    /// G(t) = √t Z/√N + √(1−t) R̂/√N + S with Z from the GOE, coupled entry by entry to R through the
    /// same uniforms, and the same R̂: G(t) has the law of W(0), and most of the variance cancels.
    fn experiment(&self, noise: Ensemble) -> Experiment {
        let (at, n, times) = (self.z, self.model.n, self.times.clone());
        let z = at.get();
        let signal = self.model.signal_eigenvalues();
        let bound = n as f64 / z.im;
        let observables = self
            .times
            .iter()
            .flat_map(|t| {
                let typical = self.theory(*t).value;
                Part::BOTH.map(|part| Observable {
                    name: format!("{}, t = {t}", place(part, self.z)),
                    // Each real part lies within ±N/(2 Im z), each imaginary part in [0, N/Im z].
                    tail: Tail::Bounded {
                        lo: -bound,
                        hi: bound,
                        design_variance: 0.3 / z.im.powi(4),
                    },
                    typical: part.of(typical),
                })
            })
            .collect();
        Experiment {
            law: format!("{} from goe", noise.name()),
            signal: self.model.signal.name(),
            n,
            replicates: 1,
            observables,
            replicate: Replicate::Reduced {
                // W_t from r and from the coupled GOE, for each t in turn.
                draw: Box::new(move |rng, _| {
                    let mut twin = rng.clone();
                    let coupled = Ensemble::goe().noise(n, &mut twin)?;
                    let r = noise.noise(n, rng)?;
                    let reference = Ensemble::goe().noise(n, rng)?;
                    let at = |t: f64, from: &Hermitian| {
                        let mut w = from.combined(t.sqrt(), (1.0 - t).sqrt(), &reference);
                        w.add_diagonal(&signal);
                        w
                    };
                    let pairs = times.iter().flat_map(|&t| [at(t, &r), at(t, &coupled)]);
                    Ok(pairs.collect())
                }),
                measure: Box::new(move |drawn, index| {
                    let mut traces = vec![];
                    for (w, t) in drawn {
                        if index == 0 {
                            certified(w, t, &[at])?;
                        }
                        traces.push(t.resolvent_trace(z));
                    }
                    let differences = traces.chunks_exact(2).map(|pair| pair[0] - pair[1]);
                    Ok(differences.flat_map(|d| [d.re, d.im]).collect())
                }),
            },
        }
    }

    fn agreement(&self) -> f64 {
        let goe = Theory::with(
            &self.model.signal_eigenvalues(),
            1.0,
            EntryStatistics::goe(),
            self.z,
        );
        self.fraction * goe.finite.mean_shift(goe.law).value.norm()
    }

    fn cells(&self, experiment: usize) -> Vec<(f64, Part, Cell)> {
        let mut cells = vec![];
        for (j, &t) in self.times.iter().enumerate() {
            let theory = self.theory(t);
            for (part, input) in Part::BOTH.into_iter().zip(inputs(experiment, j)) {
                cells.push((
                    t,
                    part,
                    Cell {
                        law: self.model.ensemble.name(),
                        signal: self.model.signal.name(),
                        n: self.model.n,
                        point: format!("{}, t = {t}", place(part, self.z)),
                        theory: part.of(theory.value),
                        inner: theory.remainder,
                        outer: theory.remainder + self.agreement(),
                        estimator: Estimator::mean(input),
                    },
                ));
            }
        }
        cells
    }
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{HalfNormal, HeavyTailed, Rademacher, SkewedTwoPoint, Uniform};
    let paths = match tier {
        Tier::Quick => vec![
            Path::new(Rademacher, 0, 10, &[0.5, 1.0], 0.55),
            Path::new(Uniform, 1, 8, &[1.0], 1.0),
            Path::new(HalfNormal, 2, 8, &[1.0], 1.0),
        ],
        Tier::Standard => {
            let laws = [Rademacher, Uniform, HalfNormal, SkewedTwoPoint];
            let mut paths = grid(&laws, &[12, 16], 0.7);
            paths.push(Path::new(Rademacher, 0, 32, &[1.0], 0.7));
            paths
        }
        Tier::Deep => grid(
            &[Rademacher, Uniform, HalfNormal, SkewedTwoPoint, HeavyTailed],
            &[32, 64],
            0.12,
        ),
    };
    let mut plan = Plan::default();
    for (e, path) in paths.iter().enumerate() {
        plan.experiments.push(path.experiment(path.model.ensemble));
        plan.cells
            .extend(path.cells(e).into_iter().map(|(_, _, cell)| cell));
    }
    let mut plan = sized(plan);
    plan.rivals = vec![
        wrong_fourth("κ₄ of the wrong sign", &paths, |_, k4| -k4),
        wrong_fourth("κ₄ omitted", &paths, |_, _| 0.0),
        wrong_variance(&paths[0], plan.experiments[0].replicates),
    ];
    if tier == Tier::Deep {
        plan.rivals
            .push(wrong_fourth("t for t²", &paths, |t, k4| k4 / t));
    }
    plan
}

fn grid(laws: &[EntryLaw], sizes: &[usize], fraction: f64) -> Vec<Path> {
    let mut paths = vec![];
    for &law in laws {
        for signal in 0..3 {
            for &n in sizes {
                paths.push(Path::new(law, signal, n, &[0.5, 1.0], fraction));
            }
        }
    }
    paths
}

/// κ₄(t) of W(t) in the limit replaced by `wrong(t, κ₄(t))`, on the claim's samples.
fn wrong_fourth(name: &str, paths: &[Path], wrong: impl Fn(f64, f64) -> f64) -> Rival {
    let mut cells = vec![];
    for (e, path) in paths.iter().enumerate() {
        for (t, part, cell) in path.cells(e) {
            let EntryStatistics::Real { fourth, .. } =
                EntryStatistics::of(&path.model.ensemble).interpolated(t)
            else {
                unreachable!("paths are of real Wigner matrices")
            };
            let finite = Theory::of(&path.model, path.z).finite;
            let move_of = |k4: f64| {
                let law = EntryStatistics::goe().altered(|_, _, fourth| *fourth = k4);
                part.of(finite.omega_prime() * finite.leading(law))
            };
            let expected = cell.theory;
            let theory = expected + move_of(wrong(t, fourth)) - move_of(fourth);
            cells.push(RivalCell {
                expected,
                uncertainty: cell.inner,
                cell: Cell { theory, ..cell },
            });
        }
    }
    Rival {
        name: name.into(),
        side: Side::Theory,
        experiments: vec![],
        cells,
    }
}

/// R of variance 1.05 against R̂ of variance 1: the interpolation leaves the variance class.
fn wrong_variance(path: &Path, replicates: usize) -> Rival {
    let noise = path.model.ensemble.with_sigma(1.05f64.sqrt());
    let mut experiment = path.experiment(noise);
    experiment.replicates = replicates;
    let cells = path
        .cells(0)
        .into_iter()
        .map(|(t, part, cell)| {
            let sigma = (1.0 + 0.05 * t).sqrt();
            let law = EntryStatistics::of(&path.model.ensemble).interpolated(t);
            let signal = path.model.signal_eigenvalues();
            let there = Theory::with(&signal, sigma, law, path.z).mean_trace();
            let here = Theory::with(&signal, 1.0, EntryStatistics::goe(), path.z).mean_trace();
            RivalCell {
                cell,
                expected: part.of(there.value - here.value),
                uncertainty: there.remainder + here.remainder,
            }
        })
        .collect();
    Rival {
        name: "variance 1.05".into(),
        side: Side::Hypothesis,
        experiments: vec![experiment],
        cells,
    }
}
