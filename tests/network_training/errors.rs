//! Nets, protocols and data that cannot be.

use super::few_digits;
use rmt_verify::network::mlp::{Mlp, MlpError};
use rmt_verify::network::training::{Protocol, Training, TrainingError};

#[test]
fn impossible_nets_and_protocols_are_errors() {
    assert!(matches!(
        Mlp::<f32>::new(&[3], 0, 0),
        Err(MlpError::TooFewSizes { .. })
    ));
    assert!(matches!(
        Mlp::<f32>::new(&[3, 0, 2], 0, 0),
        Err(MlpError::SizeInvalid { .. })
    ));
    let huge = [usize::MAX / 2, usize::MAX / 2];
    assert!(matches!(
        Mlp::<f32>::new(&huge, 0, 0),
        Err(MlpError::SizeInvalid { .. })
    ));
    let net = Mlp::<f32>::new(&[4, 3, 10], 0, 0).unwrap();
    assert!(matches!(
        net.clone().with_symmetric(0),
        Err(MlpError::NotSquare {
            layer: 0,
            outputs: 3,
            inputs: 4
        })
    ));
    let with = |rate, momentum, batch| {
        Training::new(
            net.clone(),
            Protocol {
                rate,
                momentum,
                batch,
            },
            0,
            0,
        )
        .map(|_| ())
    };
    assert_eq!(
        with(0.0, 0.9, 1),
        Err(TrainingError::RateInvalid { rate: 0.0 })
    );
    assert_eq!(
        with(0.1, 1.0, 1),
        Err(TrainingError::MomentumInvalid { momentum: 1.0 })
    );
    assert_eq!(with(0.1, 0.9, 0), Err(TrainingError::BatchEmpty));
    let mut other_images = Training::new(net.clone(), Protocol::default(), 0, 0).unwrap();
    let error = other_images.epoch(&few_digits(10, 5), |_, _| {});
    assert!(matches!(
        error,
        Err(TrainingError::DataDiffer {
            inputs: 4,
            pixels: 64,
            ..
        })
    ));
}

#[test]
fn diverging_training_is_an_error_and_not_a_net() {
    let data = few_digits(200, 20);
    let net = Mlp::<f32>::new(&[64, 20, 20, 10], 0, 0).unwrap();
    let protocol = Protocol {
        rate: 1e6,
        ..Protocol::default()
    };
    let mut training = Training::new(net, protocol, 0, 0).unwrap();
    let outcome = (0..20).try_for_each(|_| training.epoch(&data, |_, _| {}).map(|_| ()));
    assert!(
        matches!(outcome, Err(TrainingError::Diverged { .. })),
        "{outcome:?}"
    );
}
