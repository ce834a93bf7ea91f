// A table and its choices -> Dataset: rows as they are, recordings, or texts.
import { DataError, type Dataset } from '../dataset';
import type { Reading } from '../reading';
import { takeLabel, takeRows } from '../subset';
import { encodeSymbols, type SymbolChoices } from '../symbols';
import { assembleArrays, type CellArrayChoices } from './arrays';
import type { TableChoices } from './choices';
import { copyFeature, featureWarnings, oneHotFeatures, plural } from './features';
import { perTokenLabel } from './perToken';
import { type Columns, readColumns } from './read';
import { assembleSeries } from './series';
import type { Table } from './table';

/** Values of one data set above which a page cannot be expected to hold it. */
const MOST_VALUES = 500_000_000;

/**
 * Reads tables with the same columns, one after the other, into a data set.
 *
 * @param limit stop after about this many bytes of each table
 * @throws DataError where a table does not fit its choices
 */
export async function readTables(
  name: string,
  tables: Table[],
  choices: TableChoices,
  decimalComma: boolean,
  reading: Reading,
  limit?: number,
): Promise<Dataset> {
  const first = tables[0]!;
  const isSeries = choices.layout === 'series';
  const isText = choices.layout === 'text';
  const used = new Set([
    ...choices.labels,
    ...choices.leaveOut,
    choices.split,
    choices.keepTogether,
    ...(isSeries ? [choices.group, choices.step] : []),
  ]);
  const isArrays = choices.layout === 'arrays';
  const features = isText ? [] : first.names.filter((column) => !used.has(column));
  if (!isText && features.length === 0) {
    throw new DataError(
      first.path,
      'no column is left to learn from',
      'Take a column out of the labels or of those left out.',
    );
  }
  const columns = await readColumns(
    tables,
    {
      features: isArrays ? [] : features,
      arrays: isArrays ? features : [],
      categories: new Set(choices.categories),
      labels: choices.labels,
      group: isSeries ? choices.group : '',
      step: isSeries ? choices.step : '',
      keepTogether: choices.keepTogether,
      split: choices.split,
      text: isText ? choices.text : '',
      decimalComma,
    },
    reading,
    limit,
  );
  const warnings = [
    ...featureWarnings(columns.features, columns.count),
    ...tables.flatMap((table) => table.warnings?.() ?? []),
  ];
  if (columns.dropped > 0) {
    warnings.push(
      `${plural(columns.dropped, 'row')} with too many or too few fields are left out.`,
    );
  }
  const parts = isText
    ? textParts(first.path, columns, choices)
    : isArrays
      ? arrayParts(first.path, columns, choices)
      : isSeries
        ? seriesParts(first.path, columns, choices)
        : rowParts(first.path, columns, choices);
  return { ...parts, name, origin: { source: name }, warnings: [...warnings, ...parts.warnings] };
}

type Parts = Omit<Dataset, 'name' | 'origin'>;

function rowParts(file: string, columns: Columns, choices: TableChoices): Parts {
  const { count, features } = columns;
  const width = features.length;
  if (count * width > MOST_VALUES) {
    throw new DataError(
      file,
      `makes ${count} x ${width} values, more than a page can hold`,
      'Leave columns out or bring fewer rows.',
    );
  }
  const values = new Float32Array(count * width);
  const rows = { length: count, at: (i: number) => i };
  features.forEach((feature, c) => {
    copyFeature(feature, rows, values, c, width);
  });
  const names = features.map((feature) => feature.name);
  const common = {
    count,
    values,
    labels: columns.labels,
    groups: columns.keepTogether,
    split: columns.split,
    warnings: [] as string[],
  };
  switch (choices.rowShape) {
    case 'series':
      return { ...common, modality: 'time-series', sampleShape: [1, width], features: ['value'] };
    case 'picture': {
      const side = Math.sqrt(width);
      if (!Number.isInteger(side)) {
        throw new DataError(
          file,
          `${width} columns of pixels make no square picture`,
          'Leave out the columns that are no pixels, or choose measurements.',
        );
      }
      return { ...common, modality: 'image', sampleShape: [1, side, side], features: ['grey'] };
    }
    default:
      return {
        ...common,
        modality: 'tabular',
        sampleShape: [width],
        features: names,
        keepSkew: choices.makeNormal ? undefined : true,
        categories: features.some((feature) => feature.kind === 'category')
          ? features.map((feature) =>
              feature.kind === 'category' ? feature.categories : undefined,
            )
          : undefined,
      };
  }
}

function seriesParts(file: string, columns: Columns, choices: TableChoices): Parts {
  const features = oneHotFeatures(columns.features);
  const isWhole = choices.recordings === 'whole';
  const length = isWhole ? choices.length : choices.window;
  const stride = isWhole ? length : choices.stride;
  const parts = assembleSeries(file, columns, features, {
    recordings: choices.recordings,
    length,
    stride,
  });
  return { ...parts, modality: 'time-series' };
}

function arrayParts(file: string, columns: Columns, choices: TableChoices): Parts {
  return {
    ...assembleArrays(file, columns.arrays, choices as unknown as CellArrayChoices),
    count: columns.count,
    labels: columns.labels,
    groups: columns.keepTogether,
    split: columns.split,
    warnings: [],
  };
}

function textParts(file: string, columns: Columns, choices: TableChoices): Parts {
  const symbols = choices as unknown as SymbolChoices;
  const texts = columns.texts!.map((text, row) => ({ name: `row ${row + 1}`, text }));
  const { split } = columns;
  const all = encodeSymbols(file, texts, symbols, (row) => (split ? split[row] === 0 : true));
  const { source, offset: _, ...encoded } = all;
  const unit = symbols.modality === 'text' ? symbols.unit : undefined;
  const isCut = source.length > new Set(source).size;
  return {
    ...encoded,
    modality: symbols.modality,
    labels: columns.labels.map(
      (label) =>
        perTokenLabel(label, columns.texts!, all, unit) ?? takeLabel(label, source, columns.count),
    ),
    groups: columns.keepTogether
      ? {
          name: columns.keepTogether.name,
          values: takeRows(columns.keepTogether.values, 1, source),
        }
      : isCut
        ? { name: 'text', values: source }
        : undefined,
    split: split && takeRows(split, 1, source),
  };
}
