// Reads of five bacterial genomes -> DNA sequences with the species as label.
// Input: a folder with train.fasta and test.fasta, headers `>id|species|accession:first-last(strand)`, 250 bases each.
import { lettersToIds, readFasta } from './fasta.mjs';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const LENGTH = 250;
const LETTERS = 'ACGT';

const folder = inputPath('folder with train.fasta and test.fasta');
const train = readFasta(`${folder}/train.fasta`);
const test = readFasta(`${folder}/test.fasta`);
const reads = [...train, ...test];
if (reads.some((read) => read.sequence.length !== LENGTH)) {
  throw new Error(`a read has not ${LENGTH} bases`);
}
const species = reads.map((read) => (read.fields[1] ?? '').replaceAll('_', ' '));
const classes = [...new Set(species)].sort();
/** Whole genomes by accession; the last one is a draft of many contigs. */
const genomes =
  'NC_008253.1, CP000647.1, NC_017366.1, NC_007795.1 and contigs of NZ_AHMY02000001-75';

writeBuiltin(
  {
    name: 'bacteria',
    title: 'Bacterial DNA',
    modality: 'dna',
    description: 'Reads of 250 bases from the genomes of five bacteria; predict the species.',
    count: reads.length,
    sampleShape: [LENGTH],
    alphabet: [...LETTERS],
    labels: [{ name: 'species', kind: 'class', classes }],
    notes: [
      'Training reads begin in the first 80 % of each sequence, test reads in the last 20 %; none spans the border.',
    ],
    origin: {
      source: 'builtin:bacteria',
      licence: 'Public sequence databases, free for any use',
      citation: `NCBI GenBank and RefSeq: ${genomes}`,
      attribution: 'The depositors of the genomes',
      changes: 'Reads of 250 bases drawn from both strands.',
      url: 'https://www.ncbi.nlm.nih.gov/nuccore',
    },
  },
  [
    {
      section: { role: 'values', type: 'uint8', encoding: 'plain' },
      data: lettersToIds(
        reads.map((read) => read.sequence),
        LETTERS,
        LENGTH,
        0,
      ),
    },
    { section: { role: 'label', type: 'uint8', name: 'species' }, data: idsOf(species, classes) },
    {
      section: { role: 'split', type: 'uint8' },
      data: Uint8Array.from(reads, (_, i) => (i < train.length ? 0 : 2)),
    },
  ],
);
