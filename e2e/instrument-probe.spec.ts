// Stories of the mask probe: hiding tokens by mouse, touch and keyboard, and what the model answers, on every kind of example.
import { expect, type Locator, type Page, test } from '@playwright/test';
import { chooseObjective, expectState, open, poll, shorten } from './page';

/** The mask as the input's tokens tell it to those who hear the page: 1 is masked. */
async function maskOf(page: Page): Promise<number[]> {
  return tokens(page, 'Input').evaluateAll((all) =>
    all.map((token) => (token.getAttribute('aria-pressed') === 'true' ? 1 : 0)),
  );
}

function field(page: Page, name: string): Locator {
  return page.getByRole('group', { name: new RegExp(`^${name.replace('*', '\\*')}: `) });
}

function tokens(page: Page, name: string): Locator {
  return field(page, name).getByRole('button');
}

/** The errors of the masked tokens, as a reconstruction's tokens tell them. */
async function errorsOf(page: Page, name: 'From Z' | 'From Z*'): Promise<string[]> {
  return tokens(page, name).evaluateAll((all) => all.map((token) => token.ariaLabel ?? ''));
}

async function trained(page: Page, steps = 8): Promise<void> {
  await open(page);
  await shorten(page, steps);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await expect(field(page, 'From Z*')).toBeVisible();
}

/** Milliseconds that the last answer took. */
async function answerTime(page: Page): Promise<number> {
  return Number(await page.getByTestId('answer-time').textContent());
}

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

test('the mouse paints a mask, and the answer follows at once', async ({ page }) => {
  await trained(page);
  const before = await maskOf(page);
  const errors = await errorsOf(page, 'From Z*');
  const all = await tokens(page, 'Input').all();
  // A stroke over the first half turns all of it to what its first token becomes.
  const [first, last] = await Promise.all([
    all[0]!.boundingBox(),
    all[Math.floor(all.length / 2)]!.boundingBox(),
  ]);
  const y = first!.y + first!.height / 2;
  await page.mouse.move(first!.x + first!.width / 2, y);
  await page.mouse.down();
  await page.mouse.move(last!.x + last!.width / 2, y, { steps: 4 });
  await page.mouse.up();
  const after = await maskOf(page);
  const half = Math.floor(all.length / 2) + 1;
  expect(after.slice(0, half)).toEqual(Array(half).fill(1 - before[0]!));
  expect(after.slice(half)).toEqual(before.slice(half));
  await poll(() => errorsOf(page, 'From Z*')).not.toEqual(errors);
  // The answer is about the mask that was painted.
  await poll(async () =>
    (await errorsOf(page, 'From Z')).map((e) => (e.includes('masked') ? 1 : 0)),
  ).toEqual(after);
  await page.screenshot({ path: test.info().outputPath('probe.png') });
});

test('the keyboard alone hides and shows tokens, and asks what one rests on', async ({ page }) => {
  await trained(page);
  const before = await maskOf(page);
  await tokens(page, 'Input').first().focus();
  await page.keyboard.press('Space');
  await expect(tokens(page, 'Input').first()).toHaveAttribute('aria-pressed', String(!before[0]));
  await page.keyboard.press('ArrowRight');
  await expect(tokens(page, 'Input').nth(1)).toBeFocused();
  await page.keyboard.press('Shift+ArrowRight');
  const after = await maskOf(page);
  expect(after[2]).toBe(1 - before[0]!);
  await page.keyboard.press('End');
  await expect(tokens(page, 'Input').last()).toBeFocused();

  const masked = after.lastIndexOf(1);
  await tokens(page, 'From Z*').nth(masked).focus();
  await page.keyboard.press('Enter');
  const matters = page.getByRole('region', { name: 'What matters' });
  await expect(matters.getByRole('status')).toContainText(/^Most: token \d+ \([+−]/);
  await matters.getByText('Attention').click();
  await expect(matters.getByRole('status')).toContainText('%');
  await matters.getByRole('button', { name: 'Ask about no token' }).click();
  await expect(matters).toContainText('Press a masked token');
});

test('masks are drawn by rule, never hiding all or nothing', async ({ page }) => {
  await trained(page);
  const count = (await maskOf(page)).length;
  await page.getByRole('button', { name: 'All but one' }).click();
  expect(sum(await maskOf(page))).toBe(count - 1);
  // The last visible token cannot be hidden.
  const visible = (await maskOf(page)).indexOf(0);
  await tokens(page, 'Input').nth(visible).click();
  expect(sum(await maskOf(page))).toBe(count - 1);
  await page.getByRole('button', { name: 'Invert' }).click();
  expect(sum(await maskOf(page))).toBe(1);
  await page.getByRole('button', { name: /^Every/ }).click();
  const every = await maskOf(page);
  expect(every.slice(0, 8)).toEqual([0, 1, 1, 1, 0, 1, 1, 1]);
  await page.getByRole('button', { name: 'Block' }).click();
  expect((await maskOf(page)).join('')).toMatch(/^0*1+0*$/);
  const slider = page.getByRole('slider', { name: 'Mask ratio' });
  const blocked = sum(await maskOf(page));
  await slider.focus();
  for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowLeft');
  expect(sum(await maskOf(page))).toBeLessThan(blocked);
});

test('the inner step can be slid, and the curves show what it does', async ({ page }) => {
  await trained(page, 30);
  const adaptation = page.getByRole('region', { name: 'Latent adaptation' });
  const curve = adaptation.getByRole('img', { name: /after so many steps of length 5/ });
  await expect(curve).toBeVisible();
  const fromZ = await errorsOf(page, 'From Z');
  const fromZStar = await errorsOf(page, 'From Z*');
  await adaptation.getByRole('slider', { name: 'Inner learning rate α' }).focus();
  await page.keyboard.press('End');
  await poll(() => errorsOf(page, 'From Z*')).not.toEqual(fromZStar);
  await expect(adaptation.getByRole('img', { name: /of length 20/ })).toBeVisible();
  // Without a step there is no Z*: both errors agree.
  await page.keyboard.press('Home');
  const pairs = async (picture: 'From Z' | 'From Z*') => {
    const masked = (await errorsOf(page, picture)).filter((label) => label.includes('masked'));
    return masked.map((label) => label.match(/from Z ([^,]+), Z\* (.+)$/)!.slice(1));
  };
  // The answer to the question before may still stand there.
  const distinct = async () => (await pairs('From Z')).filter(([z, star]) => star !== z);
  await poll(distinct).toEqual([]);
  expect((await pairs('From Z')).length).toBeGreaterThan(0);
  expect(await pairs('From Z*')).toEqual(await pairs('From Z'));
  // What Z alone makes of it has not moved.
  const plain = (labels: string[]) => labels.map((label) => label.replace(/, Z\*.*/, ''));
  expect(plain(await errorsOf(page, 'From Z'))).toEqual(plain(fromZ));
});

test('the probe works before training, and follows it', async ({ page }) => {
  await open(page);
  // The model that the page comes with.
  await expect(page.getByText('Step 1,500, answered in')).toBeVisible();
  await expect(page.getByText('the model that comes with the page')).toBeVisible();
  await shorten(page, 100_000);
  await page.getByRole('button', { name: 'Look at an untrained one' }).click();
  await expect(page.getByText('Step 0, answered in')).toBeVisible();
  await expect(page.getByText('the model that comes with the page')).toBeHidden();
  await expectState(page, 'Ready');
  const untrained = await errorsOf(page, 'From Z*');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Training');
  // There is none to ask while the new model is made.
  const isAnswered = async () => {
    const errors = await errorsOf(page, 'From Z*');
    return errors.length > 0 && errors.join() !== untrained.join();
  };
  await poll(isAnswered, { timeout: 60_000 }).toBe(true);
  const mask = await maskOf(page);
  await tokens(page, 'Input').first().click();
  expect((await maskOf(page))[0]).toBe(1 - mask[0]!);
  await poll(
    async () => (await errorsOf(page, 'From Z'))[0]!.includes('masked') !== (mask[0] === 1),
  ).toBe(true);
  await expectState(page, 'Training');
});

test('another held-out example is one press away', async ({ page }) => {
  await trained(page, 2);
  const errors = await errorsOf(page, 'From Z');
  await page.getByRole('button', { name: 'Next example' }).click();
  await expect(page.getByRole('textbox', { name: 'Held-out example' })).toHaveValue('2');
  await poll(() => errorsOf(page, 'From Z')).not.toEqual(errors);
  await page.getByRole('textbox', { name: 'Held-out example' }).fill('1');
  await poll(() => errorsOf(page, 'From Z')).toEqual(errors);
});

test('two kept models are asked the same mask', async ({ page }) => {
  await trained(page, 4);
  await shorten(page, 12);
  await page.getByRole('button', { name: 'Train again' }).click();
  await expectState(page, 'Finished');
  const other = page.getByRole('region', { name: 'Another model' });
  await other.getByRole('combobox', { name: 'Compare with' }).click();
  await page.getByRole('option', { name: /, step 4$/ }).click();
  const compared = (name: string) => page.getByRole('group', { name: new RegExp(name) });
  const theirs = compared('at step 4, From Z\\*: ').getByRole('button');
  await expect(theirs).toHaveCount((await maskOf(page)).length);
  const maskOfOther = () =>
    theirs.evaluateAll((all) => all.map((token) => (token.ariaPressed === 'true' ? 1 : 0)));
  expect(await maskOfOther()).toEqual(await maskOf(page));
  await page.getByRole('button', { name: 'Invert' }).click();
  const inverted = await maskOf(page);
  await poll(maskOfOther).toEqual(inverted);
  const errors = await theirs.evaluateAll((all) => all.map((token) => token.ariaLabel));
  expect(errors).not.toEqual(await errorsOf(page, 'From Z*'));
  await expect(other.getByRole('status')).toContainText(/errs (less|more)/);
  // The first, initial state of this run is kept as well.
  await other.getByRole('combobox', { name: 'Compare with' }).click();
  await expect(page.getByRole('option', { name: 'This run, step 0' })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.screenshot({ path: test.info().outputPath('compared.png'), fullPage: true });
});

test('MAE has no Z*, and says so', async ({ page }) => {
  await open(page);
  await shorten(page, 4);
  await chooseObjective(page, 'mae');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await expect(field(page, 'From Z')).toBeVisible();
  await expect(field(page, 'From Z*')).toBeHidden();
  await expect(page.getByText('there is no Z* to adapt')).toBeVisible();
});

test('a finger paints', async ({ browser, baseURL }) => {
  const context = await browser.newContext({
    baseURL: baseURL!,
    hasTouch: true,
    viewport: { width: 390, height: 844 },
  });
  const page = await context.newPage();
  await open(page);
  await expect(field(page, 'From Z*')).toBeVisible();
  const mask = await maskOf(page);
  await tokens(page, 'Input').nth(3).tap();
  expect((await maskOf(page))[3]).toBe(1 - mask[3]!);
  await page.screenshot({ path: test.info().outputPath('phone.png'), fullPage: true });
  await context.close();
});

for (const set of [
  'Emoji',
  'Wafer maps',
  'Cell segmentation',
  'Landsat scene',
  'Bacterial DNA',
  'Proteins',
  'Dictionary definitions',
  'Spoken languages',
]) {
  test(`${set}: tokens are hidden and answered`, async ({ page }) => {
    await open(page);
    await page.getByRole('combobox', { name: 'Data set' }).click();
    await page.getByRole('option', { name: new RegExp(set) }).click();
    await expect(page.getByRole('region', { name: 'Data', exact: true })).toContainText(set);
    // Every set comes with a model; here is to be asked what nothing was taught.
    await expect(page.getByText('the model that comes with the page')).toBeVisible();
    await page.getByRole('combobox', { name: 'Preset' }).click();
    await page.getByRole('option', { name: /^Tiny/ }).click();
    await page.getByRole('button', { name: 'Look at an untrained one' }).click();
    await expect(page.getByText('Step 0, answered in')).toBeVisible();
    const mask = await maskOf(page);
    await tokens(page, 'Input').nth(1).click();
    expect((await maskOf(page))[1]).toBe(1 - mask[1]!);
    await poll(async () => ((await errorsOf(page, 'From Z'))[1]!.includes('masked') ? 1 : 0)).toBe(
      1 - mask[1]!,
    );
    expect(await answerTime(page)).toBeGreaterThan(0);
    await page.screenshot({ path: test.info().outputPath('probe.png') });
  });
}
