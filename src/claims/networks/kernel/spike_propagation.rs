//! A spike in the data on its way through the layers.

mod conditional;

use super::events::{Event, add_events, add_rivals, top};
use super::layers::{Network, gram};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::design::{Plan, ReplicateError, Tier};
use crate::ensemble::EntryLaw;
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::{FiniteWidth, Propagated};
use faer::MatRef;
use nalgebra::DVector;

/// E5.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/spike-propagation",
            title: "Spikes through the layers of a network",
            statement: "X_0 = Z/√d_0 + √θuvᵀ, Z with independent entries of variance 1, u and v constant, X_l = s(W_lX_{l−1})/√d_l as for the finite-width kernel. The outlier of X_lᵀX_l is \
                        L_l = A(1 + γ_l∫t/(A − t)dH_l), A = (1 − b) + bL_{l−1}, and |⟨v̂, v⟩|² is multiplied by Aψ′(A)/ψ(A) in each layer. \
                        Judged: √L_l and the overlap are within r with probability at least 0.45, by counting draws; in the deep tier also the mean of \
                        λ₁/ψ(A) − 1 given X_0, as 2·mean(2n) − mean(n).",
            formula: r"L_l=\psi_l(A_l),\quad A_l=(1-b)+b\,L_{l-1},\qquad |\langle\hat v_l,v\rangle|^2=|\langle\hat v_{l-1},v\rangle|^2\,\frac{A_l\psi_l'(A_l)}{\psi_l(A_l)}",
            meaning: "Signal in the data stays visible in the features, at the places and with the overlaps of the recursion up to r of \
                      order n^{−1/2}. Versions without the inflation by sampling, without the loss of overlap, without a spike (b = 0) or with the \
                      data taken for clean are refuted.",
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
    use Activation::{Erf, Tanh};
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    // Law of the data, activation, n, θ, then d_0 and the widths of the layers in units of n/3.
    let networks: &[(EntryLaw, Activation, usize, f64, &[usize])] = match tier {
        // At this n what the data themselves show is left to the second network, whose data have the smaller matrix.
        Tier::Quick => &[
            (Gaussian, Erf, 144, 3.0, &[6, 3]),
            (Gaussian, Erf, 108, 6.0, &[1, 4]),
        ],
        Tier::Standard => &[
            (Gaussian, Erf, 399, 4.0, &[6, 3]),
            (Gaussian, Erf, 240, 6.0, &[6, 3, 3]),
            (Uniform, Erf, 240, 6.0, &[1, 6]),
            (Rademacher, Erf, 240, 6.0, &[1, 6]),
        ],
        Tier::Deep => &[
            (Gaussian, Erf, 399, 8.0, &[6, 3, 3, 3]),
            (Gaussian, Erf, 1599, 6.0, &[6, 3, 3]),
            (Gaussian, Tanh, 1599, 8.0, &[6, 3, 3, 3]),
            (Gaussian, Tanh, 1599, 6.0, &[1, 6, 3]),
            (Uniform, Erf, 1599, 6.0, &[6, 3, 3]),
            (Rademacher, Erf, 1599, 6.0, &[1, 6, 3]),
        ],
    };
    let (mut plan, mut rivals) = (Plan::default(), vec![]);
    for &(data, activation, n, spike, widths) in networks {
        let widths: Vec<usize> = widths.iter().map(|third| third * n / 3).collect();
        let network = Network {
            data,
            spike,
            ..Network::new(activation, n, &widths)
        };
        let first = usize::from(tier == Tier::Quick && widths[0] > n);
        let events = events(&network).split_off(2 * first);
        let tag = (network.data.name(), network.signal(), n);
        add_events(&mut plan, &mut rivals, tag, events, move |rng| {
            let mut values = vec![];
            for x in &network.draw(rng).outputs[first..] {
                let (largest, overlap) = outlier(x.as_ref())?;
                values.extend([largest.sqrt(), overlap]);
            }
            Ok(values)
        });
    }
    add_rivals(&mut plan, rivals);
    if tier == Tier::Deep {
        conditional::add(&mut plan, 60, 65536);
    }
    plan
}

/// √n·r for overlaps. Where an overlap is small its slope in A is large, and so are its fluctuations (at overlap 0.31 they exceed 2/√n four
/// times in ten): the spikes are chosen such that overlaps stay above 0.45. What is called agreement.
const OVERLAP: f64 = 2.0;

/// r of √λ₁ in standard deviations: a normal number is that near to its mean 92 times in 100, and 83 times when it is off by 0.7 standard
/// deviations, more than the bias λ₁(1 − 3.8/n) of earlier simulations at these n.
const PLACE: f64 = 1.75;

/// Var √λ₁ in every layer, to first order.
///
/// Data: λ₁ moves like |X_0v|² + |X_0ᵀu|², whose variances are (4θ + 2)/d_0 and 2n/d_0² (far from the bulk; less near it). Layers: the outlier ψ(A) of
/// a sample covariance of d samples with population spike A has the variance 2A²ψ′/d (A6), and A moves with the layer below, by bψ′. The law of Z
/// does not enter: u and v are spread over all coordinates, and κ₄ comes with Σu_i⁴ or Σv_j⁴, 1/d_0 and 1/n.
fn variances(network: &Network, b: f64, path: &[Propagated]) -> Vec<f64> {
    let (theta, data) = (network.spike, network.widths[0] as f64);
    let first = (4.0 * theta + 2.0 + 2.0 * network.n as f64 / data) / data;
    let mut all = vec![first / (4.0 * path[0].location)];
    for (l, (&here, &below)) in path[1..].iter().zip(path).enumerate() {
        let (a, growth) = passed(b, below, here);
        let own = a * a * growth / (2.0 * network.widths[l + 1] as f64 * here.location);
        let carried = (b * growth).powi(2) * below.location / here.location * all[l];
        all.push(own + carried);
    }
    all
}

/// A and ψ′(A) between two layers: overlaps are multiplied by Aψ′/ψ.
fn passed(b: f64, below: Propagated, here: Propagated) -> (f64, f64) {
    let a = (1.0 - b) + b * below.location;
    (a, here.overlap / below.overlap * here.location / a)
}

fn events(network: &Network) -> Vec<Event> {
    let known = "the claims' own spikes survive";
    let b = FiniteWidth::slope_of(network.activation).expect(known);
    let path = |b: f64, ratios: Vec<f64>| {
        let limit = FiniteWidth::new(b, ratios).expect(known);
        limit.spike(network.spike).expect(known)
    };
    let ratios = network.ratios();
    let reversed: Vec<f64> = ratios.iter().rev().copied().collect();
    let (right, linear) = (path(b, ratios.clone()), path(1.0, ratios.clone()));
    let reversed = path(b, reversed);
    assert_eq!(right.len(), network.widths.len(), "{known}");
    let variances = variances(network, b, &right);
    let mut events = vec![];
    for (l, here) in right.iter().enumerate() {
        let (mut places, mut overlaps) = (vec![], vec![]);
        if l > 0 {
            let below = right[l - 1];
            let (a, growth) = passed(b, below, *here);
            places.push(("L_l = A: no inflation", a.sqrt()));
            places.push(("L_l = L_{l−1}", below.location.sqrt()));
            places.push(("√L_l not of A: θ mapped again", remapped(network, l).sqrt()));
            places.push(("b = 0: the edge of the noise", 1.0 + ratios[l].sqrt()));
            overlaps.push(("overlap kept", below.overlap));
            overlaps.push((
                "A/ψ for Aψ′/ψ: ψ′ forgotten",
                below.overlap * a / here.location,
            ));
            overlaps.push(("overlap ψ′ alone", below.overlap * growth));
            overlaps.push((
                "overlaps not multiplied over layers",
                a * growth / here.location,
            ));
            if let Some(other) = linear.get(l) {
                places.push(("b = 1: linear network", other.location.sqrt()));
            }
        } else {
            places.push(("λ₁ = 1 + θ in the data", (1.0 + network.spike).sqrt()));
            overlaps.push(("overlap 1 in the data", 1.0));
            let other = (ratios[0] + network.spike) / (network.spike * (network.spike + 1.0));
            overlaps.push(("overlap with u for v", 1.0 - other));
        }
        if let Some(other) = reversed.get(l) {
            places.push(("layers in reverse order", other.location.sqrt()));
        }
        events.push(Event {
            name: format!("√λ₁, l = {l}"),
            theory: Some(here.location.sqrt()),
            radius: PLACE * variances[l].sqrt(),
            wrong: places,
        });
        events.push(Event {
            name: format!("overlap, l = {l}"),
            theory: Some(here.overlap),
            radius: OVERLAP / (network.n as f64).sqrt(),
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

/// λ₁ of XᵀX and the squared overlap of its eigenvector with 1/√n, from the smaller of XᵀX and XXᵀ: with XXᵀû = λ₁û the eigenvector is Xᵀû/√λ₁.
fn outlier(x: MatRef<'_, f64>) -> Result<(f64, f64), ReplicateError> {
    let (d, n) = (x.nrows(), x.ncols());
    let equal = |n: usize| DVector::from_element(n, (n as f64).sqrt().recip());
    if d >= n {
        return top(&gram(x), equal(n));
    }
    let image = DVector::from_fn(d, |i, _| x.row(i).iter().sum::<f64>() / (n as f64).sqrt());
    let (largest, weight) = top(&gram(x.transpose()), image.normalize())?;
    Ok((largest, weight * image.norm_squared() / largest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outliers_of_wide_and_tall_matrices_agree() {
        // The same non-zero singular vectors: a row of zeros more changes the side that is used, not the answer.
        let x = faer::mat![[3.0, 1.0, 0.5], [0.2, 2.0, -0.4]];
        let padded = faer::mat![[3.0, 1.0, 0.5], [0.2, 2.0, -0.4], [0.0, 0.0, 0.0]];
        let (wide, tall) = (
            outlier(x.as_ref()).unwrap(),
            outlier(padded.as_ref()).unwrap(),
        );
        assert!((wide.0 - tall.0).abs() < 1e-9);
        assert!((wide.1 - tall.1).abs() < 1e-6);
    }
}
