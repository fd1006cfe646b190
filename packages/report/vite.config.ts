import { fileURLToPath } from 'node:url';
import { defineConfig, normalizePath } from 'vite';
import { pageTemplate } from './build/page-template.js';

const CORE = normalizePath(fileURLToPath(new URL('../core/', import.meta.url)));

export default defineConfig({
  root: 'app',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist',
    // The compiled documents lie in the same folder.
    emptyOutDir: false,
    target: 'es2022',
    modulePreload: false,
    cssCodeSplit: false,
    rolldownOptions: {
      // Of the core only what the page calls comes along, not the manifest's parser; so of d3, which says it of itself.
      treeshake: { moduleSideEffects: (id) => !id.startsWith(CORE) && !/[\\/]d3-[a-z]+[\\/]/.test(id) },
      // The table library marks its modules for servers that render React; a page has no use for the mark.
      checks: { moduleLevelDirective: false },
    },
  },
  plugins: [pageTemplate()],
});
