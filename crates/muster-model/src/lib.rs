#![doc = include_str!("../README.md")]

pub mod api_token;
pub mod change;
pub mod clock;
pub mod conflict;
pub mod connection;
pub mod credential;
pub mod held;
pub mod id;
pub mod knob_word;
pub mod lease;
pub mod members;
pub mod overrides;
pub mod permission;
pub mod repair_count;
pub mod request_entry;
pub mod resource;
pub mod rng;
pub mod schema_entry;
pub mod secret;
pub mod stored_document;
pub mod system_entry;
pub mod tenant;
pub mod token;
pub mod webhook;

pub use api_token::{ApiToken, Reach};
pub use change::{Activity, Change, ChangeKind, ChangeNotes, Difference, Sequence};
pub use clock::Clock;
pub use conflict::{Conflict, ConflictState};
pub use connection::{Connection, Provider};
pub use credential::{Credential, CredentialDigest};
pub use held::{GuardUse, HeldKind, HeldOperation};
pub use id::{
    ApiTokenId, ConflictId, ConnectionId, CredentialId, DataKeyId, DeliveryId, EventId, HeldId, NodeId, RequestEntryId,
    ResourceId, SecretId, SystemEntryId, TenantId, WebhookEndpointId,
};
pub use knob_word::KnobWord;
pub use lease::{Fence, Lease};
pub use members::{MemberView, Members};
pub use overrides::{KnobValue, OverrideChanges, Overrides};
pub use permission::{Permission, Permissions, UnknownPermission};
pub use repair_count::RepairCount;
pub use request_entry::{BodyNote, KeptBody, RequestEntry, ScimVersion};
pub use resource::{Member, MemberReference, Membership, StoredResource, TypeName, Version};
pub use rng::Rng;
pub use schema_entry::{SchemaEntry, SchemaEntryKey, SchemaEntryKind, SchemaRevision, TenantSchemas};
pub use secret::{SealedBytes, SealedSecret, SecretKind, SecretOwner, SecretPlace, SecretVersion, WrappedDataKey};
pub use stored_document::{DamagedDocument, StoredDocument};
pub use system_entry::{Action, Actor, SystemEntry};
pub use tenant::Tenant;
pub use token::{Token, TokenKind};
pub use webhook::{
    Delivery, DeliveryAttempt, DeliveryState, DisabledReason, SigningKey, WebhookEndpoint, WebhookHealth,
    WebhookPayload, WebhookSettings, WebhookState,
};

#[cfg(feature = "fakes")]
pub mod fake;
