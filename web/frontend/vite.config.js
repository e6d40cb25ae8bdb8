import { defineConfig } from "vite";

// Each page of the workbench loads its own; src/app.js is on every page.
const workbench = ["beside", "compare", "decisions", "documents", "formeditor", "modeler", "rehearse"].map((name) => `src/designer/${name}.js`);
const desk = ["conformance", "replay", "sequence"].map((name) => `src/audit/${name}.js`);

// Style attributes in markup are refused by our policy. Those of icons say the same as SVG attributes; those of the simulation
// are colours, which designer/modeler/simulation.js sets by script.
const noStyleAttributes = {
  name: "no-style-attributes",
  transform(code, id) {
    if (id.includes("bpmn-js-token-simulation")) return code.replaceAll('style="', 'data-style="');
    if (/(Align|Distribute)ElementsIcons\.js/.test(id)) {
      return code.replace(/style="([^"]*)"/g, (_, rules) =>
        rules.split(";").filter(Boolean).map((rule) => rule.replace(/^\s*([\w-]+):(.*)$/, '$1="$2"')).join(" "),
      );
    }
  },
};

export default defineConfig({
  plugins: [noStyleAttributes],
  base: "/static/build/",
  build: {
    outDir: "../static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome98", "firefox98", "safari15.4"],
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000, // dmn-js, on its own page
    rollupOptions: { input: ["src/app.js", ...workbench, ...desk] },
  },
});
