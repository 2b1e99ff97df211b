//! Streams, normals, laws, noise and signals.

use num_complex::Complex64;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rmt_verify::ensemble::{
    Basis, Deformed, Ensemble, EnsembleError, EntryLaw, Hermitian, HermitianError, Interpolation,
    Signal, SignalShape, StreamKey, haar_orthogonal, haar_unitary, normal_quantile, open_uniform,
    standard_normal,
};

fn key(claim: &str) -> StreamKey {
    StreamKey {
        epoch: 0,
        claim: claim.into(),
        law: "goe".into(),
        n: 8,
        signal: "zero".into(),
    }
}

fn generator(test: &str) -> ChaCha8Rng {
    key(test).generator(0)
}

fn real(w: &Hermitian) -> &nalgebra::DMatrix<f64> {
    match w {
        Hermitian::Real(m) => m,
        Hermitian::Complex(_) => panic!("expected a real matrix"),
    }
}

mod streams {
    use super::*;
    use std::collections::HashSet;

    fn first_draws(rng: &mut ChaCha8Rng) -> [u64; 4] {
        std::array::from_fn(|_| open_uniform(rng).to_bits())
    }

    /// Indices of two equal streams, if any: the check that a repeated stream cannot pass.
    fn repeated(streams: &[[u64; 4]]) -> Option<[u64; 4]> {
        let mut seen = HashSet::new();
        streams.iter().find(|s| !seen.insert(**s)).copied()
    }

    #[test]
    fn every_field_and_every_replicate_has_its_own_stream() {
        let base = key("a");
        let mut keys = vec![base.clone()];
        keys.push(StreamKey {
            epoch: 1,
            ..base.clone()
        });
        keys.push(StreamKey {
            claim: "b".into(),
            ..base.clone()
        });
        keys.push(StreamKey {
            law: "gue".into(),
            ..base.clone()
        });
        keys.push(StreamKey {
            n: 9,
            ..base.clone()
        });
        keys.push(StreamKey {
            signal: "zer".into(),
            ..base.clone()
        });
        // The same letters split differently over the fields.
        keys.push(StreamKey {
            claim: "ag".into(),
            law: "oe".into(),
            ..base.clone()
        });
        keys.push(StreamKey {
            claim: "".into(),
            law: "agoe".into(),
            ..base
        });
        let streams: Vec<_> = keys
            .iter()
            .flat_map(|k| (0..200).map(|r| first_draws(&mut k.generator(r))))
            .collect();
        assert_eq!(repeated(&streams), None);
    }

    #[test]
    fn a_generator_that_forgets_its_replicate_is_caught() {
        let streams: Vec<_> = (0..3)
            .map(|_| first_draws(&mut key("a").generator(0)))
            .collect();
        assert!(repeated(&streams).is_some());
    }

    #[test]
    fn trailing_zero_bytes_change_the_key() {
        let with = |signal: &str| {
            StreamKey {
                signal: signal.into(),
                ..key("a")
            }
            .seed()
        };
        assert_ne!(with("z"), with("z\0"));
    }

    #[test]
    fn streams_do_not_overlap_one_another() {
        // Neighbouring replicates share no word within 2¹⁶ draws (2⁻¹² chance for random words).
        let mut words = HashSet::new();
        for replicate in 0..2 {
            let mut rng = key("a").generator(replicate);
            for _ in 0..1 << 16 {
                words.insert(open_uniform(&mut rng).to_bits());
            }
        }
        assert!(words.len() >= (2 << 16) - 2);
    }
}

mod normals {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Row {
        p: f64,
        x: String,
    }
    #[derive(serde::Deserialize)]
    struct Table {
        rows: Vec<Row>,
    }

    #[test]
    fn quantile_agrees_with_forty_digits_to_1e_15() {
        let text = include_str!("../fixtures/reference/normal_quantile.json");
        let table: Table = serde_json::from_str(text).unwrap();
        assert!(table.rows.len() > 150);
        for Row { p, x } in table.rows {
            let x: f64 = x.parse().unwrap();
            let error = (normal_quantile(p) - x).abs() / x.abs();
            assert!(error <= 1e-15, "p = {p:e}: relative error {error:e}");
        }
    }

    #[test]
    fn ends_are_infinite_and_the_rest_is_nan() {
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        for p in [-0.1, 1.1, f64::NAN] {
            assert!(normal_quantile(p).is_nan(), "p = {p}");
        }
    }

    /// u with numerator index k, the grid of `open_uniform`.
    fn grid(k: u64) -> f64 {
        (2 * k + 1) as f64 / (1u64 << 53) as f64
    }

    fn indices() -> impl Strategy<Value = u64> {
        let all = 1u64 << 52;
        // Uniform, both tails on a logarithmic scale, and around the borders of the formulas.
        let border = |u: f64| (u * (1u64 << 52) as f64) as u64;
        let near = move |u: f64| (border(u).saturating_sub(2000)..border(u) + 2000).boxed();
        prop_oneof![
            0..all - 1,
            (0u32..51).prop_flat_map(|e| 0..2u64 << e),
            (0u32..51).prop_flat_map(move |e| (0..2u64 << e).prop_map(move |k| all - 2 - k)),
            near(0.075),
            near(0.925),
            near((-25f64).exp()),
            near(0.5),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6_000))]

        #[test]
        fn neighbouring_uniforms_give_ordered_draws_of_every_law(k in indices()) {
            for law in EntryLaw::ALL {
                let (a, b) = (law.from_uniform(grid(k)), law.from_uniform(grid(k + 1)));
                // The grid is twice as fine for |g|, finer than the rounding of its quantile.
                let slack = if law == EntryLaw::HalfNormal { 4.0 * f64::EPSILON } else { 0.0 };
                prop_assert!(a <= b + slack, "{}: {a} > {b}", law.name());
            }
        }

        #[test]
        fn one_minus_u_gives_minus_x_for_symmetric_laws(k in indices()) {
            let u = grid(k);
            for law in [EntryLaw::Gaussian, EntryLaw::Uniform, EntryLaw::Rademacher,
                        EntryLaw::HeavyTailed] {
                prop_assert_eq!(law.from_uniform(1.0 - u), -law.from_uniform(u));
            }
        }

        #[test]
        fn lipschitz_constants_bound_difference_quotients(g in -8.0f64..8.0, step in 1e-3f64..2.0) {
            // Φ by statrs, an independent route.
            use statrs::distribution::{ContinuousCDF, Normal};
            let phi = |x: f64| Normal::standard().cdf(x);
            for law in [EntryLaw::Uniform, EntryLaw::HalfNormal] {
                // From above, Φ cancels; the laws are evaluated where it does not.
                let (lo, hi) = (-g.abs() - step, -g.abs());
                let slope = (law.from_uniform(phi(hi)) - law.from_uniform(phi(lo))) / step;
                prop_assert!(slope <= law.lipschitz().unwrap() * (1.0 + 1e-9), "{law:?} {slope}");
            }
        }
    }

    #[test]
    fn uniforms_lie_on_the_symmetric_grid() {
        let mut rng = generator("grid");
        for _ in 0..100_000 {
            let u = open_uniform(&mut rng);
            let numerator = u * (1u64 << 53) as f64;
            assert!(u > 0.0 && u < 1.0 && numerator % 2.0 == 1.0);
            assert_eq!(1.0 - (1.0 - u), u);
        }
    }

    #[test]
    fn lipschitz_constants_are_attained() {
        use statrs::distribution::{ContinuousCDF, Normal};
        let phi = |x: f64| Normal::standard().cdf(x);
        let slope = |law: EntryLaw, g: f64, step: f64| {
            (law.from_uniform(phi(g + step)) - law.from_uniform(phi(g - step))) / (2.0 * step)
        };
        let attained = slope(EntryLaw::Uniform, 0.0, 1e-4) / EntryLaw::Uniform.lipschitz().unwrap();
        assert!((attained - 1.0).abs() < 1e-7, "{attained}");
        // h′ increases to 1 slowly, like 1 − ln 2/g².
        let attained =
            slope(EntryLaw::HalfNormal, 7.0, 1e-2) / EntryLaw::HalfNormal.lipschitz().unwrap();
        assert!(attained > 0.97, "{attained}");
    }
}

mod laws {
    use super::*;

    /// Raw moments E X^k, k = 0..=6, by the tanh-sinh rule on ∫₀¹ Q(u)^k du, both halves.
    fn moments_by_quadrature(law: EntryLaw, orders: usize) -> Vec<f64> {
        let step = 1.0 / 64.0;
        let mut sums = vec![0.0; orders + 1];
        for i in -400i32..=400 {
            let t = f64::from(i) * step;
            let s = std::f64::consts::FRAC_PI_2 * t.sinh();
            // u runs over (0, ½) and (½, 1): v = 1/(1 + e^{2s}) without cancellation at 0.
            let v = 1.0 / (1.0 + (2.0 * s).exp());
            let weight = std::f64::consts::PI * t.cosh() * v * (1.0 - v) * step;
            if v < 1e-280 || weight == 0.0 {
                continue;
            }
            for (x, w) in [(lower(law, 0.5 * v), 0.5), (upper(law, 0.5 * v), 0.5)] {
                for (k, sum) in sums.iter_mut().enumerate() {
                    *sum += w * weight * x.powi(k as i32);
                }
            }
        }
        sums
    }

    fn lower(law: EntryLaw, u: f64) -> f64 {
        law.from_uniform(u)
    }

    /// Q(1 − u), for u far below 2⁻⁵³ too.
    fn upper(law: EntryLaw, u: f64) -> f64 {
        match law {
            EntryLaw::HalfNormal => {
                let a2 = std::f64::consts::FRAC_2_PI;
                (-normal_quantile(0.5 * u) - a2.sqrt()) / (1.0 - a2).sqrt()
            }
            EntryLaw::SkewedTwoPoint => unreachable!("its moments are finite sums"),
            symmetric => -symmetric.from_uniform(u),
        }
    }

    fn moments(law: EntryLaw, orders: usize) -> Vec<f64> {
        if law == EntryLaw::SkewedTwoPoint {
            return (0..=orders as i32)
                .map(|k| 0.2 * 2f64.powi(k) + 0.8 * (-0.5f64).powi(k))
                .collect();
        }
        moments_by_quadrature(law, orders)
    }

    /// κ_n = m_n − Σ_{k<n} C(n−1, k−1) κ_k m_{n−k}.
    fn cumulants(m: &[f64]) -> Vec<f64> {
        let binomial =
            |n: usize, k: usize| (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
        let mut kappa = vec![0.0; m.len()];
        for n in 1..m.len() {
            let known: f64 = (1..n)
                .map(|k| binomial(n - 1, k - 1) * kappa[k] * m[n - k])
                .sum();
            kappa[n] = m[n] - known;
        }
        kappa
    }

    #[test]
    fn cumulants_agree_with_quadrature() {
        for law in EntryLaw::ALL {
            let orders = if law == EntryLaw::HeavyTailed { 4 } else { 6 };
            let kappa = cumulants(&moments(law, orders));
            assert!((kappa[1]).abs() < 1e-12, "{law:?}: mean {}", kappa[1]);
            assert!(
                (kappa[2] - 1.0).abs() < 1e-10,
                "{law:?}: variance {}",
                kappa[2]
            );
            for (k, kappa) in kappa.iter().enumerate().skip(3) {
                let stated = law.cumulant(k as u32).unwrap();
                // E X⁴ of tail index 5 is an integral of v^{−4/5}: its cut at 1e-280 is below 1e-50.
                let tolerance = 1e-9 * (1.0 + stated.abs());
                let error = (kappa - stated).abs();
                assert!(
                    error < tolerance,
                    "{law:?}: κ_{k} = {kappa}, stated {stated}"
                );
            }
        }
    }

    #[test]
    fn the_heavy_tailed_law_has_no_fifth_moment() {
        // x⁵ P(|X| > x) does not vanish: P(|X| > Q(1 − v/2)) = v and Q⁵v → (3/2)^{5/2}.
        let law = EntryLaw::HeavyTailed;
        assert_eq!((law.cumulant(5), law.cumulant(6)), (None, None));
        for v in [1e-10f64, 1e-14] {
            let x = -law.from_uniform(0.5 * v);
            let limit = 1.5f64.powf(2.5);
            assert!((x.powi(5) * v / limit - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    #[should_panic(expected = "order 3 to 6")]
    fn cumulants_of_order_two_are_not_asked_for() {
        let _ = EntryLaw::Gaussian.cumulant(2);
    }

    /// Kolmogorov distance of M draws from the law itself, against the bound that DKW (with
    /// Massart's constant) gives at level 1e-9. The cdfs are closed forms, not our quantiles.
    #[test]
    fn draws_have_the_stated_distribution_functions() {
        use statrs::function::erf::erfc;
        let phi = |x: f64| 0.5 * erfc(-x / 2f64.sqrt());
        let a2 = std::f64::consts::FRAC_2_PI;
        let m = 200_000;
        let bound = ((2.0f64 / 1e-9).ln() / (2.0 * m as f64)).sqrt();
        let cdf = |law: EntryLaw, x: f64| match law {
            EntryLaw::Gaussian => phi(x),
            EntryLaw::Uniform => (0.5 + x / 12f64.sqrt()).clamp(0.0, 1.0),
            EntryLaw::HalfNormal => (2.0 * phi(a2.sqrt() + x * (1.0 - a2).sqrt()) - 1.0).max(0.0),
            EntryLaw::Rademacher => [0.0, 0.5, 1.0][(x >= -1.0) as usize + (x >= 1.0) as usize],
            EntryLaw::SkewedTwoPoint => [0.0, 0.8, 1.0][(x >= -0.5) as usize + (x >= 2.0) as usize],
            EntryLaw::HeavyTailed => {
                let tail = 0.5 * (1.0 + 2.0 * x * x / 3.0).powf(-2.5);
                if x < 0.0 { tail } else { 1.0 - tail }
            }
        };
        let distance = |law: EntryLaw, draws: &[f64]| {
            let mut sorted = draws.to_vec();
            sorted.sort_by(f64::total_cmp);
            let empirical = |x: f64| sorted.partition_point(|&y| y <= x) as f64 / m as f64;
            sorted
                .chunk_by(|a, b| a == b)
                .map(|run| (empirical(run[0]) - cdf(law, run[0])).abs())
                .fold(0.0, f64::max)
        };
        for law in EntryLaw::ALL {
            let mut rng = generator(law.name());
            let draws: Vec<f64> = (0..m).map(|_| law.sample(&mut rng)).collect();
            let d = distance(law, &draws);
            assert!(d <= bound, "{law:?}: {d} > {bound}");
            // The sample would have shown a scale wrong by 6 %.
            let scaled: Vec<f64> = draws.iter().map(|x| 1.06 * x).collect();
            assert!(distance(law, &scaled) > bound, "{law:?}");
        }
    }

    #[test]
    fn filling_a_slice_and_drawing_one_by_one_give_the_same_bits() {
        for law in EntryLaw::ALL {
            for length in [0, 1, 63, 64, 65, 1000] {
                let mut filled = vec![0.0; length];
                let (mut one, mut other) = (generator("fill"), generator("fill"));
                law.fill(&mut one, &mut filled);
                let drawn: Vec<f64> = (0..length).map(|_| law.sample(&mut other)).collect();
                assert_eq!(filled, drawn, "{law:?}, {length}");
                assert_eq!(open_uniform(&mut one), open_uniform(&mut other));
            }
        }
    }

    #[test]
    fn bounded_laws_reach_and_keep_their_support() {
        for law in EntryLaw::ALL {
            let ends = (
                law.from_uniform(0.5f64.powi(53)),
                law.from_uniform(1.0 - 0.5f64.powi(53)),
            );
            match law.support() {
                Some((lo, hi)) => {
                    assert!(ends.0 >= lo && ends.1 <= hi, "{law:?}");
                    assert!(ends.0 - lo < 1e-14 && hi - ends.1 < 1e-14, "{law:?}");
                }
                None => assert!(ends.1 > 8.0, "{law:?}"),
            }
        }
    }
}

mod noise {
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
            nalgebra::DMatrix::from_diagonal(
                &vec![Complex64::from(0.5), Complex64::from(-0.5)].into()
            )
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
}

mod signals {
    use super::*;

    fn atoms(pairs: &[(f64, f64)]) -> Signal {
        Signal::diagonal(SignalShape::Atoms(pairs.to_vec()))
    }

    #[test]
    fn multiplicities_are_exact_when_they_can_be() {
        let s = atoms(&[(-1.0, 0.1), (0.0, 0.3), (2.0, 0.6)])
            .eigenvalues(30)
            .unwrap();
        let count = |x: f64| s.iter().filter(|&&y| y == x).count();
        assert_eq!((count(-1.0), count(0.0), count(2.0)), (3, 9, 18));
    }

    #[test]
    fn largest_remainders_go_first_and_ties_to_the_earlier_atom() {
        let s = atoms(&[(1.0, 0.5), (-1.0, 0.5)]).eigenvalues(5).unwrap();
        assert_eq!(s, [1.0, 1.0, 1.0, -1.0, -1.0]);
        let s = atoms(&[(1.0, 0.26), (2.0, 0.37), (3.0, 0.37)])
            .eigenvalues(4)
            .unwrap();
        assert_eq!(s, [3.0, 2.0, 2.0, 1.0]); // 1.04, 1.48, 1.48: one more for 2
    }

    #[test]
    fn esd_and_limit_agree_as_n_grows() {
        let signal = Signal::diagonal(SignalShape::Uniform { lo: -2.0, hi: 2.0 });
        let z = Complex64::new(0.3, 0.8);
        let error = |n| {
            let (a, b) = (signal.esd(n).unwrap(), signal.limit().unwrap());
            (a.stieltjes(z) - b.stieltjes(z)).norm()
        };
        // Midpoint rule: |∫f − Σ| ≤ (hi − lo)²/(24 n²) sup|f″|, f″ = 2/(t − z)³.
        for n in [10, 100] {
            let bound = 16.0 / (24.0 * (n * n) as f64) * 2.0 / 0.8f64.powi(3);
            assert!(error(n) <= bound, "{n}");
        }
        let atoms = atoms(&[(-1.0, 0.5), (1.0, 0.5)]);
        assert_eq!(atoms.esd(6).unwrap(), atoms.limit().unwrap());
        assert_eq!(Signal::zero().esd(7).unwrap().point_masses(), [(0.0, 1.0)]);
        let quantiles = Signal::diagonal(SignalShape::Quantiles(signal.limit().unwrap()));
        let pairs = quantiles.eigenvalues(9).unwrap();
        for (a, b) in pairs.iter().zip(signal.eigenvalues(9).unwrap()) {
            assert!((a - b).abs() < 1e-14);
        }
    }

    #[test]
    fn ill_posed_signals_are_errors() {
        let weight = |w| atoms(&[(0.0, w), (1.0, 0.5)]).eigenvalues(4).unwrap_err();
        assert_eq!(weight(0.4), EnsembleError::WeightsNotOne { sum: 0.9 });
        assert_eq!(
            weight(-0.5),
            EnsembleError::WeightNotPositive {
                location: 0.0,
                weight: -0.5
            }
        );
        let list = Signal::diagonal(SignalShape::Prescribed(vec![1.0, 2.0]));
        assert_eq!(list.eigenvalues(2).unwrap(), [2.0, 1.0]);
        assert_eq!(
            list.eigenvalues(3),
            Err(EnsembleError::WrongNumber { n: 3, found: 2 })
        );
        assert_eq!(list.eigenvalues(0), Err(EnsembleError::SizeZero));
        let infinite = Signal::diagonal(SignalShape::Prescribed(vec![f64::INFINITY]));
        assert!(matches!(
            infinite.eigenvalues(1),
            Err(EnsembleError::EigenvalueNotFinite { value }) if value == f64::INFINITY
        ));
        let empty = Signal::diagonal(SignalShape::Uniform { lo: 1.0, hi: 1.0 });
        assert_eq!(
            empty.eigenvalues(2),
            Err(EnsembleError::IntervalEmpty { lo: 1.0, hi: 1.0 })
        );
        assert!(empty.limit().is_err());
    }

    proptest! {
        #[test]
        fn multiplicities_sum_to_n_and_miss_by_less_than_one(
            weights in prop::collection::vec(0.01f64..1.0, 1..8), n in 1usize..300,
        ) {
            let total: f64 = weights.iter().sum();
            let pairs: Vec<_> = weights.iter().enumerate()
                .map(|(i, w)| (i as f64, w / total)).collect();
            let s = atoms(&pairs).eigenvalues(n).unwrap();
            prop_assert_eq!(s.len(), n);
            for (x, w) in pairs {
                let count = s.iter().filter(|&&y| y == x).count() as f64;
                prop_assert!((count - n as f64 * w).abs() < 1.0);
            }
        }
    }

    #[test]
    fn haar_matrices_are_orthogonal_and_have_no_preferred_sign() {
        for n in [1, 2, 5, 40] {
            let q = haar_orthogonal(n, &mut generator("haar"));
            assert!((q.transpose() * &q - nalgebra::DMatrix::identity(n, n)).norm() < 1e-13);
            let u = haar_unitary(n, &mut generator("haar"));
            assert!((u.adjoint() * &u - nalgebra::DMatrix::identity(n, n)).norm() < 1e-13);
        }
        // E Q_ij = 0 for every entry, also on the diagonal, where Householder's QR without the
        // sign fix has a preferred sign. |Q_ij| ≤ 1: Hoeffding at level 1e-6 a test.
        let (n, m) = (4, 10_000);
        let mut rng = generator("haar signs");
        let mut sum = nalgebra::DMatrix::<f64>::zeros(n, n);
        let mut unitary = nalgebra::DMatrix::<Complex64>::zeros(n, n);
        for _ in 0..m {
            sum += haar_orthogonal(n, &mut rng);
            unitary += haar_unitary(n, &mut rng);
        }
        let bound = (2.0 * (2.0f64 * 16.0 * 3.0 / 1e-6).ln() / m as f64).sqrt();
        for (x, z) in sum.iter().zip(unitary.iter()) {
            assert!((x / m as f64).abs() < bound);
            assert!((z.re / m as f64).abs() < bound && (z.im / m as f64).abs() < bound);
        }
        // The unfixed Q has E|Q_11| ≈ 0.4 with one sign: five times the bound.
        assert!(bound < 0.08);
    }

    #[test]
    fn a_haar_basis_keeps_the_eigenvalues() {
        use rmt_verify::spectrum::{Eigensolver, Faer};
        let signal = Signal::haar(SignalShape::Uniform { lo: -1.0, hi: 3.0 });
        let rng = &mut generator("haar signal");
        for s in [
            signal.matrix(30, rng).unwrap(),
            signal.complex_matrix(30, rng).unwrap(),
        ] {
            s.check().unwrap();
            let found = Faer.eigenvalues(&s).unwrap();
            for (a, b) in found
                .eigenvalues()
                .iter()
                .zip(signal.eigenvalues(30).unwrap())
            {
                assert!((a - b).abs() < 1e-13);
            }
        }
        assert_eq!(signal.basis, Basis::Haar);
    }
}

mod interpolation {
    use super::*;

    fn between() -> Interpolation {
        let shape = SignalShape::Uniform { lo: -1.0, hi: 1.0 };
        Interpolation::from_goe(EntryLaw::Rademacher, Signal::diagonal(shape))
    }

    #[test]
    fn the_path_has_both_noises_at_its_ends() {
        let path = between().path(6, &mut generator("path")).unwrap();
        let (w1, w0) = (path.at(1.0).unwrap(), path.at(0.0).unwrap());
        let mut rng = generator("path");
        let law = between().ensemble.noise(6, &mut rng).unwrap();
        let reference = between().reference.noise(6, &mut rng).unwrap();
        let s = between().signal.matrix(6, &mut rng).unwrap();
        assert_eq!(w1, law.combined(1.0, 1.0, &s));
        assert_eq!(w0, reference.combined(1.0, 1.0, &s));
        let half = path.at(0.25).unwrap();
        let expected = law
            .combined(0.5, 0.75f64.sqrt(), &reference)
            .combined(1.0, 1.0, &s);
        assert_eq!(half, expected);
        assert!(matches!(path.at(1.5), Err(EnsembleError::TimeOutside { t }) if t == 1.5));
    }

    #[test]
    fn coupled_ends_share_signs_and_signal() {
        let (w1, w0) = between().ends(9, &mut generator("ends")).unwrap();
        for j in 0..9 {
            for i in j + 1..9 {
                let (r, g) = (real(&w1)[(i, j)], real(&w0)[(i, j)]);
                assert_eq!(r, g.signum() / 3.0);
            }
        }
        let unlike = Interpolation {
            reference: Ensemble::gue(),
            ..between()
        };
        assert!(matches!(
            unlike.ends(3, &mut generator("ends")),
            Err(EnsembleError::NotCoupled { .. })
        ));
    }

    #[test]
    fn proxies_follow_the_derivation() {
        let uniform = Interpolation::from_goe(EntryLaw::Uniform, Signal::zero());
        let v = 2.0 * 6.0 / std::f64::consts::PI;
        let close = |a: Option<f64>, b: f64| (a.unwrap() - b).abs() < 1e-14;
        assert!(close(uniform.variance_proxy(0.25), 0.25 * v + 0.75 * 2.0));
        assert!(close(
            uniform.ends_variance_proxy(),
            (v.sqrt() + 2f64.sqrt()).powi(2)
        ));
        assert_eq!(between().variance_proxy(0.5), None);
    }
}

mod matrices {
    use super::*;
    use nalgebra::dmatrix;

    #[test]
    fn constructors_name_the_offending_entry() {
        let i = Complex64::i();
        assert_eq!(
            Hermitian::real(nalgebra::DMatrix::zeros(2, 3)),
            Err(HermitianError::NotSquare {
                rows: 2,
                columns: 3
            })
        );
        assert_eq!(
            Hermitian::real(nalgebra::DMatrix::zeros(0, 0)),
            Err(HermitianError::Empty)
        );
        assert!(matches!(
            Hermitian::real(dmatrix![1.0, f64::NAN; 0.0, 1.0]),
            Err(HermitianError::NotFinite {
                row: 0,
                column: 1,
                ..
            })
        ));
        assert_eq!(
            Hermitian::real(dmatrix![1.0, 2.0; 3.0, 1.0]),
            Err(HermitianError::NotSelfAdjoint {
                row: 1,
                column: 0,
                value: 3.0.into(),
                mirrored: 2.0.into(),
            })
        );
        assert!(matches!(
            Hermitian::complex(dmatrix![i]),
            Err(HermitianError::NotSelfAdjoint {
                row: 0,
                column: 0,
                ..
            })
        ));
        let w = Hermitian::complex(dmatrix![Complex64::ONE, i; -i, Complex64::ZERO]).unwrap();
        assert_eq!((w.n(), w.trace(), w.frobenius_squared()), (2, 1.0, 3.0));
        assert_eq!(w.row_sum_norm(), 2.0);
    }

    #[test]
    fn from_lower_ignores_the_upper_triangle() {
        let w = Hermitian::from_lower(Hermitian::Real(dmatrix![1.0, 9.0; 3.0, 4.0])).unwrap();
        assert_eq!(w, Hermitian::Real(dmatrix![1.0, 3.0; 3.0, 4.0]));
    }
}
