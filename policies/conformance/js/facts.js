// Every question that a policy may ask, with its answer as text.

import * as log from "hooke:policy/log@0.1.0";
import * as memory from "hooke:policy/memory@0.1.0";
import * as metrics from "hooke:policy/metrics@0.1.0";

import { answer, hex, option, quoted, record } from "./text.js";

export const LEVELS = ["debug", "info", "warn", "error"];

export const [U32_MAX, U64_MAX] = [2 ** 32 - 1, 2n ** 64n - 1n];

export const list = (items, text) => ` ${items.length}${items.map((item) => `\n- ${text(item)}`).join("")}`;

export function text(settings, profile, nobody) {
  const lines = [
    `settings ${quoted(settings)}`,
    `asked ${quoted(profile)}`,
    `enabled ${LEVELS.map((level) => `${level}=${log.enabled(level)}`).join(" ")}`,
    `memory ${option(memory.load(), hex)}`,
    `now-ms ${metrics.nowMs()}`,
    `site ${quoted(metrics.site())}`,
    `profiles${list(metrics.profiles(), quoted)}`,
    ...ofProfile(profile),
    ...ofProfile(nobody),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function ofProfile(profile) {
  const one = (kind) => (value) => ` ${record(kind, value)}`;
  const many = (kind) => (values) => list(values, (value) => record(kind, value));
  return [
    `bounds ${answer(() => metrics.bounds(profile), one("bounds"))}`,
    `backlog ${answer(() => metrics.backlog(profile), one("backlog"))}`,
    `workers ${answer(() => metrics.workers(profile), one("workers"))}`,
    `queues ${answer(() => metrics.queues(profile), many("queue"))}`,
    `vms ${answer(() => metrics.vms(profile), many("vm"))}`,
    `idle-vms ${answer(() => metrics.idleVms(profile, 0n, U32_MAX), many("vm"))}`,
    `idle-vms ${answer(() => metrics.idleVms(profile, U64_MAX, 0), many("vm"))}`,
  ];
}
