import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { marked } from 'marked';

/** The folders that the assignment asks for. */
export const FOLDERS = ['modulo-kernel', 'go-daemon', 'bash', 'dashboard', 'documentacion'] as const;

/** Patterns of GitHub's .gitignore templates (C, Node, Python) that match files of the delivery. */
const TEMPLATES = ['*.ko', '*.mod*', '*.cmd', 'dkms.conf', 'dist', 'build/', 'lib/', '*.log', ''].join('\n');

export interface Repository {
  /** Where proyecto-1/ is. */
  readonly directory: string;
  /** Every committed path and its mode, as `git ls-files --stage` prints it: 120000 is a symbolic link. */
  readonly committed: ReadonlyMap<string, string>;
  git(...args: string[]): string;
}

/** Unpacks the archive into a new Git repository and commits everything, as its receiver does. */
export function commitDelivery(archive: string, directory: string): Repository {
  mkdirSync(directory);
  const git = (...args: string[]): string =>
    execFileSync(
      'git',
      ['-C', directory, '-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args],
      {
        encoding: 'utf8',
        env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' },
      },
    );
  git('init', '--quiet');
  writeFileSync(join(directory, '.gitignore'), TEMPLATES);
  execFileSync('tar', ['--extract', '--file', archive, '--directory', directory]);
  git('add', '--all');
  git('commit', '--quiet', '--message', 'Proyecto 1');
  const entries = git('ls-files', '--stage', '-z', 'proyecto-1').split('\0').filter(Boolean);
  const committed = new Map(
    entries.map((entry) => [entry.slice(entry.indexOf('\t') + 1), entry.slice(0, 6)] as const),
  );
  return { directory, committed, git };
}

/**
 * Every relative link of the delivered Markdown, as "document: link"; `dead` are those that lead to no committed file or
 * folder. GitHub's web view does not follow symbolic links, so that a link through one is dead as well.
 */
export function relativeLinks({ directory, committed }: Repository): { all: string[]; dead: string[] } {
  const files = [...committed].filter(([, mode]) => mode !== '120000').map(([path]) => path);
  const targets = new Set(
    files.flatMap((file) => file.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))),
  );
  const [all, dead]: [string[], string[]] = [[], []];
  for (const file of files.filter((path) => path.endsWith('.md'))) {
    for (const link of linksIn(readFileSync(join(directory, file), 'utf8'))) {
      if (/^(?:[a-z][a-z\d+.-]*:|#)/i.test(link)) continue;
      const [path = ''] = link.split('#');
      const target = posix.join(posix.dirname(file), decodeURI(path)).replace(/\/$/, '');
      all.push(`${file}: ${link}`);
      if (!targets.has(target)) dead.push(`${file}: ${link}`);
    }
  }
  return { all, dead };
}

function linksIn(markdown: string): string[] {
  const links: string[] = [];
  marked.walkTokens(marked.lexer(markdown), (token) => {
    if (token.type === 'link' || token.type === 'image') links.push(String(token['href']));
    if (token.type === 'html')
      links.push(
        ...[...token.raw.matchAll(/\s(?:src|href|srcset)="([^"\s]+)/g)].map(([, link = '']) => link),
      );
  });
  return links;
}

/** What `tar` lists of the archive, without its folders. */
export function filesOf(archive: string): string[] {
  const listing = execFileSync('tar', ['--list', '--file', archive], { encoding: 'utf8' });
  return listing.split('\n').filter((name) => name !== '' && !name.endsWith('/'));
}

/** Makes what `npm ci` would install available to an unpacked project. */
export function linkPackages(project: string, root: string): void {
  const place = join(project, 'node_modules');
  if (!existsSync(place)) execFileSync('ln', ['--symbolic', join(root, 'node_modules'), place]);
}
