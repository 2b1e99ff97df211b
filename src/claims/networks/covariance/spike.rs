//! A spike of the population covariance: where its sample eigenvalue goes, and how much of its vector is kept.

use super::model::{Judged, judge, other_data};
use crate::claim::{Source, Statement, Strength};
use crate::claims::Claim;
use crate::claims::common::{mistaken, on_same_samples};
use crate::claims::power::sized;
use crate::design::{Cell, Experiment, Plan, Replicate, Rival, Side, Tail, Tier};
use crate::ensemble::{EntryLaw, Samples};
use crate::equivalent::covariance::CovarianceSpike;
use crate::equivalent::{Population, SampleCovariance};
use crate::tracy_widom::TracyWidom;

/// λ_max → ψ(α) and |⟨û, u⟩|² → αψ′(α)/ψ(α).
pub fn claim() -> Claim {
    Claim {
        statement: Statement {
            id: "lm/covariance-spike",
            title: "Spikes of a population covariance",
            statement: "If C has one eigenvalue α right of the others, whose law is H, and ψ′(α) > 0 for ψ(α) = α(1 + c∫λ/(α − λ) dH), then \
                        λ_max(Ĉ) → ψ(α) and |⟨û, u⟩|² → αψ′(α)/ψ(α), and n Var λ_max → α²ψ′(2 + κ₄ψ′). For C = I + ℓuuᵀ this \
                        is (1 + ℓ)(1 + c/ℓ) and (1 − c/ℓ²)/(1 + c/ℓ), for ℓ > √c.",
            formula: r"\lambda_{\max}\to\psi(\alpha)=\alpha\Bigl(1+c\!\int\!\frac{\lambda\,H(d\lambda)}{\alpha-\lambda}\Bigr),\qquad |\langle\hat u,u\rangle|^2\to\frac{\alpha\,\psi'(\alpha)}{\psi(\alpha)},\qquad \psi'(\alpha)>0",
            meaning: "At the sizes and spikes listed the means of √λ_max and of the squared overlap are those of the limit and their own \
                      terms of order 1/n (ours), within the tolerance shown; white and two-valued bulk, Gaussian, uniform and Rademacher entries. \
                      From the standard tier on the variance of √λ_max is judged too.",
            source: Source {
                work: "lm",
                locus: "our A6(a), (b)",
            },
            strength: Strength::Sharp,
        },
        plan,
    }
}

/// C = diag(α, bulk), p × p.
#[derive(Clone, Copy)]
struct Spiked {
    law: EntryLaw,
    /// Eigenvalues of the bulk, in equal parts.
    bulk: &'static [f64],
    alpha: f64,
    p: usize,
    n: usize,
}

const WHITE: &[f64] = &[1.0];
const TWO: &[f64] = &[0.5, 2.0];

impl Spiked {
    fn spectrum(&self) -> Vec<f64> {
        let bulk = (1..self.p).map(|i| self.bulk[i * self.bulk.len() / self.p]);
        std::iter::once(self.alpha).chain(bulk).collect()
    }

    /// The spike on its bulk of p − 1 eigenvalues, c = (p − 1)/n.
    fn limit(&self) -> CovarianceSpike {
        let bulk = Population::eigenvalues(&self.spectrum()[1..]).expect("the bulk is positive");
        let ratio = (self.p - 1) as f64 / self.n as f64;
        let bulk = SampleCovariance::new(bulk, ratio).expect("p > 1");
        CovarianceSpike::new(&bulk, self.alpha).expect("spikes stand right of the bulk")
    }

    fn fourth(&self) -> f64 {
        self.law.cumulant(4).expect("laws with four moments")
    }

    /// √λ_max and the overlap. The next order is smaller than the 1/n term by a factor of order 1/(n·(distance to the threshold)³);
    /// the whole of the 1/n term, with the sizes of its parts added, is allowed besides.
    fn judged(&self, margins: [f64; 2]) -> Vec<Judged> {
        let (limit, n) = (self.limit(), self.n as f64);
        let fourth = self.fourth();
        let root = limit.mean_singular_value(self.n, fourth);
        let overlap = limit.mean_overlap(self.n, fourth);
        let value = limit.location();
        // Parts of n(E√λ − √ψ): the shift of λ, and the concavity of the root.
        let parts = 0.5 * limit.mean_shift(fourth).abs() / value.sqrt()
            + 0.125 * limit.variance(fourth) / value.powf(1.5);
        let (root_rest, overlap_rest) = (parts / n, (overlap - limit.overlap()).abs());
        let top = self.alpha.max(self.bulk[self.bulk.len() - 1]);
        // |s_max(Y) − s_max(Y′)| ≤ ‖Y − Y′‖, Y = C^{1/2}Z/√n: K² = ‖C‖/n. Entries ±1: Var ≤ 2K², since s_max is convex
        // (`docs/derivations/covariance_bounds.md`).
        let tail = match self.law.lipschitz() {
            Some(l) => Tail::SubGaussian {
                variance_proxy: top * l * l / n,
            },
            None => {
                assert_eq!(
                    self.law,
                    EntryLaw::Rademacher,
                    "the bound is for entries ±1"
                );
                Tail::Variance {
                    bound: 2.0 * top / n,
                }
            }
        };
        let slope = self.overlap_slope();
        vec![
            Judged {
                name: format!("√λ_max, α = {}", self.alpha),
                tail,
                theory: root,
                inner: root_rest,
                outer: root_rest + margins[0],
            },
            Judged {
                name: format!("|⟨û, u⟩|², α = {}", self.alpha),
                tail: Tail::Bounded {
                    lo: 0.0,
                    hi: 1.0,
                    design_variance: (3.0 * slope * slope * limit.variance(0.0) / n).min(0.25),
                },
                theory: overlap,
                inner: overlap_rest,
                outer: overlap_rest + margins[1],
            },
        ]
    }

    /// (√λ_max − E)² with the mean of theory: α²ψ′(2 + κ₄ψ′)/(4ψn), and Var ≤ 4K²(K² + what the mean misses).
    ///
    /// The next order of the variance is smaller by the factor of the means, 1/(n·(distance to the threshold)³): a fifth of the
    /// variance is allowed at the one spike this is used for, where n(distance)³ is above 100.
    fn spread(&self, margin: f64) -> Judged {
        let limit = self.limit();
        let variance = limit.variance(self.fourth()) / (4.0 * limit.location() * self.n as f64);
        let missed = self.judged([0.0; 2])[0].inner.powi(2);
        let lipschitz = self.law.lipschitz().expect("images of Gaussians");
        let proxy = self.alpha * lipschitz * lipschitz / self.n as f64;
        let inner = 0.2 * variance + missed;
        Judged {
            name: format!("(√λ_max − E)², α = {}", self.alpha),
            tail: Tail::Variance {
                bound: 4.0 * proxy * (proxy + missed),
            },
            theory: variance,
            inner,
            outer: inner + margin * variance,
        }
    }

    /// The change of the overlap with λ, for the design: it follows λ as if α had changed.
    fn overlap_slope(&self) -> f64 {
        let at = |alpha: f64| Self { alpha, ..*self }.limit();
        let step = 1e-4 * self.alpha;
        let (up, down) = (at(self.alpha + step), at(self.alpha - step));
        (up.overlap() - down.overlap()) / (up.location() - down.location())
    }

    fn experiment(&self, judged: &[Judged]) -> Experiment {
        let samples = Samples::new(self.law, self.spectrum(), self.n);
        let samples = samples.expect("spiked spectra are positive");
        let bulk = if self.bulk.len() == 1 {
            "white"
        } else {
            "½ and 2"
        };
        Experiment {
            law: self.law.name().into(),
            signal: format!("{bulk} and α = {}, p = {}", self.alpha, self.p),
            n: self.n,
            replicates: 1,
            observables: judged.iter().map(Judged::observable).collect(),
            // The reduction leaves the first unit vector where it is, hence its weight too.
            replicate: Replicate::reduced(
                move |rng| Ok(samples.covariance(samples.draw(rng).as_ref())),
                |_, t, _| {
                    let largest = t.largest(1e-13)?.value;
                    Ok(vec![largest.sqrt(), t.first_weight(largest)])
                },
            ),
        }
    }
}

fn plan(tier: Tier) -> Plan {
    use EntryLaw::{Gaussian, Rademacher, Uniform};
    let (n, margins) = match tier {
        Tier::Quick => (48, [0.18, 0.16]),
        Tier::Standard => (96, [0.06, 0.06]),
        Tier::Deep => (1024, [0.008, 0.008]),
    };
    let of = |law, bulk, alpha, p| Spiked {
        law,
        bulk,
        alpha,
        p,
        n,
    };
    let mut models = vec![
        of(Gaussian, WHITE, 3.0, n / 2),
        of(Rademacher, TWO, 4.5, n / 2),
    ];
    if tier != Tier::Quick {
        models.extend([
            of(Gaussian, TWO, 4.5, n / 2),
            of(Gaussian, WHITE, 5.0, n),
            of(Uniform, WHITE, 3.0, n / 2),
        ]);
    }
    let mut plan = Plan::default();
    for model in &models {
        let judged = model.judged(margins);
        judge(&mut plan, model.experiment(&judged), &judged);
    }
    // One more experiment, after those that the rivals count on.
    let wide = of(Gaussian, WHITE, 4.0, n / 2);
    if tier != Tier::Quick {
        let spread = [wide.spread(0.52)];
        let centre = wide.limit().mean_singular_value(n, 0.0);
        let mut experiment = wide.experiment(&spread);
        experiment.signal.push_str(", variance");
        let samples = Samples::new(wide.law, wide.spectrum(), n).expect("positive");
        experiment.replicate = Replicate::reduced(
            move |rng| Ok(samples.covariance(samples.draw(rng).as_ref())),
            move |_, t, _| {
                let root = t.largest(1e-13)?.value.sqrt();
                Ok(vec![(root - centre).powi(2)])
            },
        );
        judge(&mut plan, experiment, &spread);
    }
    let mut plan = sized(plan);
    plan.rivals = theory_rivals(&models, &plan.cells, tier);
    if tier != Tier::Quick {
        plan.rivals.push(tracy_widom(&wide, &plan.cells));
    }
    plan.rivals.push(absorbed(&models[0], margins, &plan.cells));
    plan.rivals.push(louder(&models[0], margins, &plan.cells));
    plan
}

fn theory_rivals(models: &[Spiked], cells: &[Cell], tier: Tier) -> Vec<Rival> {
    let other = |name: &str, wrong: &dyn Fn(&Spiked) -> [Option<f64>; 2]| {
        let cells = models.iter().zip(cells.chunks(2));
        let cells = cells.flat_map(|(model, cells)| {
            let pairs = cells.iter().zip(wrong(model));
            pairs
                .filter_map(|(cell, wrong)| Some(mistaken(cell, wrong?)))
                .collect::<Vec<_>>()
        });
        on_same_samples(name, cells.collect())
    };
    let mut rivals = vec![
        other("λ_max → α", &|x| [Some(x.alpha.sqrt()), Some(1.0)]),
        other("overlap 1 − c/ℓ²", &|x| {
            [None, Some(x.limit().slope())]
        }),
        other("overlap ψ′/ψ", &|x| {
            [None, Some(x.limit().slope() / x.limit().location())]
        }),
        other(
            "the deformed Wigner location α + c∫λ²/(α − λ)",
            &|x| {
                let bulk = &x.spectrum()[1..];
                let pull = bulk.iter().map(|l| l * l / (x.alpha - l)).sum::<f64>() / x.n as f64;
                [Some((x.alpha + pull).sqrt()), None]
            },
        ),
    ];
    if tier != Tier::Quick {
        // Closer than the quick tier can see.
        rivals.push(other("C = I + ℓuuᵀ for a bulk of two values", &|x| {
            let ell = x.alpha - 1.0;
            let c = (x.p - 1) as f64 / x.n as f64;
            let two = x.bulk.len() > 1;
            [
                two.then(|| ((1.0 + ell) * (1.0 + c / ell)).sqrt()),
                two.then(|| (1.0 - c / (ell * ell)) / (1.0 + c / ell)),
            ]
        }));
    }
    rivals
}

/// The variance of the edge of the bulk, of order n^{−4/3}, for that of the spike.
fn tracy_widom(model: &Spiked, cells: &[Cell]) -> Rival {
    let (n, root) = (model.n as f64, (model.p as f64 / model.n as f64).sqrt());
    let width = 0.5 * (1.0 + 1.0 / root).cbrt() * n.powf(-2.0 / 3.0);
    let wrong = width * width * TracyWidom::goe().variance();
    let last = cells.last().expect("the variance is judged last");
    on_same_samples(
        "fluctuations of Tracy and Widom",
        vec![mistaken(last, wrong)],
    )
}

/// A spike below the threshold, judged by ψ and αψ′/ψ all the same: the overlap is then small, not negative.
fn absorbed(model: &Spiked, margins: [f64; 2], cells: &[Cell]) -> Rival {
    let weak = Spiked {
        alpha: 1.2,
        ..*model
    };
    let mut judged = model.judged(margins);
    judged[0].theory = 1.0;
    let mut experiment = weak.experiment(&judged);
    experiment.observables[1].tail = Tail::Bounded {
        lo: 0.0,
        hi: 1.0,
        design_variance: 0.05,
    };
    // Of rank one below the threshold, the overlap is of order 1/n: at most 0.2 at these sizes.
    let limit = weak.limit();
    let formula = limit.alpha() * limit.slope() / limit.location();
    let mut rival = other_data(
        "α below the threshold, formula continued",
        Side::Hypothesis,
        experiment,
        600,
        &[1.0, 0.1],
        &cells[..2],
    );
    rival.cells.remove(0);
    rival.cells[0].cell.theory = formula;
    rival.cells[0].uncertainty = 0.1;
    rival
}

/// Entries of variance 1.5: λ_max is 1.5 times what it should be, the overlap the same.
fn louder(model: &Spiked, margins: [f64; 2], cells: &[Cell]) -> Rival {
    let mut loud = *model;
    loud.law = EntryLaw::Gaussian;
    let judged = loud.judged(margins);
    let mut experiment = loud.experiment(&judged);
    let samples = Samples::new(loud.law, loud.spectrum(), loud.n).expect("spiked spectra");
    experiment.signal.push_str(", variance 1.5");
    experiment.replicate = Replicate::reduced(
        move |rng| Ok(samples.covariance(samples.draw(rng).as_ref())),
        |_, t, _| {
            let largest = t.largest(1e-13)?.value;
            Ok(vec![(1.5 * largest).sqrt(), t.first_weight(largest)])
        },
    );
    if let Tail::SubGaussian { variance_proxy } = &mut experiment.observables[0].tail {
        *variance_proxy *= 1.5;
    }
    let expected = 1.5f64.sqrt() * judged[0].theory;
    let mut rival = other_data(
        "variance 1.5",
        Side::Data,
        experiment,
        256,
        &[expected],
        &cells[..1],
    );
    rival.cells[0].uncertainty *= 1.5;
    rival
}
