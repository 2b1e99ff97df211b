//! LAPACK from a shared library that is opened at run time (feature `lapack`): the peers of the
//! solver survey.
//!
//! Nothing is linked: [`Lapack::open`] takes the path of a library that exports LAPACK's Fortran
//! symbols, such as Debian's `libopenblas.so.0`, the OpenBLAS inside NumPy's wheel, or Intel's
//! `libmkl_rt.so.3`. Several may be open at once; each keeps to its own symbols.

mod library;

pub use library::LapackError;

use super::solver::{Eigen, Eigendecomposition, Eigensolver, Eigenvectors};
use super::{Hermitian, Spectrum, SpectrumError, Tridiagonal};
use library::{Job, Library};
use nalgebra::DMatrix;
use num_complex::Complex64;
use std::path::Path;

/// LAPACK's divide and conquer drivers `dsyevd` and `zheevd`, and `dsterf`, of one library, on one
/// thread. Reads the lower triangle.
///
/// For values only the drivers reduce to tridiagonal form and run the root-free QL/QR iteration
/// `dsterf`; divide and conquer starts with vectors.
///
/// Intel's library chooses its path by where the matrix lies in memory, so its last bits may differ
/// from call to call, unlike those of every other [`Eigensolver`]: a peer to measure by, not a solver
/// for claims.
///
/// # Domain   N ≤ 32766, above which LAPACK's 32-bit workspace sizes overflow; panics otherwise
/// # Examples
/// ```no_run
/// use rmt_verify::spectrum::{Eigensolver, Lapack};
/// let lapack = Lapack::open("/usr/lib/x86_64-linux-gnu/libopenblas.so.0")?;
/// println!("{} on {:?}", lapack.name(), lapack.core());
/// # Ok::<(), rmt_verify::spectrum::LapackError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Lapack {
    library: &'static Library,
    two_stage: bool,
}

impl Lapack {
    /// Opens a library, puts it on one thread, and lets it solve a problem of size three with a known
    /// answer.
    ///
    /// Opening a library runs its code, so `path` is trusted as a library that is linked is trusted.
    /// It stays loaded until the process ends.
    ///
    /// # Errors
    /// [`LapackError`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LapackError> {
        let library = Library::open(path.as_ref())?;
        let lapack = Self {
            // Such libraries keep threads and exit handlers, so none is ever closed.
            library: Box::leak(Box::new(library)),
            two_stage: false,
        };
        lapack.check_known_answers(path.as_ref())?;
        Ok(lapack)
    }

    /// The same library with the drivers `dsyevd_2stage` and `zheevd_2stage`, which reduce to a band
    /// first; `None` if it has none. They have no vectors: [`eigen`](Eigendecomposition::eigen) stays with
    /// one stage.
    #[must_use]
    pub fn two_stage(self) -> Option<Self> {
        self.library.has_two_stages().then_some(Self {
            two_stage: true,
            ..self
        })
    }

    /// The processor that OpenBLAS took this one for, `None` for other libraries.
    ///
    /// A wrong guess costs a factor; the environment variable `OPENBLAS_CORETYPE`, read when the
    /// library is opened, overrules it.
    #[must_use]
    pub fn core(&self) -> Option<&'static str> {
        self.library.core.as_deref()
    }

    /// `dsyevd` and nothing else: the eigenvalues of the symmetric matrix with the lower triangle of
    /// `w`, ascending as LAPACK leaves them. Destroys `w`.
    ///
    /// For timing the library without what [`eigenvalues`](Eigensolver::eigenvalues) adds, the checks
    /// and the copy.
    ///
    /// # Domain   square; panics otherwise
    ///
    /// # Errors
    /// [`SpectrumError::NoConvergence`].
    pub fn dsyevd(&self, w: &mut DMatrix<f64>) -> Result<Vec<f64>, SpectrumError> {
        assert!(w.is_square(), "an eigenvalue problem");
        let n = w.nrows();
        let driver = Job::values(self.two_stage);
        let values = self.library.dsyevd(driver, n, w.as_mut_slice());
        values.map_err(|_| self.failed(n))
    }

    /// `dsterf`: the eigenvalues of T, ascending as LAPACK leaves them. Destroys `t`.
    ///
    /// # Domain   N − 1 entries off the diagonal; panics otherwise
    ///
    /// # Errors
    /// [`SpectrumError::NoConvergence`].
    pub fn dsterf(&self, mut t: Tridiagonal) -> Result<Vec<f64>, SpectrumError> {
        let n = t.n();
        match self.library.dsterf(&mut t.diagonal, &mut t.off_diagonal) {
            Ok(()) => Ok(t.diagonal),
            Err(_) => Err(self.failed(n)),
        }
    }

    fn failed(&self, n: usize) -> SpectrumError {
        SpectrumError::NoConvergence {
            solver: self.name(),
            n,
        }
    }

    /// 2 on the diagonal and −1 beside it has the eigenvalues 2 − √2, 2, 2 + √2; by every route of
    /// the library, so that a symbol with another meaning is found before it is trusted.
    fn check_known_answers(self, path: &Path) -> Result<(), LapackError> {
        let real = DMatrix::from_fn(3, 3, |i, j| match i.abs_diff(j) {
            0 => 2.0,
            1 => -1.0,
            _ => 0.0,
        });
        // The same up to the unitary similarity diag(1, i, −1).
        let complex = DMatrix::from_fn(3, 3, |i, j| {
            Complex64::i().powi(i as i32) * real[(i, j)] * Complex64::i().powi(-(j as i32))
        });
        let t = Tridiagonal {
            diagonal: vec![2.0; 3],
            off_diagonal: vec![1.0; 2],
        };
        let real = Hermitian::Real(real);
        let complex = Hermitian::Complex(complex);
        let mut routes = vec![
            self.eigenvalues(&real),
            self.eigenvalues(&complex),
            self.dsterf(t).and_then(Spectrum::from_unsorted),
            self.eigen(&real).map(|e| e.spectrum),
            self.eigen(&complex).map(|e| e.spectrum),
        ];
        if let Some(two) = self.two_stage() {
            routes.push(two.eigenvalues(&real));
            routes.push(two.eigenvalues(&complex));
        }
        let root = 2f64.sqrt();
        let known = Spectrum::new(vec![2.0 + root, 2.0, 2.0 - root]).expect("descending");
        for route in routes {
            let distance = route.map_or(f64::INFINITY, |found| known.distance(&found));
            // Backward stable routes are within a few ulp of ‖T‖ < 4.
            if distance.is_nan() || distance > 1e-13 {
                return Err(LapackError::WrongAnswer {
                    path: path.into(),
                    distance,
                });
            }
        }
        Ok(())
    }
}

impl Eigensolver for Lapack {
    /// Such as `OpenBLAS 0.3.21` or `MKL 2026.2 2-stage`.
    fn name(&self) -> &'static str {
        if self.two_stage {
            &self.library.name_of_two_stages
        } else {
            &self.library.name
        }
    }

    fn eigenvalues(&self, w: &Hermitian) -> Result<Spectrum, SpectrumError> {
        w.check()?;
        let values = match w {
            Hermitian::Real(m) => self.dsyevd(&mut m.clone())?,
            Hermitian::Complex(m) => {
                let mut a = m.as_slice().to_vec();
                let driver = Job::values(self.two_stage);
                let values = self.library.zheevd(driver, w.n(), &mut a);
                values.map_err(|_| self.failed(w.n()))?
            }
        };
        Spectrum::from_unsorted(values)
    }
}

impl Eigendecomposition for Lapack {
    fn eigen(&self, w: &Hermitian) -> Result<Eigen, SpectrumError> {
        w.check()?;
        let n = w.n();
        let failed = |_| self.failed(n);
        let (mut values, vectors) = match w {
            Hermitian::Real(m) => {
                let mut v = m.clone();
                let values = self.library.dsyevd(Job::VECTORS, n, v.as_mut_slice());
                (values.map_err(failed)?, Eigenvectors::Real(reversed(&v)))
            }
            Hermitian::Complex(m) => {
                let mut v = m.clone();
                let values = self.library.zheevd(Job::VECTORS, n, v.as_mut_slice());
                (values.map_err(failed)?, Eigenvectors::Complex(reversed(&v)))
            }
        };
        // Ascending from LAPACK.
        values.reverse();
        let spectrum = Spectrum::new(values)?;
        Ok(Eigen { spectrum, vectors })
    }
}

/// The columns from last to first.
fn reversed<T: nalgebra::Scalar>(v: &DMatrix<T>) -> DMatrix<T> {
    let n = v.ncols();
    DMatrix::from_fn(n, n, |i, j| v[(i, n - 1 - j)].clone())
}
