// The rule, tested without a host: node --test.

import assert from "node:assert/strict";
import { test } from "node:test";

import { InvalidSettings, MissingData, SCHEMA, decide, parse } from "./rule.js";

const check = (facts, expected, perWorker = 100) =>
  assert.equal(decide({ perWorker }, facts).delta, expected);

test("the backlog is divided and rounded up", () => {
  check({ quality: "fresh", ready: 950n, capacity: 3 }, 7);
  check({ quality: "fresh", ready: 901n, capacity: 10 }, 0);
  check({ quality: "fresh", ready: 0n, capacity: 2 }, -2);
  check({ quality: "fresh", ready: 1n, capacity: 0 }, 1, 1);
});

test("a stale reading grows and never shrinks", () => {
  check({ quality: "stale", ready: 950n, capacity: 3 }, 7);
  check({ quality: "stale", ready: 0n, capacity: 2 }, 0);
});

test("the largest numbers are answered", () => {
  check({ quality: "fresh", ready: 2n ** 64n - 1n, capacity: 0 }, 2 ** 31 - 1, 1);
  check({ quality: "fresh", ready: 0n, capacity: 2 ** 32 - 1 }, -(2 ** 31));
});

test("a missing backlog is no decision", () => {
  for (const quality of ["missing", "fresh"]) {
    const facts = { quality, ready: undefined, capacity: 3 };
    assert.throws(() => decide({ perWorker: 100 }, facts), MissingData);
  }
});

test("no settings are the defaults, as the schema says", () => {
  assert.deepEqual(parse("{}"), { perWorker: SCHEMA.properties.per_worker.default });
});

test("everything wrong with the settings is told at once", () => {
  assert.throws(() => parse('{"per_worker": true, "per_wroker": 3}'), (error) => {
    assert.ok(error instanceof InvalidSettings);
    assert.deepEqual(error.problems.map(({ path }) => path), ["per_wroker", "per_worker"]);
    return true;
  });
  for (const text of ["[]", "7", "null", "{"]) assert.throws(() => parse(text), InvalidSettings);
});
