//! The semicircle law at N = 10⁶, by counts that are smoothed and right to a fraction of one eigenvalue.

use super::Claim;
use super::common::point;
use super::large::{Claimed, Drawn, GOE, Noise, POINTS, Pair, Quantity, Site, Statistic};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Estimator, Input, Plan, Rival, Side, Tier};
use crate::free::finite_size::Expansion;
use crate::measure::UpperHalf;
use crate::statistic::Part;
use num_complex::Complex64;

/// (1.9) for S = 0 at large N.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "background/semicircle-large",
            title: "Semicircle law, counts of a million eigenvalues",
            statement: "S = 0, GOE or GUE: for z = E + iη the number of eigenvalues of W = R/√N right of E, smoothed over η, \
                        is −(1/π) Im Tr log(W − z) up to a constant; its mean is N times that of the semicircle law plus \
                        D(z) + O(1/N) in E Tr log(W − z), D = ½ log(1 − σ²s_μ²) for the GOE and 0 for the GUE.",
            formula: r"\mathbb{E}\operatorname{Tr}\log(W-z)-N\!\int\!\log(x-z)\,\frac{\sqrt{4\sigma^2-x^2}}{2\pi\sigma^2}\,dx\;\longrightarrow\;\tfrac12\log\bigl(1-\sigma^2s_\mu(z)^2\bigr)\ \text{(GOE)},\quad 0\ \text{(GUE)}",
            meaning: "At the N and z listed the mean number of eigenvalues right of E, smoothed over η = Im z, differs from the semicircle's by \
                      less than the tolerance shown, over π: a fraction of one eigenvalue out of N. W is drawn in its tridiagonal \
                      form, exact in law.",
            source: Source {
                work: "abk",
                locus: "(1.9)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// E Tr log(W − z) − N∫log(x − z)μ(dx): the integral is the parameter.
#[derive(Clone, Copy)]
struct Correction {
    /// 2 Im z times what is called agreement, in units of σ: intervals are as wide as 1/Im z.
    agreement: f64,
}

/// Pivots off by 10 ulp each, over Im z, N of them: far above what sums of N logarithms lose.
fn rounding(site: &Site) -> f64 {
    let units = (site.ensemble.sigma() / site.z().get().im).max(1.0);
    10.0 * f64::EPSILON * site.n as f64 * units
}

impl Quantity for Correction {
    const STATISTIC: Statistic = Statistic::LogDeterminant;
    const PLACES: [(f64, f64); POINTS] = [(0.5, 0.25), (-1.2, 0.25), (1.9, 0.25), (0.0, 1.5)];

    fn claimed(site: &Site) -> Claimed {
        Claimed {
            parameter: site.noise.potential(),
            theory: site.noise.correction().value,
        }
    }

    fn inner(site: &Site) -> f64 {
        site.noise.correction().remainder + rounding(site)
    }

    fn agreement(self, site: &Site) -> f64 {
        self.agreement * site.ensemble.sigma() / (2.0 * site.z().get().im)
    }

    fn point(part: Part, z: UpperHalf) -> String {
        format!("{} log det, z = {}", part.name(), point(z.get()))
    }

    fn estimator(_: &Site, (e, j): (usize, usize), part: Part, potential: Complex64) -> Estimator {
        let input = Input::new(e, 2 * j + part as usize);
        Estimator::affine(input, 1.0, -part.of(potential))
    }

    fn expected(site: &Site, potential: Complex64, mean: Expansion) -> Expansion {
        Expansion {
            value: mean.value - potential,
            remainder: mean.remainder + rounding(site),
        }
    }
}

fn plan(tier: Tier) -> Plan {
    let (n, agreement) = match tier {
        Tier::Quick => (600, 0.3),
        Tier::Standard => (20_000, 0.25),
        Tier::Deep => (1_000_000, 0.2),
    };
    let quantity = Correction { agreement };
    let pair = Pair { quantity, n };
    let mut plan = pair.plan();
    plan.rivals = rivals(&pair);
    plan
}

fn rivals(pair: &Pair<Correction>) -> Vec<Rival> {
    let n = pair.n as f64;
    let goe = pair.ensemble(GOE);
    let wider = goe.with_sigma((1.0 + 8.0 / n).sqrt());
    let data =
        |name, side, drawn, ensemble| pair.other_data(name, side, GOE, (drawn, ensemble, 512));
    let other_potential = |site: &Site, parameter| Claimed {
        parameter,
        ..Correction::claimed(site)
    };
    vec![
        pair.other_theory("no correction of order 1", |site| {
            site.is_real().then(|| Claimed {
                theory: Complex64::ZERO,
                ..Correction::claimed(site)
            })
        }),
        pair.other_theory("N − 1 for N", |site| {
            let smaller = site.noise.potential() * (1.0 - 1.0 / n);
            Some(other_potential(site, smaller))
        }),
        pair.other_theory("uniform law of the same variance", |site| {
            let uniform = n * uniform_potential(site.ensemble.sigma(), site.z().get());
            Some(other_potential(site, uniform))
        }),
        pair.other_theory("variance σ for σ²", |site| {
            let sigma = site.ensemble.sigma();
            let wrong = site.ensemble.with_sigma(sigma.sqrt());
            let wrong = Noise::new(&wrong, site.n, site.z());
            (sigma != 1.0).then(|| Claimed {
                parameter: wrong.potential(),
                theory: wrong.correction().value,
            })
        }),
        data("variance 1 + 8/N", Side::Data, Drawn::Noise, wider),
        data(
            "degrees of freedom off by one",
            Side::Data,
            Drawn::Short,
            goe,
        ),
        data(
            "one spike, θ = 2σ",
            Side::Hypothesis,
            Drawn::Spiked(2.0),
            goe,
        ),
    ]
}

/// ∫log(x − z) over the uniform law on [−√3σ, √3σ]: [(x − z)(log(x − z) − 1)] at its ends, over 2√3σ.
fn uniform_potential(sigma: f64, z: Complex64) -> Complex64 {
    let end = 3f64.sqrt() * sigma;
    let at = |x: f64| (x - z) * ((x - z).ln() - 1.0);
    (at(end) - at(-end)) / (2.0 * end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn potential_of_the_uniform_law_is_its_integral() {
        let (sigma, z) = (0.8, Complex64::new(0.4, 0.3));
        let end = 3f64.sqrt() * sigma;
        let steps = 20_000;
        let sum: Complex64 = (0..steps)
            .map(|i| end * (2.0 * (f64::from(i) + 0.5) / f64::from(steps) - 1.0))
            .map(|x| (x - z).ln())
            .sum();
        assert!((sum / f64::from(steps) - uniform_potential(sigma, z)).norm() < 1e-7);
    }
}
