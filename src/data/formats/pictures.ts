// Pictures: PNG, JPEG, WebP, GIF (its first picture), BMP, AVIF; a file an example, all fitted to one size.
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
import { decodePicture, type Fit, fitPicture, type Picture, pictureKind } from '../media/picture';
import type { Reading } from '../reading';
import type { Format, Input, Member } from './format';

/** Pictures up to this side keep their size. */
const LARGEST_KEPT = 64;
const MOST_VALUES = 1_500_000_000;

interface PictureChoices extends Choices {
  width: number;
  height: number;
  colour: 'rgb' | 'grey';
  shape: Fit['shape'];
  damaged: 'leave out' | 'stop';
}

export const pictures: Format = {
  id: 'pictures',
  title: 'Pictures (PNG, JPEG, WebP, GIF)',
  extensions: ['png', 'jpg', 'jpeg', 'webp', 'gif', 'bmp', 'avif'],

  detect({ bytes }) {
    const kind = pictureKind(bytes);
    return kind
      ? { score: 1, reason: `its first bytes are those of a ${kind} picture` }
      : undefined;
  },

  async propose(input, _given, reading) {
    const sample = sampleOf(input.members);
    const { items } = await readEach(sample, 'leave out', reading, decode);
    const described = await describeFiles(input, reading);
    return {
      summary: `${input.members.length} pictures${sizesOf(items)}`,
      choices: [
        ...sizeChoices(items),
        damagedChoice,
        ...fileChoices(described),
        ...companionChoices(described.annotation),
      ],
      sampled: sample.length / input.members.length,
    };
  },

  async read(input, choices, reading, isSample = false): Promise<Dataset> {
    return readPictures(input, choices as PictureChoices, reading, isSample);
  },
};

async function decode({ source }: Member): Promise<Picture> {
  return decodePicture(await source.bytes(), source.path);
}

function sizesOf(pictures: Picture[]): string {
  const sizes = new Set(pictures.map(({ width, height }) => `${width} x ${height}`));
  return sizes.size === 1 ? ` of ${[...sizes][0]} pixels` : ' of several sizes';
}

function sizeChoices(pictures: Picture[]): Choice[] {
  const [first] = pictures;
  const isUniform = pictures.every((p) => p.width === first!.width && p.height === first!.height);
  const isSmall = isUniform && Math.max(first!.width, first!.height) <= LARGEST_KEPT;
  const shortest = Math.min(...pictures.map(({ width, height }) => Math.min(width, height)));
  const side = shortest <= 100 ? 32 : LARGEST_KEPT;
  const isGrey = pictures.every(({ channels }) => channels === 1);
  const reason = isSmall ? 'all pictures are of this size' : 'small pictures train quickly';
  const size = (key: string, label: string, value: number): Choice => ({
    key,
    label,
    help: 'Pixels of an example; pictures of other sizes are reduced or enlarged.',
    reason,
    kind: 'integer',
    minimum: 1,
    maximum: 1024,
    value,
    unit: 'pixels',
  });
  return [
    size('width', 'Width', isSmall ? first!.width : side),
    size('height', 'Height', isSmall ? first!.height : side),
    {
      key: 'colour',
      label: 'Colours',
      help: 'Red, green and blue, or grey alone.',
      reason: isGrey ? 'the pictures are grey' : 'the pictures are in colour',
      kind: 'option',
      options: [
        { value: 'rgb', label: 'Red, green, blue' },
        { value: 'grey', label: 'Grey' },
      ],
      value: isGrey ? 'grey' : 'rgb',
    },
    {
      key: 'shape',
      label: 'Other proportions',
      help: 'Keep the middle of a picture, or squeeze all of it.',
      kind: 'option',
      options: [
        { value: 'crop', label: 'Keep the middle' },
        { value: 'stretch', label: 'Squeeze' },
      ],
      value: 'crop',
    },
  ];
}

async function readPictures(
  input: Input,
  choices: PictureChoices,
  reading: Reading,
  isSample: boolean,
): Promise<Dataset> {
  const { width, height, shape } = choices;
  const channels = choices.colour === 'rgb' ? 3 : 1;
  const size = channels * width * height;
  const members = isSample ? sampleOf(input.members) : input.members;
  if (members.length * size > MOST_VALUES) {
    throw new DataError(
      input.name,
      `makes ${members.length} pictures of ${width} x ${height}, more than a page can hold`,
      'Choose a smaller size or bring fewer pictures.',
    );
  }
  // Sixteen bits are kept where all pictures of a sample have them.
  const { items: sample } = await readEach(sampleOf(input.members), 'leave out', {}, decode);
  const isDeep = sample.every(({ planes }) => planes instanceof Uint16Array);
  const all = new (isDeep ? Uint16Array : Uint8Array)(members.length * size);
  let count = 0;
  const { kept, warnings } = await readEach(members, choices.damaged, reading, async (member) => {
    fitPicture(await decode(member), { width, height, channels, shape }, all, count * size);
    count++;
  });
  const values = count < members.length ? all.slice(0, count * size) : all;
  const described = await describeFiles(input, reading);
  const indexOf = new Map(input.members.map((member, i) => [member, i]));
  const rows = kept.map((i) => indexOf.get(members[i]!)!);
  const dataset: Dataset = {
    name: input.name,
    modality: 'image',
    count,
    sampleShape: [channels, height, width],
    values,
    features: channels === 3 ? ['red', 'green', 'blue'] : ['grey'],
    ...fileFields(input, described, choices, rows),
    origin: { source: input.name },
    warnings: [...described.annotation.warnings, ...warnings],
  };
  return withCompanions(dataset, described.annotation, choices, rows);
}
