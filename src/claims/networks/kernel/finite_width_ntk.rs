//! The tangent kernel of a network of finite width, against its conjugate kernels.

use super::contrast::{Biased, Doubled, Kept};
use super::events::{Event, add_events, add_rivals};
use super::layers::{Layers, Network, gram, mean_inverse, product};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::FiniteWidth;
use faer::Mat;
use nalgebra::DMatrix;
use rand_chacha::ChaCha8Rng;

/// E4.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/finite-width-ntk",
            title: "Tangent kernel of finite width",
            statement: "f(x) = wᵀx_L, x_l = s(W_lx_{l−1})/√d_l, E s(ξ) = 0, E s(ξ)² = 1, W_l standard normal, w_k = ±1. The Gram matrix N of the \
                        gradients of f in all weights has, on the same draw, the spectrum of r₊I + X_LᵀX_L + Σ_{l<L} b^{L−l}X_lᵀX_l, r₊ = \
                        Σ_{l<L}(a^{L−l} − b^{L−l}), a = E s′(ξ)², b = (E s′(ξ))²; tr N/n → Σ_{k≤L}a^k. Judged: resolvent traces differ by at \
                        most r with probability at least 0.45, by counting draws; in the deep tier also their mean difference, as 2·mean(2n) − mean(n).",
            formula: r"N\simeq r_+I+X_L^{\mathsf T}X_L+\sum_{l<L}b^{L-l}X_l^{\mathsf T}X_l,\qquad r_+=\sum_{l<L}\bigl(a^{L-l}-b^{L-l}\bigr)",
            meaning: "The gradients through all layers add nothing to the features but a ridge, up to r = 3/n + 0.35/√n in the resolvent trace. \
                      Versions without the ridge, with a for b, or without the features of lower layers are refuted.",
            source: Source {
                work: "lm",
                locus: "our E4",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// γ.
const RIDGE: f64 = 0.3;
/// r = 3/n + 0.35/√n.
///
/// Bias: an earlier simulation has a difference of 2.3/n at n = 100 in one draw. Spread: the gradient in W_1 has the factor |W_2ᵀD_2w|², which is χ² with d_1
/// degrees of freedom in its part common to all samples; so that term, about ab·I and b²X_0ᵀX_0, is off by the factor √(2/d_1) = 1.26/√n, and
/// (1/n)tr(N + γ)⁻¹ by at most 1.26/√n·ab·0.39/(r₊ + γ) = 0.35/√n, one standard deviation (bound (N + γ)⁻² by (N + γ)⁻¹/(r₊ + γ)).
fn radius(n: usize) -> f64 {
    let size = n as f64;
    3.0 / size + 0.35 / size.sqrt()
}
/// √n·r of the trace, whose terms are means of d_l bounded factors. What is called agreement.
const TRACE: f64 = 6.0;

fn plan(tier: Tier) -> Plan {
    let networks: &[(Activation, usize)] = match tier {
        Tier::Quick => &[(Activation::Erf, 64)],
        Tier::Standard => &[(Activation::Erf, 64), (Activation::Erf, 240)],
        Tier::Deep => &[
            (Activation::Erf, 240),
            (Activation::Erf, 1000),
            (Activation::Tanh, 1000),
        ],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(activation, n) in networks {
        let network = Network::new(activation, n, &[4 * n / 5, 5 * n / 4, n]);
        let tag = (network.data.name(), network.signal(), n);
        let parts = Parts::of(&network);
        add_events(&mut plan, &mut rivals, tag, events(&parts, n), move |rng| {
            parts.values(&network, 5, rng)
        });
    }
    add_rivals(&mut plan, rivals);
    if tier == Tier::Deep {
        add_doubled(&mut plan, 80, 32768);
    }
    plan
}

/// The bias by numpy: 1.29 ± 0.03, 1.18 ± 0.05, 1.22 ± 0.11 at n = 40, 80, 160; it moves by less than 0.3 between these sizes.
const DIFFERENCE: Biased = Biased {
    bias: (1.2, 0.3),
    change: 0.3,
    margin: 0.0075,
};

/// The mean of the difference of the resolvent traces, without its bias of order 1/n; the mean at n alone is a rival.
fn add_doubled(plan: &mut Plan, n: usize, replicates: usize) {
    let small = plan.experiments.len();
    for n in [n, 2 * n] {
        let network = Network::new(Activation::Erf, n, &[4 * n / 5, 5 * n / 4, n]);
        let parts = Parts::of(&network);
        // Six times half the bound of the spread, which is what numpy has, and the bias.
        let deviation = 0.175 / (n as f64).sqrt();
        let kept = Kept {
            name: format!("difference of tr(· + γ)⁻¹/n, γ = {RIDGE}"),
            centre: 0.0,
            width: 6.0 * deviation + DIFFERENCE.bias.0 / n as f64,
            deviation,
        };
        plan.experiments
            .push(kept.experiment(network, replicates, move |network, rng| {
                Ok(parts.values(network, 1, rng)?[0])
            }));
    }
    let sizes = Doubled {
        small,
        large: small + 1,
    };
    DIFFERENCE.judge(plan, sizes, n);
}

/// a and b.
#[derive(Debug, Clone, Copy)]
struct Parts {
    square: f64,
    slope: f64,
}

impl Parts {
    fn of(network: &Network) -> Self {
        let known = "the claims' own activations have moments";
        let moments = network.activation.moments(1.0).expect(known);
        Self {
            square: moments.slope_square / moments.variance,
            slope: FiniteWidth::slope_of(network.activation).expect(known),
        }
    }

    /// r₊ for L = 2.
    fn ridge(&self) -> f64 {
        let (a, b) = (self.square, self.slope);
        a * a + a - b * b - b
    }

    /// (r, weight of the middle layer, weight of the data) of Ñ, then of wrong ones.
    fn weights(&self) -> [[f64; 3]; 5] {
        let (a, b, ridge) = (self.square, self.slope, self.ridge());
        [
            [ridge, b, b * b],
            [0.0, b, b * b],
            [0.0, a, a * a],
            [a + a * a, b, b * b],
            [ridge, 0.0, 0.0],
        ]
    }

    /// R(N) − R(Ñ) for the first `count` of the equivalents, then tr N/n.
    fn values(
        &self,
        network: &Network,
        count: usize,
        rng: &mut ChaCha8Rng,
    ) -> Result<Vec<f64>, ReplicateError> {
        let layers = network.draw(rng);
        let tangent = tangent(network, &layers, rng);
        let trace = tangent.trace() / network.n as f64;
        let exact = mean_inverse(tangent, RIDGE)?;
        let [first, second, third] = [0, 1, 2].map(|l| gram(layers.outputs[l].as_ref()));
        let mut values = vec![];
        for [ridge, below, data] in &self.weights()[..count] {
            let mut k = &third + &second * *below + &first * *data;
            for i in 0..k.nrows() {
                k[(i, i)] += ridge;
            }
            values.push(exact - mean_inverse(k, RIDGE)?);
        }
        values.push(trace);
        Ok(values)
    }
}

fn events(parts: &Parts, n: usize) -> Vec<Event> {
    let a = parts.square;
    let size = n as f64;
    let mut all = vec![Event {
        name: format!("difference of tr(· + γ)⁻¹/n, γ = {RIDGE}"),
        theory: Some(0.0),
        radius: radius(n),
        wrong: vec![],
    }];
    let wrong = [
        "without r₊",
        "a for b, without r₊",
        "r₊ = Σa^k",
        "without lower layers",
    ];
    all.extend(wrong.map(|name| Event {
        name: format!("difference {name}"),
        theory: None,
        radius: radius(n),
        wrong: vec![(name, 0.0)],
    }));
    all.push(Event {
        name: "tr N/n".into(),
        theory: Some(1.0 + a + a * a),
        radius: TRACE / size.sqrt(),
        wrong: vec![],
    });
    all
}

/// The Gram matrix of the gradients of wᵀx_2 in w, W_2 and W_1: X_2ᵀX_2 + S_2ᵀS_2∘X_1ᵀX_1 + S_1ᵀS_1∘X_0ᵀX_0 with
/// S_2 = D_2w/√d_2, S_1 = D_1W_2ᵀS_2/√d_1 and D_l the slopes s′ at layer l.
fn tangent(network: &Network, layers: &Layers, rng: &mut ChaCha8Rng) -> DMatrix<f64> {
    let (_, scale) = network.normalisation();
    let mut w = vec![0.0; network.widths[2]];
    // With normal w the mean of w_k² would fluctuate by √(2/d_2), more than what is judged; only E w_k² = 1 enters the limit.
    EntryLaw::Rademacher.fill(rng, &mut w);
    let slopes = |l: usize| {
        let before = product(
            layers.weights[l - 1].as_ref(),
            layers.outputs[l - 1].as_ref(),
        );
        let root = scale / (network.widths[l] as f64).sqrt();
        Mat::from_fn(before.nrows(), before.ncols(), |i, j| {
            root * network.activation.slope(before[(i, j)])
        })
    };
    let mut upper = slopes(2);
    for j in 0..upper.ncols() {
        for (i, weight) in w.iter().enumerate() {
            upper[(i, j)] *= weight;
        }
    }
    let mut lower = slopes(1);
    let back = product(layers.weights[1].transpose(), upper.as_ref());
    for j in 0..lower.ncols() {
        for i in 0..lower.nrows() {
            lower[(i, j)] *= back[(i, j)];
        }
    }
    let [first, second, third] = [0, 1, 2].map(|l| gram(layers.outputs[l].as_ref()));
    third + gram(upper.as_ref()).component_mul(&second) + gram(lower.as_ref()).component_mul(&first)
}
