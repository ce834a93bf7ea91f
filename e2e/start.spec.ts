// `npm start`: serves the built page and says where, also where its port is taken.
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { command } from './support/command';

test('the page is served on the next port where the usual one is taken', async ({ page }) => {
  const occupant = createServer();
  const taken = await new Promise<number>((resolve) => {
    occupant.listen(0, '127.0.0.1', () => {
      const address = occupant.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  let visited: Promise<void> | undefined;
  const ended = await command('start', [], {
    environment: { PORT: String(taken) },
    onOutput(printed, interrupt) {
      const address = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0];
      if (!address || visited) return;
      visited = page
        .goto(address)
        .then(() => expect(page).toHaveTitle('MetaMAE Playground'))
        .finally(interrupt);
    },
  });
  occupant.close();
  await visited;
  expect(ended.stdout).toContain(`Port ${taken} is taken`);
});

test('a port that is none is told in one line', async () => {
  const { code, stderr } = await command('start', [], { environment: { PORT: 'x' } });
  expect(stderr.trim()).toBe('PORT is "x"; it must be a whole number from 0 to 65535.');
  expect(code).toBe(2);
});
