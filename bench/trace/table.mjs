// The printed table and its totals.
export const HEAD =
  'scenario | seed | variant | expected | verdict | rank of the true entry | its probability | leading probability | not in these logs | chain recall | exfiltration (true) | s | first';

const show = (value) => (value === null ? '–' : value.toFixed(2));

export const line = (row) =>
  [
    row.scenario,
    row.seed,
    row.variant || '–',
    row.expect,
    row.verdict,
    row.rank ?? '–',
    show(row.probability),
    show(row.top),
    show(row.silent),
    show(row.recall),
    `${row.exfiltration} (${row.trueExfiltration ?? '–'})`,
    row.seconds.toFixed(0),
    row.title,
  ].join(' | ');

const share = (list, test) => (list.length === 0 ? '–' : `${list.filter(test).length}/${list.length}`);
const mean = (values) => (values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length);
const isSaid = (row) => row.verdict === 'determined' || row.verdict === 'probable';

/** The leading probabilities in ten bins: how many, their mean, and how often the leading hypothesis is the true entry. */
const binned = (rows) =>
  Array.from({ length: 10 }, (_, i) => rows.filter((row) => Math.min(9, Math.floor(row.top * 10)) === i)).flatMap(
    (bin) => {
      const right = bin.filter((r) => r.rank === 1).length;
      return bin.length === 0 ? [] : [{ count: bin.length, right, said: mean(bin.map((r) => r.top)) }];
    },
  );

/** Expected calibration error of the leading probability. */
const calibration = (rows) =>
  binned(rows).reduce((sum, { count, right, said }) => sum + Math.abs(right - count * said) / rows.length, 0);

export const totals = (rows) => {
  const ranked = rows.filter((r) => r.expect === 'ranked' || r.expect === 'upstream');
  const clean = rows.filter((r) => r.expect === 'none');
  const open = rows.filter((r) => r.expect === 'undetermined');
  const brier = mean(ranked.map((r) => (r.top - (r.rank === 1 ? 1 : 0)) ** 2));
  const judged = ranked.filter((r) => r.baselines !== null);
  const told = rows.filter((r) => ['ranked', 'upstream', 'undetermined'].includes(r.expect) && r.verdict !== 'none');
  const graded = rows.filter((r) => r.trueExfiltration !== null);
  return [
    '',
    `true entry first ${share(ranked, (r) => r.rank === 1)}, among three ${share(ranked, (r) => r.rank !== null && r.rank <= 3)}, MRR ${show(mean(ranked.map((r) => (r.rank === null ? 0 : 1 / r.rank))))}`,
    `Brier ${show(brier)}, expected calibration error ${show(ranked.length === 0 ? null : calibration(ranked))}, chain recall ${show(mean(ranked.flatMap((r) => r.recall ?? [])))}`,
    `reliability, said → right: ${binned(told)
      .map(({ count, right, said }) => `${show(said)} → ${right}/${count}`)
      .join(', ')}`,
    `said (probable or determined) and wrong ${share(ranked, (r) => isSaid(r) && r.rank !== 1)}; left open ${share(ranked, (r) => r.verdict === 'undetermined')}; missed ${share(ranked, (r) => r.verdict === 'none')}`,
    `clean: verdict none ${share(clean, (r) => r.verdict === 'none')}, said all the same ${share(clean, isSaid)}; entry in no log: undetermined ${share(open, (r) => r.verdict === 'undetermined')}`,
    `exfiltration graded as in truth ${share(graded, (r) => r.exfiltration === r.trueExfiltration)}`,
    `baselines: earliest finding ${share(judged, (r) => r.baselines.earliest)}, busiest actor ${share(judged, (r) => r.baselines.busiest)}, highest level ${share(judged, (r) => r.baselines.severest)}`,
  ].join('\n');
};
