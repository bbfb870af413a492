/**
 * Makes the end of this process not wait for threads that hang in a system call. Node waits for each of its threads, and
 * no signal but SIGKILL ends theirs: another program in the place of this one does, and passes on the exit code. To be
 * called when everything else has been cleaned up.
 */
export function exitDespite(isHanging: () => boolean): void {
  process.once('exit', (code) => {
    if (isHanging()) process.execve?.('/bin/sh', ['sh', '-c', `exit ${code}`], {});
  });
}
