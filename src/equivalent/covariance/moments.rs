//! Moments of sample covariance matrices of white noise.

use crate::equivalent::EquivalentError;

/// ∫xᵏ dMP_c = Σ_{r<k} cʳ/(r + 1)·C(k, r)C(k − 1, r).
///
/// # Domain   c > 0 the ratio p/n; k ≤ 30
/// # Source   V. Marchenko and L. Pastur (1967); Z. Bai and J. Silverstein (2010), Lemma 3.1
/// # Examples
/// ```
/// use rmt_verify::equivalent::covariance::marchenko_pastur_moment;
/// assert_eq!(marchenko_pastur_moment(0.5, 3), 1.0 + 3.0 * 0.5 + 0.25);
/// ```
#[must_use]
pub fn marchenko_pastur_moment(ratio: f64, k: u32) -> f64 {
    if k == 0 {
        return 1.0;
    }
    // Narayana numbers: N(r + 1) = N(r)·(k − r)(k − 1 − r)/((r + 1)(r + 2)), from N(0) = 1.
    let (mut sum, mut term) = (0.0, 1.0);
    for r in 0..k {
        sum += term;
        let (a, b) = (f64::from(k - r), f64::from(k - 1 - r));
        term *= ratio * a * b / (f64::from(r + 1) * f64::from(r + 2));
    }
    sum
}

/// E (1/p)tr Ĉᵏ for Ĉ = XXᵀ/n, X p × n with independent N(0, 1) entries: exact at every p and n.
///
/// ```text
/// k = 1: 1      k = 2: (n + p + 1)/n      k = 3: (n² + p² + 3np + 3n + 3p + 4)/n²
/// k = 4: (n³ + p³ + 6n²p + 6np² + 6n² + 6p² + 17np + 21n + 21p + 20)/n³
/// k = 5: (n⁴ + p⁴ + 10n³p + 10np³ + 20n²p² + 10n³ + 10p³ + 55n²p + 55np² + 65n² + 65p² + 175np + 160n + 160p + 148)/n⁴
/// ```
///
/// # Errors   k > 5
/// # Source   P. Graczyk, G. Letac and H. Massam (2005); tested against all pairings
/// # Examples
/// ```
/// use rmt_verify::equivalent::covariance::wishart_moment;
/// // p = n = 1: moments of a chi-squared variable, 1, 3, 15, 105.
/// assert_eq!(wishart_moment(1, 1, 4)?, 105.0);
/// # Ok::<(), rmt_verify::equivalent::EquivalentError>(())
/// ```
pub fn wishart_moment(p: usize, n: usize, k: u32) -> Result<f64, EquivalentError> {
    let (p, n) = (p as f64, n as f64);
    Ok(match k {
        0 | 1 => 1.0,
        2 => (n + p + 1.0) / n,
        3 => (n * n + p * p + 3.0 * n * p + 3.0 * (n + p) + 4.0) / (n * n),
        4 => {
            let cubic = n.powi(3) + p.powi(3) + 6.0 * n * p * (n + p);
            let square = 6.0 * (n * n + p * p) + 17.0 * n * p;
            (cubic + square + 21.0 * (n + p) + 20.0) / n.powi(3)
        }
        5 => {
            let quartic = n.powi(4) + p.powi(4) + 10.0 * n * p * (n * n + p * p);
            let cubic = 10.0 * (n.powi(3) + p.powi(3)) + 55.0 * n * p * (n + p);
            let square = 65.0 * (n * n + p * p) + (20.0 * n * p + 175.0) * n * p;
            (quartic + cubic + square + 160.0 * (n + p) + 148.0) / n.powi(4)
        }
        _ => {
            return Err(EquivalentError::OutOfRange {
                name: "order k",
                value: f64::from(k),
                allowed: "0 to 5",
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::SpectralMeasure;

    #[test]
    fn moments_are_those_of_the_law() {
        for c in [0.25, 1.0, 3.0] {
            let law = SpectralMeasure::marchenko_pastur(c, 1.0).unwrap();
            for k in 0..9 {
                let (ours, theirs) = (marchenko_pastur_moment(c, k), law.moment(k));
                assert!(
                    (ours / theirs - 1.0).abs() < 1e-12,
                    "{c} {k}: {ours} {theirs}"
                );
            }
        }
    }

    #[test]
    fn exact_moments_tend_to_the_law() {
        for k in 1..=5 {
            let far = wishart_moment(500_000, 1_000_000, k).unwrap();
            assert!((far - marchenko_pastur_moment(0.5, k)).abs() < 1e-4);
        }
        assert!(wishart_moment(2, 2, 6).is_err());
    }

    /// Wick: E tr(XXᵀ)ᵏ = Σ over pairings of the 2k factors of p^{row classes}·n^{column classes}.
    #[test]
    fn exact_moments_are_sums_over_pairings() {
        for (p, n) in [(1usize, 1usize), (2, 3), (5, 2)] {
            for k in 1..=5u32 {
                let mut sum = 0.0;
                pairings(
                    &mut (0..2 * k as usize).collect(),
                    &mut vec![],
                    &mut |pairs| {
                        sum += weight(pairs, k as usize, p, n);
                    },
                );
                let direct = sum / (p as f64 * (n as f64).powi(k as i32));
                let ours = wishart_moment(p, n, k).unwrap();
                assert!(
                    (ours / direct - 1.0).abs() < 1e-13,
                    "{p} {n} {k}: {ours} {direct}"
                );
            }
        }
    }

    /// What is done with each pairing.
    type Visit<'a> = &'a mut dyn FnMut(&[(usize, usize)]);

    fn pairings(left: &mut Vec<usize>, pairs: &mut Vec<(usize, usize)>, visit: Visit) {
        let Some(first) = left.pop() else {
            return visit(pairs);
        };
        for i in 0..left.len() {
            let second = left.remove(i);
            pairs.push((first, second));
            pairings(left, pairs, visit);
            pairs.pop();
            left.insert(i, second);
        }
        left.push(first);
    }

    /// Factor 2t is X_{i_t j_t}, factor 2t + 1 is X_{i_{t+1} j_t}; paired factors share their row and their column.
    fn weight(pairs: &[(usize, usize)], k: usize, p: usize, n: usize) -> f64 {
        let row = |f: usize| (f / 2 + f % 2) % k;
        let classes = |label: &dyn Fn(usize) -> usize| {
            let mut class: Vec<usize> = (0..k).collect();
            for &(a, b) in pairs {
                let (from, to) = (class[label(a)], class[label(b)]);
                class
                    .iter_mut()
                    .filter(|c| **c == from)
                    .for_each(|c| *c = to);
            }
            class.sort_unstable();
            class.dedup();
            class.len() as i32
        };
        (p as f64).powi(classes(&row)) * (n as f64).powi(classes(&|f| f / 2))
    }
}
