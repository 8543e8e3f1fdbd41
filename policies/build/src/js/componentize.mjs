// Makes a component of one module and what it imports. Prints nothing.

import { writeFile } from "node:fs/promises";

import { componentize } from "@bytecodealliance/componentize-js";

const [sourcePath, witPath, worldName, output] = process.argv.slice(1);
const { component } = await componentize({
  sourcePath,
  witPath,
  worldName,
  // The sandbox has no WASI. What is left in would want it.
  disableFeatures: ["random", "stdio", "clocks", "http", "fetch-event"],
});
await writeFile(output, component);
