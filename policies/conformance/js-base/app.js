// Asks for nothing but `base`, by the README of `policies/conformance`.

import { write } from "hooke:policy/log@0.1.0";
import { json } from "hooke:policy/settings@0.1.0";

export const policy = {
  describe() {
    return { name: "conformance-base", version: "", summary: "" };
  },
  validateSettings() {},
  evaluateNeeds(profile) {
    write("info", profile);
    return { delta: 0, reason: json() };
  },
};
