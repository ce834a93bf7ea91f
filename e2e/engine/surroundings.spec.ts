// What the other tests of the engine stand on: without these they would pass on nothing.
import { expect, test } from '@playwright/test';

test.beforeEach(async ({ page }) => {
  await page.goto('headless.html');
});

test('WebGPU gives the software adapter that the tests are written for', async ({ page }) => {
  expect(await page.evaluate(() => window.headless.adapter())).toMatchObject({
    vendor: 'google',
    architecture: 'swiftshader',
    software: true,
  });
});

test('the page is cross-origin isolated, so that wasm may use threads', async ({ page }) => {
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});
