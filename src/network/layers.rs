//! Every matrix of a weight file, one at a time: its singular values and what the bulk fit says of
//! them.

use super::bulk::{Analyser, Analysis, BulkError, Options, SingularValues};
use super::weights::{Dtype, Format, Tensor, Weights, WeightsError};
use faer::MatRef;
use serde::Serialize;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{Read, Seek};

/// One tensor of a file, analysed, or the reason why not.
#[derive(Debug, Clone, Serialize)]
pub struct Layer {
    /// Its name in the file.
    pub name: String,
    /// Its shape there.
    pub shape: Vec<usize>,
    /// Its type there.
    pub dtype: Dtype,
    /// What was found; `None` when there is a reason.
    pub analysis: Option<Analysis>,
    /// Why nothing was; `None` when there is an analysis.
    pub reason: Option<Reason>,
    /// What was analysed, for pictures.
    #[serde(skip)]
    pub values: Option<SingularValues>,
}

/// Why a tensor was not analysed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "says")]
pub enum Reason {
    /// It is no matrix of floating-point numbers.
    Skipped(String),
    /// It is one, and its numbers cannot be used.
    Failed(String),
}

/// All layers of a file.
#[derive(Debug, Clone, Serialize)]
pub struct Survey {
    /// The container.
    pub format: Format,
    /// How they were analysed.
    pub options: Options,
    /// In the order of the file.
    pub layers: Vec<Layer>,
}

impl Survey {
    /// Analyses the tensors at these positions; `each` hears of every one before its turn.
    ///
    /// One tensor is in memory at a time. A tensor that cannot be analysed is a layer with a
    /// reason, not an error.
    pub fn of<R: Read + Seek>(
        weights: &mut Weights<R>,
        positions: &[usize],
        options: &Options,
        mut each: impl FnMut(usize, &Tensor),
    ) -> Self {
        let mut analysers = Analysers::new(*options);
        let mut layers = Vec::with_capacity(positions.len());
        for (done, position) in positions.iter().enumerate() {
            each(done, &weights.tensors()[*position]);
            layers.push(layer(weights, *position, &mut analysers));
        }
        Self {
            format: weights.format(),
            options: *options,
            layers,
        }
    }
}

/// Simulations of noise, one for every shape that has occurred: nets repeat theirs.
pub(super) struct Analysers {
    options: Options,
    by_shape: HashMap<(usize, usize), Analyser>,
}

impl Analysers {
    pub fn new(options: Options) -> Self {
        Self {
            options,
            by_shape: HashMap::new(),
        }
    }

    pub fn analyse(&mut self, spectrum: &SingularValues) -> Result<Analysis, BulkError> {
        let (rows, columns) = (spectrum.rows(), spectrum.columns());
        let analyser = match self.by_shape.entry((rows, columns)) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(Analyser::new(rows, columns, &self.options)?),
        };
        analyser.analyse(spectrum)
    }
}

fn layer<R: Read + Seek>(
    weights: &mut Weights<R>,
    position: usize,
    analysers: &mut Analysers,
) -> Layer {
    let tensor = weights.tensors()[position].clone();
    let mut layer = Layer {
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        dtype: tensor.dtype.clone(),
        analysis: None,
        reason: None,
        values: None,
    };
    match tensor.matrix_shape() {
        Err(skip) => layer.reason = Some(Reason::Skipped(skip.to_string())),
        Ok(shape) => match spectrum(weights, position, shape) {
            Err(reason) => layer.reason = Some(Reason::Failed(reason)),
            Ok(values) => match analysers.analyse(&values) {
                Err(error) => layer.reason = Some(Reason::Failed(error.to_string())),
                Ok(analysis) => {
                    layer.analysis = Some(analysis);
                    layer.values = Some(values);
                }
            },
        },
    }
    layer
}

/// The singular values; the numbers of the tensor are given up on return.
fn spectrum<R: Read + Seek>(
    weights: &mut Weights<R>,
    position: usize,
    (rows, columns): (usize, usize),
) -> Result<SingularValues, String> {
    let says = |error: WeightsError| error.to_string();
    let entries = weights.load(position).map_err(says)?;
    let w = MatRef::from_row_major_slice(&entries, rows, columns);
    SingularValues::of(w).map_err(|error| error.to_string())
}
