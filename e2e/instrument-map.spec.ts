// Stories of the map: points of held-out examples at several steps, by principal axes and UMAP, and the example behind a point.
import { expect, type Locator, type Page, test } from '@playwright/test';
import { expectState, open, poll, shorten } from './page';

function map(page: Page): Locator {
  return page.getByRole('button', { name: /^Map of \d+ held-out examples/ });
}

/** Pixels of the map that are not empty. */
async function inked(page: Page): Promise<number> {
  return map(page)
    .locator('canvas')
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i]! > 0) count++;
      return count;
    });
}

test('a run leaves snapshots, and each is a map of its step', async ({ page }) => {
  await open(page);
  await page.getByRole('tab', { name: 'Map' }).click();
  // Of the model that the page comes with; a run's own take its place.
  await expect(page.getByRole('button', { name: /examples at step 1,500/ })).toBeVisible();
  await shorten(page, 40);
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expectState(page, 'Finished');
  await expect(page.getByRole('button', { name: /examples at step 40/ })).toBeVisible();
  await poll(() => inked(page)).toBeGreaterThan(1000);
  await expect(page.getByRole('list', { name: 'Colours by season' })).toContainText('winter');

  const slider = page.getByRole('slider', { name: 'Snapshot' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(map(page)).toHaveAccessibleName(/at step [0-9]\./);
  await page.keyboard.press('End');
  await expect(map(page)).toHaveAccessibleName(/at step 40/);

  // The mouse: any point, found by trying from the middle outwards.
  const box = (await map(page).boundingBox())!;
  const example = page.getByRole('region', { name: 'Selected example' });
  for (let r = 0; r < 100 && !(await example.isVisible()); r += 8) {
    await page.mouse.click(box.x + box.width / 2 + r, box.y + box.height / 2 + r / 2);
  }
  await expect(example.getByRole('img')).toHaveCount(6);
  const heading = example.getByRole('heading');
  const name = await heading.textContent();
  // The keyboard: from point to point.
  await map(page).focus();
  await page.keyboard.press('ArrowLeft');
  if ((await heading.textContent()) === name) await page.keyboard.press('ArrowRight');
  await expect(heading).not.toHaveText(name!);
  await page.screenshot({ path: test.info().outputPath('map.png') });

  await page.getByText('UMAP', { exact: true }).click();
  await expect(page.getByText(/^UMAP of \d+ held-out examples/)).toBeVisible();
  await poll(() => inked(page), { timeout: 60_000 }).toBeGreaterThan(1000);
  await page.screenshot({ path: test.info().outputPath('umap.png') });

  await example.getByRole('button', { name: 'Probe it' }).click();
  await expect(page.getByRole('tab', { name: 'Probe' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('group', { name: /^From Z\*: / })).toBeVisible();
});
