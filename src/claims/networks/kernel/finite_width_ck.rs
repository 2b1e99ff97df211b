//! The conjugate kernel of a network of finite width, layer by layer.

use super::events::{Event, add_events, add_rivals};
use super::layers::{Network, gram, mean_inverse};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::FiniteWidth;

/// E3.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/finite-width-ck",
            title: "Conjugate kernel of finite width",
            statement: "X_l = s(W_lX_{l−1})/√d_l with E s(ξ) = 0, E s(ξ)² = 1, Gaussian weights, X_0 = Z/√d_0, Z with independent entries of variance 1, n/d_l → γ_l. The spectrum of \
                        X_lᵀX_l tends to MP(γ_l) ⊠ ((1 − b) + bμ_{l−1}), b = (E s′(ξ))². Judged: (1/n)tr(X_lᵀX_l + γ)⁻¹ is within r of its \
                        limit with probability at least 0.45, by counting draws.",
            formula: r"\mu_l=\rho^{\mathrm{MP}}_{\gamma_l}\boxtimes\bigl((1-b)+b\,\mu_{l-1}\bigr),\qquad b=(\mathbb{E}\,s'(\xi))^2",
            meaning: "At the sizes listed the resolvent trace of every layer is where the recursion puts it, within r = 8/n. Linear networks \
                      (b = 1), pure noise (b = 0), inverted ratios and layers left out are refuted. The law of the data does not matter. Convergence, not its rate, is tested.",
            source: Source {
                work: "lm",
                locus: "our E3",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// γ.
const RIDGE: f64 = 0.3;
/// n·r: theory_networks.md has a bias of 1.8/n in the third layer, and a standard deviation near 1.3/n for traces of resolvents; twice the
/// one and over three of the other.
///
/// The law of the data does not enter the limit. It enters the bias through κ₄: the resolvent trace of the data has κ₄J₃/(1 − J₂) more (A7; J₃/(1 − J₂) ≤ 0.29
/// at these ratios, so 0.6/n at most for |κ₄| ≤ 2, and less in the layers), and the variance (2 + κ₄)/d_0 of |x_i|² moves the moments of s by half its second derivative times that, less than for
/// Gaussian data, as κ₄ < 0 here. Both are in what twice the bias leaves.
const RADIUS: f64 = 8.0;

/// Widths d_0, …, d_3.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// γ = 5/4, 4/5, 1, 4/5 where the division goes, as in theory_networks.md.
    Near,
    /// γ = 2, ½, ½, ½: the data have an atom at 0 and no layer has, so that wrong recursions end far from each other.
    Apart,
}

impl Shape {
    fn widths(self, n: usize) -> [usize; 4] {
        match self {
            Shape::Near => [4 * n / 5, 5 * n / 4, n, 5 * n / 4],
            Shape::Apart => [n / 2, 2 * n, 2 * n, 2 * n],
        }
    }
}

fn plan(tier: Tier) -> Plan {
    use Activation::{Erf, Sin, Softplus, Tanh};
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    let networks: &[(Activation, EntryLaw, usize, Shape)] = match tier {
        Tier::Quick => &[
            (Erf, Gaussian, 60, Shape::Apart),
            (Erf, Rademacher, 32, Shape::Apart),
        ],
        Tier::Standard => &[
            (Erf, Gaussian, 60, Shape::Apart),
            (Erf, Gaussian, 200, Shape::Near),
            (Erf, Uniform, 120, Shape::Apart),
            (Erf, Rademacher, 120, Shape::Near),
            (Sin, Gaussian, 160, Shape::Near),
        ],
        Tier::Deep => &[
            (Erf, Gaussian, 200, Shape::Near),
            (Erf, Gaussian, 800, Shape::Near),
            (Erf, Uniform, 800, Shape::Apart),
            (Erf, Rademacher, 800, Shape::Near),
            (Tanh, Gaussian, 800, Shape::Near),
            (Softplus, Gaussian, 800, Shape::Near),
        ],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(activation, data, n, shape) in networks {
        let network = Network {
            data,
            ..Network::new(activation, n, &shape.widths(n))
        };
        let events = events(&network);
        let tag = (network.data.name(), network.signal(), n);
        add_events(&mut plan, &mut rivals, tag, events, move |rng| {
            let layers = network.draw(rng).outputs.into_iter().skip(1);
            layers
                .map(|x| mean_inverse(gram(x.as_ref()), RIDGE))
                .collect::<Result<Vec<f64>, ReplicateError>>()
        });
    }
    add_rivals(&mut plan, rivals);
    plan
}

fn events(network: &Network) -> Vec<Event> {
    let known = "the claims' own networks have a limit";
    let b = FiniteWidth::slope_of(network.activation).expect(known);
    let ratios = network.ratios();
    let with = |b: f64, ratios: Vec<f64>, layer: usize| {
        let limit = FiniteWidth::new(b, ratios).expect(known);
        limit.stieltjes(layer, RIDGE).expect(known).value
    };
    let inverse: Vec<f64> = ratios.iter().map(|x| 1.0 / x).collect();
    // The ridge (1 − b) of every layer added behind its weights: b^l·(linear network) + 1 − b^l.
    let behind = |layer: usize| {
        let kept = b.powi(layer as i32);
        let linear = FiniteWidth::new(1.0, ratios.clone()).expect(known);
        let ridge = (RIDGE + 1.0 - kept) / kept;
        linear.stieltjes(layer, ridge).expect(known).value / kept
    };
    let layers = 1..ratios.len();
    let event = layers.map(|layer| Event {
        name: format!("tr(X_lᵀX_l + γ)⁻¹/n, γ = {RIDGE}, l = {layer}"),
        theory: Some(with(b, ratios.clone(), layer)),
        radius: RADIUS / network.n as f64,
        wrong: vec![
            ("b = 1: linear network", with(1.0, ratios.clone(), layer)),
            ("b = 0: noise", with(0.0, ratios.clone(), layer)),
            ("γ_l inverted", with(b, inverse.clone(), layer)),
            ("b² for b", with(b * b, ratios.clone(), layer)),
            ("the data's spectrum kept", with(1.0, vec![ratios[0]], 0)),
            ("a layer left out", with(b, ratios.clone(), layer - 1)),
            ("1 − b added behind the weights", behind(layer)),
        ],
    });
    event.collect()
}
