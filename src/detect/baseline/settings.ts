import { DAY, HOUR, MINUTE } from '../../core/time.ts';

/** Everything that can be tuned in the baselines, with its reason. Times in µs, sizes in bytes. */
export const SETTINGS = {
  /** So much earlier log is needed before "never seen" means something; before it, a finding says so and weighs less. */
  learning: 14 * DAY,
  /** P(a network that is new for the account | a stranger with its password). */
  strangerNovelty: 0.9,
  /** However steady an account was, one new network says no more than this, nats. */
  noveltyCap: 1.5,
  countryCap: 2,

  /** An account unused for so long has an owner who does not miss it. */
  dormant: 60 * DAY,
  dormantWeight: 1,

  /** Accounts that a network failed with before its first success: fewer are colleagues who mistype. */
  sprayAccounts: 5,
  sprayWeight: 2.5,
  /** Unknown networks that failed with one account within `learning`. */
  distributedNetworks: 3,
  /** Nats at most, and per natural logarithm of their number. */
  distributedCap: 2,
  distributedPerLog: 0.5,

  /** Faster than an airliner, and farther than errors of location data bases. */
  travelSpeedKmh: 900,
  travelDistanceKm: 500,

  /** A session that lives on so briefly beside its successor was a reconnect. */
  reconnect: 2 * MINUTE,

  /** Ports of interactive administration and file access that intruders move by. */
  adminPorts: [22, 445, 3389, 5985, 5986],
  /** First-time connections of one host within this time are one finding. */
  edgeWindow: HOUR,
  /** A single new connection to a file server is daily work. */
  edgeLeast: 3,

  /** Less than this to one destination in a day is not looked at. */
  volumeLeast: 100_000_000,
  /** Without a week of history, only this much is worth a finding. */
  volumeYoung: 1_000_000_000,
  volumeHistory: 7 * DAY,
  /** How many times the host's largest earlier day. */
  volumeFactor: 2,
  /** Without history, what goes on for longer is routine (a nightly backup), not theft. */
  volumeYoungDays: 3,
  /** A destination the host sent this much to before is not new. */
  volumeKnown: 1_000_000,

  /** Gaps between connections to call them regular. */
  beaconGaps: 20,
  /** Deviation of the gaps (median absolute deviation, scaled) over their median. */
  beaconVariation: 0.2,
  /** Share of the gaps that may be pauses, this many times as long as the others: more is a job with a few calls at its hour. */
  beaconPauses: 0.15,
  beaconPause: 3,
  beaconShortest: 10_000_000,
  beaconLongest: 6 * HOUR,
  /** Destinations that more hosts talk to are services of the trade. */
  beaconHosts: 3,
  /** What a host did from its first day in the logs on, for as long as `learning`, is its trade: nats. */
  beaconWeight: 1.5,
  beaconHabitWeight: 0.2,
  /** Name and time services are regular by nature. */
  beaconIgnoredPorts: [53, 123],

  /** Short connections of one address to one remote service before one is held; longer pauses begin anew. */
  heldAttempts: 15,
  heldPause: 3 * DAY,
  /** A refused login moves some kilobytes; a session at least this much, this often the largest attempt, and this long. */
  heldBytes: 200_000,
  heldTimes: 10,
  heldLeast: MINUTE,
  /** Nats: nobody saw the login itself. */
  heldWeight: 2,

  /** Scripts that so few addresses use are rare. */
  scriptClients: 3,
  /** Requests by POST before a rare script is a finding. */
  scriptPosts: 3,
  /** A script that is there from the first days on is part of the site. */
  scriptLearning: 3 * DAY,

  /** A session used from two networks in turn, and one that only went on from a network new for its account; nats. */
  sharedSessionWeight: 2.5,
  movedSessionWeight: 0.7,
  /** The same, where it went on from a country from which the account had never come; a few days of it suffice to know. */
  movedAbroadWeight: 2,
  movedAbroadLearning: 3 * DAY,

  /** In the first days of a log every device and every tool is new. */
  deviceYoung: 3 * DAY,
  /** So many other new devices in the network within a week: guests, or a delivery of computers. */
  deviceFellows: 3,
  deviceWeight: 0.7,
  serviceYoung: 3 * DAY,
  /** A tool that more hosts use is the organisation's own. */
  serviceHosts: 3,
  serviceWeight: 0.7,

  /** Different names below one domain that one host asks for within an hour, each at least so long. */
  tunnelNames: 100,
  tunnelLength: 24,
  /** The same of a slow tunnel, within a day and within a week: its names are as long as they can be. */
  slowTunnelNames: { day: 200, week: 500 },
  slowTunnelLength: 40,
  /** Where fewer hosts ask at all, a resolver asks for them, and few askers tell nothing: then the domain must be new. */
  slowTunnelAskers: 8,
  /** Bits per character of those names: hexadecimal has 4, words have less than 3.5. */
  tunnelEntropy: 3.2,
  /** Domains that more hosts ask such names of belong to virus scanners and the like. */
  tunnelHosts: 3,
  tunnelWeight: 2,
  /** From so many names on chance is out of the question: nats. */
  largeTunnelNames: 2_000,
  largeTunnelWeight: 3,

  /** Names shorter than this resemble each other by chance. */
  lookalikeShortest: 5,
  lookalikeWeight: 1,
  /** Days on which a domain wrote or was written to before it counts as known. */
  lookalikeKnownDays: 2,

  /** A new connection from a DMZ or a partner; half as much again at an odd hour; nats. */
  watchedWeight: 0.8,
  /** More new connections than this in the second half of the learning period: the place is not one of routine. */
  watchedChanges: 5,

  /** Hosts of the inside that connect to a server. */
  serverClients: 10,
  serverDomainWeight: 0.5,

  /** Shorter subjects ("Invoice") are shared by mails that have nothing to do with each other. */
  threadShortest: 12,
  /** An exchange that rested for longer is over; what bears its subject again is another. */
  threadAge: 60 * DAY,
  threadWeight: 1,

  /** Days on which an account was used, and its logins, before a client that is new for it says anything. */
  clientDays: 5,
  clientLogins: 10,
  /** A client that this share of all accounts, or three of them, use is being rolled out. */
  clientRollout: 0.1,
  clientRolloutAccounts: 3,
  clientWeight: 0.7,

  /** Earlier logins of an account, and the days they span, before an hour can be odd for it. */
  hourLogins: 100,
  hourDays: 28 * DAY,
  /** P(login of the owner within an hour of this time of day), at most. */
  hourShare: 0.01,
  hourWeight: 0.3,

  /** A new factor or password belongs to a login from a new network within this time. */
  enrolmentWindow: DAY,
  enrolmentWeight: 1.5,
} as const;
