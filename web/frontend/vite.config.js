import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/build/",
  build: {
    outDir: "../static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: ["chrome98", "firefox98", "safari15.4"],
    assetsInlineLimit: 0,
    rollupOptions: {
      input: [
        "src/app.js",
        "src/designer/beside.js",
        "src/designer/decisions.js",
        "src/designer/documents.js",
        "src/designer/formeditor.js",
      ],
    },
  },
});
