import type { Config } from '../model/config.ts';
import type { HostFacts, ModuleFacts } from '../model/host-facts.ts';
import { type JudgeContext, type Judged, note, ok, problem } from './judged.ts';

/** The modules' oldest kernel; the scripts refuse older ones. */
const OLDEST = [5, 10] as const;

export function judgeKernel({ release }: HostFacts['kernel']): Judged[] {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  return [isOld ? note({ code: 'kernel-old', release }) : ok({ code: 'kernel-suits', release })];
}

const wantsModules = ({ sensor }: Config): boolean => sensor === 'auto' || sensor === 'kernel';

const areAllLoaded = ({ modules, because }: ModuleFacts): boolean =>
  because === null && modules.length > 0 && modules.every(({ way }) => way === 'already-loaded');

/** The kernel itself takes no modules, so that nothing about building or signing them matters. */
const takesNone = ({ because }: ModuleFacts): boolean =>
  because?.code === 'kernel-without-modules' || because?.code === 'module-loading-disabled';

export function judgeSignatures(facts: ModuleFacts, { config }: JudgeContext): Judged[] {
  const { signatures } = facts;
  if (signatures === null || !wantsModules(config) || takesNone(facts)) return [];
  const { isSecureBoot, lockdown, isEnforced } = signatures;
  if (!isEnforced) return [ok({ code: 'signatures-free' })];
  const demanded = { code: 'signatures-demanded', secureBoot: isSecureBoot, lockdown } as const;
  return [facts.because === null ? ok(demanded) : note(demanded)];
}

/** What building the modules needs. It matters only where they have to be built. */
export function judgeBuild(facts: ModuleFacts, { config }: JudgeContext): Judged[] {
  const { tools, modules, because } = facts;
  const isBuilt = because === null && modules.every(({ way }) => way !== 'build');
  if (tools === null || !wantsModules(config) || takesNone(facts) || isBuilt) return [];
  const missing = [
    ...(tools.hasHeaders ? [] : (['headers'] as const)),
    ...(tools.compiler !== '' ? [] : (['compiler'] as const)),
    ...(tools.hasMake ? [] : (['make'] as const)),
  ];
  if (missing.length === 0) return [ok({ code: 'tools-present', compiler: tools.compiler })];
  return [note({ code: 'tools-missing', missing, install: tools.install })];
}

export function judgeModules(facts: ModuleFacts, { config: { sensor, ...config } }: JudgeContext): Judged[] {
  if (!wantsModules({ sensor, ...config })) return [ok({ code: 'modules-not-wanted', sensor })];
  const { modules, because } = facts;
  if (because !== null) {
    const refused = { code: 'modules-refused', because, isDemanded: sensor === 'kernel' } as const;
    return [sensor === 'kernel' ? problem(refused) : note(refused)];
  }
  const others = modules.filter(({ identity }) => identity === 'other').map(({ name }) => name);
  if (others.length > 0) return [note({ code: 'modules-of-other-sources', names: others.join(', ') })];
  if (areAllLoaded(facts)) return [ok({ code: 'modules-loaded' })];
  const [next] = modules.map(({ way }) => way).filter((way) => way !== 'already-loaded');
  return [ok({ code: 'modules-loadable', from: next ?? 'file' })];
}

/** The iterator replaces the modules: what the configuration or the host leaves without a sensor of its own is missed. */
export function judgeBpf(bpf: HostFacts['bpf'], { config: { sensor }, facts }: JudgeContext): Judged[] {
  if (sensor === 'procfs' || sensor === 'kernel') return [];
  if (bpf.state !== 'refused') return [ok({ code: bpf.state === 'loaded' ? 'bpf-loaded' : 'bpf-loadable' })];
  const { because } = bpf;
  if (sensor === 'bpf') return [problem({ code: 'bpf-refused', because })];
  const hasModules = facts.modules.known && facts.modules.value.because === null;
  return hasModules ? [] : [note({ code: 'bpf-refused', because })];
}
