// The sentence with which a control explains itself, for those who have no pointer to rest on it: it is its `title`, and shows
// while the control is reached by keyboard, or while a finger rests on it.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import classes from './Hints.module.css';

/** Milliseconds before it shows, as browsers have it for a pointer that rests. */
const REST = 500;
/** Keys that move the focus: between controls, and within tabs, menus and groups. */
const MOVES = /^(Tab|Arrow\w+|Home|End)$/;
/** Pixels between it and its control, and to the edges of the page. */
const GAP = 6;

interface Hint {
  text: string;
  of: DOMRect;
}

export default function Hints() {
  const [hint, setHint] = useState<Hint>();
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isByKey = document.activeElement?.matches(':focus-visible') ?? false;
    const hide = () => {
      clearTimeout(timer);
      setHint(undefined);
    };
    const showSoon = (target: EventTarget | null) => {
      hide();
      const titled = target instanceof Element ? target.closest('[title]') : null;
      const text = titled?.getAttribute('title');
      if (!titled || !text) return;
      timer = setTimeout(() => setHint({ text, of: titled.getBoundingClientRect() }), REST);
    };
    const listeners: Partial<Record<keyof DocumentEventMap, (event: Event) => void>> = {
      keydown: (event) => {
        isByKey = MOVES.test((event as KeyboardEvent).key);
        hide();
      },
      focusin: ({ target }) => (isByKey ? showSoon(target) : hide()),
      focusout: hide,
      pointerdown: (event) => {
        isByKey = false;
        if ((event as PointerEvent).pointerType === 'touch') showSoon(event.target);
        else hide();
      },
      pointercancel: hide,
      pointerup: hide,
      // One that is on its way stays: reaching a control may scroll it into view first.
      scroll: () => setHint(undefined),
    };
    // It was the keyboard, or a finger, that called for hints.
    if (isByKey) showSoon(document.activeElement);
    const all = Object.entries(listeners);
    for (const [name, listener] of all) document.addEventListener(name, listener, true);
    return () => {
      clearTimeout(timer);
      for (const [name, listener] of all) document.removeEventListener(name, listener, true);
    };
  }, []);

  useLayoutEffect(() => {
    if (!hint || !box.current) return;
    const { offsetWidth: width, offsetHeight: height, style } = box.current;
    const { left, top, bottom } = hint.of;
    const isBelow = bottom + GAP + height <= innerHeight - GAP;
    style.left = `${Math.max(GAP, Math.min(left, innerWidth - GAP - width))}px`;
    style.top = `${isBelow ? bottom + GAP : Math.max(GAP, top - GAP - height)}px`;
  }, [hint]);

  if (!hint) return null;
  // A screen reader has read the title already.
  return (
    <div ref={box} className={classes.hint} aria-hidden="true">
      {hint.text}
    </div>
  );
}
