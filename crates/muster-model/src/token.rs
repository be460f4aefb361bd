//! The tokens that Muster issues: `prefix_` + 43 base62 characters (256 bits) + 6 base62 characters of CRC-32 over
//! everything before. The checksum is no proof of anything; it lets scanners recognise a leaked token and lets us refuse
//! a typo before asking the database.

use std::fmt;

use crate::Rng;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM_LENGTH: usize = 43;
const CHECKSUM_LENGTH: usize = 6;

/// What a token is for; its prefix says so to people and scanners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// `msc_`: bearer token of one SCIM connection.
    ScimBearer,
    /// `msk_`: token of the management API.
    Api,
}

impl TokenKind {
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::ScimBearer => "msc_",
            Self::Api => "msk_",
        }
    }
}

/// A token in clear. Shown once, never stored, never printed by accident.
#[derive(PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub fn new(kind: TokenKind, rng: &dyn Rng) -> Self {
        let mut text = String::with_capacity(kind.prefix().len() + RANDOM_LENGTH + CHECKSUM_LENGTH);
        text.push_str(kind.prefix());
        let mut written = 0;
        while written < RANDOM_LENGTH {
            let mut bytes = [0_u8; 64];
            rng.fill(&mut bytes);
            // 248 = 4 × 62: bytes above it would make the first letters of the alphabet likelier.
            for byte in bytes.iter().filter(|byte| **byte < 248).take(RANDOM_LENGTH - written) {
                text.push(letter(u32::from(*byte)));
                written += 1;
            }
        }
        let checksum = checksum(&text);
        text.push_str(&checksum);
        Self(text)
    }

    /// Reads what a caller sent; `None` when prefix, length, alphabet or checksum are wrong.
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let body = text.strip_prefix(kind.prefix())?;
        if body.len() != RANDOM_LENGTH + CHECKSUM_LENGTH || !body.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (before, sent) = text.split_at_checked(text.len() - CHECKSUM_LENGTH)?;
        (checksum(before) == sent).then(|| Self(text.to_owned()))
    }

    /// The clear text. Call this only to show a new token once or to digest it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn last_four(&self) -> &str {
        self.0.get(self.0.len().saturating_sub(4)..).unwrap_or_default()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

fn letter(value: u32) -> char {
    // The remainder is below 62, so the look-up always hits.
    ALPHABET.get((value % 62) as usize).map_or('0', |byte| char::from(*byte))
}

fn checksum(text: &str) -> String {
    let mut value = crc32fast::hash(text.as_bytes());
    let mut digits = [' '; CHECKSUM_LENGTH];
    for digit in digits.iter_mut().rev() {
        *digit = letter(value);
        value /= 62;
    }
    digits.iter().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    struct Counting(AtomicU8);
    impl Rng for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                *byte = self.0.fetch_add(7, Ordering::Relaxed);
            }
        }
    }

    /// Rows: 7644-7.4-01
    #[test]
    fn a_token_has_more_than_128_bits_of_chance() {
        #[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
        let bits = RANDOM_LENGTH as f64 * (ALPHABET.len() as f64).log2();
        assert!(bits >= 256.0 - 0.1, "{bits}");
        // Every letter of the random part follows from chance: other bytes, other letters.
        let random = |begin: u8| {
            let token = Token::new(TokenKind::ScimBearer, &Counting(AtomicU8::new(begin)));
            token.expose()[TokenKind::ScimBearer.prefix().len()..][..RANDOM_LENGTH].to_owned()
        };
        let (one, other) = (random(0), random(1));
        assert!(one.bytes().zip(other.bytes()).all(|(one, other)| one != other), "{one} {other}");
    }

    #[test]
    fn a_new_token_is_read_back_and_a_typo_is_not() {
        let token = Token::new(TokenKind::ScimBearer, &Counting(AtomicU8::new(1)));
        let text = token.expose().to_owned();
        assert_eq!(text.len(), 53);
        assert!(Token::parse(TokenKind::ScimBearer, &text).is_some());
        for position in 0..text.len() {
            let mut typo = text.clone().into_bytes();
            typo[position] = if typo[position] == b'x' { b'y' } else { b'x' };
            let typo = String::from_utf8(typo).unwrap();
            assert!(Token::parse(TokenKind::ScimBearer, &typo).is_none(), "{typo}");
        }
        assert!(Token::parse(TokenKind::ScimBearer, "").is_none());
        assert!(Token::parse(TokenKind::ScimBearer, &format!("{text}0")).is_none());
        assert_eq!(format!("{token:?}"), "Token(…)");
    }
}
