//! Proposition 3.1: the Stieltjes equation before the limit, for Gaussian entries.

use super::Claim;
use super::common::signals;
use super::power::sized;
use super::stieltjes_equation::{Grid, Model, z};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Side, Tier};
use crate::ensemble::{Ensemble, Signal};
use crate::free::finite_size::EntryStatistics;
use crate::measure::UpperHalf;
use num_complex::Complex64;
use std::sync::Arc;

/// Proposition 3.1 for the GOE with the constant of its O(1/N).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.1",
            title: "Stieltjes equation before the limit, GOE",
            statement: "For W = R/√N + S with R from the GOE: N(E s_N(z) − s_{ν_N}(z + σ² E s_N(z))) \
                        → r(z) = ½σ² s_ν″(ω) ω′(z), ω = z + σ² s_μ(z). The paper states that the \
                        left side is O(1); the constant is ours.",
            formula: r"N\bigl(\mathbb{E}\,s_N(z)-s_{\nu_N}(z+\sigma^2\,\mathbb{E}\,s_N(z))\bigr)\;\longrightarrow\;r(z)=\frac{\sigma^2}{2}\,\frac{s_\nu''(\omega)}{1-\sigma^2 s_\nu'(\omega)},\qquad \omega=z+\sigma^2 s_\mu(z)",
            meaning: "At the sizes N listed, the error of the limiting equation is r(z)/N up to the \
                      tolerance shown, so it is O(1/N) with this constant and no other of comparable \
                      size. Nothing is said about z closer to the real axis than those listed.",
            source: Source {
                work: "abk",
                locus: "Proposition 3.1, (3.2)",
            },
            strength: Strength::Sharp,
        },
        plan: goe,
    }
}

/// The same equation for the GUE, where the 1/N term is absent.
pub fn gue_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.1-gue",
            title: "Stieltjes equation before the limit, GUE",
            statement: "For W = R/√N + S with R from the GUE: N(E s_N(z) − s_{ν_N}(z + σ² E s_N(z))) \
                        → 0. Complex entries have E R_ij² = 0, and the term of order 1/N goes.",
            formula: r"N\bigl(\mathbb{E}\,s_N(z)-s_{\nu_N}(z+\sigma^2\,\mathbb{E}\,s_N(z))\bigr)\;\longrightarrow\;0",
            meaning: "The O(1/N) of Proposition 3.1 comes from the real symmetry of R: with the GUE it \
                      vanishes within the tolerance shown, which is below the GOE's own term.",
            source: Source {
                work: "abk",
                locus: "Proposition 3.1, (3.2), complex version",
            },
            strength: Strength::Sharp,
        },
        plan: gue,
    }
}

/// Points with the most power a replicate: widths fall like 1/Im² z and r, in the end, like 1/|z|³,
/// so that r over width is largest around Im z = 2.
fn points() -> Vec<UpperHalf> {
    vec![z(0.5, 1.5), z(0.0, 2.0)]
}

fn grid(ensembles: &[Ensemble], sizes: &[usize], fraction: f64) -> Grid {
    let mut rows = vec![];
    for ensemble in ensembles {
        for signal in signals() {
            for &n in sizes {
                rows.push((Model::new(*ensemble, signal.clone(), n), points()));
            }
        }
    }
    Grid { rows, fraction }
}

fn goe(tier: Tier) -> Plan {
    let goe = Ensemble::goe();
    let shrunk = goe.with_sigma(0.8);
    let grid = match tier {
        Tier::Quick => grid(&[goe], &[16, 48], 0.7),
        Tier::Standard => {
            let mut grid = grid(&[goe, shrunk], &[32, 96], 0.5);
            let large = Model::new(goe, Signal::zero(), 256);
            grid.rows.push((large, points()));
            grid
        }
        Tier::Deep => grid(&[goe, shrunk], &[64, 256, 1024], 0.1),
    };
    let mut plan = sized(grid.plan());
    let n = grid.rows[0].0.n as f64;
    plan.rivals = vec![
        grid.other_theory("GUE for GOE", |_, _| Some(Complex64::ZERO)),
        grid.other_theory("v_d = 1 for 2", |_, theory| {
            Some(
                theory
                    .finite
                    .leading(theory.law.altered(|v_d, _, _| *v_d = 1.0)),
            )
        }),
        grid.other_equation("s_ν(z − s)", |model| {
            Some((model.signal_eigenvalues(), -model.ensemble.sigma().powi(2)))
        }),
        grid.other_equation("semicircle in place of s_ν", |model| {
            let shifted = model.signal_eigenvalues().iter().any(|&t| t != 0.0);
            shifted.then(|| (Arc::from([0.0]), model.ensemble.sigma().powi(2)))
        }),
        grid.other_data(
            "variance 1.05",
            Side::Data,
            4096,
            goe.with_sigma(1.05f64.sqrt()),
        ),
        grid.other_data(
            "variance 1 + 1/√N",
            Side::Hypothesis,
            4096,
            goe.with_sigma((1.0 + n.powf(-0.5)).sqrt()),
        ),
    ];
    plan.rivals.extend(grid.broken_hypotheses());
    plan
}

fn gue(tier: Tier) -> Plan {
    let grid = match tier {
        Tier::Quick => grid(&[Ensemble::gue()], &[12, 32], 0.6),
        Tier::Standard => grid(&[Ensemble::gue()], &[32, 96], 0.5),
        Tier::Deep => grid(&[Ensemble::gue()], &[64, 256, 1024], 0.08),
    };
    let mut plan = sized(grid.plan());
    let n = grid.rows[0].0.n as f64;
    let wide = |variance: f64| Ensemble::gue().with_sigma(variance.sqrt());
    plan.rivals = vec![
        grid.other_theory("GOE for GUE", |_, theory| {
            Some(theory.finite.leading(EntryStatistics::goe()))
        }),
        grid.other_equation("s_ν(z − s)", |model| {
            Some((model.signal_eigenvalues(), -1.0))
        }),
        grid.other_data("variance 1.05", Side::Data, 4096, wide(1.05)),
        grid.other_data(
            "variance 1 + 1/√N",
            Side::Hypothesis,
            4096,
            wide(1.0 + n.powf(-0.5)),
        ),
    ];
    plan
}
