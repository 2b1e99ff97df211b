//! Where do the eigenvalues of R/√N + S go? No matrix is drawn here.
//!
//!     cargo run --release --example limits
//!
//! S has half of its eigenvalues at −1 and half at 1, and a few spikes off these. The bulk of
//! R/√N + S falls apart into two intervals when σ < 1; a spike θ pulls an eigenvalue to Φ(θ) where
//! Φ′(θ) > 0.

use rmt_verify::free::{FreeConvolution, OutlierMap};
use rmt_verify::measure::SpectralMeasure;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let nu = SpectralMeasure::atoms(&[(-1.0, 0.5), (1.0, 0.5)])?;

    println!("support of the bulk");
    for sigma in [0.5, 0.9, 1.0, 1.5] {
        let mu = FreeConvolution::new(nu.clone(), sigma)?;
        let intervals: Vec<String> = mu
            .support()
            .iter()
            .map(|interval| format!("[{:.6}, {:.6}]", interval.lo, interval.hi))
            .collect();
        println!("  σ = {sigma:3}   {}", intervals.join(" ∪ "));
    }

    println!("\nspikes at σ = 0.5");
    let map = OutlierMap::new(nu, 0.5)?;
    for theta in [-0.5, 0.0, 1.2, 1.5, 2.0, 4.0] {
        let spike = map.fate(theta)?;
        println!(
            "  θ = {theta:4}   {} at {:.6}, overlap {:.4}",
            format!("{:?}", spike.fate).to_lowercase(),
            spike.location,
            spike.overlap
        );
    }
    Ok(())
}
