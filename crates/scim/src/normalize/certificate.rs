//! What a text in `x509Certificates.value` must be where formats count (RFC 7643 section 4.1.2).

/// Whether the bytes are one DER element of the kind that a certificate is: a sequence that ends where the bytes end. What
/// is inside is for whoever relies on the certificate; here it only matters that one value is one certificate.
pub(super) fn is_one_sequence(der: &[u8]) -> bool {
    let Some((&[tag, first], rest)) = der.split_first_chunk::<2>() else { return false };
    if tag != SEQUENCE {
        return false;
    }
    let length_bytes = usize::from(first & !LONG_FORM);
    if first & LONG_FORM == 0 {
        return rest.len() == length_bytes;
    }
    let Some((length, content)) = rest.split_at_checked(length_bytes) else { return false };
    // Four bytes say more than any request may hold; none at all is the indefinite form, which DER does not have.
    if length.is_empty() || length.len() > 4 {
        return false;
    }
    let length = length.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    content.len() == length
}

/// X.690 section 8.9.1.
const SEQUENCE: u8 = 0x30;
/// X.690 section 8.1.3.5: the other bits count the bytes of the length.
const LONG_FORM: u8 = 0x80;

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: 7643-4.1.2-14, 7643-4.1.2-15
    #[test]
    fn one_value_is_one_element() {
        let short = [0x30, 2, 5, 0];
        let long = [&[0x30, 0x81, 0x80][..], &[0; 0x80]].concat();
        assert!(is_one_sequence(&short));
        assert!(is_one_sequence(&long));
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 2, 5],
            &[0x31, 2, 5, 0],
            &[0x30, 0x80, 5, 0, 0, 0],
            &[0x30, 0x85, 0, 0, 0, 0, 0],
            &[0x30, 0x82, 1],
            &[short, short].concat(),
            &[&long[..], &short].concat(),
            b"-----BEGIN CERTIFICATE-----",
        ] {
            assert!(!is_one_sequence(bytes), "{bytes:?}");
        }
    }
}
