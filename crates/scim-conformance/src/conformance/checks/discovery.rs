//! What the server says about itself, and whether it is a thing that clients can read (RFC 7644 section 4).

use serde_json::{Value, json};

use super::super::area::Area;
use super::super::check::Check;
use super::super::session::Session;
use super::super::verdict::{Verdict, ensure, fault, skip};
use crate::likeness::member;
use crate::wire::Ask;

const AREA: Area = Area::Discovery;
const READ_ONLY: [&str; 3] = ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas"];

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new(
            AREA,
            "config",
            "RFC 7644 section 4",
            "/ServiceProviderConfig is one object with its schema",
            "Answer 200 with schemas urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig.",
            config,
        ),
        Check::new(
            AREA,
            "config-features",
            "RFC 7643 section 5",
            "every feature has a supported member that is true or false",
            "Send patch, bulk, filter, changePassword, sort and etag, each with supported.",
            config_features,
        ),
        Check::new(
            AREA,
            "config-limits",
            "RFC 7643 section 5",
            "the limits of bulk and filter are whole numbers",
            "Send bulk.maxOperations, bulk.maxPayloadSize and filter.maxResults.",
            config_limits,
        ),
        Check::new(
            AREA,
            "config-authentication",
            "RFC 7643 section 5",
            "authenticationSchemes names each scheme with type, name and description",
            "Send a list; each entry has type, name and description.",
            config_authentication,
        ),
        Check::new(
            AREA,
            "config-media-type",
            "RFC 7644 section 8.1",
            "answers say application/scim+json",
            "Send Content-Type: application/scim+json.",
            media_type,
        )
        .warning(),
        Check::new(
            AREA,
            "read-only",
            "RFC 7643 section 5",
            "discovery documents refuse POST, PUT, PATCH and DELETE",
            "Answer 405 with an Error body.",
            read_only,
        )
        .warning(),
        Check::new(
            AREA,
            "filter-refused",
            "RFC 7644 section 4",
            "a filter on discovery documents is refused with 403",
            "Answer 403 to a filter, so that a client does not take the whole list for the result.",
            filter_refused,
        )
        .warning(),
        Check::new(
            AREA,
            "paging-ignored",
            "RFC 7644 section 4",
            "count is ignored on discovery documents",
            "Send the whole list whatever count says.",
            paging_ignored,
        ),
    ]
}

fn found_config<'s>(session: &'s Session<'_>) -> Verdict<&'s Value> {
    session.announced.config.as_ref().map_or_else(|| skip("/ServiceProviderConfig could not be read"), Ok)
}

fn config(session: &mut Session<'_>) -> Verdict {
    let answer = session.send(&Ask::get("/ServiceProviderConfig"))?;
    answer.expect_object(&[200])?;
    answer.expect_at("/schemas", &json!([scim::schema::SERVICE_PROVIDER_CONFIG]))
}

fn config_features(session: &mut Session<'_>) -> Verdict {
    let config = found_config(session)?;
    let is_missing = |feature: &&str| !member(config, &format!("/{feature}/supported")).is_boolean();
    let features = ["patch", "bulk", "filter", "changePassword", "sort", "etag"];
    let missing: Vec<&str> = features.iter().filter(|feature| is_missing(feature)).copied().collect();
    ensure(missing.is_empty(), || format!("without a boolean supported: {}", missing.join(", ")))
}

fn config_limits(session: &mut Session<'_>) -> Verdict {
    let config = found_config(session)?;
    let limits = ["bulk/maxOperations", "bulk/maxPayloadSize", "filter/maxResults"];
    let is_missing = |limit: &&str| member(config, &format!("/{limit}")).as_u64().is_none();
    let missing: Vec<&str> = limits.iter().filter(|limit| is_missing(limit)).copied().collect();
    ensure(missing.is_empty(), || format!("missing or no whole number: {}", missing.join(", ")))
}

fn config_authentication(session: &mut Session<'_>) -> Verdict {
    const TYPES: [&str; 5] = ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest"];
    let config = found_config(session)?;
    let Some(schemes) = member(config, "/authenticationSchemes").as_array() else {
        return fault("authenticationSchemes is missing or no list");
    };
    for scheme in schemes {
        for name in ["type", "name", "description"] {
            ensure(member(scheme, &format!("/{name}")).is_string(), || format!("an entry has no {name}"))?;
        }
        let kind = member(scheme, "/type").as_str().unwrap_or_default();
        ensure(TYPES.contains(&kind), || format!("the type \"{kind}\" is none of {}", TYPES.join(", ")))?;
    }
    Ok(())
}

fn media_type(session: &mut Session<'_>) -> Verdict {
    for path in READ_ONLY {
        let answer = session.send(&Ask::get(path))?;
        let found = answer.header("content-type").unwrap_or("nothing").to_owned();
        ensure(found.to_ascii_lowercase().starts_with("application/scim+json"), || format!("{path} says {found}"))?;
    }
    Ok(())
}

fn read_only(session: &mut Session<'_>) -> Verdict {
    for path in READ_ONLY {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            let mut ask = Ask::with_method(method, path);
            if method != "DELETE" {
                ask = ask.text("{}");
            }
            let answer = session.send(&ask)?;
            ensure([405, 501, 403].contains(&answer.status), || {
                format!("{method} {path} was answered with {}, expected 405", answer.status)
            })?;
            answer.expect_at("/schemas", &json!([scim::message::ERROR]))?;
        }
    }
    Ok(())
}

fn filter_refused(session: &mut Session<'_>) -> Verdict {
    for path in ["/ResourceTypes", "/Schemas"] {
        let answer = session.query(path, &[("filter", "name eq \"User\"")])?;
        ensure(answer.status == 403, || format!("{path} with a filter was answered with {}", answer.status))?;
    }
    Ok(())
}

fn paging_ignored(session: &mut Session<'_>) -> Verdict {
    for path in ["/ResourceTypes", "/Schemas"] {
        let whole = session.send(&Ask::get(path))?.resources().len();
        let paged = session.query(path, &[("count", "1")])?;
        paged.expect(&[200])?;
        let found = paged.resources().len();
        ensure(found == whole, || format!("{path}?count=1 has {found} of {whole}"))?;
    }
    Ok(())
}
