// The component: carries facts to rule.js and the decision back. Decides
// nothing itself. The imports are the interfaces of the `wit` folder.

import log from "hooke:policy/log@0.1.0";
import metrics from "hooke:policy/metrics@0.1.0";
import settings from "hooke:policy/settings@0.1.0";

import { InvalidSettings, MissingData, decide, parse } from "./rule.js";

export const policy = {
  describe() { return { name: "my-policy", version: typeof metrics.nowMs, summary: "x", settingsSchema: null }; },
  validateSettings() {},
  evaluateNeeds(profile) {
    const b = metrics.backlog(profile);
    const reason = JSON.stringify(b, (k, v) => typeof v === "bigint" ? `big${v}` : v) + typeof metrics.nowMs() + metrics.nowMs();
    return { delta: 1, reason };
  },
};
