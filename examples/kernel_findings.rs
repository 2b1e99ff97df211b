//! Two formulas for the linear equivalents of deep kernels, as published in code, against the exact kernels.
//!
//! One draw of isotropic data a line, p = n, x_i ~ N(0, I/p). The kernels are those of infinite width, from closed forms of E s(u)s(v). A correct
//! equivalent has an operator-norm error of order n^{−1/2} (last column about constant); a wrong one stops at a constant. Both wrong
//! formulas differ from the right one by a multiple of the identity only:
//!
//! - conjugate kernel: −τ₀⁴α₃ more in the identity (and −τ₀⁴β₃ for the tangent kernel);
//! - tangent kernel: κ_l² = τ_l² + κ_{l−1}² E s′² with E s′² at the scale τ_l instead of τ_{l−1}.
//!
//! `cargo run --release --example kernel_findings [largest n, default 1600]`

use rmt_verify::ensemble::{EntryLaw, Samples, StreamKey};
use rmt_verify::equivalent::activation::Activation;
use rmt_verify::equivalent::kernel::{DeepKernel, LinearEquivalent, Mixture};
use rmt_verify::spectrum::{Hermitian, Tridiagonal};
use std::error::Error;

type Failure = Box<dyn Error>;

fn main() -> Result<(), Failure> {
    let largest = std::env::args().nth(1).map_or(Ok(1600), |n| n.parse())?;
    use Activation::{Erf, Relu};
    println!(
        "{:<28} {:<34} {:>5}  {:>9} {:>9}  {:>9}",
        "model", "formula", "n", "right", "published", "right·√n"
    );
    for (name, layers) in [
        ("relu, 1 layer", &[Relu][..]),
        ("relu, 2 layers", &[Relu, Relu]),
    ] {
        let network = DeepKernel::new(1.0, layers)?;
        let right = network.conjugate();
        let lines = [("identity − τ₀⁴α₃", -right.square.powi(2) * right.cross)];
        table(
            &format!("CK {name}"),
            &network,
            right,
            &lines,
            false,
            largest,
        )?;
    }
    for (name, layers) in [
        ("relu, 1 layer", &[Relu][..]),
        ("erf, 1 layer", &[Erf]),
        ("erf, 3 layers", &[Erf; 3]),
    ] {
        let network = DeepKernel::new(1.0, layers)?;
        let right = network.tangent();
        let lines = [
            ("identity − τ₀⁴β₃", -right.square.powi(2) * right.cross),
            (
                "E s′² at τ_l, not τ_{l−1}",
                one_layer_high(&network)? - right.diagonal,
            ),
        ];
        table(
            &format!("NTK {name}"),
            &network,
            right,
            &lines,
            true,
            largest,
        )?;
    }
    Ok(())
}

/// Lines for n = 200, 400, … of every formula that differs from the right one.
fn table(
    model: &str,
    network: &DeepKernel,
    right: LinearEquivalent,
    lines: &[(&str, f64)],
    tangent: bool,
    largest: usize,
) -> Result<(), Failure> {
    let mut n = 200;
    while n <= largest {
        let (least, most) = error_range(network, right, tangent, n)?;
        // K − (K̃ + δI) has the eigenvalues of K − K̃, less δ.
        let norm = |shift: f64| (most - shift).max(shift - least);
        for (formula, shift) in lines.iter().filter(|(_, shift)| shift.abs() > 1e-12) {
            println!(
                "{model:<28} {formula:<34} {n:>5}  {:>9.4} {:>9.4}  {:>9.3}",
                norm(0.0),
                norm(*shift),
                norm(0.0) * (n as f64).sqrt()
            );
        }
        n *= 2;
    }
    Ok(())
}

/// The smallest and the largest eigenvalue of K − K̃.
fn error_range(
    network: &DeepKernel,
    right: LinearEquivalent,
    tangent: bool,
    n: usize,
) -> Result<(f64, f64), Failure> {
    let samples = Samples::new(EntryLaw::Gaussian, vec![1.0; n], n)?;
    let key = StreamKey {
        epoch: 0,
        claim: "example/kernel-findings".into(),
        law: "gaussian".into(),
        n,
        signal: "isotropic".into(),
    };
    let x = samples.draw(&mut key.generator(0));
    let Hermitian::Real(gram) = samples.gram(x.as_ref()) else {
        unreachable!("samples are real")
    };
    let exact = if tangent {
        network.tangent_matrix(&gram)?
    } else {
        network.conjugate_matrix(&gram)?
    };
    let mixture = Mixture::new(&vec![1.0; n], &[vec![1.0; n]])?;
    let norms: Vec<f64> = gram.diagonal().iter().copied().collect();
    let error = exact - right.matrix(&gram, &mixture, &vec![0; n], &norms);
    let spectrum = Tridiagonal::reduce(&Hermitian::real(error)?)?.eigenvalues()?;
    let values = spectrum.eigenvalues();
    Ok((values[n - 1], values[0]))
}

/// κ_L² with E s′² one layer too high.
fn one_layer_high(network: &DeepKernel) -> Result<f64, Failure> {
    let scales = network.scales();
    let mut diagonal = scales[0] * scales[0];
    for (s, &tau) in network.activations().iter().zip(&scales[1..]) {
        diagonal = tau * tau + diagonal * s.moments(tau)?.slope_square;
    }
    Ok(diagonal)
}
