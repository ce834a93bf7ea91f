// The table of a comparison: a row a method, a column a probe, mean and spread over seeds, the best of each column in bold;
// then the differences to the best, tested.
import { useId } from 'react';
import type { Cell, ComparisonTable } from '../../evaluate/comparison/table';
import classes from './ComparePanel.module.css';
import { groupTitle, measureName, metricOf } from './names';

/** Below it a difference is called one: the usual 5 %. */
const SIGNIFICANT = 0.05;

export function ResultTable({ table, heldOut }: { table: ComparisonTable; heldOut: string }) {
  const { groups, main } = table;
  const metric = metricOf(main);
  const id = useId();
  return (
    <>
      <p className={classes.text} id={id}>
        {metric ?? 'Losses'} on {heldOut} examples, mean ± deviation over seeds; the best of a
        column in bold.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section className={classes.scroll} aria-label="Table of methods" tabIndex={0}>
        <table className={classes.table} aria-describedby={id}>
          <thead>
            <tr>
              <th scope="col">Method</th>
              {main.map((measure) => {
                const { short, title } = measureName(measure);
                return (
                  <th key={measure} scope="col" title={title} aria-label={title}>
                    {short}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={groupTitle(group)}>
                <th scope="row">
                  {groupTitle(group)}
                  {group.failures.length > 0 && (
                    <span className={classes.failed} title={group.failures.join('\n')}>
                      {group.failures.length} failed
                    </span>
                  )}
                </th>
                {main.map((measure) => (
                  <td key={measure} data-best={group.cells[measure]?.isBest || undefined}>
                    <CellText cell={group.cells[measure]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

function CellText({ cell }: { cell: Cell | undefined }) {
  if (!cell || Number.isNaN(cell.mean)) return '–';
  return (
    <>
      {number(cell.mean)}
      {!Number.isNaN(cell.deviation) && <small>±{cell.deviation.toFixed(3)}</small>}
    </>
  );
}

/** How far the others are behind the best of one measure, and whether seeds alone may explain it. */
export function Differences({ table, measure }: { table: ComparisonTable; measure: string }) {
  const { groups } = table;
  const best = groups.findIndex((group) => group.cells[measure]?.isBest);
  const found = table.differences
    .filter((d) => d.measure === measure && (d.a === best || d.b === best))
    .map((d) => {
      const sign = d.a === best ? 1 : -1;
      return {
        other: groups[d.a === best ? d.b : d.a]!,
        difference: sign * d.difference,
        interval: d.interval.map((end) => sign * end).sort((low, high) => low - high),
        ...{ p: d.p, count: d.count },
      };
    });
  if (best < 0 || found.length === 0) return null;
  return (
    <table className={classes.table}>
      <caption>
        {groupTitle(groups[best]!)} is best by “{measureName(measure).title}”; its lead, paired over
        seeds (95 % interval; p of a t-test)
      </caption>
      <thead>
        <tr>
          <th scope="col">Ahead of</th>
          <th scope="col">by</th>
          <th scope="col">interval</th>
          <th scope="col">p</th>
        </tr>
      </thead>
      <tbody>
        {found.map(({ other, difference, interval, p }) => (
          <tr key={groupTitle(other)}>
            <th scope="row">{groupTitle(other)}</th>
            <td>{signed(difference)}</td>
            <td>{Number.isNaN(interval[0]) ? '–' : interval.map(signed).join(' … ')}</td>
            <td data-best={p < SIGNIFICANT || undefined}>
              {Number.isNaN(p) ? '–' : p < 0.001 ? '<0.001' : p.toFixed(3)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const number = (value: number) => value.toFixed(3).replace('-', '−');
const signed = (value: number) => `${value >= 0 ? '+' : ''}${number(value)}`;
