//! The spectrum of f(WX)f(WX)ᵀ/m.

use super::bench::{inverse_trace, of_law};
use super::cells::{Cut, Judged, mistaken};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{bounded_variance, on_own_samples, on_same_samples};
use crate::claims::power::sized;
use crate::design::{
    Cell, Experiment, Observable, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tier,
};
use crate::ensemble::EntryLaw;
use crate::equivalent::activation::Activation;
use crate::equivalent::features::NonlinearCovariance;
use nalgebra::{Cholesky, DMatrix};
use rand_chacha::ChaCha8Rng;

/// Pennington and Worah.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/pennington-worah",
            title: "Spectrum of random features",
            statement: "M = YYᵀ/m, Y = f(WX), W n₁ × n₀ of variance 1/n₀, X n₀ × m of variance 1, E f = 0. As all sizes grow together, n₀/m → φ, \
                        n₀/n₁ → ψ, the spectrum of M tends to that of a sample covariance matrix of m samples whose population is ζ·MP(1/ψ) + η \
                        − ζ, η = E f², ζ = (E f′)²: with this population H, m(−γ) = ∫dH/(λ/(1 + δ) + γ), δ = (n₁/m)∫λdH/(λ/(1 + δ) + γ).",
            formula: r"\tfrac1{n_1}\operatorname{tr}(M+\gamma)^{-1}\longrightarrow\int\frac{H(d\lambda)}{\frac{\lambda}{1+\delta}+\gamma},\qquad H=\zeta\,\mathrm{MP}(1/\psi)+(\eta-\zeta)",
            meaning: "At the n₀, shapes and γ listed the mean of tr(M + γ)⁻¹/n₁ is that of the limit up to the tolerance shown: for an activation with \
                      both parts (ReLU without its mean, erf), for one without a linear part (cos without its mean) and for the identity, \
                      a product of two matrices. At quick an allowance of order 1/n₀ is made; above, 2·mean(2n₀) − mean(n₀) is judged, where that \
                      order cancels. There entries of W and X are uniform and ±1 as well: for smooth f their law enters by terms of order 1/n₀ only. \
                      Variances are bounded by Poincaré's inequality; for ±1 the trace is cut to an interval around its limit.",
            source: Source {
                work: "lm",
                locus: "our C4",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// Y = f(WX) without its mean, at one size and ridge.
#[derive(Clone, Copy)]
struct Model {
    activation: Activation,
    n0: usize,
    n1: usize,
    m: usize,
    gamma: f64,
    /// Standard deviation of the entries of WX, 1 in the theorem.
    scale: f64,
    /// How many rows of W are equal, 1 in the theorem.
    copies: usize,
    /// Laws of the entries of √n₀W and of X.
    laws: [EntryLaw; 2],
}

/// Where the trace is cut to, in multiples of its limit, when entries are ±1: it varies by 1/n₀ of it, or less.
const CUT: (f64, f64) = (0.85, 1.15);

impl Model {
    /// n₀ = 3k, with the shapes (φ, ψ) = (1, 1), (1/2, 3/2) or (3/2, 3/4).
    fn new(activation: Activation, k: usize, shape: usize, gamma: f64) -> Self {
        let (n1, m) = [(3 * k, 3 * k), (2 * k, 6 * k), (4 * k, 2 * k)][shape];
        Self {
            activation,
            n0: 3 * k,
            n1,
            m,
            gamma,
            scale: 1.0,
            copies: 1,
            laws: [EntryLaw::Gaussian; 2],
        }
    }

    /// φ and ψ, of the distinct rows.
    fn shape(&self) -> (f64, f64) {
        let n0 = self.n0 as f64;
        (n0 / self.m as f64, n0 / (self.n1 / self.copies) as f64)
    }

    /// η and ζ.
    fn moments(&self) -> (f64, f64) {
        let moments = self
            .activation
            .moments(self.scale)
            .expect("scales are positive");
        let linear = (self.scale * moments.slope).powi(2);
        // Of the identity they are equal up to rounding.
        (moments.variance.max(linear), linear)
    }

    fn limit(&self, (eta, zeta): (f64, f64), (phi, psi): (f64, f64)) -> f64 {
        let law = NonlinearCovariance::new(eta, zeta, phi, psi).expect("moments of an activation");
        // M is `copies` times the matrix of the distinct rows, and 0 on the rest.
        let copies = self.copies as f64;
        let distinct = law.trace(self.gamma / copies).expect("γ is positive").value / copies;
        (distinct + (copies - 1.0) / self.gamma) / copies
    }

    fn theory(&self) -> f64 {
        self.limit(self.moments(), self.shape())
    }

    /// A bound of Var tr(M + γ)⁻¹/n₁, if both laws are images of normals under Lipschitz maps.
    ///
    /// As a function of the singular values of Y/√m it moves by κ‖dY‖_F, κ = (3√3/8)γ^{−3/2}√min(n₁, m)/(n₁√m). With W = G/√n₀,
    /// ‖dY‖_F ≤ L(‖X‖‖dG‖_F + ‖G‖‖dX‖_F)/√n₀. Poincaré: Var ≤ E|∇|² ≤ κ²L²(L_G²E‖X‖² + L_X²E‖G‖²)/n₀, with L_G, L_X those of the laws, and
    /// the norms of `squared_norm`.
    fn variance(&self) -> Option<f64> {
        let (n0, n1, m) = (self.n0 as f64, self.n1 as f64, self.m as f64);
        let slope = 3.0 * 3f64.sqrt() / 8.0 * self.gamma.powf(-1.5);
        let kappa = slope * n1.min(m).sqrt() / (n1 * m.sqrt());
        let lipschitz = self
            .activation
            .lipschitz()
            .expect("claims use Lipschitz activations");
        let [weights, inputs] = self.laws;
        let norms = weights.lipschitz()?.powi(2) * squared_norm(inputs, n0, m)?
            + inputs.lipschitz()?.powi(2) * squared_norm(weights, n0, n1)?;
        // Equal rows: their gradients add up.
        let copies = self.copies as f64;
        Some((kappa * lipschitz * self.scale).powi(2) * norms / n0 * copies)
    }

    fn value(&self, rng: &mut ChaCha8Rng) -> Result<f64, ReplicateError> {
        let weights = of_law(self.laws[0], self.n1 / self.copies, self.n0, rng);
        let inputs = of_law(self.laws[1], self.n0, self.m, rng);
        let mean = self.activation.moments(1.0)?.mean;
        let factor = self.scale / (self.n0 as f64).sqrt();
        let distinct = (weights * inputs).map(|t| self.activation.value(factor * t) - mean);
        let features = DMatrix::from_fn(self.n1, self.m, |i, j| distinct[(i / self.copies, j)]);
        let mut gram = if self.n1 <= self.m {
            &features * features.transpose() / self.m as f64
        } else {
            features.tr_mul(&features) / self.m as f64
        };
        let size = gram.nrows();
        for i in 0..size {
            gram[(i, i)] += self.gamma;
        }
        let solver = Cholesky::new(gram).ok_or("a Gram matrix with a ridge is not positive")?;
        let rest = (self.n1 - size) as f64 / self.gamma;
        Ok((inverse_trace(&solver) + rest) / self.n1 as f64)
    }

    fn experiment(self) -> Experiment {
        let name = format!("tr (M + γ)⁻¹/n₁, γ = {}", self.gamma);
        let (typical, cut) = (self.theory(), Cut::around(self.theory(), CUT));
        let bound = self.variance();
        let observable: Observable = match bound {
            Some(bound) => bounded_variance(name, bound, typical),
            // The deviation is one that only the design reckons with.
            None => cut.observable(name, typical, 0.5 * typical / self.n0 as f64),
        };
        let [weights, inputs] = self.laws.map(|law| law.name());
        Experiment {
            law: match self.laws {
                [EntryLaw::Gaussian, EntryLaw::Gaussian] => self.activation.name(),
                _ => format!("{}, W {weights}, X {inputs}", self.activation.name()),
            },
            signal: format!("n₁ = {}, m = {}, γ = {}", self.n1, self.m, self.gamma),
            n: self.n0,
            replicates: 64,
            observables: vec![observable],
            replicate: Replicate::alone(move |rng, _| {
                let value = self.value(rng)?;
                Ok(vec![if bound.is_some() {
                    value
                } else {
                    cut.apply(value)
                }])
            }),
        }
    }

    /// B of the allowance B/n₀, twice the largest |n₀·bias| of `docs/derivations/features_bias.md`; other laws than the normal
    /// are in contrasts only, and are given four times as much there: section 5.
    fn allowance(&self) -> f64 {
        let normal = match (self.activation, self.gamma < 0.5) {
            (Activation::Relu, true) => 2.1,
            (Activation::Relu, false) => 0.25,
            (Activation::Cos, true) => 3.0,
            (Activation::Cos, false) => 0.3,
            (Activation::Linear, true) => 1.3,
            (_, true) => 0.8,
            (_, false) => 0.25,
        };
        match self.laws {
            [EntryLaw::Gaussian, EntryLaw::Gaussian] => normal,
            _ => 4.0 * normal,
        }
    }
}

/// A bound of E‖A‖², A of the size a × b with entries of the law.
///
/// Normal: E‖A‖² ≤ (E‖A‖)² + 1 ≤ (√a + √b)² + 1, as ‖A‖ is 1-Lipschitz. A normal is RV with V uniform on [−1, 1], R > 0 independent of it and
/// E R = 2E|g| = √(8/π); by Jensen's inequality over the R of all entries E‖V‖² ≤ (π/8)E‖G‖², so √3V has 3π/8 of the bound.
fn squared_norm(law: EntryLaw, a: f64, b: f64) -> Option<f64> {
    let normal = (a.sqrt() + b.sqrt()).powi(2) + 1.0;
    match law {
        EntryLaw::Gaussian => Some(normal),
        EntryLaw::Uniform => Some(3.0 * std::f64::consts::PI / 8.0 * normal),
        _ => None,
    }
}

/// A comparison, at the sizes of its tier.
struct Row {
    /// At n₀, and in a contrast at 2n₀.
    models: Vec<Model>,
    /// Relative to the limit.
    margin: f64,
}

impl Row {
    fn new(ks: &[usize], base: (Activation, usize, f64), margin: f64) -> Self {
        let (activation, shape, gamma) = base;
        let models = ks.iter().map(|&k| Model::new(activation, k, shape, gamma));
        Self {
            models: models.collect(),
            margin,
        }
    }

    /// Other models than the theorem's, by `change`.
    fn changed(&self, change: impl Fn(Model) -> Model) -> Self {
        Self {
            models: self.models.iter().map(|&model| change(model)).collect(),
            ..*self
        }
    }

    /// The limit depends on the shape only: it is that of all sizes.
    fn judged(&self) -> Judged {
        let model = &self.models[0];
        let limits: Vec<f64> = self.models.iter().map(Model::theory).collect();
        Judged::new(&limits, model.allowance(), model.n0, self.margin)
    }
}

/// What a tier looks at.
fn rows(tier: Tier) -> Vec<Row> {
    use Activation::{Cos, Erf, Linear, Relu};
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    let (ks, margins): (&[usize], [f64; 2]) = match tier {
        Tier::Quick => {
            let of = |base| Row::new(&[8], base, 0.07);
            return vec![
                of((Relu, 0, 1.0)),
                of((Erf, 1, 0.3)),
                of((Erf, 2, 1.0)),
                of((Cos, 1, 1.0)),
                of((Linear, 0, 1.0)),
            ];
        }
        Tier::Standard => (&[8, 16], [0.06, 0.06]),
        Tier::Deep => (&[64, 128], [0.01, 0.02]),
    };
    let mut bases = vec![
        (Relu, 0, 1.0),
        (Relu, 1, 1.0),
        (Relu, 2, 1.0),
        (Erf, 0, 1.0),
        (Erf, 1, 1.0),
        (Cos, 0, 1.0),
        (Cos, 2, 1.0),
        (Linear, 1, 1.0),
        (Linear, 2, 1.0),
        (Cos, 1, 0.3),
    ];
    if tier == Tier::Deep {
        bases.extend([(Erf, 2, 1.0), (Cos, 1, 1.0), (Linear, 0, 1.0)]);
        bases.extend([(Relu, 0, 0.3), (Erf, 1, 0.3), (Relu, 2, 0.3)]);
    }
    let margin = |gamma: f64| margins[usize::from(gamma < 0.5)];
    let mut rows: Vec<Row> = bases
        .into_iter()
        .map(|base| Row::new(ks, base, margin(base.2)))
        .collect();
    let others = [
        ((Erf, 0, 1.0), [Uniform, Uniform]),
        ((Erf, 1, 1.0), [Rademacher, Rademacher]),
        ((Cos, 1, 1.0), [Gaussian, Rademacher]),
        ((Linear, 2, 1.0), [Rademacher, Uniform]),
    ];
    rows.extend(others.map(|(base, laws)| {
        // Wider: constants of other laws are larger.
        Row::new(ks, base, 1.6 * margin(1.0)).changed(|model| Model { laws, ..model })
    }));
    rows
}

fn plan(tier: Tier) -> Plan {
    let rows = rows(tier);
    let mut plan = Plan::default();
    for row in &rows {
        let first = plan.experiments.len();
        let drawn = row.models.iter().map(|model| model.experiment());
        plan.experiments.extend(drawn);
        let at: Vec<usize> = (first..plan.experiments.len()).collect();
        plan.cells
            .push(row.judged().cell(&plan.experiments, &at, 0));
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&rows, &plan.cells, tier);
    // At the smallest sizes in all tiers: what is wrong there is as wrong at larger ones.
    let ks: &[usize] = if tier == Tier::Quick { &[8] } else { &[8, 16] };
    let erf = Row::new(ks, (Activation::Erf, 1, 0.3), 0.0);
    let quieter = erf.changed(|model| Model {
        scale: 0.5,
        ..model
    });
    let paired = erf.changed(|model| Model { copies: 2, ..model });
    let others = [
        ("weights of variance 1/(4n₀)", Side::Data, quieter),
        ("each row of W twice", Side::Hypothesis, paired),
    ];
    plan.rivals
        .extend(others.map(|(name, side, row)| other_data(name, side, &erf, &row)));
    plan
}

/// A wrong limit from a model, its (η, ζ) and its (φ, ψ).
type Wrong = dyn Fn(&Model, (f64, f64), (f64, f64)) -> f64;

fn theory_rivals(rows: &[Row], cells: &[Cell], tier: Tier) -> Vec<Rival> {
    let other = |name: &str, wrong: &Wrong| {
        let judged = rows.iter().zip(cells).map(|(row, cell)| {
            // The shape is that of all sizes.
            let model = &row.models[0];
            mistaken(cell, wrong(model, model.moments(), model.shape()))
        });
        on_same_samples(name, judged.collect())
    };
    let mut rivals = vec![
        other(
            "ζ = 0: Marchenko–Pastur for every f",
            &|model, (eta, _), shape| model.limit((eta, 0.0), shape),
        ),
        other("φ for ψ and ψ for φ", &|model, moments, (phi, psi)| {
            model.limit(moments, (psi, phi))
        }),
        other("MP(ψ) for MP(1/ψ)", &|model, moments, (phi, psi)| {
            // ψ enters the population and the ratio c = φ/ψ, which stays.
            model.limit(moments, (phi / (psi * psi), 1.0 / psi))
        }),
    ];
    if tier != Tier::Quick {
        // Too close to be told apart at the sizes of the quick tier.
        rivals.push(other(
            "ζ = η: every f linear",
            &|model, (eta, _), shape| model.limit((eta, eta), shape),
        ));
    }
    rivals
}

/// Other data, judged by the limits of `truth`.
fn other_data(name: &str, side: Side, truth: &Row, row: &Row) -> Rival {
    let mut experiments: Vec<Experiment> = row.models.iter().map(|m| m.experiment()).collect();
    for experiment in &mut experiments {
        // The halfwidths of two sizes add up.
        experiment.replicates = 800 * row.models.len().pow(2);
    }
    let at: Vec<usize> = (0..experiments.len()).collect();
    let judged = truth.judged();
    let cell = RivalCell {
        cell: judged.cell(&experiments, &at, 0),
        expected: row.judged().theory,
        // Half as many rows: twice the bias of first order, four times that of second.
        uncertainty: judged.inner * 2f64.powi(at.len() as i32),
    };
    on_own_samples(name, side, experiments, vec![cell])
}

#[cfg(test)]
mod tests {
    use super::super::bench::gaussian;
    use super::*;
    use crate::ensemble::StreamKey;

    #[test]
    fn both_sides_of_the_gram_matrix_give_the_same_trace() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "pennington-worah".into(),
            n: 6,
            signal: "features".into(),
        };
        for shape in [1, 2] {
            let model = Model::new(Activation::Relu, 2, shape, 0.4);
            let value = model.value(&mut key.generator(0)).unwrap();
            let mut rng = key.generator(0);
            let (weights, inputs) = (
                gaussian(model.n1, 6, &mut rng),
                gaussian(6, model.m, &mut rng),
            );
            let product = weights * inputs / 6f64.sqrt();
            let mean = Activation::Relu.moments(1.0).unwrap().mean;
            let y = product.map(|t| t.max(0.0) - mean);
            let m = &y * y.transpose() / model.m as f64;
            let resolvent = (m + DMatrix::identity(model.n1, model.n1) * 0.4)
                .try_inverse()
                .unwrap();
            assert!((value - resolvent.trace() / model.n1 as f64).abs() < 1e-12);
        }
    }

    #[test]
    fn the_bound_of_the_variance_covers_what_the_draws_show() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "variance".into(),
            n: 12,
            signal: "features".into(),
        };
        for law in [EntryLaw::Gaussian, EntryLaw::Uniform] {
            let model = Model {
                laws: [law; 2],
                ..Model::new(Activation::Erf, 4, 0, 1.0)
            };
            let draws: Vec<f64> = (0..200)
                .map(|i| model.value(&mut key.generator(i)).unwrap())
                .collect();
            let mean = draws.iter().sum::<f64>() / 200.0;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 199.0;
            let bound = model.variance().unwrap();
            assert!(
                variance < bound && bound < 300.0 * variance,
                "{law:?} {variance}"
            );
        }
    }
}
