//! Proposition 3.1 for S = 0 at N = 10⁶: the constant of the 1/N term where everything else has died out.

use super::Claim;
use super::large::{Claimed, Drawn, GOE, GUE, POINTS, Pair, Quantity, Site, Statistic};
use super::stieltjes_equation::{defect, inputs, place};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Estimator, Plan, Rival, Side, Tier};
use crate::free::finite_size::Expansion;
use crate::measure::UpperHalf;
use crate::statistic::{Defect, Part};
use num_complex::Complex64;
use std::sync::Arc;

/// (3.2) for S = 0 at large N.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.1-large",
            title: "Stieltjes equation before the limit, a million eigenvalues",
            statement: "S = 0: N(E s_N(z) + 1/(z + σ² E s_N(z))) → r(z) = σ²s_μ³/(1 − σ²s_μ²) for the GOE and 0 for the GUE. \
                        The paper states that the left side is O(1); the constant is ours.",
            formula: r"N\Bigl(\mathbb{E}\,s_N(z)+\frac{1}{z+\sigma^2\,\mathbb{E}\,s_N(z)}\Bigr)\;\longrightarrow\;r(z)=\frac{\sigma^2 s_\mu(z)^3}{1-\sigma^2s_\mu(z)^2}\ \text{(GOE)},\quad 0\ \text{(GUE)}",
            meaning: "At the N listed, the error of the limiting equation is r(z)/N up to the tolerance shown over N: E s_N is \
                      known to about 10⁻² /N. Terms of order N^{-1/2} or log N/N in N Δ_N would be seen at the largest N. W is drawn \
                      in its tridiagonal form, exact in law.",
            source: Source {
                work: "abk",
                locus: "Proposition 3.1, (3.2)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// N(m − s_ν(z + c m)), ν = δ₀: c is the parameter, σ² but for rivals.
#[derive(Clone, Copy)]
struct Error {
    /// Agreement as a fraction of |r(z)| of the GOE.
    fraction: f64,
}

/// ν = δ₀.
fn zero() -> Arc<[f64]> {
    Arc::from([0.0])
}

fn variance(site: &Site) -> f64 {
    site.ensemble.sigma().powi(2)
}

/// A constant and the variance of the equation.
fn claimed(variance: f64, theory: Complex64) -> Claimed {
    let parameter = variance.into();
    Claimed { parameter, theory }
}

impl Quantity for Error {
    const STATISTIC: Statistic = Statistic::Trace;
    /// Where r is largest against the widths.
    const PLACES: [(f64, f64); POINTS] = [(0.5, 1.5), (0.0, 2.0), (-1.0, 1.5), (1.25, 1.75)];

    fn claimed(site: &Site) -> Claimed {
        claimed(variance(site), site.noise.defect().value)
    }

    /// Sums of N terms are rounded; the estimator carries its own rounding.
    fn inner(site: &Site) -> f64 {
        site.noise.defect().remainder + 10.0 * f64::EPSILON * site.n as f64
    }

    fn agreement(self, site: &Site) -> f64 {
        self.fraction * site.noise.goe_leading().norm()
    }

    fn point(part: Part, z: UpperHalf) -> String {
        place(part, z)
    }

    fn estimator(site: &Site, (e, j): (usize, usize), part: Part, c: Complex64) -> Estimator {
        Estimator::general(inputs(e, j), defect(zero(), site.z(), c.re, site.n, part))
    }

    fn expected(site: &Site, c: Complex64, mean: Expansion) -> Expansion {
        let at = Defect::at(mean.value, &zero(), site.z(), c.re, site.n);
        Expansion {
            value: at.value,
            // The slope varies by far less than a half over the remainder.
            remainder: 1.5 * at.slope.norm() * mean.remainder,
        }
    }
}

fn plan(tier: Tier) -> Plan {
    let (n, fraction) = match tier {
        Tier::Quick => (500, 0.8),
        Tier::Standard => (20_000, 0.7),
        Tier::Deep => (1_000_000, 0.5),
    };
    let quantity = Error { fraction };
    let pair = Pair { quantity, n };
    let mut plan = pair.plan();
    plan.rivals = rivals(&pair);
    plan
}

fn rivals(pair: &Pair<Error>) -> Vec<Rival> {
    let (goe, gue) = (pair.ensemble(GOE), pair.ensemble(GUE));
    let wider = goe.with_sigma((1.0 + 8.0 / pair.n as f64).sqrt());
    let data =
        |name, side, e, drawn, ensemble| pair.other_data(name, side, e, (drawn, ensemble, 1024));
    vec![
        pair.other_theory("GUE for GOE", |site| {
            site.is_real()
                .then(|| claimed(variance(site), Complex64::ZERO))
        }),
        pair.other_theory("GOE for GUE", |site| {
            (!site.is_real()).then(|| claimed(variance(site), site.noise.goe_leading()))
        }),
        pair.other_theory("v_d = 1 for 2", |site| {
            let other = site.noise.leading_with_diagonal(1.0);
            site.is_real().then(|| claimed(variance(site), other))
        }),
        pair.other_theory("s_ν(z − s)", |site| {
            Some(claimed(-variance(site), site.noise.defect().value))
        }),
        pair.other_theory("σ for σ² in the equation", |site| {
            let sigma = site.ensemble.sigma();
            (sigma != 1.0).then(|| claimed(sigma, site.noise.defect().value))
        }),
        data("variance 1 + 8/N", Side::Data, GOE, Drawn::Noise, wider),
        data(
            "degrees of freedom off by one",
            Side::Data,
            GOE,
            Drawn::Short,
            goe,
        ),
        data(
            "one spike, θ = 4",
            Side::Hypothesis,
            GUE,
            Drawn::Spiked(4.0),
            gue,
        ),
    ]
}
