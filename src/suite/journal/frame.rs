//! The bytes of a record and their checksums.

use crc32fast::Hasher;

/// The number of the format.
pub(super) const FORMAT: u8 = 1;

/// How a journal begins, but for the number of the format.
pub(super) const MAGIC: &[u8; 7] = b"rmt-jnl";

/// Where the identity begins.
pub(super) const IDENTITY: u64 = MAGIC.len() as u64 + 1;

/// Bytes of a record before its payload.
pub(super) const HEAD: usize = 12;

/// The longest payload: 1 GiB. A record can so be written by one call on all systems.
pub const MAX_RECORD: usize = 1 << 30;

/// The seed of the identity, before which there is nothing to depend on.
pub(super) const NO_SEED: u32 = 0;

/// What ties the records to their run: CRC-32 of the identity.
pub(super) fn seed(identity: &[u8]) -> u32 {
    crc32fast::hash(identity)
}

/// The bytes of a journal without records; nothing if the identity is too long.
pub(super) fn header(identity: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    bytes.push(FORMAT);
    bytes.extend(record(NO_SEED, IDENTITY, identity)?);
    Some(bytes)
}

/// The bytes of the record that begins at `position`; nothing if the payload is too long.
pub(super) fn record(seed: u32, position: u64, payload: &[u8]) -> Option<Vec<u8>> {
    if payload.len() > MAX_RECORD {
        return None;
    }
    let length = u32::try_from(payload.len()).ok()?;
    let mut bytes = Vec::with_capacity(HEAD + payload.len());
    bytes.extend(length.to_le_bytes());
    bytes.extend(head_checksum(seed, position, length).to_le_bytes());
    bytes.extend(payload_checksum(seed, position, payload).to_le_bytes());
    bytes.extend(payload);
    Some(bytes)
}

/// CRC-32 of seed ‖ position ‖ length.
pub(super) fn head_checksum(seed: u32, position: u64, length: u32) -> u32 {
    place(seed, position, length).finalize()
}

/// CRC-32 of seed ‖ position ‖ length ‖ payload. Without the position, two payloads of one length
/// could change places together with their checksums.
pub(super) fn payload_checksum(seed: u32, position: u64, payload: &[u8]) -> u32 {
    let length = u32::try_from(payload.len()).expect("a payload of more than MAX_RECORD bytes");
    let mut hasher = place(seed, position, length);
    hasher.update(payload);
    hasher.finalize()
}

fn place(seed: u32, position: u64, length: u32) -> Hasher {
    let mut hasher = Hasher::new();
    hasher.update(&seed.to_le_bytes());
    hasher.update(&position.to_le_bytes());
    hasher.update(&length.to_le_bytes());
    hasher
}
