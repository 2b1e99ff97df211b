//! Propositions 3.1 and 3.3: that the error is O(1/N) and not slower, as a contrast over N.

use super::Claim;
use super::common::signals;
use super::power::sized;
use super::stieltjes_equation::{Contrast, z};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Tier};
use crate::ensemble::{Ensemble, EntryLaw};

const FORMULA: &str = r"\Delta_N=\mathbb{E}\,s_N(z)-s_{\nu_N}(z+\sigma^2\,\mathbb{E}\,s_N(z)),\qquad \sum_N w_N\Delta_N=0+O(N^{-3/2}),\qquad \sum_N \frac{w_N}{N}=\sum_N\frac{w_N}{N^2}=0,\quad \sum_N\frac{w_N}{\sqrt N}=1";

/// The rate in Proposition 3.1.
pub fn goe_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.1-rate",
            title: "Rate of the Stieltjes equation, GOE",
            statement: "For W = R/√N + S with R from the GOE, Δ_N = E s_N(z) − s_{ν_N}(z + σ² E s_N(z)) \
                        is O(1/N): over three sizes, the combination of Δ_N that cancels 1/N and 1/N² \
                        and keeps N^{-1/2} vanishes.",
            formula: FORMULA,
            meaning: "Evidence, not proof: over the listed sizes (the largest is shown) no term of order \
                      N^{-1/2} larger than the tolerance is present.",
            source: Source {
                work: "abk",
                locus: "Proposition 3.1, (3.2)",
            },
            strength: Strength::Trend,
        },
        plan: |tier| plan(tier, &[Ensemble::goe()]),
    }
}

/// The rate in Proposition 3.3.
pub fn wigner_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.3-rate",
            title: "Rate of the Stieltjes equation, Wigner",
            statement: "For W = R/√N + S with R Wigner, Δ_N = E s_N(z) − s_{ν_N}(z + σ² E s_N(z)) is \
                        O(1/N): over three sizes, the combination of Δ_N that cancels 1/N and 1/N² and \
                        keeps N^{-1/2} vanishes, up to the known term of order N^{-3/2} of skewed laws.",
            formula: FORMULA,
            meaning: "Evidence, not proof: over the listed sizes (the largest is shown) no term of order \
                      N^{-1/2} larger than the tolerance is present.",
            source: Source {
                work: "abk",
                locus: "Proposition 3.3, (3.20)",
            },
            strength: Strength::Trend,
        },
        plan: |tier| {
            let laws = [EntryLaw::Uniform, EntryLaw::HalfNormal].map(Ensemble::wigner);
            let shown = if tier == Tier::Quick { 1 } else { 2 };
            plan(tier, &laws[..shown])
        },
    }
}

fn plan(tier: Tier, ensembles: &[Ensemble]) -> Plan {
    let (sizes, agreement) = match tier {
        Tier::Quick => ([8, 16, 32], 0.06),
        Tier::Standard => ([16, 32, 64], 0.03),
        Tier::Deep => ([32, 128, 512], 0.006),
    };
    let contrasts: Vec<Contrast> = ensembles
        .iter()
        .zip(signals())
        .map(|(&ensemble, signal)| Contrast {
            ensemble,
            signal,
            sizes,
            z: z(0.0, 2.0),
            agreement,
        })
        .collect();
    let mut plan = Plan::default();
    for contrast in &contrasts {
        contrast.extend(&mut plan);
    }
    let mut plan = sized(plan);
    let first = &contrasts[0];
    let replicates = plan.experiments[0].replicates;
    plan.rivals = vec![
        first.slow_rate("error r/√N"),
        first.other_data("variance 1 + 1/√N", replicates, |n| {
            widened(first.ensemble, 1.0 + n.powf(-0.5))
        }),
        first.other_data("variance 1 + N^{-1/4}", replicates, |n| {
            widened(first.ensemble, 1.0 + n.powf(-0.25))
        }),
    ];
    plan
}

fn widened(ensemble: Ensemble, factor: f64) -> Ensemble {
    ensemble.with_sigma(ensemble.sigma() * factor.sqrt())
}
