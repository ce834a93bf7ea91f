// Stories of learning: the tour from its first stop to its last, and one step in slow motion that then really comes.
import { expect, type Locator, type Page, test } from '@playwright/test';
import { expectAccessible, expectState, fact, open, poll, shorten, stepsDone } from './page';

/** A number of the stage that is shown. */
function number(walk: Locator, name: string): Locator {
  return walk
    .locator('dl > div')
    .filter({ has: walk.page().getByText(name, { exact: true }) })
    .locator('dd');
}

async function goTo(page: Page, stage: string): Promise<void> {
  await page
    .getByRole('list', { name: /^Stages of step/ })
    .getByRole('button', { name: stage, exact: true })
    .click();
}

test('the tour: six stops, each does something on the page', async ({ page }) => {
  await open(page);
  await page.getByRole('tab', { name: 'Learn' }).click();
  await page.getByRole('button', { name: 'Start the tour' }).click();
  const tour = page.getByRole('region', { name: 'Tour' });
  const next = tour.getByRole('button', { name: 'Next' });
  const stop = (n: number) => expect(tour).toContainText(`Tour, ${n} of 6`);

  await stop(1);
  await tour.getByRole('button', { name: 'Open the weather' }).click();
  await expect(page.getByRole('combobox', { name: 'Preset' })).toHaveValue('Tiny');
  await next.click();

  await stop(2);
  // On the model that the page comes with: nothing was trained yet.
  const input = page.getByRole('group', { name: /^Input: / });
  await tour.getByRole('button', { name: 'Hide three in four' }).click();
  await expect(input.getByRole('button', { pressed: true })).toHaveCount(21);
  await expect(page.getByText('Step 1,500, answered in')).toBeVisible();
  await next.click();

  await stop(3);
  await tour.getByRole('button', { name: 'Hide a block' }).click();
  const mask = async () =>
    (
      await input
        .getByRole('button')
        .evaluateAll((all) => all.map((token) => (token.ariaPressed === 'true' ? 1 : 0)))
    ).join('');
  await poll(mask).toMatch(/^0*1+0*$/);
  await next.click();

  await stop(4);
  const rate = page.getByRole('slider', { name: 'Inner learning rate α' });
  const before = Number(await rate.getAttribute('aria-valuenow'));
  await tour.getByRole('button', { name: 'Double α' }).click();
  await expect(rate).toHaveAttribute('aria-valuenow', String(2 * before));
  await next.click();

  await stop(5);
  await expect(page.getByRole('region', { name: 'Curves', exact: true })).toHaveAttribute(
    'data-toured',
    '',
  );
  await page.screenshot({ path: test.info().outputPath('tour.png') });
  await expectAccessible(page);
  await tour.getByRole('button', { name: 'Train 150 steps' }).click();
  await expectState(page, 'Finished', 90_000);
  expect(await stepsDone(page)).toBe(150);
  await next.click();

  await stop(6);
  await tour.getByRole('button', { name: 'Show the map' }).click();
  await expect(page.getByRole('button', { name: /^Map of .* at step 150/ })).toBeVisible();
  await tour.getByRole('button', { name: 'End', exact: true }).click();
  await expect(tour).toBeHidden();
  await expect(page.locator('[data-toured]')).toHaveCount(0);
});

test('slow motion: the stages of the next step, and then that very step', async ({ page }) => {
  await open(page);
  await shorten(page, 50);
  await page.getByRole('button', { name: 'Single step' }).click();
  await expectState(page, 'Paused');
  await page.getByRole('tab', { name: 'Learn' }).click();
  const walk = page.getByRole('region', { name: 'Slow motion' });
  await walk.getByRole('button', { name: 'Walk through the next step' }).click();
  await expect(walk.getByRole('heading', { name: 'Step 2: Tokens, x' })).toBeVisible();
  await expect(number(walk, 'Examples N')).toHaveText('32');
  for (const [stage, picture] of [
    ['m', 'Input, masked'],
    ['Z', 'Z'],
    ['∇R(S̃)', 'Z* − Z'],
    ['Z*', 'Z*'],
    ['Decoder', 'From Z*'],
  ] as const) {
    await goTo(page, stage);
    await expect(walk.getByRole('img', { name: picture, exact: true })).toBeVisible();
    await page.screenshot({
      path: test.info().outputPath(`${picture.replaceAll(/\W+/g, '-')}.png`),
    });
  }
  await goTo(page, 'L');
  const total = await number(walk, 'Total').textContent();
  await walk.getByRole('button', { name: 'Next' }).click();
  const gradient = await number(walk, 'Gradient, all').textContent();
  await walk.getByRole('button', { name: 'Take this step' }).click();
  await poll(() => stepsDone(page)).toBe(2);
  await expect(fact(page, 'Loss')).toHaveText(total!);
  await expect(fact(page, 'Gradient norm')).toHaveText(gradient!);
});
