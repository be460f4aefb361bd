//! `muster webhook test`, `resend` and `recover`.

use clap::Args;
use jiff::Timestamp;
use muster_app::webhooks;
use muster_model::DeliveryId;

use super::change::Named;
use super::endpoint_of;
use crate::failure::Failure;
use crate::output;

/// Send a message that tells of nothing, to see whether it arrives. A running server sends it within seconds.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook test whe_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct TestArguments {
    #[command(flatten)]
    named: Named,
}

/// Send a delivery again, whatever became of it. It keeps the event's id, by which a receiver knows it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook resend whe_019a2b3c4d5e7f60718293a4b5c6d7e8 \
                  whd_019a2b3c4d5e7f60718293a4b5c6d7e8")]
pub(super) struct ResendArguments {
    #[command(flatten)]
    named: Named,
    /// The delivery's id, as `muster webhook deliveries` shows it.
    delivery: DeliveryId,
}

/// Send again everything that was given up of what happened within a time, in its order.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  muster webhook recover whe_019a2b3c4d5e7f60718293a4b5c6d7e8 \
                  --since 2026-11-20T00:00:00Z")]
pub(super) struct RecoverArguments {
    #[command(flatten)]
    named: Named,
    /// What happened from then on: 2026-11-20T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    since: Timestamp,
    /// What happened before that; now, if it is not said.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

pub(super) async fn test(arguments: TestArguments) -> Result<(), Failure> {
    let Named { id, tenant, shared } = arguments.named;
    shared
        .with_installation(async |opened| {
            let delivery = webhooks::send_test(&opened.app, &opened.access, &endpoint_of(tenant, id)).await?;
            output::print(&delivery.to_string())?;
            output::note(&format!("`muster webhook delivery {id} {delivery}` shows what becomes of it."));
            Ok(())
        })
        .await
}

pub(super) async fn resend(arguments: ResendArguments) -> Result<(), Failure> {
    let ResendArguments { named: Named { id, tenant, shared }, delivery } = arguments;
    shared
        .with_installation(async |opened| {
            webhooks::resend(&opened.app, &opened.access, &endpoint_of(tenant, id), delivery).await?;
            output::note(&format!("{delivery} is sent again."));
            Ok(())
        })
        .await
}

pub(super) async fn recover(arguments: RecoverArguments) -> Result<(), Failure> {
    let RecoverArguments { named: Named { id, tenant, shared }, since, until } = arguments;
    shared
        .with_installation(async |opened| {
            let count = webhooks::recover(&opened.app, &opened.access, &endpoint_of(tenant, id), since, until).await?;
            output::note(&format!("{count} deliveries are sent again."));
            Ok(())
        })
        .await
}
