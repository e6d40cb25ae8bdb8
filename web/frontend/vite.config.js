import { defineConfig } from "vite";

// Each page of the workbench loads its own; src/app.js is on every page.
const workbench = ["beside", "compare", "decisions", "documents", "formeditor", "modeler"].map((name) => `src/designer/${name}.js`);

// The simulation writes colours as style attributes, which our policy refuses; designer/modeler/simulation.js sets them by script.
const stylesByScript = {
  name: "styles-by-script",
  transform(code, id) {
    if (id.includes("bpmn-js-token-simulation")) return code.replaceAll('style="', 'data-style="');
  },
};

export default defineConfig({
  plugins: [stylesByScript],
  base: "/static/build/",
  build: {
    outDir: "../static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome98", "firefox98", "safari15.4"],
    assetsInlineLimit: 0,
    rollupOptions: { input: ["src/app.js", ...workbench] },
  },
});
