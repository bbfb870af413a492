import type { ComponentChildren } from 'preact';
import { Component } from 'preact';
import type { RequestError } from '../api-client.ts';
import { words } from '../words/index.ts';

/** Explains why there is nothing to show. */
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

/** Shows a failed request: the server's message, or what to do when it cannot be reached. */
export function ErrorNotice({ error }: { readonly error: RequestError }) {
  const { errors } = words();
  return (
    <div class="trouble" role="alert">
      <strong>{error.status === 0 ? errors.unreachable : errors.server}</strong>
      <p>{error.status === 0 ? errors.unreachableTodo : error.message}</p>
    </div>
  );
}

/** Shows an error of the view inside it, so that the rest of the page keeps working. */
export class ErrorBoundary extends Component<
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
