// Tests in the browser: the page's stories and the engine on WebGPU, on the built page, in one Chromium at a time.
import { defineConfig } from '@playwright/test';
import { ensureChromium, launchArguments } from './scripts/chromium.mjs';

// `npm test` has found it already; the workers inherit what the first process finds.
process.env.CHROMIUM_PATH ??= await ensureChromium();

/** What computes on SwiftShader for most of its time. */
const engine = ['**/e2e/engine/*.spec.ts', '**/e2e/engine-*.spec.ts'];

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // One picture for every machine: what is compared is drawn by the bundled font and the same renderer.
  snapshotPathTemplate: '{testDir}/pictures/{arg}{ext}',
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  // A machine that is busy with something else may starve one story; what passes at the second try only is told in the sum.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  use: {
    // Set from what the server prints (below); the workers read it, once it serves.
    baseURL: process.env.PAGE_ADDRESS,
    viewport: { width: 1440, height: 900 },
    // Each story has a browser storage of its own: fetching the whole page for it again takes longer than the story.
    serviceWorkers: 'block',
    screenshot: 'only-on-failure',
    // No traces: recording every story for the few that fail takes time of all. `npm run e2e -- --trace on` records.
    launchOptions: {
      executablePath: process.env.CHROMIUM_PATH,
      // On SwiftShader, so that a test means the same on every machine.
      args: launchArguments('software'),
    },
  },
  // In this order: `npm test` has the unit tests beside it, which find more of the processor free under the page's stories.
  projects: [
    { name: 'page', testIgnore: engine },
    { name: 'engine', testMatch: engine },
  ],
  webServer: {
    command: 'node scripts/serve.mjs',
    wait: { stdout: /Serving (?<page_address>http:\S+)/ },
    timeout: 180_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 2000 },
  },
});
