//! W = R/√N + S without storing R: entries are made again, from the stream, whenever they are used.

mod product;

use super::keystream::Keystream;
use super::{Basis, Deformed, Ensemble, EnsembleError, EntryLaw};
use rand_chacha::ChaCha8Rng;
use std::ops::Range;
use thiserror::Error;

/// Vectors that are multiplied at once.
pub const WIDTH: usize = 8;

/// One row of an N × [`WIDTH`] block of vectors.
pub type Row = [f64; WIDTH];

/// The matrix that [`Deformed::sample`] would return, to the bit, in memory O(N).
///
/// The lower triangle is read down its columns, one draw an entry, so W_ij with i ≥ j is made of
/// draw jN − j(j − 1)/2 + i − j of the stream, and ChaCha gives any draw without those before it.
///
/// # Cost
/// A product makes N²/2 entries and uses each for 2·[`WIDTH`] fused multiplications. Measured by
/// `examples/implicit_top.rs` with two threads on two busy cores with AVX-512: 8.5 ns of processor
/// time an entry. Three spikes at N = 2·10⁴ took 40 products, 70 s of processor time, and 73 MB
/// where W would take 3.2 GB. By N², with as many products, N = 10⁵ would take half an hour of
/// processor time and, by N, 0.4 GB where W would take 80 GB.
///
/// # Examples
/// ```
/// use rmt_verify::ensemble::{Deformed, Ensemble, Hermitian, Signal, SignalShape, StreamKey};
/// let w = Deformed {
///     ensemble: Ensemble::goe(),
///     signal: Signal::diagonal(SignalShape::Prescribed(vec![3.0, 0.0, 0.0])),
/// };
/// let key = StreamKey {
///     epoch: 0,
///     claim: "example".into(),
///     law: "goe".into(),
///     n: 3,
///     signal: "spike".into(),
/// };
/// let implicit = w.implicit(3, &key.generator(0))?;
/// let mut column = [0.0; 2];
/// implicit.column(1, 1..3, &mut column);
/// let Hermitian::Real(dense) = w.sample(3, &mut key.generator(0))? else { unreachable!() };
/// assert_eq!(column, [dense[(1, 1)], dense[(2, 1)]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ImplicitWigner {
    n: usize,
    law: EntryLaw,
    scale: f64,
    diagonal_scale: f64,
    /// diag S.
    signal: Vec<f64>,
    stream: Keystream,
    /// Number of the draw that makes W₀₀.
    first: u64,
}

/// Why a matrix cannot be used without being stored.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum ImplicitError {
    /// Not real symmetric.
    #[error("{ensemble} is complex; only real symmetric matrices are made entry by entry")]
    Complex {
        /// Name of the ensemble.
        ensemble: String,
    },
    /// S is not diagonal.
    #[error("{signal}: a signal in a random basis has N² entries to store")]
    RandomBasis {
        /// Name of the signal.
        signal: String,
    },
    /// The generator stands inside a draw.
    #[error("the generator stands at word {word}, inside a draw of two words")]
    InsideDraw {
        /// 32-bit words read so far.
        word: u128,
    },
    /// An ill-posed ensemble or signal.
    #[error(transparent)]
    Ensemble(#[from] EnsembleError),
}

impl Deformed {
    /// The W that [`sample`](Self::sample) would draw from this generator, not stored.
    ///
    /// # Domain   real ensembles, diagonal signals, generators that stand between draws
    pub fn implicit(&self, n: usize, rng: &ChaCha8Rng) -> Result<ImplicitWigner, ImplicitError> {
        let Ensemble::Wigner {
            law,
            diagonal_variance,
            sigma,
        } = self.ensemble
        else {
            return Err(ImplicitError::Complex {
                ensemble: self.ensemble.name(),
            });
        };
        self.ensemble.check()?;
        if self.signal.basis != Basis::Diagonal {
            return Err(ImplicitError::RandomBasis {
                signal: self.signal.name(),
            });
        }
        let word = rng.get_word_pos();
        if word % 2 == 1 {
            return Err(ImplicitError::InsideDraw { word });
        }
        let scale = sigma / (n as f64).sqrt();
        Ok(ImplicitWigner {
            n,
            law,
            scale,
            diagonal_scale: diagonal_variance.sqrt() * scale,
            signal: self.signal.eigenvalues(n)?,
            stream: Keystream::of(rng),
            first: (word / 2) as u64,
        })
    }
}

impl ImplicitWigner {
    /// N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.n
    }

    /// W_ij for the rows i of a piece of column j that does not reach above the diagonal.
    ///
    /// Panics unless j ≤ rows.start, rows.end ≤ N and `out` has their number.
    pub fn column(&self, j: usize, rows: Range<usize>, out: &mut [f64]) {
        self.uniforms(j, rows.clone(), out);
        self.law.quantiles(out);
        self.scaled(j, rows, out);
    }

    /// The uniforms that [`column`](Self::column) makes entries of.
    fn uniforms(&self, j: usize, rows: Range<usize>, out: &mut [f64]) {
        assert!(j <= rows.start && rows.end <= self.n && out.len() == rows.len());
        let [n, column, row] = [self.n, j, rows.start].map(|x| x as u64);
        // jN − j(j − 1)/2 + i − j, without a negative number on the way.
        let at = column * n + row - column * (column + 1) / 2;
        self.stream.uniforms(self.first + at, out);
    }

    /// From draws of the law to entries, by the operations of [`Ensemble::noise`].
    fn scaled(&self, j: usize, rows: Range<usize>, out: &mut [f64]) {
        let diagonal = usize::from(rows.start == j).min(out.len());
        let (on, off) = out.split_at_mut(diagonal);
        if let [w] = on {
            *w = *w * self.diagonal_scale + self.signal[j];
        }
        off.iter_mut().for_each(|x| *x *= self.scale);
    }
}
