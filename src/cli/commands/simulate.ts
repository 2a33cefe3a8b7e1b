import type { CommandModule } from 'yargs';
import { print, safe, say } from '../terminal.ts';

interface Options {
  scenario: string | undefined;
  out: string | undefined;
  seed: string;
  start: string | undefined;
  days: number | undefined;
  noise: number | undefined;
  without: string[] | undefined;
  skew: string[] | undefined;
  product: string[] | undefined;
  list: boolean;
}

export const simulateCommand: CommandModule<object, Options> = {
  command: 'simulate [scenario]',
  describe: 'write a labelled incident in genuine log syntax, with its truth beside it',
  builder: (y) =>
    y
      .positional('scenario', { type: 'string', describe: 'id of a scenario' })
      .option('out', { type: 'string', requiresArg: true, describe: 'folder that receives logs/ and truth.json' })
      .option('seed', { type: 'string', default: '1', requiresArg: true, describe: 'equal seeds give equal bytes' })
      .option('start', { type: 'string', requiresArg: true, describe: 'first day, 2024-03-01' })
      .option('days', { type: 'number', requiresArg: true, describe: 'length' })
      .option('noise', { type: 'number', requiresArg: true, describe: 'amount of everyday traffic, 1 as usual' })
      .option('without', { type: 'string', array: true, requiresArg: true, describe: 'sources to withhold, by name' })
      .option('skew', { type: 'string', array: true, requiresArg: true, describe: 'clock error, SOURCE=SECONDS' })
      .option('product', {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'another product, ROLE=PRODUCT: firewall or vpn = fortigate, asa, panos, sophos, netfilter, openvpn',
      })
      .option('list', { type: 'boolean', default: false, describe: 'name the scenarios' })
      .example('$0 simulate S01 --seed 7 --out /tmp/s01', 'VPN guessing and its consequences')
      .example(
        '$0 simulate S01 --product firewall=panos --product vpn=openvpn --out /tmp/s01',
        'the same on other devices',
      ),
  handler: async ({ scenario, out, seed, start, days, noise, without, skew, product, list }) => {
    const { listScenarios, runSimulation } = await import('../../app/simulate.ts');
    if (list || scenario === undefined) {
      for (const { id, title } of listScenarios()) await print(`${id.padEnd(18)} ${safe(title)}\n`);
      return;
    }
    const { files, folder } = runSimulation({ scenario, out, seed, start, days, noise, without, skew, product });
    for (const file of files) await print(`${safe(file)}\n`);
    say(`${files.length} files in ${safe(folder)}; the truth is in truth.json`);
  },
};
