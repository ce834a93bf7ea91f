// The answer to what a masked token rests on: by which measure, and the tokens that matter most in words.
import { ActionIcon, SegmentedControl } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { question, useProbe } from '../../store/probe';
import { measure } from '../format';
import type { GroundsProps, GroundsView } from './Grounds';
import classes from './ProbePanel.module.css';

const views: { value: GroundsView; label: string }[] = [
  { value: 'leaveOneOut', label: 'Leave one out' },
  { value: 'attention', label: 'Attention' },
];

const sentences: Record<GroundsView, string> = {
  leaveOneOut:
    'How much its error rises when a visible token is masked as well; hollow where it falls.',
  attention: 'Share of the attention, rolled out through decoder and encoder.',
};

/** Tokens that are named. */
const NAMED = 3;

export default function GroundsAnswer({
  view,
  onView,
  name,
  target,
}: GroundsProps & { target: number }) {
  const importance = useProbe((state) => state.importance);
  return (
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
