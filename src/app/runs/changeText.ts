// A changed setting in the words that the recipe's editor uses for it.
import { objectives } from '../../objectives/registry';
import type { Change } from '../../store/changes';
import { setting } from '../format';
import {
  inputFields,
  modelFields,
  splitFields,
  stackFields,
  trainingFields,
} from '../recipe/fields';

const stacks = (['encoder', 'decoder'] as const).flatMap((part) =>
  stackFields(part).map(({ key, label }) => [key, `${part} ${label.toLowerCase()}`] as const),
);
const others = [...inputFields(), ...modelFields, ...trainingFields, ...splitFields].map(
  ({ key, label }) => [key, label.toLowerCase()] as const,
);
const settings = Object.values(objectives).flatMap(({ fields }) =>
  fields.map(({ key, label }) => [`objective.settings.${key}`, label.toLowerCase()] as const),
);
const names = new Map<string, string>([
  ...stacks,
  ...others,
  ...settings,
  ['objective.name', 'objective'],
  ['data.source', 'data'],
  ['data.label', 'label'],
]);

/** `learning rate 0.001 → 1e-4`. */
export function changeText({ path, from, to }: Change): string {
  return `${names.get(path) ?? path} ${valueText(path, from)} → ${valueText(path, to)}`;
}

function valueText(path: string, value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'number') return setting(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (path === 'objective.name') return objectives[String(value)]?.title ?? String(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
