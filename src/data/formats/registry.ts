// The file formats, a line each.
import { csv } from './csv';
import type { Format } from './format';
import { idx } from './idx';
import { npy } from './npy';
import { safetensors } from './safetensors';

export const formats: readonly Format[] = [csv, npy, idx, safetensors];
