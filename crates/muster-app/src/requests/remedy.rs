//! Why a call failed and what to do about it, in words for whoever looks after the connection. One sentence each, and the
//! sentences name no values, so they may be shown to the customer's administrator, too.

use muster_model::RequestEntry;
use scim::ScimType;

use super::ErrorCode;

/// For a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    pub cause: &'static str,
    pub remedy: &'static str,
}

/// Of a call that failed; `None`: it did not, or its code is of a newer release.
pub fn advice(entry: &RequestEntry) -> Option<Advice> {
    if !entry.has_failed() {
        return None;
    }
    match &entry.code {
        Some(code) => ErrorCode::parse(code).map(ErrorCode::advice),
        None => Some(ErrorCode::Internal.advice()),
    }
}

impl ErrorCode {
    /// Why, and what to do. Each code has one, because the match must be complete.
    pub const fn advice(self) -> Advice {
        let (cause, remedy) = match self {
            Self::Scim(scim_type) => of_scim_type(scim_type),
            Self::Unauthenticated => (
                "The request had no token, a wrong or expired one, or one of another connection.",
                "Compare base URL and token in the identity provider with `muster connection show`; if in doubt make a new \
                 token with `muster connection token rotate` and enter it there.",
            ),
            Self::UnknownAddress => (
                "There is no such endpoint below the connection's address.",
                "Check that the base URL in the identity provider ends with the connection's id and nothing behind it, and \
                 that the resource type it uses is listed by /ResourceTypes.",
            ),
            Self::ResourceNotFound => (
                "The connection has no resource with this id: it was deleted, or another connection owns it.",
                "If the identity provider still lists it as provisioned, let it provision the person or group again; if \
                 somebody else owns it, see `muster conflict list`.",
            ),
            Self::MethodNotAllowed => (
                "The address is right, but it does not know this method.",
                "Compare the client's calls with SCIM: lists are read with GET, made with POST; one resource is changed with \
                 PUT, PATCH and DELETE.",
            ),
            Self::Held
            | Self::Suspended
            | Self::TooManyRequests
            | Self::PreconditionRequired
            | Self::VersionMismatch => of_policy(self),
            Self::BodyTooLarge | Self::TooManyOperations | Self::BulkTooLarge | Self::BodyBroken => of_body(self),
            Self::UnsupportedMediaType | Self::NotAcceptable | Self::DiscoveryFilter | Self::MethodOverride => {
                of_client(self)
            }
            Self::ReferenceFailed | Self::MembershipCircle | Self::UnknownMembers | Self::NotSupported => {
                of_content(self)
            }
            Self::Contended | Self::TooBroad | Self::DatabaseUnavailable | Self::Internal | Self::NotAnswered => {
                of_server(self)
            }
        };
        Advice { cause, remedy }
    }
}

/// RFC 7644 section 3.12, table 9, and RFC 9865.
const fn of_scim_type(scim_type: ScimType) -> (&'static str, &'static str) {
    match scim_type {
        ScimType::InvalidFilter => (
            "The filter is not written as SCIM wants it, or compares an attribute in a way that its type does not know.",
            "Look at the detail for the place; in the identity provider, correct the attribute by which it looks people up.",
        ),
        ScimType::TooMany => (
            "The request asks for more work than one request may cause.",
            "Let it ask for less: look people up by userName, externalId or id, and send large changes in several requests.",
        ),
        ScimType::Uniqueness => (
            "Somebody else has the value already that must be unique, most often the userName.",
            "If it is the same person, give it to this connection with `muster conflict adopt` or let the identity provider \
             match it; otherwise change the value in the identity provider.",
        ),
        ScimType::Mutability => (
            "The request changes an attribute that clients cannot change, such as id or meta.",
            "Take the attribute out of the attribute mapping of the identity provider.",
        ),
        ScimType::InvalidSyntax => (
            "The body is no JSON, or not of the form that this kind of request has.",
            "Look at the detail for the place; most often a template in the identity provider builds the body wrongly.",
        ),
        ScimType::InvalidPath => (
            "A path in the PATCH names no attribute that the connection's schemas have.",
            "Correct the attribute in the mapping of the identity provider, or add it to the schema (`muster schema add`).",
        ),
        ScimType::NoTarget => (
            "A path in the PATCH has a filter that no value of the resource fulfils, so there is nothing to change.",
            "Let the identity provider provision the resource as a whole again, so that both sides know the same values.",
        ),
        ScimType::InvalidValue => (
            "A value has the wrong type, is missing although it is required, or is not allowed for its attribute.",
            "The detail names the attribute; correct its mapping or its source in the identity provider.",
        ),
        ScimType::InvalidVers => (
            "The request speaks a version of SCIM that this address does not.",
            "Use the base URL for the version that the identity provider speaks; `muster connection show` prints both.",
        ),
        ScimType::Sensitive => (
            "The request has data in its address that does not belong there.",
            "Let the client send the search to /.search, where it is in the body.",
        ),
        ScimType::InvalidCursor => (
            "The cursor was not given out for this search, or was changed on the way.",
            "The client must send the cursor as it got it, with the same filter and order; let it begin the list again.",
        ),
        ScimType::ExpiredCursor => (
            "The client waited too long before it asked for the next page.",
            "Let it begin the list again; if it needs that long for a page, let it ask for smaller ones.",
        ),
        ScimType::InvalidCount => (
            "The page that is asked for has a size that is not a number or is out of range.",
            "Correct the page size in the client; /ServiceProviderConfig says what is allowed.",
        ),
    }
}

const fn of_policy(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::Held => (
            "The connection has taken away more within 24 hours than its guard allows, so this change waits for a person.",
            "Look at it with `muster held list`; release it if it is meant, and drop it if the identity provider erred.",
        ),
        ErrorCode::Suspended => (
            "An operator has suspended the connection, so that none of its requests is done.",
            "Resume it in the management API when it may go on; the identity provider comes back by itself.",
        ),
        ErrorCode::TooManyRequests => (
            "The connection sent more requests than its rate allows.",
            "Usually nothing: identity providers come back by themselves. Raise the knob requests_per_second if it lasts.",
        ),
        ErrorCode::PreconditionRequired => (
            "The connection's profile demands that a change names the version that it changes.",
            "Let the client send If-Match with the ETag that it read, or set require_if_match=false for the connection.",
        ),
        _ => (
            "The resource was changed since the version that the request names.",
            "Usually nothing: the client reads the resource again and repeats the change.",
        ),
    }
}

const fn of_body(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::BodyTooLarge => (
            "The body is larger than the server takes.",
            "Send fewer members or values in one request, or raise max_body_bytes.",
        ),
        ErrorCode::TooManyOperations => (
            "The bulk request has more operations than /ServiceProviderConfig announces.",
            "Let the client send several smaller bulk requests.",
        ),
        ErrorCode::BulkTooLarge => (
            "The bulk request is larger than /ServiceProviderConfig announces.",
            "Let the client send several smaller bulk requests.",
        ),
        _ => (
            "The connection broke before the body was there as a whole, or the server was reading too many bodies at once.",
            "Usually nothing: the client repeats it. If it happens often, look at proxies between the two.",
        ),
    }
}

const fn of_client(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::UnsupportedMediaType => (
            "The body is announced as something else than JSON.",
            "Let the client send Content-Type: application/scim+json.",
        ),
        ErrorCode::NotAcceptable => (
            "The client accepts only formats that SCIM's answers do not have.",
            "Let the client accept application/scim+json.",
        ),
        ErrorCode::DiscoveryFilter => (
            "The client filters an address that describes the server, which SCIM does not allow.",
            "Take the filter away; these lists are short.",
        ),
        _ => (
            "X-HTTP-Method-Override names a method that it cannot stand for.",
            "Let the client, or the proxy that adds it, name PUT, PATCH or DELETE there, once.",
        ),
    }
}

const fn of_content(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::ReferenceFailed => (
            "An operation of the bulk request refers to a resource that another of its operations did not create.",
            "Look at the answer for the operation that failed first; this one follows from it.",
        ),
        ErrorCode::MembershipCircle => (
            "A group would be a member of itself through other groups.",
            "Take one of the memberships out in the identity provider.",
        ),
        ErrorCode::UnknownMembers => (
            "The group names members whom the connection does not know, and its profile refuses that.",
            "Provision the people before the group, or let the profile hold unknown members until they come.",
        ),
        _ => (
            "The client uses a feature that /ServiceProviderConfig says is not supported.",
            "Switch the feature off in the client.",
        ),
    }
}

const fn of_server(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::Contended => (
            "Too many requests changed the same resource at once, and this one did not get its turn.",
            "Usually nothing: the client comes back. If it lasts, let it send changes of one group one after another.",
        ),
        ErrorCode::TooBroad => (
            "The search looks at more people than one request may cost, because no index answers it.",
            "Let the identity provider match by userName, externalId, emails.value or id, and list without a filter in pages.",
        ),
        ErrorCode::DatabaseUnavailable => (
            "The database did not answer in time.",
            "Nothing in the identity provider, which comes back by itself; `muster doctor` and the server's log say what the \
             database lacks.",
        ),
        ErrorCode::NotAnswered => (
            "The client went away before it was answered, or the server gave the request up after request_timeout.",
            "If it happens often, compare the client's timeout and request_timeout with the durations of its requests.",
        ),
        _ => (
            "The server failed, which is a defect of Muster or of the database.",
            "Look for the request's id in the server's log, run `muster doctor`, and report it.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_a_cause_and_a_remedy_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ErrorCode::all() {
            let Advice { cause, remedy } = code.advice();
            assert!(cause.ends_with('.') && remedy.ends_with('.'), "{code:?}");
            assert!(cause.len() > 20 && remedy.len() > 20, "{code:?}");
            assert!(!cause.contains("  ") && !remedy.contains("  "), "{code:?}");
            assert!(seen.insert(cause), "{code:?} says what another says: {cause}");
        }
    }
}
