//! What happens in a tenant.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::Json as Answer;
use axum::extract::State;
use muster_app::events::{self, CATALOGUE, Event, FeedQuery, MOST_SNAPSHOT_EVENTS, Start};
use muster_app::tenants::TenantName;
use muster_model::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::caller::Caller;
use crate::problem::{Code, Problem, ProblemBody};
use crate::request::Query;
use crate::revision::Fresh;
use crate::service::{Service, Shared};

/// Seconds; shorter than requests may take.
const LONGEST_WAIT: u8 = 20;
const MOST: u16 = 1000;
const USUAL: u16 = 100;

pub(crate) fn routes() -> OpenApiRouter<Arc<Service>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(snapshot))
}

/// An event in the form that all events have (docs/events.md).
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct EventBody(Value);

impl EventBody {
    fn all(events: &[Event]) -> Vec<Self> {
        events.iter().map(|event| Self(event.to_json())).collect()
    }
}

impl PartialSchema for EventBody {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let moment = text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
        let names = CATALOGUE.iter().map(|(known, _)| known.as_str());
        ObjectBuilder::new()
            .property("id", text().pattern(Some("^evt_[0-9a-f]{32}$")))
            .property("type", text().enum_values(Some(names)))
            .property("timestamp", moment)
            .property("data", ObjectBuilder::new().description(Some("What it tells; docs/events.md lists the members")))
            .required("id")
            .required("type")
            .required("timestamp")
            .required("data")
            .description(Some("Something that happened"))
            .into()
    }
}

impl ToSchema for EventBody {
    fn name() -> Cow<'static, str> {
        "Event".into()
    }
}

/// The name of a type of events, or the beginning of some and `.*`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct EventTypeName(pub(crate) String);

impl PartialSchema for EventTypeName {
    fn schema() -> RefOr<Schema> {
        let mut names = BTreeSet::new();
        for (known, _) in CATALOGUE {
            names.insert(known.as_str().to_owned());
            let ends = known.as_str().match_indices('.');
            names.extend(ends.map(|(end, _)| known.as_str().chars().take(end).chain(".*".chars()).collect::<String>()));
        }
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
    }
}

impl ToSchema for EventTypeName {
    fn name() -> Cow<'static, str> {
        "EventTypeName".into()
    }
}

/// Which events are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// This tenant's; left out: the token's own, or the tenant `default`.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// The `next_cursor` of the page before, or the `feed_cursor` of a snapshot. Left out: begins with the oldest event.
    #[param(max_length = 1024)]
    cursor: Option<String>,
    /// Names of types, or their beginning and `.*`, with commas between; left out: all.
    #[param(value_type = Option<String>, max_length = 1024)]
    types: Option<String>,
    /// How many events at most.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u16>,
    /// Seconds to wait when there are none.
    #[param(minimum = 0, maximum = 20, default = 0)]
    wait: Option<u8>,
    /// Whether each has its resource as it is now.
    objects: Option<bool>,
}

/// Some events.
#[derive(Debug, Serialize, ToSchema)]
struct EventPage {
    data: Vec<EventBody>,
    /// Whether there are more already.
    has_more: bool,
    /// Where the next page begins; also when there is nothing yet.
    next_cursor: String,
}

/// Follow events
///
/// In the order in which things happened. Who goes on with `next_cursor` misses none and meets none twice.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "Events", operation_id = "list_events", params(EventsQuery),
    responses(
        (status = 200, description = "A page of them", body = EventPage),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(service): Shared,
    Caller(caller): Caller,
    Query(wanted): Query<EventsQuery>,
) -> Result<Fresh<Answer<EventPage>>, Problem> {
    let access = caller.grant()?;
    let (limit, wait) = (wanted.limit.unwrap_or(USUAL), wanted.wait.unwrap_or(0));
    if !(1..=MOST).contains(&limit) || wait > LONGEST_WAIT {
        let detail = format!("\"limit\" is a number from 1 to {MOST}, and \"wait\" one from 0 to {LONGEST_WAIT}");
        return Err(Problem::new(Code::InvalidRequest, detail));
    }
    let place = service.waiting.try_acquire().ok().filter(|_| wait > 0);
    let wait = if place.is_some() { wait } else { 0 };
    let types = wanted.types.as_deref().unwrap_or_default().split(',').map(str::trim).filter(|name| !name.is_empty());
    let query = FeedQuery {
        tenant: wanted.tenant_id.map(TenantName::Id),
        start: wanted.cursor.map_or(Start::Beginning, Start::Cursor),
        types: types.map(str::to_owned).collect(),
        limit: usize::from(limit),
        wait: Duration::from_secs(wait.into()),
        objects: wanted.objects.unwrap_or(false),
    };
    let page = events::list(&service.app, &access, &query).await?;
    let data = EventBody::all(&page.events);
    Ok(Fresh(Answer(EventPage { data, has_more: page.has_more, next_cursor: page.next })))
}

/// Which part of a snapshot is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SnapshotQuery {
    /// This tenant's; left out: the token's own, or the tenant `default`.
    #[param(value_type = Option<String>, pattern = "^ten_[0-9a-f]{32}$")]
    tenant_id: Option<TenantId>,
    /// The `next_cursor` of the page before.
    #[param(max_length = 1024)]
    cursor: Option<String>,
}

/// Part of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
struct SnapshotPage {
    data: Vec<EventBody>,
    /// Whether it goes on.
    has_more: bool,
    /// Where the next page begins, if it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// With which the feed goes on when the snapshot was read to its end.
    feed_cursor: String,
}

/// Take a snapshot
///
/// The present directory as events: everybody is created, then members join. Who reads it to its end and then follows the
/// events behind `feed_cursor` has the directory exactly.
#[utoipa::path(
    get, path = "/api/v1/events/snapshot", tag = "Events", operation_id = "take_snapshot", params(SnapshotQuery),
    responses(
        (status = 200, description = "A page of it", body = SnapshotPage),
        (status = "default", description = "A problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
async fn snapshot(
    State(service): Shared,
    Caller(caller): Caller,
    Query(wanted): Query<SnapshotQuery>,
) -> Result<Fresh<Answer<SnapshotPage>>, Problem> {
    let access = caller.grant()?;
    let tenant = wanted.tenant_id.map(TenantName::Id);
    let page = events::snapshot(&service.app, &access, tenant, wanted.cursor.as_deref(), MOST_SNAPSHOT_EVENTS).await?;
    let data = EventBody::all(&page.events);
    let has_more = page.next.is_some();
    Ok(Fresh(Answer(SnapshotPage { data, has_more, next_cursor: page.next, feed_cursor: page.feed })))
}
