//! How a cursor is sealed: AES-256-GCM with a key of its own for each cursor, which HKDF derives from the installation's
//! key and a random salt. So no nonce can come twice, however many cursors are given out.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::hkdf::{HKDF_SHA256, Prk};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use muster_model::Rng;
use muster_store::InstallationKey;

/// The form of what is sealed; another one is no cursor of ours.
const FORM: u8 = 1;
const SALT: usize = 16;
/// What a key is for, so that the same installation key could serve something else.
const PURPOSE: &[u8] = b"muster scim cursor 1";
/// Longer texts were not given out by us.
const LONGEST: usize = 8192;

pub(super) struct Sealer {
    key: Prk,
}

impl Sealer {
    pub(super) fn new(key: &InstallationKey) -> Self {
        // The installation's key is uniformly random already, which is all that extraction would make of it.
        Self { key: Prk::new_less_safe(HKDF_SHA256, key.as_bytes()) }
    }

    /// Seals; the result consists of unreserved characters only (RFC 9865 section 2, table 1).
    pub(super) fn seal(&self, rng: &dyn Rng, mut plain: Vec<u8>, binding: &[u8]) -> Result<String, Unspecified> {
        let mut salt = [0; SALT];
        rng.fill(&mut salt);
        self.key_of(&salt)?.seal_in_place_append_tag(only_nonce(), Aad::from(binding), &mut plain)?;
        let sealed = [[FORM].as_slice(), &salt, &plain].concat();
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// `None`: it was not sealed by us, or with another binding.
    pub(super) fn open(&self, text: &str, binding: &[u8]) -> Option<Vec<u8>> {
        if text.len() > LONGEST {
            return None;
        }
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (&[FORM], rest) = sealed.split_first_chunk::<1>()? else { return None };
        let (salt, sealed) = rest.split_first_chunk::<SALT>()?;
        let mut opened = sealed.to_vec();
        let key = self.key_of(salt).ok()?;
        let length = key.open_in_place(only_nonce(), Aad::from(binding), &mut opened).ok()?.len();
        opened.truncate(length);
        Some(opened)
    }

    fn key_of(&self, salt: &[u8; SALT]) -> Result<LessSafeKey, Unspecified> {
        let info = [PURPOSE, salt.as_slice()];
        let key: UnboundKey = self.key.expand(&info, &AES_256_GCM)?.into();
        Ok(LessSafeKey::new(key))
    }
}

/// Each key seals once, so that one nonce is enough.
fn only_nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

#[cfg(test)]
mod tests {
    use muster_model::fake::SeededRng;

    use super::*;

    fn sealer(byte: u8) -> Sealer {
        Sealer::new(&InstallationKey::from_bytes([byte; InstallationKey::LENGTH]))
    }

    /// Rows: 9865-2-02, 9865-5.2-04
    #[test]
    fn what_is_sealed_is_unreadable_and_opens_again() {
        let rng = SeededRng::new(1);
        let sealed = sealer(1).seal(&rng, b"bjensen@example.com".to_vec(), b"question").unwrap();
        assert!(sealed.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{sealed}");
        let raw = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        assert!(!raw.windows(7).any(|window| window == b"bjensen"));
        assert_eq!(sealer(1).open(&sealed, b"question").unwrap(), b"bjensen@example.com");
        let again = sealer(1).seal(&rng, b"bjensen@example.com".to_vec(), b"question").unwrap();
        assert_ne!(sealed, again, "equal places look different");
    }

    /// Rows: 9865-5.2-04
    #[test]
    fn every_changed_bit_is_noticed() {
        let sealed = sealer(1).seal(&SeededRng::new(1), b"place".to_vec(), b"question").unwrap();
        assert!(sealer(1).open(&sealed, b"another question").is_none());
        assert!(sealer(2).open(&sealed, b"question").is_none());
        let raw = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
        for place in 0..raw.len() {
            for bit in 0..8 {
                let mut changed = raw.clone();
                changed[place] ^= 1 << bit;
                assert!(sealer(1).open(&URL_SAFE_NO_PAD.encode(&changed), b"question").is_none(), "{place}.{bit}");
            }
        }
        for length in 0..raw.len() {
            assert!(sealer(1).open(&URL_SAFE_NO_PAD.encode(&raw[..length]), b"question").is_none(), "{length}");
        }
        for text in ["zzz", "", "AQ==", " ", "\u{e4}", &"A".repeat(100_000)] {
            assert!(sealer(1).open(text, b"question").is_none());
        }
    }
}
