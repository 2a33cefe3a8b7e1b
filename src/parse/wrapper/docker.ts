import { isObject } from '../kit/json.ts';
import { jsonPeel, readStamp, textOf, type Wrapper } from './wrapper.ts';

/** A line longer than 16 KiB is several entries; only the last one's text ends in a line feed. */
const withoutFeed = (log: string): { text: string; partial?: true } =>
  log.endsWith('\n') ? { text: log.replace(/\r?\n$/, '') } : { text: log, partial: true };

// {"log":"Oct 31 23:14:07 mx1 …\n","stream":"stdout","time":"2021-10-31T22:14:07.123456789Z"}
export const docker: Wrapper = {
  id: 'docker',
  title: 'Docker JSON file logging driver',
  reference: {
    title: 'Docker: JSON file logging driver',
    url: 'https://docs.docker.com/engine/logging/drivers/json-file/',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"log":/, ({ log, stream, time }) => {
    if (typeof log !== 'string' || typeof stream !== 'string' || typeof time !== 'string') return undefined;
    return { ...withoutFeed(log), time: readStamp(time) };
  }),
};

// {"log":"Oct 31 23:14:07 mx1 …","stream":"stdout","kubernetes":{"pod_name":"mx-0"}} · {"container_id":"…","container_name":"/mx","log":"…","source":"stdout"}
export const container: Wrapper = {
  id: 'container',
  title: 'Container logs as Fluent Bit and FireLens forward them',
  reference: {
    title: 'Fluent Bit: Kubernetes filter',
    url: 'https://docs.fluentbit.io/manual/pipeline/filters/kubernetes',
  },
  framing: 'json',
  knows: 'collection',
  open: jsonPeel(/"log":/, ({ log, kubernetes, container_id: id, time, date, '@timestamp': stamp }) => {
    if (typeof log !== 'string' || !(isObject(kubernetes) || textOf(id) !== undefined)) return undefined;
    return { text: log.replace(/\r?\n$/, ''), time: readStamp(time ?? stamp ?? date) };
  }),
};

// postfix-mailcow-1  | Oct 31 23:14:07 mx1 …   ·   postfix-mailcow_1  | 2021-10-31T22:14:07.123456789Z Oct 31 23:14:07 mx1 …   (--timestamps)
const COMPOSE =
  /^(?:\u001b\[\d{1,3}(?:;\d{1,3})?m)?([a-zA-Z0-9][\w.-]{0,127}[-_]\d{1,3}) {1,64}\| (?:\u001b\[0m)?(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) )?/;

/** Coloured for a terminal, or not; the number is the container's of its service. */
export const compose: Wrapper = {
  id: 'docker-compose',
  title: 'Output of docker compose logs',
  reference: {
    title: 'Docker: docker compose logs',
    url: 'https://docs.docker.com/reference/cli/docker/compose/logs/',
  },
  framing: 'line',
  knows: 'collection',
  open: () => (text) => {
    const m = COMPOSE.exec(text);
    return m === null ? undefined : { text: text.slice(m[0].length), time: readStamp(m[2]), sourcetype: m[1] };
  },
};

// 2021-10-31T23:14:07.123456789+01:00 stdout F Oct 31 23:14:07 mx1 …
const CRI =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) std(?:out|err) ([FP])(?::[\w:]{1,64})? /;

export const cri: Wrapper = {
  id: 'cri',
  title: 'Kubernetes container log (CRI: containerd, CRI-O)',
  reference: {
    title: 'Kubernetes: CRI log format',
    url: 'https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md',
  },
  framing: 'line',
  knows: 'collection',
  open: () => (text) => {
    const m = CRI.exec(text);
    return m === null ? undefined : { text: text.slice(m[0].length), time: readStamp(m[1]), partial: m[2] === 'P' };
  },
};
