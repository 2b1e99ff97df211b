//! Proposition 3.3: the Stieltjes equation before the limit, for Wigner matrices.

use super::Claim;
use super::common::signals;
use super::power::sized;
use super::stieltjes_equation::{Grid, Model, Theory, z};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Plan, Rival, Side, Tier};
use crate::ensemble::{Ensemble, EntryLaw};
use num_complex::Complex64;

/// Entries that are Lipschitz images of Gaussians: intervals of grade *proved*.
pub fn smooth_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.3",
            title: "Stieltjes equation before the limit, Wigner",
            statement: STATEMENT,
            formula: FORMULA,
            meaning: "For uniform, skewed (half-normal) and Gaussian entries of diagonal variance 1, the \
                      error of the limiting equation is the stated one at the listed N within the \
                      tolerance, the skewness term of order N^{-1/2} included.",
            source: SOURCE,
            strength: Strength::Sharp,
        },
        plan: smooth,
    }
}

/// Discrete and heavy-tailed entries: intervals of grade *bounded*.
pub fn discrete_claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/proposition-3.3-discrete",
            title: "Stieltjes equation before the limit, discrete entries",
            statement: STATEMENT,
            formula: FORMULA,
            meaning: "For Rademacher and skewed two-point entries (from the standard tier on also for a \
                      heavy-tailed law with four moments) the error of the limiting equation is the \
                      stated one; the fourth cumulant enters with this sign and size.",
            source: SOURCE,
            strength: Strength::Sharp,
        },
        plan: discrete,
    }
}

const SOURCE: Source = Source {
    work: "abk",
    locus: "Proposition 3.3, (3.20)",
};

const STATEMENT: &str = "For W = R/√N + S, R real Wigner with diagonal variance v_d σ² and fourth \
    cumulant κ₄, S diagonal: N(E s_N(z) − s_{ν_N}(z + σ² E s_N(z))) = r(z) − κ₃,d N^{-1/2} σ³∫ν_N(dt)/(t − ω)⁴ \
    + …, r(z) = ½σ² s_ν″(ω)[ω′(z) + (v_d − 2) + κ₄ σ² s_ν′(ω)]. The paper states that the left side is \
    O(1); the constants are ours.";

const FORMULA: &str = r"N\bigl(\mathbb{E}\,s_N(z)-s_{\nu_N}(z+\sigma^2\,\mathbb{E}\,s_N(z))\bigr)\;\longrightarrow\;r(z)=\frac{\sigma^2}{2}\,s_\nu''(\omega)\left[\frac{1}{1-\sigma^2 s_\nu'(\omega)}+(v_d-2)+\kappa_4\,\sigma^2 s_\nu'(\omega)\right]";

/// Gaussian entries with v_d = 1.
fn narrow_diagonal() -> Ensemble {
    Ensemble::Wigner {
        law: EntryLaw::Gaussian,
        diagonal_variance: 1.0,
        sigma: 1.0,
    }
}

fn grid(ensembles: &[Ensemble], sizes: &[usize], fraction: f64) -> Grid {
    let mut rows = vec![];
    for &ensemble in ensembles {
        for signal in signals() {
            for &n in sizes {
                let points = vec![z(0.0, 2.0), z(0.5, 2.0)];
                rows.push((Model::new(ensemble, signal.clone(), n), points));
            }
        }
    }
    Grid { rows, fraction }
}

fn smooth(tier: Tier) -> Plan {
    let uniform = Ensemble::wigner(EntryLaw::Uniform);
    let half_normal = Ensemble::wigner(EntryLaw::HalfNormal);
    let shrunk = uniform.with_sigma(0.8);
    let grid = match tier {
        // One size and a wide agreement: `cargo test` has seconds for it. The other tiers have two.
        Tier::Quick => grid(&[uniform, half_normal, narrow_diagonal()], &[16], 0.7),
        Tier::Standard => grid(&[uniform, half_normal, narrow_diagonal()], &[20, 48], 0.28),
        Tier::Deep => grid(
            &[uniform, half_normal, narrow_diagonal(), shrunk],
            &[64, 256],
            0.15,
        ),
    };
    let mut plan = sized(grid.plan());
    plan.rivals = vec![
        grid.other_theory("v_d = 2 for 1", |model, theory| {
            let wrong = theory.law.altered(|v_d, _, _| *v_d = 2.0);
            (model.ensemble == narrow_diagonal()).then(|| theory.finite.leading(wrong))
        }),
        grid.other_theory("skewness term of the wrong sign", |_, theory| {
            with_skewness(theory, -1.0)
        }),
    ];
    if tier != Tier::Quick {
        plan.rivals
            .push(grid.other_theory("skewness term omitted", |_, theory| {
                with_skewness(theory, 0.0)
            }));
    }
    plan.rivals.extend(wrong_data(&grid, EntryLaw::Uniform));
    plan.rivals.extend(grid.broken_hypotheses());
    plan
}

fn discrete(tier: Tier) -> Plan {
    let rademacher = Ensemble::wigner(EntryLaw::Rademacher);
    let two_point = Ensemble::wigner(EntryLaw::SkewedTwoPoint);
    let heavy = Ensemble::wigner(EntryLaw::HeavyTailed);
    let grid = match tier {
        Tier::Quick => grid(&[rademacher, two_point], &[16], 0.45),
        Tier::Standard => grid(&[rademacher, two_point, heavy], &[16, 32], 0.3),
        Tier::Deep => grid(&[rademacher, two_point, heavy], &[64, 128], 0.2),
    };
    let mut plan = sized(grid.plan());
    plan.rivals = vec![
        grid.other_theory("κ₄ of the wrong sign", |_, theory| {
            with_fourth(theory, -1.0)
        }),
        grid.other_theory("κ₄ omitted", |_, theory| with_fourth(theory, 0.0)),
    ];
    plan.rivals.extend(wrong_data(&grid, EntryLaw::Rademacher));
    plan
}

fn wrong_data(grid: &Grid, law: EntryLaw) -> Vec<Rival> {
    let n = grid.rows[0].0.n as f64;
    let wide = |variance: f64| Ensemble::wigner(law).with_sigma(variance.sqrt());
    let replicates = |n: f64| {
        if law == EntryLaw::Rademacher {
            n as usize * 4096
        } else {
            8192
        }
    };
    vec![
        grid.other_data("variance 1.05", Side::Data, replicates(n), wide(1.05)),
        grid.other_data(
            "variance 1 + 1/√N",
            Side::Hypothesis,
            replicates(n),
            wide(1.0 + n.powf(-0.5)),
        ),
    ]
}

/// The defect with κ₄ in r multiplied by `factor`, where κ₄ ≠ 0.
fn with_fourth(theory: &Theory, factor: f64) -> Option<Complex64> {
    let wrong = theory.law.altered(|_, _, fourth| *fourth *= factor);
    let change = theory.finite.leading(wrong) - theory.finite.leading(theory.law);
    (change != Complex64::ZERO).then(|| theory.defect().value + change)
}

/// The defect with the skewness term multiplied by `factor`, where there is one.
fn with_skewness(theory: &Theory, factor: f64) -> Option<Complex64> {
    let term = theory.finite.skewness_term(theory.law);
    (term != Complex64::ZERO).then(|| theory.defect().value + term * (factor - 1.0))
}
