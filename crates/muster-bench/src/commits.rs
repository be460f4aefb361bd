//! The database's own ceiling: one row of a kilobyte a commit, each flushed to disk before the next.

use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::Connection;

/// As large as the document of a person with the usual attributes.
const ROW: usize = 1024;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  muster-bench commits --database /tmp/commits.db --seconds 2")]
pub(crate) struct Arguments {
    /// The file, made when it is missing. It must be on the disk that Muster's database is on.
    #[arg(long, value_name = "FILE")]
    database: PathBuf,
    /// How long it commits.
    #[arg(long, default_value_t = 2, value_name = "N")]
    seconds: u64,
}

pub(crate) fn measure(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let connection = Connection::open(&arguments.database)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute("CREATE TABLE IF NOT EXISTS row (id INTEGER PRIMARY KEY, content BLOB NOT NULL)", [])?;
    let mut insert = connection.prepare("INSERT INTO row (content) VALUES (?1)")?;
    let content = vec![0x5a_u8; ROW];
    let (mut commits, began, limit) = (0_u32, Instant::now(), Duration::from_secs(arguments.seconds));
    while began.elapsed() < limit {
        insert.execute([&content])?;
        commits = commits.saturating_add(1);
    }
    println!("{:.1}", f64::from(commits) / began.elapsed().as_secs_f64());
    Ok(())
}
