// What the engine computes on, and what it says when a run goes wrong; on the built page.
import { expect, test } from '@playwright/test';
import type { PretrainRequest } from '../../src/headless/surface';

const request = (change: Partial<PretrainRequest>): PretrainRequest => ({
  builtin: 'weather',
  objective: 'metamae',
  preset: 'tiny',
  steps: 3,
  set: [],
  ...change,
});

test.beforeEach(async ({ page }) => {
  await page.goto('headless.html');
});

test('a software adapter is not chosen by itself: wasm is, and says what it is', async ({
  page,
}) => {
  const answer = await page.evaluate(
    (r) => window.headless.pretrain(r),
    request({ backend: 'auto' }),
  );
  expect(answer).toMatchObject({
    ok: true,
    value: {
      device: {
        backend: 'wasm',
        // Products of stacks of matrices then work on memory that threads share, which tests in Node do not have.
        adapter: expect.stringMatching(/\(SIMD, \d+ threads\)/),
        software: false,
      },
    },
  });
});

test('a software adapter that is asked for is named, with what it means for speed', async ({
  page,
}) => {
  const answer = await page.evaluate(
    (r) => window.headless.pretrain(r),
    request({ backend: 'webgpu', steps: 1 }),
  );
  expect(answer).toMatchObject({
    ok: true,
    value: {
      device: {
        backend: 'webgpu',
        adapter: expect.stringMatching(/swiftshader/i),
        software: true,
        note: expect.stringContaining('not a GPU'),
      },
    },
  });
});

test('a run whose numbers overflow stops, says at which step and what to change', async ({
  page,
}) => {
  const answer = await page.evaluate(
    (r) => window.headless.pretrain(r),
    request({
      backend: 'wasm',
      steps: 50,
      set: [
        ['learningRate', '1e30'],
        ['warmupSteps', '0'],
      ],
    }),
  );
  expect(answer).toMatchObject({
    ok: false,
    usage: false,
    fault: expect.stringMatching(
      /step \d+ gave a loss or gradient that is not a number.*learning rate/,
    ),
  });
});
