import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseLoadRefusal } from '../../daemon/src/host/load-refusal.ts';
import { render } from '../../daemon/src/words/language.ts';
import { FakeModuleHost, RELEASE } from './fake-module-host.ts';
import { codesOf } from './load-codes.ts';

/** What load-modules.sh says on hosts that take no modules, or not at once. The kernel's words are verbatim. */

const REJECTED = 'Key was rejected by service';
const NOT_PERMITTED = 'Operation not permitted';
const LOCKED = 'Lockdown: insmod: unsigned module loading is restricted; see man kernel_lockdown.7';
const BAD_FORMAT = 'Invalid module format';

interface Case {
  readonly name: string;
  readonly host: (host: FakeModuleHost) => void;
  readonly code: string;
  /** Of the message. */
  readonly says: RegExp;
  readonly exit?: 1;
}

const CASES: readonly Case[] = [
  {
    name: 'signature refused, EKEYREJECTED; no module is installed',
    host: (host) => {
      host.secureBoot();
      host.lockdown('integrity');
      host.built();
      host.refuses(REJECTED, 'Loading of unsigned module is rejected');
    },
    code: 'module-not-signed',
    says: /^Secure Boot: .*"Key was rejected by service: Loading of unsigned module is rejected".*"apt-get install dkms linux-headers-6\.12\.0-test", "dkms add kernel" and "dkms install vigia\/0\.1\.0".*mokutil --import \/var\/lib\/dkms\/mok\.pub.*reboot.*"Enroll MOK"/,
  },
  {
    name: 'signature refused, EPERM under lockdown; no module is installed',
    host: (host) => {
      host.secureBoot();
      host.lockdown('integrity');
      host.built();
      host.refuses(NOT_PERMITTED, LOCKED);
    },
    code: 'module-not-signed',
    says: /^Secure Boot: .*"Operation not permitted: Lockdown: insmod: unsigned.*Enroll MOK/,
  },
  {
    name: 'signature refused: the key of the installed module is not enrolled',
    host: (host) => {
      host.secureBoot();
      host.lockdown('integrity');
      host.built();
      host.installed();
      host.refuses('Required key not available');
    },
    code: 'module-key-unknown',
    says: /does not trust the key that signed continfo_so1 .*mokutil --import \/var\/lib\/dkms\/mok\.pub/,
  },
  {
    name: "signature refused on Ubuntu: the key is that of Ubuntu's shim",
    host: (host) => {
      host.file('etc/os-release', 'ID=ubuntu\nID_LIKE=debian\n');
      host.secureBoot();
      host.installed();
      host.refuses(REJECTED);
    },
    code: 'module-key-unknown',
    says: /mokutil --import \/var\/lib\/shim-signed\/mok\/MOK\.der/,
  },
  {
    name: 'signature refused: DKMS is configured with another key',
    host: (host) => {
      host.file('etc/dkms/framework.conf', '# mok_certificate=/no\nmok_certificate="/etc/keys/mine.der"\n');
      host.file('etc/keys/mine.der', '');
      host.secureBoot();
      host.installed();
      host.refuses(REJECTED);
    },
    code: 'module-key-unknown',
    says: /mokutil --import \/etc\/keys\/mine\.der/,
  },
  {
    name: 'lockdown without Secure Boot',
    host: (host) => {
      host.lockdown('confidentiality');
      host.built();
      host.refuses(NOT_PERMITTED, LOCKED);
    },
    code: 'module-locked-down',
    says: /lockdown=confidentiality.*refused continfo_so1/,
  },
  {
    name: 'not permitted without lockdown: a sandbox, a policy',
    host: (host) => {
      host.built();
      host.refuses(NOT_PERMITTED);
    },
    code: 'module-not-permitted',
    says: /without CAP_SYS_MODULE$/,
  },
  {
    name: 'no headers',
    host: () => {},
    code: 'kernel-headers-missing',
    says: /"apt-get install linux-headers-6\.12\.0-test make gcc-12"$/,
  },
  ...(
    [
      ['ID=fedora', 'dnf install kernel-devel-6.12.0-test make gcc'],
      ['ID="rocky"\nID_LIKE="rhel centos fedora"', 'dnf install kernel-devel-6.12.0-test make gcc'],
      ['ID="opensuse-leap"\nID_LIKE="suse opensuse"', 'zypper install kernel-test-devel make gcc'],
      ['ID=arch', 'pacman -S linux-headers make gcc'],
      ['ID=linuxmint\nID_LIKE="ubuntu debian"', 'apt-get install linux-headers-6.12.0-test make gcc-12'],
      ['ID=void', 'your package manager to install the headers of kernel 6.12.0-test make gcc'],
    ] as const
  ).map(
    ([release, command]): Case => ({
      name: `no headers, on ${release.replace('\n', ', ')}`,
      host: (host) => host.file('etc/os-release', `${release}\n`),
      code: 'kernel-headers-missing',
      says: new RegExp(`run "${command.replaceAll('.', '\\.')}"$`),
    }),
  ),
  {
    name: 'no headers and no sources',
    host: (host) => host.remove('kernel/Makefile'),
    code: 'module-sources-missing',
    says: /no module continfo_so1 for kernel 6\.12\.0-test/,
  },
  {
    name: 'no headers, in the package',
    host: (host) => host.isPackage(),
    code: 'kernel-headers-missing',
    says: /run "apt-get install linux-headers-6\.12\.0-test"$/,
  },
  {
    name: 'headers, and no module of DKMS, in the package',
    host: (host) => {
      host.isPackage();
      host.headers();
    },
    code: 'module-not-installed',
    says: /run "dkms autoinstall -k 6\.12\.0-test", which says why$/,
  },
  {
    name: 'a kernel without module support',
    host: (host) => host.remove('proc/modules'),
    code: 'kernel-without-modules',
    says: /\(6\.12\.0-test\) was built without support for loadable modules$/,
  },
  {
    name: 'a kernel without module support, as insmod says it',
    host: (host) => {
      host.built();
      host.refuses('Function not implemented');
    },
    code: 'kernel-without-modules',
    says: /without support for loadable modules$/,
  },
  {
    name: 'loading is switched off',
    host: (host) => host.file('proc/sys/kernel/modules_disabled', '1\n'),
    code: 'module-loading-disabled',
    says: /kernel\.modules_disabled = 1/,
  },
  {
    name: "another kernel's module (vermagic), no headers",
    host: (host) => {
      host.built({ release: '6.1.0-9-amd64' });
      host.refuses(BAD_FORMAT, "continfo_so1: version magic '6.1.0-9-amd64' should be '6.12.0-test'");
    },
    code: 'module-for-other-kernel',
    says: /^kernel\/continfo_so1\.ko was built for kernel 6\.1\.0-9-amd64, and this is 6\.12\.0-test.*linux-headers/,
  },
  {
    name: "another compiler than the kernel's, which the options betray",
    host: (host) => {
      host.headers('CONFIG_CC_VERSION_TEXT="gcc-99 (Ubuntu 99.1.0-1ubuntu1) 99.1.0"\n');
      host.tool('gcc', 'echo 11.4.0');
      host.makeFails("gcc: error: unrecognized command-line option '-ftrivial-auto-var-init=zero'");
    },
    code: 'compiler-differs',
    says: /built by gcc-99; that is not installed, and gcc 11\.4\.0 says "gcc: error: unrecognized .*"\. Run "apt-get install gcc-99"$/,
  },
  {
    name: 'a kernel of another clang',
    host: (host) => {
      host.headers('CONFIG_CC_VERSION_TEXT="Ubuntu clang version 98.1.0"\nCONFIG_LD_IS_LLD=y\n');
      host.tool('clang', 'echo 97.0.0');
      host.makeFails("clang: error: unknown argument: '-mnew'");
    },
    code: 'compiler-differs',
    says: /built by clang-98; .*clang 97\.0\.0 says "clang: error: unknown .*Run "apt-get install clang-98 lld-98"$/,
  },
  {
    name: 'no make',
    host: (host) => {
      host.headers();
      host.lacks('make');
    },
    code: 'tool-missing',
    says: /^"make" is not installed: run "apt-get install make"$/,
  },
  {
    name: 'does not compile',
    host: (host) => {
      host.headers();
      host.makeFails("common/cmdline.c:9:1: error: too few arguments to function 'get_user_pages_remote'");
    },
    code: 'build-failed',
    says: /does not compile for kernel 6\.12\.0-test: "common\/cmdline\.c:9:1: error: too few .*"\. .*"make -C kernel KDIR=lib\/6\.12\.0-test\/build CC=gcc-12"$/,
  },
  {
    name: 'a kernel older than 5.10',
    host: (host) => {
      host.tool('uname', 'echo 5.4.0-200-generic');
      host.file('lib/5.4.0-200-generic/build/.config', '');
    },
    code: 'kernel-too-old',
    says: /5\.10 or newer, and this is 5\.4\.0-200-generic$/,
  },
  {
    name: 'ENOMEM',
    host: (host) => {
      host.built();
      host.refuses('Cannot allocate memory');
    },
    code: 'insert-failed',
    says: /could not load continfo_so1 \("Cannot allocate memory"\)$/,
  },
  {
    name: 'the name in /proc is taken',
    host: (host) => {
      host.built();
      host.file('proc/continfo_so1_201903553', '');
    },
    code: 'module-name-taken',
    says: /^proc\/continfo_so1_201903553 exists already and belongs to another module/,
  },
  {
    name: "another module has the module's name",
    host: (host) => host.append('proc/modules', 'continfo_so1 9 0 - Live 0x0\n'),
    code: 'module-without-file',
    says: /^continfo_so1 is loaded and publishes no file in /,
    exit: 1,
  },
  {
    name: 'a damaged module, no headers',
    host: (host) => {
      host.built();
      host.refuses(BAD_FORMAT);
    },
    code: 'module-damaged',
    says: /^kernel\/continfo_so1\.ko is damaged or does not fit this kernel \("Invalid module format"\).*linux-headers/,
  },
  {
    name: 'a damaged signature',
    host: (host) => {
      host.built();
      host.refuses('Bad message');
    },
    code: 'module-damaged',
    says: /"Bad message"/,
  },
  {
    name: 'a damaged module of DKMS',
    host: (host) => {
      host.installed();
      host.refuses(BAD_FORMAT);
    },
    code: 'module-installed-damaged',
    says: /dkms install --force/,
  },
];

suite('load-modules.sh: hosts that take no modules', () => {
  for (const { name, host: arrange, code, says, exit = 3 } of CASES) {
    test(`${name}: ${code}, exit code ${exit}`, async (t) => {
      const host = new FakeModuleHost(t);
      arrange(host);
      const { status, stdout, said, stderr } = await host.load();
      t.diagnostic(`${status} ${said}`);
      assert.equal(status, exit, stderr);
      assert.match(said, says);
      const reason = parseLoadRefusal(stdout);
      assert.ok(reason !== null, stdout);
      assert.equal(reason.code, code);
      assert.equal(render(reason, 'en'), said, 'the daemon says the same');
      assert.doesNotMatch(stderr, /an older line|\{\w+\}/);
    });
  }

  test('every code has a case here or in the tests of the arguments and the lock', () => {
    const codes = codesOf('reasons.sh', 'module-reasons.sh');
    const elsewhere = [
      'loader-not-allowed',
      'module-other-carnet',
      ...['loading-needs-root', 'loading-lock-unusable', 'loading-lock-held'],
    ];
    assert.deepEqual([...new Set([...CASES.map(({ code }) => code), ...elsewhere])].sort(), codes);
  });
});

suite('load-modules.sh: the two services of the package', () => {
  // CAP_CHOWN and CAP_SYS_PTRACE, as the loop has them; all of a kernel with 41.
  const [LOOP, LOADER] = ['0000000000080001', '000001ffffffffff'];

  test('the loop, which may load nothing, says why the other service has not loaded the modules', async (t) => {
    const host = new FakeModuleHost(t);
    host.isPackage();
    host.capabilities(LOOP);
    assert.match((await host.load()).stdout, /^reason\tloader-not-allowed\t/);
    host.capabilities(LOADER);
    const loader = await host.load();
    assert.match(loader.stdout, /^reason\tkernel-headers-missing\t/);
    host.capabilities(LOOP);
    assert.deepEqual(await host.load(), loader);
    assert.deepEqual(await host.load(), loader, 'the loop does not replace the reason');
  });

  test('a reason that is no longer true is forgotten', async (t) => {
    const host = new FakeModuleHost(t);
    host.isPackage();
    host.capabilities(LOADER);
    await host.load();
    host.installed();
    assert.equal((await host.load()).status, 0);
    host.file('proc/modules', '');
    host.capabilities(LOOP);
    assert.match((await host.load()).stdout, /^reason\tloader-not-allowed\t/);
  });
});

suite('load-modules.sh: the order in which it tries', () => {
  const loads = async (host: FakeModuleHost): Promise<string[]> => {
    const { status, stderr } = await host.load();
    assert.equal(status, 0, stderr);
    return host.calls().map((call) => call.replace(' carnet=201903553', ''));
  };

  test("DKMS's module comes before a file beside the sources", async (t) => {
    const host = new FakeModuleHost(t);
    host.built();
    host.installed();
    assert.deepEqual(await loads(host), ['modprobe continfo_so1', 'modprobe sysinfo_so1']);
  });

  test('a file of this kernel and these sources is not built again', async (t) => {
    const host = new FakeModuleHost(t);
    host.built();
    host.headers();
    host.makes();
    assert.deepEqual(await loads(host), ['insmod kernel/continfo_so1.ko', 'insmod kernel/sysinfo_so1.ko']);
  });

  for (const [what, fields] of [
    ['older sources', { identity: 'older' }],
    ['another kernel', { release: '6.1.0-9-amd64' }],
  ] as const) {
    test(`a file of ${what} is built again, with the kernel's own compiler`, async (t) => {
      const host = new FakeModuleHost(t);
      host.built(fields);
      host.headers();
      host.makes();
      assert.deepEqual(await loads(host), [
        `make -C kernel KDIR=lib/${RELEASE}/build CC=gcc-12`,
        'insmod kernel/continfo_so1.ko',
        'insmod kernel/sysinfo_so1.ko',
      ]);
    });

    test(`a file of ${what} is the last choice, with a warning`, async (t) => {
      const host = new FakeModuleHost(t);
      host.built(fields);
      const { status, stderr } = await host.load();
      assert.equal(status, 0);
      assert.match(
        stderr,
        /warning: kernel\/continfo_so1\.ko was built for another kernel or from other sources/,
      );
    });
  }

  test('an installed module of older sources is used only if nothing newer loads', async (t) => {
    const host = new FakeModuleHost(t);
    host.installed({ identity: 'older' });
    host.headers();
    host.makes();
    assert.ok((await loads(host)).includes('insmod kernel/continfo_so1.ko'));
    const without = new FakeModuleHost(t);
    without.installed({ identity: 'older' });
    assert.deepEqual(await loads(without), ['modprobe continfo_so1', 'modprobe sysinfo_so1']);
  });

  test('what the kernel refuses for its signature is not built and refused once more', async (t) => {
    const host = new FakeModuleHost(t);
    host.secureBoot();
    host.built();
    host.headers();
    host.makes();
    host.refuses(REJECTED);
    await host.load();
    assert.deepEqual(host.calls(), ['insmod kernel/continfo_so1.ko carnet=201903553']);
  });

  test('under Secure Boot an unsigned file does not hide a module of DKMS whose key is enrolled', async (t) => {
    const host = new FakeModuleHost(t);
    host.secureBoot();
    host.built();
    host.installed({ identity: 'older' });
    host.tool('insmod', `echo "insmod: ERROR: could not insert module $1: ${REJECTED}" >&2; exit 1`);
    assert.deepEqual(await loads(host), ['modprobe continfo_so1', 'modprobe sysinfo_so1']);
  });

  test('a damaged file is removed and built again', async (t) => {
    const host = new FakeModuleHost(t);
    host.built();
    host.headers();
    host.makes();
    host.refuses(BAD_FORMAT);
    const { status } = await host.load();
    assert.equal(status, 3);
    assert.deepEqual(
      host.calls().map((call) => call.split(' ', 1)[0]),
      ['insmod', 'make', 'made', 'insmod'],
    );
  });

  for (const [text, tools, option] of [
    [
      'x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0',
      { 'x86_64-linux-gnu-gcc-14': '14' },
      'CC=x86_64-linux-gnu-gcc-14',
    ],
    ['x86_64-linux-gnu-gcc-14 (Debian 14.2.0-19) 14.2.0', { 'gcc-14': '14' }, 'CC=gcc-14'],
    ['gcc (GCC) 77.2.1 20240801 (Red Hat 77.2.1-1)', { gcc: '77' }, 'CC=gcc'],
    ['Debian clang version 77.0.6', { 'clang-77': '77.0.6' }, 'CC=clang-77'],
    ['clang version 77.1.8', { clang: '77.1.8' }, 'CC=clang'],
  ] as const) {
    test(`the compiler of "${text}" is ${option}`, async (t) => {
      const host = new FakeModuleHost(t);
      for (const [tool, version] of Object.entries(tools)) host.tool(tool, `echo ${version}`);
      host.headers(`CONFIG_CC_VERSION_TEXT="${text}"\n`);
      host.makes();
      assert.equal((await loads(host))[0], `make -C kernel KDIR=lib/${RELEASE}/build ${option}`);
    });
  }

  test('where the headers have no configuration, the compiler is that of /proc/version', async (t) => {
    const host = new FakeModuleHost(t);
    host.headers('');
    host.makes();
    assert.match((await loads(host))[0] ?? '', / CC=gcc-12$/);
  });

  test("a kernel that lld has linked is given LLVM's other tools", async (t) => {
    const host = new FakeModuleHost(t);
    host.tool('clang-77', 'echo 77.0.6');
    host.headers('CONFIG_CC_VERSION_TEXT="clang version 77.0.6"\nCONFIG_LD_IS_LLD=y\n');
    host.makes();
    assert.match((await loads(host))[0] ?? '', / LLVM=-77$/);
  });
});
