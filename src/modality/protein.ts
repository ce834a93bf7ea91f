// Protein: symbols over the data set's alphabet.
import { symbolModality } from './tokens';

export const protein = symbolModality({
  id: 'protein',
  title: 'Protein',
  summary: 'Amino acid sequences; a token is a residue.',
  maskRatio: 0.15,
});
