//! The uniforms of a ChaCha8 stream, many at a time and from any position.

// One index into several arrays reads better than their zip.
#![allow(clippy::needless_range_loop)]

use super::stream::uniform;
use pulp::{Arch, Simd, WithSimd};
use rand_chacha::ChaCha8Rng;

/// The uniforms u₀, u₁, … of one ChaCha8 stream: u_i is what
/// [`open_uniform`](super::open_uniform) makes of the words 2i and 2i + 1.
///
/// A block of ChaCha is a function of key, stream and counter. Sixteen counters are worked on in
/// the lanes of vector registers; integers only, so every processor gets the same bits.
///
/// # Source   \[Bernstein 2008\], *ChaCha, a variant of Salsa20*
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keystream {
    /// Constants, key, counter (left at 0), stream.
    start: [u32; WORDS],
}

/// 32-bit words of a block.
const WORDS: usize = 16;
/// Blocks made at a time.
const BLOCKS: usize = 16;
/// Uniforms of a block.
const DRAWS: usize = WORDS / 2;

impl Keystream {
    /// The stream that `rng` reads.
    pub(super) fn of(rng: &ChaCha8Rng) -> Self {
        let mut start = [0; WORDS];
        let words = b"expand 32-byte k".as_chunks::<4>().0.iter();
        let seed = rng.get_seed();
        let words = words.chain(seed.as_chunks::<4>().0);
        for (to, &bytes) in start.iter_mut().zip(words) {
            *to = u32::from_le_bytes(bytes);
        }
        let stream = rng.get_stream();
        start[14] = stream as u32;
        start[15] = (stream >> 32) as u32;
        Self { start }
    }

    /// u_first, u_{first + 1}, … into `out`.
    pub(super) fn uniforms(&self, first: u64, out: &mut [f64]) {
        Arch::new().dispatch(Uniforms {
            start: &self.start,
            first,
            out,
        });
    }
}

struct Uniforms<'a> {
    start: &'a [u32; WORDS],
    first: u64,
    out: &'a mut [f64],
}

impl WithSimd for Uniforms<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let mut counter = self.first / DRAWS as u64;
        let mut skipped = (self.first % DRAWS as u64) as usize;
        let mut out = self.out;
        let mut words = [[0; BLOCKS]; WORDS];
        let mut draws = [[0.0; BLOCKS]; DRAWS];
        let mut uniforms = [0.0; BLOCKS * DRAWS];
        while !out.is_empty() {
            blocks(self.start, counter, &mut words);
            // With d outside the compiler would gather the words of a lane one by one.
            for b in 0..BLOCKS {
                for d in 0..DRAWS {
                    draws[d][b] = uniform(words[2 * d][b], words[2 * d + 1][b]);
                }
            }
            transpose(simd, &draws, &mut uniforms);
            let made = &uniforms[skipped..];
            let taken = made.len().min(out.len());
            let (now, later) = out.split_at_mut(taken);
            now.copy_from_slice(&made[..taken]);
            out = later;
            skipped = 0;
            counter = counter.wrapping_add(BLOCKS as u64);
        }
    }
}

/// The draws block by block. By tiles of L × L, L the lanes of a register: left to itself the
/// compiler gathers, which costs as much as making the words.
#[inline(always)]
fn transpose<S: Simd>(
    simd: S,
    draws: &[[f64; BLOCKS]; DRAWS],
    uniforms: &mut [f64; BLOCKS * DRAWS],
) {
    const LANE: [u64; DRAWS] = [0, 1, 2, 3, 4, 5, 6, 7];
    let lanes = S::F64_LANES;
    let lane = S::as_simd_u64s(&LANE).0[0];
    let mut tile = [simd.splat_f64s(0.0); DRAWS];
    for b in (0..BLOCKS).step_by(lanes) {
        for d in (0..DRAWS).step_by(lanes) {
            // Lane j of register i: draw d + i of block b + j − i, indices modulo L.
            for i in 0..lanes {
                let draws = S::as_simd_f64s(&draws[d + i]).0[b / lanes];
                tile[i] = simd.rotate_right_f64s(draws, i);
            }
            // Lane j takes register i + j instead of i, bit by bit of j: draw d + i + j of block b − i.
            let mut bit = 1;
            while bit < lanes {
                let place = simd.and_u64s(lane, simd.splat_u64s(bit as u64));
                let unset = simd.equal_u64s(place, simd.splat_u64s(0));
                let old = tile;
                for i in 0..lanes {
                    tile[i] = simd.select_f64s(unset, old[i], old[(i + bit) % lanes]);
                }
                bit *= 2;
            }
            for i in 0..lanes {
                let block = &mut uniforms[DRAWS * (b + i)..][..DRAWS];
                let register = tile[(lanes - i) % lanes];
                S::as_mut_simd_f64s(block).0[d / lanes] = simd.rotate_left_f64s(register, i);
            }
        }
    }
}

/// Word w of the block with this counter plus b into `words[w][b]`.
#[inline(always)]
fn blocks(start: &[u32; WORDS], counter: u64, words: &mut [[u32; BLOCKS]; WORDS]) {
    let counters: [u64; BLOCKS] = std::array::from_fn(|b| counter.wrapping_add(b as u64));
    let low = counters.map(|c| c as u32);
    let high = counters.map(|c| (c >> 32) as u32);
    // One block an iteration, without a branch: the compiler turns iterations into lanes.
    for b in 0..BLOCKS {
        let mut first = *start;
        first[12] = low[b];
        first[13] = high[b];
        let mut state = first;
        double_round(&mut state);
        double_round(&mut state);
        double_round(&mut state);
        double_round(&mut state);
        for w in 0..WORDS {
            words[w][b] = state[w].wrapping_add(first[w]);
        }
    }
}

#[inline(always)]
fn double_round(state: &mut [u32; WORDS]) {
    quarter_round(state, [0, 4, 8, 12]);
    quarter_round(state, [1, 5, 9, 13]);
    quarter_round(state, [2, 6, 10, 14]);
    quarter_round(state, [3, 7, 11, 15]);
    quarter_round(state, [0, 5, 10, 15]);
    quarter_round(state, [1, 6, 11, 12]);
    quarter_round(state, [2, 7, 8, 13]);
    quarter_round(state, [3, 4, 9, 14]);
}

#[inline(always)]
fn quarter_round(s: &mut [u32; WORDS], [a, b, c, d]: [usize; 4]) {
    s[a] = s[a].wrapping_add(s[b]);
    s[d] = (s[d] ^ s[a]).rotate_left(16);
    s[c] = s[c].wrapping_add(s[d]);
    s[b] = (s[b] ^ s[c]).rotate_left(12);
    s[a] = s[a].wrapping_add(s[b]);
    s[d] = (s[d] ^ s[a]).rotate_left(8);
    s[c] = s[c].wrapping_add(s[d]);
    s[b] = (s[b] ^ s[c]).rotate_left(7);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ensemble::{open_uniform, open_uniforms};
    use rand_chacha::rand_core::{Rng, SeedableRng};

    fn generator(stream: u64, word: u128) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        rng.set_stream(stream);
        rng.set_word_pos(word);
        rng
    }

    #[test]
    fn uniforms_from_anywhere_are_those_of_the_generator() {
        for stream in [0, 1, u64::MAX, 0x1234_5678_9abc_def0] {
            // 2³² blocks: where the low word of the counter is carried over.
            for first in [0, 1, 7, 8, 127, 128, 1000, (1 << 35) - 100, (1 << 58) + 3] {
                let mut rng = generator(stream, 2 * first as u128);
                let expected: Vec<f64> = (0..300).map(|_| open_uniform(&mut rng)).collect();
                let mut out = vec![0.0; 300];
                Keystream::of(&rng).uniforms(first, &mut out);
                assert_eq!(out, expected, "stream {stream}, from {first}");
            }
        }
    }

    #[test]
    fn uniforms_do_not_depend_on_the_width_of_the_registers() {
        use pulp::{Scalar, Scalar128b, Scalar256b, Scalar512b};
        let mut rng = generator(7, 0);
        let expected: Vec<f64> = (0..400).map(|_| open_uniform(&mut rng)).collect();
        let stream = Keystream::of(&rng);
        let uniforms = |run: fn(Uniforms)| {
            let mut out = vec![0.0; 397];
            run(Uniforms {
                start: &stream.start,
                first: 3,
                out: &mut out,
            });
            out
        };
        let of_width = [
            uniforms(|u| u.with_simd(Scalar::new())),
            uniforms(|u| u.with_simd(Scalar128b)),
            uniforms(|u| u.with_simd(Scalar256b)),
            uniforms(|u| u.with_simd(Scalar512b)),
        ];
        for (uniforms, lanes) in of_width.iter().zip([1, 2, 4, 8]) {
            assert_eq!(uniforms, &expected[3..], "{lanes} lanes");
        }
    }

    #[test]
    fn many_uniforms_leave_the_generator_where_single_ones_do() {
        for word in [0, 2, 14, 16, 62, 64, 65, 1001] {
            for length in [0, 1, 31, 32, 100, 127, 128, 129, 255, 256, 5050] {
                let (mut single, mut many) = (generator(5, word), generator(5, word));
                let expected: Vec<f64> = (0..length).map(|_| open_uniform(&mut single)).collect();
                let mut out = vec![0.0; length];
                open_uniforms(&mut many, &mut out);
                assert_eq!(out, expected, "{length} from word {word}");
                assert_eq!(many, single);
                assert_eq!(many.next_u64(), single.next_u64());
            }
        }
    }

    #[test]
    fn many_uniforms_after_a_few_words_are_those_of_the_generator() {
        let (mut single, mut many) = (generator(0, 0), generator(0, 0));
        for round in 0..200 {
            for _ in 0..round % 5 {
                assert_eq!(single.next_u32(), many.next_u32());
            }
            let mut out = vec![0.0; 37 * (round % 11)];
            open_uniforms(&mut many, &mut out);
            for x in out {
                assert_eq!(x, open_uniform(&mut single));
            }
        }
    }
}
