// Random initialisation: an encoder that is never trained, the row that every other one is read against.
import { tokenCount } from '../modality/inputSpec';
import type { Objective } from './objective';

export const random: Objective = {
  name: 'random',
  title: 'Random initialisation',
  summary:
    'The encoder as it is initialised, without any training: what its features are worth already is the baseline.',
  trains: false,
  decodes: false,
  fields: [],
  curves: [],
  noise: () => ({}),
  plan: () => ({}),
  encoderRows: ({ input }) => tokenCount(input) + 1,
  parameters: () => [],
  loss() {
    throw new Error('random initialisation has no loss: it is not trained');
  },
};
