//! The form of everything that is sealed (docs/adr/0026):
//!
//! `magic 2 | format 1 | algorithm 1 | nonce 12 | ciphertext and tag | check 4`
//!
//! The tag proves that nothing was changed and that the place is the right one, but cannot tell the one from the other. The
//! check, a piece of a plain digest, tells them apart for the person who must find out what happened; it protects nothing.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use muster_model::Rng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::seal_error::{SealError, Sealed};

/// AES-256.
pub(crate) const KEY_LENGTH: usize = 32;
const MAGIC: [u8; 2] = *b"Mv";
const FORMAT: u8 = 1;
/// AES-256-GCM-SIV (RFC 8452 section 5): a nonce that comes twice tells only that the same was sealed twice. 1 is kept free
/// for `XChaCha20-Poly1305`, 3 for AES-256-GCM in a build that must use it.
const AES_GCM_SIV: u8 = 2;
const HEADER: [u8; 4] = [MAGIC[0], MAGIC[1], FORMAT, AES_GCM_SIV];
const TAG: usize = 16;
const CHECK: usize = 4;

/// Seals for a place, which `binding` names.
pub(crate) fn seal(key: &[u8; KEY_LENGTH], rng: &dyn Rng, binding: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE_LEN];
    rng.fill(&mut nonce);
    // With the room for the tag reserved, no copy of what is to be sealed stays behind in memory: it is sealed in its place.
    let mut sealed = Vec::with_capacity(plain.len() + TAG);
    sealed.extend_from_slice(plain);
    let key = cipher(key).map_err(|_| SealError::Refused)?;
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad(binding), &mut sealed)
        .map_err(|_| SealError::Refused)?;
    let mut blob = [HEADER.as_slice(), &nonce, &sealed].concat();
    let check = check_of(&blob);
    blob.extend_from_slice(&check);
    Ok(blob)
}

/// Opens what was sealed with that key for that place.
pub(crate) fn open(
    key: &[u8; KEY_LENGTH],
    binding: &[u8],
    blob: &[u8],
    what: Sealed,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let damaged = || SealError::Damaged(what);
    let (&[first, second, format, algorithm], _) = blob.split_first_chunk::<4>().ok_or_else(damaged)?;
    if [first, second] != MAGIC {
        return Err(damaged());
    }
    // Before the check: a newer form may have another one, or none.
    if format > FORMAT {
        return Err(SealError::NewerForm(what));
    }
    let (whole, check) = blob.split_last_chunk::<CHECK>().ok_or_else(damaged)?;
    if format != FORMAT || check_of(whole) != *check {
        return Err(damaged());
    }
    if algorithm != AES_GCM_SIV {
        return Err(SealError::NewerForm(what));
    }
    let (nonce, sealed) = whole.get(HEADER.len()..).and_then(<[u8]>::split_first_chunk).ok_or_else(damaged)?;
    let mut opened = Zeroizing::new(sealed.to_vec());
    let not_for_this_place = |_| SealError::NotForThisPlace(what);
    let key = cipher(key).map_err(not_for_this_place)?;
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key.open_in_place(nonce, aad(binding), &mut opened).map_err(not_for_this_place)?.len();
    opened.truncate(length);
    Ok(opened)
}

fn cipher(key: &[u8; KEY_LENGTH]) -> Result<LessSafeKey, aws_lc_rs::error::Unspecified> {
    UnboundKey::new(&AES_256_GCM_SIV, key).map(LessSafeKey::new)
}

/// The header belongs to what is proven, so that nobody can make an opener take another algorithm.
fn aad(binding: &[u8]) -> Aad<Vec<u8>> {
    Aad::from([HEADER.as_slice(), binding].concat())
}

fn check_of(whole: &[u8]) -> [u8; CHECK] {
    // A digest is longer than the check, so there are always as many bytes.
    Sha256::digest(whole).first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests;
