// Text: symbols over the data set's alphabet.
import { symbolModality } from './tokens';

export const text = symbolModality({
  id: 'text',
  title: 'Text',
  summary: 'Text as characters, bytes or words; a token is one of them.',
  maskRatio: 0.3,
});
