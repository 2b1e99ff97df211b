//! The same bits for any number of threads and after any interruption.

use super::{few_digits, parameters};
use rmt_verify::network::mlp::Mlp;
use rmt_verify::network::training::{CheckpointError, Protocol, Training};

#[test]
fn order_of_images_is_a_new_permutation_each_epoch() {
    let data = few_digits(50, 4);
    let net = Mlp::<f32>::new(&[64, 4, 10], 0, 0).unwrap();
    let mut training = Training::new(net, Protocol::default(), 0, 0).unwrap();
    let first = training.order(50);
    training.epoch(&data, |_, _| {}).unwrap();
    let second = training.order(50);
    assert_ne!(first, second);
    for mut order in [first, second] {
        order.sort_unstable();
        assert!(order.into_iter().eq(0..50));
    }
}

fn trained_on(threads: usize) -> Vec<f64> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| {
        let data = few_digits(300, 50);
        let net = Mlp::<f32>::new(&[64, 300, 300, 10], 0, 0).unwrap();
        let mut training = Training::new(net, Protocol::default(), 0, 0).unwrap();
        for _ in 0..2 {
            training.epoch(&data, |_, _| {}).unwrap();
        }
        let mut bits = parameters(training.net());
        bits.push(training.history()[1].test_loss);
        bits.push(training.history()[1].training_loss);
        bits
    })
}

#[test]
fn one_two_and_three_threads_give_equal_bits() {
    let one = trained_on(1);
    assert_eq!(one, trained_on(2));
    assert_eq!(one, trained_on(3));
}

#[test]
fn interrupted_training_goes_on_with_equal_bits() {
    let data = few_digits(200, 50);
    let begin = |seed| {
        let net = Mlp::<f32>::new(&[64, 40, 40, 10], 0, 0).unwrap();
        Training::new(net.with_symmetric(1).unwrap(), Protocol::default(), seed, 0).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.safetensors");

    let mut whole = begin(0);
    for _ in 0..4 {
        whole.epoch(&data, |_, _| {}).unwrap();
    }
    let mut interrupted = begin(0);
    assert!(
        !interrupted.resume(&path, &data).unwrap(),
        "there is no file yet"
    );
    for _ in 0..2 {
        interrupted.epoch(&data, |_, _| {}).unwrap();
        interrupted.save(&path, &data).unwrap();
    }
    let mut resumed = begin(0);
    assert!(resumed.resume(&path, &data).unwrap());
    assert_eq!(resumed.epochs(), 2);
    for _ in 0..2 {
        resumed.epoch(&data, |_, _| {}).unwrap();
    }
    assert_eq!(whole.net(), resumed.net());
    assert_eq!(whole.history(), resumed.history());
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left behind"
    );

    // Another training does not go on from it, and a damaged file is not read.
    let other = begin(1).resume(&path, &data);
    assert!(matches!(
        other,
        Err(CheckpointError::Other { what: "seed", .. })
    ));
    let other = begin(0).resume(&path, &few_digits(199, 50));
    assert!(matches!(
        other,
        Err(CheckpointError::Other {
            what: "data set",
            ..
        })
    ));
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
    assert!(matches!(
        begin(0).resume(&path, &data),
        Err(CheckpointError::Tensors(_))
    ));
}
