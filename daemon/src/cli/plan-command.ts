import { Command } from 'commander';
import type { HostPlan } from '../app/make-plan.ts';
import { configOf, errorText, printJson, WORDS, withHelp } from './common.ts';

export function planCommand(): Command {
  const plan = new Command('plan')
    .description('show what Vigía sees on this host, and what it would do if it acted; changes nothing')
    .option('--json', 'print it as JSON')
    .option('--once', 'do not wait for the second reading that rates and classes need')
    .action(async ({ json, once }: { json?: boolean; once?: boolean }, command: Command) => {
      const config = configOf(command);
      const { makePlan } = await import('../app/make-plan.ts');
      if (once !== true && process.stderr.isTTY)
        console.error(WORDS.plan.measuring(String(config.classify.minSeconds)));
      const made = await makePlan(config, { measure: once !== true });
      if (json) return printJson(jsonOf(made));
      const { planText } = await import('./plan-text.ts');
      console.log(planText(made));
    });
  return withHelp(plan, {
    notes: `The plan is made as in mode enforce, whatever the mode is. It works without privileges as far as it can, and says
what it could not see.`,
    examples: [
      ['sudo vigia plan', 'every container, what Vigía may do to it and would do'],
      ['vigia plan --once', 'at once; without a record most classes are unknown then'],
      'vigia plan --json',
    ],
  });
}

function jsonOf({ record, containers, ...rest }: HostPlan): object {
  return {
    ...rest,
    record: record.kind === 'unusable' ? { kind: record.kind, error: errorText(record.error) } : record,
    containers: containers.map(({ container, policy, classification, actions, ifManaged }) => ({
      ...{ id: container.id, name: container.name, image: container.image, state: container.state },
      ...{ policy, classification, actions, ifManaged },
    })),
  };
}
