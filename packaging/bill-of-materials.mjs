// Prints the bill of materials (CycloneDX) of the npm packages in the executable and in the page, from what npm reports
// on package-lock.json. Fields that differ from run to run are removed.
// usage: bill-of-materials.mjs VERSION
import { execFileSync } from 'node:child_process';
import { carriedPackages } from './carried.mjs';

const [version = ''] = process.argv.slice(2);
const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const { serialNumber: _, ...bill } = JSON.parse(text);
const carried = ['node', ...carriedPackages()];
bill.components = carried.map((name) => {
  const component = bill.components.find((one) => one.name === name);
  if (component === undefined) throw new Error(`npm sbom does not list ${name}`);
  return { ...component, scope: 'required' };
});
const self = Object.assign(bill.metadata.component, { name: 'vigia', type: 'application', version });
bill.dependencies = [{ ref: self['bom-ref'], dependsOn: bill.components.map((one) => one['bom-ref']) }];
bill.metadata.timestamp = new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toISOString();
// It names the host's npm.
delete bill.metadata.tools;
console.log(JSON.stringify(bill, null, 2));
