// Names with their values beside them, a line each. Space around them is the caller's.
import type { ReactNode } from 'react';
import classes from './Facts.module.css';

export function Facts({ className, children }: { className?: string; children: ReactNode }) {
  return <dl className={[classes.facts, className].filter(Boolean).join(' ')}>{children}</dl>;
}

interface FactProps {
  name: string;
  /** What the name means, where that needs a sentence. */
  title?: string;
  children: ReactNode;
}

export function Fact({ name, title, children }: FactProps) {
  return (
    <div>
      <dt title={title}>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
