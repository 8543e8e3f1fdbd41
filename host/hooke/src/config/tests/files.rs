//! Right files, and what is understood of them.

use std::fmt::{self, Write};
use std::path::Path;

use expect_test::{Expect, expect};
use hooke_control::ids::QueueName;
use hooke_control::spec::Guards;
use hooke_control::units::Span;
use hooke_runtime::Grant;

use super::{BASE, read_text};
use crate::config::{CloudConfig, SiteConfig, SourceKind};

/// A right file, as it was understood.
fn understood(text: &str, expect: Expect) {
    let text = shown(text);
    let short = |line: &&str| !line.starts_with("    WorldSpec");
    expect
        .assert_eq(&text.lines().filter(short).map(|line| format!("{line}\n")).collect::<String>());
}

/// What was understood of a right file.
pub(super) fn shown(text: &str) -> String {
    let config = read_text(text).finish().unwrap();
    let path = |path: &Path| path.display().to_string();
    let policies = config.policies.directory.as_deref().map_or("none".to_owned(), path);
    let (store, keep) = (path(&config.store), Span(config.keep));
    let mut out =
        format!("store {store} keep {keep} policies {policies} listen {}\n", config.listen);
    let p = &config.policies;
    out.push_str(&format!(
        "policies cache {} wasi {:?} conformance {} {:?}\n",
        path(&p.cache),
        p.wasi,
        p.conformance,
        p.quarantine
    ));
    for (name, policy) in &p.named {
        let pin = policy.pin.map_or("any content".to_owned(), |pin| pin.to_string());
        let (memory, handles) = (policy.limits.memory, policy.limits.handles);
        out.push_str(&format!("policy {name} {pin} memory {memory} handles {handles}\n"));
    }
    for site in &config.sites {
        show_site(site, &mut out).unwrap();
    }
    out.replace(BASE, "BASE")
}

fn show_site(site: &SiteConfig, out: &mut String) -> fmt::Result {
    let spec = &site.spec;
    writeln!(
        out,
        "site {} every {} cpu_buffer_room {} missing_after {} drain_deadline {} registration_timeout {}",
        spec.name,
        Span(spec.every),
        spec.cpu_buffer_room,
        Span(spec.missing_after),
        Span(spec.drain_deadline),
        Span(spec.registration_timeout)
    )?;
    let grants: Vec<&str> = site.grants.iter().map(Grant::as_str).collect();
    writeln!(out, "  grants {} {:?}", grants.join(" "), spec.limits)?;
    if let Some(record) = &site.record {
        let (path, bytes, files) = (record.path.display(), record.file_bytes, record.files);
        writeln!(out, "  recorded in {path}, {files} files of {bytes} bytes")?;
    }
    show_cloud(&site.cloud, out)?;
    for source in &site.sources {
        let kind = match &source.kind {
            SourceKind::RabbitMq(config) => format!("{config:?}"),
            SourceKind::Sim(_) => "the queues of the world".to_owned(),
        };
        let queues: Vec<&str> = source.queues.iter().map(QueueName::as_str).collect();
        writeln!(out, "  source {} for {}\n    {kind}", source.name, queues.join(" "))?;
    }
    for image in spec.images.values() {
        writeln!(out, "  {image:?}")?;
    }
    for profile in spec.profiles.values() {
        let queues: Vec<&str> = profile.queues.iter().map(QueueName::as_str).collect();
        let (name, queues, workers) = (&profile.name, queues.join(" "), profile.workers);
        let (weight, combine) = (profile.weight.get(), profile.combine.as_str());
        writeln!(
            out,
            "  profile {name} for {queues} {workers:?} weight {weight} combine {combine}"
        )?;
        if profile.guards != Guards::default() {
            writeln!(out, "    {:?}", profile.guards)?;
        }
        for binding in site.bindings.iter().filter(|b| b.profile == profile.name) {
            let (mode, settings) = (binding.mode.as_str(), binding.settings.json());
            write!(out, "    {mode} {} {settings}", binding.policy)?;
            match &binding.fallback {
                Some(by) => writeln!(out, ", else {} {}", by.policy, by.settings.json())?,
                None => writeln!(out)?,
            }
        }
    }
    Ok(())
}

fn show_cloud(cloud: &CloudConfig, out: &mut String) -> fmt::Result {
    match cloud {
        CloudConfig::Process(config) => {
            writeln!(out, "  process state {}", config.state.display())?;
            for (name, image) in &config.images {
                writeln!(out, "    image {name} {:?}", image.environment)?;
            }
            for (profile, command) in &config.commands {
                writeln!(out, "    {profile} runs {command:?} for {:?}", config.queues[profile])?;
            }
            Ok(())
        }
        CloudConfig::Sim { speed, world } => writeln!(out, "  sim speed {speed}\n    {world:?}"),
    }
}

#[test]
fn processes_and_rabbitmq() {
    understood(
        super::GOOD,
        expect![[r#"
            store BASE/good.db keep 14d00h policies none listen 127.0.0.1:9464
            policies cache BASE/policy-cache wasi Stub conformance true QuarantineRule { after: 3, first: 60s, longest: 3600s }
            site east every 30s cpu_buffer_room 0.5 missing_after 5m drain_deadline 1h registration_timeout 5m
              grants metrics memory Limits { vms: Some(5), vcpus: None, memory_mib: None, cost_per_hour: Some(1.5) }
              process state BASE/machines
                image small {}
                faces runs ["worker"] for [QueueName("faces"), QueueName("faces-again")]
                ocr runs ["worker", "--ocr"] for [QueueName("ocr")]
              source broker for faces faces-again ocr
                Config { url: Url { scheme: "http", cannot_be_a_base: false, username: "", password: None, host: Some(Domain("rabbit")), port: Some(15672), path: "/", query: None, fragment: None }, vhost: "/", credentials: Credentials { user: "guest", password: "(hidden)" }, timeout: 15s, page_size: PageSize(500), trust: Platform }
              ImageSpec { name: ImageName("small"), vcpus: 2, memory_mib: 0, cost_per_hour: 0.0, hosts: {ProfileName("faces"): 1, ProfileName("ocr"): 1}, when_idle: Suspend }
              profile faces for faces faces-again Bounds { min: 0, max: 3 } weight 1 combine max
                live threshold {"add":"ratio","threshold":20}
              profile ocr for ocr Bounds { min: 1, max: 4 } weight 1 combine max
                live threshold {"threshold":20}
                live min-instance {}
        "#]],
    );
}

#[test]
fn simulated() {
    understood(
        include_str!("sim.toml"),
        expect![[r#"
            store BASE/hooke.db keep 14d00h policies none listen 127.0.0.1:9464
            policies cache BASE/policy-cache wasi Stub conformance true QuarantineRule { after: 3, first: 60s, longest: 3600s }
            site virtual every 30s cpu_buffer_room 0.5 missing_after 5m drain_deadline 1h registration_timeout 5m
              grants metrics memory Limits { vms: None, vcpus: None, memory_mib: None, cost_per_hour: None }
              sim speed 60
              source sim-1 for faces ocr
                the queues of the world
              ImageSpec { name: ImageName("any"), vcpus: 1, memory_mib: 0, cost_per_hour: 0.0, hosts: {ProfileName("both"): 1}, when_idle: Suspend }
              profile both for ocr faces Bounds { min: 0, max: 9 } weight 1 combine max
                live threshold {}
        "#]],
    );
}

/// Paths are absolute or start from the site file.
#[test]
fn paths() {
    let text = super::instead_of(
        "driver = \"process\"",
        "driver = \"process\"\nstate = \"/var/lib/hooke/machines\"",
    );
    let text = text.replace("good.db", "/var/lib/hooke/hooke.db");
    understood(
        &format!("[policies]\ndirectory = \".\"\n[http]\nlisten = \"[::1]:80\"\n{text}"),
        expect![[r#"
            store /var/lib/hooke/hooke.db keep 14d00h policies BASE/. listen [::1]:80
            policies cache /var/lib/hooke/policy-cache wasi Stub conformance true QuarantineRule { after: 3, first: 60s, longest: 3600s }
            site east every 30s cpu_buffer_room 0.5 missing_after 5m drain_deadline 1h registration_timeout 5m
              grants metrics memory Limits { vms: Some(5), vcpus: None, memory_mib: None, cost_per_hour: Some(1.5) }
              process state /var/lib/hooke/machines
                image small {}
                faces runs ["worker"] for [QueueName("faces"), QueueName("faces-again")]
                ocr runs ["worker", "--ocr"] for [QueueName("ocr")]
              source broker for faces faces-again ocr
                Config { url: Url { scheme: "http", cannot_be_a_base: false, username: "", password: None, host: Some(Domain("rabbit")), port: Some(15672), path: "/", query: None, fragment: None }, vhost: "/", credentials: Credentials { user: "guest", password: "(hidden)" }, timeout: 15s, page_size: PageSize(500), trust: Platform }
              ImageSpec { name: ImageName("small"), vcpus: 2, memory_mib: 0, cost_per_hour: 0.0, hosts: {ProfileName("faces"): 1, ProfileName("ocr"): 1}, when_idle: Suspend }
              profile faces for faces faces-again Bounds { min: 0, max: 3 } weight 1 combine max
                live threshold {"add":"ratio","threshold":20}
              profile ocr for ocr Bounds { min: 1, max: 4 } weight 1 combine max
                live threshold {"threshold":20}
                live min-instance {}
        "#]],
    );
}
