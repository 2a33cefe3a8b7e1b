import { EinfallstorError } from '../core/errors.ts';
import { CATALOGUE } from '../simulate/catalogue.ts';
import { simulate } from '../simulate/simulate.ts';

export const listScenarios = (): { readonly id: string; readonly title: string }[] =>
  CATALOGUE.map(({ id, title }) => ({ id, title }));

/** What the operator asks for; absent values are the scenario's own. */
export interface SimulationRequest {
  readonly scenario: string;
  readonly out: string | undefined;
  readonly seed: string;
  readonly start: string | undefined;
  readonly days: number | undefined;
  readonly noise: number | undefined;
  readonly without: readonly string[] | undefined;
  /** `SOURCE=SECONDS`: by how much a clock is fast. */
  readonly skew: readonly string[] | undefined;
  /** `ROLE=PRODUCT` */
  readonly product: readonly string[] | undefined;
}

const skewOf = (text: string): [string, number] => {
  const [source, seconds] = [text.slice(0, text.lastIndexOf('=')), Number(text.slice(text.lastIndexOf('=') + 1))];
  if (source === '' || !Number.isFinite(seconds))
    throw new EinfallstorError('USAGE', `--skew ${text}: no SOURCE=SECONDS`, 'For example --skew fortigate=7200.');
  return [source, seconds];
};

const productOf = (text: string): [string, string] => {
  const [role, product, ...more] = text.split('=');
  if (!role || !product || more.length > 0)
    throw new EinfallstorError('USAGE', `--product ${text}: no ROLE=PRODUCT`, 'For example --product firewall=panos.');
  return [role, product];
};

/** Writes a labelled incident; throws USAGE. */
export const runSimulation = ({
  scenario,
  out,
  seed,
  start,
  days,
  noise,
  without,
  skew,
  product,
}: SimulationRequest): { files: readonly string[]; folder: string } => {
  if (out === undefined) throw new EinfallstorError('USAGE', 'no folder to write to', 'Add --out FOLDER.');
  const { files } = simulate({
    scenario,
    seed,
    out,
    ...(start === undefined ? {} : { start }),
    ...(days === undefined ? {} : { days }),
    ...(noise === undefined ? {} : { noise }),
    ...(without === undefined ? {} : { without }),
    ...(product === undefined ? {} : { products: Object.fromEntries(product.map(productOf)) }),
    ...(skew === undefined ? {} : { skew: Object.fromEntries(skew.map(skewOf)) }),
  });
  return { files, folder: out };
};
