import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * A host that exists only in a directory, for scripts/load-modules.sh: its files, and small scripts in the place of
 * uname, insmod, modprobe, modinfo, make and the compilers. A module is a text file with the fields of modinfo.
 */
export const RELEASE = '6.12.0-test';
const SCRIPTS = join(import.meta.dirname, '../../scripts');
const MODULES = ['continfo_so1', 'sysinfo_so1'];

export interface Loading {
  readonly status: number;
  readonly stdout: string;
  /** The last line of standard error, without the program's name. */
  readonly said: string;
  readonly stderr: string;
}

export class FakeModuleHost {
  readonly #at: string;
  #package = '/usr/lib/vigia';

  constructor(t: TestContext) {
    this.#at = mkdtempSync(join(tmpdir(), 'vigia-host-'));
    t.after(() => rmSync(this.#at, { recursive: true }));
    this.file('proc/modules', 'ext4 999 1 - Live 0x0\n');
    this.file(
      'proc/version',
      `Linux version ${RELEASE} (b@d) (gcc-12 (Debian 12.2.0-14) 12.2.0, GNU ld 2.40)\n`,
    );
    this.file('etc/os-release', 'PRETTY_NAME="Debian"\nID=debian\n');
    this.file('dmesg', '[    1.0] continfo_so1: an older line\n');
    this.tool('uname', `echo ${RELEASE}`);
    this.tool('dmesg', 'cat dmesg');
    this.tool('rmmod', 'sed -i "/^$1 /d" proc/modules; rm -f proc/"$1"_*');
    this.tool('modinfo', '[[ $3 == */* ]] || set -- "$1" "$2" "installed/$3"; sed -n "s/^$2: //p" "$3"');
    const insert = (file: string, name: string): string => `
      echo "$0 $*" | sed 's|.*/bin/||; s|${this.#at}/||g' >>calls
      ${name}
      if [[ -e refusals/$name || -e refusals/all ]]; then
        cat refusals/all.log >>dmesg
        printf '%s: ERROR: could not insert module %s: %s\\n' "\${0##*/}" "$1" "$(cat ${file} | head -n 1)" >&2
        exit 1
      fi
      echo "$name 1 0 - Live 0x0" >>proc/modules
      touch "proc/\${name}_201903553"`;
    const refusal = '$([[ -e refusals/$name ]] && echo refusals/$name || echo refusals/all)';
    this.tool('insmod', insert(refusal, 'name=$(basename "$1" .ko)'));
    this.tool(
      'modprobe',
      `[[ $1 != --dry-run ]] || exec test -e "installed/$3"${insert(refusal, 'name=$1')}`,
    );
    this.tool('make', 'echo "no make was expected"; exit 2');
    this.tool('gcc-12', 'echo 12');
    this.file('kernel/Makefile', '');
    this.file('kernel/dkms.conf', 'PACKAGE_VERSION="0.1.0"\n');
    this.file('kernel/source-identity.sh', `cat '${this.#at}/identity'\n`);
    this.file('identity', 'ours\n');
    this.file('lacks', '');
  }

  file(path: string, text: string | Uint8Array, mode = 0o644): void {
    mkdirSync(dirname(join(this.#at, path)), { recursive: true });
    writeFileSync(join(this.#at, path), text, { mode });
  }

  remove(path: string): void {
    rmSync(join(this.#at, path));
  }

  tool(name: string, body: string): void {
    this.file(`bin/${name}`, `#!/bin/bash\nset -u\ncd '${this.#at}'\n${body}\n`, 0o755);
  }

  /** The script is that of the Debian package, which has no sources beside it. */
  isPackage(): void {
    this.#package = join(SCRIPTS, '..');
    this.remove('kernel/Makefile');
    this.remove('kernel/source-identity.sh');
  }

  /** Of the process that runs the script. */
  capabilities(hex: string): void {
    this.file('proc/self/status', `Name:\tx\nCapEff:\t${hex}\n`);
  }

  /** A program that is not installed here, whatever the tests' own host has. */
  lacks(program: string): void {
    this.file('lacks', `command() { [[ $* != '-v ${program}' ]] && builtin command "$@"; }\n`);
  }

  /** Modules beside the sources. */
  built(fields: { release?: string; identity?: string } = {}): void {
    for (const name of MODULES) this.file(`kernel/${name}.ko`, moduleText(fields));
  }

  /** Modules that modprobe finds. */
  installed(fields: { release?: string; identity?: string } = {}): void {
    for (const name of MODULES) this.file(`installed/${name}`, moduleText(fields));
  }

  /** The kernel's headers, with its configuration. */
  headers(config = 'CONFIG_CC_VERSION_TEXT="gcc-12 (Debian 12.2.0-14) 12.2.0"\n'): void {
    this.file(`lib/${RELEASE}/build/.config`, config);
  }

  /** make writes both modules. */
  makes(): void {
    this.tool(
      'make',
      `echo "make $*" | sed 's|${this.#at}/||g' >>calls; [[ -e kernel/continfo_so1.ko ]] || echo 'made from nothing' >>calls; for name in ${MODULES.join(' ')}; do printf '%s\\n' 'vermagic: ${RELEASE} SMP' "source_identity: $(cat identity)" >kernel/$name.ko; done`,
    );
  }

  makeFails(message: string): void {
    this.file('make-says', `${message}\nmake[1]: *** [Makefile:2: all] Error 2\n`);
    this.tool('make', 'cat make-says >&2; exit 2');
  }

  /** The kernel refuses modules, all or one by name, with the words of insmod and a line in its log. */
  refuses(message: string, log = '', name = 'all'): void {
    this.file(`refusals/${name}`, `${message}\n`);
    this.file('refusals/all.log', log === '' ? '' : `[    2.0] ${log}\n`);
  }

  lockdown(level: 'none' | 'integrity' | 'confidentiality'): void {
    const levels = ['none', 'integrity', 'confidentiality'];
    const text = levels.map((name) => (name === level ? `[${name}]` : name)).join(' ');
    this.file('sys/kernel/security/lockdown', `${text}\n`);
  }

  secureBoot(): void {
    this.file(
      'sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c',
      Uint8Array.of(6, 0, 0, 0, 1),
    );
  }

  /** What was inserted and made, in order. */
  calls(): string[] {
    const path = join(this.#at, 'calls');
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  }

  append(path: string, text: string): void {
    appendFileSync(join(this.#at, path), text);
  }

  load(...args: readonly string[]): Promise<Loading> {
    const env = {
      PATH: `${join(this.#at, 'bin')}:${process.env['PATH']}`,
      VIGIA_PROC: join(this.#at, 'proc'),
      VIGIA_KERNEL_DIR: join(this.#at, 'kernel'),
      VIGIA_LIB_MODULES: join(this.#at, 'lib'),
      VIGIA_MODULES_LOCK: join(this.#at, 'lock'),
      VIGIA_HOST_ROOT: this.#at,
      VIGIA_PACKAGE_DIR: this.#package,
      // Bash reads this file first.
      BASH_ENV: join(this.#at, 'lacks'),
    };
    return new Promise((resolve) => {
      execFile(join(SCRIPTS, 'load-modules.sh'), args, { env }, (error, stdout, stderr) => {
        const local = (text: string): string => text.replaceAll(`${this.#at}/`, '');
        const said = local(stderr).trim().split('\n').at(-1) ?? '';
        resolve({
          status: error === null ? 0 : Number(error.code),
          stdout: local(stdout),
          said: said.replace(/^load-modules: /, ''),
          stderr: local(stderr),
        });
      });
    });
  }
}

const moduleText = ({ release = RELEASE, identity = 'ours' }): string =>
  `vermagic: ${release} SMP preempt\nsource_identity: ${identity}\n`;
