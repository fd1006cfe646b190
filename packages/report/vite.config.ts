import { defineConfig } from 'vite';
import { pageTemplate } from './build/page-template.js';

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
      // Of the core only what the page calls comes along, not the manifest's parser.
      treeshake: { moduleSideEffects: (id) => !id.includes('/core/') },
      // The table library marks its modules for servers that render React; a page has no use for the mark.
      checks: { moduleLevelDirective: false },
    },
  },
  plugins: [pageTemplate()],
});
