// Stories of training: the first visit, the run's buttons, an engine that dies, and a page that stays quick meanwhile.
import { expect, test } from '@playwright/test';
import { expectState, fact, open, poll, setting, shorten, stepsDone } from './page';

test('a first visit trains to the end on one press, and the losses fall', async ({ page }) => {
  await open(page);
  await expect(page.getByRole('region', { name: 'Data', exact: true })).toContainText(
    'Daily weather',
  );
  await shorten(page, 60);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(fact(page, 'Loss')).toHaveText(/^\d/, { timeout: 60_000 });
  const first = Number(await fact(page, 'Loss').textContent());
  await expectState(page, 'Finished');
  expect(await stepsDone(page)).toBe(60);
  expect(Number(await fact(page, 'Loss').textContent())).toBeLessThan(0.9 * first);

  const reconstructions = page.getByRole('region', { name: 'Reconstructions' });
  await expect(reconstructions).toContainText('Held-out examples after 60 steps');
  for (const title of ['Input, masked', 'From Z', 'From Z*', 'Original']) {
    const pictures = reconstructions.getByRole('img', {
      name: new RegExp(`, ${title.replace('*', '\\*')}$`),
    });
    expect(await pictures.count()).toBeGreaterThanOrEqual(4);
  }
  await expect(page.getByRole('img', { name: 'Losses over 60 steps' })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('finished.png') });
});

test('pause, single step, resume and stop do what they say', async ({ page }) => {
  await open(page);
  await shorten(page, 100_000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(3);
  await page.getByRole('button', { name: 'Pause' }).click();
  await expectState(page, 'Paused');
  const paused = await stepsDone(page);
  await page.waitForTimeout(700);
  expect(await stepsDone(page)).toBe(paused);

  await page.getByRole('button', { name: 'Single step' }).click();
  await poll(() => stepsDone(page)).toBe(paused + 1);
  await expectState(page, 'Paused');

  await page.getByRole('button', { name: 'Resume' }).click();
  await expectState(page, 'Training');
  await poll(() => stepsDone(page)).toBeGreaterThan(paused + 2);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expectState(page, 'Finished');
  await expect(page.getByRole('button', { name: 'Export weights' })).toBeEnabled();
  await expect(page.getByRole('button', { name: 'Train again' })).toBeEnabled();
});

test('the keyboard alone trains', async ({ page }) => {
  await open(page);
  await shorten(page, 3);
  await page.getByRole('button', { name: 'Train', exact: true }).focus();
  await page.keyboard.press('Enter');
  await expectState(page, 'Finished');
  // The arrow keys step a number, and what is no number is said at its field.
  const steps = setting(page, 'Steps');
  await steps.focus();
  await page.keyboard.press('ArrowUp');
  await expect(steps).toHaveValue('4');
  await steps.fill('many');
  await expect(page.getByText('Steps must be a')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Train again' })).toBeDisabled();
});

test('an engine that dies is told of and replaced', async ({ page }) => {
  await open(page);
  await shorten(page, 100_000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await poll(() => stepsDone(page), { timeout: 60_000 }).toBeGreaterThan(0);
  await page.workers()[0]!.evaluate(() => {
    setTimeout(() => {
      throw new Error('a fault of the test');
    });
  });
  await expect(page.getByRole('alert').filter({ hasText: 'a fault of the test' })).toBeVisible();
  await expectState(page, 'Failed');
  await setting(page, 'Steps').fill('3');
  await page.getByRole('button', { name: 'Train again' }).click();
  await expectState(page, 'Finished');
});

test('nothing moves when numbers change', async ({ page }) => {
  await open(page);
  await shorten(page, 25);
  const places = () =>
    page.evaluate(() =>
      [
        ...document.querySelectorAll(
          'header button, header input, footer dt, main h2, main h3, [aria-pressed]',
        ),
      ].map((element) => {
        const { x, y } = element.getBoundingClientRect();
        return `${element.textContent}: ${Math.round(x)}, ${Math.round(y)}`;
      }),
    );
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/Held-out examples after/)).toBeVisible({ timeout: 60_000 });
  // The probe of the run is there with its first answer.
  await expect(page.getByText(/answered in/)).toBeVisible();
  await expect(page.getByRole('heading', { name: /^Another model/ })).toBeVisible();
  const strip = (lines: string[]) => lines.map((line) => line.replace(/.*: (?=-?\d+, -?\d+$)/, ''));
  const before = strip(await places());
  await expectState(page, 'Finished');
  expect(strip(await places())).toEqual(before);
});

test('training leaves the main thread free: no task takes 50 ms', async ({ page, browser }) => {
  await open(page);
  await shorten(page, 100_000);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/Held-out examples after/)).toBeVisible({ timeout: 60_000 });
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await page.waitForTimeout(6000);
  const trace = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  expect(await stepsDone(page)).toBeGreaterThan(5);
  const tasks = mainThreadTasks(trace.traceEvents);
  expect(tasks.length).toBeGreaterThan(50);
  // Processor time, not time on the clock: other programs of the machine are not the page's doing.
  expect(Math.max(...tasks)).toBeLessThan(50);
});

test('100,000 steps stay smooth', async ({ page, browser }) => {
  // A double in the worker's place: only it can bring so many steps in seconds.
  await page.addInitScript(() => {
    const steps = 100_000;
    const Real = window.Worker;
    window.Worker = class {
      onmessage?: (event: { data: unknown }) => void;
      constructor(address: URL, options?: WorkerOptions) {
        // Those that read data have a name, and are left as they are.
        // biome-ignore lint/correctness/noConstructorReturn: `new Worker` is how the page asks for either
        if (options?.name) return new Real(address, options) as never;
      }
      terminate() {}
      postMessage(command: { type: string; recipe: unknown }) {
        const say = (data: unknown) => this.onmessage?.({ data });
        const answer = () => {
          if (command.type === 'open') {
            const device = {
              backend: 'wasm',
              adapter: 'double',
              software: false,
              threads: 1,
              note: '',
            };
            say({ type: 'device', device });
          } else if (command.type === 'prepare') {
            const normalisation = { mean: [0, 0, 0, 0], deviation: [1, 1, 1, 1] };
            const examples = { train: 1, validation: 1, test: 1 };
            const heldOut = Int32Array.of(0);
            const facts = { parameters: 1, tokens: 28, visible: 7, examples, heldOut };
            say({ type: 'prepared', recipe: command.recipe, normalisation, ...facts });
          } else if (command.type === 'run') {
            say({ type: 'phase', phase: 'running', step: 0 });
            let step = 0;
            const timer = setInterval(() => {
              const rows = Array.from({ length: 1000 }, () => {
                step++;
                const loss = 1 + Math.exp(-step / 20_000) + 0.3 * Math.random();
                const curves = { reconstruction: loss, inner: 2 * loss, contrastive: 3 * loss };
                return { step, loss: 4 * loss, curves, gradientNorm: 1, learningRate: 1e-3 };
              });
              const speed = {
                stepsPerSecond: 1e4,
                examplesPerSecond: 1e6,
                deviceBytes: 1e6,
                tensors: 9,
              };
              say({ type: 'metrics', rows, speed });
              if (step < steps) return;
              clearInterval(timer);
              say({ type: 'phase', phase: 'finished', step });
            }, 100);
          }
        };
        setTimeout(answer);
      }
    } as never;
  });
  await open(page);
  await setting(page, 'Steps').fill('100000');
  await browser.startTracing(page, { categories: ['toplevel', '__metadata'] });
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  const trace = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: TraceEvent[];
  };
  await expect(page.getByRole('img', { name: 'Losses over 100,000 steps' })).toBeVisible();
  await page.screenshot({ path: test.info().outputPath('long.png') });
  expect(Math.max(...mainThreadTasks(trace.traceEvents))).toBeLessThan(50);
});

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

/** Milliseconds of processor time of every task on the busiest renderer's main thread. */
function mainThreadTasks(events: TraceEvent[]): number[] {
  const mains = events.filter(
    ({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const perThread = mains.map(({ pid, tid }) =>
    events
      .filter((event) => event.pid === pid && event.tid === tid && event.name.endsWith('RunTask'))
      .map(({ tdur, dur }) => (tdur ?? dur ?? 0) / 1000),
  );
  return perThread.sort((a, b) => b.length - a.length)[0] ?? [];
}
