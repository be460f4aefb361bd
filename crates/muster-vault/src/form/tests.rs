use muster_model::fake::SeededRng;

use super::*;

struct Nonces(&'static [u8]);
impl Rng for Nonces {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.copy_from_slice(self.0);
    }
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<u8> = hexadecimal.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn key_of(byte: u8) -> [u8; KEY_LENGTH] {
    [byte; KEY_LENGTH]
}

fn verdict(blob: &[u8], binding: &[u8]) -> Result<Vec<u8>, SealError> {
    open(&key_of(1), binding, blob, Sealed::Secret).map(|opened| opened.to_vec())
}

/// RFC 8452 appendix C.2, whose vectors prove the cipher that is used.
#[test]
fn the_cipher_gives_the_vectors_of_its_standard() {
    let mut key = [0; KEY_LENGTH];
    key[0] = 1;
    let mut nonce = [0; NONCE_LEN];
    nonce[0] = 3;
    for (plain, associated, sealed) in [
        ("", "", "07f5f4169bbf55a8400cd47ea6fd400f"),
        ("0100000000000000", "", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"),
        ("0200000000000000", "01", "1de22967237a813291213f267e3b452f02d01ae33e4ec854"),
    ] {
        let mut found = bytes(plain);
        cipher(&key)
            .unwrap()
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bytes(associated)), &mut found)
            .unwrap();
        assert_eq!(found, bytes(sealed));
    }
}

/// Made by another implementation of the cipher (OpenSSL's). A change of it would make what is stored unreadable.
#[test]
fn the_form_is_what_it_always_was() {
    let blob = seal(&key_of(1), &Nonces(&[9; 12]), b"place", b"secret").unwrap();
    let wanted =
        concat!("4d760102", "090909090909090909090909", "cf8e345c99514abee2b3d84f2e1eb1a00ade01101d5a", "62b71602");
    assert_eq!(blob, bytes(wanted));
    assert_eq!(verdict(&bytes(wanted), b"place").unwrap(), b"secret");
}

#[test]
fn every_changed_bit_is_damage_or_a_newer_form() {
    let blob = seal(&key_of(1), &SeededRng::new(1), b"place", b"a secret").unwrap();
    for place in 0..blob.len() {
        for bit in 0..8 {
            let mut changed = blob.clone();
            changed[place] ^= 1 << bit;
            let wanted = if place == 2 && changed[2] > FORMAT {
                SealError::NewerForm(Sealed::Secret)
            } else {
                SealError::Damaged(Sealed::Secret)
            };
            assert_eq!(verdict(&changed, b"place"), Err(wanted), "{place}.{bit}");
        }
    }
    for length in 0..blob.len() {
        assert_eq!(verdict(&blob[..length], b"place"), Err(SealError::Damaged(Sealed::Secret)), "{length}");
    }
}

/// Whoever changes a blob can also make its check right again.
#[test]
fn a_changed_bit_under_a_right_check_opens_nothing() {
    let blob = seal(&key_of(1), &SeededRng::new(1), b"place", b"a secret").unwrap();
    for place in 0..blob.len() - CHECK {
        for bit in 0..8 {
            let mut changed = blob[..blob.len() - CHECK].to_vec();
            changed[place] ^= 1 << bit;
            let check = check_of(&changed);
            changed.extend(check);
            assert!(verdict(&changed, b"place").is_err(), "{place}.{bit}");
        }
    }
}

#[test]
fn another_place_and_another_key_open_nothing() {
    let blob = seal(&key_of(1), &SeededRng::new(1), b"place", b"").unwrap();
    assert_eq!(verdict(&blob, b"place"), Ok(Vec::new()));
    assert_eq!(verdict(&blob, b"Place"), Err(SealError::NotForThisPlace(Sealed::Secret)));
    let opened = open(&key_of(2), b"place", &blob, Sealed::DataKey);
    assert_eq!(opened.err(), Some(SealError::NotForThisPlace(Sealed::DataKey)));
    // An algorithm that this release does not know.
    let mut newer = blob[..blob.len() - CHECK].to_vec();
    newer[3] = 4;
    let check = check_of(&newer);
    newer.extend(check);
    assert_eq!(verdict(&newer, b"place"), Err(SealError::NewerForm(Sealed::Secret)));
}

#[test]
fn the_same_secret_looks_different_each_time() {
    let rng = SeededRng::new(1);
    let seal = || seal(&key_of(1), &rng, b"place", b"the same").unwrap();
    let (one, other) = (seal(), seal());
    assert_ne!(one, other);
    assert!(!one.windows(4).any(|window| window == b"same"));
}
