//! Kernels of deep networks.

use super::activation;
use crate::equivalent::EquivalentError;
use crate::equivalent::kernel::{DeepKernel, LinearEquivalent};
use crate::predict::PredictError;
use serde::Serialize;

/// What is asked about the kernels of an infinitely wide network.
#[derive(Debug, Clone, PartialEq)]
pub struct DeepKernelQuery {
    /// Name of the activation of every layer.
    pub activation: String,
    /// L ≥ 1.
    pub layers: usize,
    /// τ₀, the limit of |x|.
    pub scale: f64,
}

/// The answer to a [`DeepKernelQuery`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeepKernelLimits {
    /// Name of the activation.
    pub activation: String,
    /// L.
    pub layers: usize,
    /// τ₀.
    pub scale: f64,
    /// Conjugate kernel: one entry a depth.
    pub conjugate: Vec<LayerEquivalent>,
    /// Neural tangent kernel: one entry a depth.
    pub tangent: Vec<LayerEquivalent>,
}

/// Coefficients of [`LinearEquivalent`] at one depth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LayerEquivalent {
    /// l.
    pub depth: usize,
    /// Weight of XᵀX.
    pub gram: f64,
    /// Weight of the fluctuations of |x|².
    pub norm: f64,
    /// Weight of T/p.
    pub cross: f64,
    /// Weight of I.
    pub identity: f64,
    /// Limit of the diagonal of the kernel.
    pub diagonal: f64,
}

impl DeepKernelQuery {
    /// The coefficients.
    ///
    /// # Errors   an unknown activation, L = 0, τ₀ out of range
    pub fn answer(&self) -> Result<DeepKernelLimits, PredictError> {
        let activation = activation(&self.activation)?;
        let depths = 1..=self.layers.max(1);
        let kernels = depths.map(|depth| {
            let layers = vec![activation; if self.layers == 0 { 0 } else { depth }];
            DeepKernel::new(self.scale, &layers)
        });
        let kernels: Vec<DeepKernel> = kernels.collect::<Result<_, EquivalentError>>()?;
        let rows = |of: &dyn Fn(&DeepKernel) -> LinearEquivalent| {
            let row = |(index, kernel): (usize, &DeepKernel)| {
                let e = of(kernel);
                LayerEquivalent {
                    depth: index + 1,
                    gram: e.gram,
                    norm: e.norm,
                    cross: e.cross,
                    identity: e.identity(),
                    diagonal: e.diagonal,
                }
            };
            kernels.iter().enumerate().map(row).collect()
        };
        Ok(DeepKernelLimits {
            activation: self.activation.clone(),
            layers: self.layers,
            scale: self.scale,
            conjugate: rows(&DeepKernel::conjugate),
            tangent: rows(&DeepKernel::tangent),
        })
    }
}
