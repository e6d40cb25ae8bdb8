import { defineConfig } from "vite";

// Each page of the workbench loads its own; src/app.js is on every page.
const workbench = ["beside", "compare", "decisions", "documents", "formeditor", "modeler", "rehearse"].map((name) => `src/designer/${name}.js`);

export default defineConfig({
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
