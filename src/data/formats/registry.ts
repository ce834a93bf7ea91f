// The file formats, a line each.
import { arff } from './arff';
import { csv } from './csv';
import { fasta } from './fasta';
import { fastq } from './fastq';
import type { Format } from './format';
import { idx } from './idx';
import { json } from './json';
import { npy } from './npy';
import { parquet } from './parquet';
import { plainText } from './plainText';
import { safetensors } from './safetensors';
import { ucr } from './ucr';

export const formats: readonly Format[] = [
  csv,
  json,
  parquet,
  arff,
  ucr,
  npy,
  idx,
  safetensors,
  fasta,
  fastq,
  plainText,
];
