import { useState } from 'preact/hooks';
import { words } from '../words/index.ts';

/** A command for a terminal on the host, with a button that copies it. The page itself can change nothing. */
export function Command({ text }: { readonly text: string }) {
  const [isCopied, setCopied] = useState(false);
  const { copy, copied } = words().command;
  // Without https the browser offers a clipboard on loopback addresses only.
  const canCopy = 'clipboard' in navigator;
  return (
    <span class="command-line">
      <code>{text}</code>
      {canCopy && (
        <button
          type="button"
          class="plain"
          aria-label={`${copy}: ${text}`}
          onClick={() =>
            navigator.clipboard.writeText(text).then(
              () => setCopied(true),
              () => setCopied(false),
            )
          }
        >
          {isCopied ? copied : copy}
        </button>
      )}
    </span>
  );
}
