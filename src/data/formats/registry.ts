// The file formats, a line each.
import { csv } from './csv';
import { fasta } from './fasta';
import { fastq } from './fastq';
import type { Format } from './format';
import { idx } from './idx';
import { npy } from './npy';
import { plainText } from './plainText';
import { safetensors } from './safetensors';

export const formats: readonly Format[] = [csv, npy, idx, safetensors, fasta, fastq, plainText];
