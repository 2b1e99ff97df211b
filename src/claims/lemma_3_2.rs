//! Lemma 3.2: means and second moments of the error terms of the Schur complement.

mod draw;
mod rivals;

use super::Claim;
use super::common::{
    EntryMoments, at_most, bounded_variance, cell, certain, ensembles, point, replicates, signals,
    two_atom,
};
use crate::claim::{Source, Statement, Strength};
use crate::design::{Cell, Experiment, Observable, Plan, Tail, Tier};
use crate::ensemble::{Ensemble, Signal};
use num_complex::Complex64;

/// |E γ_k| = O(1/N) and E|γ_k|² = O(1/N) with constants.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "abk/lemma-3.2",
            title: "Error terms of the Schur complement",
            statement: "S diagonal, r the i-th column of R without R_ii, G⁽ⁱ⁾ the resolvent of the \
                        minor: γ₁ = (1/N)Σ_{j≠k} r̄_j r_k G⁽ⁱ⁾_jk, γ₂ = (1/N)Σ_j (|r_j|² − σ²)G⁽ⁱ⁾_jj, \
                        γ₃ = (1/N)(Tr G⁽ⁱ⁾ − Tr G), γ₄ = s_N − E s_N, γ₅ = R_ii/√N. At every N: \
                        E γ₁ = E γ₂ = E γ₅ = 0; N E|γ₁|² = 2σ⁴ E (1/N)Σ_{j≠k}|G⁽ⁱ⁾_jk|² ≤ 2σ⁴/Im² z (GUE: \
                        1 for 2); N E|γ₂|² = (2 + κ₄)σ⁴ E (1/N)Σ_j|G⁽ⁱ⁾_jj|² ≤ (2 + κ₄)σ⁴/Im² z (GUE: 1 \
                        for 2 + κ₄); |γ₃| ≤ 1/(N Im z); N E|γ₄|² ≤ 1/Im² z, and \
                        ≤ max(2, v_d)L²σ²/(N Im⁴ z) (GUE: σ²) for L-Lipschitz images of Gaussians; N E γ₅² = v_d σ².",
            formula: r"\begin{aligned}N\,\mathbb{E}|\gamma_1|^2&=2\sigma^4\,\mathbb{E}\,\tfrac1N\textstyle\sum_{j\ne k}|G^{(i)}_{jk}|^2,& N\,\mathbb{E}|\gamma_2|^2&=(2+\kappa_4)\,\sigma^4\,\mathbb{E}\,\tfrac1N\textstyle\sum_j|G^{(i)}_{jj}|^2,\\ |\gamma_3|&\le\tfrac{1}{N\operatorname{Im}z},& N\,\mathbb{E}|\gamma_4|^2&\le\tfrac1{\operatorname{Im}^2z},\qquad N\,\mathbb{E}\gamma_5^2=v_d\,\sigma^2\end{aligned}",
            meaning: "The identities behind the O(1/N) of the lemma hold at every N listed, given the \
                      minor: means are 0 and second moments have these constants, within the \
                      tolerances shown. κ₄ is seen: for ±1 entries γ₂ vanishes. The bounds of γ₃ \
                      and of the resolvent hold in every matrix.",
            source: Source {
                work: "abk",
                locus: "Lemma 3.2, (3.10)–(3.19)",
            },
            strength: Strength::Exact,
        },
        plan,
    }
}

#[doc = include_str!("../../docs/derivations/lemma_3_2.md")]
mod derivation {}

/// Where the resolvents are taken.
const Z: Complex64 = Complex64::new(0.3, 1.5);
/// Columns drawn for one minor: given the minor they are independent, and averages over them keep
/// the conditional mean and have a sixteenth of the conditional variance.
const COLUMNS: usize = 16;
/// At most so many cells share the level.
const CELLS: usize = 260;

/// Positions of the observables.
mod at {
    pub const MEAN_1: usize = 0;
    pub const MEAN_2: usize = 2;
    pub const MEAN_5: usize = 4;
    pub const SQUARE_1: usize = 5;
    pub const SQUARE_2: usize = 6;
    pub const SQUARE_5: usize = 7;
    pub const SQUARE_4: usize = 8;
    pub const BOUNDS: usize = 9;
    pub const MEAN_3: usize = 10;
}

/// What the tier asks for: room between the tolerances.
#[derive(Debug, Clone, Copy)]
struct Margins {
    /// Means, in units of their own scale.
    mean: f64,
    /// Second moments of γ₁, γ₂, γ₅.
    square: f64,
    /// N E|γ₄|² above its bound, in units of it.
    fluctuation: f64,
}

const MARGINS: Margins = Margins {
    mean: 0.25,
    square: 0.8,
    fluctuation: 1.5,
};

impl Margins {
    /// Room for a second moment: relative where it is larger than 2.
    fn around(self, theory: f64) -> f64 {
        self.square * (theory / 2.0).max(1.0)
    }

    fn divided(self, by: f64) -> Self {
        Self {
            mean: self.mean / by,
            square: self.square / by,
            fluctuation: self.fluctuation / by,
        }
    }
}

fn plan(tier: Tier) -> Plan {
    let margins = match tier {
        Tier::Quick => MARGINS,
        Tier::Standard => MARGINS.divided(2.0),
        Tier::Deep => MARGINS.divided(4.0),
    };
    let large = match tier {
        Tier::Quick => 24,
        Tier::Standard => 48,
        Tier::Deep => 100,
    };
    let mut plan = Plan::default();
    for ensemble in ensembles() {
        for signal in signals() {
            add(&mut plan, &Model::new(ensemble, &signal, SMALL), margins);
        }
    }
    for ensemble in rivals::judged_at_large_n() {
        add(
            &mut plan,
            &Model::new(ensemble, &two_atom(), large),
            margins,
        );
    }
    plan.rivals = rivals::all(&plan.experiments, large, margins);
    plan
}

/// The size at which all laws meet all signals.
const SMALL: usize = 8;

/// One law, signal and size, i the first index (the largest S_ii).
#[derive(Debug, Clone)]
struct Model {
    ensemble: Ensemble,
    signal: Signal,
    n: usize,
    moments: EntryMoments,
}

impl Model {
    fn new(ensemble: Ensemble, signal: &Signal, n: usize) -> Self {
        Self {
            ensemble,
            signal: signal.clone(),
            n,
            moments: EntryMoments::of(&ensemble).expect("laws with eight moments"),
        }
    }

    /// N E|γ₁|²/(σ⁴ (1/N)Σ_{j≠k}|G_jk|²).
    fn first(&self) -> f64 {
        if self.moments.complex { 1.0 } else { 2.0 }
    }

    /// N E|γ₂|²/(σ⁴ (1/N)Σ_j|G_jj|²).
    fn second(&self) -> f64 {
        self.moments.square_variance()
    }

    /// N E γ₅²/σ².
    fn fifth(&self) -> f64 {
        match self.ensemble {
            Ensemble::Wigner {
                diagonal_variance, ..
            } => diagonal_variance,
            Ensemble::Gue { .. } => 1.0,
        }
    }

    /// Var of the average of [`COLUMNS`] values of |Q|²/E|Q|²·`mean` when E|Q|⁴ ≤ `kurtosis`(E|Q|²)².
    fn averaged(mean: f64, kurtosis: f64) -> f64 {
        // A variance 0 must pay for rounding.
        (kurtosis - 1.0) * mean * mean / COLUMNS as f64 * (1.0 + 1e-9) + 1e-24
    }

    fn square_1_variance(&self) -> f64 {
        Self::averaged(self.first(), self.moments.form_kurtosis())
    }

    /// 0 up to rounding when |r_j|² = σ² surely.
    fn square_2_variance(&self) -> f64 {
        if self.second() == 0.0 {
            return 1e-24;
        }
        Self::averaged(self.second(), self.moments.diagonal_kurtosis())
    }

    /// γ₅ is real: E R⁴/(E R²)² is 3 for the GUE's diagonal, whose other entries are complex.
    fn square_5_variance(&self) -> f64 {
        let fourth = if self.moments.complex {
            3.0
        } else {
            self.moments.fourth
        };
        Self::averaged(self.fifth(), fourth)
    }

    /// Bound of N E|γ₄|²: 1/Im² z always; b/N for L-Lipschitz images of Gaussians, b = v/Im⁴ z with
    /// v = max(2, v_d)L²σ² (GUE: σ²).
    fn square_4_bound(&self) -> f64 {
        let always = Z.im.powi(-2);
        match self.ensemble.variance_proxy() {
            Some(v) => always.min(v / (Z.im.powi(4) * self.n as f64)),
            None => always,
        }
    }

    /// Variance of Y = (1/2N)|Tr G − Tr G′|²: 2N/Im⁴ z always; (2b/N)² for Lipschitz images.
    fn square_4_variance(&self) -> f64 {
        let n = self.n as f64;
        let always = 2.0 * n / Z.im.powi(4);
        match self.ensemble.variance_proxy() {
            Some(v) => always.min((2.0 * v / (Z.im.powi(4) * n)).powi(2)),
            None => always,
        }
    }

    fn observables(&self) -> Vec<Observable> {
        let columns = COLUMNS as f64;
        let floor = |v: f64| v * (1.0 + 1e-9) + 1e-24;
        let of = |name: &str, variance: f64, mean: f64| {
            bounded_variance(format!("{name}, z = {}", point(Z)), floor(variance), mean)
        };
        let im2 = Z.im * Z.im;
        vec![
            of("√N Re γ₁, scaled", self.first() / columns, 0.0),
            of("√N Im γ₁, scaled", self.first() / columns, 0.0),
            of("√N Re γ₂, scaled", self.second() / columns, 0.0),
            of("√N Im γ₂, scaled", self.second() / columns, 0.0),
            of("√N γ₅/σ", self.fifth() / columns, 0.0),
            of("N|γ₁|², scaled", self.square_1_variance(), self.first()),
            of("N|γ₂|², scaled", self.square_2_variance(), self.second()),
            of("N γ₅²/σ²", self.square_5_variance(), self.fifth()),
            of("N|γ₄|²", self.square_4_variance(), 0.0),
            certain(format!(
                "largest of N Im z|γ₃| and Im²z·(1/N)Σ_jk|G⁽ⁱ⁾_jk|², z = {}",
                point(Z)
            )),
            of("N Re γ₃", 1.0 / im2, 0.0),
            of("N Im γ₃", 1.0 / im2, 0.0),
        ]
    }

    /// Observable, theory, τ0 and τ of the cells.
    fn judged(&self, margins: Margins) -> Vec<(usize, f64, f64, f64)> {
        let mut cells = vec![];
        for observable in at::MEAN_1..=at::MEAN_5 {
            cells.push((observable, 0.0, 0.0, margins.mean));
        }
        for (observable, theory) in [
            (at::SQUARE_1, self.first()),
            (at::SQUARE_2, self.second()),
            (at::SQUARE_5, self.fifth()),
        ] {
            cells.push((observable, theory, 0.0, margins.around(theory)));
        }
        let bound = self.square_4_bound();
        let outer = (0.5 + margins.fluctuation) * bound;
        cells.push((at::SQUARE_4, 0.5 * bound, 0.5 * bound, outer));
        cells
    }

    /// Enough replicates for every cell.
    fn replicates(&self, observables: &[Observable], margins: Margins) -> usize {
        self.judged(margins)
            .iter()
            .map(|&(o, _, inner, outer)| match observables[o].tail {
                Tail::Variance { bound } => replicates(bound, outer - inner, CELLS),
                _ => 0,
            })
            .max()
            .expect("a model has cells")
    }

    fn experiment(&self, margins: Margins) -> Experiment {
        let observables = self.observables();
        Experiment {
            law: self.ensemble.name(),
            signal: self.signal.name(),
            n: self.n,
            replicates: self.replicates(&observables, margins),
            observables,
            replicate: draw::replicate(self, self.ensemble.sigma()),
        }
    }
}

fn add(plan: &mut Plan, model: &Model, margins: Margins) {
    let e = plan.experiments.len();
    plan.experiments.push(model.experiment(margins));
    let cells: Vec<Cell> = model
        .judged(margins)
        .into_iter()
        .map(|(o, theory, inner, outer)| cell(&plan.experiments, (e, o), theory, inner, outer))
        .collect();
    plan.cells.extend(cells);
    plan.cells
        .push(at_most(&plan.experiments, (e, at::BOUNDS), 1.0));
}
