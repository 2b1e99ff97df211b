//! The deterministic part: s_{ν_N ⊞ sc} − s_μ to second order in k/N, with explicit constants.

use super::super::common::{RESOLUTION, at_most, certain, point, resolved};
use super::super::outlier_measure::{Setting, Transported, square_root, transported, two_thirds};
use super::super::stieltjes_equation::z;
use crate::design::{Experiment, Plan, Replicate, RivalCell, Tier};
use crate::ensemble::SignalShape;
use crate::measure::UpperHalf;
use num_complex::Complex64;

/// Names of the wrong versions, in the order of the observables from 2 on.
pub(super) const WRONG: [&str; 5] = [
    "weight ω′ omitted",
    "κ not transported",
    "κ without its part −ν",
    "k_N one too large",
    "term of order k/N omitted",
];

/// Appends experiments and cells; returns the rivals' cells by [`WRONG`].
pub(super) fn extend(plan: &mut Plan, tier: Tier) -> [Vec<RivalCell>; WRONG.len()] {
    let sizes: &[usize] = match tier {
        Tier::Quick => &[1_000, 10_000],
        Tier::Standard => &[1_000, 10_000, 100_000],
        Tier::Deep => &[1_000, 10_000, 100_000, 1_000_000],
    };
    let mut wrong: [Vec<RivalCell>; WRONG.len()] = std::array::from_fn(|_| vec![]);
    for setting in [Setting::right(), Setting::both_sides(), Setting::gap()] {
        for &n in sizes {
            for k in [square_root(n), two_thirds(n)] {
                let points = [z(2.5, 2.0), z(0.0, 2.0)];
                let e = plan.experiments.len();
                let cases = points.map(|z| Case::new(setting.clone(), n, k, z));
                plan.experiments.push(experiment(&cases));
                for (c, case) in cases.iter().enumerate() {
                    let first = c * OBSERVABLES;
                    let experiments = &plan.experiments;
                    plan.cells
                        .push(at_most(experiments, (e, first), case.first_bound));
                    plan.cells
                        .push(at_most(experiments, (e, first + 1), case.second_bound));
                    for (w, value) in case.wrong_values().into_iter().enumerate() {
                        wrong[w].push(RivalCell {
                            cell: at_most(experiments, (e, first + 2 + w), case.second_bound),
                            expected: value,
                            uncertainty: case.second_bound + RESOLUTION,
                        });
                    }
                }
            }
        }
    }
    wrong
}

/// Observables a point: two residuals and the wrong versions.
const OBSERVABLES: usize = 2 + WRONG.len();

/// One setting at one N, k and z.
#[derive(Clone)]
struct Case {
    setting: Setting,
    n: usize,
    k: usize,
    z: UpperHalf,
    limit: Transported,
    /// ω′ s_κ(ω).
    theory: Complex64,
    /// (k/N)·½s̈.
    next: Complex64,
    /// Bounds of |D − theory| and |D − theory − next|, D the divided difference.
    first_bound: f64,
    second_bound: f64,
}

impl Case {
    fn new(setting: Setting, n: usize, k: usize, z: UpperHalf) -> Self {
        let limit = setting.transported(z);
        let variance = setting.sigma.powi(2);
        let jet = setting.nu().stieltjes_jet(limit.omega);
        let (s, slope) = setting.kappa_jet(limit.omega);
        let theory = limit.omega_prime * s;
        let epsilon = k as f64 / n as f64;
        let second = limit.omega_prime
            * (2.0 * variance * slope * theory
                + variance * variance * jet.second * theory * theory);
        let bounds = Bounds::new(&setting, n, k, z.get().im);
        Self {
            setting,
            n,
            k,
            z,
            limit,
            theory,
            next: 0.5 * epsilon * second,
            first_bound: 0.5 * epsilon * bounds.second + bounds.layout,
            second_bound: epsilon * epsilon / 6.0 * bounds.third
                + bounds.layout
                + 0.5 * epsilon * bounds.layout_second,
        }
    }

    /// D = (N/k)(s_{ν_N ⊞ sc} − s_μ), with the bound of its error.
    fn divided_difference(&self) -> (Complex64, f64) {
        let values = self.setting.eigenvalues(self.n, self.k);
        let esd = crate::ensemble::Signal::diagonal(SignalShape::Prescribed(values))
            .esd(self.n)
            .expect("finite eigenvalues");
        let at = transported(esd, self.setting.sigma, self.z);
        let factor = self.n as f64 / self.k as f64;
        (
            (at.s - self.limit.s) * factor,
            factor * (at.error + self.limit.error),
        )
    }

    /// What D is compared with by the wrong versions, and the factor of D: [`WRONG`].
    fn wrong_theories(&self) -> [(f64, Complex64); WRONG.len()] {
        let k = self.k as f64;
        let right = self.theory + self.next;
        let without = |wrong: Complex64| (1.0, right - self.theory + wrong);
        let at = &self.limit;
        let positive: Complex64 = self
            .setting
            .positive_parts()
            .iter()
            .map(|(a, part)| part.stieltjes_jet(at.omega).value * *a)
            .sum();
        [
            without(self.setting.kappa_jet(at.omega).0),
            without(self.setting.kappa_jet(self.z.get()).0),
            without(at.omega_prime * positive),
            (k / (k + 1.0), right),
            (1.0, self.theory),
        ]
    }

    /// The residuals of the wrong versions, from the right theory.
    fn wrong_values(&self) -> [f64; WRONG.len()] {
        let right = self.theory + self.next;
        self.wrong_theories()
            .map(|(factor, wrong)| (right * factor - wrong).norm())
    }
}

/// Explicit constants, all for Im z ≥ y.
struct Bounds {
    /// sup |s̈| along the path from ν to ν_N.
    second: f64,
    /// sup |s⃛|.
    third: f64,
    /// What spikes at midpoints instead of a density change in ṡ, and in s̈.
    layout: f64,
    layout_second: f64,
}

impl Bounds {
    /// From |s_ρ^{(j)}| ≤ j!/y^{j+1} for probability measures ρ, total variation 2 of κ, and
    /// |ω′| ≤ 1 + σ²/y².
    fn new(setting: &Setting, n: usize, k: usize, y: f64) -> Self {
        let variance = setting.sigma.powi(2);
        let slope = 1.0 + variance / (y * y);
        // (b − a)²/24 sup|f″| (count)⁻² for the midpoint rule, f = j!/(x − ω)^{j+1}.
        let rest = (n - k) as f64;
        let spikes: f64 = setting
            .clusters
            .iter()
            .map(|c| c.share * ((c.hi - c.lo) / (c.share * k as f64)).powi(2) / 24.0)
            .sum();
        // [−1, 1] for the bulk, whether or not it is spread; its weight in κ_N is (N − k)/k.
        let squares = spikes + 4.0 / 24.0 / (rest * k as f64);
        let layout = |factorial: f64, power: i32| squares * factorial / y.powi(power);
        let (d0, d1, d2) = (layout(2.0, 3), layout(6.0, 4), layout(24.0, 5));
        let (b0, b1, b2) = (2.0 / y + d0, 2.0 / (y * y) + d1, 4.0 / y.powi(3) + d2);
        let (a2, a3) = (2.0 / y.powi(3), 6.0 / y.powi(4));
        // ṡ = ω′ b, s̈ = ω′(2b′ω̇ + a″ω̇²), s⃛ = ω′(3b″ω̇² + 3b′ω̈ + a‴ω̇³ + 3a″ω̇ω̈), ω̇ = σ²ṡ.
        let first = slope * b0;
        let step = variance * first;
        let second = slope * (2.0 * b1 * step + a2 * step * step);
        let bend = variance * second;
        let third = slope
            * (3.0 * b2 * step * step
                + 3.0 * b1 * bend
                + a3 * step.powi(3)
                + 3.0 * a2 * step * bend);
        let moved = variance * slope * d0;
        Self {
            second,
            third,
            layout: slope * d0,
            layout_second: slope * (2.0 * (d1 * step + b1 * moved) + 2.0 * a2 * step * moved),
        }
    }
}

fn experiment(cases: &[Case]) -> Experiment {
    let observables = cases
        .iter()
        .flat_map(|case| {
            let at = point(case.z.get());
            let mut names = vec![
                format!("|D − ω′s_κ(ω)|, z = {at}"),
                format!("|D − ω′s_κ(ω) − (k/N)·½s̈|, z = {at}"),
            ];
            names.extend(WRONG.map(|wrong| format!("residual, {wrong}, z = {at}")));
            names.into_iter().map(certain)
        })
        .collect();
    let (setting, n, k) = (cases[0].setting.clone(), cases[0].n, cases[0].k);
    let cases = cases.to_vec();
    Experiment {
        law: "no noise".into(),
        signal: setting.name(k),
        n,
        replicates: 1,
        observables,
        replicate: Replicate::alone(move |_, _| {
            let mut all = vec![];
            for case in &cases {
                let (d, error) = case.divided_difference();
                let first = (d - case.theory).norm();
                all.push(resolved("divided difference", first, error)?);
                all.push((d - case.theory - case.next).norm());
                all.extend(
                    case.wrong_theories()
                        .map(|(factor, wrong)| (d * factor - wrong).norm()),
                );
            }
            Ok(all)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second-order term by differences: (D(k) − ω′s_κ)/(k/N) → ½s̈ with an error that falls with
    /// k/N, the layout of the spikes being the same.
    #[test]
    fn second_order_term_is_the_limit_of_what_the_first_leaves_over() {
        let error = |n: usize| {
            let case = Case::new(Setting::right(), n, 100, z(0.5, 1.5));
            let d = case.divided_difference().0;
            (d - case.theory - case.next).norm() / case.next.norm()
        };
        // 100 spikes at 10⁴: the layout's 1e-4 of the spacing is below the third order.
        assert!(error(4_000) < 0.1);
        assert!(error(40_000) < 0.2 * error(4_000));
    }

    #[test]
    fn bounds_hold_with_room_for_less_than_a_factor_hundred() {
        for setting in [Setting::right(), Setting::both_sides(), Setting::gap()] {
            let case = Case::new(setting, 1_000, 100, z(0.0, 2.0));
            let d = case.divided_difference().0;
            let first = (d - case.theory).norm();
            let second = (d - case.theory - case.next).norm();
            assert!(first <= case.first_bound && second <= case.second_bound);
            assert!(100.0 * first > case.first_bound);
        }
    }
}
