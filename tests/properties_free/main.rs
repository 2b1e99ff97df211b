//! Properties of μ = ν ⊞ semicircle(σ²) over generated ν and σ.

use num_complex::Complex64;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use rmt_verify::free::FreeConvolution;
use rmt_verify::measure::{SpectralMeasure, UpperHalf};

/// Any ν of the family: atoms, one continuous law, or a mixture of both.
fn any_nu() -> impl Strategy<Value = SpectralMeasure> {
    prop_oneof![atoms(6), continuous(), mixed()]
}

fn atoms(most: usize) -> impl Strategy<Value = SpectralMeasure> {
    prop::collection::vec((-4.0..4.0f64, 0.05..1.0f64), 1..=most).prop_map(|pairs| {
        let total: f64 = pairs.iter().map(|pair| pair.1).sum();
        let pairs: Vec<_> = pairs.iter().map(|&(t, w)| (t, w / total)).collect();
        SpectralMeasure::atoms(&pairs).expect("weights that sum to 1")
    })
}

fn continuous() -> impl Strategy<Value = SpectralMeasure> {
    prop_oneof![
        (-3.0..3.0f64, 0.1..5.0f64).prop_map(|(a, w)| SpectralMeasure::uniform(a, a + w)),
        (-3.0..3.0f64, 0.1..5.0f64).prop_map(|(a, w)| SpectralMeasure::arcsine(a, a + w)),
        (-3.0..3.0f64, 0.1..3.0f64).prop_map(|(c, v)| SpectralMeasure::semicircle(c, v)),
        (0.1..3.0f64, 0.2..2.0f64).prop_map(|(r, v)| SpectralMeasure::marchenko_pastur(r, v)),
    ]
    .prop_map(|law| law.expect("a law"))
}

fn mixed() -> impl Strategy<Value = SpectralMeasure> {
    (0.1..0.9f64, atoms(3), continuous()).prop_map(|(p, discrete, smooth)| {
        SpectralMeasure::mixture(vec![(p, discrete), (1.0 - p, smooth)]).expect("two parts")
    })
}

fn any_sigma() -> impl Strategy<Value = f64> {
    prop_oneof![0.3..2.0f64, 0.02..0.3f64]
}

/// Heights over twelve decades.
fn any_z() -> impl Strategy<Value = UpperHalf> {
    (-7.0..7.0f64, -12.0..1.5f64).prop_map(|(x, e)| upper(x, 10f64.powf(e)))
}

fn upper(x: f64, y: f64) -> UpperHalf {
    UpperHalf::new(Complex64::new(x, y)).expect("y > 0")
}

fn free(nu: &SpectralMeasure, sigma: f64) -> FreeConvolution {
    FreeConvolution::new(nu.clone(), sigma).expect("σ > 0")
}

/// Φ(ω) = ω − σ² s_ν(ω), here spelled out once more.
fn phi(mu: &FreeConvolution, omega: Complex64) -> Complex64 {
    omega - mu.nu().stieltjes_jet(omega).value * mu.sigma().powi(2)
}

fn phi_prime(mu: &FreeConvolution, omega: Complex64) -> Complex64 {
    1.0 - mu.nu().stieltjes_jet(omega).first * mu.sigma().powi(2)
}

/// The same cases in every run; RMT_PROPERTY_CASES widens them.
fn config(cases: u32) -> ProptestConfig {
    let factor =
        std::env::var("RMT_PROPERTY_CASES").map_or(1, |text| text.parse().expect("a factor"));
    ProptestConfig {
        cases: cases * factor,
        rng_seed: RngSeed::Fixed(2),
        failure_persistence: None,
        max_global_rejects: 100_000,
        ..ProptestConfig::default()
    }
}

mod distribution;
mod domain;
mod outliers;
mod subordination;
mod support;
mod units;
