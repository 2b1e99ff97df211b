//! The outlier of a layer against what the recursion makes of the spectrum below it, draw by draw.

use super::super::contrast::{Biased, Doubled, Kept};
use super::super::layers::{Network, gram};
use crate::design::{Plan, ReplicateError};
use crate::equivalent::activation::Activation;
use crate::equivalent::kernel::FiniteWidth;
use crate::spectrum::{Hermitian, Tridiagonal};
use rand_chacha::ChaCha8Rng;

/// θ; all widths are 2n.
const SPIKE: f64 = 3.0;
/// √n times the standard deviation of λ₁/ψ − 1: √(2ψ′/d)·A/ψ = 0.79/√n here, by A6.
const DEVIATION: f64 = 0.8;
/// The bias by numpy: −2.66 ± 0.05 at n = 30, −3.1 ± 0.1 at 60 and −2.8 ± 0.2 at 120; another simulation, conditioned in another way, has −3.7 ± 0.2 from n = 125
/// to 500. It moves by 0.45 between n = 30 and 60, and by less from there on.
const DIFFERENCE: Biased = Biased {
    bias: (-3.0, 0.8),
    change: 0.5,
    margin: 0.024,
};

/// Adds the contrast of the means of λ₁/ψ(A) − 1 at n and 2n, A and ψ from the spectrum of X_0ᵀX_0 of the same draw, with the mean at n
/// alone as a rival: its bias is seen.
pub(super) fn add(plan: &mut Plan, n: usize, replicates: usize) {
    let small = plan.experiments.len();
    for n in [n, 2 * n] {
        let network = Network {
            spike: SPIKE,
            ..Network::new(Activation::Erf, n, &[2 * n, 2 * n])
        };
        let deviation = DEVIATION / (n as f64).sqrt();
        let kept = Kept {
            name: "λ₁/ψ(A) − 1, l = 1, given X_0".into(),
            centre: 0.0,
            width: 6.0 * deviation - DIFFERENCE.bias.0 / n as f64,
            deviation,
        };
        plan.experiments
            .push(kept.experiment(network, replicates, inflation));
    }
    let sizes = Doubled {
        small,
        large: small + 1,
    };
    DIFFERENCE.judge(plan, sizes, n);
}

/// λ₁(X_1ᵀX_1)/ψ(A) − 1 with A = (1 − b) + bλ₁(X_0ᵀX_0) and ψ(A) = A(1 + (1/d_1)Σt/(A − t)), t = (1 − b) + bλ over the other eigenvalues.
fn inflation(network: &Network, rng: &mut ChaCha8Rng) -> Result<f64, ReplicateError> {
    let b = FiniteWidth::slope_of(network.activation)?;
    let outputs = network.draw(rng).outputs;
    let reduced = |l: usize| {
        let k = Hermitian::real(gram(outputs[l].as_ref()))?;
        Ok::<_, ReplicateError>(Tridiagonal::reduce(&k)?)
    };
    let below = reduced(0)?.eigenvalues()?;
    let mut mixed = below.eigenvalues().iter().map(|x| (1.0 - b) + b * x);
    let a = mixed.next().expect("there is a sample");
    let pull: f64 = mixed.map(|t| t / (a - t)).sum();
    let psi = a * (1.0 + pull / network.widths[1] as f64);
    Ok(reduced(1)?.largest(1e-10)?.value / psi - 1.0)
}
