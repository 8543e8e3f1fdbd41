//! What the tests start: a keeper, as the host's binary would be one, and
//! workers that behave in one particular way each.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = env::args_os().skip(1);
    let role = args.next().unwrap_or_default();
    let argument = |args: &mut dyn Iterator<Item = OsString>| {
        args.next().and_then(|a| a.into_string().ok()).unwrap_or_default()
    };
    match role.to_str() {
        Some("machine") => return Ok(hooke_clouds::process::keeper::run(args)?),
        Some("idle") => loop {
            thread::park();
        },
        Some("spin") => loop {
            std::hint::spin_loop();
        },
        Some("fail") => {
            note_start(&PathBuf::from(argument(&mut args)))?;
            return Ok(ExitCode::from(3));
        }
        Some("connect") => {
            let _open = TcpStream::connect(argument(&mut args))?;
            loop {
                thread::park();
            }
        }
        Some("busy") => stay_until(&PathBuf::from(argument(&mut args)))?,
        Some("tell") => {
            tell(&PathBuf::from(argument(&mut args)))?;
            loop {
                thread::park();
            }
        }
        _ => return Err(format!("no such role: {role:?}").into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Has something in hand: hears SIGTERM, and leaves only when `release` is there.
fn stay_until(release: &Path) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut told = signal(SignalKind::terminate())?;
        let mut count = 0_u32;
        while !release.exists() {
            tokio::select! {
                _ = told.recv() => count += 1,
                () = tokio::time::sleep(Duration::from_millis(10)) => {}
            }
        }
        note_line(release, &format!("told {count} times"))
    })
}

/// Writes down what a worker is told by its environment.
fn tell(path: &Path) -> io::Result<()> {
    let mut lines: Vec<String> = env::vars()
        .filter(|(name, _)| name != "PATH" && name != "HOME")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    lines.sort();
    let next = path.with_extension("next");
    fs::write(&next, lines.join("\n"))?;
    fs::rename(next, path)
}

fn note_start(path: &Path) -> io::Result<()> {
    note_line(path, "started")
}

fn note_line(path: &Path, line: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    Ok(writeln!(file, "{line}")?)
}
