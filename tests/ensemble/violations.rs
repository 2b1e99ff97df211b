use super::*;

fn profile(profile: Profile) -> Violation {
    Violation::VarianceProfile {
        profile,
        contrast: 0.8,
    }
}

fn all() -> [Violation; 4] {
    [
        profile(Profile::Blocks),
        profile(Profile::Rows),
        Violation::Correlated { neighbour: 1.0 },
        Violation::Heavy { tail_index: 2.5 },
    ]
}

#[test]
fn noises_are_symmetric_reproducible_and_told_apart_by_name() {
    let mut names = std::collections::BTreeSet::new();
    for violation in all() {
        let draw = || violation.noise(7, &mut generator("violation")).unwrap();
        draw().check().unwrap();
        assert_eq!(draw(), draw());
        assert!(names.insert(violation.name()));
    }
    assert_eq!(profile(Profile::Blocks).name(), "profile-blocks0.8");
}

/// Σ_ij E R_ij² = N(N + 1), as for the GOE, at even and odd N.
#[test]
fn second_moments_are_those_of_the_goe_at_every_size() {
    for violation in all() {
        for n in [3, 4, 5, 10, 33] {
            let sum: f64 = (0..n * n)
                .map(|at| violation.entry_variance(at / n, at % n, n).unwrap())
                .sum();
            let expected = (n * (n + 1)) as f64;
            assert!((sum / expected - 1.0).abs() < 1e-13, "{violation:?}, {n}");
        }
    }
}

#[test]
fn blocks_have_equal_sums_over_rows_and_rows_have_not() {
    let sums = |violation: Violation| {
        let row = |i: usize| {
            (0..8)
                .map(|j| violation.entry_variance(i, j, 8).unwrap())
                .sum::<f64>()
        };
        (row(0), row(7))
    };
    let (first, last) = sums(profile(Profile::Blocks));
    assert!((first - last).abs() < 1e-13);
    let (first, last) = sums(profile(Profile::Rows));
    assert!(first / last > 8.0);
}

/// Every noise but the heavy one is a fixed linear image of the GOE of the same stream, so that its
/// covariances follow from the coefficients.
#[test]
fn gaussian_twins_are_the_stated_images_of_the_goe() {
    let n = 6;
    let x = Ensemble::goe().noise(n, &mut generator("image")).unwrap();
    let x = real(&x);
    for kind in [Profile::Blocks, Profile::Rows] {
        let w = profile(kind).noise(n, &mut generator("image")).unwrap();
        for i in 0..n {
            for j in 0..n {
                let variance = profile(kind).entry_variance(i, j, n).unwrap();
                let own = if i == j { 2.0 } else { 1.0 };
                let expected = x[(i, j)] * (variance / own).sqrt();
                assert!((real(&w)[(i, j)] - expected).abs() < 1e-14, "{kind:?}");
            }
        }
    }
    for a in [-0.5, 1.0, 3.0] {
        let correlated = Violation::Correlated { neighbour: a };
        let w = correlated.noise(n, &mut generator("image")).unwrap();
        let mut c = nalgebra::DMatrix::<f64>::identity(n, n);
        for i in 0..n {
            c[(i, (i + 1) % n)] = a;
        }
        c /= (1.0 + a * a).sqrt();
        let image = &c * x * c.transpose();
        // The scale is the one that entry_variance has, here at the diagonal: E R_ii² = 2c².
        let scale = (correlated.entry_variance(0, 0, n).unwrap() / 2.0).sqrt();
        assert!((real(&w) - image * scale).abs().max() < 1e-14);
        // E R_ij² from Γ = CCᵀ, for X from the GOE: Γ_ii Γ_jj + Γ_ij².
        let gamma = &c * c.transpose();
        for i in 0..n {
            for j in 0..n {
                let expected = gamma[(i, i)] * gamma[(j, j)] + gamma[(i, j)].powi(2);
                let stated = correlated.entry_variance(i, j, n).unwrap();
                assert!((stated - scale * scale * expected).abs() < 1e-14);
            }
        }
        // And v = 2c²‖C‖⁴ bounds the map: ‖C‖² = 1 + 2|ρ| is the largest eigenvalue of Γ (N even).
        let norm = gamma.symmetric_eigenvalues().max();
        let proxy = correlated.variance_proxy(n).unwrap().unwrap();
        assert!((proxy - 2.0 * (scale * norm).powi(2)).abs() < 1e-12);
    }
}

#[test]
fn proxies_of_profiles_are_twice_the_largest_variance_and_heavy_tails_have_none() {
    for kind in [Profile::Blocks, Profile::Rows] {
        for n in [4, 5] {
            let violation = profile(kind);
            let largest = (0..n * n)
                .filter(|at| at / n != at % n)
                .map(|at| violation.entry_variance(at / n, at % n, n).unwrap())
                .fold(0.0, f64::max);
            let proxy = violation.variance_proxy(n).unwrap().unwrap();
            assert!((proxy - 2.0 * largest).abs() < 1e-13);
        }
    }
    let heavy = Violation::Heavy { tail_index: 3.0 };
    assert_eq!(heavy.variance_proxy(5), Ok(None));
}

/// 4.6 million entries of tail index 3.9. The mean of min(X², 100) is within 7 standard errors
/// (its variance is at most 100) of its exact value, (α − 2)/2 times an incomplete integral.
#[test]
fn heavy_entries_have_the_stated_truncated_variance() {
    let (alpha, cap, n) = (3.9f64, 100.0, 3000);
    let w = Violation::Heavy { tail_index: alpha }
        .noise(n, &mut generator("heavy"))
        .unwrap();
    let (mut sum, mut count) = (0.0, 0.0);
    for j in 0..n {
        for i in j + 1..n {
            sum += (n as f64 * real(&w)[(i, j)].powi(2)).min(cap);
            count += 1.0;
        }
    }
    // ∫₀^cap (1 + cy)^{−α/2} dy, c = 2/(α − 2).
    let c = 2.0 / (alpha - 2.0);
    let exact = 1.0 - (1.0 + c * cap).powf(1.0 - 0.5 * alpha);
    let error = 7.0 * (cap / count).sqrt();
    assert!((sum / count - exact).abs() < error);
    // A tail index of 3.5 with variance 1 would be 0.035 lower, beyond the error.
    assert!(error < 0.035);
}

#[test]
fn ill_posed_noises_are_errors_that_carry_the_value() {
    let draw = |violation: Violation, n| violation.noise(n, &mut generator("error")).unwrap_err();
    assert_eq!(
        draw(
            Violation::VarianceProfile {
                profile: Profile::Rows,
                contrast: -1.0
            },
            4
        ),
        ViolationError::ContrastOutside { contrast: -1.0 }
    );
    for tail_index in [2.0, 4.0] {
        assert_eq!(
            draw(Violation::Heavy { tail_index }, 4),
            ViolationError::TailIndexOutside { tail_index }
        );
    }
    let nan = draw(
        Violation::Heavy {
            tail_index: f64::NAN,
        },
        4,
    );
    assert!(matches!(nan, ViolationError::TailIndexOutside { .. }));
    let neighbour = f64::INFINITY;
    assert_eq!(
        draw(Violation::Correlated { neighbour }, 4),
        ViolationError::NeighbourNotFinite { neighbour }
    );
    assert_eq!(
        draw(Violation::Correlated { neighbour: 1.0 }, 2),
        ViolationError::TooSmall { n: 2 }
    );
    for violation in all() {
        assert_eq!(
            draw(violation, 0),
            ViolationError::Ensemble(EnsembleError::SizeZero)
        );
    }
}

#[test]
fn samples_are_noise_plus_signal() {
    let signal = Signal::diagonal(SignalShape::Uniform { lo: -1.0, hi: 1.0 });
    for violation in all() {
        let w = violation.sample(&signal, 4, &mut generator("sum")).unwrap();
        let noise = violation.noise(4, &mut generator("sum")).unwrap();
        let difference = real(&w) - real(&noise);
        assert!((difference[(0, 0)] - 0.75).abs() < 1e-14);
        assert!((difference[(3, 3)] + 0.75).abs() < 1e-14);
        assert!(difference[(1, 0)].abs() < 1e-14);
    }
}
