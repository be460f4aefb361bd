//! Signed messages (Standard Webhooks 1.0.0, "Signature scheme" and "Webhook headers").

use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use muster_model::EventId;

use super::SigningSecret;

/// The three headers. The id is the event's, so that a receiver knows what he has had already; the time is that of the
/// sending, so that a message that somebody kept is refused later.
pub(super) fn headers(event: EventId, at: Timestamp, body: &str, secrets: &[SigningSecret]) -> Vec<(String, String)> {
    let (id, seconds) = (event.to_string(), at.as_second().to_string());
    let signed = format!("{id}.{seconds}.{body}");
    // The newest first; a receiver takes any that fits.
    let signatures: Vec<String> = secrets.iter().map(|secret| signature(secret, signed.as_bytes())).collect();
    vec![
        ("webhook-id".to_owned(), id),
        ("webhook-timestamp".to_owned(), seconds),
        ("webhook-signature".to_owned(), signatures.join(" ")),
    ]
}

fn signature(secret: &SigningSecret, signed: &[u8]) -> String {
    let tag = sign(&Key::new(HMAC_SHA256, secret.expose()), signed);
    format!("v1,{}", STANDARD.encode(tag.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The message of the standard's own example, signed as its reference libraries do; the digest was made with the hmac module of Python.
    #[test]
    fn a_message_is_signed_as_the_standard_says() {
        let secret = SigningSecret::from_bytes(STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap());
        let signed = b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        assert_eq!(signature(&secret, signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secret.expose_serialized(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert!(!format!("{secret:?}").contains("MfKQ"));
    }

    #[test]
    fn while_keys_are_rotated_both_sign() {
        let secrets = [SigningSecret::from_bytes(vec![1; 32]), SigningSecret::from_bytes(vec![2; 32])];
        let event = EventId::from_uuid(uuid::Uuid::from_u128(1));
        let headers = headers(event, Timestamp::from_second(12).unwrap(), "{}", &secrets);
        assert_eq!(headers[0], ("webhook-id".to_owned(), event.to_string()));
        assert_eq!(headers[1], ("webhook-timestamp".to_owned(), "12".to_owned()));
        let signatures: Vec<&str> = headers[2].1.split(' ').collect();
        let signed = format!("{event}.12.{{}}");
        let wanted: Vec<String> = secrets.iter().map(|secret| signature(secret, signed.as_bytes())).collect();
        assert_eq!(signatures, wanted);
    }
}
