//! From a request to the module that answers it.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode};
use muster_app::requests::RequestTrace;
use muster_app::{ScimCaller, admit, authenticate};
use scim::message::SearchRequest;
use scim::projection::Projection;
use scim::{ResourceSchema, Schema};
use serde_json::Value;

use crate::failure::Failure;
use crate::recording::Recording;
use crate::render::Base;
use crate::service::{RequestId, Service};
use crate::target::{self, Address, Target};
use crate::v1::{self, Suffix};
use crate::wire::Wire;
use crate::{authorization, bulk, discovery, negotiation, resource, search};

/// One authenticated request, as the answering modules see it.
pub(crate) struct Call<'a> {
    pub(crate) service: &'a Service,
    pub(crate) caller: ScimCaller,
    pub(crate) base: Base,
    pub(crate) parts: Parts,
    pub(crate) trace: Arc<RequestTrace>,
}

impl Call<'_> {
    /// The resource types that this connection sees.
    pub(crate) fn resource_schemas(&self) -> &[Arc<ResourceSchema>] {
        self.caller.resource_schemas()
    }

    /// The schemas that this connection sees.
    pub(crate) fn schemas(&self) -> &[Arc<Schema>] {
        self.caller.schemas()
    }

    /// The resource type at an endpoint, in any letter case.
    pub(crate) fn schema_at(&self, endpoint: &str) -> Result<Arc<ResourceSchema>, Failure> {
        let found = self
            .resource_schemas()
            .iter()
            .find(|schema| schema.resource_type().endpoint.trim_start_matches('/').eq_ignore_ascii_case(endpoint));
        found.cloned().ok_or(Failure::UnknownAddress)
    }

    /// The query's names and values; `+` is a space (RFC 7644 clients send both).
    pub(crate) fn query(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.parts.uri.query().unwrap_or_default().as_bytes())
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect()
    }

    /// The version of SCIM that is spoken.
    pub(crate) fn wire(&self) -> Wire {
        self.base.wire
    }

    /// What the query asks for, in the words of 2.0.
    pub(crate) fn search(&self) -> Result<SearchRequest, Failure> {
        Ok(self.wire().search(self.query(), &self.caller.profile().leniency)?)
    }

    /// Which attributes the query names for the answer.
    pub(crate) fn projection(&self, schema: &ResourceSchema, named: &SearchRequest) -> Result<Projection, Failure> {
        let leniency = &self.caller.profile().leniency;
        Ok(Projection::compile_leniently(schema, &named.attributes, &named.excluded_attributes, leniency)?)
    }

    /// An answer with a body that is in the words of the version already.
    pub(crate) fn json(&self, status: StatusCode, body: &Value) -> Response {
        self.wire().json(status, body)
    }

    /// RFC 7644 section 4: a filter on discovery SHOULD be refused; other query parameters are ignored.
    pub(crate) fn refuse_filter(&self) -> Result<(), Failure> {
        let has_filter = self.query().iter().any(|(name, _)| name.eq_ignore_ascii_case("filter"));
        if has_filter { Err(Failure::DiscoveryFilter) } else { Ok(()) }
    }
}

/// Answers a request; never fails, every refusal is a SCIM error.
pub(crate) async fn dispatch(service: &Service, request: Request) -> Response {
    let wire = Wire::of(request.uri().path());
    let trace = RequestTrace::new();
    let recording = Recording::begin(service, &request, wire, &trace);
    let (mut response, code) = match answer(service, request, trace).await {
        Ok(response) => (response, None),
        Err(failure) => {
            let code = failure.code();
            (failure.into_response(wire), Some(code))
        }
    };
    if let Some(recording) = recording {
        recording.finish(&mut response, code);
    }
    response
}

async fn answer(service: &Service, request: Request, trace: Arc<RequestTrace>) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let Some(Address { prefix, wire, connection, target, suffix }) = target::parse(parts.uri.path()) else {
        return Err(Failure::UnknownAddress);
    };
    // Who is asking comes before everything else: nobody learns from an error what exists here.
    let caller = authenticate(&service.app, &connection, authorization::bearer_token(&parts.headers)).await?;
    let caller = caller.with_request(parts.extensions.get::<RequestId>().map(|id| id.0.clone()));
    let caller = caller.with_trace(Arc::clone(&trace));
    tracing::Span::current().record("connection.id", tracing::field::display(caller.connection().id));
    admit(&service.app, &caller)?;
    match suffix {
        None => negotiation::check_accept(&parts.headers)?,
        Some(Suffix::Json) => {}
        Some(Suffix::Xml) => return Err(Failure::NotAcceptable),
    }
    let method = match wire {
        Wire::V2 => parts.method.clone(),
        Wire::V1 => v1::method(&parts)?,
    };
    let base = Base { url: format!("{}{prefix}/{}", service.settings.public_url, caller.connection().id), wire };
    let call = Call { service, caller, base, parts, trace };
    let reads = method == Method::GET || method == Method::HEAD;
    match target {
        Target::ServiceProviderConfig if reads => discovery::service_provider_config(&call),
        Target::ResourceTypes if reads && wire == Wire::V1 => v1::resource_types(&call),
        Target::Schemas if reads && wire == Wire::V1 => v1::schemas(&call),
        Target::Schema(name) if reads && wire == Wire::V1 => v1::schema(&call, &name),
        Target::ResourceTypes if reads => discovery::resource_types(&call),
        Target::ResourceType(name) if reads => discovery::resource_type(&call, &name),
        Target::Schemas if reads => discovery::schemas(&call),
        Target::Schema(urn) if reads => discovery::schema(&call, &urn),

        Target::Me => Err(not_supported("/Me is not supported; a connection is not a person")),
        Target::Bulk if method == Method::POST => bulk::bulk(&call, body).await,

        Target::Root if reads => search::root_list(&call).await,
        Target::Root
        | Target::ServiceProviderConfig
        | Target::ResourceTypes
        | Target::ResourceType(_)
        | Target::Schemas
        | Target::Schema(_) => Err(Failure::MethodNotAllowed { allow: "GET, HEAD" }),
        Target::SearchAll if method == Method::POST => search::root_search(&call, body).await,
        Target::Bulk | Target::SearchAll => Err(Failure::MethodNotAllowed { allow: "POST" }),

        Target::Collection(endpoint) => {
            let schema = call.schema_at(&endpoint)?;
            match method {
                Method::GET | Method::HEAD => search::list(&call, &schema).await,
                Method::POST => resource::create(&call, &schema, body).await,
                _ => Err(Failure::MethodNotAllowed { allow: "GET, HEAD, POST" }),
            }
        }
        Target::Search(endpoint) => {
            let schema = call.schema_at(&endpoint)?;
            if method == Method::POST {
                search::search(&call, &schema, body).await
            } else {
                Err(Failure::MethodNotAllowed { allow: "POST" })
            }
        }
        Target::Resource { endpoint, id } => {
            let schema = call.schema_at(&endpoint)?;
            match method {
                Method::GET | Method::HEAD => resource::read_one(&call, &schema, &id).await,
                Method::PUT => resource::replace(&call, &schema, &id, body).await,
                Method::PATCH => resource::patch(&call, &schema, &id, body).await,
                Method::DELETE => resource::delete(&call, &schema, &id).await,
                _ => Err(Failure::MethodNotAllowed { allow: "GET, HEAD, PUT, PATCH, DELETE" }),
            }
        }
        Target::Unknown => Err(Failure::UnknownAddress),
    }
}

fn not_supported(detail: &'static str) -> Failure {
    Failure::App(muster_app::AppError::NotSupported(detail))
}
