// The first part of an ONNX encoder: raw examples in the user's units become model input, as each modality's `encode` does it.
import type { ModalityId } from '../../modality/registry';
import { mapSize, placing } from '../../modality/waferMap';
import { type Graph, range, slice, toFloat, zeroWhereAbsent } from './graph';
import { type Encoded, INPUT, inputOf, port, type RawInput } from './port';
import { fillGaps, resize, standardise } from './standardise';
import { table } from './table';
import { waveform } from './waveform';

/** Adds nodes that turn raw values into model input. */
type Encoder = (graph: Graph, raw: RawInput) => Encoded;

/** A line a modality: one without a line here does not compile. */
const encoders: Record<ModalityId, Encoder> = {
  'time-series': series,
  tabular: table,
  image: picture,
  multispectral: picture,
  dna: symbols,
  rna: symbols,
  protein: symbols,
  text: symbols,
  sound: waveform,
  'wafer-map': states,
  pair: several,
};

/**
 * Model input `[batch, C, S]`, `[batch, C, H, W]` or `[batch, L]` out of raw examples.
 *
 * @throws RangeError for an unknown modality, or statistics that do not fit the input
 */
export function encodeRaw(graph: Graph, raw: RawInput): Encoded {
  const encoder = Object.hasOwn(encoders, raw.modality) && encoders[raw.modality as ModalityId];
  if (!encoder) throw new RangeError(`there is no modality "${raw.modality}"`);
  return encoder(graph, raw);
}

/** `encoderOnnx` says so before it comes to this. */
function several(): never {
  throw new RangeError('an ONNX model takes one input, and the examples have several');
}

function symbols(_graph: Graph, { input, dataset }: RawInput): Encoded {
  const { vocabulary, length } = inputOf(input, 'tokens');
  const padding = dataset.paddingId === undefined ? '' : `; ${dataset.paddingId} fills up`;
  const description = `Ids of symbols, 0 to ${vocabulary - 1}${padding}`;
  return { port: port('int64', [length], description), encoded: INPUT };
}

/** Standardises each channel and closes gaps by straight lines. */
function series(graph: Graph, { input, normalisation, dataset }: RawInput): Encoded {
  const { channels, length } = inputOf(input, 'series');
  const steps = dataset.sampleShape[1]!;
  const used = steps === length ? INPUT : slice(graph, INPUT, 2, length);
  const scaled = standardise(graph, used, normalisation, [channels, 1]);
  return {
    port: port('float', [channels, steps], 'Values by channel and step; NaN where missing'),
    encoded: fillGaps(graph, scaled, length),
  };
}

/** Resamples pictures to the input's size and standardises each channel. */
function picture(graph: Graph, { input, normalisation, dataset }: RawInput): Encoded {
  const { channels, height, width } = inputOf(input, 'grid');
  const [, rawHeight, rawWidth] = dataset.sampleShape as [number, number, number];
  const fits = rawHeight === height && rawWidth === width;
  const resized = fits ? INPUT : resize(graph, INPUT, [rawHeight, rawWidth], [height, width]);
  const scaled = standardise(graph, resized, normalisation, [channels, 1, 1]);
  return {
    port: port(
      'float',
      [channels, rawHeight, rawWidth],
      'Values by channel, row and column; NaN where missing',
    ),
    encoded: zeroWhereAbsent(graph, scaled),
  };
}

/** Makes maps of state ids one-hot, placed and standardised as the modality does. */
function states(graph: Graph, { input, normalisation, dataset }: RawInput): Encoded {
  const { channels, height, width } = inputOf(input, 'grid');
  const size = mapSize(dataset);
  const flat = graph.add('Reshape', [INPUT, graph.integers([0, -1])]);
  // One more cell, of state 0, stands for everything outside the map.
  const outside = graph.add('Pad', [flat, graph.integers([0, 0, 0, 1])]);
  const place = placing(size, height, width);
  const places = Array.from({ length: height * width }, (_, cell) => {
    const source = place(Math.floor(cell / width), cell % width);
    return source < 0 ? size[0] * size[1] : source;
  });
  const cells = graph.add('Gather', [outside, graph.integers(places, 'places')], { axis: 1 });
  const plane = graph.add('Reshape', [cells, graph.integers([0, 1, height, width])]);
  const ids = graph.floats('state_ids', [channels, 1, 1], range(channels));
  const oneHot = toFloat(graph, graph.add('Equal', [plane, ids]));
  return {
    port: port('float', size, 'Ids of states by row and column'),
    encoded: standardise(graph, oneHot, normalisation, [channels, 1, 1]),
  };
}
