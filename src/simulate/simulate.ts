import { EinfallstorError } from '../core/errors.ts';
import { DAY, HOUR } from '../core/time.ts';
import { CATALOGUE, scenarioOf } from './catalogue.ts';
import { wallTime } from './clock.ts';
import { PRODUCTS } from './gates.ts';
import { Journal } from './journal.ts';
import { Random } from './random.ts';
import type { Role, Simulation } from './simulation.ts';
import type { Scenario } from './story.ts';
import { makeWorld } from './world.ts';
import { type Truth, writeCase } from './write.ts';

interface SimulateOptions {
  readonly scenario: string;
  readonly seed: number | string;
  /** Folder that receives logs/ and truth.json. */
  readonly out: string;
  /** First day, ISO 8601; the seed draws one otherwise. */
  readonly start?: string;
  readonly days?: number;
  /** Amount of everyday traffic: 1 as usual, 0.5 half of it. */
  readonly noise?: number;
  /** Sources to withhold, by name (`win-security`). */
  readonly without?: readonly string[];
  /** Products that take the place of the scenario's own, by role. */
  readonly products?: Readonly<Partial<Record<Role, string>>>;
  /** Seconds by which the clocks of devices, by name, are fast in addition. */
  readonly skew?: Readonly<Record<string, number>>;
}

const startOf = (scenario: Scenario, options: SimulateOptions, random: Random): number => {
  const start = options.start ?? scenario.start;
  const parsed = start === undefined ? Date.UTC(2021, 0, 4) + random.int(0, 1500) * 86_400_000 : Date.parse(start);
  if (Number.isNaN(parsed))
    throw new EinfallstorError('USAGE', `not a date: ${start}`, 'Give the first day as 2024-03-01.');
  return wallTime(parsed * 1000 + DAY / 2, 0);
};

/** Hands out products by role and remembers which roles the scenario leaves open. */
const casting = (wished: Readonly<Partial<Record<Role, string>>>) => {
  for (const [role, product] of Object.entries(wished)) {
    if (!Object.hasOwn(PRODUCTS, role))
      throw new EinfallstorError('USAGE', `no such role: ${role}`, `Roles are ${Object.keys(PRODUCTS).join(', ')}.`);
    const known = PRODUCTS[role as Role];
    if (!known.includes(product))
      throw new EinfallstorError('USAGE', `no ${product} as ${role}`, `Known are ${known.join(', ')}.`);
  }
  const open = new Set<string>();
  return {
    product: (role: Role, usual: string): string => {
      open.add(role);
      return wished[role] ?? usual;
    },
    mustBeOpen: (scenario: string): void => {
      const fixed = Object.keys(wished).find((role) => !open.has(role));
      if (fixed !== undefined)
        throw new EinfallstorError(
          'USAGE',
          `the ${fixed} of ${scenario} cannot be swapped: its story needs the product it has`,
          'Leave --product out, or take another scenario.',
        );
    },
  };
};

/** The same options give the same bytes. */
export const simulate = (options: SimulateOptions): { files: string[]; truth: Truth } => {
  const scenario = scenarioOf(options.scenario);
  if (scenario === undefined) {
    throw new EinfallstorError(
      'USAGE',
      `unknown scenario: ${options.scenario}`,
      `Known are ${CATALOGUE.map((s) => s.id).join(', ')}.`,
    );
  }
  const random = new Random(`${scenario.id} ${options.seed}`);
  const from = startOf(scenario, options, random.fork('start'));
  const days = options.days ?? scenario.days;
  // the handover falls at any time of the last day
  const to = from + Math.round(days * DAY - random.fork('end').between(0, 16) * HOUR);
  const journal = new Journal();
  const cast = casting(options.products ?? {});
  const sim: Simulation = {
    random,
    journal,
    from,
    to,
    noise: options.noise ?? 1,
    skew: options.skew ?? {},
    product: cast.product,
    anchor: to - Math.round(random.fork('anchor').between(2, 7) * HOUR),
    company: (world) => makeWorld(random.fork('world'), world),
  };
  const story = scenario.tell(sim);
  cast.mustBeOpen(scenario.id);
  const names = journal.devices().map((d) => d.name);
  const unknown = [...(options.without ?? []), ...Object.keys(options.skew ?? {})].find(
    (name) => !names.includes(name),
  );
  if (unknown !== undefined)
    throw new EinfallstorError(
      'USAGE',
      `no such source: ${unknown}`,
      `Sources of this scenario are ${names.join(', ')}.`,
    );
  return writeCase(journal, story, {
    scenario: scenario.id,
    seed: String(options.seed),
    out: options.out,
    from,
    to,
    without: options.without ?? [],
  });
};
