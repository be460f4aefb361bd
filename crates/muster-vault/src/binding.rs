//! What a sealed thing is bound to. Every part has its length before it, so that no two places have the same text.

use muster_model::{DataKeyId, SecretId, SecretPlace, SecretVersion, WrappedDataKey};

use crate::InstallationId;

/// Where a secret belongs.
pub struct SecretBinding<'a> {
    pub installation: &'a InstallationId,
    pub secret: SecretId,
    pub place: &'a SecretPlace,
    pub version: SecretVersion,
}

impl SecretBinding<'_> {
    pub(crate) fn text(&self, data_key: DataKeyId) -> Vec<u8> {
        let SecretPlace { owner, field } = self.place;
        joined(&[
            b"muster/secret/1",
            self.installation.as_bytes(),
            owner.tenant.as_uuid().as_bytes(),
            self.secret.as_uuid().as_bytes(),
            owner.kind.as_str().as_bytes(),
            owner.id.as_bytes(),
            field.as_bytes(),
            &self.version.0.to_be_bytes(),
            data_key.as_uuid().as_bytes(),
        ])
    }
}

/// The number is part of it, so that nobody can make an older data key the one that seals.
pub(crate) fn of_data_key(row: &WrappedDataKey, installation: &InstallationId) -> Vec<u8> {
    joined(&[
        b"muster/data-key/1",
        installation.as_bytes(),
        row.id.as_uuid().as_bytes(),
        &row.number.to_be_bytes(),
        row.vault_key.as_bytes(),
    ])
}

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut text = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        text.extend_from_slice(&(part.len() as u64).to_be_bytes());
        text.extend_from_slice(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_letter_moves_from_one_part_to_the_next() {
        assert_ne!(joined(&[b"ab", b"c"]), joined(&[b"a", b"bc"]));
        assert_ne!(joined(&[b"ab"]), joined(&[b"ab", b""]));
    }
}
