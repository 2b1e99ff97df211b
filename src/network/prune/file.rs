//! Pruning the tensors of a weight file.

use super::{LowRank, PruneError, factored, hard, shrink};
use crate::network::bulk::{Analysis, BulkError, Options, Shape, SingularValues};
use crate::network::layers::Analysers;
use crate::network::weights::{Dtype, Rewrite, Skip, Tensor, Weights, WeightsError, write_npy};
use faer::{Mat, MatRef};
use serde::Serialize;
use std::io::{Read, Seek, Write};
use thiserror::Error;

/// What becomes of the singular values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Method {
    /// Those up to `factor` times the edge become 0: [`hard`].
    Hard {
        /// 1 for the edge itself.
        factor: f64,
    },
    /// All are lowered to their best value: [`shrink`].
    Shrink,
}

/// How a file is pruned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pruner {
    /// What becomes of the singular values.
    pub method: Method,
    /// Two factors are stored where that takes fewer numbers.
    pub factored: bool,
    /// How the bulk is fitted.
    pub options: Options,
}

/// What happened to one tensor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrunedTensor {
    /// Its name in the file that was read.
    pub name: String,
    /// Its shape there.
    pub shape: Vec<usize>,
    /// Its type.
    pub dtype: Dtype,
    /// What was found; `None` when it is no matrix or could not be analysed.
    pub analysis: Option<Analysis>,
    /// What was done.
    pub fate: Fate,
}

/// What was done with a tensor.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Fate {
    /// It stands in the new file as it was.
    Kept {
        /// Why.
        reason: String,
    },
    /// It was reduced.
    Pruned {
        /// Singular values that are left.
        rank: usize,
        /// ‖Ŝ‖²_F/‖W‖²_F.
        energy: f64,
        /// Numbers stored for it now.
        parameters: usize,
        /// They are those of two factors.
        factored: bool,
    },
}

/// What happened to all of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrunedFile {
    /// In the order of the file.
    pub tensors: Vec<PrunedTensor>,
    /// Tensors that the format written cannot hold.
    pub left_out: Vec<String>,
}

/// Why one tensor is kept.
#[derive(Debug, Error)]
enum Failure {
    #[error("{0}")]
    NoMatrix(Skip),
    #[error("no bulk")]
    NoBulk,
    #[error("nothing would be left")]
    NothingLeft,
    #[error("the edge means nothing")]
    NoFit,
    #[error("the bulk holds signal too")]
    Dilated,
    #[error(transparent)]
    Weights(#[from] WeightsError),
    #[error(transparent)]
    Bulk(#[from] BulkError),
    #[error(transparent)]
    Prune(#[from] PruneError),
}

impl Pruner {
    /// Prunes a file and writes it as safetensors; `each` hears of every tensor before its turn.
    ///
    /// `chosen` tensors are pruned whenever a bulk can be fitted. Without a choice those are pruned on which the
    /// verdict is bulk plus spikes: on all others the edge means nothing, or nothing would be left.
    ///
    /// # Errors
    /// When the file cannot be written, or would hold two tensors of one name. A tensor that cannot
    /// be pruned is kept, with the reason.
    pub fn write_safetensors<R: Read + Seek>(
        &self,
        weights: &mut Weights<R>,
        chosen: Option<&[usize]>,
        out: impl Write,
        mut each: impl FnMut(usize, &Tensor),
    ) -> Result<PrunedFile, WeightsError> {
        let mut rewrite = Rewrite::new()?;
        let mut analysers = Analysers::new(self.options);
        let mut tensors = Vec::new();
        for position in 0..weights.tensors().len() {
            let tensor = weights.tensors()[position].clone();
            if chosen.is_some_and(|chosen| !chosen.contains(&position)) {
                continue;
            }
            each(position, &tensor);
            let (report, kept) = self.reduce(weights, position, chosen.is_some(), &mut analysers);
            if let Some(matrix) = kept {
                store(&mut rewrite, position, &tensor, &matrix, &report.fate)?;
            }
            tensors.push(report);
        }
        let left_out = rewrite.write_safetensors(weights, out)?;
        Ok(PrunedFile { tensors, left_out })
    }

    /// Prunes one tensor and writes it as npy.
    ///
    /// # Errors
    /// When it cannot be written, or its type is bf16, which npy lacks.
    pub fn write_npy<R: Read + Seek>(
        &self,
        weights: &mut Weights<R>,
        position: usize,
        out: impl Write,
    ) -> Result<PrunedFile, WeightsError> {
        let whole = Self {
            factored: false,
            ..*self
        };
        let tensor = weights.tensors()[position].clone();
        let (report, kept) =
            whole.reduce(weights, position, true, &mut Analysers::new(self.options));
        let values = match kept {
            Some(matrix) => row_major(&matrix.matrix()),
            None => weights.load(position)?,
        };
        write_npy(out, &tensor.dtype, &tensor.shape, &values)?;
        Ok(PrunedFile {
            tensors: vec![report],
            left_out: Vec::new(),
        })
    }

    /// The report on a tensor, and what is left of it if it was pruned.
    fn reduce<R: Read + Seek>(
        &self,
        weights: &mut Weights<R>,
        position: usize,
        insist: bool,
        analysers: &mut Analysers,
    ) -> (PrunedTensor, Option<LowRank>) {
        let tensor = weights.tensors()[position].clone();
        let mut report = PrunedTensor {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
            dtype: tensor.dtype.clone(),
            analysis: None,
            fate: Fate::Kept {
                reason: String::new(),
            },
        };
        match self.try_reduce(weights, position, insist, analysers, &mut report.analysis) {
            Ok(matrix) => {
                let two = self.factored && factored(&matrix).is_some();
                report.fate = Fate::Pruned {
                    rank: matrix.rank(),
                    energy: matrix.energy_kept(),
                    parameters: if two {
                        matrix.factored_parameters()
                    } else {
                        tensor.count()
                    },
                    factored: two,
                };
                (report, Some(matrix))
            }
            Err(failure) => {
                report.fate = Fate::Kept {
                    reason: failure.to_string(),
                };
                (report, None)
            }
        }
    }

    fn try_reduce<R: Read + Seek>(
        &self,
        weights: &mut Weights<R>,
        position: usize,
        insist: bool,
        analysers: &mut Analysers,
        analysis: &mut Option<Analysis>,
    ) -> Result<LowRank, Failure> {
        let shape = weights.tensors()[position].matrix_shape();
        let (rows, columns) = shape.map_err(Failure::NoMatrix)?;
        let entries = weights.load(position)?;
        let w = MatRef::from_row_major_slice(&entries, rows, columns);
        let found = analysis.insert(analysers.analyse(&SingularValues::of(w)?)?);
        let bulk = found.bulk().ok_or(Failure::NoBulk)?;
        match found.shape {
            Shape::BulkPlusSpikes => {}
            _ if insist => {}
            Shape::RandomLike => return Err(Failure::NothingLeft),
            Shape::DilatedBulk => return Err(Failure::Dilated),
            _ => return Err(Failure::NoFit),
        }
        Ok(match self.method {
            Method::Hard { factor } => hard(w, factor * bulk.edge().value)?,
            Method::Shrink => shrink(w, bulk.sigma().value)?,
        })
    }
}

/// NAME, or NAME.left of out × k and NAME.right of k × what was beside out.
fn store(
    rewrite: &mut Rewrite,
    position: usize,
    tensor: &Tensor,
    matrix: &LowRank,
    fate: &Fate,
) -> Result<(), WeightsError> {
    let factors = match fate {
        Fate::Pruned { factored: true, .. } => factored(matrix),
        _ => None,
    };
    let Some((left, right)) = factors else {
        let values = row_major(&matrix.matrix());
        return rewrite.put(
            position,
            &tensor.name,
            &tensor.dtype,
            &tensor.shape,
            &values,
        );
    };
    let mut put = |side: &str, shape: &[usize], factor: &Mat<f64>| {
        let name = format!("{}.{side}", tensor.name);
        rewrite.put(position, &name, &tensor.dtype, shape, &row_major(factor))
    };
    let mut right_shape = tensor.shape.clone();
    right_shape[0] = matrix.rank();
    put("left", &[tensor.shape[0], matrix.rank()], &left)?;
    put("right", &right_shape, &right)
}

fn row_major(matrix: &Mat<f64>) -> Vec<f64> {
    let mut values = Vec::with_capacity(matrix.nrows() * matrix.ncols());
    for row in 0..matrix.nrows() {
        values.extend(matrix.row(row).iter());
    }
    values
}
