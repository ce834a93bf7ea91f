// What the prediction of one masked token rests on: which view of it is drawn over the input, and the tokens that matter most in words.
import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { type Importance, question, useProbe } from '../../store/probe';
import { measure } from '../format';
import classes from './ProbePanel.module.css';

export type GroundsView = keyof Importance;

const views: { value: GroundsView; label: string }[] = [
  { value: 'leaveOneOut', label: 'Leave one out' },
  { value: 'attention', label: 'Attention' },
];

const sentences: Record<GroundsView, string> = {
  leaveOneOut:
    'How much its error rises when a visible token is masked as well; hollow where it falls.',
  attention: 'Share of the attention, rolled out through decoder and encoder.',
};

interface Props {
  view: GroundsView;
  onView: (view: GroundsView) => void;
  /** A token's name. */
  name: (token: number) => string;
}

/** Tokens that are named. */
const NAMED = 3;

export function Grounds({ view, onView, name }: Props) {
  const target = useProbe((state) => state.target);
  const importance = useProbe((state) => state.importance);
  return (
    <section aria-label="What matters" className={classes.grounds}>
      <h3 className={classes.heading}>What matters</h3>
      {target === undefined ? (
        <p className={classes.text}>
          Press a masked token in a reconstruction to see which visible tokens it rests on.
        </p>
      ) : (
        <>
          <div className={classes.asked}>
            <p>
              For <b>{name(target)}</b>, over the input:
            </p>
            <ActionIcon
              size="sm"
              variant="subtle"
              aria-label="Ask about no token"
              onClick={() => question(undefined)}
            >
              <IconX size={14} />
            </ActionIcon>
          </div>
          <SegmentedControl
            size="xs"
            fullWidth
            aria-label="Measure"
            data={views}
            value={view}
            onChange={(value) => onView(value as GroundsView)}
          />
          <p className={classes.text}>{sentences[view]}</p>
          <p className={classes.strongest} role="status">
            {importance?.target === target
              ? strongest(importance[view], name, view)
              : 'Asking the model.'}
          </p>
        </>
      )}
    </section>
  );
}

function strongest(
  weights: Float32Array,
  name: (token: number) => string,
  view: GroundsView,
): string {
  const order = [...weights.keys()]
    .filter((token) => weights[token] !== 0)
    .sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!))
    .slice(0, NAMED);
  if (order.length === 0) return 'No visible token can be left out: it is the only one.';
  const value = (w: number) =>
    view === 'attention' ? `${(100 * w).toFixed(1)}\u202f%` : `${w > 0 ? '+' : ''}${measure(w)}`;
  return `Most: ${order.map((token) => `${name(token)} (${value(weights[token]!)})`).join(', ')}.`;
}
