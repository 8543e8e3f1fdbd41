// Says back what it is told, by the README of `policies/conformance`.

import * as cloud from "hooke:policy/cloud@0.1.0";
import * as log from "hooke:policy/log@0.1.0";
import * as memory from "hooke:policy/memory@0.1.0";
import * as metrics from "hooke:policy/metrics@0.1.0";
import * as settings from "hooke:policy/settings@0.1.0";

import * as facts from "./facts.js";
import * as past from "./past.js";
import { kebab, outcome } from "./text.js";

// Text of one, two, three and four bytes a character.
const TEXT = "é漢🦀";
const NOBODY = `nobody ${TEXT}`;
const ERRORS = ["invalid-settings", "missing-data", "unsupported", "internal", "other"];

export const policy = {
  describe: told(() => ({
    name: `conformance ${TEXT}`,
    version: `0.1.0+${TEXT}`,
    summary: `Says back what it is told: ${TEXT}.`,
    settingsSchema: `{"title":"${TEXT}","type":"object"}`,
  })),

  validateSettings: told((given) => {
    const mode = modeOf(given);
    if (mode === "problems") {
      throw [
        { path: "", message: `whole: ${TEXT}` },
        { path: "mode", message: given },
        { path: `a.${TEXT}`, message: "" },
      ];
    }
    if (mode === "no-problems") throw [];
  }),

  evaluateNeeds: told((profile) => {
    const given = settings.json();
    const mode = modeOf(given);
    const said = `${mode}: ${TEXT}`;
    switch (mode) {
      case "facts": return remember(mode, facts.text(given, profile, NOBODY));
      case "past": return remember(mode, past.text(profile, TEXT));
      case "cloud": return remember(mode, actions(profile));
      case "low": return { delta: -(2 ** 31), reason: "" };
      case "high": return { delta: 2 ** 31 - 1, reason: "🦀".repeat(1000) };
      case "store": return { delta: 0, reason: outcome(() => memory.store(new Uint8Array())) };
      case "store-max": return { delta: 0, reason: storeMax() };
      case "log": return logAll();
      case "panic": throw new Error(said);
    }
    if (!ERRORS.includes(mode)) throw { tag: "unsupported", val: "no mode" };
    // Things that the error is to undo.
    outcome(() => cloud.launch("nobody", ""));
    outcome(() => memory.store(new Uint8Array([1])));
    throw { tag: mode, val: said };
  }),
};

/** Writes an error that is no answer to the log, and lets it pass. */
function told(ask) {
  return (...args) => {
    try {
      return ask(...args);
    } catch (error) {
      if (error instanceof Error) log.write("error", `${error.name}: ${error.message}`);
      throw error;
    }
  };
}

/** The mode that settings name. Found and not parsed, as a guest in C would. */
function modeOf(given) {
  return given.match(/"mode":"([^"]*)"/)?.[1] ?? "";
}

/** Stores what was said, for the test to read. */
function remember(mode, said) {
  const stored = outcome(() => memory.store(new TextEncoder().encode(said)));
  if (stored !== "ok") throw { tag: "internal", val: `store: ${stored}` };
  return { delta: 0, reason: mode };
}

function storeMax() {
  const pattern = (length) => Uint8Array.from({ length }, (_, at) => at % 256);
  const first = outcome(() => memory.store(pattern(65_537)));
  const cap = first.match(/^err too-large\((\d+)\)$/)?.[1];
  return cap === undefined ? first : `${first}, ${outcome(() => memory.store(pattern(Number(cap))))}`;
}

/** Every action that a policy may ask for, with its answer as text. */
function actions(profile) {
  let vms = [];
  outcome(() => { vms = metrics.vms(profile); });
  const why = `why ${TEXT}`;
  const lines = [];
  for (const { id, image } of [{ id: NOBODY, image: NOBODY }, ...vms]) {
    lines.push(`launch "${image}" ${outcome(() => cloud.launch(image, why))}`);
    for (const name of ["resume", "suspend", "terminate", "startWorker", "stopWorker"]) {
      lines.push(`${kebab(name)} "${id}" ${outcome(() => cloud[name](id, why))}`);
    }
  }
  return lines.map((line) => `${line}\n`).join("");
}

function logAll() {
  for (const level of facts.LEVELS) log.write(level, `${level}: ${TEXT}`);
  log.write("info", "");
  return { delta: 0, reason: "log" };
}
