//! The largest eigenvalues of a spiked GOE matrix that is never stored.
//!
//! ```text
//! cargo run --release --example implicit_top -- 20000
//! ```
//!
//! prints θ_i, what is proved of it, its limit θ + 1/θ, time, and peak memory.

use rmt_verify::ensemble::{Deformed, Ensemble, Signal, SignalShape, StreamKey};
use rmt_verify::spectrum::{TopOptions, top_eigenvalues};
use std::ops::ControlFlow;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let n: usize = match std::env::args().nth(1) {
        Some(n) => n.parse()?,
        None => 5000,
    };
    let spikes = [3.0, 2.5, 2.0];
    let model = Deformed {
        ensemble: Ensemble::goe(),
        signal: Signal::diagonal(SignalShape::Spiked {
            bulk: Box::new(SignalShape::Zero),
            spikes: spikes.to_vec(),
        }),
    };
    let key = |claim: &str| StreamKey {
        epoch: 0,
        claim: claim.into(),
        law: model.ensemble.name(),
        n,
        signal: model.signal.name(),
    };
    let w = model.implicit(n, &key("example/implicit-top").generator(0))?;
    let start = Instant::now();
    let top = top_eigenvalues(
        &w,
        spikes.len(),
        &TopOptions::default(),
        &mut key("example/implicit-top, start").generator(0),
        &mut |progress| {
            eprintln!(
                "{:4} products, {:8.1} s, residual {:.1e}",
                progress.applies,
                start.elapsed().as_secs_f64(),
                progress.residual
            );
            ControlFlow::Continue(())
        },
    )?;
    let seconds = start.elapsed().as_secs_f64();
    println!("  i  θ_i             residual  limit");
    for (i, (theta, residual)) in top.values.iter().zip(&top.residuals).enumerate() {
        let limit = spikes[i] + 1.0 / spikes[i];
        println!("{:3}  {theta:.12}  {residual:8.1e}  {limit:.4}", i + 1);
    }
    println!("λ_i ≥ θ_i − {:.1e}, proved", top.bound);
    if let Some(missed) = top.missed(1e-6) {
        println!("λ_i ≤ θ_i + {missed:.2} but for a probability of 1e-6");
    }
    let entries = n as f64 * (n as f64 + 1.0) / 2.0;
    println!(
        "N = {n}: {seconds:.1} s, {} products, {:.2} ns an entry and product",
        top.applies,
        seconds / entries / (top.applies as f64 + 1.0) * 1e9
    );
    let dense = (n * n * 8) as f64 / 1e6;
    match peak_memory() {
        Some(peak) => println!("peak memory {peak:.0} MB; W stored would take {dense:.0} MB"),
        None => println!("W stored would take {dense:.0} MB"),
    }
    Ok(())
}

/// In MB, where the system says.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1e3)
}
