// Keeps a fault in one part of the page from taking the rest with it, and says what happened.
import { Component, type ReactNode } from 'react';
import classes from './Boundary.module.css';

interface Props {
  /** What stands here, e.g. `The curves`. */
  name: string;
  children: ReactNode;
}

export class Boundary extends Component<Props, { fault: string | undefined }> {
  override state = { fault: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  override render() {
    const { fault } = this.state;
    if (fault === undefined) return this.props.children;
    return (
      <div role="alert" className={classes.fault}>
        <strong>{this.props.name} cannot be shown.</strong> {fault}
        <button type="button" onClick={() => this.setState({ fault: undefined })}>
          Try again
        </button>
      </div>
    );
  }
}
