//! The command line: what may be asked of the program, and its exit codes.

mod check;
mod demo;
mod plan;
mod plot;
mod policy;
mod replay;
mod run;
mod status;
mod why;

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Error;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::config::ConfigError;
use crate::driver::KEEPER_COMMAND;
use crate::shelf::COMPILE_COMMAND;
use crate::shell::HostFailure;

/// Elasticity for fleets of queue workers.
///
/// Watches message queues and machines, asks sandboxed WebAssembly policies
/// what each worker class needs, bounds the answer, and drives the cloud.
///
/// Exit codes of every command: 0 done; 1 failed; 2 wrong usage (an argument
/// that cannot be read, or that names what is not there) or a wrong site file,
/// and nothing was started.
#[derive(Debug, Parser)]
#[command(name = "hooke", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs every site of the site file until SIGTERM; the fleet runs on after it.
    Run(run::Run),
    /// Checks the site file, the policies and whether brokers and clouds answer.
    Check(check::Check),
    /// Plays a simulated site for half a minute standing for some hours.
    Demo(demo::Demo),
    /// Says what the next tick would do, and does nothing.
    Plan(plan::Plan),
    /// Shows profiles and machines of the running host.
    Status(status::Status),
    /// Explains a decision: readings, policies, guards, ladder, actions, outcomes.
    Why(why::Why),
    /// Asks recorded evaluations again and shows where answers differ.
    Replay(replay::Replay),
    /// Writes, builds, checks, tests, measures and installs policies, lists and inspects them.
    #[command(subcommand)]
    Policy(policy::Policy),
}

/// Which site file, and how to print.
#[derive(Debug, Args)]
struct Common {
    /// The site file.
    #[arg(long, short, default_value = "hooke.toml", env = "HOOKE_CONFIG", value_name = "FILE")]
    config: PathBuf,
    #[command(flatten)]
    print: Print,
}

/// How to print.
#[derive(Debug, Args)]
struct Print {
    /// How to print the answer.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The command was asked wrongly: exit code 2, as the parser of the command
/// line gives it. Says what was asked, and what to ask instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUsage(String);

/// How a command ended.
enum Ended {
    /// It did what it was asked.
    Done,
    /// It has said what failed.
    Failed,
}

/// Runs the program.
pub fn main() -> ExitCode {
    // A machine's keeper and the compile worker have arguments of their own,
    // which no person ever types.
    let mut args = std::env::args_os().skip(1);
    let first = args.next();
    if first.as_deref() == Some(OsStr::new(KEEPER_COMMAND)) {
        return keep(args);
    }
    if first.as_deref() == Some(OsStr::new(COMPILE_COMMAND)) {
        return compile();
    }
    let cli = Cli::parse();
    let (format, ended) = match cli.command {
        Command::Run(command) => (Format::Text, command.run()),
        Command::Check(command) => (command.format(), command.run()),
        Command::Demo(command) => (command.format(), command.run()),
        Command::Plan(command) => (command.format(), command.run()),
        Command::Status(command) => (command.format(), command.run()),
        Command::Why(command) => (command.format(), command.run()),
        Command::Replay(command) => (command.format(), command.run()),
        Command::Policy(command) => (command.format(), command.run()),
    };
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::from(1),
        Err(error) => failed(&error, format),
    }
}

fn keep(args: impl Iterator<Item = std::ffi::OsString>) -> ExitCode {
    hooke_clouds::process::keeper::run(args).unwrap_or_else(|error| {
        let _ =
            writeln!(std::io::stderr(), "hooke {KEEPER_COMMAND}: {}", crate::shelf::chain(&error));
        ExitCode::from(1)
    })
}

fn compile() -> ExitCode {
    match hooke_shelf::run_compile_worker() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let why = crate::shelf::chain(&error);
            let _ = writeln!(std::io::stderr(), "hooke {COMPILE_COMMAND}: {why}");
            ExitCode::from(1)
        }
    }
}

/// Says what failed and where, once, on standard error; as JSON on standard
/// output when that was asked for.
fn failed(error: &Error, format: Format) -> ExitCode {
    let wrong = error.downcast_ref::<ConfigError>().or_else(|| match error.downcast_ref() {
        Some(HostFailure::Config(wrong)) => Some(wrong),
        _ => None,
    });
    let problems = match wrong {
        Some(ConfigError::Wrong { problems, .. }) => Some(problems),
        _ => None,
    };
    let code = if wrong.is_some() || error.is::<WrongUsage>() { 2 } else { 1 };
    let chain = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let mut err = std::io::stderr();
    if format == Format::Json {
        let views = problems.map(|problems| problems.views()).unwrap_or_default();
        print_json(&serde_json::json!({ "error": chain, "problems": views }));
    } else {
        if let Some(problems) = problems {
            let styled = err.is_terminal() && std::env::var_os("NO_COLOR").is_none();
            let renderer = if styled {
                annotate_snippets::Renderer::styled()
            } else {
                annotate_snippets::Renderer::plain()
            };
            let _ = writeln!(err, "{}\n", problems.render(&renderer));
        }
        let _ = writeln!(err, "hooke: {chain}");
    }
    ExitCode::from(code)
}

/// The error of a command that was asked wrongly.
fn wrong_usage(what: impl Into<String>) -> Error {
    Error::new(WrongUsage(what.into()))
}

/// Prints to standard output. A reader that went away, such as `head`, is no error.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// As wide as the terminal; 100 columns where there is none.
fn columns() -> u16 {
    terminal_size::terminal_size_of(std::io::stdout()).map_or(100, |(width, _)| width.0)
}

/// A table without lines, which fits the terminal.
fn table(header: &[&str]) -> comfy_table::Table {
    let mut table = comfy_table::Table::new();
    table
        .load_style(comfy_table::presets::NOTHING)
        .set_content_arrangement(comfy_table::ContentArrangement::Dynamic)
        .set_width(columns());
    if !header.is_empty() {
        table.set_header(header);
    }
    table
}

fn print_json(value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).expect("views have string keys only");
    print(&format!("{text}\n"));
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
