//! The key as a type, and its form as a line of text: `muster-vault-key-1 KEY_ID BASE64`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_model::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const KEY_LENGTH: usize = 32;
const VERSION: &str = "muster-vault-key-1";
/// Longer than any line that [`VaultKey::to_line`] makes; room for spaces that an editor or a copy added.
pub(crate) const LONGEST_LINE: usize = 256;

/// 256 random bits. Cannot be printed or copied by accident, and is wiped from memory when dropped.
pub struct VaultKey {
    bytes: Zeroizing<[u8; KEY_LENGTH]>,
    id: KeyId,
}

/// Names a key without telling it: the first four bytes of a digest, in hexadecimal. Tells a wrong key file before
/// anything is decrypted with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId(String);

impl KeyId {
    fn of(bytes: &[u8; KEY_LENGTH]) -> Self {
        // The text before the key keeps this digest apart from any other that is ever made of the key.
        let digest = Sha256::new().chain_update(b"muster-vault-key-id").chain_update(bytes).finalize();
        let first = digest.iter().take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
        Self(format!("{first:08x}"))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl VaultKey {
    /// A fresh key.
    pub fn new(rng: &dyn Rng) -> Self {
        let mut bytes = Zeroizing::new([0_u8; KEY_LENGTH]);
        rng.fill(bytes.as_mut());
        let id = KeyId::of(&bytes);
        Self { bytes, id }
    }

    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key itself. Call this only to encrypt or decrypt.
    pub fn expose(&self) -> &[u8; KEY_LENGTH] {
        &self.bytes
    }

    pub(crate) fn to_line(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(STANDARD.encode(self.bytes.as_slice()));
        // With the room reserved, no half-written copy stays behind in memory.
        let mut line = Zeroizing::new(String::with_capacity(LONGEST_LINE));
        for part in [VERSION, " ", &self.id.0, " ", &encoded, "\n"] {
            line.push_str(part);
        }
        line
    }

    pub(crate) fn from_line(line: &str) -> Result<Self, &'static str> {
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some(VERSION) => {}
            Some(word) if word.starts_with("muster-vault-key-") => return Err("it is of a newer version of Muster"),
            _ => return Err("its first word is not \"muster-vault-key-1\""),
        }
        let (Some(id), Some(encoded), None) = (words.next(), words.next(), words.next()) else {
            return Err("it does not have exactly three words");
        };
        let mut bytes = Zeroizing::new([0_u8; KEY_LENGTH]);
        // The decoder wants room for whole groups of three bytes.
        let mut decoded = Zeroizing::new([0_u8; KEY_LENGTH + 4]);
        match STANDARD.decode_slice(encoded, decoded.as_mut_slice()) {
            Ok(KEY_LENGTH) => bytes.copy_from_slice(decoded.get(..KEY_LENGTH).ok_or("its key has a wrong length")?),
            _ => return Err("its third word is not a key of 32 bytes in base64"),
        }
        let found = KeyId::of(&bytes);
        if !bool::from(found.0.as_bytes().ct_eq(id.as_bytes())) {
            return Err("its key does not belong to its key id; one of them was changed");
        }
        Ok(Self { bytes, id: found })
    }
}

#[cfg(test)]
mod tests {
    use muster_model::fake::SeededRng;

    use super::*;

    #[test]
    fn a_line_is_read_back_and_any_change_of_a_letter_is_noticed() {
        let key = VaultKey::new(&SeededRng::new(1));
        let line = key.to_line();
        assert!(line.starts_with("muster-vault-key-1 ") && line.ends_with('\n') && line.len() < LONGEST_LINE);
        let back = VaultKey::from_line(&line).ok().unwrap();
        assert_eq!((back.expose(), back.id()), (key.expose(), key.id()));
        for position in 0..line.len() - 1 {
            let mut changed = line.as_bytes().to_vec();
            changed[position] = if changed[position] == b'A' { b'B' } else { b'A' };
            assert!(VaultKey::from_line(&String::from_utf8(changed).unwrap()).is_err(), "letter {position}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_with_its_reason() {
        let reason = |line: &str| VaultKey::from_line(line).err().unwrap();
        assert!(reason("").contains("first word"));
        assert!(reason("muster-vault-key-2 a b").contains("newer"));
        assert!(reason("muster-vault-key-1 abcd").contains("three words"));
        assert!(reason("muster-vault-key-1 abcd AAAA").contains("32 bytes"));
        assert!(reason("muster-vault-key-1 abcd AAAA x").contains("three words"));
    }

    #[test]
    fn two_keys_have_two_ids() {
        let rng = SeededRng::new(7);
        assert_ne!(VaultKey::new(&rng).id(), VaultKey::new(&rng).id());
    }
}
