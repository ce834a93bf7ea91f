// What adapting the latent brings on held-out examples, in two bars and a sentence.
import { objectives } from '../../objectives/registry';
import { useRecipe } from '../../store/recipe';
import { useRun } from '../../store/run';
import { measure } from '../format';
import { maskedMean } from '../pictures/compose';
import classes from './HeldOutError.module.css';

export function HeldOutError() {
  const ran = useRun((state) => state.recipe?.objective.name);
  const planned = useRecipe((state) => state.draft?.objective.name);
  const items = useRun((state) => state.reconstructions?.items);
  const objective = objectives[ran ?? planned ?? ''];
  const errorZ = mean(items?.map((item) => maskedMean(item.errorZ, item.mask)));
  const errorZStar = mean(
    items?.flatMap((item) => (item.errorZStar ? [maskedMean(item.errorZStar, item.mask)] : [])),
  );
  const largest = Math.max(errorZ ?? 0, errorZStar ?? 0);
  const adapts = objective?.curves.some(({ key }) => key === 'inner') ?? false;
  return (
    <section className={classes.errors}>
      <h3 className={classes.heading}>Error on held-out examples</h3>
      <div className={classes.bars}>
        <Bar name="from Z" tone="z" value={errorZ} largest={largest} />
        {adapts && <Bar name="from Z*" tone="zstar" value={errorZStar} largest={largest} />}
      </div>
      <p className={classes.verdict}>{adapts ? verdict(errorZ, errorZStar) : ''}</p>
    </section>
  );
}

function Bar({
  name,
  tone,
  value,
  largest,
}: {
  name: string;
  tone: 'z' | 'zstar';
  value: number | undefined;
  largest: number;
}) {
  const share = value !== undefined && largest > 0 ? value / largest : 0;
  return (
    <div className={classes.bar} data-tone={tone}>
      <span>{name}</span>
      <div>
        <i style={{ width: `${100 * share}%` }} />
      </div>
      <b>{measure(value)}</b>
    </div>
  );
}

function verdict(z: number | undefined, zStar: number | undefined): string {
  if (z === undefined || zStar === undefined) return 'Known after the first steps.';
  const change = (zStar - z) / z;
  const size = `${Math.abs(100 * change).toFixed(1)}\u202f%`;
  if (Math.abs(change) < 0.0005) return 'Adapting the latent changes nothing yet.';
  return change < 0
    ? `Adapting the latent lowers the error by ${size}.`
    : `Adapting the latent raises the error by ${size}.`;
}

function mean(values: number[] | undefined): number | undefined {
  if (!values || values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
