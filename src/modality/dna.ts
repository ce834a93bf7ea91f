// DNA: symbols over the data set's alphabet.
import { symbolModality } from './tokens';

export const dna = symbolModality({
  id: 'dna',
  title: 'DNA',
  summary: 'Reads or genes over A, C, G and T; a token is a base.',
  maskRatio: 0.5,
});
