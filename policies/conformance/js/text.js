// Values of the contract as text, by the table of the README.

// The fields of each record in the order of the WIT; options end in "?".
const SUMS = "quality ageMs ready? unacked? consumers? arrivalRate? serviceRate? idleMs?";
const RECORDS = {
  bounds: "minimum maximum",
  backlog: SUMS,
  workers: "capacity serving booting draining idle busy unknown idleBeyondFirst",
  queue: `name ${SUMS} ownWorkers labels`,
  datapoint: "value? samples",
  vm: "id image state ageMs idleMs? vcpus load? workers workersAll labels",
};
const TEXTS = ["name", "id", "image"];
const FLOATS = ["arrivalRate", "serviceRate", "load", "value"];

export const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const quoted = (text) => `"${text}"`;
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const option = (value, text) => (value === undefined ? "none" : `some(${text(value)})`);

/** A case of a variant; the values of ours are texts and whole numbers. */
export function variant({ tag, val }) {
  if (val === undefined) return tag;
  return `${tag}(${typeof val === "string" ? quoted(val) : val})`;
}

function bits(number) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, number);
  return hex(new Uint8Array(view.buffer));
}

function textOf(name) {
  if (TEXTS.includes(name)) return quoted;
  if (FLOATS.includes(name)) return bits;
  if (name === "state") return variant;
  if (name === "labels") {
    return (labels) => `[${labels.map(([key, value]) => `"${key}"="${value}"`).join(",")}]`;
  }
  return String;
}

/** A record, by its name in RECORDS. */
export function record(kind, value) {
  const field = (name) => {
    const bare = name.replace("?", "");
    const text = textOf(bare);
    const given = value[bare];
    return `${kebab(bare)}=${name === bare ? text(given) : option(given, text)}`;
  };
  return RECORDS[kind].split(" ").map(field).join(" ");
}

/** What a function that may fail answers, as text: `ok` and its value, or `err`. */
export function answer(ask, text) {
  let value;
  try {
    value = ask();
  } catch (error) {
    if (error?.payload === undefined) throw error;
    return `err ${variant(error.payload)}`;
  }
  return `ok${text(value)}`;
}

/** The text of a result without a value. */
export const outcome = (ask) => answer(ask, () => "");
