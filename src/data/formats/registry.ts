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
import { pictures } from './pictures';
import { plainText } from './plainText';
import { safetensors } from './safetensors';
import { sound } from './sound';
import { tiff } from './tiff';
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
  pictures,
  sound,
  tiff,
  plainText,
];
