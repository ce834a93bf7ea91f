// Checks the engine against a fixture of the reference implementation, on the backend of choice.
import type { NamedBlob } from '../data/source';
import { compiledMeans } from '../parity/compiled';
import { fixtureSchema } from '../parity/fixture';
import { compareWithReference, FixtureError } from '../parity/parity';
import { type BackendName, openBackend, webgpuDevice } from '../tensor/backend';
import { RequestError } from './overrides';
import type { ParityResult } from './surface';

/**
 * @param file a fixture, as JSON or JSON in gzip
 * @param engine what computes; `compiled` needs the WebGPU backend
 * @throws RequestError where it is no fixture
 */
export async function parity(
  file: NamedBlob,
  backend: BackendName,
  engine: 'eager' | 'compiled' = 'eager',
): Promise<ParityResult> {
  const parsed = fixtureSchema.safeParse(await readJson(file));
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    const place = path.length > 0 ? `${path.join('.')}: ` : '';
    throw new RequestError(`${file.name}: is no fixture (${place}${message})`);
  }
  const device = await openBackend(backend, {
    lost: fail,
    error: fail,
  });
  try {
    const means =
      engine === 'compiled' ? compiledMeans(webgpuDevice()!, device.software) : undefined;
    return { device, checks: await compareWithReference(parsed.data, means) };
  } catch (error) {
    if (error instanceof FixtureError) throw new RequestError(`${file.name}: ${error.message}`);
    throw error;
  }
}

/** Numbers from a device that failed would be compared as if they were ours, so the page stops instead. */
function fail(reason: string): void {
  throw new Error(`The device failed: ${reason}`);
}

async function readJson({ name, blob }: NamedBlob): Promise<unknown> {
  const [first, second] = new Uint8Array(await blob.slice(0, 2).arrayBuffer());
  const isGzip = first === 0x1f && second === 0x8b;
  const stream = isGzip
    ? blob.stream().pipeThrough(new DecompressionStream('gzip'))
    : blob.stream();
  try {
    return JSON.parse(await new Response(stream).text());
  } catch (error) {
    throw new RequestError(`${name}: is no fixture (${(error as Error).message})`);
  }
}
