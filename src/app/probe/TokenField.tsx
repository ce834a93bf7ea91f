// A picture whose tokens can be pointed at: by mouse, by touch, and by keyboard, one token after another.
import { useElementSize } from '@mantine/hooks';
import { type KeyboardEvent, memo, type PointerEvent, useMemo, useRef, useState } from 'react';
import type { Drawing } from '../pictures/drawing';
import { PictureCanvas } from '../pictures/PictureCanvas';
import {
  heightFor,
  neighbourOf,
  type Point,
  type TokenLayout,
  tokenAt,
  tokenLayout,
  tokensAlong,
} from '../pictures/tokenBoxes';
import classes from './TokenField.module.css';
import { type Marks, TokenMarks } from './TokenMarks';

interface Props extends Marks {
  drawing: Drawing;
  /** What the picture shows. */
  label: string;
  /** What pressing a token does, for those who hear the page. */
  hint: string;
  /** A token in words. */
  nameOf: (token: number) => string;
  /** `[L]`, 1 is a pressed token to those who hear the page. */
  selected: ArrayLike<number>;
  /** Pressing a token, and with `paints` every token that the pointer is drawn over after that. */
  onPress: (tokens: number[], isFirst: boolean) => void;
  onPoint: (token: number | undefined) => void;
  paints?: boolean;
  /** Height in pixels at most. */
  limit?: number;
}

type Key = Parameters<typeof neighbourOf>[2];
const moves = new Set<string>(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Home', 'End']);

export function TokenField({
  drawing,
  label,
  hint,
  nameOf,
  selected,
  onPress,
  onPoint,
  paints = false,
  limit = Number.POSITIVE_INFINITY,
  ...marks
}: Props) {
  const { ref, width } = useElementSize();
  const { picture, input, named } = drawing;
  const height = Math.min(limit, heightFor(picture, input, width));
  const layout = useMemo(
    () => tokenLayout(picture, input, { width, height }, named),
    [picture, input, width, height, named],
  );
  const stroke = useRef<Point>(undefined);

  const pointOf = (event: PointerEvent<HTMLElement>): Point => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const down = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return;
    const at = pointOf(event);
    const token = tokenAt(layout, at.x, at.y);
    if (token === undefined) return;
    if (paints) {
      event.currentTarget.setPointerCapture(event.pointerId);
      stroke.current = at;
    }
    onPress([token], true);
  };
  const move = (event: PointerEvent<HTMLElement>) => {
    const at = pointOf(event);
    onPoint(tokenAt(layout, at.x, at.y));
    if (!stroke.current) return;
    const passed = tokensAlong(layout, stroke.current, at);
    stroke.current = at;
    if (passed.length > 0) onPress(passed, false);
  };
  const up = () => {
    stroke.current = undefined;
  };

  return (
    <div
      ref={ref}
      className={classes.field}
      style={{ height }}
      data-lines={layout.lines.length > 1 ? 'many' : 'one'}
      data-paints={paints || undefined}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onPointerLeave={() => onPoint(undefined)}
    >
      {width > 0 && (
        <>
          <PictureCanvas drawing={drawing} label={label} />
          <TokenMarks layout={layout} {...marks} />
          <Cells
            layout={layout}
            label={`${label}: ${hint}`}
            nameOf={nameOf}
            selected={selected}
            onPress={onPress}
            onPoint={onPoint}
            paints={paints}
          />
        </>
      )}
    </div>
  );
}

type CellsProps = Pick<
  Props,
  'label' | 'nameOf' | 'selected' | 'onPress' | 'onPoint' | 'paints'
> & { layout: TokenLayout };

/** What the keyboard and screen readers meet: a button a token, of which one takes part in the tab order. */
const Cells = memo(function Cells({
  layout,
  label,
  nameOf,
  selected,
  onPress,
  onPoint,
  paints,
}: CellsProps) {
  const [active, setActive] = useState(0);
  const group = useRef<HTMLFieldSetElement>(null);
  const shown = layout.boxes[active] ? active : 0;

  const move = (event: KeyboardEvent) => {
    if (!moves.has(event.key)) return;
    event.preventDefault();
    const next = neighbourOf(layout, shown, event.key as Key);
    setActive(next);
    group.current?.querySelector<HTMLElement>(`[data-token="${next}"]`)?.focus();
    if (paints && event.shiftKey && next !== shown) onPress([next], false);
  };

  return (
    <fieldset ref={group} className={classes.cells} aria-label={label} onKeyDown={move}>
      {layout.lines.flat().map((token) => {
        const { x, y, width, height } = layout.boxes[token]!;
        return (
          <button
            key={token}
            type="button"
            className={classes.cell}
            data-token={token}
            tabIndex={token === shown ? 0 : -1}
            aria-label={nameOf(token)}
            aria-pressed={selected[token] === 1}
            style={{ left: x, top: y, width, height }}
            onFocus={() => {
              setActive(token);
              onPoint(token);
            }}
            onBlur={() => onPoint(undefined)}
            onClick={({ detail }) => {
              // From the keyboard or a screen reader; the pointer was heard when it went down.
              if (detail === 0) onPress([token], true);
            }}
          />
        );
      })}
    </fieldset>
  );
});
