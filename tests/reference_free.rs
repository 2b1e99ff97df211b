//! Free convolution against 50-digit references (fixtures/reference/free_convolution.json).
//!
//! Every assertion is double: the accuracy that the crate promises, and that the bound returned
//! beside the value covers the true error, which is measured well below one unit in the last place.

use num_complex::Complex64;
use rmt_verify::free::{Fate, FreeConvolution, OutlierMap};
use rmt_verify::measure::{SpectralMeasure, UpperHalf};
use serde::Deserialize;

/// Relative error of s where Im z ≥ 1e-3 (issue 2).
const STIELTJES: f64 = 1e-13;
/// s is a sum of terms of size up to √∫|t − ω|⁻²ν(dt). Where it cancels to less than this share of
/// them its relative error is that of the share: the terms are doubles.
const CANCELLATION: f64 = 1e-2;
/// Relative error of an edge, of Φ and of Φ′ (issue 2); absolute below modulus 1e-3.
const EDGE: f64 = 1e-12;
/// Relative error of the density at distance ≥ 1e-3 from the edges (issue 2).
const DENSITY: f64 = 1e-10;

#[derive(Deserialize)]
struct Law {
    nu: String,
    sigma: String,
    stieltjes: Vec<Point>,
    support: Vec<[String; 2]>,
    density: Vec<[String; 2]>,
    spikes: Vec<Row>,
}

#[derive(Deserialize)]
struct Point {
    z: [String; 2],
    s: [String; 2],
    omega: [String; 2],
}

#[derive(Deserialize)]
struct Row {
    theta: String,
    phi: String,
    slope: String,
    fate: String,
    /// None where the gap of supp ν closes in μ: there is no edge to stick to.
    location: Option<String>,
}

/// A decimal as hi + lo, to about 30 digits.
#[derive(Clone, Copy)]
struct Exact {
    hi: f64,
    lo: f64,
}

fn two_sum(a: f64, b: f64) -> Exact {
    let hi = a + b;
    let c = hi - a;
    Exact {
        hi,
        lo: (a - (hi - c)) + (b - c),
    }
}

impl Exact {
    fn read(text: &str) -> Self {
        let hi: f64 = text.parse().expect("a decimal");
        // Rust prints a double exactly when asked for enough digits: subtract digit strings.
        let (whole, approximate) = (digits(text), digits(&format!("{hi:.120e}")));
        let lo = whole
            .iter()
            .zip(&approximate)
            .enumerate()
            .map(|(k, (a, b))| f64::from(a - b) * 10f64.powi(POINT - k as i32))
            .sum();
        Self { hi, lo }
    }

    fn error(self, value: f64) -> f64 {
        let difference = two_sum(value, -self.hi);
        (difference.hi + (difference.lo - self.lo)).abs()
    }
}

/// Decimal exponent of the first entry of `digits`.
const POINT: i32 = 12;

/// Signed decimal digits from 10¹² down to 10⁻³⁰⁰, as far as given.
fn digits(text: &str) -> Vec<i8> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().expect("an exponent")),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut result = vec![0i8; 313];
    for (k, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let place = exponent + whole.len() as i32 - 1 - k as i32;
        let index = POINT - place;
        let digit = digit.to_digit(10).expect("a digit") as i8;
        assert!(index >= 0 || digit == 0, "{text} is beyond 1e13");
        if (0..313).contains(&index) {
            result[index as usize] = if negative { -digit } else { digit };
        }
    }
    result
}

fn laws() -> Vec<Law> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/fixtures/reference/free_convolution.json"
    );
    let text = std::fs::read_to_string(path).expect("the fixture is checked in");
    let laws: Vec<Law> = serde_json::from_str(&text).expect("the layout of the fixture");
    assert!(!laws.is_empty());
    laws
}

fn convolution(law: &Law) -> FreeConvolution {
    let nu = SpectralMeasure::parse(&law.nu).expect("a SPEC");
    FreeConvolution::new(nu, law.sigma.parse().expect("σ")).expect("σ > 0")
}

fn title(law: &Law) -> String {
    let nu: String = law.nu.chars().take(44).collect();
    format!("{nu:<44} σ={:<9}", law.sigma)
}

/// Worst of a column and the largest ratio bound/error among errors above rounding.
#[derive(Default)]
struct Worst {
    relative: f64,
    bound: f64,
    ratio: f64,
    cover: f64,
    rows: usize,
}

impl Worst {
    fn see(&mut self, error: f64, bound: f64, size: f64) {
        self.rows += 1;
        self.relative = self.relative.max(error / size);
        self.bound = self.bound.max(bound / size);
        self.ratio = self.ratio.max(bound / error.max(0.5 * f64::EPSILON * size));
        self.cover = self.cover.max(error / bound);
    }

    fn print(&self, what: &str) {
        if self.rows == 0 {
            return;
        }
        println!(
            "{what} {:>4} rows: error {:8.1e}  bound {:8.1e}  bound/error ≤ {:8.1e}  error/bound ≤ {:6.3}",
            self.rows, self.relative, self.bound, self.ratio, self.cover
        );
    }
}

#[test]
fn stieltjes_transform_agrees_to_1e_13_and_the_bound_covers() {
    let mut count = 0;
    for law in laws() {
        let mu = convolution(&law);
        let (mut far, mut near) = (Worst::default(), Worst::default());
        for point in &law.stieltjes {
            let [x, y] = [0, 1].map(|k| point.z[k].parse::<f64>().expect("z"));
            let found = if y > 0.0 {
                let z = UpperHalf::new(Complex64::new(x, y)).expect("Im z > 0");
                mu.subordination(z).expect("solved")
            } else {
                mu.on_axis(x).expect("solved")
            };
            let s = [0, 1].map(|k| Exact::read(&point.s[k]));
            let omega = [0, 1].map(|k| Exact::read(&point.omega[k]));
            let error = s[0].error(found.s.re).hypot(s[1].error(found.s.im));
            let size = s[0].hi.hypot(s[1].hi);
            let row = format!("{} at z = {x} + {y}i: {found:?}", law.nu);

            assert!(
                error <= found.error_bound,
                "error {error:e} above bound, {row}"
            );
            let drift = omega[0]
                .error(found.omega.re)
                .hypot(omega[1].error(found.omega.im));
            let scale = omega[0].hi.hypot(omega[1].hi);
            let rounding = 8.0 * f64::EPSILON * scale;
            let allowed = mu.sigma().powi(2) * found.error_bound * 1.01 + rounding;
            assert!(drift <= allowed, "ω off by {drift:e} of {allowed:e}, {row}");
            assert!(found.omega.im >= y, "Im ω < Im z, {row}");
            if y >= 1e-3 {
                let terms = (s[1].hi / omega[1].hi).sqrt();
                let limit = STIELTJES * size.max(CANCELLATION * terms);
                assert!(error <= limit, "error {error:e}, {row}");
                far.see(error, found.error_bound, size);
            } else {
                near.see(error, found.error_bound, size);
            }
            count += 1;
        }
        far.print(&format!("s, Im z ≥ 1e-3  {}", title(&law)));
        near.print(&format!("s, Im z < 1e-3  {}", title(&law)));
    }
    assert!(count >= 100, "only {count} rows");
}

#[test]
fn support_agrees_to_1e_12_and_the_bounds_cover() {
    let mut count = 0;
    for law in laws() {
        let mu = convolution(&law);
        let gaps = mu.gaps();
        assert_eq!(
            mu.support().len(),
            law.support.len(),
            "intervals of {}",
            law.nu
        );
        let mut worst = Worst::default();
        for (k, interval) in law.support.iter().enumerate() {
            let found = [
                (mu.support()[k].lo, gaps[k].hi),
                (mu.support()[k].hi, gaps[k + 1].lo),
            ];
            for ((edge, certified), exact) in found.iter().zip(interval) {
                let exact = Exact::read(exact);
                assert_eq!(*edge, certified.value);
                let error = exact.error(*edge);
                let row = format!("{} edge {edge}, error {error:e}", law.nu);
                assert!(
                    error <= certified.error,
                    "bound {:e}, {row}",
                    certified.error
                );
                assert!(error <= EDGE * exact.hi.abs().max(1e-3), "{row}");
                // Covering is easy for a bound that says nothing.
                assert!(certified.error <= EDGE * exact.hi.abs().max(1.0), "{row}");
                worst.see(error, certified.error, exact.hi.abs().max(1e-3));
                count += 1;
            }
        }
        worst.print(&format!("edges           {}", title(&law)));
    }
    assert!(count >= 16, "only {count} edges");
}

#[test]
fn density_agrees_to_1e_10_away_from_the_edges_and_the_bound_covers() {
    let mut count = 0;
    for law in laws() {
        let mu = convolution(&law);
        let mut worst = Worst::default();
        for [x, rho] in &law.density {
            let (x, exact) = (x.parse::<f64>().expect("x"), Exact::read(rho));
            let found = mu.density(x).expect("solved");
            let error = exact.error(found.value);
            let row = format!("{} density at {x}: {found:?}, error {error:e}", law.nu);
            assert!(error <= found.error, "{row}");
            let to_edge = mu
                .support()
                .iter()
                .flat_map(|interval| [interval.lo, interval.hi])
                .map(|edge| (edge - x).abs())
                .fold(f64::INFINITY, f64::min);
            if exact.hi == 0.0 {
                // Off the support, or at the tip of a cusp.
                assert!(found.value <= 1e-4, "{row}");
            } else if to_edge >= 1e-3 {
                assert!(error <= DENSITY * exact.hi, "{row}");
                worst.see(error, found.error, exact.hi);
            }
            count += 1;
        }
        worst.print(&format!("density         {}", title(&law)));
    }
    assert!(count >= 50, "only {count} rows");
}

#[test]
fn spikes_have_the_fate_the_location_and_the_slope_of_the_reference() {
    let mut count = 0;
    for law in laws() {
        let mu = convolution(&law);
        let map = OutlierMap::of(mu);
        let mut worst = Worst::default();
        for row in &law.spikes {
            let theta = row.theta.parse().expect("θ");
            let (phi, slope) = (map.phi(theta).expect("off"), map.slope(theta).expect("off"));
            let spike = map.fate(theta).expect("off supp ν");
            let context = format!("{} σ = {}, {spike:?}", law.nu, law.sigma);
            let fate = match spike.fate {
                Fate::Separates => "separates",
                Fate::Absorbed => "absorbed",
            };
            assert_eq!(fate, row.fate, "{context}");
            assert_eq!(spike.slope, slope.value, "{context}");

            for (found, exact) in [(phi, &row.phi), (slope, &row.slope)] {
                let exact = Exact::read(exact);
                let (error, size) = (exact.error(found.value), exact.hi.abs().max(1e-3));
                assert!(
                    error <= found.error,
                    "{error:e} > {:e}, {context}",
                    found.error
                );
                assert!(error <= EDGE * size, "{error:e}, {context}");
                worst.see(error, found.error, size);
            }
            match &row.location {
                Some(location) => {
                    let location = Exact::read(location);
                    let (error, size) = (location.error(spike.location), location.hi.abs());
                    assert!(error <= EDGE * size.max(1e-3), "{error:e}, {context}");
                }
                None => {
                    // The eigenvalue keeps its rank: as much of μ below it as of ν below θ.
                    let mu = map.free_convolution();
                    let below = mu.cdf(spike.location).expect("solved");
                    assert!(
                        (below - mu.nu().cdf(theta)).abs() < 1e-11,
                        "{below}, {context}"
                    );
                }
            }
            count += 1;
        }
        worst.print(&format!("Φ, Φ′           {}", title(&law)));
    }
    assert!(count >= 20, "only {count} spikes");
}

#[test]
fn the_reader_of_decimals_sees_errors_below_one_unit_in_the_last_place() {
    let third = Exact::read("0.33333333333333333333333333333333333333333333");
    let ulp = f64::EPSILON / 4.0;
    assert!((third.error(1.0 / 3.0) / ulp - 1.0 / 3.0).abs() < 1e-9);
    let tiny = Exact::read("-1.5000000000000000000000000001e-7");
    assert!((tiny.error(-1.5e-7) - 1.3e-23).abs() < 1e-22);
    assert!(
        (Exact::read("12345.678901234567890123").error(12345.0) - 0.678_901_234_567_890_1).abs()
            < 1e-15
    );
}
