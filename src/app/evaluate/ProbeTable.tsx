// The probes side by side: one row a protocol, one column a metric, guessing last.
import type { Evaluation } from '../../session/protocol';
import { whole } from '../format';
import classes from './EvaluatePanel.module.css';
import { type MetricName, metricNames, metricText, type Protocol, protocolNames } from './words';

type Probes = NonNullable<Evaluation['probes']>;

export function ProbeTable({ probes }: { probes: Probes }) {
  const { results, guess, main } = probes;
  const protocols = Object.keys(results) as Protocol[];
  const all = [...protocols.map((protocol) => results[protocol]!), guess];
  const metrics = (Object.keys(metricNames) as MetricName[]).filter((metric) =>
    all.some((probe) => probe.metrics[metric] !== undefined),
  );
  const unfinished = protocols.filter((protocol) => results[protocol]!.isConverged === false);
  return (
    <>
      <div className={classes.scroll}>
        <table className={classes.table}>
          <caption>
            {probes.label}, {probes.perToken ? 'a token each' : 'an example each'}: learned from{' '}
            {whole(probes.rows.train + probes.rows.validation)} rows, measured on{' '}
            {whole(probes.rows.heldOut)}
          </caption>
          <thead>
            <tr>
              <th scope="col">Probe</th>
              {metrics.map((metric) => (
                <th key={metric} scope="col" title={metricNames[metric].title}>
                  {metricNames[metric].short}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {protocols.map((protocol) => (
              <tr key={protocol}>
                <th scope="row" title={protocolNames[protocol].help}>
                  {protocolNames[protocol].title}
                </th>
                {metrics.map((metric) => (
                  <td key={metric} data-main={metric === main || undefined}>
                    {metricText(results[protocol]!.metrics[metric])}
                  </td>
                ))}
              </tr>
            ))}
            <tr className={classes.guess}>
              <th scope="row" title="Always the commonest class, or the mean">
                Guessing
              </th>
              {metrics.map((metric) => (
                <td key={metric}>{metricText(guess.metrics[metric])}</td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      {probes.ofFour !== undefined && (
        <p className={classes.text}>
          Which of four: for {Math.round(100 * probes.ofFour)} % of the held-out examples the
          default probe finds their own last input among four; by chance it would be 25 %.
        </p>
      )}
      <details className={classes.details}>
        <summary>What the probes are</summary>
        <dl>
          {protocols.map((protocol) => (
            <div key={protocol}>
              <dt>{protocolNames[protocol].title}</dt>
              <dd>{protocolNames[protocol].help}</dd>
            </div>
          ))}
        </dl>
      </details>
      {unfinished.length > 0 && (
        <p className={classes.text}>
          Not converged within its iterations:{' '}
          {unfinished.map((protocol) => protocolNames[protocol].title.toLowerCase()).join(', ')}.
          More would raise it.
        </p>
      )}
    </>
  );
}
