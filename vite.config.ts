// Builds the page (index.html) and the headless host (headless.html); configures the unit tests.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { boundedRuns } from './scripts/boundedRuns.mjs';
import { licences } from './scripts/licences.mjs';
import { offline } from './scripts/offline.mjs';
import { contentSecurityPolicy, securityHeaders } from './scripts/policy.mjs';
import { threadedWasm } from './scripts/threadedWasm.mjs';
import { assembledWat } from './scripts/wat.mjs';
import builtin from './src/data/builtin.json' with { type: 'json' };

/** Cross-origin isolation: lets the wasm backend use threads and SharedArrayBuffer. */
const isolation = Object.fromEntries(
  Object.entries(securityHeaders).filter(([name]) => name.startsWith('Cross-Origin-')),
);

export default defineConfig({
  base: './',
  cacheDir: '.cache/vite',
  plugins: [
    react(),
    threadedWasm(),
    assembledWat(),
    boundedRuns(),
    contentSecurityPolicy(),
    licences(),
    offline(builtin[0]!.name),
  ],
  worker: { format: 'es', plugins: () => [threadedWasm(), assembledWat(), boundedRuns()] },
  server: { host: '127.0.0.1', headers: isolation },
  preview: { host: '127.0.0.1', headers: isolation },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      input: {
        index: 'index.html',
        headless: 'headless.html',
        sw: 'src/offline/serviceWorker.ts',
      },
      // A service worker governs the folder that it lies in, and is found again by its name.
      output: {
        entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.mjs'],
    server: { deps: { inline: [/@tensorflow\/tfjs/, /hyparquet\/src/] } },
    // They may get nothing of the processor for a while (scripts/yielding.mjs).
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // Every core: by default one is left free, which on two cores is half of them.
    maxWorkers: '100%',
    silent: 'passed-only',
  },
});
