//! The neural tangent kernel of a deep network is linear in the data, but for the identity and a low rank.

use super::deep::{Judged, Kind, Model, Wrong, add, diagonal_twice, less_cross, other_equivalent};
use super::norm::{Norms, add_norms};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::power::sized;
use crate::design::{Plan, Rival, Tail, Tier};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::LinearEquivalent;

/// E2.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/deep-ntk",
            title: "Linear equivalent of the deep neural tangent kernel",
            statement: "N_l = K_l + N_{l−1}∘K′_l with K_l the conjugate kernels, K′_l(i,j) = E s_l′(u)s_l′(v), N_0 = XᵀX. Then \
                        ‖N_L − Ñ‖ → 0, Ñ = β₁XᵀX + VBVᵀ + (κ_L² − τ₀²β₁)I, κ_l² = τ_l² + κ_{l−1}²E s_l′(τ_{l−1}ξ)². Judged: \
                        (1/n)tr(N + γ)⁻¹; from the standard tier on also P(‖N − Ñ‖√n ≤ B) ≥ 0.3 on a mixture of two classes.",
            formula: r"N_L\simeq\beta_1X^{\mathsf T}X+VBV^{\mathsf T}+(\kappa_L^2-\tau_0^2\beta_1)I,\qquad \kappa_l^2=\tau_l^2+\kappa_{l-1}^2\,\mathbb{E}\,s_l'(\tau_{l-1}\xi)^2",
            meaning: "The spectrum of the exact infinite-width tangent kernel is that of the equivalent within the stated 1/n \
                      allowance. Versions with E s′² taken one layer too high, or with −τ₀⁴β₃ in the identity coefficient, both \
                      found in public code, fail.",
            source: Source {
                work: "lm",
                locus: "our E2",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

fn plan(tier: Tier) -> Plan {
    use Activation::{Erf, Relu};
    let (sizes, margin): (&[(usize, usize)], f64) = match tier {
        Tier::Quick => (&[(88, 88)], 0.09),
        Tier::Standard => (&[(192, 192), (256, 128)], 0.07),
        Tier::Deep => (&[(768, 768), (1024, 512)], 0.01),
    };
    let mut judged = vec![];
    for layers in [&[Relu][..], &[Erf, Erf]] {
        for &(n, p) in sizes {
            let model = Model::new(Kind::Tangent, layers, 1.5, n, p);
            judged.push(Judged {
                inner: vec![allowance(&model)],
                margin: vec![margin],
                model,
            });
        }
    }
    let norms: &[Norms] = &match tier {
        Tier::Quick => vec![],
        Tier::Standard => vec![Norms::tangent(Relu, 512)],
        Tier::Deep => vec![
            Norms::tangent(Relu, 512),
            Norms::tangent(Relu, 1600),
            Norms::tangent(Erf, 1600),
        ],
    };
    let mut plan = Plan::default();
    add(&mut plan, &judged, tails);
    add_norms(&mut plan, norms);
    let mut plan = sized(plan);
    plan.rivals.extend(rivals(&plan, &judged));
    plan
}

/// The rank 2 of VBVᵀ moves (1/n)tr(N + γ)⁻¹ by at most 2/(nγ); the fluctuations v√(2/p) of |x_i|² act in the second order, 1/p. Here
/// n ≥ p, and 2/(pγ) is allowed for both.
fn allowance(model: &Model) -> f64 {
    2.0 / (model.p as f64 * model.ridge)
}

/// McDiarmid: one sample moves tr(N + γ)⁻¹ by at most 1/γ, see `docs/derivations/kernel_features.md`.
fn tails(model: &Model) -> Vec<Tail> {
    let variance_proxy = 0.25 / (model.n as f64 * model.ridge * model.ridge);
    vec![Tail::SubGaussian { variance_proxy }]
}

fn rivals(plan: &Plan, judged: &[Judged]) -> Vec<Rival> {
    let other =
        |name: &str, wrong: Wrong<'_>| other_equivalent(name, &plan.experiments, judged, wrong);
    vec![
        other("identity less τ₀⁴β₃", &|_, right| less_cross(right)),
        other("E s′² at τ_l for τ_{l−1}", &|model, right| {
            LinearEquivalent {
                diagonal: one_layer_high(model),
                ..right
            }
        }),
        other("K_{l−1} for N_{l−1} in the recursion", &without_memory),
        other("the conjugate kernel's equivalent", &|model, _| {
            model.network.conjugate()
        }),
        other("identity κ_L², without −τ₀²β₁", &|_, right| {
            diagonal_twice(right)
        }),
    ]
}

/// κ_L² with E s_l′(τ_lξ)².
fn one_layer_high(model: &Model) -> f64 {
    let network = &model.network;
    let scales = network.scales();
    let layers = network.activations().iter().zip(&scales[1..]);
    layers.fold(model.variance, |diagonal, (s, &tau)| {
        let high = s.moments(tau).expect("scales are positive");
        tau * tau + diagonal * high.slope_square
    })
}

/// N_L = K_L + K_{L−1}∘K′_L: β₁ and κ_L² of the last two layers only.
fn without_memory(model: &Model, right: LinearEquivalent) -> LinearEquivalent {
    let (network, layers) = (&model.network, model.network.moments());
    let last = layers[layers.len() - 1];
    let below: f64 = layers[..layers.len() - 1]
        .iter()
        .map(|m| m.slope * m.slope)
        .product();
    let scale = network.scales()[layers.len() - 1];
    LinearEquivalent {
        gram: 2.0 * below * last.slope * last.slope,
        diagonal: last.variance + scale * scale * last.slope_square,
        ..right
    }
}
