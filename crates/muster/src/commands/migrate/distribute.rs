//! `muster migrate --distribute`: declares the tables to Citus (docs/adr/0022).

use std::process::ExitCode;

use muster_config::Database;
use muster_store_postgres::distribution::{self, Step};
use serde_json::json;

use crate::failure::Failure;
use crate::{output, progress};

/// What would be run, for the one who runs it by hand or wants to read it first. Needs no database.
pub(super) fn print_statements(as_json: bool) -> Result<ExitCode, Failure> {
    let statements = distribution::statements();
    if as_json {
        output::print_json(&json!({ "statements": statements }))?;
    } else {
        output::print(&format!("{};\n", statements.join(";\n")))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn run(database: &Database, as_json: bool) -> Result<ExitCode, Failure> {
    let Database::Postgresql(url) = database else {
        return Err(Failure::usage(
            "--distribute spreads the tables of a PostgreSQL cluster, and the settings name an SQLite file; name the cluster's \
             coordinator with --database-url postgres://…",
        ));
    };
    let tell = |step: Step| {
        if !as_json {
            output::note(&line(step));
        }
    };
    let spreading = distribution::distribute(url.expose(), tell);
    let steps = progress::announced("spreading the tables", spreading).await?;
    let made = steps.iter().filter(|step| !step.is_found).count();
    let shown = database.display();
    if as_json {
        let tables: Vec<_> = steps
            .iter()
            .map(|step| json!({ "table": step.table, "placement": step.placement.as_str(), "found": step.is_found }))
            .collect();
        output::print_json(&json!({ "database": shown, "up_to_date": true, "declared": made, "tables": tables }))?;
    } else if made == 0 {
        output::print(&format!("All {} tables of {shown} were declared to Citus already.\n", steps.len()))?;
    } else {
        output::print(&format!("{made} of {} tables of {shown} were declared to Citus now.\n", steps.len()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn line(step: Step) -> String {
    let how = step.placement.as_str();
    let when = if step.is_found { "found" } else { "done" };
    format!("{:<24} {how:<12} {when}", step.table)
}
