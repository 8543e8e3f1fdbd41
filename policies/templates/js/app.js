// The component: carries facts to rule.js and the decision back. Decides
// nothing itself. What is imported here is what wit/world.wit names.

import * as log from "hooke:policy/log@0.1.0";
import * as metrics from "hooke:policy/metrics@0.1.0";
import * as settings from "hooke:policy/settings@0.1.0";

import { InvalidSettings, MissingData, SCHEMA, decide, parse } from "./rule.js";

/** What the host calls. An object that is thrown and is no Error is the answer's error. */
export const policy = {
  describe: told(() => ({
    name: "my-policy",
    version: "0.1.0",
    summary: "Asks for one worker for each so many messages ready.",
    settingsSchema: JSON.stringify(SCHEMA),
  })),

  validateSettings: told((text) => {
    try {
      parse(text);
    } catch (error) {
      throw error instanceof InvalidSettings ? error.problems : error;
    }
  }),

  evaluateNeeds: told((profile) => {
    try {
      return decide(parse(settings.json()), facts(profile));
    } catch (error) {
      if (error instanceof InvalidSettings) throw { tag: "invalid-settings", val: error.message };
      if (error instanceof MissingData) throw { tag: "missing-data", val: error.message };
      throw { tag: "internal", val: tell(error) };
    }
  }),
};

/** The facts that the rule looks at, asked of the host. Whole numbers of 64 bits are BigInts. */
function facts(profile) {
  try {
    const { quality, ready } = metrics.backlog(profile);
    return { quality, ready, capacity: metrics.workers(profile).capacity };
  } catch (error) {
    const { tag, val } = error.payload ?? {};
    if (tag === undefined) throw error;
    throw new MissingData(tag === "unknown-profile" ? `the site has no profile ${val}` : val);
  }
}

/** Tells the host's log of an Error that nobody caught: it would be a trap that says nothing. */
function told(ask) {
  return (...args) => {
    try {
      return ask(...args);
    } catch (error) {
      if (error instanceof Error) tell(error);
      throw error;
    }
  };
}

/** Writes an error and its place to the host's log; the same as text. */
function tell(error) {
  const place = String(error?.stack ?? "").split("\n")[0].trim();
  const message = `${error} (${place})`;
  log.write("error", message);
  return message;
}
