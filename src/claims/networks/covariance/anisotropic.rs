//! The anisotropic law: Q is (C/(1 + δ) + γ)⁻¹, seen by traces and forms.

use super::model::{Judged, Model, Shape, inverse, judge, other_data, real};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{at_most, certain, mistaken, on_same_samples, wrong_identity};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, RivalCell, Side, Tail, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::covariance::TraceFluctuation;
use num_complex::Complex64;

/// Q(−γ) ↔ (κ/γ)(C + κ)⁻¹ and Q̃ ↔ m̃I.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/anisotropic",
            title: "Deterministic equivalent of a sample covariance",
            statement: "For X = C^{1/2}Z with independent entries (0, 1), Ĉ = XXᵀ/n and Q = (Ĉ + γ)⁻¹: tr Q/p, (1/n)tr CQ and aᵀQa are \
                        those of Q̄ = (C/(1 + δ) + γ)⁻¹, δ = (1/n)tr CQ̄, in the limit p/n → c; and \
                        (1/n)tr (XᵀX/n + γ)⁻¹ → m̃(−γ), with tr Q̃ = tr Q + (n − p)/γ at every n.",
            formula: r"Q(-\gamma)\;\leftrightarrow\;\Bigl(\frac{C}{1+\delta}+\gamma I\Bigr)^{-1}=\frac{\kappa}{\gamma}(C+\kappa)^{-1},\qquad\delta=\frac1n\operatorname{tr}C\bar Q,\qquad \kappa=\gamma(1+\delta)",
            meaning: "At the sizes listed the means of the three statistics are those of the equivalent for this C, p and n, plus their own term of \
                      order 1/n (κ₄ included), within the tolerance shown; for Gaussian, uniform and Rademacher entries, and for p below and \
                      above n. The cells with C = I are the Marchenko–Pastur law.",
            source: Source {
                work: "lm",
                locus: "our A1, A2",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// γ.
const RIDGE: f64 = 1.0;

/// A model with its three statistics.
struct Case(Model);

impl Case {
    fn at(&self) -> TraceFluctuation {
        let z = Complex64::new(-RIDGE, 0.0);
        TraceFluctuation::new(&self.0.limit(), z).expect("z < 0")
    }

    /// Weights of the rows in aᵀQa, a = (e_1 + e_p)/√2: by symmetry E Q_1p = 0, and E Q_11 is the mean over rows of equal λ.
    fn form(&self, of: impl Fn(&dyn Fn(f64) -> f64) -> f64) -> f64 {
        let spectrum = self.0.spectrum();
        let ends = [spectrum[0], spectrum[self.0.p - 1]];
        let part = ends.map(|end| {
            let rows = spectrum.iter().filter(|x| **x == end).count() as f64;
            of(&|x| if x == end { 1.0 / rows } else { 0.0 })
        });
        0.5 * (part[0] + part[1])
    }

    /// Mean of the statistic with weights a(λ), to order 1/n, and the remainder allowed for.
    ///
    /// The next order is smaller than the 1/n term by a factor of order 1/n; four times that is allowed, the Gaussian and
    /// the κ₄ parts added without regard to sign, since they may cancel.
    fn mean(&self, a: &dyn Fn(f64) -> f64) -> (f64, f64) {
        let (at, n) = (self.at(), self.0.n as f64);
        let gauss = at.trace_bias(a, 0.0).re;
        let extra = at.trace_bias(a, self.0.fourth()).re - gauss;
        let value = n * at.trace(a).re + gauss + extra;
        (value, 4.0 * (gauss.abs() + extra.abs()) / n)
    }

    fn judged(&self, margins: [f64; 3]) -> Vec<Judged> {
        let model = &self.0;
        let (p, n) = (model.p as f64, model.n as f64);
        let norm = model.spectrum().into_iter().fold(0.0, f64::max);
        let row = |name: &str, (theory, inner): (f64, f64), tail: Tail, scale: f64, margin: f64| {
            let inner = inner * scale;
            // The variance bound is far above the variance: agreement is called at twice the distance.
            let proved = matches!(tail, Tail::SubGaussian { .. });
            let margin = if proved { margin } else { 2.0 * margin };
            Judged {
                name: format!("{name}, γ = {RIDGE}"),
                tail,
                theory: theory * scale,
                inner,
                outer: inner + margin,
            }
        };
        let form = (
            self.form(|a| self.mean(&|x| a(x)).0),
            self.form(|a| self.mean(&|x| a(x)).1),
        );
        vec![
            row(
                "tr Q/p",
                self.mean(&|_| 1.0),
                model.trace_tail(RIDGE, 1.0 / p),
                1.0 / p,
                margins[0],
            ),
            row(
                "tr CQ/n",
                self.mean(&|x| x),
                model.weighted_trace_tail(RIDGE, norm, 1.0 / n),
                1.0 / n,
                margins[1],
            ),
            row("aᵀQa", form, model.form_tail(RIDGE), 1.0, margins[2]),
        ]
    }

    /// What the three statistics would be if Q were diagonal with entries q(λ).
    fn if_resolvent_were(&self, q: impl Fn(f64) -> f64) -> [f64; 3] {
        let spectrum = self.0.spectrum();
        let (p, n) = (self.0.p as f64, self.0.n as f64);
        let sum = |f: &dyn Fn(f64) -> f64| spectrum.iter().map(|&x| f(x)).sum::<f64>();
        let ends = 0.5 * (q(spectrum[0]) + q(spectrum[self.0.p - 1]));
        [sum(&q) / p, sum(&|x| x * q(x)) / n, ends]
    }

    fn experiment(&self, margins: [f64; 3]) -> Experiment {
        let judged = self.judged(margins);
        let observables = judged.iter().map(Judged::observable).collect();
        let (p, n) = (self.0.p, self.0.n as f64);
        self.0.on_data(observables, move |samples, x| {
            let q = inverse(&real(samples.covariance(x.as_ref())), RIDGE)?;
            let weighted = samples.population().iter().enumerate();
            let weighted: f64 = weighted.map(|(i, c)| c * q[(i, i)]).sum();
            let last = p - 1;
            let form = 0.5 * (q[(0, 0)] + q[(last, last)]) + q[(0, last)];
            Ok(vec![q.trace() / p as f64, weighted / n, form])
        })
    }
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    use Shape::{Grid, Isotropic, TwoAtom};
    // Sizes (p, n) with p < n and p > n, and what is called agreement in tr Q/p, tr CQ/n and aᵀQa.
    let (narrow, wide, margins): ((usize, usize), (usize, usize), _) = match tier {
        Tier::Quick => ((16, 32), (40, 20), [0.025, 0.06, 0.15]),
        Tier::Standard => ((32, 64), (48, 24), [0.009, 0.025, 0.06]),
        Tier::Deep => ((256, 512), (400, 200), [0.0005, 0.001, 0.005]),
    };
    let of = |law, shape, (p, n)| Case(Model::new(law, shape, p, n));
    let mut cases = vec![
        of(Gaussian, TwoAtom, narrow),
        of(Rademacher, TwoAtom, narrow),
        of(Uniform, Isotropic, narrow),
        of(Gaussian, TwoAtom, wide),
    ];
    if tier != Tier::Quick {
        cases.extend([
            of(Gaussian, Isotropic, wide),
            of(Rademacher, Grid, narrow),
            of(Uniform, Grid, wide),
        ]);
    }
    let mut plan = Plan::default();
    for case in &cases {
        judge(&mut plan, case.experiment(margins), &case.judged(margins));
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&cases, &plan.cells);
    plan.rivals
        .push(samples_used_twice(&cases[0], margins, &plan.cells));
    add_companion(&mut plan, &cases[3].0);
    plan
}

fn theory_rivals(cases: &[Case], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Case) -> [f64; 3]| {
        let mut judged: Vec<RivalCell> = vec![];
        for (case, cells) in cases.iter().zip(cells.chunks(3)) {
            judged.extend(cells.iter().zip(wrong(case)).map(|(c, w)| mistaken(c, w)));
        }
        on_same_samples(name, judged)
    };
    let gamma = RIDGE;
    // For p > n, n eigenvalues out of p carry a mass 1/c, and the null space 1 − 1/c at 0.
    let wide = cases.iter().zip(cells.chunks(3));
    let wide = wide.filter(|(case, _)| case.0.p > case.0.n);
    let wide = wide.map(|(case, cells)| {
        let atom = 1.0 - case.0.n as f64 / case.0.p as f64;
        mistaken(&cells[0], cells[0].theory - atom / gamma)
    });
    let no_atom = on_same_samples("no atom at 0 for p > n", wide.collect());
    vec![
        no_atom,
        other("C for Ĉ: (C + γ)⁻¹", &|case| {
            case.if_resolvent_were(|x| 1.0 / (x + gamma))
        }),
        other("δ = (1/n)tr Q̄", &|case| {
            // δ = c∫1/(λ/(1 + δ) + γ) dH by its fixed point, a contraction from 0 upwards.
            let spectrum = case.0.spectrum();
            let n = case.0.n as f64;
            let mut delta = 0.0;
            for _ in 0..500 {
                let q = |x: &f64| 1.0 / (x / (1.0 + delta) + gamma);
                delta = spectrum.iter().map(q).sum::<f64>() / n;
            }
            case.if_resolvent_were(|x| 1.0 / (x / (1.0 + delta) + gamma))
        }),
        other("1/c for c", &|case| {
            let flipped = case.0.limit_of(case.0.p * case.0.p / case.0.n);
            let kappa = flipped.kappa(gamma).expect("γ > 0").value;
            case.if_resolvent_were(|x| kappa / gamma / (x + kappa))
        }),
        other("isotropic C of the same trace", &|case| {
            let mean = case.0.spectrum().iter().sum::<f64>() / case.0.p as f64;
            let same = Model {
                shape: Shape::Isotropic,
                ..case.0
            };
            // Ĉ/mean has the ridge γ/mean.
            let kappa = mean * same.limit().kappa(gamma / mean).expect("γ > 0").value;
            case.if_resolvent_were(|_| kappa / gamma / (mean + kappa))
        }),
    ]
}

/// Every sample twice: columns that depend on each other. The covariance is that of n/2 samples.
fn samples_used_twice(case: &Case, margins: [f64; 3], cells: &[Cell]) -> Rival {
    let half = Case(Model {
        n: case.0.n / 2,
        ..case.0
    });
    // tr CQ is divided by the true n/2 there, by n here.
    let expected: Vec<f64> = half.judged(margins).iter().map(|j| j.theory).collect();
    let mut experiment = half.experiment(margins);
    experiment.signal.push_str(", every sample twice");
    let (expected, cells) = ([expected[0]], &cells[..1]);
    other_data(
        "every sample twice",
        Side::Hypothesis,
        experiment,
        4096,
        &expected,
        cells,
    )
}

/// tr Q̃ = tr Q + (n − p)/γ, in every replicate.
fn add_companion(plan: &mut Plan, model: &Model) {
    let (p, n) = (model.p as f64, model.n as f64);
    let observables = vec![
        certain("|tr Q̃ − tr Q − (n − p)/γ|"),
        certain("|tr Q̃ − tr Q|"),
        certain("|tr Q̃/n − tr Q/p|"),
    ];
    let mut experiment = model.on_data(observables, move |samples, x| {
        let q = inverse(&real(samples.covariance(x.as_ref())), RIDGE)?.trace();
        let companion = inverse(&real(samples.gram(x.as_ref())), RIDGE)?.trace();
        let gap = (companion - q - (n - p) / RIDGE).abs();
        Ok(vec![
            gap,
            (companion - q).abs(),
            (companion / n - q / p).abs(),
        ])
    });
    experiment.signal.push_str(", companion");
    experiment.replicates = 64;
    let e = plan.experiments.len();
    plan.experiments.push(experiment);
    plan.cells.push(at_most(&plan.experiments, (e, 0), 0.0));
    let size = (n - p).abs() / RIDGE;
    let wrong = [
        ("tr Q̃ = tr Q", (e, 1), size),
        ("tr Q̃/n = tr Q/p", (e, 2), 0.3),
    ];
    let experiments = &plan.experiments;
    let rivals = wrong
        .map(|(name, at, size)| on_same_samples(name, vec![wrong_identity(experiments, at, size)]));
    plan.rivals.extend(rivals);
}
