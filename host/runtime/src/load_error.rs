//! Why a file did not become a policy. Every message says what is wrong, with
//! which policy, and what to do about it; none needs a second look at the file.

use hooke_control::answer::PolicyFailure;
use hooke_control::ids::PolicyName;

use crate::contract;
use crate::form::Form;
use crate::grant::Grants;
use crate::limit::LimitHit;
use crate::wasi;

/// A policy that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("policy {policy}: {why}")]
pub struct LoadError {
    /// The policy, as the site file names it.
    pub policy: PolicyName,
    /// What is wrong with it.
    pub why: LoadProblem,
}

/// What is wrong with a policy, grouped by who has to act: whoever put the
/// file there, its author, or the operator of the site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadProblem {
    /// The file is not a component at all.
    #[error("{}", not_a_component(.0))]
    NotAComponent(Form),
    /// The file says it is a component and cannot be read as one.
    #[error(
        "it is cut short or damaged, or uses a WebAssembly feature that this host has switched \
         off ({cause}). Copy it again, under another name, and rename it into place; build it \
         again if that does not help"
    )]
    Malformed {
        /// What the parser or the compiler said.
        cause: String,
    },
    /// Its parts are nested or repeated so often that reading it would take the
    /// host down.
    #[error(
        "it is nested or repeats itself beyond what any build makes ({cause}). Build it again \
         with current tools"
    )]
    Overgrown {
        /// What there is too much of.
        cause: String,
    },
    /// Native code that another engine made.
    #[error(
        "its native code was made for another engine or machine. Compile the policy again, with \
         this host"
    )]
    OtherEngine,
    /// It does not export the contract, or exports another version of it.
    #[error("{}", wrong_world(.found))]
    WrongWorld {
        /// What it exports instead, as names.
        found: Vec<String>,
    },
    /// The names are right and the types behind them are not.
    #[error(
        "it was built against another shape of the contract {} ({cause}). Inside one version no \
         record, enum or variant ever changes: build it against wit/policy.wit as this host has it",
        contract::VERSION
    )]
    Mistyped {
        /// Which item, and how the types differ.
        cause: String,
    },
    /// It imports something that no grant gives.
    #[error("{}", not_offered(.imports))]
    NotOffered {
        /// The full names of those imports.
        imports: Vec<String>,
    },
    /// It imports something that this binding does not grant.
    #[error("{}", not_granted(.missing, .granted))]
    NotGranted {
        /// What is missing.
        missing: Grants,
        /// What is granted.
        granted: Grants,
    },
    /// It needs more than the limits allow, before it has done anything.
    #[error("{0}. Raise the limit, or build the policy smaller")]
    OverLimit(LimitHit),
    /// It loads, and breaks when asked what it is.
    #[error("asked to describe itself it broke: {}. Its author has to repair it", .0.why())]
    Broken(PolicyFailure),
    /// What it says of itself makes no sense.
    #[error("its settings schema cannot be used ({cause}). Its author has to repair it")]
    BadSchema {
        /// What is wrong with it.
        cause: String,
    },
}

impl LoadProblem {
    pub(crate) fn of(self, policy: &PolicyName) -> LoadError {
        LoadError { policy: policy.clone(), why: self }
    }
}

fn not_a_component(form: &Form) -> String {
    let wanted = "A policy is a WebAssembly component";
    match form {
        Form::Component => "it is a component after all, which is a fault of this host".to_owned(),
        Form::CoreModule => "it is a core module, not a component. Wrap it: run `wasm-tools \
                             component new` on it"
            .to_owned(),
        Form::OtherWasm { version } => format!(
            "it is WebAssembly of another binary version ({version:#010x}). Build it with current \
             tools; a component has version 0x0001000d"
        ),
        Form::Torn => "it ends within the header of a WebAssembly file. Copy it again, under \
                       another name, and rename it into place"
            .to_owned(),
        Form::Precompiled => "it is native code, compiled ahead of time (.cwasm or ELF), which \
                              this host never takes: nothing would confine it. Give it the .wasm \
                              it was made from"
            .to_owned(),
        Form::Empty => "the file is empty. Copy it again, under another name, and rename it \
                        into place"
            .to_owned(),
        Form::Packed { kind } => format!("it is a {kind} file. Unpack it: {wanted}"),
        Form::Wat => {
            "it is WebAssembly text. Translate it: `wasm-tools parse -o policy.wasm`".to_owned()
        }
        Form::Text => format!("it is text. {wanted}, a file that `wasm-tools component new` made"),
        Form::Unknown { first } => {
            let first: Vec<String> = first.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("it is no WebAssembly (it begins with {}). {wanted}", first.join(" "))
        }
    }
}

fn wrong_world(found: &[String]) -> String {
    let want = contract::export_name();
    let other: Vec<&String> = found.iter().filter(|name| is_other_version(name)).collect();
    match (other.first(), found) {
        (Some(other), _) => format!(
            "it exports {other}, and this host carries {want}. Build it against the contract of \
             this host, or run a host that carries its version"
        ),
        (None, []) => format!(
            "it exports nothing, and a policy exports {want}. Build it for the world \
             `scaling-policy`, or for one of its own that includes `base`"
        ),
        (None, found) => format!(
            "it exports {}, and a policy exports {want}. Build it for the world \
             `scaling-policy`, or for one of its own that includes `base`",
            enumerate(found)
        ),
    }
}

fn is_other_version(name: &str) -> bool {
    matches!(contract::name(name), contract::Name::OtherVersion { .. })
}

fn not_offered(imports: &[String]) -> String {
    let mut said = format!("it imports {}, which this host does not offer", enumerate(imports));
    let mut of_wasi = imports.iter().filter(|name| name.starts_with("wasi:")).peekable();
    if of_wasi.peek().is_some() {
        said.push_str(": a policy has no files, network, environment, clock or chance. ");
        // Where even what could be stubbed is refused, stubs are switched off.
        let off = of_wasi.all(|name| wasi::interface(name).is_some());
        if !off {
            said.push_str(&format!(
                "Of WASI it may import {} at 0.2, as stubs that reach nothing. ",
                wasi::PACKAGES.join(", ")
            ));
        }
        said.push_str(
            "Build it without WASI (Rust: --target wasm32-unknown-unknown; Python: \
             componentize-py --stub-wasi; JavaScript: jco componentize --backend qjs \
             --backend-qjs-stub-wasi)",
        );
    }
    if imports.iter().any(|name| is_other_version(name)) {
        said.push_str(&format!(
            ". The contract of this host is {}: build it against that",
            contract::VERSION
        ));
    }
    if imports.iter().any(|name| matches!(contract::name(name), contract::Name::Newer)) {
        said.push_str(". It was built for a newer host");
    }
    said
}

fn not_granted(missing: &Grants, granted: &Grants) -> String {
    let names: Vec<String> = missing.iter().map(contract::import_name).collect();
    format!(
        "it imports {}, which this binding does not grant. If it may have that, write in the \
         site file: grants = {}",
        enumerate(&names),
        granted.and(missing)
    )
}

/// The first few names, and how many more there are.
fn enumerate(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
