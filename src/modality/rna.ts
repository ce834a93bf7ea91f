// RNA: symbols over the data set's alphabet.
import { symbolModality } from './tokens';

export const rna = symbolModality({
  id: 'rna',
  title: 'RNA',
  summary: 'Sequences over A, C, G and U; a token is a base.',
  maskRatio: 0.5,
});
