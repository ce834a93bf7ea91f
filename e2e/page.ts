// What the stories of the page share: opening it, reading how a run stands, bringing files.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';

/** Opens the page and waits until its data set is there. */
export async function open(page: Page, hash = ''): Promise<void> {
  await page.goto(`./${hash}`);
  await expect(page.getByRole('heading', { name: 'Recipe' })).toBeVisible();
}

/** The smallest preset, and so many steps: a run of seconds on any machine. */
export async function shorten(page: Page, steps: number): Promise<void> {
  await page.getByRole('combobox', { name: 'Preset' }).click();
  await page.getByRole('option', { name: /^Tiny/ }).click();
  await setting(page, 'Steps').fill(String(steps));
}

/** @param name of the objective in a recipe */
export async function chooseObjective(page: Page, name: string): Promise<void> {
  const recipe = page.getByRole('region', { name: 'Recipe' });
  await recipe.getByRole('combobox', { name: 'Objective' }).selectOption(name);
}

/** Has steps computed on `WebGPU`, say, as the list of backends names it. */
export async function computeOn(page: Page, backend: string): Promise<void> {
  await page.getByRole('button', { name: /^Computes on/ }).click();
  await page.getByRole('radio', { name: new RegExp(`^${backend}`) }).click();
  await page.keyboard.press('Escape');
}

/** The field of a setting in an open group. */
export function setting(page: Page, name: string): Locator {
  return page.getByRole('region', { name: 'Recipe' }).getByRole('textbox', { name, exact: true });
}

/** A fact of the status bar. */
export function fact(page: Page, name: string): Locator {
  return page
    .getByRole('contentinfo')
    .locator('div')
    .filter({ has: page.getByText(name, { exact: true }) })
    .locator('dd')
    .last();
}

/** Looks ten times a second: by default a story that waits for long would be told up to a second late. */
export const poll = <T>(look: () => T | Promise<T>, options: { timeout?: number } = {}) =>
  expect.poll(look, { intervals: [50, 100], ...options });

export async function expectState(page: Page, state: string, timeout = 60_000): Promise<void> {
  await poll(() => fact(page, 'State').textContent(), { timeout }).toBe(state);
}

/** Steps done, as the status bar says. */
export async function stepsDone(page: Page): Promise<number> {
  const text = await fact(page, 'Step').textContent();
  return Number(text!.split(' of ')[0]!.replaceAll(',', ''));
}

/** The panels of the right-hand column. */
export const UNDERSTAND_AND_KEEP = '[aria-label="Understand and keep"]';

/** Nothing that axe knows of is violated, on the page or in a part of it. */
export async function expectAccessible(page: Page, part = 'html'): Promise<void> {
  // Without frames there is nothing to put together in a page of its own, which takes four times as long as looking does.
  expect(page.frames()).toHaveLength(1);
  const { violations } = await new AxeBuilder({ page })
    .include(part)
    .setLegacyMode()
    .options({ resultTypes: ['violations'] })
    .analyze();
  expect(
    violations.map(({ id, nodes }) => ({ id, where: nodes.map(({ target }) => String(target)) })),
  ).toEqual([]);
}

export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
}

/** Accessible as far as axe knows, the page or a part of it, and nothing runs out of the page at the side. */
export async function expectSound(page: Page, part?: string): Promise<void> {
  await expectAccessible(page, part);
  await expectNoSidewaysScroll(page);
}

/** Drops files onto the page as from the desktop. */
export async function drop(page: Page, files: { name: string; text: string }[]): Promise<void> {
  const transfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const { name, text } of given) data.items.add(new File([text], name));
    return data;
  }, files);
  const target = page.locator('body');
  await target.dispatchEvent('dragenter', { dataTransfer: transfer });
  await expect(page.getByText('Drop to look at it')).toBeVisible();
  await target.dispatchEvent('drop', { dataTransfer: transfer });
}

/** Opens the page with a small set of the user's own, which comes without a model that would be looked at first. */
export async function openSmall(page: Page): Promise<void> {
  await open(page);
  await takeWaves(page);
}

/** Drops the recordings of `wavesCsv`, and takes them as the page reads them. */
export async function takeWaves(page: Page): Promise<void> {
  await drop(page, [{ name: 'waves.csv', text: wavesCsv() }]);
  await page.getByRole('button', { name: 'Use these 40 examples' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
}

/** Recordings of two kinds of waves as a CSV: a row a step. */
export function wavesCsv(recordings = 40, steps = 24): string {
  const lines = ['recording,step,left,right,kind'];
  for (let r = 0; r < recordings; r++) {
    for (let s = 0; s < steps; s++) {
      const fast = r % 2 === 1;
      const left = Math.sin(s * (fast ? 1.1 : 0.4) + r);
      const right = Math.cos(s * (fast ? 0.9 : 0.3) - r);
      lines.push(`${r},${s},${left.toFixed(4)},${right.toFixed(4)},${fast ? 'fast' : 'slow'}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
