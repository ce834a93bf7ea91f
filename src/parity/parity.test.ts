// Every quantity of every recorded configuration, on both CPU backends; and that the comparison can fail.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { selectBackend } from '../tensor/testing';
import { type Fixture, fixtureSchema } from './fixture';
import { compareWithReference } from './parity';

const read = (name: string): Fixture => {
  const path = new URL(`./fixtures/${name}.json.gz`, import.meta.url);
  return fixtureSchema.parse(JSON.parse(gunzipSync(readFileSync(path)).toString()));
};

const failures = async (fixture: Fixture): Promise<string[]> =>
  (await compareWithReference(fixture))
    .filter((line) => !line.ok)
    .map((line) => `${line.quantity}: ${line.error} over ${line.tolerance} (${line.measure})`);

describe.each(['cpu', 'wasm'] as const)('parity on %s', (backend) => {
  beforeAll(() => selectBackend(backend));

  test.each(['timeseries', 'tabular', 'token', 'image', 'speech'])('%s', async (name) => {
    const fixture = read(name);
    expect(await failures(fixture)).toEqual([]);
  });
});

describe('the comparison notices', () => {
  beforeAll(() => selectBackend('cpu'));

  test('a first-order gradient where second order is wanted', async () => {
    const { grads_first_order, grads_second_order, ...rest } = read('timeseries');
    const swapped = { ...grads_second_order, ...grads_first_order!.tensors };
    const found = await failures({ ...rest, adamw: undefined, grads_second_order: swapped });
    expect(found.join()).toContain('second-order gradient all parameters together');
  });

  test('a swapped scale and shift of a layer normalisation', async () => {
    const fixture = read('tabular');
    const [weight, bias] = ['encoder.0.norm1.weight', 'encoder.0.norm1.bias'].map(
      (name) => fixture.state_dict.find((t) => t.name === name)!,
    );
    [weight!.data, bias!.data] = [bias!.data, weight!.data];
    expect((await failures(fixture)).length).toBeGreaterThan(100);
  });

  test('a file without anything recorded, or whose weights do not fit', async () => {
    const { config, state_dict, input, noise } = read('tabular');
    // Masks and targets are compared only where they are recorded.
    await expect(compareWithReference({ config, state_dict, input, noise })).rejects.toThrow(
      'nothing to compare',
    );
    const fewer = state_dict.filter((t) => t.name !== 'norm_enc.bias');
    await expect(compareWithReference({ ...read('tabular'), state_dict: fewer })).rejects.toThrow(
      'lacks norm_enc.bias',
    );
  });
});
