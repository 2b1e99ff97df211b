//! The interpolator of least norm for general C.

use super::setting::{Setting, dense, inverse, judge, mistaken, other_data};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{bounded_variance, cell, on_same_samples};
use crate::claims::power::sized;
use crate::design::{
    Experiment, Observable, Plan, Replicate, ReplicateError, Rival, RivalCell, Side, Tier,
};
use crate::ensemble::EntryLaw;
use crate::equivalent::regression::InverseWishart;
use faer::Mat;

/// κ₀ in the place of κ.
pub(super) fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/ridgeless-general",
            title: "Interpolation of least norm, general C",
            statement: "p > n. With κ₀: (1/n)tr C(C + κ₀)⁻¹ = 1 and df₂ at κ₀, the bias of the interpolator of least norm tends to \
                        κ₀²βᵀC(C + κ₀)⁻²β/(1 − df₂) and its variance to s²df₂/(1 − df₂). The 1/n term is included.",
            formula: r"R\;\longrightarrow\;\frac{\kappa_0^2\,\beta^\top C(C+\kappa_0)^{-2}\beta+\sigma^2\,\mathrm{df}_2(\kappa_0)}{1-\mathrm{df}_2(\kappa_0)},\qquad \frac1n\operatorname{tr}C(C+\kappa_0)^{-1}=1",
            meaning: "At the sizes listed bias and variance are the limit plus its 1/n term within the tolerance shown, for two eigenvalues of C and normal data, \
                      in the standard and deep tiers also for uniform entries and ±1. Interpolation acts as a ridge κ₀ that nobody chose. For normal data the variance of the estimate is bounded \
                      by inverse Wishart moments. For the others no such moment is known, and for ±1 XᵀX is singular with a tiny probability: there the mean of the variance cut at four times its limit \
                      is judged, which has the same limit whenever the variance converges in probability.",
            source: Source {
                work: "lm",
                locus: "our B3, general C",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// The limit of no ridge is taken at this one; risks move by as much.
const TINY: f64 = 1e-6;
/// What is called agreement, relative to the value, at quick.
const QUICK: f64 = 0.3;

fn plan(tier: Tier) -> Plan {
    let (gauss, uniform, signs) = (EntryLaw::Gaussian, EntryLaw::Uniform, EntryLaw::Rademacher);
    let (rows, margin) = match tier {
        Tier::Quick => (vec![(gauss, 54, 18)], QUICK),
        Tier::Standard => (
            vec![
                (gauss, 72, 24),
                (gauss, 128, 32),
                (uniform, 72, 24),
                (signs, 72, 24),
            ],
            0.12,
        ),
        Tier::Deep => (
            vec![
                (gauss, 300, 100),
                (gauss, 900, 300),
                (uniform, 450, 150),
                (signs, 300, 100),
            ],
            0.03,
        ),
    };
    let settings: Vec<Setting> = rows
        .into_iter()
        .map(|(law, p, n)| Setting::even(law, p, n))
        .collect();
    let mut plan = Plan::default();
    for (e, setting) in settings.iter().enumerate() {
        plan.experiments.push(experiment(setting));
        judge(&mut plan, e, theory(setting), margin);
    }
    let mut plan = sized(plan);
    plan.rivals = rivals(&plan, &settings);
    plan
}

/// Variances above this many times their limit are cut, for entries that are not normal.
const CUT: f64 = 4.0;

/// Limit and 1/n term of bias and variance, with half of the 1/n term and 4/n² of the value for what is left out.
///
/// Where the variance is cut, 1/(3n²) of it more: E(V − 4μ)₊ ≤ Var V/(4·3μ), for (V − a)₊ ≤ (V − μ)²/(4(a − μ)), at a standard deviation of
/// 2μ/n, the design's.
fn theory(setting: &Setting) -> [(f64, f64); 2] {
    let model = setting.model();
    let limit = model.ridgeless().expect("p and n differ");
    let shift = model
        .ridge_shift(TINY, setting.kurtosis())
        .expect("a positive ridge");
    let n = setting.n as f64;
    let lost = if is_cut(setting) {
        1.0 / (3.0 * n * n)
    } else {
        0.0
    };
    [
        (limit.bias.value, shift.bias, 0.0),
        (limit.variance.value, shift.variance, lost),
    ]
    .map(|(limit, shift, lost)| {
        let value = limit + shift;
        (
            value,
            0.5 * shift.abs() + (4.0 / (n * n) + lost) * value + 2.0 * TINY,
        )
    })
}

/// Whether no bound of Var tr X⁺CX⁺ᵀ is at hand.
fn is_cut(setting: &Setting) -> bool {
    setting.law != EntryLaw::Gaussian
}

/// The largest value that is kept of the bias and of the variance.
fn tops(setting: &Setting) -> [f64; 2] {
    let energy: f64 = setting.features.iter().map(|f| f.1).sum();
    let variance = setting.model().ridgeless().expect("p > n").variance.value;
    let cut = if is_cut(setting) { CUT } else { f64::INFINITY };
    [setting.norm() * energy, cut * variance]
}

/// Var tr X⁺CX⁺ᵀ ≤ 4(‖C‖/λ_min)³E tr W⁻³, W Wishart of size n with p degrees of freedom.
///
/// With X = UΣVᵀ the gradient in X has the parts −2Σ⁻²BΣ⁻¹ along U, B = UᵀCU, and 2U₊ᵀCUΣ⁻³ across, U₊ an orthonormal basis of the
/// complement. x²y + xy² ≤ x³ + y³ gives ‖Σ⁻²BΣ⁻¹‖_F² ≤ Σσ_i⁻⁶(B²)_ii, and (B²)_ii + |U₊ᵀCu_i|² = |Cu_i|² ≤ ‖C‖². So the squared gradient in Z is at
/// most 4‖C‖³tr(XᵀX)⁻³, and XᵀX ≥ λ_min ZᵀZ. Poincaré's inequality for normal Z bounds the variance by its mean.
fn variance_bound(setting: &Setting) -> f64 {
    let least = setting
        .features
        .iter()
        .map(|f| f.0)
        .fold(f64::INFINITY, f64::min);
    let inverse = InverseWishart::new(setting.n, setting.p()).expect("p > n");
    let cube = inverse.cube_mean().expect("p − n is above 5");
    4.0 * setting.noise.powi(2) * (setting.norm() / least).powi(3) * cube * (1.0 + 1e-9)
}

/// tr D(1 − P)C(1 − P) ∈ [0, ‖C‖|β|²], and s²tr X⁺CX⁺ᵀ, cut for entries that are not normal.
fn experiment(setting: &Setting) -> Experiment {
    let theory = theory(setting);
    let tops = tops(setting);
    let bounded = |name: String, k: usize| Observable {
        name,
        tail: setting.range(tops[k], theory[k].0),
        typical: theory[k].0,
    };
    let variance = match is_cut(setting) {
        true => bounded(format!("variance, cut at {CUT} times its limit"), 1),
        false => bounded_variance("variance", variance_bound(setting), theory[1].0),
    };
    let observables = vec![bounded("bias".into(), 0), variance];
    let own = setting.clone();
    setting.experiment(observables, move |x, _| kept(&own, tops, x))
}

/// What is measured, with the variance cut for entries that are not normal.
///
/// There a singular XᵀX counts as the largest values. For 72 × 24 signs its probability is of the order of n²2^{−p}, below 1e-18.
fn kept(setting: &Setting, tops: [f64; 2], x: &Mat<f64>) -> Result<Vec<f64>, ReplicateError> {
    if !is_cut(setting) {
        return measured(setting, x);
    }
    // Rounding may leave a positive pivot where XᵀX is singular, and then any bias.
    Ok(match measured(setting, x) {
        Ok(values) => vec![values[0].clamp(0.0, tops[0]), values[1].min(tops[1])],
        Err(_) => tops.to_vec(),
    })
}

fn measured(setting: &Setting, x: &Mat<f64>) -> Result<Vec<f64>, ReplicateError> {
    let x = dense(x);
    let pseudo = &x * inverse(x.tr_mul(&x))?;
    let projection = &pseudo * x.transpose();
    let (mut bias, mut variance) = (0.0, 0.0);
    for (i, &(lambda, energy)) in setting.features.iter().enumerate() {
        for (j, other) in setting.features.iter().enumerate() {
            let left = f64::from(u8::from(i == j)) - projection[(j, i)];
            bias += energy * other.0 * left * left;
        }
        variance += lambda * pseudo.row(i).norm_squared();
    }
    Ok(vec![bias, setting.noise * variance])
}

fn rivals(plan: &Plan, settings: &[Setting]) -> Vec<Rival> {
    let other = |name: &str, o: usize, wrong: &dyn Fn(&Setting) -> f64| {
        let cells = settings.iter().enumerate().map(|(e, setting)| {
            mistaken(
                &plan.experiments,
                (e, o),
                &plan.cells[2 * e + o],
                wrong(setting),
            )
        });
        on_same_samples(name, cells.collect())
    };
    let second = |setting: &Setting| {
        let covariance = setting.model().covariance().clone();
        let kappa = covariance.ridgeless_kappa().expect("p > n").value;
        covariance.degrees_of_freedom(2, kappa)
    };
    let limit = |setting: &Setting| setting.model().ridgeless().expect("p > n");
    let ratio = |setting: &Setting| setting.p() as f64 / setting.n as f64;
    let mut all = vec![
        other("no 1/(1 − df₂) in the bias", 0, &|s| {
            limit(s).bias.value * (1.0 - second(s))
        }),
        other("no 1/(1 − df₂) in the variance", 1, &|s| {
            s.noise * second(s)
        }),
        other("no interpolation: κ₀ = 0", 0, &|_| 0.0),
        other("variance of p < n: s²c/(c − 1)", 1, &|s| {
            s.noise * ratio(s) / (ratio(s) - 1.0)
        }),
        other("nothing learnt: bias βᵀCβ", 0, &|s| {
            s.model().null_risk()
        }),
    ];
    all.push(copies(&settings[0]));
    all
}

/// Every sample twice, as one direction each: the interpolator sees n/2 of them.
fn copies(full: &Setting) -> Rival {
    let distinct = Setting {
        n: full.n / 2,
        ..full.clone()
    };
    let mut own = experiment(&distinct);
    own.signal = format!("{}, each sample twice", own.signal);
    own.n = full.n;
    own.observables.truncate(1);
    own.replicates = 2816;
    let (right, (expected, uncertainty)) = (theory(full)[0], theory(&distinct)[0]);
    let samples = distinct.samples();
    own.replicate = Replicate::alone(move |rng, _| {
        let x = samples.draw(rng);
        Ok(measured(&distinct, &x)?[..1].to_vec())
    });
    let outer = right.1 + QUICK * right.0;
    other_data("each sample twice", Side::Hypothesis, own, |experiments| {
        vec![RivalCell {
            cell: cell(experiments, (0, 0), right.0, right.1, outer),
            expected,
            uncertainty,
        }]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::StreamKey;

    #[test]
    fn samples_that_repeat_count_as_the_largest_variance() {
        let signs = Setting::even(EntryLaw::Rademacher, 6, 2);
        let tops = tops(&signs);
        let twice = Mat::from_fn(6, 2, |i, j| {
            let sign = if j == 0 || i % 2 == 0 { 1.0 } else { -1.0 };
            sign * signs.features[i].0.sqrt()
        });
        let once = Mat::from_fn(6, 2, |i, j| twice[(i, 0)] * if j == 0 { 1.0 } else { -1.0 });
        let free = kept(&signs, tops, &twice).unwrap();
        assert!(free[1] < tops[1] && free == measured(&signs, &twice).unwrap());
        let singular = kept(&signs, tops, &once).unwrap();
        assert!(singular[1] == tops[1] && singular[0] <= tops[0]);
    }

    /// The inequality behind the bound of the variance, at samples: |∇_Z F|² ≤ 4s⁴‖C‖³tr(XᵀX)⁻³.
    #[test]
    fn the_gradient_of_the_variance_is_below_its_bound() {
        let setting = Setting::even(EntryLaw::Gaussian, 8, 3);
        let key = StreamKey {
            epoch: 0,
            claim: "test".into(),
            law: "gaussian".into(),
            n: 3,
            signal: "gradient".into(),
        };
        let mut nearest = 0.0f64;
        for index in 0..20 {
            let x = setting.samples().draw(&mut key.generator(index));
            let (mut square, step) = (0.0, 1e-5);
            for i in 0..8 {
                for j in 0..3 {
                    let moved = |by: f64| {
                        let mut x = x.clone();
                        x[(i, j)] += by * setting.features[i].0.sqrt();
                        measured(&setting, &x).unwrap()[1]
                    };
                    square += ((moved(step) - moved(-step)) / (2.0 * step)).powi(2);
                }
            }
            let x = dense(&x);
            let inverse = inverse(x.tr_mul(&x)).unwrap();
            let cube = (&inverse * &inverse * &inverse).trace();
            let bound = 4.0 * setting.noise.powi(2) * setting.norm().powi(3) * cube;
            assert!(square <= bound, "{square} {bound}");
            nearest = nearest.max(square / bound);
        }
        assert!(nearest > 0.05, "{nearest}");
    }
}
