// Which class is taken for which: counts, the truth by row, shaded by the share of their row.
import type { CSSProperties } from 'react';
import { whole } from '../format';
import classes from './EvaluatePanel.module.css';

/** More classes than these cannot be read in a column; the ones most mistaken are named instead. */
const MOST_CLASSES = 10;
const NAMED = 8;

interface Props {
  classes: string[];
  /** `[classes, classes]`, row the truth. */
  counts: number[][];
}

export function Confusion({ classes: names, counts }: Props) {
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const present = [...names.keys()].filter(
    (c) => totals[c]! > 0 || counts.some((row) => row[c]! > 0),
  );
  if (present.length > MOST_CLASSES) return <Mistaken names={names} counts={counts} />;
  return (
    <div className={classes.scroll}>
      <table className={classes.confusion}>
        <caption>Confusion of the converged probe: rows are the truth, columns the answer</caption>
        <thead>
          <tr>
            <td />
            {present.map((c) => (
              <th key={c} scope="col" title={names[c]}>
                <span>{names[c]}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {present.map((truth) => (
            <tr key={truth}>
              <th scope="row" title={names[truth]}>
                {names[truth]}
              </th>
              {present.map((answer) => {
                const count = counts[truth]![answer]!;
                const share = totals[truth]! > 0 ? count / totals[truth]! : 0;
                return (
                  <td
                    key={answer}
                    data-right={truth === answer || undefined}
                    style={{ '--share': `${Math.round(45 * share)}%` } as CSSProperties}
                  >
                    {count > 0 ? whole(count) : '·'}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Mistaken({ names, counts }: { names: string[]; counts: number[][] }) {
  const pairs = counts
    .flatMap((row, truth) => row.map((count, answer) => ({ truth, answer, count })))
    .filter(({ truth, answer, count }) => truth !== answer && count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, NAMED);
  if (pairs.length === 0) return null;
  return (
    <table className={classes.table}>
      <caption>Most often mistaken by the converged probe, of {names.length} classes</caption>
      <thead>
        <tr>
          <th scope="col">Truth</th>
          <th scope="col">Answer</th>
          <th scope="col">Rows</th>
        </tr>
      </thead>
      <tbody>
        {pairs.map(({ truth, answer, count }) => (
          <tr key={`${truth} ${answer}`}>
            <th scope="row">{names[truth]}</th>
            <td>{names[answer]}</td>
            <td>{whole(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
