// How the instruments look and sound: light and dark, wide and narrow, without a violation that axe knows of.
import { expect, test } from '@playwright/test';
import {
  expectAccessible,
  expectNoSidewaysScroll,
  expectSound,
  expectState,
  open,
  shorten,
  UNDERSTAND_AND_KEEP,
} from './page';

// Either scheme and either width once: colours and layout depend on one each.
for (const [scheme, size, viewport] of [
  ['light', 'phone', { width: 390, height: 844 }],
  ['dark', 'wide', { width: 1440, height: 1600 }],
] as const) {
  test(`${scheme}, ${size}: every instrument, empty and full`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.setViewportSize(viewport);
    await open(page);
    const understand = page.getByRole('region', { name: 'Understand', exact: true });
    const tabs = await understand.getByRole('tab').allTextContents();
    for (const name of tabs) {
      await understand.getByRole('tab', { name }).click();
      await expect(understand.getByRole('tabpanel')).not.toBeEmpty();
      if (size === 'wide') await expectAccessible(page, UNDERSTAND_AND_KEEP);
      await expectNoSidewaysScroll(page);
    }
    if (size === 'phone') await page.getByRole('button', { name: 'Training' }).click();
    await shorten(page, 12);
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await expectState(page, 'Finished');

    const shot = (name: string) =>
      understand.screenshot({ path: test.info().outputPath(`${name}.png`) });
    await understand.getByRole('tab', { name: 'Probe' }).click();
    const masked = understand
      .getByRole('group', { name: /^From Z\*: / })
      .getByRole('button', { name: /masked/ })
      .first();
    await masked.focus();
    await page.keyboard.press('Enter');
    await expect(understand.getByRole('status').getByText(/^Most: /)).toBeVisible();
    await expectSound(page, UNDERSTAND_AND_KEEP);
    await shot('probe');

    await understand.getByRole('tab', { name: 'Map' }).click();
    const map = understand.getByRole('button', { name: /^Map of/ });
    await map.focus();
    await page.keyboard.press('ArrowRight');
    await expect(understand.getByRole('heading', { name: /^Example/ })).toBeVisible();
    await expectSound(page, UNDERSTAND_AND_KEEP);
    await shot('map');

    await understand.getByRole('tab', { name: 'Evaluate' }).click();
    await understand.getByRole('button', { name: 'Evaluate now' }).click();
    await expect(understand.getByText(/^Evaluated at step/)).toBeVisible({ timeout: 90_000 });
    await expectSound(page, UNDERSTAND_AND_KEEP);
    await shot('evaluate');

    await understand.getByRole('tab', { name: 'Learn' }).click();
    await understand.getByRole('button', { name: 'Walk through the next step' }).click();
    await expect(understand.getByRole('heading', { name: /^Step 13/ })).toBeVisible();
    await expectSound(page, UNDERSTAND_AND_KEEP);
    await understand.getByRole('button', { name: '∇R(S̃)' }).click();
    await shot('learn');
  });
}
