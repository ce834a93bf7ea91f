// The parts of the page that hold still look as they did: a change of look is meant, and renewed with --update-snapshots.
import { expect, type Page, test } from '@playwright/test';
import { open } from './page';

test.use({ viewport: { width: 1440, height: 1000 } });

/** Letters are drawn a little differently by every version of the browser; a part that moved or vanished is far more than this. */
const tolerance = { maxDiffPixelRatio: 0.03, threshold: 0.3, animations: 'disabled' } as const;

async function settled(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await open(page);
  await expect(page.getByText(/answered in/)).toBeVisible();
  await page.evaluate(() => document.fonts.ready);
}

for (const scheme of ['light', 'dark'] as const) {
  test(`${scheme}: header, recipe, the tour's beginning`, async ({ page }) => {
    await settled(page, scheme);
    const shot = (name: string) => `${scheme}-${name}.png`;
    await expect(page.getByRole('banner')).toHaveScreenshot(shot('header'), {
      ...tolerance,
      // What it computes on is the machine's.
      mask: [page.getByRole('button', { name: /^Computes on: / })],
    });
    await expect(page.getByRole('region', { name: 'Recipe', exact: true })).toHaveScreenshot(
      shot('recipe'),
      tolerance,
    );
    await page.getByRole('tab', { name: 'Learn' }).click();
    await expect(page.getByRole('region', { name: 'Guided tour' })).toHaveScreenshot(
      shot('tour'),
      tolerance,
    );
  });
}
