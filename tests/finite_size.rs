//! The finite-size terms against exact expectations: all matrices with two-point entries, enumerated.

use num_complex::Complex64;
use rmt_verify::ensemble::{Ensemble, EntryLaw, Hermitian};
use rmt_verify::free::FreeConvolution;
use rmt_verify::free::finite_size::{EntryStatistics, FiniteSize, Tail};
use rmt_verify::measure::{SpectralMeasure, UpperHalf};
use rmt_verify::spectrum::Tridiagonal;
use serde::Deserialize;

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
    n * mean
        - signal
            .iter()
            .map(|t| (t - z - mean).inv())
            .sum::<Complex64>()
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
            (unit.defect(law), wide.defect(law)),
            (unit.mean_shift(law), wide.mean_shift(law)),
        ] {
            assert!((a.value - b.value * sigma).norm() <= 1e-13 * a.value.norm());
            assert!((a.remainder - b.remainder * sigma).abs() <= 1e-12 * a.remainder);
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
    let shift_slope = slope * (3.0 * s2 / (1.0 - s2).powi(2) + 4.0 * s2 * s2 / (1.0 - s2).powi(3));
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
        for signal in [
            vec![0.0; 32],
            (0..32).map(|i| i as f64 / 16.0 - 1.0).collect(),
        ] {
            for z in [Complex64::new(0.5, 1.5), Complex64::new(0.0, 2.0)] {
                let (finite, statistics) = theory(law, &signal, z);
                let ratio = finite.order_ratio(statistics);
                assert!(ratio <= 0.5, "{law:?} {z}: {ratio}");
            }
        }
    }
}

/// One point of `fixtures/reference/stieltjes_remainder/values.json`.
#[derive(Deserialize)]
struct Reference {
    signal: Vec<f64>,
    sigma: f64,
    omega: [f64; 2],
    #[serde(default)]
    cumulants: [f64; 6],
    gue: bool,
    leading: [f64; 2],
    skewness: [f64; 2],
    defect: [f64; 2],
    remainder: f64,
    ratio: f64,
}

/// The formulas of `c1.py`, which are held against exact enumerations there, in 40 digits at random
/// S, ω and cumulants: also those that no law of the crate has.
#[test]
fn every_order_has_the_value_of_the_formulas_that_were_checked_exactly() {
    let text = include_str!("../fixtures/reference/stieltjes_remainder/values.json");
    let rows: Vec<Reference> = serde_json::from_str(text).unwrap();
    assert_eq!(rows.len(), 24);
    for row in &rows {
        let [diagonal_variance, third, fourth, fifth, sixth, eighth] = row.cumulants;
        let law = if row.gue {
            EntryStatistics::Unitary
        } else {
            EntryStatistics::Real {
                diagonal_variance,
                third,
                fourth,
                tail: Tail::Cumulants {
                    fifth,
                    sixth,
                    eighth,
                },
            }
        };
        let omega = Complex64::new(row.omega[0], row.omega[1]);
        let finite = FiniteSize::new(&row.signal, row.sigma, omega);
        let defect = finite.defect(law);
        let size = 1e-13 * (Complex64::new(row.defect[0], row.defect[1]).norm() + row.remainder);
        for (found, [re, im]) in [
            (finite.leading(law), row.leading),
            (finite.skewness_term(law), row.skewness),
            (defect.value, row.defect),
        ] {
            assert!((found - Complex64::new(re, im)).norm() <= 4.0 * size);
        }
        assert!((defect.remainder - row.remainder).abs() <= 4.0 * size);
        assert!((finite.order_ratio(law) - row.ratio).abs() <= 1e-13);
    }
}

/// m = s + shift/N solves the equation m = s_ν(z + σ²m) + defect/N up to the cubic term: what is left
/// over falls like N⁻².
#[test]
fn the_mean_shift_solves_the_equation_with_its_defect_to_second_order() {
    let law = EntryStatistics::of(&Ensemble::wigner(EntryLaw::HalfNormal));
    let (z, sigma) = (Complex64::new(0.3, 1.2), 0.8);
    let pair = [-0.6, 0.9];
    let nu = SpectralMeasure::empirical(pair.to_vec()).unwrap();
    let mu = FreeConvolution::new(nu.clone(), sigma).unwrap();
    let root = mu.subordination(UpperHalf::new(z).unwrap()).unwrap();
    let left_over = |copies: usize| {
        let finite = FiniteSize::new(&pair.repeat(copies), sigma, root.omega);
        let n = 2.0 * copies as f64;
        let (shift, defect) = (finite.mean_shift(law), finite.defect(law));
        let m = root.s + shift.value / n;
        let left = n * (m - nu.stieltjes(z + sigma * sigma * m)) - defect.value;
        // The envelope pays for the defect's own rest, and for what is left over here.
        let paid = shift.remainder - defect.remainder * finite.omega_prime().norm();
        assert!(paid >= left.norm());
        (left.norm(), paid)
    };
    let (few, many) = (left_over(20), left_over(100));
    assert!(many.0 <= 0.05 * few.0, "{few:?} {many:?}");
    assert!(many.1 <= 0.05 * few.1, "{few:?} {many:?}");
}

/// (K + ½·…)x: |K| ρ of the defect's rest ρ, of the quadratic term S₃K³x²/N what ρ changes in it, and twice the
/// cubic (2a₃²|K|⁵ + a₄|K|⁴)(|x| + ρ)³/N², at σ = 1.
#[test]
fn the_envelope_of_the_mean_shift_is_that_of_the_inverse_function() {
    let law = EntryStatistics::of(&Ensemble::wigner(EntryLaw::SkewedTwoPoint));
    for omega in [
        Complex64::new(0.3, 2.1),
        Complex64::new(-1.6, 1.3),
        Complex64::new(4.0, 0.2),
    ] {
        for signal in [vec![-0.6, 0.9, 0.1], [-0.6, 0.9].repeat(40)] {
            let n = signal.len() as f64;
            let finite = FiniteSize::new(&signal, 1.0, omega);
            let sum = |k: i32| {
                signal
                    .iter()
                    .map(|t| (t - omega).inv().powi(k))
                    .sum::<Complex64>()
                    / n
            };
            let modulus = |k: i32| {
                signal
                    .iter()
                    .map(|t| (t - omega).norm().powi(-k))
                    .sum::<f64>()
                    / n
            };
            let k = (1.0 - sum(2)).inv();
            assert!((k - finite.omega_prime()).norm() <= 1e-13 * k.norm());
            let (defect, shift) = (finite.defect(law), finite.mean_shift(law));
            let (x, rest) = (defect.value, defect.remainder);
            let bend = sum(3) * k.powi(3) / n;
            let value = k * x + bend * x * x;
            assert!((shift.value - value).norm() <= 1e-12 * value.norm());
            let most = x.norm() + rest;
            let cubic = 2.0 * modulus(3).powi(2) * k.norm().powi(5) + modulus(4) * k.norm().powi(4);
            let expected = k.norm() * rest
                + bend.norm() * (most * most - x.norm_sqr())
                + 2.0 * cubic * most.powi(3) / (n * n);
            assert!(
                (shift.remainder / expected - 1.0).abs() <= 1e-11,
                "{omega} {n}"
            );
        }
    }
}

/// The GUE has orders N⁻¹ and N⁻³: of x = O(1/N) the cubic term x³/N² is far below the rest O(N⁻³).
#[test]
fn the_envelope_of_the_gue_falls_like_the_cube_of_n() {
    let law = EntryStatistics::of(&Ensemble::gue());
    for y in [2.0, 4.0, 8.0] {
        let envelope = |copies: usize| {
            let signal = [-0.6, 0.9].repeat(copies);
            FiniteSize::new(&signal, 1.0, Complex64::new(0.3, y))
                .mean_shift(law)
                .remainder
        };
        for (few, many) in [(10, 20), (100, 200), (200, 1000)] {
            let factor = (many as f64 / few as f64).powi(3);
            let ratio = envelope(few) / envelope(many) / factor;
            assert!((ratio - 1.0).abs() < 0.1, "{y} {few} {many}: {ratio}");
        }
    }
}

/// |c₁| without κ₃ and κ₆, over N, and ½cN^{-1/2}∫5u⁻⁶ min(2, a₇u⁶) du, here by quadrature.
#[test]
fn the_rest_of_the_heavy_tailed_law_is_the_integral_of_its_jumps() {
    let omega = Complex64::new(0.4, 1.6);
    let pair = [-0.5, 0.75];
    let finite = |copies: usize| FiniteSize::new(&pair.repeat(copies), 1.0, omega);
    let heavy = EntryStatistics::of(&Ensemble::wigner(EntryLaw::HeavyTailed));
    let light = EntryStatistics::Real {
        diagonal_variance: 2.0,
        third: 0.0,
        fourth: 3.0,
        tail: Tail::Cumulants {
            fifth: 0.0,
            sixth: 0.0,
            eighth: 0.0,
        },
    };
    // N·(terms after r) = c₁ + c₂/N: two sizes give c₁.
    let scaled = |copies: usize| {
        let finite = finite(copies);
        2.0 * copies as f64 * (finite.defect(light).value - finite.leading(light))
    };
    let first = 2.0 * scaled(200) - scaled(100);
    let seventh = pair.map(|t| (t - omega).inv().norm().powi(7));
    let seventh = 0.5 * (seventh[0] + seventh[1]);
    // u = eˣ: 5∫u⁻⁵ min(2, a₇u⁶) dx, both tails below 1e-12 of it.
    let step = 1e-4;
    let jumps: f64 = (-300_000..=100_000)
        .map(|i| libm::exp(f64::from(i) * step))
        .map(|u| 5.0 * (2.0 * u.powi(-5)).min(seventh * u) * step)
        .sum();
    for copies in [3, 50] {
        let n = 2.0 * copies as f64;
        let expected = first.norm() / n + 0.5 * 1.5f64.powf(2.5) * jumps / n.sqrt();
        let found = finite(copies).defect(heavy);
        assert!((found.remainder / expected - 1.0).abs() < 1e-6);
        assert_eq!(found.value, finite(copies).leading(heavy));
        assert_eq!(finite(copies).order_ratio(heavy), 0.0);
    }
}

/// √t R + √(1 − t) R̂ of independent parts: cumulants add, and the k-th of √t R is t^{k/2} κ_k.
#[test]
fn interpolation_with_the_goe_scales_the_kth_cumulant_by_t_to_the_half_k() {
    let t: f64 = 0.3;
    let law = EntryStatistics::of(&Ensemble::wigner(EntryLaw::HalfNormal));
    let EntryStatistics::Real {
        diagonal_variance,
        third,
        fourth,
        tail: Tail::Cumulants {
            fifth,
            sixth,
            eighth,
        },
    } = law.interpolated(t)
    else {
        panic!("a real law with all moments")
    };
    let half_normal = EntryLaw::HalfNormal;
    let of = |k: u32| half_normal.cumulant(k).unwrap();
    assert_eq!(diagonal_variance, 2.0);
    for (found, k, kappa) in [
        (third, 3, of(3)),
        (fourth, 4, of(4)),
        (fifth, 5, of(5)),
        (sixth, 6, of(6)),
        (eighth, 8, half_normal.eighth_cumulant().unwrap()),
    ] {
        let expected = kappa * t.sqrt().powi(k);
        assert!((found - expected).abs() <= 1e-14 * expected.abs(), "κ{k}");
    }
    // P(√t|X| > x) = P(|X| > x/√t) ≤ c t^{5/2} x⁻⁵.
    let heavy = EntryStatistics::of(&Ensemble::wigner(EntryLaw::HeavyTailed)).interpolated(t);
    let EntryStatistics::Real {
        tail: Tail::FifthPower { constant },
        ..
    } = heavy
    else {
        panic!("a heavy tail")
    };
    let expected = (1.5 * t).powf(2.5);
    assert!((constant - expected).abs() <= 1e-14 * expected);
}
