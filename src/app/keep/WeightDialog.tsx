// What a file of weights holds, how it fits the data on the page, and what would have to start anew.
import { Button, Modal } from '@mantine/core';
import { objectives } from '../../objectives/registry';
import { useData } from '../../store/data';
import { dropWeights, type Found, startWithWeights } from '../../store/weightImport';
import { bytes, plural, whole } from '../format';
import classes from './WeightDialog.module.css';

export default function WeightDialog({ found }: { found: Found }) {
  const dataset = useData((state) => state.dataset!);
  const { file, weights, recipe, difference } = found;
  const { missing, unexpected, misshaped } = difference;
  const { encoder, decoder } = recipe.model;
  const stack = ({ width, layers, heads }: typeof encoder) =>
    `${plural(layers, 'layer')} of width ${width}, ${heads} heads`;
  const facts: [string, string][] = [
    ['Holds', `${plural(weights.tensors.length, 'tensor')}, ${bytes(found.bytes.length)}`],
    ['From', originText(found)],
    ['Objective', objectives[recipe.objective.name]?.title ?? recipe.objective.name],
    ['Encoder', stack(encoder)],
    ['Decoder', stack(decoder)],
    ['To be used on', dataset.name],
  ];
  const fits = missing.length + unexpected.length + misshaped.length === 0;
  return (
    <Modal opened onClose={dropWeights} title={file} size="40rem" centered>
      <dl className={classes.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {!weights.recipe && (
        <p className={classes.note}>
          The file has no recipe, so its model is read off its tensors. The number of heads leaves
          no trace there: the reference implementation’s is assumed.
        </p>
      )}
      <section aria-label="How the tensors fit">
        {fits && (
          <p className={classes.note}>Every tensor of this model is in the file, in its shape.</p>
        )}
        <Differences
          title="missing, and start anew"
          items={missing.map(({ name, shape }) => `${name} [${shape.join(', ')}]`)}
        />
        <Differences
          title="of another shape, and start anew"
          items={misshaped.map(
            ({ name, expected, got }) => `${name} [${got.join(', ')}] for [${expected.join(', ')}]`,
          )}
        />
        <Differences
          title="not part of this model, and left out"
          items={unexpected.map(({ name, shape }) => `${name} [${shape.join(', ')}]`)}
        />
      </section>
      <footer className={classes.footer}>
        <Button variant="default" onClick={dropWeights}>
          Cancel
        </Button>
        <Button data-autofocus onClick={startWithWeights}>
          Use these weights
        </Button>
      </footer>
    </Modal>
  );
}

function originText({ weights: { recipe, data, step } }: Found): string {
  if (!recipe) return 'another program';
  const steps = step === undefined ? '' : `, ${whole(step)} steps`;
  return `this page: ${data?.name ?? recipe.data.source}${steps}`;
}

function Differences({ title, items }: { title: string; items: string[] }) {
  if (items.length === 0) return null;
  return (
    <div className={classes.differences}>
      <h3>
        {whole(items.length)} {title}
      </h3>
      <ul>
        {items.map((item) => (
          <li key={item}>{item}</li>
        ))}
      </ul>
    </div>
  );
}
