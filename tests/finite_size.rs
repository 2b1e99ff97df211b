//! The finite-size terms against exact expectations: all matrices with two-point entries, enumerated.

use num_complex::Complex64;
use rmt_verify::ensemble::{Ensemble, EntryLaw, Hermitian};
use rmt_verify::free::FreeConvolution;
use rmt_verify::free::finite_size::{EntryStatistics, FiniteSize};
use rmt_verify::measure::{SpectralMeasure, UpperHalf};
use rmt_verify::spectrum::Tridiagonal;

/// (value, probability) of the two points of a law.
fn points(law: EntryLaw) -> [(f64, f64); 2] {
    match law {
        EntryLaw::Rademacher => [(-1.0, 0.5), (1.0, 0.5)],
        EntryLaw::SkewedTwoPoint => [(-0.5, 0.8), (2.0, 0.2)],
        law => panic!("{law:?} has no two points"),
    }
}

/// E s_N(z) at every z over all 2^{N(N+1)/2} matrices.
fn exact_mean(law: EntryLaw, signal: &[f64], zs: &[Complex64]) -> Vec<Complex64> {
    let n = signal.len();
    let entries = n * (n + 1) / 2;
    let mut means = vec![Complex64::ZERO; zs.len()];
    for code in 0..1usize << entries {
        let mut w = nalgebra::DMatrix::zeros(n, n);
        let (mut weight, mut bit) = (1.0, 0);
        for i in 0..n {
            for j in 0..=i {
                let (value, probability) = points(law)[code >> bit & 1];
                bit += 1;
                weight *= probability;
                let x = value / (n as f64).sqrt();
                if i == j {
                    w[(i, i)] = 2f64.sqrt() * x + signal[i];
                } else {
                    w[(i, j)] = x;
                    w[(j, i)] = x;
                }
            }
        }
        let t = Tridiagonal::reduce(&Hermitian::real(w).unwrap()).unwrap();
        for (mean, &z) in means.iter_mut().zip(zs) {
            *mean += weight * t.resolvent_trace(z) / n as f64;
        }
    }
    means
}

/// N Δ_N from an exact E s_N.
fn defect(mean: Complex64, signal: &[f64], z: Complex64) -> Complex64 {
    let n = signal.len() as f64;
    n * mean - signal.iter().map(|t| (t - z - mean).inv()).sum::<Complex64>()
}

fn theory(law: EntryLaw, signal: &[f64], z: Complex64) -> (FiniteSize, EntryStatistics) {
    let nu = SpectralMeasure::empirical(signal.to_vec()).unwrap();
    let mu = FreeConvolution::new(nu, 1.0).unwrap();
    let omega = mu.subordination(UpperHalf::new(z).unwrap()).unwrap().omega;
    (
        FiniteSize::new(signal, 1.0, omega),
        EntryStatistics::of(&Ensemble::wigner(law)),
    )
}

const ZS: [Complex64; 3] = [
    Complex64::new(0.0, 3.0),
    Complex64::new(1.0, 3.0),
    Complex64::new(0.5, 4.0),
];

const SIGNALS: [&[f64]; 3] = [
    &[0.0, 0.0, 0.0, 0.0],
    &[-0.4, -0.4, -0.4, 1.2],
    &[-0.75, -0.25, 0.25, 0.75, 0.1],
];

#[test]
fn expansion_agrees_with_enumerated_matrices_within_its_envelope() {
    for law in [EntryLaw::Rademacher, EntryLaw::SkewedTwoPoint] {
        for signal in SIGNALS {
            for (mean, z) in exact_mean(law, signal, &ZS).into_iter().zip(ZS) {
                let (finite, statistics) = theory(law, signal, z);
                let expansion = finite.defect(statistics);
                let off = (defect(mean, signal, z) - expansion.value).norm();
                assert!(
                    off <= expansion.remainder,
                    "{law:?} {signal:?} {z}: off by {off:e}, envelope {:e}",
                    expansion.remainder
                );
            }
        }
    }
}

#[test]
fn mean_shift_agrees_with_enumerated_matrices_within_its_envelope() {
    for signal in SIGNALS {
        let n = signal.len() as f64;
        let means = exact_mean(EntryLaw::Rademacher, signal, &ZS);
        for (mean, z) in means.into_iter().zip(ZS) {
            let (finite, statistics) = theory(EntryLaw::Rademacher, signal, z);
            let nu = SpectralMeasure::empirical(signal.to_vec()).unwrap();
            let s = FreeConvolution::new(nu, 1.0)
                .unwrap()
                .subordination(UpperHalf::new(z).unwrap())
                .unwrap()
                .s;
            let shift = finite.mean_shift(statistics);
            let off = (n * (mean - s) - shift.value).norm();
            assert!(off <= shift.remainder, "{signal:?} {z}: {off:e}");
        }
    }
}

/// |exact − (known terms without `term`)| over the envelope, at z.
fn excess_without(
    law: EntryLaw,
    z: Complex64,
    term: impl Fn(&FiniteSize, EntryStatistics) -> Complex64,
) -> f64 {
    let signal = SIGNALS[1];
    let exact = defect(exact_mean(law, signal, &[z])[0], signal, z);
    let (finite, statistics) = theory(law, signal, z);
    let right = finite.defect(statistics);
    assert!((exact - right.value).norm() <= right.remainder);
    (exact - (right.value - term(&finite, statistics))).norm() / right.remainder
}

// The envelope falls like |z|⁻⁷ and the terms like |z|⁻³ to |z|⁻⁵: far from the axis, even N = 4
// shows each of them. Each law shows the cumulant it is strong in: κ₄ = −2, or κ₃ = 3/2.

#[test]
fn leaving_out_the_fourth_cumulant_leaves_the_envelope() {
    let excess = excess_without(EntryLaw::Rademacher, Complex64::new(0.5, 8.0), |f, law| {
        f.leading(law) - f.leading(law.altered(|_, _, fourth| *fourth = 0.0))
    });
    assert!(excess > 2.0, "{excess}");
}

#[test]
fn leaving_out_the_next_order_leaves_the_envelope() {
    let excess = excess_without(EntryLaw::Rademacher, Complex64::new(0.5, 8.0), |f, law| {
        f.defect(law).value - f.leading(law)
    });
    assert!(excess > 2.0, "{excess}");
}

#[test]
fn leaving_out_the_skewness_term_leaves_the_envelope() {
    let z = Complex64::new(0.5, 24.0);
    let excess = excess_without(EntryLaw::SkewedTwoPoint, z, |f, law| f.skewness_term(law));
    assert!(excess > 2.0, "{excess}");
}

#[test]
fn powers_of_sigma_follow_from_dilation() {
    let signal = [-0.4, -0.4, -0.4, 1.2];
    for sigma in [0.3, 0.8, 2.0] {
        let scaled: Vec<f64> = signal.iter().map(|t| t * sigma).collect();
        let omega = Complex64::new(0.4, 1.9);
        let unit = FiniteSize::new(&signal, 1.0, omega);
        let wide = FiniteSize::new(&scaled, sigma, omega * sigma);
        let law = EntryStatistics::of(&Ensemble::wigner(EntryLaw::HalfNormal));
        for (a, b) in [
            (unit.defect(law).value, wide.defect(law).value),
            (unit.mean_shift(law).value, wide.mean_shift(law).value),
        ] {
            assert!((a - b * sigma).norm() <= 1e-13 * a.norm(), "sigma {sigma}");
        }
    }
}

/// S = 0, GOE: 1 + zm + m² + m′/N + Var s_N = 0 is exact; its second order gives c₁ in closed form.
#[test]
fn second_order_of_the_goe_is_that_of_the_loop_equation() {
    let z = Complex64::new(0.3, 1.1);
    let zeros = vec![0.0; 10];
    let nu = SpectralMeasure::empirical(zeros.clone()).unwrap();
    let point = FreeConvolution::new(nu, 1.0)
        .unwrap()
        .subordination(UpperHalf::new(z).unwrap())
        .unwrap();
    let s = point.s;
    let s2 = s * s;
    let slope = s2 / (1.0 - s2);
    let variance = 2.0 * slope * slope / (1.0 - s2).powi(2);
    let shift = s2 * s / (1.0 - s2).powi(2);
    let shift_slope =
        slope * (3.0 * s2 / (1.0 - s2).powi(2) + 4.0 * s2 * s2 / (1.0 - s2).powi(3));
    let second = s * (shift_slope + variance) + s2 * shift * slope;
    // N·(terms after r) = c₁ + c₂/N: two sizes give c₁.
    let scaled = |n: usize| {
        let finite = FiniteSize::new(&vec![0.0; n], 1.0, point.omega);
        let law = EntryStatistics::goe();
        n as f64 * (finite.defect(law).value - finite.leading(law))
    };
    let first = 2.0 * scaled(200) - scaled(100);
    assert!((first - second).norm() <= 1e-11 * second.norm());
}

/// Where the order ratio is at most ½ the size of the rest is a statement; all claims stay there.
#[test]
fn orders_fall_by_half_where_claims_look() {
    for law in EntryLaw::ALL {
        for signal in [vec![0.0; 32], (0..32).map(|i| i as f64 / 16.0 - 1.0).collect()] {
            for z in [Complex64::new(0.5, 1.5), Complex64::new(0.0, 2.0)] {
                let (finite, statistics) = theory(law, &signal, z);
                let ratio = finite.order_ratio(statistics);
                assert!(ratio <= 0.5, "{law:?} {z}: {ratio}");
            }
        }
    }
}
