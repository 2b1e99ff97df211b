//! Risks along gradient flow.

mod rivals;

use self::rivals::rivals;
use super::setting::{Setting, covariance};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::cell;
use crate::claims::power::sized;
use crate::design::{Experiment, Observable, Plan, ReplicateError, Tier};
use crate::ensemble::EntryLaw;
use faer::Mat;
use nalgebra::SymmetricEigen;

/// dw/dt = X(y − Xᵀw)/n from 0.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/gradient-flow",
            title: "Risk along gradient flow",
            statement: "w(t) = (1 − e^{−tĈ})Ĉ⁻¹Xy/n. Bias, variance and training error at time t tend to contour integrals around the spectrum: the bias to \
                        (1/2πi)²∮∮e^{−t(z₁+z₂)}βᵀQ̄₁CQ̄₂β/(1 − T(z₁, z₂)), T = (1/n)tr CQ̄₁CQ̄₂/((1 + δ₁)(1 + δ₂)), the others to single ones. For C = I they are integrals \
                        over the Marchenko–Pastur law.",
            formula: r"B(t)=\frac{1}{(2\pi i)^2}\oint\!\oint\frac{e^{-t(z_1+z_2)}\,\beta^\top\bar Q_1C\bar Q_2\beta}{1-T(z_1,z_2)}\,dz_1dz_2,\qquad V(t)=-\frac{\sigma^2}{2\pi i}\oint\frac{(1-e^{-tz})^2}{z}\,\delta(z)\,dz",
            meaning: "At the sizes and times listed the risks are the limits plus their 1/n terms within the tolerance shown, with more and with fewer samples than \
                      features, for one and for two eigenvalues of C, for normal and uniform entries, in the standard and deep tiers also for ±1, where the 1/n term \
                      with κ₄ = −2 is told from the one without.",
            source: Source {
                work: "lm",
                locus: "our B5 (i), (ii)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

const NAMES: [&str; 3] = ["bias", "variance", "train"];

/// One setting at some times.
struct Row {
    setting: Setting,
    times: Vec<f64>,
    /// Whether it is judged by `FINE`.
    fine: bool,
}

impl Row {
    fn isotropic(&self) -> bool {
        self.setting.name == "isotropic"
    }
}

/// Margin at which the κ₄ term of 16 features and 32 samples, four per cent of the bias, is seen.
const FINE: f64 = 0.016;

/// Margin of the quick tier.
const COARSE: f64 = 0.3;

fn plan(tier: Tier) -> Plan {
    let (gauss, uniform, signs) = (EntryLaw::Gaussian, EntryLaw::Uniform, EntryLaw::Rademacher);
    let iso = |law, p, n, times: &[f64]| Row {
        setting: Setting::isotropic(law, p, n),
        times: times.to_vec(),
        fine: false,
    };
    let even = |law, p, n, times: &[f64]| Row {
        setting: Setting::even(law, p, n),
        times: times.to_vec(),
        fine: false,
    };
    let (rows, margin): (Vec<Row>, f64) = match tier {
        Tier::Quick => (
            vec![
                iso(gauss, 16, 32, &[0.5, 1.5]),
                iso(gauss, 24, 12, &[1.0]),
                even(uniform, 16, 32, &[0.5]),
            ],
            COARSE,
        ),
        Tier::Standard => (
            vec![
                iso(gauss, 32, 64, &[1.0, 4.0]),
                iso(uniform, 48, 24, &[1.0]),
                iso(signs, 16, 32, &[1.0]),
                even(gauss, 32, 32, &[1.0]),
                even(uniform, 24, 16, &[1.0]),
                even(signs, 16, 24, &[1.0]),
                Row {
                    fine: true,
                    ..even(signs, 16, 32, &[1.0])
                },
            ],
            0.2,
        ),
        Tier::Deep => (
            vec![
                iso(gauss, 200, 400, &[1.0, 4.0, 16.0]),
                iso(uniform, 400, 200, &[1.0, 4.0]),
                iso(signs, 200, 400, &[1.0, 4.0]),
                Row {
                    fine: true,
                    ..even(signs, 16, 32, &[1.0])
                },
                even(gauss, 400, 400, &[1.0, 2.0]),
                even(uniform, 300, 200, &[1.0]),
                even(signs, 200, 300, &[1.0]),
            ],
            0.03,
        ),
    };
    let mut plan = Plan {
        experiments: rows.iter().map(experiment).collect(),
        ..Plan::default()
    };
    let mut judged = vec![];
    for (e, row) in rows.iter().enumerate() {
        for (k, &time) in row.times.iter().enumerate() {
            for kind in 0..3 {
                let o = 3 * k + kind;
                let (theory, inner) = theory(&row.setting, time)[kind];
                let margin = if row.fine { FINE } else { margin };
                plan.cells.push(cell(
                    &plan.experiments,
                    (e, o),
                    theory,
                    inner,
                    inner + margin * theory,
                ));
                judged.push(Judged { e, o, time, kind });
            }
        }
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&plan, &rows, &judged, margin);
    plan
}

struct Judged {
    e: usize,
    o: usize,
    time: f64,
    /// Index into `NAMES`.
    kind: usize,
}

/// Limit plus 1/n term, with half of that and 4/n² of the value for the rest.
fn theory(setting: &Setting, time: f64) -> [(f64, f64); 3] {
    theory_with(setting, time, setting.kurtosis())
}

/// [`theory`] for entries of this κ₄.
fn theory_with(setting: &Setting, time: f64, kurtosis: f64) -> [(f64, f64); 3] {
    let model = setting.model();
    let (limit, shift) = (
        model.flow(time).expect("a time"),
        model.flow_shift(time, kurtosis).expect("a time"),
    );
    let n = setting.n as f64;
    let with = |limit: f64, shift: f64| {
        let value = limit + shift;
        (value, 0.5 * shift.abs() + 4.0 / (n * n) * value)
    };
    [
        with(limit.bias, shift.bias),
        with(limit.variance, shift.variance),
        with(limit.train, shift.train),
    ]
}

/// Bias, variance and training error at each time; slopes as in `docs/derivations/regression_lipschitz.md`.
///
/// Sure bounds for entries that are no Lipschitz images: tr De^{−tĈ}Ce^{−tĈ} ≤ max β_j²·tr C, (1 − e^{−tx})²/x ≤ `SHARE`·t on the rank of Ĉ, xe^{−2tx} ≤ 1/(2et), and
/// |y − Xᵀw|²/n is at most s² from the noise alone.
fn experiment(row: &Row) -> Experiment {
    let setting = &row.setting;
    let (d, l, root, n) = (
        setting.signal_norm(),
        setting.norm(),
        setting.root_rank(),
        setting.n as f64,
    );
    let spread = setting
        .features
        .iter()
        .map(|f| f.0 * f.0)
        .sum::<f64>()
        .sqrt();
    let largest = setting.features.iter().map(|f| f.1).fold(0.0, f64::max);
    let sums = setting.features.iter();
    let (mass, energy) = sums.fold((0.0, 0.0), |sum, f| (sum.0 + f.0, sum.1 + f.1));
    let (noise, two) = (setting.noise / n, 2f64.sqrt());
    let mut observables = vec![];
    for &time in &row.times {
        let decay = (4.0 * time / std::f64::consts::E).sqrt();
        // For C = I all three are sums over singular values, with weights 1/p in the place of β².
        let slopes = match row.isotropic() {
            true => {
                let each = setting.features[0].1 * root;
                [
                    each * decay,
                    noise * root * LEARNT * time.powf(1.5),
                    each * FITTED / time.sqrt() + noise * root * decay,
                ]
            }
            false => [
                2.0 * l * d * decay,
                noise * spread * two * LEARNT * time.powf(1.5),
                d * two * FITTED / time.sqrt() + noise * root * decay,
            ],
        };
        let tops = [
            largest * mass,
            noise * l * root * root * SHARE * time,
            energy / (2.0 * std::f64::consts::E * time) + setting.noise,
        ];
        let limit = setting.model().flow(time).expect("a time");
        let typical = [limit.bias, limit.variance, limit.train];
        for k in 0..3 {
            observables.push(Observable {
                name: format!("{}, t = {time}", NAMES[k]),
                tail: setting.tail_or_range(slopes[k], tops[k], typical[k]),
                typical: typical[k],
            });
        }
    }
    let (own, times) = (setting.clone(), row.times.clone());
    setting.experiment(observables, move |x, _| measured(&own, &times, x))
}

/// sup |h′| of h(u) = (1 − e^{−u²})²/u², rounded up.
const LEARNT: f64 = 0.597;
/// sup h, rounded up.
const SHARE: f64 = 0.4075;
/// sup |f′| of f(u) = u²e^{−2u²}, rounded up.
const FITTED: f64 = 0.416;

fn measured(setting: &Setting, times: &[f64], x: &Mat<f64>) -> Result<Vec<f64>, ReplicateError> {
    let n = setting.n as f64;
    let eigen = SymmetricEigen::new(covariance(x));
    let u = &eigen.eigenvectors;
    let mut all = vec![];
    for &time in times {
        let (mut variance, mut train) = (0.0, n - setting.p() as f64);
        let mut signal = 0.0;
        for (k, &value) in eigen.eigenvalues.iter().enumerate() {
            // Rounding may put an eigenvalue that is 0 below it.
            let value = value.max(0.0);
            let (mut weight, mut energy) = (0.0, 0.0);
            for (u, feature) in u.column(k).iter().zip(&setting.features) {
                weight += feature.0 * u * u;
                energy += feature.1 * u * u;
            }
            let learnt = -libm::expm1(-time * value);
            variance += if value > 1e-12 {
                weight * learnt * learnt / value
            } else {
                0.0
            };
            let left = libm::exp(-2.0 * time * value);
            train += left;
            signal += energy * value * left;
        }
        let mut scaled = u.clone();
        for (k, value) in eigen.eigenvalues.iter().enumerate() {
            let left = libm::exp(-time * value);
            scaled.column_mut(k).scale_mut(left);
        }
        let kept = scaled * u.transpose();
        let mut bias = 0.0;
        for (j, feature) in setting.features.iter().enumerate() {
            let column = kept.column(j);
            let terms = column.iter().zip(&setting.features);
            bias += feature.1 * terms.map(|(x, f)| f.0 * x * x).sum::<f64>();
        }
        all.extend([
            bias,
            setting.noise / n * variance,
            signal + setting.noise / n * train,
        ]);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::super::setting::steepness;
    use super::*;

    #[test]
    fn no_gradient_is_steeper_than_the_proxies_say() {
        for setting in [
            Setting::isotropic(EntryLaw::Gaussian, 4, 7),
            Setting::isotropic(EntryLaw::Gaussian, 7, 4),
            Setting::even(EntryLaw::Gaussian, 4, 7),
            Setting::even(EntryLaw::Gaussian, 6, 4),
        ] {
            let times = vec![0.5, 3.0];
            let row = Row {
                setting: setting.clone(),
                times: times.clone(),
                fine: false,
            };
            let worst = steepness(&setting, &experiment(&row), |x| {
                measured(&setting, &times, x).unwrap()
            });
            for (k, ratio) in worst.into_iter().enumerate() {
                assert!(
                    ratio <= 1.0 && ratio > 0.02,
                    "{}, {k}: {ratio}",
                    setting.name
                );
            }
        }
    }

    #[test]
    fn slopes_of_the_functions_of_one_singular_value_are_bounded() {
        let h = |u: f64| libm::expm1(-u * u).powi(2) / (u * u);
        let f = |u: f64| u * u * libm::exp(-2.0 * u * u);
        for k in 1..60_000 {
            let (u, d) = (1e-4 * f64::from(k), 1e-6);
            assert!((h(u + d) - h(u - d)).abs() <= 2.0 * d * LEARNT && h(u) < SHARE);
            assert!((f(u + d) - f(u - d)).abs() <= 2.0 * d * FITTED);
        }
    }
}
