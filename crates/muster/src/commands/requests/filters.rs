//! Which entries are wanted, as flags say it.

use std::time::Duration;

use clap::Args;
use jiff::Timestamp;
use muster_model::{Clock, ConnectionId, ResourceId};
use muster_store::{RequestQuery, StatusFilter};

use crate::system::SystemClock;

#[derive(Args, Debug)]
pub(super) struct FilterFlags {
    /// Of this tenant [default: that of --connection, else "default"].
    #[arg(long, value_name = "NAME")]
    pub(super) tenant: Option<String>,
    /// Only those of this connection.
    #[arg(long, value_name = "ID")]
    connection: Option<ConnectionId>,
    /// Only those with this method.
    #[arg(long)]
    method: Option<String>,
    /// Only those that ended so: a status such as 409, a class such as 4xx, or failed (400 and more, or never answered).
    #[arg(long, value_name = "STATUS", value_parser = parse_status)]
    status: Option<StatusFilter>,
    /// Only those with this error code, such as uniqueness or unauthenticated.
    #[arg(long)]
    code: Option<String>,
    /// Only those about the resource with this id.
    #[arg(long, value_name = "ID", value_parser = parse_resource)]
    resource: Option<ResourceId>,
    /// Only those of that moment or later: 2026-11-22T09:30:00Z, or how long ago, such as 30m, 2h or 7d.
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<Moment>,
    /// Only those before that moment.
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<Moment>,
}

impl FilterFlags {
    pub(super) fn query(&self, limit: u64) -> RequestQuery {
        RequestQuery {
            connection: self.connection,
            method: self.method.as_ref().map(|method| method.to_uppercase()),
            status: self.status,
            code: self.code.clone(),
            resource: self.resource,
            since: self.since.map(Moment::resolved),
            until: self.until.map(Moment::resolved),
            ..RequestQuery::newest(limit)
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    At(Timestamp),
    Ago(Duration),
}

impl Moment {
    fn resolved(self) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => SystemClock.now().checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

fn parse_moment(text: &str) -> Result<Moment, String> {
    let ago = || {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            _ => return None,
        };
        number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
    };
    match ago() {
        Some(ago) => Ok(Moment::Ago(ago)),
        None => text.parse().map(Moment::At).map_err(|_| {
            "write a moment such as 2026-11-22T09:30:00Z, or how long ago, such as 30m, 2h or 7d".to_owned()
        }),
    }
}

fn parse_status(text: &str) -> Result<StatusFilter, String> {
    let class = || text.strip_suffix("xx")?.parse().ok().filter(|class| (1..=5).contains(class));
    let status = || text.parse().ok().filter(|status| (100..=599).contains(status));
    match text {
        "failed" => Ok(StatusFilter::Failed),
        _ => class()
            .map(StatusFilter::Class)
            .or_else(|| status().map(StatusFilter::Exactly))
            .ok_or_else(|| "write a status such as 409, a class such as 4xx, or failed".to_owned()),
    }
}

fn parse_resource(text: &str) -> Result<ResourceId, String> {
    ResourceId::parse(text).ok_or_else(|| "an id is a UUID in small letters, as answers show it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_statuses_are_read() {
        assert_eq!(parse_moment("2h"), Ok(Moment::Ago(Duration::from_hours(2))));
        assert_eq!(parse_moment("7d"), Ok(Moment::Ago(Duration::from_hours(168))));
        assert!(matches!(parse_moment("2026-11-22T09:30:00Z"), Ok(Moment::At(_))));
        for wrong in ["", "2", "h", "2w", "yesterday", "é"] {
            assert!(parse_moment(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_status("4xx"), Ok(StatusFilter::Class(4)));
        assert_eq!(parse_status("409"), Ok(StatusFilter::Exactly(409)));
        assert_eq!(parse_status("failed"), Ok(StatusFilter::Failed));
        for wrong in ["9xx", "x", "42", "4x"] {
            assert!(parse_status(wrong).is_err(), "{wrong}");
        }
    }
}
