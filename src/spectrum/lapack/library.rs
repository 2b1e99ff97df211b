//! The only unsafe code of the crate: a shared library's symbols, called as LAPACK documents them.
//!
//! **Integers.** Some libraries take 32-bit integers, others 64-bit ones. Every integer that is
//! passed lies in 64 bits, sign extended, in little-endian order: a callee that reads 32 bits sees
//! the same number, and one that writes 32 bits writes the lower half of a zero. So no layout has to
//! be guessed, and arrays of integers are large enough for both.
//!
//! **Lengths.** Fortran compilers append the lengths of character arguments. They are passed; a
//! callee in C that does not expect them ignores trailing arguments, as the calling conventions of
//! x86-64 and AArch64 allow.
#![allow(unsafe_code)] // foreign functions cannot be called otherwise

use num_complex::Complex64;
use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};
use thiserror::Error;

const _: () = assert!(
    cfg!(target_endian = "little"),
    "integers are passed in a form that needs little-endian order"
);

/// Why a library cannot serve as LAPACK.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum LapackError {
    /// It, or a library that it needs, cannot be loaded.
    #[error("{} cannot be opened: {reason}", path.display())]
    NotOpened {
        /// The library.
        path: PathBuf,
        /// What the loader said.
        reason: String,
    },
    /// It does not export a routine under any of the usual names.
    #[error("{} has no routine {routine}", path.display())]
    Missing {
        /// The library.
        path: PathBuf,
        /// LAPACK's name of the routine.
        routine: &'static str,
    },
    /// It does not solve a problem with a known answer.
    #[error("{}: eigenvalues of a 3 × 3 matrix are off by {distance:e}", path.display())]
    WrongAnswer {
        /// The library.
        path: PathBuf,
        /// Largest distance from the known eigenvalues; ∞ if there were none.
        distance: f64,
    },
}

/// An integer of either width, see the module's documentation.
type Integer = i64;

/// Length of a character argument.
type Length = usize;

type Dsyevd = unsafe extern "C" fn(
    jobz: *const u8,
    uplo: *const u8,
    n: *const Integer,
    a: *mut f64,
    lda: *const Integer,
    w: *mut f64,
    work: *mut f64,
    lwork: *const Integer,
    iwork: *mut Integer,
    liwork: *const Integer,
    info: *mut Integer,
    Length,
    Length,
);

type Zheevd = unsafe extern "C" fn(
    jobz: *const u8,
    uplo: *const u8,
    n: *const Integer,
    a: *mut Complex64,
    lda: *const Integer,
    w: *mut f64,
    work: *mut Complex64,
    lwork: *const Integer,
    rwork: *mut f64,
    lrwork: *const Integer,
    iwork: *mut Integer,
    liwork: *const Integer,
    info: *mut Integer,
    Length,
    Length,
);

type Dsterf = unsafe extern "C" fn(n: *const Integer, d: *mut f64, e: *mut f64, info: *mut Integer);

/// What a driver computes, and by which reduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Job {
    vectors: bool,
    two_stage: bool,
}

impl Job {
    pub const VECTORS: Self = Self {
        vectors: true,
        two_stage: false,
    };

    pub fn values(two_stage: bool) -> Self {
        Self {
            vectors: false,
            two_stage,
        }
    }

    fn letter(self) -> u8 {
        if self.vectors { b'V' } else { b'N' }
    }
}

/// INFO ≠ 0 of an iteration that did not converge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed(pub i32);

/// The routines of one library.
#[derive(Debug)]
pub(super) struct Library {
    dsyevd: Dsyevd,
    zheevd: Zheevd,
    dsterf: Dsterf,
    two_stages: Option<(Dsyevd, Zheevd)>,
    pub name: String,
    pub name_of_two_stages: String,
    pub core: Option<String>,
}

impl Library {
    pub fn open(path: &Path) -> Result<Self, LapackError> {
        let symbols = Symbols(load(path).map_err(|error| LapackError::NotOpened {
            path: path.into(),
            reason: error.to_string(),
        })?);
        symbols.use_one_thread();
        let missing = |routine| LapackError::Missing {
            path: path.into(),
            routine,
        };
        // SAFETY: the types are those of LAPACK's routines of these names.
        let (dsyevd, zheevd, dsterf, two_dsyevd, two_zheevd) = unsafe {
            (
                symbols.fortran::<Dsyevd>("dsyevd"),
                symbols.fortran::<Zheevd>("zheevd"),
                symbols.fortran::<Dsterf>("dsterf"),
                symbols.fortran::<Dsyevd>("dsyevd_2stage"),
                symbols.fortran::<Zheevd>("zheevd_2stage"),
            )
        };
        let name = symbols.name(path);
        let library = Self {
            dsyevd: dsyevd.ok_or_else(|| missing("dsyevd"))?,
            zheevd: zheevd.ok_or_else(|| missing("zheevd"))?,
            dsterf: dsterf.ok_or_else(|| missing("dsterf"))?,
            two_stages: two_dsyevd.zip(two_zheevd),
            name_of_two_stages: format!("{name} 2-stage"),
            name,
            core: symbols.text("openblas_get_corename"),
        };
        // The routines stay mapped for as long as `library` may call them: for ever.
        std::mem::forget(symbols);
        Ok(library)
    }

    pub fn has_two_stages(&self) -> bool {
        self.two_stages.is_some()
    }

    /// Eigenvalues, ascending, of the symmetric matrix whose lower triangle is that of the N × N
    /// columns `a`; eigenvectors, if asked for, in place of `a`.
    pub fn dsyevd(&self, job: Job, n: usize, a: &mut [f64]) -> Result<Vec<f64>, Failed> {
        let size = order(n, a.len());
        let routine = match self.two_stages {
            Some((two, _)) if job.two_stage => two,
            _ => self.dsyevd,
        };
        let mut values = vec![0.0; n];
        let mut call = |work: &mut [f64], lwork: Integer, iwork: &mut [Integer], liwork| {
            let mut info: Integer = 0;
            // SAFETY: `a` has n² and `values` n entries; `work` and `iwork` have the lengths passed
            // with them, or one entry each, which is all that a query (−1) writes.
            unsafe {
                routine(
                    &job.letter(),
                    &b'L',
                    &size,
                    a.as_mut_ptr(),
                    &size,
                    values.as_mut_ptr(),
                    work.as_mut_ptr(),
                    &lwork,
                    iwork.as_mut_ptr(),
                    &liwork,
                    &mut info,
                    1,
                    1,
                );
            }
            outcome(info)
        };
        let (mut lwork, mut liwork) = ([0.0], [0]);
        call(&mut lwork, QUERY, &mut liwork, QUERY)?;
        let mut work = vec![0.0; length(lwork[0])];
        let mut iwork = vec![0; liwork[0].max(1) as usize];
        let (lwork, liwork) = (work.len() as Integer, iwork.len() as Integer);
        call(&mut work, lwork, &mut iwork, liwork)?;
        Ok(values)
    }

    /// As [`dsyevd`](Self::dsyevd), Hermitian.
    pub fn zheevd(&self, job: Job, n: usize, a: &mut [Complex64]) -> Result<Vec<f64>, Failed> {
        let size = order(n, a.len());
        let routine = match self.two_stages {
            Some((_, two)) if job.two_stage => two,
            _ => self.zheevd,
        };
        let mut values = vec![0.0; n];
        let mut call = |work: &mut [Complex64],
                        rwork: &mut [f64],
                        iwork: &mut [Integer],
                        lengths: [Integer; 3]| {
            let mut info: Integer = 0;
            // SAFETY: as for `dsyevd`; `lengths` are those of the three arrays, or −1 for a query.
            unsafe {
                routine(
                    &job.letter(),
                    &b'L',
                    &size,
                    a.as_mut_ptr(),
                    &size,
                    values.as_mut_ptr(),
                    work.as_mut_ptr(),
                    &lengths[0],
                    rwork.as_mut_ptr(),
                    &lengths[1],
                    iwork.as_mut_ptr(),
                    &lengths[2],
                    &mut info,
                    1,
                    1,
                );
            }
            outcome(info)
        };
        let (mut work, mut rwork, mut iwork) = ([Complex64::ZERO], [0.0], [0]);
        call(&mut work, &mut rwork, &mut iwork, [QUERY; 3])?;
        let mut work = vec![Complex64::ZERO; length(work[0].re)];
        let mut rwork = vec![0.0; length(rwork[0])];
        let mut iwork = vec![0; iwork[0].max(1) as usize];
        let lengths = [work.len(), rwork.len(), iwork.len()].map(|length| length as Integer);
        call(&mut work, &mut rwork, &mut iwork, lengths)?;
        Ok(values)
    }

    /// Eigenvalues of a tridiagonal matrix, ascending, in place of its diagonal.
    pub fn dsterf(&self, diagonal: &mut [f64], off_diagonal: &mut [f64]) -> Result<(), Failed> {
        let n = diagonal.len();
        assert_eq!(off_diagonal.len() + 1, n, "entries off the diagonal");
        let size = order(n, n * n);
        let mut info: Integer = 0;
        // SAFETY: `diagonal` has n entries, `off_diagonal` n − 1.
        unsafe {
            (self.dsterf)(
                &size,
                diagonal.as_mut_ptr(),
                off_diagonal.as_mut_ptr(),
                &mut info,
            );
        }
        outcome(info)
    }
}

/// A workspace length that asks for the best one.
const QUERY: Integer = -1;

/// N, once the lengths of the arrays are known to fit it.
fn order(n: usize, entries: usize) -> Integer {
    assert!(
        (1..=32_766).contains(&n),
        "N = {n}: LAPACK takes 1 to 32766"
    );
    assert_eq!(entries, n * n, "entries of an N × N matrix, N = {n}");
    n as Integer
}

/// A workspace length from the answer to a query.
fn length(answer: f64) -> usize {
    (answer as usize).max(1)
}

fn outcome(info: Integer) -> Result<(), Failed> {
    // Only the lower half has been written by a library with 32-bit integers.
    match info as i32 {
        0 => Ok(()),
        argument @ ..0 => panic!("LAPACK calls argument {} illegal", -argument),
        info => Err(Failed(info)),
    }
}

fn load(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: runs the initialisers of a library that the caller trusts.
    #[cfg(unix)]
    unsafe {
        use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
        // RTLD_DEEPBIND of glibc: symbols of the library itself before those of others, so that one
        // peer's LAPACK does not call another's BLAS.
        let deep = if cfg!(all(target_os = "linux", target_env = "gnu")) {
            8
        } else {
            0
        };
        Library::open(Some(path), RTLD_NOW | RTLD_LOCAL | deep).map(Into::into)
    }
    // SAFETY: as above.
    #[cfg(not(unix))]
    unsafe {
        libloading::Library::new(path)
    }
}

/// An open library by the names of what it exports.
struct Symbols(libloading::Library);

impl Symbols {
    /// The symbol as a `T`.
    ///
    /// # Safety
    /// `T` is a pointer to a function of the type that the library gives to the symbol.
    unsafe fn get<T: Copy>(&self, symbol: &str) -> Option<T> {
        // SAFETY: promised by the caller.
        unsafe { self.0.get::<T>(symbol.as_bytes()) }
            .ok()
            .map(|symbol| *symbol)
    }

    /// A LAPACK routine under the names that Debian and Intel, the reference LAPACK with 64-bit
    /// integers, and SciPy's builds of OpenBLAS give it.
    ///
    /// # Safety
    /// As for [`get`](Self::get).
    unsafe fn fortran<T: Copy>(&self, routine: &str) -> Option<T> {
        ["", "scipy_"]
            .into_iter()
            .flat_map(|prefix| ["_", "_64_"].map(|suffix| format!("{prefix}{routine}{suffix}")))
            // SAFETY: promised by the caller.
            .find_map(|symbol| unsafe { self.get(&symbol) })
    }

    /// An OpenBLAS function under the names that Debian's and SciPy's builds give it.
    ///
    /// # Safety
    /// As for [`get`](Self::get).
    unsafe fn openblas<T: Copy>(&self, function: &str) -> Option<T> {
        [
            function.to_owned(),
            format!("scipy_{function}"),
            format!("scipy_{function}64_"),
        ]
        .iter()
        // SAFETY: promised by the caller.
        .find_map(|symbol| unsafe { self.get(symbol) })
    }

    /// What an OpenBLAS function without arguments says.
    fn text(&self, function: &str) -> Option<String> {
        // SAFETY: OpenBLAS declares `char *openblas_get_…(void)`, whose text lives as long as the
        // library.
        unsafe {
            let text = self.openblas::<unsafe extern "C" fn() -> *const c_char>(function)?();
            (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned())
        }
    }

    fn use_one_thread(&self) {
        type Set = unsafe extern "C" fn(c_int);
        type Choose = unsafe extern "C" fn(c_int) -> c_int;
        /// MKL_THREADING_SEQUENTIAL of mkl.h.
        const SEQUENTIAL: c_int = 1;
        // SAFETY: declared so in openblas_config.h and mkl.h. The layer is chosen before anything
        // else of MKL is called, as its manual asks.
        unsafe {
            if let Some(choose) = self.get::<Choose>("MKL_Set_Threading_Layer") {
                choose(SEQUENTIAL);
            }
            if let Some(set) = self.get::<Set>("MKL_Set_Num_Threads") {
                set(1);
            }
            if let Some(set) = self.openblas::<Set>("openblas_set_num_threads") {
                set(1);
            }
        }
    }

    /// Such as `OpenBLAS 0.3.21` or `MKL 2026.2`; else the name of the file.
    fn name(&self, path: &Path) -> String {
        type Version = unsafe extern "C" fn(*mut c_char, c_int);
        if let Some(config) = self.text("openblas_get_config") {
            // "OpenBLAS 0.3.31.188.0 …": the fourth number on is that of a build.
            let version = config.split_whitespace().nth(1).unwrap_or_default();
            let numbers: Vec<&str> = version.split('.').take(3).collect();
            return format!("OpenBLAS {}", numbers.join("."));
        }
        // SAFETY: declared so in mkl.h; it writes at most the length passed.
        let intel = unsafe { self.get::<Version>("MKL_Get_Version_String") }.map(|version| {
            let mut text = [0u8; 256];
            unsafe { version(text.as_mut_ptr().cast(), text.len() as c_int - 1) };
            let text = String::from_utf8_lossy(&text).into_owned();
            // "Intel(R) oneAPI Math Kernel Library Version 2026.2-Product Build …"
            let after = text.split("Version ").nth(1).unwrap_or_default();
            let number = after.split(['-', ' ']).next().unwrap_or_default();
            format!("MKL {number}")
        });
        intel.unwrap_or_else(|| {
            let stem = path.file_stem().unwrap_or(path.as_os_str());
            stem.to_string_lossy().into_owned()
        })
    }
}
