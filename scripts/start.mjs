// `npm start`: installs what is missing, builds the page where it is stale, serves it and prints its address.
import { dist, ensureBuilt } from './build.mjs';
import { main, UsageError } from './command.mjs';
import { serve } from './serve.mjs';
import { ensureDependencies } from './setup.mjs';

/** Fixed, because the browser keeps runs by address: another port is another, empty store. */
const PORT = 8765;

/** @param {string | undefined} text */
function portFrom(text) {
  if (text === undefined || text === '') return PORT;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new UsageError(`PORT is "${text}"; it must be a whole number from 0 to 65535.`);
  }
  return port;
}

await main(async () => {
  const wanted = portFrom(process.env.PORT);
  await ensureDependencies();
  await ensureBuilt();
  const { address, port } = await serve(dist, wanted);
  if (wanted !== 0 && port !== wanted) {
    console.log(
      `Port ${wanted} is taken. The browser keeps runs by address: those of ${wanted} are not shown at this one.`,
    );
  }
  console.log(`MetaMAE Playground: ${address}  (Ctrl+C ends it)`);
});
