// The curves of an objective with their colour and dash: a loss decoded from Z or Z* has the colour of Z or Z*.
import type { Curve, Objective } from '../../objectives/objective';

export interface LossCurve extends Curve {
  /** A colour of the page. */
  colour: string;
  /** The second cue beside colour; solid where undefined. */
  dash?: string;
}

const total: LossCurve = {
  key: 'loss',
  label: 'Total',
  help: 'What the optimiser makes small.',
  colour: 'var(--ink)',
};

const others = [
  { colour: 'var(--contrastive)', dash: '2 3' },
  { colour: 'var(--good)', dash: '8 3 2 3' },
  { colour: 'var(--ink-faint)', dash: '4 4' },
];

/** The total and the objective's own curves. */
export function lossCurves(objective: Objective | undefined): LossCurve[] {
  const own = objective?.curves ?? [];
  // An objective with an inner loss adapts: its reconstruction comes from Z*, and the inner loss from Z.
  const adapts = own.some(({ key }) => key === 'inner');
  const rest = own.filter(({ key }) => key !== 'reconstruction' && key !== 'inner');
  return [
    total,
    ...own.map((curve) => {
      switch (curve.key) {
        case 'reconstruction':
          return { ...curve, colour: adapts ? 'var(--zstar)' : 'var(--z)', dash: undefined };
        case 'inner':
          return { ...curve, colour: 'var(--z)', dash: '6 3' };
        default:
          return { ...curve, ...others[rest.indexOf(curve) % others.length]! };
      }
    }),
  ];
}
