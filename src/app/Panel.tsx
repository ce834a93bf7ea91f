// A titled part of the page: a heading, what can be done beside it, and its content.
import type { ReactNode } from 'react';
import { useId } from 'react';
import classes from './Panel.module.css';

interface Props {
  title: string;
  /** One quiet line beside the title. */
  note?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
}

export function Panel({ title, note, actions, children, className }: Props) {
  const id = useId();
  return (
    <section className={[classes.panel, className].filter(Boolean).join(' ')} aria-labelledby={id}>
      <header className={classes.header}>
        <h2 id={id} className={classes.title}>
          {title}
        </h2>
        {note && <div className={classes.note}>{note}</div>}
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </section>
  );
}
