//! Numbers that other packages get wrong, or that are easily got wrong, as negative tests: ours must
//! be right where the known wrong version differs visibly.

mod marchenko_pastur {
    use rmt_verify::measure::SpectralMeasure;

    /// Ratio, variance, and the upper edge v(1 + √c)².
    const LAWS: [(f64, f64); 5] = [(0.1, 1.0), (0.5, 0.7), (1.0, 1.0), (1.5, 2.0), (4.0, 0.3)];

    fn edges(ratio: f64, variance: f64) -> (f64, f64) {
        let root = ratio.sqrt();
        (
            variance * (1.0 - root).powi(2),
            variance * (1.0 + root).powi(2),
        )
    }

    /// A distribution function made by integrating a density that is 0 off its support, with a
    /// final `where(inside, …, 0)`, falls back to 0 above the edge. Ours stays at 1.
    #[test]
    fn distribution_function_is_one_above_the_edge() {
        for (ratio, variance) in LAWS {
            let nu = SpectralMeasure::marchenko_pastur(ratio, variance).unwrap();
            let (_, hi) = edges(ratio, variance);
            for x in [hi * (1.0 + 1e-12), 1.001 * hi, 2.0 * hi, 1e6 * hi] {
                assert!((nu.cdf(x) - 1.0).abs() <= 4.0 * f64::EPSILON, "{ratio} {x}");
            }
            assert_eq!(nu.cdf(f64::MAX), 1.0);
        }
    }

    /// Below the lower edge there is only the atom at 0, of mass max(0, 1 − 1/c).
    #[test]
    fn distribution_function_below_the_edge_is_the_atom_at_zero() {
        for (ratio, variance) in LAWS {
            let nu = SpectralMeasure::marchenko_pastur(ratio, variance).unwrap();
            let (lo, _) = edges(ratio, variance);
            let atom = (1.0 - 1.0 / ratio).max(0.0);
            assert_eq!(nu.cdf(-1e-9), 0.0, "{ratio}");
            if lo > 0.0 {
                assert!((nu.cdf(0.999 * lo) - atom).abs() < 1e-14, "{ratio}");
            }
        }
    }

    /// The same for a law that was reflected and shifted, which has its own branch.
    #[test]
    fn distribution_function_of_the_reflected_law_is_one_above_its_edge_and_zero_below() {
        for (ratio, variance) in LAWS {
            let nu = SpectralMeasure::marchenko_pastur(ratio, variance)
                .and_then(|nu| nu.scaled(-1.0))
                .and_then(|nu| nu.shifted(0.5))
                .unwrap();
            let (_, hi) = edges(ratio, variance);
            assert!(
                (nu.cdf(0.5 + 1e-9) - 1.0).abs() <= 4.0 * f64::EPSILON,
                "{ratio}"
            );
            assert!(nu.cdf(0.5 - hi - 1e-9).abs() <= 4.0 * f64::EPSILON);
        }
    }

    /// What goes wrong when F falls to 0 above the edge: the mass of an interval that contains it.
    #[test]
    fn interval_across_the_edge_has_positive_mass() {
        let nu = SpectralMeasure::marchenko_pastur(0.5, 1.0).unwrap();
        let (_, hi) = edges(0.5, 1.0);
        let mass = nu.cdf(hi + 1.0) - nu.cdf(hi - 0.5);
        // Near the edge the density is about A√(hi − x), so the last 0.5 of 2.8 carries some per cent.
        assert!(mass > 0.01 && mass < 0.2, "{mass}");
    }
}
