//! A spike in the data on its way through the layers.

use super::events::{Event, add_events, add_rivals, top};
use super::layers::{Network, gram};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::design::{Plan, Tier};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::FiniteWidth;

/// E5.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/spike-propagation",
            title: "Spikes through the layers of a network",
            statement: "X_0 = Z/√d_0 + √θuvᵀ, X_l = s(W_lX_{l−1})/√d_l as for the finite-width kernel. The outlier of X_lᵀX_l is \
                        L_l = A(1 + γ_l∫t/(A − t)dH_l), A = (1 − b) + bL_{l−1}, and |⟨v̂, v⟩|² is multiplied by Aψ′(A)/ψ(A) in each layer. \
                        Judged: √L_l and the overlap are within r with probability at least 0.45, by counting draws.",
            formula: r"L_l=\psi_l(A_l),\quad A_l=(1-b)+b\,L_{l-1},\qquad |\langle\hat v_l,v\rangle|^2=|\langle\hat v_{l-1},v\rangle|^2\,\frac{A_l\psi_l'(A_l)}{\psi_l(A_l)}",
            meaning: "Signal in the data stays visible in the features, at the places and with the overlaps of the recursion up to r of \
                      order n^{−1/2}. Versions without the inflation by sampling, without the loss of overlap or with a linear network are \
                      refuted.",
            source: Source {
                work: "lm",
                locus: "our E5",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

fn plan(tier: Tier) -> Plan {
    // Activation, n, θ and layers of width n above data of dimension 2n.
    let networks: &[(Activation, usize, f64, usize)] = match tier {
        Tier::Quick => &[(Activation::Erf, 144, 3.0, 1)],
        Tier::Standard => &[
            (Activation::Erf, 400, 4.0, 1),
            (Activation::Erf, 240, 6.0, 2),
        ],
        Tier::Deep => &[
            (Activation::Erf, 400, 8.0, 3),
            (Activation::Erf, 1600, 6.0, 2),
            (Activation::Tanh, 1600, 8.0, 3),
        ],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(activation, n, spike, layers) in networks {
        let mut widths = vec![2 * n];
        widths.extend(vec![n; layers]);
        let network = Network {
            spike,
            ..Network::new(activation, n, &widths)
        };
        let events = events(&network);
        let tag = (network.signal(), n);
        add_events(&mut plan, &mut rivals, tag, events, move |rng| {
            let mut values = vec![];
            for x in network.draw(rng).outputs {
                let (largest, overlap) = top(&gram(x.as_ref()))?;
                values.extend([largest.sqrt(), overlap]);
            }
            Ok(values)
        });
    }
    add_rivals(&mut plan, rivals);
    plan
}

/// √n·r for overlaps. Where an overlap is small its slope in A is large, and so are its fluctuations (at overlap 0.31 they exceed 2/√n four
/// times in ten): the spikes are chosen such that overlaps stay above 0.45. What is called agreement.
const RADIUS: f64 = 2.0;

/// r of √λ₁ in layer l: 1.2 times √(λ₁/2d), the standard deviation that sampling alone gives the root of an outlier far from the bulk, added in
/// squares over the layers. Nearer to the bulk it is less, by √ψ′.
fn spread(layer: usize, location: f64, n: f64) -> f64 {
    1.2 * (location * layer.max(1) as f64 / (2.0 * n)).sqrt()
}

fn events(network: &Network) -> Vec<Event> {
    let known = "the claims' own spikes survive";
    let b = FiniteWidth::slope_of(network.activation).expect(known);
    let path = |b: f64| {
        let limit = FiniteWidth::new(b, network.ratios()).expect(known);
        limit.spike(network.spike).expect(known)
    };
    let (right, linear) = (path(b), path(1.0));
    assert_eq!(right.len(), network.widths.len(), "{known}");
    let root = (network.n as f64).sqrt();
    let mut events = vec![];
    for (l, here) in right.iter().enumerate() {
        let (mut places, mut overlaps) = (vec![], vec![]);
        if l > 0 {
            let below = right[l - 1];
            let kept = (1.0 - b) + b * below.location;
            places.push(("L_l = A: no inflation", kept.sqrt()));
            places.push(("L_l = L_{l−1}", below.location.sqrt()));
            places.push(("√L_l not of A: θ mapped again", remapped(network, l).sqrt()));
            overlaps.push(("overlap kept", below.overlap));
            if let Some(other) = linear.get(l) {
                places.push(("b = 1: linear network", other.location.sqrt()));
            }
        } else {
            places.push(("λ₁ = 1 + θ in the data", (1.0 + network.spike).sqrt()));
            overlaps.push(("overlap 1 in the data", 1.0));
        }
        events.push(Event {
            name: format!("√λ₁, l = {l}"),
            theory: Some(here.location.sqrt()),
            radius: spread(l, here.location, root * root),
            wrong: places,
        });
        events.push(Event {
            name: format!("overlap, l = {l}"),
            theory: Some(here.overlap),
            radius: RADIUS / root,
            wrong: overlaps,
        });
    }
    events
}

/// (1 + θ)(γ_l + θ)/θ: every layer treated as if it were the data.
fn remapped(network: &Network, l: usize) -> f64 {
    let theta = network.spike;
    (1.0 + theta) * (network.ratios()[l] + theta) / theta
}
