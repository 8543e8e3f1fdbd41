// The rule itself: facts in, a decision out. Pure: it asks nobody, so that
// `node --test` tests it without a host.
//
//   backlog                        answer
//   missing                        no decision: the host holds
//   wants more workers than there  the difference
//   wants fewer, stale             hold: a fresh reading is needed to shrink
//   wants fewer, fresh             the difference

const PER_WORKER = 100;
const U32_MAX = 2 ** 32 - 1;
const [S32_MIN, S32_MAX] = [-(2 ** 31), 2 ** 31 - 1];

/** JSON Schema of the settings; `parse` says the same. */
export const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Settings of the policy my-policy",
  type: "object",
  additionalProperties: false,
  properties: {
    per_worker: {
      description: "Messages ready for each worker: the backlog is divided by it, rounded up.",
      type: "integer",
      minimum: 1,
      maximum: U32_MAX,
      default: PER_WORKER,
    },
  },
};

/** Everything wrong with the settings, as objects of path and message. */
export class InvalidSettings extends Error {
  constructor(problems) {
    super(problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; "));
    this.problems = problems;
  }
}

/** A fact that the rule rests on is missing. */
export class MissingData extends Error {}

/** The settings out of their JSON; throws InvalidSettings with all problems. */
export function parse(text) {
  let given;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new InvalidSettings([{ path: "", message: `the settings are no JSON: ${error.message}` }]);
  }
  if (given === null || typeof given !== "object" || Array.isArray(given)) {
    throw new InvalidSettings([{ path: "", message: "the settings must be a table" }]);
  }
  const unknown = Object.keys(given).filter((key) => key !== "per_worker").sort();
  const problems = unknown.map((path) => ({ path, message: "is not known; there is: per_worker" }));
  const perWorker = given.per_worker === undefined ? PER_WORKER : given.per_worker;
  if (!Number.isInteger(perWorker) || perWorker < 1 || perWorker > U32_MAX) {
    const message = `must be a whole number from 1 to ${U32_MAX}, such as 100`;
    problems.push({ path: "per_worker", message });
  }
  if (problems.length > 0) throw new InvalidSettings(problems);
  return { perWorker };
}

/**
 * Workers more or fewer, and why; throws MissingData. `facts` has `quality`
 * ("fresh", "stale" or "missing"), `ready` (a BigInt, undefined when it is not
 * known) and `capacity`.
 */
export function decide({ perWorker }, { quality, ready, capacity }) {
  if (quality === "missing" || ready === undefined) throw new MissingData("the backlog is missing");
  const each = BigInt(perWorker);
  const wanted = (ready + each - 1n) / each;
  const delta = Math.max(S32_MIN, Math.min(Number(wanted - BigInt(capacity)), S32_MAX));
  const reason =
    `backlog ${ready} at ${perWorker} for each worker wants ${wanted} workers, there are ${capacity}`;
  if (delta < 0 && quality === "stale") {
    return { delta: 0, reason: `${reason}: the reading is stale, hold` };
  }
  return { delta, reason };
}
