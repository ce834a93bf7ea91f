// Builds the page of the benchmark, rivals included, apart from the page that is served.
import { defineConfig } from 'vitest/config';
import base from './vite.config';

export default defineConfig({
  ...base,
  build: {
    ...base.build,
    outDir: '.cache/bench',
    emptyOutDir: true,
    copyPublicDir: false,
    rolldownOptions: { input: { bench: 'bench.html' } },
  },
});
