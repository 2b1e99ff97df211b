//! Pure noise: fresh noise is noise, and shows spikes at the stated rate.

use crate::{CHANCE, key, noise};
use rmt_verify::confidence::binomial_upper_tail;
use rmt_verify::network::bulk::{
    Analyser, EdgeLaw, Options, SingularValues, noise_gram, upper_quantile,
};

/// E tr BᵀB = nm and E tr (BᵀB)² = nm(n + m + 1). One degree of freedom more or less is seen.
#[test]
fn fresh_noise_has_the_moments_of_a_gaussian_matrix() {
    let (n, m, count) = (9, 6, 4000u64);
    let (nf, mf, count_f) = (n as f64, m as f64, count as f64);
    let key = key("moments");
    let (mut first, mut second) = (0.0, 0.0);
    for r in 0..count {
        let t = noise_gram(n, m, &mut key.generator(r));
        first += t.diagonal.iter().sum::<f64>() / count_f;
        let squares = |v: &[f64]| v.iter().map(|x| x * x).sum::<f64>();
        second += (squares(&t.diagonal) + 2.0 * squares(&t.off_diagonal)) / count_f;
    }
    // Var tr = 2nm; the second by its value, 210² here, of which the sample mean keeps 1/√4000.
    assert!(
        (first - nf * mf).abs() < 6.0 * (2.0 * nf * mf / count_f).sqrt(),
        "{first}"
    );
    let expected = nf * mf * (nf + mf + 1.0);
    assert!(
        (second - expected).abs() < 6.0 * 0.5 * expected / count_f.sqrt(),
        "{second} {expected}"
    );
}

/// Shapes of the quick check of the level, with replicates; thin ones for the exponent of the margin.
const SHAPES: [(usize, usize, u64); 6] = [
    (10, 10, 2000),
    (16, 16, 1000),
    (20, 10, 500),
    (30, 30, 300),
    (100, 10, 500),
    (400, 8, 1000),
];

/// Alarms of a rule on pure noise.
#[derive(Default)]
struct Alarms {
    trials: u64,
    alarms: u64,
}

impl Alarms {
    fn count(&mut self, alarm: bool) {
        self.trials += 1;
        self.alarms += u64::from(alarm);
    }

    /// Most that the probability of so many can be, if the rate is `level`.
    fn chance(&self, level: f64) -> f64 {
        binomial_upper_tail(self.alarms, self.trials, level)
    }
}

#[test]
fn pure_noise_shows_spikes_at_no_more_than_the_stated_rate() {
    let options = Options {
        level: 0.01,
        epoch: 1,
        ..Options::default()
    };
    let quantile = upper_quantile(options.level);
    let [mut ours, mut plain, mut none, mut misprint] = [(); 4].map(|()| Alarms::default());
    for (n, m, count) in SHAPES {
        let analyser = Analyser::new(n, m, &options).unwrap();
        let edge = EdgeLaw::new(n, m);
        let end = 1.0 + (m as f64 / n as f64).sqrt();
        // The margin that [`EdgeLaw`] has, and its share that is left by the misprint.
        let margin = edge.threshold(quantile) - edge.centre;
        let left = end.powi(4) / 3.0 / end.powf(4.0 / 3.0);
        for spectrum in noise(n, m, count) {
            let fit = analyser.analyse(&spectrum).unwrap().fit.unwrap();
            let top = spectrum.values()[0] / fit.sigma.value;
            ours.count(fit.beyond > 0);
            // What alarms us alarms the rivals: the value was taken out before σ was fitted again.
            let alarm = fit.beyond > 0;
            let scaled = top * top * n as f64;
            none.count(alarm || top > end);
            if n == m {
                plain.count(alarm || scaled > edge.threshold(quantile));
            }
            if n > 5 * m {
                misprint.count(alarm || scaled > edge.centre + left * margin);
            }
        }
    }
    assert!(ours.chance(0.01) > CHANCE, "{} alarms", ours.alarms);
    // σ̂ taken for σ, no margin at all, (1 + √γ)⁴/3 for (1 + √γ)^{4/3}: each fails the same check, though
    // the first is tried on square shapes only and the last on thin ones.
    for (name, rival) in [("plain", plain), ("none", none), ("misprint", misprint)] {
        assert!(
            rival.chance(0.01) < CHANCE,
            "{name}: {} alarms",
            rival.alarms
        );
    }
}

/// The false alarms that `analyse` states for a shape are those of other noise of this shape.
#[test]
fn the_stated_rate_of_false_alarms_is_that_of_fresh_noise() {
    let options = Options {
        level: 0.2,
        ..Options::default()
    };
    let analyser = Analyser::new(40, 20, &options).unwrap();
    let spectra = noise(40, 20, 400);
    let first = analyser.analyse(&spectra[0]).unwrap().fit.unwrap();
    let alarm = |s: &&SingularValues| analyser.analyse(s).unwrap().fit.unwrap().beyond > 0;
    let rate = spectra.iter().filter(alarm).count() as f64 / spectra.len() as f64;
    // The margin is on the safe side of the level, and both rates have standard errors of 0.03.
    assert!(
        rate <= 0.2 + 0.1 && (rate - first.false_alarms.value).abs() < 0.15,
        "{rate}"
    );
    assert!(first.false_alarms.lo <= first.false_alarms.value);
    assert!(first.false_alarms.value <= first.false_alarms.hi);
}
