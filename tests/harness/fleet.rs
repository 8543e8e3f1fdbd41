//! The machines of a site as they really are: keepers and workers among the
//! processes, and directories on disk. Asks neither the host nor its driver.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use anyhow::Result;

use crate::home::{Home, Member};
use crate::site_file::STATE;

/// What there is of one site at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fleet {
    /// Every machine of which anything is left, by name.
    pub machines: BTreeMap<String, Machine>,
    /// Machines that were there once and are gone.
    pub gone: BTreeSet<String>,
}

/// One machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Machine {
    /// Processes that lead it; one, if all is well.
    pub keepers: BTreeSet<i32>,
    /// Its worker processes.
    pub workers: BTreeSet<i32>,
    /// Whether its keeper is stopped, as that of a suspended machine is.
    pub is_suspended: bool,
    /// Whether it is written down.
    pub is_on_disk: bool,
}

impl Fleet {
    /// Looks at a site.
    pub fn look(home: &Home, site: &str) -> Result<Self> {
        let mut fleet = Self::default();
        for member in home.members()? {
            fleet.add(&member, site);
        }
        let state = home.join(STATE).join(site);
        for name in names(&state)? {
            fleet.machines.entry(name).or_default().is_on_disk = true;
        }
        fleet.gone = names(&state.join(".gone"))?;
        Ok(fleet)
    }

    fn add(&mut self, member: &Member, site: &str) {
        if let Some((its_site, vm)) = &member.works_on {
            if its_site == site {
                self.machines.entry(vm.clone()).or_default().workers.insert(member.pid);
            }
            return;
        }
        let [_, machine, "keep" | "clear", dir] = words(member)[..] else { return };
        let dir = Path::new(dir);
        let (Some(vm), Some(parent)) = (dir.file_name(), dir.parent()) else { return };
        if machine == "machine" && parent.file_name().is_some_and(|name| name == site) {
            let found = self.machines.entry(vm.to_string_lossy().into_owned()).or_default();
            found.keepers.insert(member.pid);
            found.is_suspended = member.is_stopped;
        }
    }

    /// How many machines were ever made.
    pub fn ever(&self) -> usize {
        self.machines.len() + self.gone.len()
    }

    /// The machines that serve.
    pub fn running(&self) -> usize {
        self.machines.values().filter(|machine| !machine.is_suspended).count()
    }

    /// The keepers, by machine.
    pub fn keepers(&self) -> BTreeMap<&str, &BTreeSet<i32>> {
        self.machines.iter().map(|(name, machine)| (name.as_str(), &machine.keepers)).collect()
    }

    /// All worker processes.
    pub fn workers(&self) -> BTreeSet<i32> {
        self.machines.values().flat_map(|machine| machine.workers.iter().copied()).collect()
    }

    /// What is wrong with it, whatever the number of machines: every machine
    /// has exactly one keeper and is written down.
    pub fn damage(&self) -> Vec<String> {
        let broken = |machine: &&Machine| machine.keepers.len() != 1 || !machine.is_on_disk;
        let broken = self.machines.iter().filter(|(_, machine)| broken(machine));
        broken.map(|(name, machine)| format!("{name}: {machine:?}")).collect()
    }
}

fn words(member: &Member) -> Vec<&str> {
    member.command.iter().map(String::as_str).collect()
}

fn names(dir: &Path) -> Result<BTreeSet<String>> {
    let entries = match fs::read_dir(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        other => other?,
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("vm-") {
            names.insert(name);
        }
    }
    Ok(names)
}
