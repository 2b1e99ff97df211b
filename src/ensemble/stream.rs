//! Random streams: one generator per replicate, derived from what the replicate is for.

use super::keystream::Keystream;
use rand_chacha::rand_core::{Rng, SeedableRng};
use rand_chacha::{ChaCha8Rng, ChaCha20Rng};

/// What a stream of random numbers is for.
///
/// Two keys that differ in any field give unrelated streams; equal keys give the same stream.
/// Seeds are derived, never chosen: the only free number is the epoch.
///
/// # Examples
/// ```
/// use rmt_verify::ensemble::{StreamKey, standard_normal};
/// let key = StreamKey {
///     epoch: 0,
///     claim: "abk/proposition-3.1".into(),
///     law: "goe".into(),
///     n: 64,
///     signal: "zero".into(),
/// };
/// let x = standard_normal(&mut key.generator(7));
/// assert_eq!(x, standard_normal(&mut key.generator(7)));
/// assert_ne!(x, standard_normal(&mut key.generator(8)));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StreamKey {
    /// Root of all seeds, from the command line.
    pub epoch: u64,
    /// Claim id.
    pub claim: String,
    /// Ensemble in words.
    pub law: String,
    /// Matrix size N.
    pub n: usize,
    /// Signal family in words.
    pub signal: String,
}

impl StreamKey {
    /// The 32-byte ChaCha key of this stream.
    ///
    /// k₀ = `START`, k_{i+1} = first 32 bytes of ChaCha20 under the key k_i ⊕ block_i, over the
    /// 32-byte blocks of the message
    /// `epoch ‖ |claim| ‖ claim ‖ |law| ‖ law ‖ n ‖ |signal| ‖ signal`, numbers as 8 bytes little
    /// endian, the last block filled up with zeros. Lengths stand before strings, so that
    /// different keys give different messages.
    ///
    /// `std::hash` is no alternative: its bits may change with the compiler.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        let mut message = self.epoch.to_le_bytes().to_vec();
        let string = |message: &mut Vec<u8>, s: &str| {
            message.extend((s.len() as u64).to_le_bytes());
            message.extend(s.as_bytes());
        };
        string(&mut message, &self.claim);
        string(&mut message, &self.law);
        message.extend((self.n as u64).to_le_bytes());
        string(&mut message, &self.signal);
        digest(&message)
    }

    /// The generator of one replicate: ChaCha8 under [`seed`](Self::seed), stream number
    /// `replicate`. For many of them, see [`generators`](Self::generators).
    #[must_use]
    pub fn generator(&self, replicate: u64) -> ChaCha8Rng {
        self.generators()(replicate)
    }

    /// [`generator`](Self::generator) for any replicate, the seed derived once: it costs more than
    /// the draws of a small matrix.
    pub fn generators(&self) -> impl Fn(u64) -> ChaCha8Rng + Send + Sync + use<> {
        let seed = self.seed();
        move |replicate| {
            let mut rng = ChaCha8Rng::from_seed(seed);
            rng.set_stream(replicate);
            rng
        }
    }
}

const START: [u8; 32] = *b"rmt-verify, key of a stream, 001";

/// Fixed 256-bit hash, see [`StreamKey::seed`].
pub(crate) fn digest(message: &[u8]) -> [u8; 32] {
    let mut key = START;
    for block in message.chunks(32) {
        for (k, b) in key.iter_mut().zip(block) {
            *k ^= b;
        }
        ChaCha20Rng::from_seed(key).fill_bytes(&mut key);
    }
    key
}

/// u = (2k + 1)/2⁵³ with k uniform on 0, …, 2⁵² − 1.
///
/// # Value    in (0, 1), never 0, ½ or 1; 1 − u is computed exactly and has the same law, so that
/// antithetic pairs are exact
/// # Accuracy the law differs from Lebesgue measure by at most 2⁻⁵² in Kolmogorov distance
#[inline]
pub fn open_uniform(rng: &mut ChaCha8Rng) -> f64 {
    let word = rng.next_u64();
    uniform(word as u32, (word >> 32) as u32)
}

/// Fills `out` with what [`open_uniform`] would return one after the other, faster: the same bits,
/// and the generator is left at the same place.
pub fn open_uniforms(rng: &mut ChaCha8Rng, out: &mut [f64]) {
    let word = rng.get_word_pos();
    // An odd position makes draws of halves of others; few draws are not worth a batch.
    if out.len() < 128 || word % 2 == 1 {
        out.iter_mut().for_each(|u| *u = open_uniform(rng));
        return;
    }
    Keystream::of(rng).uniforms((word / 2) as u64, out);
    rng.set_word_pos(word + 2 * out.len() as u128);
}

/// u from the two words of a draw, the low one first. k is the upper 52 bits.
#[inline(always)]
pub(super) fn uniform(low: u32, high: u32) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
    let word = (u64::from(high) << 32) | u64::from(low);
    // 1 + 2k/2⁵³ by its bits; the difference has 53 bits and is exact.
    f64::from_bits((word >> 12) | ONE) - (1.0 - STEP)
}
