// Every question about the past that a policy may ask, with its answer as text.

import * as metrics from "hooke:policy/metrics@0.1.0";

import { U32_MAX, U64_MAX, list } from "./facts.js";
import { answer, record } from "./text.js";

const ODD = 2n ** 53n + 1n;
const LATE = { periodMs: 60_000n, endMs: 1_700_000_000_000n, count: 3 };

/** The questions of the README's table. */
function queries(profile, text) {
  const asked = { tag: "profile", val: profile };
  const late = (statistic) => ({ subject: asked, metric: "ready", statistic, ...LATE });
  return [
    { subject: asked, metric: "ready", statistic: { tag: "sample-count" }, periodMs: 0n, endMs: 0n, count: 0 },
    {
      subject: { tag: "queue", val: text },
      metric: "arrival-rate",
      statistic: { tag: "sum" },
      periodMs: U64_MAX,
      endMs: U64_MAX,
      count: U32_MAX,
    },
    { subject: { tag: "vm", val: "" }, metric: "", statistic: { tag: "average" }, ...LATE, count: 60 },
    {
      subject: { tag: "vms-of", val: profile },
      metric: "utilization",
      statistic: { tag: "minimum" },
      periodMs: 1n,
      endMs: ODD,
      count: 1,
    },
    {
      subject: { tag: "other", val: text },
      metric: text,
      statistic: { tag: "maximum" },
      periodMs: ODD,
      endMs: 1n,
      count: 2 ** 31,
    },
    late({ tag: "percentile", val: 99.9 }),
    late({ tag: "trimmed-mean", val: [0.1, 5e-324] }),
    late({ tag: "other", val: text }),
  ];
}

export function text(profile, odd) {
  const points = (values) => list(values, (value) => record("datapoint", value));
  const lines = [`history-ms ${metrics.historyMs()}`];
  for (const query of queries(profile, odd)) {
    lines.push(`statistics ${answer(() => metrics.statistics(query), points)}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}
