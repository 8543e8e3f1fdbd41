// Makes a component of one module and what it imports. Prints nothing.

import { writeFile } from "node:fs/promises";

import { componentize } from "@bytecodealliance/componentize-js";

const [sourcePath, witPath, worldName, output] = process.argv.slice(1);
await mendWholeNumbers();
const { component } = await componentize({
  sourcePath,
  witPath,
  worldName,
  // The sandbox has no WASI. What is left in would want it.
  disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
});
await writeFile(output, component);

// The bindings make an argument that is a `u32` unsigned, and from 2^31 on the
// engine passes half of a floating-point number for it. Made signed, the same
// 32 bits arrive. Has no effect once the bindings say something else.
async function mendWholeNumbers() {
  const tool = import.meta.resolve("@bytecodealliance/componentize-js");
  const { splicer } = await import(new URL("../lib/spidermonkey-embedding-splicer.js", tool));
  const splice = splicer.spliceBindings;
  splicer.spliceBindings = (...args) => {
    const spliced = splice(...args);
    const unsigned = /(function toUint32\(val\) \{\s*return val )>>> 0;/;
    return { ...spliced, jsBindings: spliced.jsBindings.replace(unsigned, "$1| 0;") };
  };
}
