// What a model makes of the masked example, from Z and from Z* side by side, each with the error of every token below.
import type { InputSpec } from '../../modality/inputSpec';
import type { Reconstruction } from '../../session/protocol';
import { measure } from '../format';
import { symbolAt } from '../pictures/arrange';
import type { Cell } from '../pictures/drawings';
import { ErrorMap } from './ErrorMap';
import classes from './ProbePanel.module.css';
import { TokenField } from './TokenField';

interface Props {
  /** The predictions among the drawings of `reconstruction`. */
  cells: Cell[];
  reconstruction: Reconstruction;
  input: InputSpec;
  /** The error that fills a token's height. */
  greatest: number;
  /** Tells the pictures of one model from those of another. */
  of?: string;
  hint: string;
  name: (token: number) => string;
  selected: ArrayLike<number>;
  onPress: (tokens: number[]) => void;
  onPoint: (token: number | undefined) => void;
  pointed: number | undefined;
  target?: number;
}

const titles = { z: 'From Z', zstar: 'From Z*' } as const;

export function Predictions({ cells, reconstruction, input, greatest, of, ...props }: Props) {
  const { hint, name, selected, onPress, onPoint, pointed, target } = props;
  return (
    <div className={classes.pair} data-one={cells.length === 1 || undefined}>
      {cells.map(({ tone: kind, drawing, error }) => {
        const tone = kind as keyof typeof titles;
        const title = of ? `${of}, ${titles[tone]}` : titles[tone];
        return (
          <figure key={tone} className={classes.prediction}>
            <figcaption>
              <b data-tone={tone}>{titles[tone]}</b>
              <span>error {measure(error)}</span>
            </figcaption>
            <TokenField
              drawing={drawing}
              label={title}
              hint={hint}
              nameOf={(token) => errorText(name(token), token, reconstruction, drawing)}
              selected={selected}
              onPress={onPress}
              onPoint={onPoint}
              pointed={pointed}
              target={target}
            />
            <ErrorMap
              picture={drawing.picture}
              input={input}
              errors={errorsOf(reconstruction, tone)}
              mask={reconstruction.mask}
              greatest={greatest}
              tone={tone}
              label={`Error of each masked token, ${title}; the tallest bar is ${measure(greatest)}`}
            />
          </figure>
        );
      })}
    </div>
  );
}

/**
 * A token and its error in words.
 *
 * @param drawing the prediction whose guess is told, where the token is a symbol
 */
export function errorText(
  name: string,
  token: number,
  { mask, errorZ, errorZStar }: Reconstruction,
  drawing: Cell['drawing'] | undefined,
): string {
  if (!mask[token]) return `${name}, visible`;
  const star = errorZStar ? `, Z* ${measure(errorZStar[token])}` : '';
  const guess = drawing && symbolAt(drawing.picture, drawing.input, token);
  const word =
    guess?.probability === undefined
      ? ''
      : `, “${guess.symbol}” with ${Math.round(100 * guess.probability)} %`;
  return `${name}, masked${word}, error from Z ${measure(errorZ[token])}${star}`;
}

/** The largest error of a masked token, from Z or Z*. */
export function greatestError({ mask, errorZ, errorZStar }: Reconstruction): number {
  let most = 0;
  for (const errors of [errorZ, ...(errorZStar ? [errorZStar] : [])]) {
    errors.forEach((error, token) => {
      if (mask[token]) most = Math.max(most, error);
    });
  }
  return most;
}

function errorsOf({ errorZ, errorZStar }: Reconstruction, tone: 'z' | 'zstar'): Float32Array {
  return tone === 'zstar' ? errorZStar! : errorZ;
}
