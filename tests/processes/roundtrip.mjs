// Reads BPMN files with bpmn-moddle, which the modeler reads by, and writes each again as FILE.out.
// Usage: node roundtrip.mjs FRONTEND_FOLDER FILE…
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/package.json`));
const inLint = createRequire(require.resolve("bpmnlint"));
const { BpmnModdle } = await import(pathToFileURL(inLint.resolve("bpmn-moddle")).href);

for (const file of files) {
  const moddle = new BpmnModdle();
  const { rootElement } = await moddle.fromXML(readFileSync(file, "utf-8"));
  writeFileSync(`${file}.out`, (await moddle.toXML(rootElement, { format: true })).xml);
}
