//! What each function of WASI answers here, by its name. What is not in the
//! list is denied if its type has an error that says so, and else a trap.

/// What one function does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// An empty list: no variables, arguments, open directories.
    Nothing,
    /// An absent option.
    Absent,
    /// Returns at once, with nothing.
    Done,
    /// Returns at once; success.
    Ok,
    /// Yes.
    Yes,
    /// A handle that leads nowhere, or to the log.
    Handle(Handle),
    /// Takes what is printed.
    Print,
    /// How many bytes may be printed at once.
    Room,
    /// The stream is at its end.
    Closed,
    /// All that was asked about is ready.
    AllReady,
    /// The time of the tick.
    TickTime,
    /// What a clock tells apart, as a date.
    TickGrain,
    /// A clock that goes on by itself, one step a call.
    Steps,
    /// The length of a step.
    StepLength,
    /// Bytes of chance.
    ChanceBytes,
    /// A number of chance.
    ChanceNumber,
    /// Two numbers of chance.
    ChancePair,
    /// What an error says of itself.
    ErrorText,
    /// Ends the policy, which it may not.
    Exit,
    /// An error where the type has one, else a trap.
    Denied,
}

/// Where a handle leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handle {
    /// Nowhere.
    Idle,
    /// To the log, as information.
    Stdout,
    /// To the log, as a warning.
    Stderr,
}

impl Handle {
    pub(super) const fn number(self) -> u32 {
        match self {
            Self::Idle => 0,
            Self::Stdout => 1,
            Self::Stderr => 2,
        }
    }

    pub(super) const fn numbered(number: u32) -> Self {
        match number {
            1 => Self::Stdout,
            2 => Self::Stderr,
            _ => Self::Idle,
        }
    }
}

impl Answer {
    /// What a function answers, by its interface without version, `io/poll`.
    pub(super) fn of(interface: &str, function: &str) -> Self {
        let known = match interface.split_once('/') {
            Some(("cli", interface)) => cli(interface, function),
            Some(("clocks", interface)) => clocks(interface, function),
            Some(("io", interface)) => io(interface, function),
            Some(("random", interface)) => random(interface, function),
            Some(("filesystem", _)) => filesystem(function),
            Some(("sockets", _)) if function == "instance-network" => Some(IDLE),
            Some(_) | None => None,
        };
        // Everything that can be waited for is ready.
        let waits = function.starts_with("[method]") && function.ends_with(".subscribe");
        known.or(waits.then_some(IDLE)).unwrap_or(Self::Denied)
    }
}

const IDLE: Answer = Answer::Handle(Handle::Idle);

fn cli(interface: &str, function: &str) -> Option<Answer> {
    Some(match (interface, function) {
        ("environment", "get-environment" | "get-arguments") => Answer::Nothing,
        ("environment", "initial-cwd") => Answer::Absent,
        ("exit", _) => Answer::Exit,
        ("stdin", "get-stdin") => IDLE,
        ("stdout", "get-stdout") => Answer::Handle(Handle::Stdout),
        ("stderr", "get-stderr") => Answer::Handle(Handle::Stderr),
        ("terminal-stdin" | "terminal-stdout" | "terminal-stderr", _) => Answer::Absent,
        _ => return None,
    })
}

fn clocks(interface: &str, function: &str) -> Option<Answer> {
    Some(match (interface, function) {
        ("wall-clock", "now") => Answer::TickTime,
        ("wall-clock", "resolution") => Answer::TickGrain,
        ("monotonic-clock", "now") => Answer::Steps,
        ("monotonic-clock", "resolution") => Answer::StepLength,
        ("monotonic-clock", "subscribe-instant" | "subscribe-duration") => IDLE,
        _ => return None,
    })
}

fn io(interface: &str, function: &str) -> Option<Answer> {
    let (resource, method) =
        function.strip_prefix("[method]").and_then(|name| name.split_once('.')).unzip();
    Some(match (interface, resource.unwrap_or(""), method.unwrap_or(function)) {
        ("error", "error", "to-debug-string") => Answer::ErrorText,
        ("poll", "", "poll") => Answer::AllReady,
        ("poll", "pollable", "ready") => Answer::Yes,
        ("poll", "pollable", "block") => Answer::Done,
        ("streams", "input-stream", "subscribe") => IDLE,
        ("streams", "input-stream", _) => Answer::Closed,
        ("streams", "output-stream", "check-write") => Answer::Room,
        ("streams", "output-stream", "write" | "blocking-write-and-flush") => Answer::Print,
        // Zeroes show nothing.
        (
            "streams",
            "output-stream",
            "flush" | "blocking-flush" | "write-zeroes" | "blocking-write-zeroes-and-flush",
        ) => Answer::Ok,
        // What would be copied comes from a stream that is at its end.
        ("streams", "output-stream", "splice" | "blocking-splice") => Answer::Closed,
        _ => return None,
    })
}

fn random(interface: &str, function: &str) -> Option<Answer> {
    Some(match (interface, function) {
        ("random", "get-random-bytes") | ("insecure", "get-insecure-random-bytes") => {
            Answer::ChanceBytes
        }
        ("random", "get-random-u64") | ("insecure", "get-insecure-random-u64") => {
            Answer::ChanceNumber
        }
        ("insecure-seed", "insecure-seed" | "get-insecure-seed") => Answer::ChancePair,
        _ => return None,
    })
}

fn filesystem(function: &str) -> Option<Answer> {
    match function {
        "get-directories" => Some(Answer::Nothing),
        "filesystem-error-code" => Some(Answer::Absent),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, Handle};

    #[test]
    fn functions_are_known_by_their_names() {
        let check = |interface, function, want| {
            assert_eq!(Answer::of(interface, function), want, "{interface} {function}");
        };
        check("cli/environment", "get-arguments", Answer::Nothing);
        check("cli/stderr", "get-stderr", Answer::Handle(Handle::Stderr));
        check("cli/exit", "exit-with-code", Answer::Exit);
        check("cli/terminal-stdout", "get-terminal-stdout", Answer::Absent);
        check("io/streams", "[method]input-stream.blocking-read", Answer::Closed);
        check("io/streams", "[method]output-stream.subscribe", Answer::Handle(Handle::Idle));
        check("sockets/tcp", "[method]tcp-socket.subscribe", Answer::Handle(Handle::Idle));
        check("sockets/tcp", "[method]tcp-socket.start-bind", Answer::Denied);
        check("filesystem/types", "[method]descriptor.open-at", Answer::Denied);
        check("http/types", "[constructor]fields", Answer::Denied);
        check("clocks/timezone", "display", Answer::Denied);
    }
}
