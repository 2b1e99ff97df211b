use super::*;

/// Relative error, at level 1e-9, of the mean of M squares of normals (Laurent and Massart) or
/// of uniforms on [−√3, √3] (Hoeffding: 3√(x/2M), below the same).
fn relative_error(m: usize) -> f64 {
    let x = (2.0f64 / 1e-9).ln();
    2.2 * (x / m as f64).sqrt() + 2.0 * x / m as f64
}

#[test]
fn entries_have_the_stated_second_moments() {
    let (n, m) = (3, 400_000);
    for (ensemble, off, diagonal) in [
        (
            Ensemble::Wigner {
                law: EntryLaw::Gaussian,
                diagonal_variance: 2.0,
                sigma: 0.7,
            },
            0.49,
            0.98,
        ),
        (
            Ensemble::Wigner {
                law: EntryLaw::Uniform,
                diagonal_variance: 1.0,
                sigma: 1.5,
            },
            2.25,
            2.25,
        ),
        (Ensemble::Gue { sigma: 0.7 }, 0.49, 0.49),
    ] {
        let mut rng = generator(&ensemble.name());
        let (mut d, mut o, mut pseudo) = (0.0, 0.0, Complex64::ZERO);
        for _ in 0..m {
            let w = ensemble.noise(n, &mut rng).unwrap().to_complex();
            d += w[(1, 1)].norm_sqr() * n as f64;
            o += w[(2, 0)].norm_sqr() * n as f64;
            pseudo += w[(2, 0)] * w[(2, 0)] * n as f64;
        }
        let mean = |x: f64| x / m as f64;
        let h = relative_error(m);
        assert!((mean(o) / off - 1.0).abs() < h, "{ensemble:?}");
        assert!((mean(d) / diagonal - 1.0).abs() < h, "{ensemble:?}");
        if let Ensemble::Gue { sigma } = ensemble {
            // E R_ij² = 0; its parts are half-differences of squares of normals.
            let pseudo = pseudo / (m as f64 * sigma * sigma);
            assert!(pseudo.re.abs() < h && pseudo.im.abs() < h);
        }
        // A variance wrong by 5 % would have been seen.
        assert!(2.0 * h < 0.05);
    }
}

#[test]
fn laws_fed_with_the_same_stream_are_ordered_alike() {
    let draw = |law| {
        let w = Ensemble::wigner(law)
            .noise(12, &mut generator("coupled"))
            .unwrap();
        real(&w).clone()
    };
    let gaussian = draw(EntryLaw::Gaussian);
    for law in EntryLaw::ALL {
        let other = draw(law);
        for i in 0..12 {
            for j in 0..i {
                for l in 0..j {
                    let order = gaussian[(i, j)].total_cmp(&gaussian[(i, l)]);
                    let other = other[(i, j)].total_cmp(&other[(i, l)]);
                    assert!(other == order || other.is_eq(), "{law:?}");
                }
            }
        }
    }
}

#[test]
fn sigma_zero_leaves_the_signal_and_size_zero_is_an_error() {
    let ensemble = Ensemble::Gue { sigma: 0.0 };
    let signal = Signal::diagonal(SignalShape::Uniform { lo: -1.0, hi: 1.0 });
    let w = Deformed { ensemble, signal }
        .sample(2, &mut generator("zero"))
        .unwrap();
    assert_eq!(
        w.to_complex(),
        nalgebra::DMatrix::from_diagonal(&vec![Complex64::from(0.5), Complex64::from(-0.5)].into())
    );
    for ensemble in [Ensemble::goe(), Ensemble::gue()] {
        let none = ensemble.noise(0, &mut generator("zero"));
        assert_eq!(none, Err(EnsembleError::SizeZero));
        assert_eq!(ensemble.noise(1, &mut generator("one")).unwrap().n(), 1);
    }
    let sigma = -1.0;
    let negative = Ensemble::Gue { sigma }.noise(3, &mut generator("zero"));
    assert_eq!(negative, Err(EnsembleError::SigmaNegative { sigma }));
    let negative = Ensemble::Wigner {
        law: EntryLaw::Gaussian,
        diagonal_variance: -2.0,
        sigma: 1.0,
    };
    assert_eq!(
        negative.noise(3, &mut generator("zero")),
        Err(EnsembleError::DiagonalVarianceNegative {
            diagonal_variance: -2.0
        })
    );
}

#[test]
fn names_tell_ensembles_apart() {
    let name = |law, diagonal_variance, sigma| {
        Ensemble::Wigner {
            law,
            diagonal_variance,
            sigma,
        }
        .name()
    };
    assert_eq!(Ensemble::goe().name(), "goe");
    assert_eq!(Ensemble::gue().name(), "gue");
    assert_eq!(name(EntryLaw::Uniform, 2.0, 1.0), "wigner-uniform");
    assert_eq!(name(EntryLaw::Uniform, 1.0, 1.0), "wigner-uniform-vd1");
    assert_eq!(name(EntryLaw::Gaussian, 1.0, 1.05), "goe-vd1-sigma1.05");
}

/// The gradient bound that the proxies rest on, by finite differences of Tr f along random
/// directions in the space of normals: ‖δW‖_F² ≤ (v/N)‖δ‖², attained for the worst direction.
#[test]
fn variance_proxies_bound_the_map_from_normals_to_matrices() {
    for (ensemble, proxy) in [
        (Ensemble::goe(), 2.0),
        (
            Ensemble::Wigner {
                law: EntryLaw::Gaussian,
                diagonal_variance: 3.0,
                sigma: 0.5,
            },
            0.75,
        ),
        (Ensemble::Gue { sigma: 0.5 }, 0.25),
    ] {
        assert_eq!(ensemble.variance_proxy(), Some(proxy));
        // Linear in the normals, so one draw is one direction.
        let mut rng = generator("direction");
        for n in [1, 2, 7] {
            let mut twin = rng.clone();
            let w = ensemble.noise(n, &mut rng).unwrap();
            let count = match w {
                Hermitian::Real(_) => n * (n + 1) / 2,
                Hermitian::Complex(_) => n * n,
            };
            let delta: f64 = (0..count).map(|_| standard_normal(&mut twin).powi(2)).sum();
            assert!(w.frobenius_squared() <= proxy / n as f64 * delta * (1.0 + 1e-14));
            // Not wasteful: at least the smallest of the two coefficients.
            assert!(w.frobenius_squared() >= 0.6 * proxy / n as f64 * delta);
        }
    }
    assert_eq!(
        Ensemble::wigner(EntryLaw::Rademacher).variance_proxy(),
        None
    );
    let rotated = |ensemble| Deformed {
        ensemble,
        signal: Signal::haar(SignalShape::Uniform { lo: 0.0, hi: 1.0 }),
    };
    assert_eq!(rotated(Ensemble::goe()).variance_proxy(), Some(2.0));
    assert_eq!(
        rotated(Ensemble::wigner(EntryLaw::Uniform)).variance_proxy(),
        None
    );
}
