// A sweep as a map: a row and a column for the values of its settings, a cell shaded by its mean over seeds.
import { useElementSize } from '@mantine/hooks';
import type { Sweep, Value } from '../../evaluate/comparison/plan';
import { type Group, isError } from '../../evaluate/comparison/table';
import { objectives } from '../../objectives/registry';
import classes from './ComparePanel.module.css';
import { fieldTitle } from './sweepFields';

const ROW = 34;
const HEAD = 42;
const NAMES = 84;
const LETTERS = 11;
/** Of the strongest shade: letters must stay legible on it. */
const STRONGEST = 0.5;

interface Props {
  measure: string;
  title: string;
  sweeps: Sweep[];
  groups: Group[];
  /** The method that is shown where two settings are swept. */
  objective: string;
}

export function HeatMap({ measure, title, sweeps, groups, objective }: Props) {
  const { ref, width } = useElementSize();
  const across = sweeps.at(-1)!;
  const down = sweeps.length > 1 ? sweeps[0]! : undefined;
  const having = groups.filter((group) => group.values[across.path] !== undefined);
  const names = down
    ? down.values.map(String)
    : [...new Set(having.map((group) => group.objective))];
  const cellOf = (name: string, value: Value) =>
    having.find(
      (group) =>
        group.values[across.path] === value &&
        (down
          ? group.objective === objective && String(group.values[down.path]) === name
          : group.objective === name),
    )?.cells[measure];
  const rows = names.map((name) => across.values.map((value) => cellOf(name, value)?.mean));
  const known = rows.flatMap((row) => row.flatMap((mean) => mean ?? [])).filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const best = isError(measure) ? low : high;
  const column = Math.max(0, width - NAMES) / across.values.length;
  const rowName = (name: string) => (down ? name : (objectives[name]?.title ?? name));
  const inWords = names
    .map((name, r) => {
      const cells = across.values.map((value, c) => `${value}: ${text(rows[r]![c]) || 'none yet'}`);
      return `${rowName(name)}, ${cells.join(', ')}`;
    })
    .join('; ');
  return (
    <div ref={ref} className={classes.chart}>
      {width > 0 && (
        <svg
          width={width}
          height={HEAD + ROW * names.length + 4}
          role="img"
          aria-label={`${title} by ${fieldTitle(across.path)}: ${inWords}`}
          fontSize={LETTERS}
        >
          <text x={NAMES} y={14} fill="var(--ink-faint)">
            {fieldTitle(across.path)} →
          </text>
          {down && (
            <text x={0} y={HEAD - 8} fill="var(--ink-faint)">
              {fieldTitle(down.path).slice(0, 14)} ↓
            </text>
          )}
          {across.values.map((value, c) => (
            <text
              key={String(value)}
              x={NAMES + (c + 0.5) * column}
              y={HEAD - 8}
              fill="var(--ink-soft)"
              textAnchor="middle"
            >
              {String(value)}
            </text>
          ))}
          {names.map((name, r) => (
            <g key={name}>
              <text
                x={0}
                y={HEAD + (r + 0.5) * ROW}
                fill="var(--ink-soft)"
                dominantBaseline="middle"
              >
                {rowName(name)}
              </text>
              {across.values.map((value, c) => {
                const mean = rows[r]![c];
                const isKnown = mean !== undefined && Number.isFinite(mean);
                const share = isKnown && high > low ? (mean - low) / (high - low) : 0;
                return (
                  <g key={String(value)}>
                    <rect
                      x={NAMES + c * column + 1}
                      y={HEAD + r * ROW + 1}
                      width={Math.max(0, column - 2)}
                      height={ROW - 2}
                      fill={isKnown ? 'var(--z)' : 'var(--sunken)'}
                      fillOpacity={isKnown ? 0.06 + (STRONGEST - 0.06) * share : 1}
                    />
                    <text
                      x={NAMES + (c + 0.5) * column}
                      y={HEAD + (r + 0.5) * ROW}
                      fill="var(--ink)"
                      fontWeight={isKnown && mean === best ? 600 : 400}
                      textAnchor="middle"
                      dominantBaseline="middle"
                    >
                      {text(mean)}
                    </text>
                  </g>
                );
              })}
            </g>
          ))}
        </svg>
      )}
    </div>
  );
}

function text(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(3).replace('-', '−');
}
