//! A policy as people and programs are shown it.

use hooke_shelf::{Entry, Origin};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(super) struct View {
    pub(super) name: String,
    pub(super) origin: String,
    pub(super) usable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refused: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) details: Option<Details>,
}

#[derive(Debug, Serialize)]
pub(super) struct Details {
    pub(super) version: String,
    pub(super) summary: String,
    pub(super) digest: String,
    pub(super) size: usize,
    pub(super) contract: String,
    pub(super) grants_needed: Vec<String>,
    pub(super) settings_schema: Option<serde_json::Value>,
}

pub(super) fn view(entry: &Entry) -> View {
    let origin = match &entry.origin {
        Origin::Bundled => "bundled".to_owned(),
        Origin::File(path) => path.display().to_string(),
    };
    let details = entry.policy().ok().map(|policy| Details {
        version: policy.describe().version.clone(),
        summary: policy.describe().summary.clone(),
        digest: format!("sha256:{}", policy.digest()),
        size: policy.size(),
        contract: format!("hooke:policy@{}", hooke_runtime::CONTRACT_VERSION),
        grants_needed: policy.imports().iter().map(|grant| grant.to_string()).collect(),
        settings_schema: schema_of(policy),
    });
    View {
        name: entry.name.to_string(),
        origin,
        usable: details.is_some(),
        refused: entry.policy().err().map(str::to_owned),
        details,
    }
}

fn schema_of(policy: &hooke_runtime::Policy) -> Option<serde_json::Value> {
    Some(policy.describe().settings_schema.as_ref()?.as_json().clone())
}

pub(super) fn text(view: &View) -> String {
    let mut out = format!("{}\n  from      {}\n", view.name, view.origin);
    let Some(details) = &view.details else {
        out.push_str(&format!("  refused   {}\n", view.refused.as_deref().unwrap_or_default()));
        return out;
    };
    let grants = if details.grants_needed.is_empty() {
        "none".to_owned()
    } else {
        details.grants_needed.join(", ")
    };
    out.push_str(&format!(
        "  version   {}\n  does      {}\n  contract  {}\n",
        details.version, details.summary, details.contract
    ));
    out.push_str(&format!(
        "  grants    {grants}\n  size      {} bytes\n  digest    {}\n",
        details.size, details.digest
    ));
    match details.settings_schema.as_ref().and_then(|schema| schema.get("properties")?.as_object())
    {
        None => out.push_str("  settings  none\n"),
        Some(properties) => {
            out.push_str("  settings\n");
            for (key, property) in properties {
                let said = |field: &str| property.get(field);
                let default = said("default").map_or(String::new(), |d| format!(" (default {d})"));
                let about =
                    said("description").and_then(serde_json::Value::as_str).unwrap_or_default();
                out.push_str(&format!("    {key}{default}\n      {about}\n"));
            }
        }
    }
    out
}
