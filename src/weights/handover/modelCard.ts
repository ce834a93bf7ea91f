// The model card of a hand-over: where the weights come from, how they were trained, what they can be trusted with.
import { version } from '../../../package.json';
import { partsOf, type SingleInput, shapeOf, tokenCount } from '../../modality/inputSpec';
import { objectives } from '../../objectives/registry';
import type { MetricsRow } from '../../train/trainer';
import type { RunReport } from './report';

/** Lines of the table of losses. */
const CURVE_ROWS = 12;
/** Fewer training examples than this are named as a limit. */
const FEW_EXAMPLES = 1000;

/** Writes the card as Markdown. Names that users chose are shown as text, whatever they hold. */
export function modelCard(report: RunReport): string {
  const { recipe, data } = report;
  const title = objectives[recipe.objective.name]?.title ?? recipe.objective.name;
  return [
    '---',
    'library_name: pytorch',
    'license: other',
    'tags: [self-supervised, masked-autoencoder]',
    '---',
    '',
    `# ${title} encoder of ${plain(data.name)}`,
    '',
    `Pretrained without labels in the MetaMAE Playground ${version}, in a browser, for ${report.step} of ${recipe.steps} planned steps.`,
    '',
    ...section('Data', dataLines(report)),
    ...section('Split', splitLines(report)),
    ...section('Model', modelLines(report)),
    ...section('Training', trainingLines(report)),
    ...section('Curves', curveLines(report)),
    ...section('Metrics', metricLines(report)),
    ...section('Environment', environmentLines(report)),
    ...section('Use', usageLines(report)),
    ...section('Limits', limits(report)),
  ].join('\n');
}

function section(title: string, lines: string[]): string[] {
  return [`## ${title}`, '', ...lines, ''];
}

function dataLines({ data, recipe }: RunReport): string[] {
  const { origin, labels } = data;
  return list([
    ['Source', origin.source],
    ['Modality', data.modality],
    ['Examples', `${data.count} of shape ${data.sampleShape.join(' x ')}`],
    ['Generated, not measured', origin.synthetic ? 'yes' : undefined],
    [
      'Licence',
      origin.licence ?? 'not stated; ask whoever made the data before passing the weights on',
    ],
    ['Attribution', origin.attribution],
    ['Citation', origin.citation],
    ['Address', origin.url],
    ['Changes', origin.changes],
    ['Channels or columns', data.features && short(data.features)],
    ['Label in use', recipe.data.label],
    ...labels.flatMap(({ name, classes }): Row[] =>
      classes ? [[`Classes of ${name}`, short(classes)]] : [],
    ),
    [
      'Reading',
      Object.keys(recipe.data.reading).length > 0 ? JSON.stringify(recipe.data.reading) : undefined,
    ],
  ]);
}

function splitLines({ examples, recipe }: RunReport): string[] {
  const { split } = recipe.data;
  return list([
    ['Training', `${examples.train}, the only examples that weights and normalisation have seen`],
    ['Validation', `${examples.validation} (share ${split.validation}, seed ${split.seed})`],
    ['Test', String(examples.test)],
  ]);
}

function modelLines({ recipe }: RunReport): string[] {
  const { input, model } = recipe;
  const stack = ({ width, layers, heads }: typeof model.encoder) =>
    `width ${width}, layers ${layers}, heads ${heads}`;
  const about = (part: SingleInput) => {
    const patch = 'patch' in part ? `patches of ${part.patch}` : `${part.vocabulary} symbols`;
    return `${part.kind}, ${shapeOf(part).join(' x ')}, ${patch}`;
  };
  return list([
    ['Input', `${partsOf(input).map(about).join('; ')}: ${tokenCount(input)} tokens`],
    ['Encoder', stack(model.encoder)],
    ['Decoder', stack(model.decoder)],
    ['MLP ratio', String(model.mlpRatio)],
    ['Dropout', String(model.dropout)],
  ]);
}

function trainingLines({ recipe }: RunReport): string[] {
  const { objective, optimiser } = recipe;
  const settings = { ...objective.settings, ...optimiser };
  return list([
    ['Objective', objectives[objective.name]?.summary ?? objective.name],
    ['Batch', String(recipe.batchSize)],
    ['Seed', String(recipe.seed)],
    ...Object.entries(settings).map(([key, value]): Row => [spaced(key), String(value)]),
  ]);
}

/** Losses of a few steps, evenly spaced, the first and the last among them. */
function curveLines({ rows, recipe }: RunReport): string[] {
  if (rows.length === 0) return ['None were recorded.'];
  const curves = objectives[recipe.objective.name]?.curves ?? [];
  const shown = Math.min(CURVE_ROWS, rows.length);
  const picked = Array.from(
    { length: shown },
    (_, i) => rows[Math.round((i * (rows.length - 1)) / Math.max(1, shown - 1))]!,
  );
  const cells = (row: MetricsRow) => [
    String(row.step),
    figure(row.loss),
    ...curves.map(({ key }) => figure(row.curves[key])),
  ];
  return table(['Step', 'Loss', ...curves.map(({ label }) => label)], picked.map(cells));
}

function metricLines({ metrics }: RunReport): string[] {
  if (metrics.length === 0) return ['None were measured.'];
  return table(
    ['Measure', 'Value', 'On'],
    metrics.map(({ name, value, detail }) => [
      name,
      typeof value === 'number' ? figure(value) : value,
      detail,
    ]),
  );
}

function environmentLines({ device, environment, date }: RunReport): string[] {
  return list([
    ['Page', `MetaMAE Playground ${version}`],
    [
      'Computed by',
      device && `${device.backend}: ${device.adapter}${device.software ? ' (software)' : ''}`,
    ],
    ['Browser', environment],
    ['Date', date.toISOString().slice(0, 10)],
  ]);
}

/** Objectives that the program beside the card can continue. */
const CONTINUED = ['mae', 'metamae'];

function usageLines({ recipe }: RunReport): string[] {
  const training = CONTINUED.includes(recipe.objective.name)
    ? [
        'It goes on training, on one GPU or many:',
        '',
        '```sh',
        'torchrun --nproc_per_node 8 continue_pretraining.py --data more.npy --steps 100000',
        '```',
      ]
    : ['It continues MAE and MetaMAE alone; these weights serve for features.'];
  return [
    '`weights.safetensors` holds the parameters under the names of the reference implementation of MetaMAE, for `load_state_dict`. `continue_pretraining.py` beside it rebuilds the model in PyTorch. Features, from Python:',
    '',
    '```python',
    'import torch',
    'from continue_pretraining import Examples, load_encoder',
    '',
    'model, recipe, data = load_encoder()',
    'examples = Examples("more.npy", recipe, data)',
    'with torch.no_grad():',
    '    features = model.features(torch.stack([examples[i] for i in range(len(examples))]))',
    '```',
    '',
    ...training,
  ];
}

function limits({ data, examples, recipe, step, rows, warnings, metrics }: RunReport): string[] {
  const found: (string | false | undefined)[] = [
    examples.train < FEW_EXAMPLES &&
      `It has seen ${examples.train} training examples, which is few: expect features that suit data like these and little else.`,
    examples.validation + examples.test === 0 &&
      'Nothing was held out, so nothing measured here tells how it does on new data.',
    step < recipe.steps && 'Training was ended before its planned length.',
    rows.length > 1 &&
      rows.at(-1)!.loss > rows[0]!.loss &&
      'Its loss at the end is higher than at the start.',
    metrics.length === 0
      ? 'Its features have not been evaluated.'
      : 'It was evaluated on data of the same origin alone.',
    data.origin.synthetic &&
      'Its data are generated; what holds for them need not hold for measured ones.',
    !data.origin.licence &&
      'The licence of its data is not known here, and with it who may use the weights.',
    ...warnings,
    'Do not base decisions about people on it.',
  ];
  return found.filter((line) => typeof line === 'string').map((line) => `- ${plain(line)}`);
}

type Row = [name: string, value: string | undefined];

function list(rows: Row[]): string[] {
  return rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`- **${plain(name)}:** ${plain(value)}`],
  );
}

function table(header: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map(plain).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}

function figure(value: number | undefined): string {
  return value === undefined ? '' : String(Number(value.toPrecision(4)));
}

function short(names: string[]): string {
  const most = 30;
  return names.length > most
    ? `${names.slice(0, most).join(', ')} and ${names.length - most} more`
    : names.join(', ');
}

/** `weightDecay` as `weight decay`. */
function spaced(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Text that Markdown and HTML leave as it is, on one line. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|#~]/g, (mark) => `\\${mark}`);
}
