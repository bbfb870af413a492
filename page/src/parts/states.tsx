import type { ComponentChildren } from 'preact';
import { Component } from 'preact';
import type { AskError } from '../api-client.ts';
import { words } from '../words/index.ts';

/** Nothing to show, and what that means. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>;
}

export function Loading() {
  return (
    <p class="empty" role="status">
      {words().loading}
    </p>
  );
}

/** What went wrong, in the server's words where it has some, and what comes next. */
export function Trouble({ error }: { readonly error: AskError }) {
  const { errors } = words();
  return (
    <div class="trouble" role="alert">
      <strong>{error.status === 0 ? errors.unreachable : errors.server}</strong>
      <p>{error.status === 0 ? errors.unreachableTodo : error.message}</p>
    </div>
  );
}

/** A view that breaks leaves the rest of the page standing. */
export class Fence extends Component<
  { readonly children: ComponentChildren },
  { readonly broken: string | null }
> {
  override state = { broken: null };

  static override getDerivedStateFromError(error: unknown) {
    return { broken: String(error) };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    if (this.state.broken === null) return this.props.children;
    return (
      <div class="trouble" role="alert">
        <strong>{words().errors.broken}</strong>
        <p>{this.state.broken}</p>
      </div>
    );
  }
}
