// Prints what bpmnlint's recommended rules report of the files named: {file: [[rule, element], …]} as JSON.
// Usage: node lint.mjs FRONTEND_FOLDER FILE…
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, ...files] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${folder}/package.json`));
const { Linter } = require("bpmnlint");
const NodeResolver = require("bpmnlint/lib/resolver/node-resolver");
const inLint = createRequire(require.resolve("bpmnlint"));
const { BpmnModdle } = await import(pathToFileURL(inLint.resolve("bpmn-moddle")).href).catch(() => inLint("bpmn-moddle"));

const found = {};
for (const file of files) {
  const { rootElement } = await new BpmnModdle().fromXML(readFileSync(file, "utf-8"));
  // Some rules keep what they saw, so each file has a linter of its own.
  const linter = new Linter({ resolver: new NodeResolver({ require }), config: { extends: "bpmnlint:recommended" } });
  const reports = await linter.lint(rootElement);
  found[file] = Object.entries(reports).flatMap(([rule, several]) => several.map(({ id }) => [rule, id ?? ""]));
}
console.log(JSON.stringify(found));
