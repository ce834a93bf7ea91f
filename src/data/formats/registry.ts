// The file formats, a line each.
import { csv } from './csv';
import type { Format } from './format';

export const formats: readonly Format[] = [csv];
