// Waveforms as model input, in ONNX nodes: the log-mel spectrogram of modality/spectrogram.ts.
import { settingsOf } from '../../modality/sound';
import { FLOOR, melFilterbank, RANGE, Stft } from '../../modality/spectrogram';
import { type Graph, row, slice } from './graph';
import { type Encoded, INPUT, inputOf, port, type RawInput } from './port';
import { standardise } from './standardise';

/** Waveforms to log-mel spectrograms: centred windows, power, mel bands, decibels within reach of the loudest cell. */
export function waveform(graph: Graph, { input, normalisation }: RawInput): Encoded {
  inputOf(input, 'grid');
  const { fftSize, hop, mels, frames } = settingsOf(normalisation);
  const samples = (frames - 1) * hop + fftSize;
  const padded = graph.add('Pad', [INPUT, graph.integers([0, fftSize / 2, 0, samples])]);
  const signal = graph.add('Unsqueeze', [slice(graph, padded, 1, samples), graph.integers([2])]);
  const stft = new Stft(fftSize);
  const spectrum = graph.add('STFT', [
    signal,
    graph.integer(hop),
    graph.constant('window', [fftSize], Float32Array.from(stft.window)),
    graph.integer(fftSize),
  ]);
  // [batch, frames, bins, 2] to power and mel bands.
  const power = graph.add(
    'ReduceSum',
    [graph.add('Mul', [spectrum, spectrum]), graph.integers([3])],
    {
      keepdims: 0,
    },
  );
  const bank = new Float32Array(stft.bins * mels);
  melFilterbank(settingsOf(normalisation)).forEach(({ from, weights }, m) => {
    weights.forEach((weight, k) => {
      bank[(from + k) * mels + m] = weight;
    });
  });
  const bands = graph.add('MatMul', [power, graph.constant('mel_bands', [stft.bins, mels], bank)]);
  // 10 log10 of the square, as 20 log10: the square of a faint band would vanish in single precision.
  const audible = graph.add('Max', [bands, graph.scalar(Math.sqrt(FLOOR))]);
  const decibels = graph.add('Mul', [graph.add('Log', [audible]), graph.scalar(20 / Math.LN10)]);
  const loudest = graph.add('ReduceMax', [decibels], { axes: [1, 2], keepdims: 1 });
  const limit = graph.add('Sub', [loudest, graph.scalar(RANGE)]);
  const turned = graph.add('Transpose', [graph.add('Max', [decibels, limit])], { perm: [0, 2, 1] });
  return {
    port: port(
      'float',
      ['samples'],
      'Waveform in [-1, 1], at the sample rate of the training data',
    ),
    encoded: row(graph, standardise(graph, turned, normalisation, [1, 1])),
  };
}
