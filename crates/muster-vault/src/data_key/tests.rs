use muster_model::fake::SeededRng;
use muster_model::{SecretId, SecretKind, SecretOwner, SecretVersion, TenantId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const HERE: InstallationId = InstallationId::from_bytes([1; InstallationId::LENGTH]);
const ELSEWHERE: InstallationId = InstallationId::from_bytes([2; InstallationId::LENGTH]);

fn data_key(number: u128) -> DataKey {
    let seed = u64::try_from(number).unwrap();
    DataKey::new(DataKeyId::from_uuid(Uuid::from_u128(number)), &SeededRng::new(seed))
}

fn wrapped(key: &DataKey, vault_key: &VaultKey) -> WrappedDataKey {
    key.wrapped(1, Timestamp::UNIX_EPOCH, vault_key, &HERE, &SeededRng::new(5)).unwrap()
}

fn sealed(key: &DataKey, value: &[u8]) -> SealedSecret {
    let owner = SecretOwner {
        tenant: TenantId::from_uuid(Uuid::from_u128(10)),
        kind: SecretKind::WEBHOOK_KEY,
        id: Uuid::from_u128(11),
    };
    let (id, place, version) = (SecretId::from_uuid(Uuid::from_u128(12)), owner.field("key"), SecretVersion(3));
    let binding = SecretBinding { installation: &HERE, secret: id, place: &place, version };
    let blob = key.seal(&binding, &SecretValue::new(value.to_vec()), &SeededRng::new(6)).unwrap();
    let (created, changed) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    SealedSecret { id, place, version, data_key: key.id(), blob, created, changed }
}

fn opened(key: &DataKey, secret: &SealedSecret) -> Result<Vec<u8>, SealError> {
    key.open(secret, &HERE).map(|value| value.expose().to_vec())
}

#[test]
fn a_data_key_is_unwrapped_by_the_vault_key_that_wrapped_it() {
    let (key, vault_key) = (data_key(7), VaultKey::new(&SeededRng::new(1)));
    let row = wrapped(&key, &vault_key);
    assert_eq!(row.vault_key, vault_key.id().to_string());
    assert!(!row.wrapped.as_bytes().windows(8).any(|window| *window == key.bytes[..8]));
    let again = DataKey::from_wrapped(&row, &vault_key, &HERE).ok().unwrap();
    assert_eq!((again.id, *again.bytes), (key.id, *key.bytes));

    let other = VaultKey::new(&SeededRng::new(2));
    let refused = DataKey::from_wrapped(&row, &other, &HERE).err().unwrap();
    let SealError::WrongVaultKey { ref wanted, ref present, .. } = refused else { panic!("{refused}") };
    assert_eq!((wanted, present), (&vault_key.id().to_string(), other.id()));
    // Whoever writes the other key's id into the row gains nothing.
    let relabelled = WrappedDataKey { vault_key: other.id().to_string(), ..row };
    let refused = DataKey::from_wrapped(&relabelled, &other, &HERE).err();
    assert_eq!(refused, Some(SealError::NotForThisPlace(Sealed::DataKey)));
}

#[test]
fn a_wrapped_data_key_opens_in_its_own_row_and_installation_only() {
    let vault_key = VaultKey::new(&SeededRng::new(1));
    let row = wrapped(&data_key(7), &vault_key);
    let refusal = |row: &WrappedDataKey, place| DataKey::from_wrapped(row, &vault_key, place).err().unwrap();
    let not_here = SealError::NotForThisPlace(Sealed::DataKey);
    assert_eq!(refusal(&row, &ELSEWHERE), not_here);
    assert_eq!(refusal(&WrappedDataKey { number: 2, ..row.clone() }, &HERE), not_here);
    assert_eq!(refusal(&WrappedDataKey { id: data_key(8).id, ..row.clone() }, &HERE), not_here);
    // A secret is no data key, although both have the same form.
    let secret = sealed(&data_key(7), &[0; KEY_LENGTH]);
    assert_eq!(refusal(&WrappedDataKey { wrapped: secret.blob, ..row }, &HERE), not_here);
}

type Move = fn(&mut SealedSecret);

/// Each way in which a sealed secret could be taken to another place.
const MOVES: [Move; 6] = [
    |secret| secret.place.owner.tenant = SecretOwner::INSTALLATION,
    |secret| secret.place.owner.kind = SecretKind::SECOND_FACTOR_SEED,
    |secret| secret.place.owner.id = Uuid::from_u128(99),
    |secret| secret.place.field.push('2'),
    |secret| secret.version = secret.version.next(),
    |secret| secret.id = SecretId::from_uuid(Uuid::from_u128(99)),
];

#[test]
fn a_secret_opens_with_its_data_key_only() {
    let (key, other) = (data_key(7), data_key(8));
    let secret = sealed(&key, b"value");
    assert_eq!(opened(&other, &secret), Err(SealError::MissingDataKey(key.id)));
    let relabelled = SealedSecret { data_key: other.id, ..secret.clone() };
    assert_eq!(opened(&other, &relabelled), Err(SealError::NotForThisPlace(Sealed::Secret)));
    assert_eq!(key.open(&secret, &ELSEWHERE).err(), Some(SealError::NotForThisPlace(Sealed::Secret)));
    // Neither does another key of the same id: its id is all that is looked at before.
    let impostor = DataKey { id: key.id, bytes: other.bytes };
    assert_eq!(opened(&impostor, &secret), Err(SealError::NotForThisPlace(Sealed::Secret)));
}

#[test]
fn a_secret_has_a_greatest_length() {
    let key = data_key(7);
    assert_eq!(opened(&key, &sealed(&key, &vec![1; LONGEST_SECRET])).unwrap().len(), LONGEST_SECRET);
    let secret = sealed(&key, b"");
    let (installation, place) = (&HERE, &secret.place);
    let binding = SecretBinding { installation, secret: secret.id, place, version: secret.version };
    let refused = key.seal(&binding, &SecretValue::new(vec![1; LONGEST_SECRET + 1]), &SeededRng::new(1));
    assert_eq!(refused, Err(SealError::TooLong { limit: LONGEST_SECRET }));
}

proptest! {
    #[test]
    fn what_was_sealed_opens_again(value in proptest::collection::vec(any::<u8>(), 0..300)) {
        let key = data_key(7);
        let secret = sealed(&key, &value);
        prop_assert_eq!(opened(&key, &secret), Ok(value.clone()));
        if value.len() > 8 {
            prop_assert!(!secret.blob.as_bytes().windows(value.len()).any(|window| window == value));
        }
    }

    #[test]
    fn any_changed_bit_is_noticed(value in proptest::collection::vec(any::<u8>(), 0..100), at in any::<prop::sample::Index>()) {
        let key = data_key(7);
        let mut secret = sealed(&key, &value);
        let mut bytes = secret.blob.as_bytes().to_vec();
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        secret.blob = SealedBytes::new(bytes);
        prop_assert!(opened(&key, &secret).is_err());
    }

    #[test]
    fn any_other_place_is_noticed(value in proptest::collection::vec(any::<u8>(), 0..100), moves in 1_u8..64) {
        let key = data_key(7);
        let mut secret = sealed(&key, &value);
        for (number, change) in MOVES.iter().enumerate() {
            if moves & 1 << number != 0 {
                change(&mut secret);
            }
        }
        prop_assert_eq!(opened(&key, &secret), Err(SealError::NotForThisPlace(Sealed::Secret)));
    }
}
