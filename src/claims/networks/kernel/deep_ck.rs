//! The conjugate kernel of a deep network is linear in the data, but for the identity and a low rank.

use super::contrast::Doubled;
use super::deep::{
    Contrast, Judged, Kind, Model, Wrong, add, diagonal_twice, less_cross, other_equivalent,
};
use super::norm::{Norms, add_norms};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{cell, on_own_samples};
use crate::claims::power::sized;
use crate::design::{Plan, Rival, RivalCell, Side, Tail, Tier};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::LinearEquivalent;

/// E1 and, with one layer, C2.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/deep-ck",
            title: "Linear equivalent of the deep conjugate kernel",
            statement: "K_L(i,j) = E s_L(u)s_L(v), (u, v) ~ N(0, K_{L−1} at i, j), activations centred, K_0 = XᵀX. Then \
                        ‖K_L − K̃‖ = O(n^{−1/2}), K̃ = α₁XᵀX + VAVᵀ + (τ_L² − τ₀²α₁)I with α₁, α₂, α₃, τ_L by recursion over \
                        the layers. Judged: (1/n)tr(K + γ)⁻¹, √(tr K/n), √(1ᵀK1/n); from the standard tier on also the first two \
                        without their 1/n bias, 2·mean(n) − mean(n/2), and P(‖K − K̃‖√n ≤ B) ≥ 0.3 on a mixture of two classes.",
            formula: r"\Bigl\|K_L-\bigl(\alpha_1X^{\mathsf T}X+VAV^{\mathsf T}+(\tau_L^2-\tau_0^2\alpha_1)I\bigr)\Bigr\|=O(n^{-1/2})",
            meaning: "Spectrum, trace and the direction 1 of the exact infinite-width kernel are those of the equivalent within \
                      the stated 1/n allowances. The version with −τ₀⁴α₃ in the identity coefficient, as it has been published \
                      in code, fails on the trace alone.",
            source: Source {
                work: "lm",
                locus: "our E1 and C2",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

fn plan(tier: Tier) -> Plan {
    use Activation::{Erf, Relu};
    // Sizes n, p; agreement beyond the allowance.
    let (sizes, margin): (&[(usize, usize)], [f64; 3]) = match tier {
        Tier::Quick => (&[(72, 18)], [0.12, 0.04, 0.15]),
        Tier::Standard => (&[(192, 48), (256, 192)], [0.06, 0.03, 0.09]),
        Tier::Deep => (&[(768, 192), (1024, 1024)], [0.01, 0.005, 0.02]),
    };
    // Agreement of resolvent trace and trace after the contrast with half the first size.
    let halved: Option<[f64; 2]> = match tier {
        Tier::Quick => None,
        Tier::Standard => Some([0.05, 0.03]),
        Tier::Deep => Some([0.01, 0.005]),
    };
    let (mut judged, mut contrasts) = (vec![], vec![]);
    for layers in [&[Relu][..], &[Relu, Erf]] {
        let large = judged.len();
        for &(n, p) in sizes {
            let model = Model::new(Kind::Conjugate, layers, 1.5, n, p);
            judged.push(Judged {
                inner: allowances(&model),
                margin: margin.to_vec(),
                model,
            });
        }
        if let Some(margin) = halved {
            let (n, p) = sizes[0];
            let model = Model::new(Kind::Conjugate, layers, 1.5, n / 2, p / 2);
            contrasts.push(Contrast {
                sizes: Doubled {
                    small: judged.len(),
                    large,
                },
                inner: next_order(&model),
                margin: margin.to_vec(),
            });
            // For the contrast only.
            judged.push(Judged {
                inner: vec![],
                margin: vec![],
                model,
            });
        }
    }
    let mut plan = Plan::default();
    add(&mut plan, &judged, tails);
    for contrast in contrasts {
        contrast.add(&mut plan, &judged);
    }
    let norms: &[Norms] = &match tier {
        Tier::Quick => vec![],
        Tier::Standard => vec![Norms::conjugate(Relu, 448)],
        Tier::Deep => vec![
            Norms::conjugate(Relu, 448),
            Norms::conjugate(Relu, 1600),
            Norms::conjugate(Erf, 800),
            Norms::conjugate(Activation::Cos, 800),
            Norms::conjugate(Activation::ErfSquare(0.4), 1600),
        ],
    };
    add_norms(&mut plan, norms);
    let mut plan = sized(plan);
    plan.rivals.extend(rivals(&plan, &judged));
    plan.rivals.push(uncentred(&judged[0]));
    plan
}

/// Proxies of `docs/derivations/kernel_features.md`: (27/64)γ⁻³S/n, S/n and S with S = vΠΛ_l²/p.
fn tails(model: &Model) -> Vec<Tail> {
    let n = model.n as f64;
    let slope = model.variance * model.feature_slope() / model.p as f64;
    let resolvent = 27.0 / 64.0 * model.ridge.powi(-3);
    let proxies = [resolvent * slope / n, slope / n, slope];
    proxies
        .map(|variance_proxy| Tail::SubGaussian { variance_proxy })
        .to_vec()
}

/// What is left at finite n, p.
///
/// (1/n)tr(K + γ)⁻¹: the rank 2 of VAVᵀ moves it by at most 2/(nγ); twice that. √(tr K/n): |x_i|² fluctuates by v√(2/p), which moves
/// E K_ii by its curvature, v²/p times half the second derivative: 1/(2p) of the value. √(1ᵀK1/n): the fourth order of x_iᵀx_j, n terms of
/// order 1/p² each, and the concavity of the root; together (1 + n/p)/(4p) of the value.
fn allowances(model: &Model) -> Vec<f64> {
    let p = model.p as f64;
    let [_, trace, ones] = model.predicted(&model.equivalent());
    vec![
        4.0 / (model.n as f64 * model.ridge),
        0.5 * trace / p,
        ones * (1.0 + model.shape()) / (4.0 * p),
    ]
}

/// What is left of resolvent trace and trace when the term of order 1/n has cancelled; n and p are those of the smaller size.
///
/// (1/n)tr(K + γ)⁻¹: the bias is B(n)/n with |B| ≤ 2/γ, the rank again; |x_i|² and the two directions fluctuate, and that moves B by the square,
/// relatively Var|x_i|² = 2v²/p. √(tr K/n): a bias c₁/p + c₂/p² leaves c₂/(2p²). For one ReLU layer E K_ii = τ² + (v/π)(1/(4p) − 1/(32p²)), and the
/// variance 2/p of K_ii/τ² takes 1/(4np) from the root; |c₂| < 0.1 of the value at n = 4p. Five times that.
fn next_order(model: &Model) -> Vec<f64> {
    let (n, p, v) = (model.n as f64, model.p as f64, model.variance);
    let [_, trace, _] = model.predicted(&model.equivalent());
    vec![
        2.0 / (n * model.ridge) * (2.0 * v * v / p),
        0.25 * trace / (p * p),
    ]
}

fn rivals(plan: &Plan, judged: &[Judged]) -> Vec<Rival> {
    let other =
        |name: &str, wrong: Wrong<'_>| other_equivalent(name, &plan.experiments, judged, wrong);
    vec![
        other("identity less τ₀⁴α₃, as published", &|_, right| {
            less_cross(right)
        }),
        other("no VAVᵀ", &|_, right| LinearEquivalent {
            norm: 0.0,
            cross: 0.0,
            ..right
        }),
        other("α₁ = ΠE s′² for Π(E s′)²", &|model, right| {
            LinearEquivalent {
                gram: model
                    .network
                    .moments()
                    .iter()
                    .map(|m| m.slope_square)
                    .product(),
                ..right
            }
        }),
        other("identity τ_L², without −τ₀²α₁", &|_, right| {
            diagonal_twice(right)
        }),
    ]
}

/// Without centring K has the entries (E s)² more.
fn uncentred(judged: &Judged) -> Rival {
    let model = &judged.model;
    let mean = model.network.moments().last().expect("a layer").mean;
    let offset = mean * mean;
    let mut experiments = vec![model.experiment(&tails(model), offset)];
    experiments[0].replicates = 64;
    let [_, trace, _] = model.predicted(&model.equivalent());
    let theory = cell(
        &experiments,
        (0, 1),
        trace,
        judged.inner[1],
        judged.inner[1] + judged.margin[1],
    );
    let expected = (trace * trace + offset).sqrt();
    let cells = vec![RivalCell {
        cell: theory,
        expected,
        uncertainty: judged.inner[1],
    }];
    on_own_samples(
        "activation not centred",
        Side::Hypothesis,
        experiments,
        cells,
    )
}
