// Ways to draw a mask at once, and how much of the example it hides.
import { Button, Slider } from '@mantine/core';
import { modalities } from '../../modality/registry';
import { invert, type MaskKind, nthOf } from '../../store/masks';
import { draw, setMask, useProbe } from '../../store/probe';
import { useRun } from '../../store/run';
import classes from './ProbePanel.module.css';

const kinds: { kind: MaskKind; label: string; help: string }[] = [
  { kind: 'random', label: 'Random', help: 'Random tokens, as in training. Again for others.' },
  { kind: 'block', label: 'Block', help: 'Tokens that lie together. Again for another place.' },
  { kind: 'every-nth', label: 'Every nth', help: 'Every n-th token stays visible.' },
  { kind: 'all-but-one', label: 'All but one', help: 'A single token stays visible.' },
];

export function MaskTools() {
  const mask = useProbe((state) => state.mask);
  const kind = useProbe((state) => state.kind);
  const ratio = useProbe((state) => state.ratio);
  const parts = useRun((state) => state.dataset?.parts);
  const tokens = mask.length;
  const masked = mask.reduce((sum, m) => sum + m, 0);
  return (
    <>
      <fieldset className={classes.kinds}>
        <legend>Draw a mask</legend>
        {kinds.map((way) => (
          <Button
            key={way.kind}
            size="compact-xs"
            variant="default"
            title={way.help}
            onClick={() => draw({ kind: way.kind })}
          >
            {way.kind === 'every-nth' && kind === 'every-nth'
              ? `Every ${ordinal(nthOf(tokens, ratio))}`
              : way.label}
          </Button>
        ))}
        {parts?.map(({ modality }, part) => {
          const title = modalities[modality].title.toLowerCase();
          return (
            <Button
              key={title}
              size="compact-xs"
              variant="default"
              title={`All of the ${title} is hidden, and nothing else: what the model makes of it from the rest.`}
              onClick={() => draw({ kind: 'input', part })}
            >
              Hide the {title}
            </Button>
          );
        })}
        <Button
          size="compact-xs"
          variant="default"
          title="Masked and visible exchanged"
          onClick={() => setMask(invert(mask))}
        >
          Invert
        </Button>
      </fieldset>
      <div
        className={classes.slider}
        title="Share of the tokens that the mask m hides from the encoder."
      >
        <span aria-hidden>Mask ratio</span>
        <Slider
          size="sm"
          min={Math.min(0.05, 1 / tokens)}
          max={Math.max(0.95, 1 - 1 / tokens)}
          step={0.01}
          value={ratio}
          label={null}
          thumbLabel="Mask ratio"
          onChange={(value) => draw({ ratio: value })}
        />
        <output>
          {masked} of {tokens}
        </output>
      </div>
    </>
  );
}

function ordinal(n: number): string {
  const ending = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}
