// The settings that a comparison may sweep: those of the chosen methods, and what of model and optimiser is often asked about.
import { objectives } from '../../objectives/registry';
import { methodFields } from '../../store/comparisonPlan';
import { inputFields, modelFields, stackFields, trainingFields } from '../recipe/fields';

interface SweepField {
  path: string;
  label: string;
}

const shared: SweepField[] = [
  ...(['encoder', 'decoder'] as const).flatMap((part) =>
    stackFields(part).map(({ key, label }) => ({
      path: key,
      label: `${part === 'encoder' ? 'Encoder' : 'Decoder'} ${label.toLowerCase()}`,
    })),
  ),
  // Seeds are what every cell is repeated over; steps are the budget.
  ...[...modelFields, ...trainingFields, ...inputFields()]
    .filter(({ key }) => key !== 'seed' && key !== 'steps')
    .map(({ key, label }) => ({ path: key, label })),
];

/** By path, those of the methods first. */
export function sweepFields(methods: readonly string[]): SweepField[] {
  return [
    ...methodFields(methods).map(({ path, field }) => ({ path, label: field.label })),
    ...shared,
  ];
}

/** What the setting at a path is called. */
export function fieldTitle(path: string): string {
  const known = sweepFields(Object.keys(objectives)).find((field) => field.path === path);
  return known?.label ?? path;
}
