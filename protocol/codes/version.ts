/**
 * Versions on the wire are ordinals of Java's `MQVersion`, in which snapshots and releases alternate. These are the
 * ones that servers or clients decide something by.
 */
export const MQVersion = {
  /** From here a client may be asked for offset resets and consumer status (220, 221). */
  V3_0_7_SNAPSHOT: 28,
  /** From here running info and direct consumption (307, 309) are forwarded to a client; SQL92 filters are known. */
  V3_1_8_SNAPSHOT: 62,
  /** From here `maxReconsumeTimes` of a request is honoured. */
  V3_4_9: 121,
  V4_1_0_SNAPSHOT: 232,
  V4_9_3: 399,
  /** From here routes are answered as strict JSON. */
  V4_9_4: 401,
  V4_9_7: 407,
  V4_9_8: 409,
  V5_0_0: 413,
  V5_1_0: 433,
  V5_2_0: 453,
  V5_3_0: 473,
  /** A client later than this may be sent GO_AWAY (1500). */
  V5_3_1: 475,
  V5_3_2: 477,
  V5_3_3: 479,
  V5_4_0: 493,
  V5_5_0: 513,
  HIGHER_VERSION: 612,
} as const;

/** The version this implementation reports in its commands. */
export const CURRENT_VERSION = MQVersion.V5_3_3;

/** Text of a version ordinal as Java prints it, such as `V5_3_3` or `V5_3_4_SNAPSHOT`. */
export function describeVersion(ordinal: number): string {
  if (!Number.isInteger(ordinal) || ordinal < 0) return `UNKNOWN_${ordinal}`;
  if (ordinal >= MQVersion.HIGHER_VERSION) return 'HIGHER_VERSION';
  if (ordinal < firstRegular) return olderVersion(ordinal);
  const index = (ordinal - firstRegular) >> 1;
  const [major, rest] = [4 + Math.floor(index / 100), index % 100];
  const text = `V${major}_${Math.floor(rest / 10)}_${rest % 10}`;
  return (ordinal - firstRegular) % 2 === 0 ? `${text}_SNAPSHOT` : text;
}

/** Ordinal of V4_0_0_SNAPSHOT; from there on every version has ten patches, each a snapshot and a release. */
const firstRegular = 212;

/** The ordinals before V3_0_1_SNAPSHOT, each a name of its own. */
const preReleases =
  'SNAPSHOT ALPHA1 BETA1 BETA2 BETA3 BETA4 BETA5 BETA6_SNAPSHOT BETA6 BETA7_SNAPSHOT BETA7 BETA8_SNAPSHOT BETA8 BETA9_SNAPSHOT BETA9 FINAL'.split(
    ' ',
  );

/** Before 4.0.0 the number of patches varied: 3.0 has fifteen, 3.1 and 3.2 ten, the others nine without a zeroth. */
function olderVersion(ordinal: number): string {
  if (ordinal < preReleases.length) return `V3_0_0_${preReleases[ordinal] ?? ''}`;
  const suffix = ordinal % 2 === 0 ? '_SNAPSHOT' : '';
  const index = (ordinal - 16) >> 1;
  if (index < 15) return `V3_0_${index + 1}${suffix}`;
  if (index < 35) return `V3_${1 + Math.floor((index - 15) / 10)}_${(index - 15) % 10}${suffix}`;
  return `V3_${3 + Math.floor((index - 35) / 9)}_${((index - 35) % 9) + 1}${suffix}`;
}
