//! How one replicate is drawn and measured.

use super::ReplicateError;
use crate::spectrum::{Hermitian, SpectrumError, Tridiagonal};
use rand_chacha::ChaCha8Rng;
use std::fmt;

/// What turns a generator, and the replicate's index, into something; index 0 is the one that is certified.
type Draw<T> = Box<dyn Fn(&mut ChaCha8Rng, u64) -> Result<T, ReplicateError> + Send + Sync>;

/// Draws one replicate from its own generator and returns one value an observable, in order.
pub enum Replicate {
    /// All by itself.
    Alone(Draw<Vec<f64>>),
    /// From tridiagonal forms: the matrices of several replicates are reduced together in SIMD lanes
    /// ([`Tridiagonal::reduce_all`]), which changes no bit and saves most of the time at small N.
    Reduced {
        /// The matrices of one replicate; any number, the same every time is fastest.
        draw: Draw<Vec<Hermitian>>,
        /// The values from those matrices and their forms.
        measure: Measure,
    },
}

/// Values of one replicate from its matrices with their tridiagonal forms, and its index.
pub type Measure =
    Box<dyn Fn(&[(Hermitian, Tridiagonal)], u64) -> Result<Vec<f64>, ReplicateError> + Send + Sync>;

impl Replicate {
    /// [`Replicate::Alone`].
    pub fn alone(
        replicate: impl Fn(&mut ChaCha8Rng, u64) -> Result<Vec<f64>, ReplicateError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self::Alone(Box::new(replicate))
    }

    /// [`Replicate::Reduced`] with one matrix a replicate.
    pub fn reduced(
        draw: impl Fn(&mut ChaCha8Rng) -> Result<Hermitian, ReplicateError> + Send + Sync + 'static,
        measure: impl Fn(&Hermitian, &Tridiagonal, u64) -> Result<Vec<f64>, ReplicateError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self::Reduced {
            draw: Box::new(move |rng, _| Ok(vec![draw(rng)?])),
            measure: Box::new(move |drawn, index| {
                let [(w, t)] = drawn else {
                    unreachable!("one matrix is drawn")
                };
                measure(w, t, index)
            }),
        }
    }

    /// The values of some replicates, in order: each from its generator and its index, none from the others.
    pub fn values(&self, units: &mut [(ChaCha8Rng, u64)]) -> Vec<Result<Vec<f64>, ReplicateError>> {
        let units = units.iter_mut();
        let (draw, measure) = match self {
            Self::Alone(draw) => return units.map(|(rng, index)| draw(rng, *index)).collect(),
            Self::Reduced { draw, measure } => (draw, measure),
        };
        let drawn: Vec<_> = units.map(|(rng, i)| (draw(rng, *i), *i)).collect();
        let matrices = drawn.iter().flat_map(|(drawn, _)| drawn.iter().flatten());
        let matrices: Vec<&Hermitian> = matrices.collect();
        let mut forms = Tridiagonal::reduce_all(&matrices).into_iter();
        drawn
            .into_iter()
            .map(|(drawn, index)| {
                let pairs: Vec<_> = drawn?.into_iter().zip(&mut forms).collect();
                let pairs: Result<Vec<_>, _> =
                    pairs.into_iter().map(|(w, t)| Ok((w, t?))).collect();
                let pairs: Vec<(Hermitian, Tridiagonal)> =
                    pairs.map_err(|e: SpectrumError| ReplicateError::from(e))?;
                measure(&pairs, index)
            })
            .collect()
    }

    /// How many replicates at size N are worth evaluating at a time.
    #[must_use]
    pub fn group_size(&self, n: usize) -> usize {
        match self {
            Self::Alone(_) => 1,
            Self::Reduced { .. } => Tridiagonal::group_size(n),
        }
    }
}

impl fmt::Debug for Replicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Alone(_) => "Alone",
            Self::Reduced { .. } => "Reduced",
        })
    }
}
