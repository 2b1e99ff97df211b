//! Random spectral measures, for identities that hold for every ν.

use crate::ensemble::open_uniform;
use crate::measure::{MeasureError, SpectralMeasure};
use rand_chacha::ChaCha8Rng;

/// A measure on [−3.5, 3.5]: two to five atoms, an interval, a semicircle, an arcsine law, a
/// Marchenko–Pastur law, or a mixture of an atom and an interval.
pub(in crate::claims) fn random_measure(
    rng: &mut ChaCha8Rng,
) -> Result<SpectralMeasure, MeasureError> {
    let mut between = |lo: f64, hi: f64| lo + (hi - lo) * open_uniform(rng);
    let kind = between(0.0, 6.0) as u32;
    let (centre, size) = (between(-1.5, 1.5), between(0.1, 2.0));
    match kind {
        0 => {
            let count = 2 + between(0.0, 4.0) as usize;
            let weights: Vec<f64> = (0..count).map(|_| between(0.1, 1.0)).collect();
            let sum: f64 = weights.iter().sum();
            let atoms: Vec<(f64, f64)> = weights
                .iter()
                .map(|w| (between(-2.0, 2.0), w / sum))
                .collect();
            SpectralMeasure::atoms(&atoms)
        }
        1 => SpectralMeasure::uniform(centre - size, centre + size),
        2 => SpectralMeasure::semicircle(centre, size * size / 4.0),
        3 => SpectralMeasure::arcsine(centre - size, centre + size),
        4 => SpectralMeasure::marchenko_pastur(between(0.2, 0.9), 0.25 * size),
        _ => {
            let weight = between(0.1, 0.9);
            let atom = SpectralMeasure::atoms(&[(between(-2.0, 2.0), 1.0)])?;
            let interval = SpectralMeasure::uniform(centre - size, centre + size)?;
            SpectralMeasure::mixture(vec![(weight, atom), (1.0 - weight, interval)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    #[test]
    fn every_draw_is_a_measure_within_its_bounds() {
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "random".into(),
            n: 1,
            signal: "random".into(),
        };
        let mut specs = std::collections::BTreeSet::new();
        for replicate in 0..200 {
            let nu = random_measure(&mut key.generator(replicate)).unwrap();
            let support = nu.support();
            assert!(support[0].lo >= -3.5 && support[support.len() - 1].hi <= 3.5);
            let kind = nu.spec();
            specs.insert(kind.split(':').next().unwrap().to_owned());
        }
        assert!(specs.len() >= 5, "kinds drawn: {specs:?}");
    }
}
