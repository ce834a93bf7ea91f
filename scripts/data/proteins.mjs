// UniProt sequences -> the first 128 residues of proteins, with classes made of key words in their names.
// Input: a folder with train.fasta and test.fasta (headers `>accession|class|name|organism`) and unlabelled.fasta (`>accession`).
import { lettersToIds, readFasta } from './fasta.mjs';
import { idsOf, inputPath, writeBuiltin } from './store.mjs';

const LENGTH = 128;
/** The order of the Pfam task of DABS and MetaMAE, where X, id 0, also fills up short sequences. */
const LETTERS = 'XARNDCQEGHILKMFPSTWYVUOBZJ';

const folder = inputPath('folder with train.fasta, test.fasta and unlabelled.fasta');
const train = readFasta(`${folder}/train.fasta`);
const test = readFasta(`${folder}/test.fasta`);
const unlabelled = readFasta(`${folder}/unlabelled.fasta`);
const proteins = [...train, ...test, ...unlabelled];
const labelled = [...train, ...test].map((protein) => protein.fields[1] ?? '');
const classes = [...new Set(labelled)].sort();

writeBuiltin(
  {
    name: 'proteins',
    title: 'Proteins',
    modality: 'protein',
    description:
      'The first 128 residues of 4,035 UniProt proteins, half of them labelled with one of 12 functions.',
    count: proteins.length,
    sampleShape: [LENGTH],
    alphabet: [...LETTERS],
    paddingId: 0,
    labels: [
      {
        name: 'function',
        kind: 'class',
        classes: classes.map((name) => name.replaceAll('-', ' ')),
      },
    ],
    notes: [
      'The functions are made of key words in the protein names; they are no protein families.',
      'No genus is in both the training and the test part; the unlabelled proteins are in the training part.',
    ],
    origin: {
      source: 'builtin:proteins',
      licence: 'CC BY 4.0',
      citation:
        'The UniProt Consortium, UniProt: the Universal Protein Knowledgebase, Nucleic Acids Research (database issue)',
      attribution: 'UniProtKB, The UniProt Consortium',
      changes:
        'A selection; cropped to 128 residues; classes made of key words in the names; the names themselves left out.',
      url: 'https://www.uniprot.org',
    },
  },
  [
    {
      section: { role: 'values', type: 'uint8', encoding: 'plain' },
      data: lettersToIds(
        proteins.map((protein) => protein.sequence),
        LETTERS,
        LENGTH,
        0,
      ),
    },
    {
      section: { role: 'lengths', type: 'uint8' },
      data: Uint8Array.from(proteins, (protein) => Math.min(protein.sequence.length, LENGTH)),
    },
    {
      section: { role: 'label', type: 'int16', name: 'function' },
      data: Int16Array.from([...idsOf(labelled, classes), ...unlabelled.map(() => -1)]),
    },
    {
      section: { role: 'split', type: 'uint8' },
      data: Uint8Array.from(proteins, (_, i) =>
        i >= train.length && i < train.length + test.length ? 2 : 0,
      ),
    },
  ],
);
