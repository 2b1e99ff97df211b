//! Mass, moments, distribution function and quantiles of μ.

use crate::{any_nu, config, free};
use proptest::prelude::*;
use rmt_verify::free::FreeConvolution;
use rmt_verify::measure::SpectralMeasure;
use std::f64::consts::PI;

/// Moments m₀…m₄ of μ by its density: x = centre + half·cos θ and the midpoint rule in θ on each
/// interval, which absorbs square-root edges; cusps cost it O(nodes^{-4/3}).
fn moments(mu: &FreeConvolution, nodes: u32) -> [f64; 5] {
    let mut total = [0.0; 5];
    for interval in mu.support() {
        let (centre, half) = (0.5 * (interval.lo + interval.hi), 0.5 * interval.width());
        for k in 0..nodes {
            let angle = PI * (f64::from(k) + 0.5) / f64::from(nodes);
            let x = centre + half * angle.cos();
            let mass =
                mu.density(x).expect("solved").value * half * angle.sin() * PI / f64::from(nodes);
            for (power, sum) in total.iter_mut().enumerate() {
                *sum += mass * x.powi(power as i32);
            }
        }
    }
    total
}

/// κ₁…κ₄ to m₁…m₄ and back: free cumulants (non-crossing partitions).
fn free_cumulants(m: [f64; 4]) -> [f64; 4] {
    let k1 = m[0];
    let k2 = m[1] - k1 * k1;
    let k3 = m[2] - 3.0 * k1 * k2 - k1.powi(3);
    let k4 = m[3] - 4.0 * k1 * k3 - 2.0 * k2 * k2 - 6.0 * k1 * k1 * k2 - k1.powi(4);
    [k1, k2, k3, k4]
}

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn mass_is_one_and_free_cumulants_add(nu in any_nu(), sigma in 0.3..2.0f64) {
        let mu = free(&nu, sigma);
        let mut expected = free_cumulants([1, 2, 3, 4].map(|k| nu.moment(k)));
        expected[1] += sigma * sigma;
        let [mass, m1, m2, m3, m4] = moments(&mu, 1000);
        // Exponentially small errors but at near cusps, which the midpoint rule sees to about 1e-4.
        prop_assert!((mass - 1.0).abs() <= 5e-4, "mass {mass}");
        let found = free_cumulants([m1, m2, m3, m4]);
        let size = 1.0 + nu.moment(4).abs() + sigma.powi(4);
        for (k, (a, b)) in found.iter().zip(expected).enumerate() {
            prop_assert!((a - b).abs() <= 5e-3 * size, "κ{} = {a}, not {b}", k + 1);
        }
    }

    #[test]
    fn the_distribution_function_is_the_integral_of_the_density(nu in any_nu(), sigma in 0.3..2.0f64, p in 0.05..0.95f64) {
        let mu = free(&nu, sigma);
        let x = mu.quantile(p).unwrap();
        let rho = mu.density(x).unwrap().value;
        prop_assume!(rho > 1e-3);
        prop_assert!((mu.cdf(x).unwrap() - p).abs() <= 1e-9);
        let h = 1e-4 * rho * rho;
        let difference = (mu.cdf(x + h).unwrap() - mu.cdf(x - h).unwrap()) / (2.0 * h);
        prop_assert!((difference - rho).abs() <= 1e-3 * rho + 1e-10 / h, "{difference} {rho}");
        let support = mu.support();
        prop_assert!((mu.cdf(support[support.len() - 1].hi + 1.0).unwrap() - 1.0).abs() <= 1e-12);
        prop_assert!(mu.cdf(support[0].lo - 1.0).unwrap() <= 1e-12);
    }
}

#[test]
fn mass_is_one_to_twelve_digits_where_the_density_is_analytic() {
    let atoms = SpectralMeasure::atoms(&[(-1.0, 0.3), (0.7, 0.7)]).unwrap();
    let uniform = SpectralMeasure::uniform(-0.3, 2.9).unwrap();
    for (nu, sigma) in [(&atoms, 0.5), (&atoms, 1.5), (&uniform, 0.6)] {
        let [mass, mean, second, ..] = moments(&free(nu, sigma), 1000);
        assert!((mass - 1.0).abs() <= 1e-12, "{mass}");
        assert!((mean - nu.moment(1)).abs() <= 1e-12, "{mean}");
        let exact = nu.moment(2) + sigma * sigma;
        assert!((second - exact).abs() <= 1e-12 * exact, "{second} {exact}");
    }
}
