// The stages of a training step in the order in which they happen: what each is, in the paper's symbols, and its numbers.
import type { Walk } from '../../session/protocol';
import { measure, whole } from '../format';

export interface Stage {
  key: 'tokens' | 'mask' | 'encoder' | 'inner' | 'adapted' | 'decoder' | 'losses' | 'update';
  title: string;
  /** The paper's symbol. */
  symbol?: string;
  text: string;
  facts: [name: string, value: string][];
}

/** The stages that a walk has: objectives without masks or an inner step have fewer. */
export function stagesOf(walk: Walk, curveNames: Record<string, string>): Stage[] {
  const { latent, adapted, reconstruction, similarity } = walk;
  const { support } = reconstruction ?? {};
  const stages: (Stage | undefined)[] = [
    {
      key: 'tokens',
      title: 'Tokens',
      symbol: 'x',
      text: `A batch of ${whole(walk.batch)} examples is drawn; each is cut into ${whole(walk.tokens)} tokens. One of them is shown.`,
      facts: [
        ['Examples N', whole(walk.batch)],
        ['Tokens L', whole(walk.tokens)],
      ],
    },
    reconstruction && {
      key: 'mask',
      title: 'Mask',
      symbol: 'm',
      text: 'Random tokens are hidden. The encoder never sees them; the loss is about them alone.',
      facts: [
        ['Visible K', whole(walk.visible)],
        ['Masked', whole(walk.tokens - walk.visible)],
      ],
    },
    latent && {
      key: 'encoder',
      title: 'Encoder',
      symbol: 'Z',
      text: 'The visible tokens and a class token become the latent Z: a row a token, a column a dimension. Strong colours are large values.',
      facts: [
        ['Z', `${latent.rows} × ${latent.width}`],
        ['Mean length of a row', measure(meanLength(latent.values, latent.width))],
      ],
    },
    latent &&
      adapted && {
        key: 'inner',
        title: 'Inner gradient',
        symbol: '∇R(S̃)',
        text: 'Z is decoded, and its loss on the support is differentiated by Z itself: visible tokens, and some masked ones beside them. Shown is the step that follows, Z* − Z.',
        facts: [
          ...(support
            ? ([
                ['Support tokens', whole(support.reduce((sum, s) => sum + s, 0))],
              ] as Stage['facts'])
            : []),
          ['Support loss', measure(walk.curves.inner)],
          ['Length of the step over that of Z', percent(stepShare(latent.values, adapted.values))],
        ],
      },
    adapted && {
      key: 'adapted',
      title: 'Adapted latent',
      symbol: 'Z*',
      text: 'Z* = Z − α ∇R(S̃): the same decoder will find more in it. The projector is to recognise Z and Z* of one example among all others.',
      facts: [
        ['Mean length of a row', measure(meanLength(adapted.values, adapted.width))],
        ...(similarity ? [fact('Cosine of Z and Z*', similarity.same)] : []),
        ...(similarity?.other === undefined
          ? []
          : [fact('Of different examples', similarity.other)]),
      ],
    },
    reconstruction && {
      key: 'decoder',
      title: 'Decoder',
      text: adapted
        ? 'Mask tokens fill the gaps, and every token is predicted: from Z for comparison, from Z* for the loss.'
        : 'Mask tokens fill the gaps, and every token is predicted from Z.',
      facts: [],
    },
    {
      key: 'losses',
      title: 'Losses',
      symbol: 'L',
      text: 'What the step makes smaller is the total, over the whole batch.',
      facts: [
        ...Object.entries(walk.curves).map(
          ([key, value]) => [curveNames[key] ?? key, measure(value)] as [string, string],
        ),
        ['Total', measure(walk.loss)],
      ],
    },
    {
      key: 'update',
      title: 'Update',
      symbol: 'θ',
      text: adapted
        ? 'The total is differentiated by every parameter, through the inner step; AdamW then moves them.'
        : 'The total is differentiated by every parameter; AdamW then moves them.',
      facts: [
        ...walk.parts.map(
          ({ part, norm }) => [`Gradient, ${part}`, measure(norm)] as [string, string],
        ),
        ['Gradient, all', measure(walk.gradientNorm)],
        ['Learning rate', measure(walk.learningRate)],
      ],
    },
  ];
  return stages.filter((stage) => stage !== undefined);
}

/** Mean Euclidean length of the rows. */
function meanLength(values: Float32Array, width: number): number {
  const rows = values.length / width;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    sum += Math.hypot(...values.subarray(row * width, (row + 1) * width));
  }
  return sum / rows;
}

/** |Z* − Z| / |Z|. */
function stepShare(z: Float32Array, zStar: Float32Array): number {
  let moved = 0;
  let all = 0;
  z.forEach((value, i) => {
    moved += (zStar[i]! - value) ** 2;
    all += value ** 2;
  });
  return Math.sqrt(moved / all);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(2))}\u202f%`;
}

const fact = (name: string, value: number): Stage['facts'][number] => [name, measure(value)];
