//! Eigenvalues of tridiagonal matrices, one by one or several at a time in SIMD lanes.

mod lanes;
mod sweep;

use super::Tridiagonal;
use crate::spectrum::{Spectrum, SpectrumError, scaling};
use lanes::Lanes;
use pulp::{Arch, Simd, WithSimd};

/// Name in errors.
const SOLVER: &str = "root-free QL iteration";
/// Sweeps a row after which we give up; two are usual.
const SWEEPS: usize = 30;
/// Matrices solved side by side.
const LANES: usize = 8;
/// Fewer than these are solved one after the other.
const WORTH_LANES: usize = 3;

impl Tridiagonal {
    /// λ₁ ≥ … ≥ λ_N of T by a root-free QL iteration: O(N²) operations.
    ///
    /// T is scaled by a power of two such that max(|a_i|, |b_i|) ∈ [1/2, 1), and turned over if |a_1| > |a_N|,
    /// so that the larger end is at the bottom (QR instead of QL). Sweeps with Wilkinson's shift then bring the
    /// b_i down, and b_i is set to 0 when b_i² ≤ 2⁻¹¹⁰: a change of norm at most (ε/4)‖T‖, ε = 2⁻⁵². The criterion is
    /// one of norm, like the error of any reduction to T: small eigenvalues of graded matrices have small absolute, not
    /// relative errors.
    ///
    /// Missing entries off the diagonal count as 0.
    ///
    /// # Accuracy |λ̃_i − λ_i| ≤ Nε‖T‖ for all kinds of matrices in tests/accuracy (N ≤ 129), the bits
    /// independent of the processor; scaling T by a power of two scales them and changes no bit, short of underflow
    ///
    /// # Errors
    /// [`SpectrumError::Empty`], [`SpectrumError::EntryNotFinite`], [`SpectrumError::NotFinite`] if an
    /// eigenvalue exceeds the largest number, [`SpectrumError::NoConvergence`] after 30N sweeps (2N are usual).
    ///
    /// # Source   Parlett, The Symmetric Eigenvalue Problem, section 8.15 (Pal, Walker and Kahan); Reinsch 1973
    ///
    /// # Examples
    /// ```
    /// use rmt_verify::spectrum::Tridiagonal;
    /// let t = Tridiagonal { diagonal: vec![0.0; 3], off_diagonal: vec![1.0; 2] };
    /// let s = t.eigenvalues()?;
    /// // 2cos(kπ/4)
    /// assert!((s.eigenvalues()[0] - 2f64.sqrt()).abs() < 1e-15);
    /// assert!(s.eigenvalues()[1].abs() < 1e-15);
    /// # Ok::<(), rmt_verify::spectrum::SpectrumError>(())
    /// ```
    pub fn eigenvalues(&self) -> Result<Spectrum, SpectrumError> {
        let exponent = self.exponent()?;
        let mut result = Err(SpectrumError::Empty);
        solve::<1>(&[(0, self, exponent)], SWEEPS, |_, s| result = s);
        result
    }

    /// [`eigenvalues`](Self::eigenvalues) of every matrix of a batch, to the bit, eight at a time.
    ///
    /// The sizes may differ; matrices of equal size share the lanes best. Time over that of Intel's dsterf, one matrix
    /// after the other, in the same run, 32 matrices of the Gaussian orthogonal ensemble, one thread of a busy AVX-512
    /// core, November 2026: 0.20 at N = 16, 0.14 at 64, 0.13 at 100, 0.10 at 400; by
    /// [`eigenvalues`](Self::eigenvalues) 0.56, 0.44, 0.43, 0.40.
    ///
    /// # Errors
    /// Each matrix has its own, see [`eigenvalues`](Self::eigenvalues).
    #[must_use]
    pub fn eigenvalues_of(batch: &[Self]) -> Vec<Result<Spectrum, SpectrumError>> {
        batch_with_limit(batch, SWEEPS)
    }

    /// k with max(|a_i|, |b_i|) ∈ [2^{k−1}, 2^k).
    fn exponent(&self) -> Result<i32, SpectrumError> {
        if self.diagonal.is_empty() {
            return Err(SpectrumError::Empty);
        }
        let mut largest = 0.0;
        for (index, (a, b)) in self.rows().enumerate() {
            for value in [a, b] {
                if !value.is_finite() {
                    return Err(SpectrumError::EntryNotFinite { index, value });
                }
                largest = f64::max(largest, value.abs());
            }
        }
        Ok(scaling::exponent(largest))
    }

    /// (a_i, b_i), the last with b = 0.
    fn rows(&self) -> impl DoubleEndedIterator<Item = (f64, f64)> + ExactSizeIterator {
        let b = |i: usize| self.off_diagonal.get(i).copied().unwrap_or(0.0);
        let n = self.n();
        (0..n).map(move |i| (self.diagonal[i], if i + 1 < n { b(i) } else { 0.0 }))
    }
}

fn batch_with_limit(batch: &[Tridiagonal], sweeps: usize) -> Vec<Result<Spectrum, SpectrumError>> {
    let mut results = vec![Err(SpectrumError::Empty); batch.len()];
    let mut order = Vec::with_capacity(batch.len());
    for (index, t) in batch.iter().enumerate() {
        match t.exponent() {
            Ok(exponent) => order.push((index, t, exponent)),
            Err(error) => results[index] = Err(error),
        }
    }
    // Equal sizes side by side.
    order.sort_by_key(|(_, t, _)| t.n());
    for group in order.chunks(LANES) {
        if group.len() < WORTH_LANES {
            for one in group {
                solve::<1>(&[*one], sweeps, |index, s| results[index] = s);
            }
        } else {
            solve::<LANES>(group, sweeps, |index, s| results[index] = s);
        }
    }
    results
}

/// Runs the lanes with the best instructions the processor has.
struct Run<'a, const L: usize>(&'a mut Lanes<L>);

impl<const L: usize> WithSimd for Run<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.run();
    }
}

/// Solves at most L matrices, given with their indices and exponents.
fn solve<const L: usize>(
    group: &[(usize, &Tridiagonal, i32)],
    sweeps: usize,
    mut put: impl FnMut(usize, Result<Spectrum, SpectrumError>),
) {
    let rows = group.iter().map(|(_, t, _)| t.n()).max().unwrap_or(0);
    let mut lanes = Lanes::<L>::new(rows);
    for (lane, (_, t, exponent)) in group.iter().enumerate() {
        let factor = scaling::PowerOfTwo::new(-exponent);
        let scaled = |(a, b)| (factor.times(a), factor.times(b));
        let (n, limit) = (t.n(), sweeps * t.n());
        if t.diagonal[0].abs() > t.diagonal[n - 1].abs() {
            // b_i moves to the row above when the order turns.
            let upper = |i: usize| {
                if i > 0 {
                    t.off_diagonal.get(i - 1).copied().unwrap_or(0.0)
                } else {
                    0.0
                }
            };
            let turned = (0..n).map(|k| (t.diagonal[n - 1 - k], upper(n - 1 - k)));
            lanes.load(lane, turned.map(scaled), limit);
        } else {
            lanes.load(lane, t.rows().map(scaled), limit);
        }
    }
    Arch::new().dispatch(Run(&mut lanes));
    for (lane, (index, t, exponent)) in group.iter().enumerate() {
        let factor = scaling::PowerOfTwo::new(*exponent);
        let converged = lanes.unload(lane, t.n());
        let failed = || SpectrumError::NoConvergence {
            solver: SOLVER,
            n: t.n(),
        };
        put(
            *index,
            converged.ok_or_else(failed).and_then(|mut values| {
                values.iter_mut().for_each(|x| *x = factor.times(*x));
                Spectrum::from_unsorted(values)
            }),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_out_of_sweeps_fail_without_their_companions() {
        let diagonal = Tridiagonal {
            diagonal: vec![3.0, 1.0, 2.0],
            off_diagonal: vec![0.0; 2],
        };
        let coupled = Tridiagonal {
            diagonal: vec![0.0; 3],
            off_diagonal: vec![1.0; 2],
        };
        let batch = [diagonal.clone(), coupled.clone(), diagonal, coupled];
        // No sweep is allowed, and the diagonal matrices need none.
        let results = batch_with_limit(&batch, 0);
        for i in [0, 2] {
            assert_eq!(results[i].as_ref().unwrap().eigenvalues(), [3.0, 2.0, 1.0]);
        }
        for i in [1, 3] {
            let expected = SpectrumError::NoConvergence {
                solver: SOLVER,
                n: 3,
            };
            assert_eq!(results[i], Err(expected));
        }
    }
}
