// Sound: WAV by our own reader, FLAC, MP3, OGG and what else the browser decodes; mixed to one channel, at one rate.
import type { Choice, Choices } from '../choices';
import { companionChoices, withCompanions } from '../companions';
import { DataError, type Dataset } from '../dataset';
import {
  damagedChoice,
  describeFiles,
  fileChoices,
  fileFields,
  readEach,
  sampleOf,
} from '../media/files';
import { resampleSound } from '../media/resample';
import { decodeWav, isWav } from '../media/wav';
import type { DecodedSound, Reading } from '../reading';
import type { Format, Input, Member } from './format';

/** Highest rate that is guessed: speech and most sounds lie below half of it. */
const USUAL_RATE = 16_000;
/** Longest example that is guessed, in seconds. */
const USUAL_SECONDS = 2;
const MOST_VALUES = 500_000_000;
/** Milliseconds a second: lengths are chosen in whole milliseconds. */
const MS = 1000;

interface SoundChoices extends Choices {
  sampleRate: number;
  /** Milliseconds. */
  duration: number;
  long: 'crop' | 'pieces';
  damaged: 'leave out' | 'stop';
}

export const sound: Format = {
  id: 'sound',
  title: 'Sound (WAV, FLAC, MP3, OGG)',
  extensions: ['wav', 'flac', 'mp3', 'ogg', 'oga', 'opus', 'm4a', 'aac', 'webm'],

  detect({ bytes }) {
    const kind = soundKind(bytes);
    return kind
      ? { score: 1, reason: `its first bytes are those of a ${kind} recording` }
      : undefined;
  },

  async propose(input, given, reading) {
    const sample = sampleOf(input.members);
    const { items } = await readEach(sample, 'leave out', reading, (m) =>
      decode(m, USUAL_RATE, reading),
    );
    const described = await describeFiles(input, reading);
    return {
      summary: `${input.members.length} recordings, ${lengthsOf(items)}`,
      choices: [
        ...soundChoices(items, given),
        damagedChoice,
        ...fileChoices(described),
        ...companionChoices(described.annotation),
      ],
      sampled: sample.length / input.members.length,
    };
  },

  async read(input, choices, reading, isSample = false): Promise<Dataset> {
    return readSounds(input, choices as SoundChoices, reading, isSample);
  },
};

/** The kind of recording that the first bytes show, undefined where they show none. */
function soundKind(head: Uint8Array): string | undefined {
  const text = String.fromCharCode(...head.subarray(0, 12));
  if (isWav(head)) return 'WAV';
  if (text.startsWith('fLaC')) return 'FLAC';
  if (text.startsWith('OggS')) return 'OGG';
  if (text.startsWith('ID3') || (head[0] === 0xff && (head[1]! & 0xe6) === 0xe2)) return 'MP3';
  if (head[0] === 0xff && (head[1]! & 0xf6) === 0xf0) return 'AAC';
  if (/^....ftyp(M4A|isom|mp4)/s.test(text)) return 'MPEG-4';
  if (text.startsWith('\x1a\x45\xdf\xa3')) return 'WebM';
  return undefined;
}

/** One channel of a recording: the mean of all. */
async function decode(
  { source }: Member,
  sampleRate: number,
  reading: Reading,
): Promise<{ samples: Float32Array; sampleRate: number }> {
  const bytes = await source.bytes();
  const { path } = source;
  if (isWav(bytes)) return mix(decodeWav(bytes, path));
  if (!reading.decodeSound) {
    throw new DataError(path, 'needs the sound decoder of a browser', 'Convert it to WAV.');
  }
  try {
    return mix(await reading.decodeSound(bytes, path, sampleRate));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataError(
      path,
      `cannot be decoded by this browser (${reason})`,
      'It may be damaged; remove it, or convert it to WAV.',
    );
  }
}

function mix({ channels, sampleRate }: DecodedSound): {
  samples: Float32Array;
  sampleRate: number;
} {
  const [first] = channels;
  if (channels.length === 1) return { samples: first!, sampleRate };
  const samples = first!.map((_, i) => {
    let sum = 0;
    for (const channel of channels) sum += channel[i]!;
    return sum / channels.length;
  });
  return { samples, sampleRate };
}

const secondsOf = ({ samples, sampleRate }: { samples: Float32Array; sampleRate: number }) =>
  samples.length / sampleRate;

function lengthsOf(items: { samples: Float32Array; sampleRate: number }[]): string {
  const seconds = items.map(secondsOf).sort((a, b) => a - b);
  const [shortest, longest] = [seconds[0]!.toFixed(2), seconds.at(-1)!.toFixed(2)];
  const rates = [...new Set(items.map(({ sampleRate }) => sampleRate))].sort((a, b) => a - b);
  return `${shortest === longest ? shortest : `${shortest} to ${longest}`} s long, ${rates.join(' and ')} Hz`;
}

function soundChoices(
  items: { samples: Float32Array; sampleRate: number }[],
  given: Choices,
): Choice[] {
  const rate = Math.min(USUAL_RATE, ...items.map(({ sampleRate }) => sampleRate));
  const seconds = items.map(secondsOf).sort((a, b) => a - b);
  const typical = seconds[Math.ceil((seconds.length - 1) * 0.95)]!;
  const duration = Math.max(1, Math.ceil(Math.min(typical, USUAL_SECONDS) * MS));
  const wanted = ((given.duration as number | undefined) ?? duration) / MS;
  const isLong = seconds[seconds.length >> 1]! > 2 * wanted;
  return [
    {
      key: 'sampleRate',
      label: 'Sample rate',
      help: 'Samples a second; recordings at other rates are converted.',
      reason: 'the lowest of the recordings, at most what speech needs',
      kind: 'integer',
      minimum: 1000,
      maximum: 192_000,
      value: rate,
      unit: 'Hz',
    },
    {
      key: 'duration',
      label: 'Length',
      help: 'Of an example; shorter recordings are filled up with silence.',
      reason: typical <= USUAL_SECONDS ? '19 of 20 are not longer' : 'short examples train quickly',
      kind: 'integer',
      minimum: 1,
      maximum: 60_000,
      value: duration,
      unit: 'ms',
    },
    {
      key: 'long',
      label: 'Longer ones',
      help: 'Keep the beginning, or cut all of it into pieces that stay together in the split.',
      reason: isLong ? 'most recordings are much longer' : undefined,
      kind: 'option',
      options: [
        { value: 'crop', label: 'Keep the beginning' },
        { value: 'pieces', label: 'Cut into pieces' },
      ],
      value: isLong ? 'pieces' : 'crop',
    },
  ];
}

async function readSounds(
  input: Input,
  choices: SoundChoices,
  reading: Reading,
  isSample: boolean,
): Promise<Dataset> {
  const { sampleRate } = choices;
  const length = Math.max(1, Math.round((choices.duration / MS) * sampleRate));
  const members = isSample ? sampleOf(input.members) : input.members;
  let total = 0;
  let cropped = 0;
  const { items, kept, warnings } = await readEach(
    members,
    choices.damaged,
    reading,
    async (member) => {
      const decoded = await decode(member, sampleRate, reading);
      const samples = resampleSound(decoded.samples, decoded.sampleRate, sampleRate);
      const pieces = cut(samples, length, choices.long);
      if (choices.long === 'crop' && samples.length > length) cropped++;
      total += pieces.length;
      // Counted on, so that the message below is reached rather than memory exhausted.
      return total * length > MOST_VALUES ? [] : pieces;
    },
  );
  if (total * length > MOST_VALUES) {
    throw new DataError(
      input.name,
      `makes ${Math.round((total * length) / 1e6)} million samples, more than ${MOST_VALUES / 1e6} million`,
      'Choose a lower rate or a shorter length, or bring fewer recordings.',
    );
  }
  const values = new Float32Array(total * length);
  const lengths = new Int32Array(total);
  const rows = new Int32Array(total);
  const indexOf = new Map(input.members.map((member, i) => [member, i]));
  let n = 0;
  items.forEach((pieces, i) => {
    for (const piece of pieces) {
      values.set(piece, n * length);
      lengths[n] = piece.length;
      rows[n++] = indexOf.get(members[kept[i]!]!)!;
    }
  });
  const described = await describeFiles(input, reading);
  const fields = fileFields(input, described, choices, rows);
  const dataset: Dataset = {
    name: input.name,
    modality: 'sound',
    count: total,
    sampleShape: [length],
    values,
    lengths,
    sampleRate,
    ...fields,
    groups:
      fields.groups ?? (total > items.length ? { name: 'recording', values: rows } : undefined),
    origin: { source: input.name },
    warnings: [
      ...described.annotation.warnings,
      ...warnings,
      ...(cropped > 0
        ? [
            `${cropped} of ${items.length} recordings last longer than ${choices.duration} ms; of those only the beginning is used.`,
          ]
        : []),
    ],
  };
  return withCompanions(dataset, described.annotation, choices, rows);
}

/** The beginning of a recording, or all of it in pieces; a last piece below half the length is left out. */
function cut(samples: Float32Array, length: number, long: SoundChoices['long']): Float32Array[] {
  if (long === 'crop') return [samples.slice(0, length)];
  const pieces: Float32Array[] = [];
  for (let from = 0; from === 0 || samples.length - from >= length / 2; from += length) {
    pieces.push(samples.slice(from, from + length));
  }
  return pieces;
}
