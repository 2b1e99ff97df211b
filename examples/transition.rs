//! The transition of the largest eigenvalue at N = 10⁶ and at N = 10¹².
//!
//!     cargo run --release --example transition
//!
//! λ₁ of R/√N + θe₁e₁ᵀ, R from the GOE, below, at and above the threshold θ = 1, in units of N^{-2/3} from the edge 2. At N = 10⁶ the whole
//! tridiagonal form is drawn, and the corner that decides λ₁ from the same stream: they must agree. At N = 10¹² only the corner exists.

use rmt_verify::ensemble::{Ensemble, StreamKey, TridiagonalModel};
use rmt_verify::spectrum::{Corner, Enclosed, Located, Tridiagonal};
use std::time::{Duration, Instant};

/// λ₁ is known outside an event of this probability.
const FAILURE: f64 = 1e-12;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn key(n: usize) -> StreamKey {
    StreamKey {
        epoch: 0,
        claim: "example".into(),
        law: "goe".into(),
        n,
        signal: "rank one".into(),
    }
}

fn unit(n: usize) -> f64 {
    (n as f64).powf(-2.0 / 3.0)
}

fn by_corner(model: &TridiagonalModel, n: usize, theta: f64) -> Result<(Enclosed, Duration)> {
    let started = Instant::now();
    let mut rng = key(n).generator(0);
    let mut corner = Corner::new(model, n, FAILURE, &mut rng)?;
    corner.set_spike(theta);
    let found = corner.eigenvalue(0, 1e-6 * unit(n))?;
    Ok((found, started.elapsed()))
}

fn by_all_rows(model: &TridiagonalModel, n: usize, theta: f64) -> Result<(Located, Duration)> {
    let started = Instant::now();
    let mut entries = model.sample_by_rows(n, &mut key(n).generator(0))?;
    entries.add_spike(theta);
    let found = Tridiagonal::from(entries).largest(1e-7 * unit(n))?;
    Ok((found, started.elapsed()))
}

fn main() -> Result<()> {
    let model = TridiagonalModel::new(&Ensemble::goe())?;
    let (large, huge) = (1_000_000, 1_000_000_000_000);
    println!("(λ₁ − 2)N^⅔, θ = 1 + wN^{{−⅓}}");
    println!("     w     N = 10⁶, all rows  N = 10⁶, corner      rows  N = 10¹², corner      rows");
    for w in [-1e9, -2.0, -1.0, 0.0, 1.0, 2.0, 4.0] {
        let theta = |n: usize| (1.0 + w * (n as f64).powf(-1.0 / 3.0)).max(0.0);
        let (whole, slow) = by_all_rows(&model, large, theta(large))?;
        let (corner, fast) = by_corner(&model, large, theta(large))?;
        let (value, error) = (whole.value, whole.error_bound);
        assert!(corner.lower <= value + error && value - error <= corner.upper);
        let (beyond, far) = by_corner(&model, huge, theta(huge))?;
        let shown = |x: f64, n: usize| (x - 2.0) / unit(n);
        println!(
            "{:>6}  {:>18.6}  {:>15.6}  {:>8}  {:>16.6}  {:>8}",
            if w < -1e6 {
                "θ = 0".to_owned()
            } else {
                w.to_string()
            },
            shown(value, large),
            shown(corner.lower, large),
            corner.rows,
            shown(beyond.lower, huge),
            beyond.rows,
        );
        eprintln!("        times: {slow:.1?}, {fast:.1?}, {far:.1?}");
    }
    Ok(())
}
