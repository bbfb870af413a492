const PROCESS = '{"pid":';

/**
 * A text of continfo without the processes of its containers, which sysinfo has as well. The contract puts each process on
 * a line of its own, and the last one of a container ends with the end of the container. A fork bomb makes these lines
 * so long that parsing them would exceed the memory limit of the service.
 */
export function withoutProcesses(text: string): string {
  let kept = '';
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const end = newline < 0 ? text.length : newline + 1;
    kept += text.startsWith(PROCESS, at) ? containerEnd(text, end) : text.slice(at, end);
    at = end;
  }
  return kept;
}

/** What ends a container on the line that ends at `end`; '' if the container goes on. */
function containerEnd(text: string, end: number): string {
  const line = text.slice(end - 5, end).trimEnd();
  return line.endsWith(']},') ? ']},' : line.endsWith(']}') ? ']}' : '';
}
