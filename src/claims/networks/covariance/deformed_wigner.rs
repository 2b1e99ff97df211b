//! The anisotropic law of a deformed Wigner matrix: its resolvent is that of A at a shifted point, entry by entry.

use super::model::{Judged, judge, other_data};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{eigenvalues, mistaken, on_reduced, on_same_samples, point, two_atom};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Rival, Side, Tail, Tier};
use crate::ensemble::{Ensemble, EntryLaw};
use crate::free::FreeConvolution;
use crate::measure::{SpectralMeasure, UpperHalf};
use crate::spectrum::Tridiagonal;
use crate::statistic::Part;
use num_complex::Complex64;

/// (H − z)⁻¹ ↔ (A − z − σ²m)⁻¹.
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/deformed-wigner",
            title: "Anisotropic law of a deformed Wigner matrix",
            statement: "H = A + W, W real symmetric with entries of variance σ²/N: (H − z)⁻¹ ↔ (A − z − σ²m(z))⁻¹, m = (1/N)tr(A − z − σ²m)⁻¹, Im m > 0; seen \
                        here in the entry (1, 1) for a diagonal A.",
            formula: r"(H-z)^{-1}\;\leftrightarrow\;(A-z-\sigma^2m(z)I)^{-1},\qquad m=\tfrac1N\operatorname{tr}(A-z-\sigma^2m)^{-1}",
            meaning: "The mean of both parts of one diagonal entry of the resolvent is that of the equivalent within an allowance of order 1/N and the \
                      tolerance shown. The trace is the subject of the claims on Pastur's equation.",
            source: Source {
                work: "lm",
                locus: "our A5",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// z, at which the proxies are small and the shift is large.
const POINT: Complex64 = Complex64::new(0.5, 1.5);

#[derive(Clone, Copy)]
struct Model {
    ensemble: Ensemble,
    n: usize,
}

impl Model {
    fn diagonal(&self) -> Vec<f64> {
        eigenvalues(&two_atom(), self.n)
    }

    /// m(z) for this A.
    fn trace(&self) -> Complex64 {
        let known = "the claim's own law has a free convolution in the upper half-plane";
        let nu = SpectralMeasure::empirical(self.diagonal()).expect(known);
        let mu = FreeConvolution::new(nu, self.ensemble.sigma()).expect(known);
        let z = UpperHalf::new(POINT).expect(known);
        mu.subordination(z).expect(known).s
    }

    /// 1/(A_11 − z − shift).
    fn entry(&self, shift: Complex64) -> Complex64 {
        (self.diagonal()[0] - POINT - shift).inv()
    }

    fn theory(&self) -> Complex64 {
        self.entry(self.trace() * self.ensemble.sigma().powi(2))
    }

    /// |dG_11| ≤ ‖dH‖/Im² z. By Stein's lemma (A_11 − z − σ²E s_N)E G_11 = 1 + (σ²/N)E(G²)_11 + a covariance of order N^{−3/2}, and
    /// N(E s_N − m) is of the same kind: 2σ²/(N Im³ z) is allowed.
    fn judged(&self, margin: f64) -> Vec<Judged> {
        let (eta, n) = (POINT.im, self.n as f64);
        let variance = self.ensemble.sigma().powi(2);
        let proxy = self.ensemble.variance_proxy().expect("images of Gaussians");
        let inner = 2.0 * variance / (n * eta.powi(3));
        let of = |part: Part| Judged {
            name: format!("{} G_11, z = {}", part.name(), point(POINT)),
            tail: Tail::SubGaussian {
                variance_proxy: proxy / (n * eta.powi(4)),
            },
            theory: part.of(self.theory()),
            inner,
            outer: inner + margin,
        };
        Part::BOTH.map(of).into_iter().collect()
    }

    fn experiment(&self, judged: &[Judged]) -> Experiment {
        let observables = judged.iter().map(Judged::observable).collect();
        on_reduced(
            self.ensemble,
            &two_atom(),
            self.n,
            1,
            observables,
            |_, t, _| {
                // The reduction leaves the first unit vector where it is.
                let g = first_entry(t, POINT);
                Ok(vec![g.re, g.im])
            },
        )
    }
}

/// ((T − z)⁻¹)_11, by pivots from below.
fn first_entry(t: &Tridiagonal, z: Complex64) -> Complex64 {
    let mut inverse = Complex64::ZERO;
    for (i, a) in t.diagonal.iter().enumerate().rev() {
        let b = t.off_diagonal.get(i).copied().unwrap_or(0.0);
        inverse = (a - z - inverse * (b * b)).inv();
    }
    inverse
}

fn plan(tier: Tier) -> Plan {
    let (n, margin) = match tier {
        Tier::Quick => (48, 0.026),
        Tier::Standard => (96, 0.02),
        Tier::Deep => (512, 0.003),
    };
    let goe = Ensemble::goe().with_sigma(1.5);
    let mut models = vec![Model { ensemble: goe, n }];
    if tier != Tier::Quick {
        let ensemble = Ensemble::wigner(EntryLaw::Uniform).with_sigma(0.8);
        models.push(Model { ensemble, n });
    }
    let mut plan = Plan::default();
    for model in &models {
        let judged = model.judged(margin);
        judge(&mut plan, model.experiment(&judged), &judged);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&models, &plan.cells);
    plan.rivals.push(quieter(&models[0], margin, &plan.cells));
    plan
}

fn theory_rivals(models: &[Model], cells: &[Cell]) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Model) -> Complex64| {
        let cells = models.iter().zip(cells.chunks(2));
        let cells = cells.flat_map(|(model, cells)| {
            let wrong = wrong(model);
            let pairs = cells.iter().zip(Part::BOTH);
            pairs
                .map(|(cell, part)| mistaken(cell, part.of(wrong)))
                .collect::<Vec<_>>()
        });
        on_same_samples(name, cells.collect())
    };
    let variance = |model: &Model| model.ensemble.sigma().powi(2);
    vec![
        other("(A − z)⁻¹", &|model| model.entry(Complex64::ZERO)),
        other("+σ²m", &|model| {
            model.entry(-model.trace() * variance(model))
        }),
        other("1 for σ²", &|model| model.entry(model.trace())),
        other("m for every entry", &Model::trace),
    ]
}

/// σ = 1 in the data, 1.5 in the theory.
fn quieter(model: &Model, margin: f64, cells: &[Cell]) -> Rival {
    let quiet = Model {
        ensemble: model.ensemble.with_sigma(1.0),
        ..*model
    };
    let judged = quiet.judged(margin);
    let expected: Vec<f64> = judged.iter().map(|j| j.theory).collect();
    let rest = judged[0].inner;
    let experiment = quiet.experiment(&judged);
    let mut rival = other_data(
        "σ = 1 for 1.5",
        Side::Data,
        experiment,
        3072,
        &expected,
        &cells[..2],
    );
    rival.cells.iter_mut().for_each(|c| c.uncertainty = rest);
    rival
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pivots_give_the_first_entry_of_the_resolvent() {
        let t = Tridiagonal {
            diagonal: vec![1.0, -2.0],
            off_diagonal: vec![0.5],
        };
        let z = Complex64::new(0.3, 0.7);
        // Cramer: (−2 − z)/((1 − z)(−2 − z) − ¼).
        let exact = (-2.0 - z) / ((1.0 - z) * (-2.0 - z) - 0.25);
        assert!((first_entry(&t, z) - exact).norm() < 1e-15);
    }
}
