//! `hooke run`.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::Ended;
use crate::shell;

/// Runs every site of the site file until SIGTERM or SIGINT; what is in flight
/// is finished and the fleet runs on. SIGHUP reads the site file again, or
/// keeps the old one and says why.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The site file.
    #[arg(long, short, default_value = "hooke.toml", env = "HOOKE_CONFIG", value_name = "FILE")]
    config: PathBuf,
    /// What to log: error, warn, info, debug, trace, or a filter by module.
    #[arg(long, default_value = "info", env = "HOOKE_LOG", value_name = "FILTER")]
    log: String,
    /// How to log, on standard error.
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    log_format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl Run {
    pub(super) fn run(self) -> anyhow::Result<Ended> {
        let filter = EnvFilter::try_new(&self.log)?;
        let terminal = std::io::stderr().is_terminal();
        let log = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(terminal);
        match self.log_format {
            LogFormat::Text => log.with_target(false).init(),
            LogFormat::Json => log.json().init(),
        }
        super::runtime()?.block_on(shell::run(&self.config))?;
        Ok(Ended::Done)
    }
}
